//! `diagnose`: from what the issuer says, what sign-ins have shown and what is set, to the problems and where each is
//! solved. It is a function of values: the page, its JSON and the command line ask for these in their own ways.

use url::Url;

use crate::api::diagnosis::{Diagnosis, DiagnosisStatus, IssuerFlavor, IssuerReport, Problem, Setting, SiteUrls};
use crate::auth::{
    CLOCK_TOLERANCE_SECONDS, ClientStanding, Config, DiscoveryError, DocumentDefect, Flavor, IssuerExamination,
};

/// What is known of the set-up when the program starts.
#[derive(Debug, Clone, Default)]
pub struct StartFacts {
    /// Every setting, by all its names.
    pub settings: Vec<Setting>,
    /// What is logged as a warning then.
    pub problems: Vec<Problem>,
}

/// What sign-ins have shown since the program started; nothing, where none could.
#[derive(Debug, Clone, Copy, Default)]
pub struct SignInFacts {
    /// [`crate::auth::Client::misses_callbacks`].
    pub misses_callbacks: bool,
    /// [`crate::auth::Client::misses_refresh_tokens`].
    pub misses_refresh_tokens: bool,
}

/// The diagnosis of a site with these settings.
pub fn diagnose(config: &Config, issuer: &IssuerExamination, sign_ins: SignInFacts, start: &StartFacts) -> Diagnosis {
    let urls = site_urls(config);
    let found = Found { config, issuer, sign_ins, urls: &urls };
    let problems: Vec<Problem> =
        found.obstacles().chain(found.shortcomings()).chain(start.problems.iter().cloned()).collect();
    Diagnosis {
        status: if problems.is_empty() { DiagnosisStatus::Ok } else { DiagnosisStatus::Problems },
        issuer: IssuerReport {
            url: config.issuer_url.clone(),
            flavor: issuer.flavor.map(|flavor| match flavor {
                Flavor::Kinde => IssuerFlavor::Kinde,
                _ => IssuerFlavor::Openid,
            }),
            reachable: issuer.is_reachable(),
            matches: issuer.names_itself(),
            keys: issuer.keys.as_ref().and_then(|keys| keys.as_ref().ok().copied()),
            clock_skew_seconds: issuer.clock_ahead_seconds,
        },
        settings: start.settings.clone(),
        problems,
        urls,
    }
}

/// The problems that keep everybody from signing in, as far as the issuer shows them before anybody tries.
pub fn sign_in_obstacles(config: &Config, issuer: &IssuerExamination) -> Vec<Problem> {
    let urls = site_urls(config);
    Found { config, issuer, sign_ins: SignInFacts::default(), urls: &urls }.obstacles().collect()
}

fn site_urls(config: &Config) -> SiteUrls {
    let at = |path: &str| {
        let mut url = config.site_url.clone();
        url.set_path(path);
        url.to_string()
    };
    SiteUrls {
        callback: config.callback_url.to_string(),
        logout_redirect: config.logout_redirect_url.to_string(),
        application_login: at(&config.paths.login),
        webhook: at(&config.paths.webhooks),
    }
}

/// What the problems follow from.
struct Found<'a> {
    config: &'a Config,
    issuer: &'a IssuerExamination,
    sign_ins: SignInFacts,
    urls: &'a SiteUrls,
}

