//! What is to be done about a sign-in that fails by the set-up: one sentence for the log, with the screen of Kinde where it
//! is done. `auth` logs the cause, without the names of settings, which it does not know.

use super::problem::Problem;
use crate::auth::{Config, Declined, Error, IdTokenError, JwtError, OidcError};

/// The sentence; `None` where the set-up is not the cause.
pub(super) fn of(problem: &Problem, config: &Config) -> Option<String> {
    let Problem::Auth(Error::Oidc(error)) = problem else { return None };
    match error {
        OidcError::ClientRefused(_) => Some(
            "the issuer does not know this client: copy \"Client ID\" and \"Client secret\" from Kinde, the application, page \"Details\", to CLIENT_ID and CLIENT_SECRET (another issuer may want another CLIENT_AUTH_METHOD)"
                .to_owned(),
        ),
        OidcError::Discovery(_) => Some(
            "no issuer responds at KINDE_ISSUER_URL: copy \"Domain\" from Kinde, the application, page \"Details\", with https:// before it"
                .to_owned(),
        ),
        OidcError::IdToken(IdTokenError::Jwt(JwtError::Expired(_) | JwtError::NotYetValid(_))) => Some(
            "the clock of this machine is wrong: set it, for example by NTP (`timedatectl set-ntp true`); Kinde has no screen for it"
                .to_owned(),
        ),
        OidcError::IdToken(IdTokenError::WrongIssuer) => Some(
            "the issuer names itself otherwise than KINDE_ISSUER_URL: copy its name from Kinde, the application, page \"Details\", \"Domain\", or the custom domain if one is set up"
                .to_owned(),
        ),
        OidcError::Declined(Declined::RequestRefused(_) | Declined::Other) if !config.audiences.is_empty() => Some(format!(
            "the issuer may not know an audience of KINDE_AUDIENCE ({}): register each in Kinde, \"Settings\", \"APIs\", and authorize the application there",
            config.audiences.join(" ")
        )),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;

    fn cure(error: OidcError, audiences: &[&str]) -> Option<String> {
        let mut config = Config::new(
            "https://example.kinde.com",
            "client",
            "secret".to_owned(),
            Url::parse("http://localhost:8000").expect("a URL"),
        );
        config.audiences = audiences.iter().map(|&audience| audience.to_owned()).collect();
        of(&Problem::Auth(Error::Oidc(error)), &config)
    }

    #[test]
    fn each_mistake_of_the_set_up_is_one_sentence_with_its_setting_or_screen() {
        let clock = |error| OidcError::IdToken(IdTokenError::Jwt(error));
        for (error, words) in [
            (OidcError::ClientRefused("invalid_client".to_owned()), ["CLIENT_SECRET", "page \"Details\""]),
            (OidcError::Discovery("no document".to_owned()), ["KINDE_ISSUER_URL", "\"Domain\""]),
            (clock(JwtError::Expired(3600)), ["clock of this machine", "NTP"]),
            (clock(JwtError::NotYetValid(3600)), ["clock of this machine", "NTP"]),
            (OidcError::IdToken(IdTokenError::WrongIssuer), ["KINDE_ISSUER_URL", "custom domain"]),
            (OidcError::Declined(Declined::Other), ["KINDE_AUDIENCE (https://api.example)", "\"APIs\""]),
        ] {
            let sentence = cure(error.clone(), &["https://api.example"]).unwrap_or_default();
            assert!(words.iter().all(|word| sentence.contains(word)), "{error}: {sentence}");
            assert!(!sentence.contains('\n') && !sentence.contains(". "), "not one sentence: {sentence}");
        }
    }

    #[test]
    fn what_is_no_mistake_of_the_set_up_has_no_cure() {
        assert_eq!(cure(OidcError::Declined(Declined::Other), &[]), None);
        assert_eq!(cure(OidcError::Declined(Declined::AccessDenied), &["https://api.example"]), None);
        assert_eq!(cure(OidcError::IdToken(IdTokenError::WrongNonce), &[]), None);
    }
}
