//! The routes by which a user ends sessions: one of them, or all. The sign-out of a browser is in `routes`.

use axum::Extension;
use axum::extract::{FromRequest, RawForm, Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::{HeaderMap, Uri};

use super::client_address::ClientAddress;
use super::cookies::Cookies;
use super::guard::refuse_anonymous;
use super::identity::{Caller, CurrentSession, Identity};
use super::routes::{end, ip_of, to_sign_out};
use crate::auth::client::Client;
use crate::auth::error::{Denial, Error};
#[cfg(feature = "openapi")]
use crate::auth::paths::{END_SESSION, LOGOUT_EVERYWHERE};

/// The field of the form that names a session.
const SESSION: &str = "session";

/// A form. Of several values the last counts.
#[cfg(feature = "openapi")]
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "the handler reads the form field by field; this is for the OpenAPI document")]
struct EndSessionForm {
    /// The `id` of one of the user's sessions, from the user's account.
    session: String,
}

/// End a session
///
/// Ends one of the user's sessions, as its `id` in the account names it. The session of the request itself is signed
/// out, here and at the issuer.
#[cfg_attr(feature = "openapi", utoipa::path(
    post, path = END_SESSION, tag = "sign-in", security(("session" = [])),
    request_body(
        content = EndSessionForm, content_type = "application/x-www-form-urlencoded", description = "Which session",
    ),
    responses(
        (status = 303, description = "To `/account`; when the session of the request itself ended, to the issuer's sign-out"),
        (status = 400, description = "The body breaks off"),
        (status = 401, description = "Not authenticated"),
        (status = 403, description = "Another site sent the request; or an access token in place of a session; or a prefetch: nothing is ended"),
        (status = 404, description = "The user has no such session"),
        (status = 415, description = "Not a form"),
        (status = 503, description = "The session store cannot be reached"),
    )
))]
pub(super) async fn end_session(
    State(client): State<Client>,
    Extension(identity): Extension<Identity>,
    address: Option<Extension<ClientAddress>>,
    request: Request,
) -> Response {
    let (uri, headers) = (request.uri().clone(), request.headers().clone());
    let session = match session_of(&client, &identity, &uri).await {
        Ok(session) => session,
        Err(refusal) => return refusal,
    };
    let form = match RawForm::from_request(request, &()).await {
        Ok(RawForm(form)) => form,
        Err(rejection) => return rejection.into_response(),
    };
    let named = form_urlencoded::parse(&form).filter(|(name, _)| name == SESSION).last();
    let listed = named.map(|(_, listed)| listed.into_owned()).unwrap_or_default();
    let browser = Cookies::of(&client).of_browser(&headers);
    match client.end_user_session(&session, listed, browser, ip_of(address)).await {
        Ok(None) => Redirect::to(&client.config().paths.account).into_response(),
        Ok(Some(signed_out)) => to_sign_out(&client, &signed_out),
        Err(error) => error.into_response(),
    }
}

/// The session that asks, or the refusal of a request without one.
async fn session_of(client: &Client, identity: &Identity, uri: &Uri) -> Result<CurrentSession, Response> {
    match identity.caller().await {
        Caller::Session(session) => Ok(session),
        Caller::Token(_) => Err(Error::Forbidden(Denial::without_policy("a session")).into_response()),
        Caller::Nobody => Err(refuse_anonymous(client, identity, uri, false)),
        Caller::Unknown(error) => Err(error.into_response()),
    }
}

/// Sign out everywhere
///
/// Ends all sessions of the user, in every browser, here and at Kinde. Other issuers end their session of this browser.
#[cfg_attr(feature = "openapi", utoipa::path(
    post, path = LOGOUT_EVERYWHERE, tag = "sign-in",
    responses(
        (status = 303, description = "To the issuer's sign-out; without a session to `/signed-out`"),
        (status = 403, description = "Another site sent the request; or an access token in place of a session; or a prefetch: nobody is signed out"),
        (status = 503, description = "The session store cannot be reached"),
    )
))]
pub(super) async fn logout_everywhere(
    State(client): State<Client>,
    Extension(identity): Extension<Identity>,
    address: Option<Extension<ClientAddress>>,
    headers: HeaderMap,
) -> Response {
    let session = match identity.caller().await {
        Caller::Session(session) => session,
        Caller::Nobody => return end(&client, &headers, ip_of(address)).await,
        Caller::Token(_) => return Error::Forbidden(Denial::without_policy("a session")).into_response(),
        Caller::Unknown(error) => return error.into_response(),
    };
    let browser = Cookies::of(&client).of_browser(&headers);
    match client.sign_out_everywhere(&session, browser, ip_of(address)).await {
        Ok(signed_out) => to_sign_out(&client, &signed_out),
        Err(error) => error.into_response(),
    }
}
