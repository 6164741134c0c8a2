//! The target of the link in an invitation: leads to the client, which starts the sign-in with the invitation's code.
//!
//! Kinde documentation, "Invite users to an organization", "Application login URI".

use axum::{Extension, extract::State, http::StatusCode, response::Response};

use crate::dev_issuer::basics::{page, parameters::Parameters, redirect};
use crate::dev_issuer::state::tenant::SharedTenant;

/// `GET /team_invitation?code=`
pub(crate) async fn team_invitation(
    State(tenant): State<SharedTenant>,
    Extension(parameters): Extension<Parameters>,
) -> Response {
    let code = parameters.query("code").filter(|code| tenant.state().invitations.find(code).is_some());
    let login_url = tenant.state().registration.login_url.clone();
    match (code, &login_url) {
        (Some(code), Some(url)) => redirect::to(url, &[("invitation_code", code.to_owned())], StatusCode::FOUND),
        (None, _) => page::error(StatusCode::BAD_REQUEST, "This invitation is not known or was already accepted."),
        (_, None) => page::error(StatusCode::BAD_REQUEST, "The application has no login URI."),
    }
}
