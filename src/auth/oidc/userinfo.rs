//! The userinfo endpoint (OIDC Core §5.3): claims about a user that the ID token may lack.

use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

use super::error::OidcError;
use super::id_token::UserClaims;
use super::outbound::{Outbound, Received};
use crate::auth::metrics::Endpoint;

#[derive(Deserialize)]
struct Userinfo {
    sub: Option<String>,
    #[serde(flatten)]
    user: UserClaims,
}

/// Fetches the claims about a user. `received` is for an observer.
///
/// # Errors
/// [`OidcError::WrongUserinfoSubject`] (400) when the response is about another subject than the ID token, or does not
/// say; [`OidcError::Outbound`] when there is no usable response.
pub(in crate::auth) async fn fetch_userinfo(
    endpoint: &Url,
    access_token: &SecretString,
    subject: &str,
    outbound: &Outbound,
    received: &mut Received,
) -> Result<UserClaims, OidcError> {
    let userinfo: Userinfo = outbound.get_json(Endpoint::Userinfo, endpoint, Some(access_token), received).await?;
    if userinfo.sub.as_deref() == Some(subject) { Ok(userinfo.user) } else { Err(OidcError::WrongUserinfoSubject) }
}
