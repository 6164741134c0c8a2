//! The extractor of an [`AccessToken`].

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use http::request::Parts;

use super::guard::{is_page_request, to_login};
use super::identity::{CurrentSession, Identity};
use crate::auth::client::AccessToken;
use crate::auth::error::Error;

/// Behind `require_login` or `require_login_json`. When the access token has ended and there is no refresh token, a
/// page's GET is redirected to sign-in (303, and back here afterwards), and any other request gets 401.
impl<S: Sync> FromRequestParts<S> for AccessToken {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let session = CurrentSession::from_request_parts(parts, state).await.map_err(IntoResponse::into_response)?;
        let Some(identity) = parts.extensions.get::<Identity>() else {
            return Err(Error::NotAuthenticated.into_response());
        };
        let client = identity.client();
        client.access_token(&session).await.map_err(|error| match error {
            Error::NotAuthenticated if is_page_request(&parts.method, &parts.headers) => {
                to_login(&client.config().paths, &parts.uri)
            }
            error => error.into_response(),
        })
    }
}
