//! `Settings`: looks up variables by all their names and collects everything that is wrong with them.
//! The meaning and the default of each setting are in `config`.

use std::ops::RangeInclusive;
use std::path::Path;
use std::time::Duration;

use url::Url;

use super::{Config, Problems};

type Variables<'a> = Box<dyn Fn(&str) -> Option<String> + 'a>;
type Files<'a> = Box<dyn Fn(&Path) -> std::io::Result<String> + 'a>;

/// A source of variables, with the problems found so far.
pub(super) struct Settings<'a> {
    variable: Variables<'a>,
    read_file: Files<'a>,
    problems: Vec<String>,
}

impl<'a> Settings<'a> {
    pub(super) fn new(
        variable: impl Fn(&str) -> Option<String> + 'a,
        read_file: impl Fn(&Path) -> std::io::Result<String> + 'a,
    ) -> Self {
        Self { variable: Box::new(variable), read_file: Box::new(read_file), problems: Vec::new() }
    }

    pub(super) fn problem(&mut self, problem: String) {
        self.problems.push(problem);
    }

    pub(super) fn finish(self, config: Config) -> Result<Config, Problems> {
        if self.problems.is_empty() { Ok(config) } else { Err(Problems(self.problems)) }
    }

    /// The value under any of the names; empty and blank count as unset. Two names with different values are a problem.
    pub(super) fn one_of(&mut self, names: &[&str]) -> Option<String> {
        let set: Vec<(&str, String)> = names.iter().filter_map(|name| Some((*name, self.value(name)?))).collect();
        let (first_name, first) = set.first()?.clone();
        if let Some((other, _)) = set.iter().find(|(_, value)| *value != first) {
            self.problem(format!(
                "{first_name} and {other} are set to different values: they mean the same, keep one."
            ));
        }
        Some(first)
    }

    fn value(&self, name: &str) -> Option<String> {
        (self.variable)(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
    }

    /// The client secret: `CLIENT_SECRET`, `KINDE_CLIENT_SECRET`, or the content of the file that `CLIENT_SECRET_FILE`
    /// names. The text of a problem never contains it.
    pub(super) fn client_secret(&mut self) -> Option<String> {
        let direct = self.one_of(&["CLIENT_SECRET", "KINDE_CLIENT_SECRET"]);
        let Some(path) = self.value("CLIENT_SECRET_FILE") else { return direct };
        let from_file = match (self.read_file)(Path::new(&path)) {
            Ok(content) if !content.trim().is_empty() => content.trim().to_owned(),
            Ok(_) => {
                self.problem(format!(
                    "CLIENT_SECRET_FILE names {path:?}, which is empty: put the client secret into it."
                ));
                return direct;
            }
            Err(error) => {
                self.problem(format!("CLIENT_SECRET_FILE names {path:?}, which cannot be read ({error})."));
                return direct;
            }
        };
        if direct.as_ref().is_some_and(|direct| *direct != from_file) {
            self.problem(
                "CLIENT_SECRET and the file at CLIENT_SECRET_FILE hold different values: keep one.".to_owned(),
            );
        }
        Some(from_file)
    }

    /// An absolute http or https URL.
    pub(super) fn url(&mut self, names: &[&str], default: &Url) -> Url {
        let Some(text) = self.one_of(names) else { return default.clone() };
        match Url::parse(&text) {
            Ok(url) if url.has_host() && matches!(url.scheme(), "http" | "https") => url,
            _ => {
                self.problem(format!(
                    "{} is {text:?}, which is not an http or https URL: write for example {default}.",
                    names[0]
                ));
                default.clone()
            }
        }
    }

    /// Whole seconds within a range.
    pub(super) fn seconds(&mut self, name: &str, allowed: RangeInclusive<Duration>, default: Duration) -> Duration {
        let Some(text) = self.one_of(&[name]) else { return default };
        match text.parse().map(Duration::from_secs) {
            Ok(duration) if allowed.contains(&duration) => duration,
            _ => {
                let (least, most) = (allowed.start().as_secs(), allowed.end().as_secs());
                self.problem(format!("{name} is {text:?}: write whole seconds, from {least} to {most}."));
                default
            }
        }
    }
}
