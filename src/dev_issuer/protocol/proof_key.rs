//! The check that a code verifier matches its code challenge (PKCE). The only method is S256, because Kinde does not
//! announce `plain`.
//!
//! RFC 7636 §4.6.

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use super::token_error::TokenError;

/// Compares the verifier's hash with the challenge. Without a challenge it accepts the request.
///
/// # Errors
///
/// `invalid_grant`: the verifier is missing or wrong.
pub(crate) fn verify(challenge: Option<&str>, verifier: Option<&str>) -> Result<(), TokenError> {
    let Some(challenge) = challenge else {
        return Ok(());
    };
    let verifier = verifier.ok_or(TokenError::InvalidGrant("The code_verifier is missing"))?;
    let hash = URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()));
    if hash == challenge {
        Ok(())
    } else {
        Err(TokenError::InvalidGrant("The code_verifier does not match the code_challenge"))
    }
}
