//! The routes that begin a sign-in: login, register, and the two for organizations. The other sign-in routes are in
//! `routes`, the rules of the links' parameters in `sign_in_options`.

use std::net::IpAddr;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::Uri;
use http::header::HOST;
use http::request::Parts;

use super::client_address::ClientAddress;
use super::cookies::Cookies;
use super::fetch_metadata::{is_embedded, is_from_another_site};
use super::identity::{Caller, Identity};
use super::language::preferred_language;
use super::routes::see_other;
use crate::auth::client::{Begun, Client};
use crate::auth::config::Config;
use crate::auth::error::Error;
#[cfg(feature = "openapi")]
use crate::auth::paths::{CREATE_ORG, LOGIN, REGISTER, SWITCH_ORG};
use crate::auth::paths::{Paths, RETURN_TO_PARAMETER};
use crate::auth::session::{ReturnTo, SignInRequest};
use crate::auth::sign_in_options::{Prompt, SignInOptions};

/// Which route begins a sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Start {
    Login,
    Register,
    CreateOrg,
    SwitchOrg,
}

/// Begin a sign-in
///
/// Redirects to the issuer. A present session stays until the new sign-in succeeds. Unknown parameters are dropped.
/// Issuers other than Kinde get `login_hint`, `lang`, `prompt` and `max_age` alone; Kinde gets all but `max_age`.
#[cfg_attr(feature = "openapi", utoipa::path(
    get, path = LOGIN, tag = "sign-in",
    params(
        (
            "post_login_redirect_url" = Option<String>, Query, example = "/items/420?q=x",
            description = "A path on this site to go to afterwards",
        ),
        (
            "login_hint" = Option<String>, Query, example = "ada@example.com",
            max_length = 255, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$",
            description = "Whom the user claims to be: an e-mail address, `phone:+61444110110:au` or `username:bob`; at most 255 bytes",
        ),
        (
            "lang" = Option<String>, Query, example = "en-AU",
            max_length = 255, pattern = "^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$",
            description = "The language of the issuer's pages; by default the browser's",
        ),
        ("prompt" = Option<String>, Query, pattern = "^(login|create|none)$", description = "What the issuer shows"),
        (
            "max_age" = Option<u32>, Query, example = 300, minimum = 0, maximum = 31_536_000,
            description = "After so many seconds since they last proved who they are, users prove it again; not at Kinde",
        ),
        (
            "org_code" = Option<String>, Query, example = "org_1",
            max_length = 255, pattern = "^[A-Za-z0-9_:.-]+$",
            description = "The organization to sign in to",
        ),
        (
            "connection_id" = Option<String>, Query, example = "conn_1",
            max_length = 255, pattern = "^[A-Za-z0-9_:.-]+$",
            description = "The way to sign in",
        ),
        (
            "invitation_code" = Option<String>, Query, example = "inv_1",
            max_length = 255, pattern = "^[A-Za-z0-9_:.-]+$",
            description = "The code of an invitation; it makes the sign-in a registration",
        ),
    ),
    responses(
        (status = 303, description = "To the issuer's authorization endpoint"),
        (status = 400, description = "A known parameter is malformed or stands twice"),
        (
            status = 403,
            description = "Inside a frame, or sent by a script; or another site sent a signed-in user to choose or create an organization: the page asks for confirmation; or a prefetch: nothing is begun",
        ),
        (status = 503, description = "The issuer or the session store cannot be reached"),
    )
))]
pub(super) async fn login(State(client): State<Client>, request: Parts) -> Response {
    begin(&client, &request, Start::Login).await
}

/// Create an account
///
/// As `login`, with the same parameters, but the issuer shows its screen for new accounts first (`prompt=create`).
#[cfg_attr(feature = "openapi", utoipa::path(
    get, path = REGISTER, tag = "sign-in",
    params(
        (
            "post_login_redirect_url" = Option<String>, Query, example = "/items/420?q=x",
            description = "A path on this site to go to afterwards",
        ),
        (
            "invitation_code" = Option<String>, Query, example = "inv_1",
            max_length = 255, pattern = "^[A-Za-z0-9_:.-]+$",
            description = "The code of an invitation",
        ),
        (
            "plan_interest" = Option<String>, Query, example = "pro",
            max_length = 255, pattern = "^[A-Za-z0-9_:.-]+$",
            description = "The plan that a new customer is interested in",
        ),
        (
            "pricing_table_key" = Option<String>, Query, example = "plans",
            max_length = 255, pattern = "^[A-Za-z0-9_:.-]+$",
            description = "The pricing table that a new customer chooses from",
        ),
    ),
    responses(
        (status = 303, description = "To the issuer's authorization endpoint"),
        (status = 400, description = "A known parameter is malformed or stands twice"),
        (
            status = 403,
            description = "Inside a frame, or sent by a script; or another site sent a signed-in user to choose or create an organization: the page asks for confirmation; or a prefetch: nothing is begun",
        ),
        (status = 503, description = "The issuer or the session store cannot be reached"),
    )
))]
pub(super) async fn register(State(client): State<Client>, request: Parts) -> Response {
    begin(&client, &request, Start::Register).await
}

