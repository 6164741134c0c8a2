//! The authorization request: the parameters of the client, or the reason for which the tenant must not redirect. The
//! decision about the request is in `endpoints::authorization` and `sign_in::decision`.
//!
//! OIDC Core §3.1.2.1, RFC 7636 §4.3, Kinde documentation "Using Kinde without an SDK".

use serde::{Deserialize, Serialize};

use super::{registered_client::Registration, shape::Shape};
use crate::dev_issuer::basics::{clock::Seconds, parameters::Parameters};

/// The greatest length of a state. Kinde responds with 414 to a longer one.
const LONGEST_STATE: usize = 4_096;

/// The prompt for the user.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub(crate) enum Prompt {
    /// The user signs in, unless a session exists.
    Unspecified,
    Login,
    Create,
    /// The user consents again. A session does not suffice.
    Consent,
    None,
}

/// A request of the client that names one of its callbacks.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct AuthorizationRequest {
    pub(crate) redirect_uri: String,
    pub(crate) response_type: String,
    pub(crate) state: Option<String>,
    pub(crate) nonce: Option<String>,
    pub(crate) scope: Vec<String>,
    pub(crate) audience: Vec<String>,
    pub(crate) code_challenge: Option<String>,
    pub(crate) code_challenge_method: Option<String>,
    pub(crate) prompt: Prompt,
    /// The words of the parameter `prompt`.
    pub(crate) prompt_values: Vec<String>,
    /// How long ago the user may have authenticated at most. Kinde does not document this parameter.
    pub(crate) max_age: Option<Seconds>,
    pub(crate) login_hint: Option<String>,
    pub(crate) org_code: Option<String>,
    /// The name of the organization to create, if the client requests one.
    pub(crate) new_organization: Option<String>,
    pub(crate) invitation_code: Option<String>,
    /// Whether the request says that it accepts an invitation.
    pub(crate) is_invitation: bool,
    /// Every parameter of the request, for `reauth_state`.
    pub(crate) parameters: Vec<(String, String)>,
}

/// The reason for which the tenant responds with a page and never redirects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unredirectable {
    UnknownClient,
    InvalidCallbackUrl,
    InsecureCallbackUrl,
    StateTooLong,
}

impl AuthorizationRequest {
    /// Reads the request from its parameters. A plain issuer ignores Kinde's own parameters.
    ///
    /// # Errors
    ///
    /// [`Unredirectable`]: the client or the callback is not known, so the tenant must not redirect (RFC 6749
    /// §4.1.2.1).
    pub(crate) fn read(
        parameters: &Parameters,
        (client_id, registration): (&str, &Registration),
        shape: Shape,
    ) -> Result<Self, Unredirectable> {
        let text = |name| parameters.query(name).map(str::to_owned);
        let filled = |name| text(name).filter(|value: &String| !value.is_empty());
        if parameters.query("client_id") != Some(client_id) {
            return Err(Unredirectable::UnknownClient);
        }
        let redirect_uri = allowed_callback(parameters, registration)?;
        if text("state").is_some_and(|state| state.len() > LONGEST_STATE) {
            return Err(Unredirectable::StateTooLong);
        }
        let kindes = |name| filled(name).filter(|_| shape == Shape::Kinde);
        let creates_organization = kindes("is_create_org").as_deref() == Some("true");
        let registers = kindes("start_page").as_deref() == Some("registration");
        let prompt_values = words(parameters, "prompt");
        Ok(Self {
            redirect_uri,
            response_type: text("response_type").unwrap_or_default(),
            state: text("state"),
            nonce: filled("nonce"),
            scope: words(parameters, "scope"),
            audience: words(parameters, "audience"),
            code_challenge: filled("code_challenge"),
            code_challenge_method: filled("code_challenge_method"),
            prompt: prompt(&prompt_values, registers),
            prompt_values,
            max_age: filled("max_age").filter(|_| shape == Shape::Plain).and_then(|seconds| seconds.parse().ok()),
            login_hint: filled("login_hint"),
            org_code: kindes("org_code"),
            new_organization: creates_organization
                .then(|| kindes("org_name").unwrap_or_else(|| "New organization".to_owned())),
            invitation_code: kindes("invitation_code"),
            is_invitation: kindes("is_invitation").as_deref() == Some("true"),
            parameters: parameters.query.clone(),
        })
    }

    /// Returns whether the scope contains this value.
    pub(crate) fn has_scope(&self, wanted: &str) -> bool {
        self.scope.iter().any(|scope| scope == wanted)
    }
}

fn allowed_callback(parameters: &Parameters, registration: &Registration) -> Result<String, Unredirectable> {
    let redirect_uri = parameters
        .query("redirect_uri")
        .filter(|uri| registration.allows_callback(uri))
        .ok_or(Unredirectable::InvalidCallbackUrl)?;
    if is_http_elsewhere(redirect_uri) {
        return Err(Unredirectable::InsecureCallbackUrl);
    }
    Ok(redirect_uri.to_owned())
}

/// Returns whether the URL uses http and another host. Kinde allows http for the local machine only.
fn is_http_elsewhere(uri: &str) -> bool {
    url::Url::parse(uri).is_ok_and(|uri| {
        let host = uri.host_str().unwrap_or_default();
        let is_here = matches!(host, "localhost" | "127.0.0.1" | "[::1]") || host.ends_with(".localhost");
        uri.scheme() == "http" && !is_here
    })
}

/// Returns the words of a parameter, which may be repeated, contain several words, or be empty.
fn words(parameters: &Parameters, name: &str) -> Vec<String> {
    parameters
        .query
        .iter()
        .filter(|(key, _)| key == name)
        .flat_map(|(_, value)| value.split_whitespace())
        .map(str::to_owned)
        .collect()
}

/// Returns the prompt. `registers` stands for `start_page=registration`, Kinde's older name for `prompt=create`.
fn prompt(values: &[String], registers: bool) -> Prompt {
    let has = |wanted: &str| values.iter().any(|value| value == wanted);
    if has("none") {
        Prompt::None
    } else if has("login") {
        Prompt::Login
    } else if has("create") || registers {
        Prompt::Create
    } else if has("consent") {
        Prompt::Consent
    } else {
        Prompt::Unspecified
    }
}
