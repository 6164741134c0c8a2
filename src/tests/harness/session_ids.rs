//! The id of a cookie's session in the store, computed independently of the app: SHA-256 over length-prefixed values,
//! cut to 128 bits.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kinde_leptos::auth::Id;

use super::EmulatedTenant;

/// The id of the session that a cookie opens at the tenant's client.
pub fn session_id(tenant: &EmulatedTenant, cookie: &str) -> Id {
    let secret = URL_SAFE_NO_PAD.decode(cookie).unwrap();
    let mut bytes = Vec::new();
    for value in [b"session", tenant.issuer().as_bytes(), tenant.client_id().as_bytes(), secret.as_slice()] {
        bytes.extend_from_slice(&(value.len() as u64).to_le_bytes());
        bytes.extend_from_slice(value);
    }
    Id(i128::from_le_bytes(digest(&SHA256, &bytes).as_ref()[..16].try_into().unwrap()))
}

/// A session cookie that no browser has.
pub fn random_cookie() -> String {
    let mut secret = [0; 32];
    aws_lc_rs::rand::fill(&mut secret).unwrap();
    URL_SAFE_NO_PAD.encode(secret)
}