impl Found<'_> {
    /// What the issuer shows before anybody signs in, and nobody can sign in with.
    fn obstacles(&self) -> impl Iterator<Item = Problem> {
        [self.discovery(), self.keys(), self.clock(), self.client()].into_iter().flatten()
    }

    /// What shows only when users sign in, or what the site does without.
    fn shortcomings(&self) -> impl Iterator<Item = Problem> {
        [self.callbacks(), self.offline(), self.refresh_tokens(), self.webhooks()].into_iter().flatten()
    }

    /// A problem that is solved on a screen of Kinde, or where another issuer has the same.
    fn at_issuer(&self, what: String, screen: &str, elsewhere: &str) -> Problem {
        let place = match self.issuer.flavor {
            Some(Flavor::OpenId) => format!("The issuer's own administration: {elsewhere}"),
            _ => format!("Kinde: {screen}"),
        };
        Problem { what, place }
    }

    fn discovery(&self) -> Option<Problem> {
        const SCREEN: &str = "the application, page \"Details\", \"Domain\"";
        let url = &self.config.issuer_url;
        let what = match self.issuer.discovery.as_ref().err()? {
            DiscoveryError::Document(DocumentDefect::AnotherIssuer(name)) => format!(
                "The discovery document at KINDE_ISSUER_URL, {url}, names another issuer, {name:?}: set KINDE_ISSUER_URL to the issuer that is meant."
            ),
            DiscoveryError::Document(defect) => {
                format!("The discovery document of {url} cannot be used, because {defect}: no secret is sent there.")
            }
            DiscoveryError::Outbound(error) if error.is_silence() => format!(
                "The issuer at KINDE_ISSUER_URL, {url}, does not respond ({error}): check the address, and whether this machine reaches it."
            ),
            error => format!(
                "KINDE_ISSUER_URL, {url}, responds without a discovery document ({error}): check that it is an issuer's address."
            ),
        };
        Some(self.at_issuer(what, SCREEN, "the address of the issuer"))
    }

    fn keys(&self) -> Option<Problem> {
        let error = self.issuer.keys.as_ref()?.as_ref().err()?;
        let what = format!(
            "The issuer's signing keys cannot be used ({error}), so nobody can sign in: check that this machine reaches them."
        );
        Some(self.at_issuer(
            what,
            "nothing to set; https://status.kinde.com says whether it is Kinde",
            "its signing keys",
        ))
    }

    fn clock(&self) -> Option<Problem> {
        let ahead = self.issuer.clock_ahead_seconds?;
        let direction = if ahead > 0 { "ahead of" } else { "behind" };
        (ahead.abs() > CLOCK_TOLERANCE_SECONDS).then(|| Problem {
            what: format!(
                "The clock of this machine is {} seconds {direction} the issuer's, and {CLOCK_TOLERANCE_SECONDS} are tolerated: set it, for example by NTP.",
                ahead.abs()
            ),
            place: "No screen of Kinde: the clock of this machine".to_owned(),
        })
    }

    fn client(&self) -> Option<Problem> {
        let what = "The issuer refuses the client (invalid_client), so nobody can sign in: check CLIENT_ID, CLIENT_SECRET and CLIENT_AUTH_METHOD.";
        let screen = "the application, page \"Details\", \"Client ID\" and \"Client secret\"";
        let is_refused = self.issuer.client == ClientStanding::Refused;
        is_refused.then(|| self.at_issuer(what.to_owned(), screen, "the client's secret and how it authenticates"))
    }

    fn callbacks(&self) -> Option<Problem> {
        let callback = &self.urls.callback;
        let what = format!(
            "Browsers were sent to the issuer to sign in and none returned: allow exactly the callback URL {callback} there."
        );
        let screen = "the application, page \"Details\", \"Allowed callback URLs\"";
        self.sign_ins.misses_callbacks.then(|| self.at_issuer(what, screen, "the client's redirect URIs"))
    }

    fn offline(&self) -> Option<Problem> {
        (!self.config.asks_for_refresh_tokens()).then(|| Problem {
            what: "The scope lacks offline, so there are no refresh tokens, and an access token that has ended is replaced only by another sign-in: add offline to KINDE_SCOPE.".to_owned(),
            place: "No screen of Kinde: KINDE_SCOPE in .env".to_owned(),
        })
    }

    fn refresh_tokens(&self) -> Option<Problem> {
        let what = "The last sign-in brought no refresh token, although the scope asks for one: allow refresh tokens to this client, or set KINDE_PROMPT=consent if the issuer wants that.";
        let screen = "the application, page \"Tokens\", refresh tokens";
        let is_missed = self.sign_ins.misses_refresh_tokens;
        is_missed.then(|| self.at_issuer(what.to_owned(), screen, "the client's grant types"))
    }

    /// The emulated tenant sends to http too.
    fn webhooks(&self) -> Option<Problem> {
        let is_kinde = self.issuer.flavor == Some(Flavor::Kinde);
        let is_on_https = |url: &str| Url::parse(url).is_ok_and(|url| url.scheme() == "https");
        let is_missed = is_kinde && is_on_https(&self.config.issuer_url) && !is_on_https(&self.urls.webhook);
        let what = format!(
            "Kinde sends webhooks to https only, so none arrive at {}: until the site is on https, a deleted or suspended user stays signed in.",
            self.urls.webhook
        );
        let screen = "\"Settings\", \"Webhooks\", once the site is on https";
        is_missed.then(|| self.at_issuer(what, screen, screen))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn examination(flavor: Flavor) -> IssuerExamination {
        IssuerExamination {
            discovery: Ok(()),
            flavor: Some(flavor),
            keys: Some(Ok(2)),
            clock_ahead_seconds: Some(0),
            client: ClientStanding::Known,
        }
    }

    fn problems(issuer_url: &str, site_url: &str, issuer: &IssuerExamination) -> Vec<Problem> {
        let config = Config::new(issuer_url, "client", "secret".to_owned(), Url::parse(site_url).unwrap());
        diagnose(&config, issuer, SignInFacts::default(), &StartFacts::default()).problems
    }

    #[test]
    fn kinde_itself_sends_no_webhooks_to_http() {
        let (kinde, here, public) = ("https://example.kinde.com", "http://localhost:8000", "https://app.example");
        let problem = problems(kinde, here, &examination(Flavor::Kinde));
        assert!(matches!(&problem[..], [only] if only.what.contains("http://localhost:8000/api/webhooks/kinde")));
        assert!(problem[0].place.starts_with("Kinde: \"Settings\", \"Webhooks\""), "{}", problem[0].place);
        assert_eq!(problems(kinde, public, &examination(Flavor::Kinde)), []);
        assert_eq!(problems(kinde, here, &examination(Flavor::OpenId)), []);
        assert_eq!(problems("http://127.0.0.1:8001", here, &examination(Flavor::Kinde)), []);
    }

    #[test]
    fn a_clock_is_wrong_in_either_direction() {
        for (ahead, is_wrong) in [(60, false), (61, true), (-60, false), (-61, true)] {
            let issuer = IssuerExamination { clock_ahead_seconds: Some(ahead), ..examination(Flavor::OpenId) };
            let problems = problems("https://issuer.example", "https://app.example", &issuer);
            assert_eq!(problems.len(), usize::from(is_wrong), "{ahead}: {problems:?}");
        }
    }
}
