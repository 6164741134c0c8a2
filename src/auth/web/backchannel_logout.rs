//! The route for logout tokens (OpenID Connect Back-Channel Logout 1.0 §2.5 and §2.8). It belongs to the sign-in
//! routes.

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::json;

use super::issuers_request::{body_of, refusal};
use crate::auth::client::Client;
use crate::auth::error::Error;
use crate::auth::oidc::LogoutTokenError;
#[cfg(feature = "openapi")]
use crate::auth::paths::BACKCHANNEL_LOGOUT;

/// The largest form: far more than a logout token needs.
pub(super) const MAX_FORM_BYTES: usize = 64 * 1024;

/// Take a logout token
///
/// For issuers other than Kinde: ends the sessions of a user, or of one session at the issuer (OpenID Connect
/// Back-Channel Logout 1.0).
#[cfg_attr(feature = "openapi", utoipa::path(
    post, path = BACKCHANNEL_LOGOUT, tag = "issuer",
    request_body(
        content = LogoutForm, content_type = "application/x-www-form-urlencoded",
        description = "The logout token, a JWT that the issuer signed at most five minutes ago",
    ),
    responses(
        (status = 200, description = "The sessions have ended, or there are none"),
        (
            status = 400, description = "The token failed verification, or the sessions could not be ended",
            body = Object, example = json!({"error": "invalid_request", "error_description": "It is not accepted"}),
        ),
        (status = 404, description = "The issuer is Kinde, which sends webhooks instead"),
    )
))]
pub(super) async fn backchannel_logout(State(client): State<Client>, request: Request) -> Response {
    let done = async {
        client.require_backchannel_logout().await?;
        let form = body_of(request, "application/x-www-form-urlencoded").await?;
        client.log_out_by_issuer(only_token(&form)?).await
    };
    match done.await {
        Ok(()) => StatusCode::OK.into_response(),
        Err(error @ Error::NoBackchannelLogout) => {
            let body = json!({"detail": error.sentence()});
            refusal(error, body)
        }
        Err(error) => failure(error),
    }
}

/// The form of a back-channel logout.
#[cfg(feature = "openapi")]
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "only described: the form is read field by field, so that a doubled one is noticed")]
struct LogoutForm {
    /// The logout token.
    logout_token: String,
}

fn only_token(form: &str) -> Result<String, LogoutTokenError> {
    let mut tokens = form_urlencoded::parse(form.as_bytes()).filter(|(name, _)| name == "logout_token");
    match (tokens.next(), tokens.next()) {
        (Some((_, token)), None) => Ok(token.into_owned()),
        _ => Err(LogoutTokenError::NotOne),
    }
}

/// §2.8: every failure is 400 with the error `invalid_request`. The issuer learns from it that the user may still be
/// signed in here.
fn failure(error: Error) -> Response {
    let body = json!({"error": "invalid_request", "error_description": error.sentence()});
    let mut response = refusal(error, body);
    *response.status_mut() = StatusCode::BAD_REQUEST;
    response
}
