//! Finds variables that look like a setting and are none: a setting with a misspelt name has no effect, and its default
//! is used without a word.

use strsim::osa_distance;

/// A setting is recognized in spite of so many letters that are wrong, missing, too many or exchanged.
const MAX_WRONG_LETTERS: usize = 2;
/// A shorter name looks like too many others.
const MIN_LENGTH: usize = 7;

/// One sentence for each name that is set and looks like one of those that are known, in the order of the alphabet.
pub(super) fn misspelt(set: impl IntoIterator<Item = String>, known: &[String]) -> Vec<String> {
    let mut sentences: Vec<String> = set
        .into_iter()
        .filter(|name| name.len() >= MIN_LENGTH && !known.contains(name))
        .filter_map(|name| {
            let meant = meant_by(&name, known)?;
            Some(format!("{name} is no setting, so it has no effect: correct it if {meant} is meant."))
        })
        .collect();
    sentences.sort_unstable();
    // A name may be set in two places.
    sentences.dedup();
    sentences
}

fn meant_by<'a>(name: &str, known: &'a [String]) -> Option<&'a str> {
    let name = name.to_ascii_uppercase();
    let distances = known.iter().map(|known| (osa_distance(&name, known), known.as_str()));
    distances.filter(|(distance, _)| *distance <= MAX_WRONG_LETTERS).min().map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(set: &[&str]) -> Vec<String> {
        let known = ["CLIENT_SECRET", "SESSION_IDLE_SECONDS", "SITE_URL", "TRUSTED_PROXIES"].map(str::to_owned);
        misspelt(set.iter().map(|name| (*name).to_owned()), &known)
    }

    #[test]
    fn a_name_that_is_nearly_a_settings_is_named_with_it() {
        for (name, meant) in [
            ("SESSION_IDEL_SECONDS", "SESSION_IDLE_SECONDS"),
            ("CLIENT_SECRT", "CLIENT_SECRET"),
            ("SITE_URLS", "SITE_URL"),
            ("site_url", "SITE_URL"),
            ("SITEURL", "SITE_URL"),
        ] {
            let sentence = format!("{name} is no setting, so it has no effect: correct it if {meant} is meant.");
            assert_eq!(of(&[name, name]), [sentence]);
        }
    }

    #[test]
    fn settings_and_what_other_programs_read_are_left_alone() {
        assert_eq!(of(&["SITE_URL", "PATH", "HOME", "CARGO_HOME", "CLIENT_KEY", "SESSION", "XSITE_URLXX"]), [""; 0]);
    }
}
