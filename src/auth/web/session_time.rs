//! The routes of the session's time: how long it still lives, which prolongs nothing, and "stay signed in", which does.
//! How long sessions live is decided in `session::lifetime`.

use axum::extract::{FromRequest, RawForm, Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::{Extension, Json};
use http::header::CONTENT_TYPE;
use serde::Serialize;

use super::guard::{refuse_anonymous, without_useless_cookie};
use super::identity::{Caller, Identity};
use super::negotiation::Wants;
use crate::auth::client::Client;
use crate::auth::error::{Denial, Error};
use crate::auth::paths::RETURN_TO_PARAMETER;
#[cfg(feature = "openapi")]
use crate::auth::paths::SESSION;
use crate::auth::session::{ReturnTo, TimeLeft};
use crate::auth::sign_in_options::SignInOptions;

/// How long the session still lives, in whole seconds.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct SessionTime {
    /// Until it ends, unless a request prolongs it.
    #[cfg_attr(feature = "openapi", schema(example = 1500))]
    seconds_left: u64,
    /// Until it ends, whatever is requested. When both are the same, it can no longer be prolonged.
    #[cfg_attr(feature = "openapi", schema(example = 600_000))]
    seconds_left_at_most: u64,
}

impl From<TimeLeft> for SessionTime {
    fn from(left: TimeLeft) -> Self {
        Self { seconds_left: left.unless_prolonged.as_secs(), seconds_left_at_most: left.at_most.as_secs() }
    }
}

/// The time left of the session
///
/// Always JSON. The request does not count as one of the user's: it does not prolong the session.
#[cfg_attr(feature = "openapi", utoipa::path(
    get, path = SESSION, tag = "sign-in", security(("session" = [])),
    responses(
        (status = 200, body = SessionTime, description = "When the session ends"),
        (status = 401, description = "No session"),
        (status = 403, description = "An access token in place of a session"),
        (status = 503, description = "The session store cannot be reached"),
    )
))]
pub(super) async fn time_left(Extension(identity): Extension<Identity>) -> Response {
    match identity.time_left().await {
        Ok(Some(left)) => Json(SessionTime::from(left)).into_response(),
        // The cookie stays: another tab may be signing in at this moment.
        Ok(None) => Error::NotAuthenticated.into_response(),
        Err(error) => error.into_response(),
    }
}

/// A form. Of several values the last counts.
#[cfg(feature = "openapi")]
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "the handler reads the form field by field; this is for the OpenAPI document")]
struct StayForm {
    /// A path of this site to go on to; anything else leads to the greeting.
    #[schema(nullable = false)]
    post_login_redirect_url: Option<String>,
}

/// Stay signed in
///
/// Prolongs the session to its full idle time, as far as its absolute end allows. The form of a page leads back to the
/// page, through a sign-in when the session has ended meanwhile.
#[cfg_attr(feature = "openapi", utoipa::path(
    post, path = SESSION, tag = "sign-in", security(("session" = [])),
    request_body(
        content = Option<StayForm>, content_type = "application/x-www-form-urlencoded",
        description = "Where to go on to: without a form to the greeting",
    ),
    responses(
        (status = 200, body = SessionTime, description = "When the session ends now, where JSON was wanted"),
        (status = 303, description = "To the page, or to sign-in and back to it"),
        (status = 400, description = "The body breaks off"),
        (status = 401, description = "No session, and JSON was wanted"),
        (status = 403, description = "Another site sent the request; or an access token in place of a session"),
        (status = 415, description = "Not a form"),
        (status = 503, description = "The session store cannot be reached"),
    )
))]
pub(super) async fn stay_signed_in(
    State(client): State<Client>,
    Extension(identity): Extension<Identity>,
    request: Request,
) -> Response {
    let uri = request.uri().clone();
    let return_to = match Wants::of(request.headers()) {
        Wants::Json => None,
        Wants::Page if !request.headers().contains_key(CONTENT_TYPE) => Some(ReturnTo::home()),
        Wants::Page => match RawForm::from_request(request, &()).await {
            Ok(RawForm(form)) => Some(return_to(&form, &client)),
            Err(rejection) => return rejection.into_response(),
        },
    };
    let session = match identity.caller().await {
        Caller::Session(session) => session,
        Caller::Token(_) => return Error::Forbidden(Denial::without_policy("a session")).into_response(),
        Caller::Nobody => {
            return match return_to {
                Some(return_to) => to_sign_in(&client, &identity, &return_to),
                None => refuse_anonymous(&client, &identity, &uri, false),
            };
        }
        Caller::Unknown(error) => return error.into_response(),
    };
    match (client.prolong(&session).await, return_to) {
        (Ok(_), Some(return_to)) => Redirect::to(return_to.as_str()).into_response(),
        (Ok(left), None) => Json(SessionTime::from(left)).into_response(),
        (Err(error), _) => error.into_response(),
    }
}

fn return_to(form: &[u8], client: &Client) -> ReturnTo {
    let named = form_urlencoded::parse(form).filter(|(name, _)| name == RETURN_TO_PARAMETER).last();
    named.map_or_else(ReturnTo::home, |(_, path)| ReturnTo::parse(&path, &client.config().paths))
}

/// The session ended before the form was sent: sign-in leads to the same page.
fn to_sign_in(client: &Client, identity: &Identity, return_to: &ReturnTo) -> Response {
    let link = SignInOptions::default().link(&client.config().paths.login, Some(return_to.as_str()));
    without_useless_cookie(client, identity, Redirect::to(&link).into_response())
}
