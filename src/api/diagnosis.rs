//! The diagnosis of the set-up, as `/setup`, `/api/auth/health` and `kinde-leptos check` show it. What is examined, and
//! in which words, is in `server::diagnosis`.

use serde::Serialize;
use utoipa::ToSchema;

/// What stands in place of a secret.
const HIDDEN: &str = "••••";

/// How the site is set up, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Diagnosis {
    /// Whether there is any problem.
    pub status: DiagnosisStatus,
    /// What the issuer said just now.
    pub issuer: IssuerReport,
    /// The addresses of this site that the issuer must know.
    pub urls: SiteUrls,
    /// Every setting, by all its names.
    pub settings: Vec<Setting>,
    /// What is wrong, the gravest first.
    pub problems: Vec<Problem>,
}

/// Whether there is any problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum DiagnosisStatus {
    /// None was found.
    Ok,
    /// At least one.
    Problems,
}

/// What the issuer said. Null is what could not be found out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct IssuerReport {
    /// The issuer that is configured.
    pub url: String,
    /// Which issuer it is, by its discovery document.
    #[schema(required = true)]
    pub flavor: Option<IssuerFlavor>,
    /// Whether it responded.
    pub reachable: bool,
    /// Whether its discovery document names the issuer that is configured.
    #[schema(required = true)]
    pub matches: Option<bool>,
    /// How many keys it publishes with which tokens can be verified.
    #[schema(required = true)]
    pub keys: Option<usize>,
    /// By how many seconds the clock of this machine is ahead of the issuer's; negative when it is behind.
    #[schema(required = true)]
    pub clock_skew_seconds: Option<i64>,
}

/// Which issuer it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum IssuerFlavor {
    /// Kinde.
    Kinde,
    /// Any other OpenID Connect issuer.
    Openid,
}

/// The addresses of this site that the issuer must know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SiteUrls {
    /// An allowed callback URL (redirect URI).
    pub callback: String,
    /// An allowed logout redirect URL (post-logout redirect URI).
    pub logout_redirect: String,
    /// Kinde's application login URI.
    pub application_login: String,
    /// Where Kinde sends its events.
    pub webhook: String,
}

/// A setting by one of its names: `{"name": "CLIENT_SECRET", "set": true, "value": "••••"}`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Setting {
    /// The name of the variable.
    pub name: String,
    /// Whether it has a value. Empty counts as unset.
    pub set: bool,
    /// The value, `••••` for a secret's; null when it is not set.
    #[schema(required = true)]
    pub value: Option<String>,
}

impl Setting {
    /// A setting with the value to show, if it is set.
    pub fn of(name: &str, value: Option<String>) -> Self {
        Self { name: name.to_owned(), set: value.is_some(), value }
    }

    /// What is shown of a secret.
    pub fn hidden() -> String {
        HIDDEN.to_owned()
    }
}

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Problem {
    /// What is wrong and what to do, in one sentence.
    pub what: String,
    /// The screen of the issuer where that is done, or the setting here.
    #[serde(rename = "where")]
    pub place: String,
}