/// Create an organization
///
/// As `register`, and the user's new session belongs to a new organization. Only at Kinde.
#[cfg_attr(feature = "openapi", utoipa::path(
    get, path = CREATE_ORG, tag = "sign-in",
    params(
        (
            "org_name" = Option<String>, Query, example = "Flight Research",
            max_length = 255, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$",
            description = "Its name, of at most 255 bytes; by default the user chooses one",
        ),
        (
            "post_login_redirect_url" = Option<String>, Query, example = "/items/420?q=x",
            description = "A path on this site to go to afterwards",
        ),
    ),
    responses(
        (status = 303, description = "To the issuer's authorization endpoint"),
        (status = 400, description = "A known parameter is malformed or stands twice"),
        (
            status = 403,
            description = "Inside a frame, or sent by a script; or another site sent a signed-in user: the page asks for confirmation; or a prefetch: nothing is begun",
        ),
        (status = 404, description = "The issuer has no organizations"),
        (status = 503, description = "The issuer or the session store cannot be reached"),
    )
))]
pub(super) async fn create_org(State(client): State<Client>, request: Parts) -> Response {
    begin(&client, &request, Start::CreateOrg).await
}

/// Switch to another organization
///
/// Without a question if the issuer knows the user (`prompt=none`), else as `login`. The present session stays until
/// the new one is there. Only at Kinde.
#[cfg_attr(feature = "openapi", utoipa::path(
    get, path = SWITCH_ORG, tag = "sign-in",
    params(
        (
            "org_code" = String, Query, example = "org_1",
            max_length = 255, pattern = "^[A-Za-z0-9_:.-]+$",
            description = "An organization of the user",
        ),
        (
            "post_login_redirect_url" = Option<String>, Query, example = "/items/420?q=x",
            description = "A path on this site to go to afterwards",
        ),
    ),
    responses(
        (status = 303, description = "To the issuer's authorization endpoint"),
        (status = 400, description = "`org_code` is missing, or a known parameter is malformed or stands twice"),
        (
            status = 403,
            description = "Inside a frame, or sent by a script; or another site sent a signed-in user: the page asks for confirmation; or a prefetch: nothing is begun",
        ),
        (status = 404, description = "The issuer has no organizations"),
        (status = 503, description = "The issuer or the session store cannot be reached"),
    )
))]
pub(super) async fn switch_org(State(client): State<Client>, request: Parts) -> Response {
    begin(&client, &request, Start::SwitchOrg).await
}

async fn begin(client: &Client, request: &Parts, start: Start) -> Response {
    match try_to_begin(client, request, start).await {
        Ok(begun) => see_other(&begun.location, &Cookies::of(client), &begun.cookies),
        Err(error) => error.into_response(),
    }
}

async fn try_to_begin(client: &Client, request: &Parts, start: Start) -> Result<Begun, Error> {
    if is_embedded(&request.headers) {
        return Err(Error::Framed);
    }
    if matches!(start, Start::CreateOrg | Start::SwitchOrg) {
        client.require_organizations().await?;
    }
    let asked = SignInOptions::parse(request.uri.query().unwrap_or_default())?;
    let options = start.options(asked.clone())?;
    let Config { paths, default_return_to, .. } = client.config();
    let return_to = return_to(&request.uri, paths, ReturnTo::parse_after_sign_in);
    let return_to = return_to.unwrap_or_else(|| default_return_to.clone());
    if options.chooses_organization() && is_from_another_site(&request.headers) {
        let own = options.org_code().filter(|_| start == Start::Login);
        refuse_if_signed_in(request, own, || asked.link(start.path(paths), Some(return_to.as_str()))).await?;
    }
    if let Some(host) = request.headers.get(HOST).and_then(|host| host.to_str().ok()) {
        client.note_host(host);
    }
    let options = options.or_lang(preferred_language(&request.headers));
    let wanted = SignInRequest { options, return_to, then_interactive: start == Start::SwitchOrg };
    let browser = Cookies::of(client).of_browser(&request.headers);
    client.begin_sign_in(&browser, wanted, ip_in(request)).await
}

/// A signed-in user must confirm what another site requested, unless it is the organization signed in to.
async fn refuse_if_signed_in(
    request: &Parts,
    organization: Option<&str>,
    confirmation: impl FnOnce() -> String,
) -> Result<(), Error> {
    let Some(identity) = request.extensions.get::<Identity>() else { return Ok(()) };
    match identity.caller().await {
        Caller::Session(session)
            if organization.is_some() && session.organization().await.as_deref() == organization =>
        {
            Ok(())
        }
        Caller::Session(_) => Err(Error::UnconfirmedOrganization { confirmation: confirmation() }),
        Caller::Nobody | Caller::Token(_) => Ok(()),
        Caller::Unknown(error) => Err(error),
    }
}

impl Start {
    fn path(self, paths: &Paths) -> &str {
        match self {
            Self::Login => &paths.login,
            Self::Register => &paths.register,
            Self::CreateOrg => &paths.create_org,
            Self::SwitchOrg => &paths.switch_org,
        }
    }

    /// What is asked of the issuer: the link's options, and what the route means.
    fn options(self, link: SignInOptions) -> Result<SignInOptions, Error> {
        Ok(match self {
            Self::Login => link,
            Self::Register => link.with_prompt(Prompt::Create),
            Self::CreateOrg => link.with_prompt(Prompt::Create).with_new_organization(None)?,
            Self::SwitchOrg => {
                link.require_org_code()?;
                link.with_prompt(Prompt::None)
            }
        })
    }
}

/// The path to return to: of several the last. `None` where none is usable.
pub(super) fn return_to(uri: &Uri, paths: &Paths, parse: fn(&str, &Paths) -> Option<ReturnTo>) -> Option<ReturnTo> {
    form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes())
        .filter(|(name, _)| name == RETURN_TO_PARAMETER)
        .last()
        .and_then(|(_, value)| parse(&value, paths))
}

/// The client's address, where known.
pub(super) fn ip_in(request: &Parts) -> Option<IpAddr> {
    request.extensions.get().map(|ClientAddress(address)| *address)
}
