//! `SignInOptions`: what a link to sign-in may ask of the issuer, from its query or built in code. The rules of each
//! parameter are in `rules`; which of them an issuer gets is decided in `oidc::authorization`.
//!
//! Parameters of Kinde's authorization endpoint (Kinde documentation "Using Kinde without an SDK"), and those of OIDC
//! Core §3.1.2.1 that Kinde shares; and `max_age` of the latter, which Kinde does not document.

mod login_hint;
mod rules;

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};

pub use login_hint::LoginHint;
pub(super) use rules::is_language_tag;
use rules::{LONGEST_AGE, MAX_MARKETING_TAGS, Rule, is_marketing_tag};

use crate::auth::paths::RETURN_TO_PARAMETER;

const CONNECTION_ID: &str = "connection_id";
const INVITATION_CODE: &str = "invitation_code";
const IS_CREATE_ORG: &str = "is_create_org";
const LANG: &str = "lang";
const LOGIN_HINT: &str = "login_hint";
const MAX_AGE: &str = "max_age";
const ORG_CODE: &str = "org_code";
const ORG_NAME: &str = "org_name";
const PAGES_MODE: &str = "pages_mode";
const PLAN_INTEREST: &str = "plan_interest";
const PRICING_TABLE_KEY: &str = "pricing_table_key";
const PROMPT: &str = "prompt";
const WORKFLOW_DEPLOYMENT_ID: &str = "workflow_deployment_id";

/// What the issuer shows the user (OIDC Core §3.1.2.1, Initiating User Registration 1.0 §4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Prompt {
    /// The sign-in page, also when the user is signed in at the issuer.
    Login,
    /// The page for new accounts.
    Create,
    /// Nothing: without a session at the issuer the sign-in ends at once.
    None,
}

impl Prompt {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Create => "create",
            Self::None => "none",
        }
    }
}

/// A parameter that is malformed, or stands twice in a query; its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the parameter {0} of a sign-in link is malformed, missing, or stands twice")]
pub struct BadSignInOption(pub &'static str);

/// The options of one sign-in. Every value has passed the rule of its parameter: at most 255 bytes, no control
/// characters, and the form that the parameter's method names.
///
/// ```
/// use kinde_leptos::auth::{LoginHint, SignInOptions};
///
/// let hint = LoginHint::email("ada@example.com")?;
/// let options = SignInOptions::default().with_login_hint(hint).with_org_code("org_1")?;
/// let link = options.link("/login", Some("/items/1"));
/// assert_eq!(link, "/login?login_hint=ada%40example.com&org_code=org_1&post_login_redirect_url=%2Fitems%2F1");
/// # Ok::<(), kinde_leptos::auth::BadSignInOption>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "BTreeMap<String, String>", into = "BTreeMap<String, String>")]
pub struct SignInOptions(BTreeMap<String, String>);

impl SignInOptions {
    /// Reads the query of a link. Unknown parameters are dropped, as are malformed marketing tags and texts without a
    /// character.
    ///
    /// # Errors
    /// [`BadSignInOption`]: a known parameter is malformed or stands twice.
    pub fn parse(query: &str) -> Result<Self, BadSignInOption> {
        let mut options = Self::default();
        for pair in query.split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let Some(name) = decoded(name) else { continue };
            if let Some(rule) = Rule::of(&name) {
                let value = decoded(value).ok_or(BadSignInOption(rule.name))?;
                if options.0.contains_key(rule.name) {
                    return Err(BadSignInOption(rule.name));
                }
                options.set(rule, &value)?;
            } else if is_marketing_tag(&name)
                && let Some(value) = decoded(value)
            {
                options.add_marketing_tag(name, value);
            }
        }
        options.0.retain(|_, value| !value.is_empty());
        Ok(options)
    }

    /// Whom the user claims to be: the issuer fills in its form.
    #[must_use]
    pub fn with_login_hint(mut self, hint: LoginHint) -> Self {
        self.0.insert(LOGIN_HINT.to_owned(), hint.into_text());
        self
    }

    /// What the issuer shows.
    #[must_use]
    pub fn with_prompt(mut self, prompt: Prompt) -> Self {
        self.0.insert(PROMPT.to_owned(), prompt.as_str().to_owned());
        self
    }

    /// Asks a user again who last proved at the issuer who they are longer ago than this; zero asks always. Whole
    /// seconds, and a year at most: what is more is cut off. Kinde does not get it.
    #[must_use]
    pub fn with_max_age(mut self, age: Duration) -> Self {
        self.0.insert(MAX_AGE.to_owned(), age.as_secs().min(LONGEST_AGE).to_string());
        self
    }

    /// The way to sign in, such as `conn_…`: Kinde leaves out its page of all ways.
    ///
    /// # Errors
    /// [`BadSignInOption`]: it does not consist of letters, digits and `_ : . -`.
    pub fn with_connection_id(self, id: &str) -> Result<Self, BadSignInOption> {
        self.with(CONNECTION_ID, id)
    }

    /// The organization to sign in to, such as `org_…`.
    ///
    /// # Errors
    /// As [`Self::with_connection_id`].
    pub fn with_org_code(self, code: &str) -> Result<Self, BadSignInOption> {
        self.with(ORG_CODE, code)
    }

    /// Creates an organization of this name, or of a name that the user chooses at the issuer.
    ///
    /// # Errors
    /// [`BadSignInOption`]: the name is empty, longer than 255 bytes, or contains control characters.
    pub fn with_new_organization(self, name: Option<&str>) -> Result<Self, BadSignInOption> {
        let options = self.with(IS_CREATE_ORG, "true")?;
        match name {
            Some("") => Err(BadSignInOption(ORG_NAME)),
            Some(name) => options.with(ORG_NAME, name),
            None => Ok(options),
        }
    }

    /// The code of an invitation. It makes the sign-in a registration.
    ///
    /// # Errors
    /// As [`Self::with_connection_id`].
    pub fn with_invitation_code(self, code: &str) -> Result<Self, BadSignInOption> {
        self.with(INVITATION_CODE, code)
    }

    /// The language of the issuer's pages, such as `en-AU` (RFC 5646).
    ///
    /// # Errors
    /// [`BadSignInOption`]: it is no language tag.
    pub fn with_lang(self, tag: &str) -> Result<Self, BadSignInOption> {
        self.with(LANG, tag)
    }

    /// The plan that a new customer is interested in.
    ///
    /// # Errors
    /// As [`Self::with_connection_id`].
    pub fn with_plan_interest(self, plan: &str) -> Result<Self, BadSignInOption> {
        self.with(PLAN_INTEREST, plan)
    }

    /// The pricing table that a new customer chooses from.
    ///
    /// # Errors
    /// As [`Self::with_connection_id`].
    pub fn with_pricing_table_key(self, key: &str) -> Result<Self, BadSignInOption> {
        self.with(PRICING_TABLE_KEY, key)
    }

    /// The deployment of a workflow to test.
    ///
    /// # Errors
    /// As [`Self::with_connection_id`].
    pub fn with_workflow_deployment_id(self, id: &str) -> Result<Self, BadSignInOption> {
        self.with(WORKFLOW_DEPLOYMENT_ID, id)
    }

    /// Shows pages of the issuer that are not published yet.
    #[must_use]
    pub fn with_preview(mut self) -> Self {
        self.0.insert(PAGES_MODE.to_owned(), "preview".to_owned());
        self
    }

    /// A tag of a marketing campaign, such as `utm_source`. A name that Kinde does not know, a malformed value and a
    /// tag beyond the twentieth are left out.
    #[must_use]
    pub fn with_marketing_tag(mut self, name: &str, value: &str) -> Self {
        if is_marketing_tag(name) {
            self.add_marketing_tag(name.to_owned(), value.to_owned());
        }
        self
    }

    /// A link to the route at this path with these options, percent-encoded. `return_to` is the path on this site to go
    /// to afterwards.
    pub fn link(&self, path: &str, return_to: Option<&str>) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(self.iter());
        query.extend_pairs(return_to.map(|return_to| (RETURN_TO_PARAMETER, return_to)));
        let query = query.finish();
        if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
    }

    /// All options by their parameters' names, in alphabetical order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Whether the user is to prove again who they are.
    pub(super) fn demands_login(&self) -> bool {
        self.prompt() == Some(Prompt::Login.as_str())
    }

    /// All options that Kinde knows, as it names them, but `prompt`.
    pub(super) fn for_kinde(&self) -> impl Iterator<Item = (&str, &str)> {
        self.iter().filter(|(name, _)| ![MAX_AGE, PROMPT].contains(name))
    }

    pub(super) fn login_hint(&self) -> Option<&str> {
        self.get(LOGIN_HINT)
    }

    pub(super) fn lang(&self) -> Option<&str> {
        self.get(LANG)
    }

    pub(super) fn max_age(&self) -> Option<&str> {
        self.get(MAX_AGE)
    }

    pub(super) fn prompt(&self) -> Option<&str> {
        self.get(PROMPT)
    }

    pub(super) fn is_silent(&self) -> bool {
        self.prompt() == Some(Prompt::None.as_str())
    }

    pub(super) fn invitation_code(&self) -> Option<&str> {
        self.get(INVITATION_CODE)
    }

    pub(super) fn is_invitation(&self) -> bool {
        self.invitation_code().is_some()
    }

    /// Whether the sign-in chooses or creates an organization.
    pub(super) fn org_code(&self) -> Option<&str> {
        self.get(ORG_CODE)
    }

    pub(super) fn chooses_organization(&self) -> bool {
        self.get(ORG_CODE).is_some() || self.get(IS_CREATE_ORG).is_some()
    }

    /// # Errors
    /// [`BadSignInOption`]: there is no `org_code`.
    pub(super) fn require_org_code(&self) -> Result<(), BadSignInOption> {
        self.get(ORG_CODE).map(|_| ()).ok_or(BadSignInOption(ORG_CODE))
    }

    /// The language, unless the link names one. A text that is no language tag is left out.
    pub(super) fn or_lang(self, tag: Option<&str>) -> Self {
        match tag.filter(|_| self.lang().is_none()) {
            Some(tag) => self.clone().with_lang(tag).unwrap_or(self),
            None => self,
        }
    }

    pub(super) fn without_prompt(mut self) -> Self {
        self.0.remove(PROMPT);
        self
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    fn with(mut self, name: &str, value: &str) -> Result<Self, BadSignInOption> {
        if let Some(rule) = Rule::of(name) {
            self.set(rule, value)?;
        }
        Ok(self)
    }

    fn set(&mut self, rule: &Rule, value: &str) -> Result<(), BadSignInOption> {
        if !rule.accepts(value) {
            return Err(BadSignInOption(rule.name));
        }
        self.0.insert(rule.name.to_owned(), value.to_owned());
        Ok(())
    }

    /// Of a tag that occurs twice the first is kept.
    fn add_marketing_tag(&mut self, name: String, value: String) {
        let tags = self.0.keys().filter(|name| is_marketing_tag(name)).count();
        if tags < MAX_MARKETING_TAGS && rules::is_text(&value) {
            self.0.entry(name).or_insert(value);
        }
    }
}

/// A stored value may be of another version of this program, so it passes the rules again.
impl From<BTreeMap<String, String>> for SignInOptions {
    fn from(stored: BTreeMap<String, String>) -> Self {
        let is_valid = |name: &str, value: &str| match Rule::of(name) {
            Some(rule) => rule.accepts(value),
            None => is_marketing_tag(name) && rules::is_text(value),
        };
        Self(stored.into_iter().filter(|(name, value)| is_valid(name, value)).collect())
    }
}

impl From<SignInOptions> for BTreeMap<String, String> {
    fn from(options: SignInOptions) -> Self {
        options.0
    }
}

/// Prints names only: a login hint is personal, and an invitation's code is a secret.
impl fmt::Debug for SignInOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// `application/x-www-form-urlencoded` to text; `None` where that is no UTF-8.
fn decoded(raw: &str) -> Option<String> {
    let spaced = raw.replace('+', " ");
    percent_decode_str(&spaced).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests;
