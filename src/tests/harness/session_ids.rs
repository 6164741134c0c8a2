//! The id of a cookie's session in the store, computed independently of the app: two digests of SHA-256, each cut to 128
//! bits, of the application and of a session at it.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kinde_leptos::auth::Id;

use super::TestTenant;

/// The id of the session that a cookie opens at the tenant's client.
pub fn session_id(tenant: &TestTenant, cookie: &str) -> Id {
    let mut application = Vec::new();
    for value in [tenant.issuer(), tenant.client_id()] {
        application.extend_from_slice(&(value.len() as u64).to_le_bytes());
        application.extend_from_slice(value.as_bytes());
    }
    let secret = URL_SAFE_NO_PAD.decode(cookie).unwrap();
    let session = [half_digest(&application).as_slice(), &[1], &secret].concat();
    Id(i128::from_le_bytes(half_digest(&session)))
}

fn half_digest(bytes: &[u8]) -> [u8; 16] {
    digest(&SHA256, bytes).as_ref()[..16].try_into().unwrap()
}

/// A session cookie that no browser has.
pub fn random_cookie() -> String {
    let mut secret = [0; 32];
    aws_lc_rs::rand::fill(&mut secret).unwrap();
    URL_SAFE_NO_PAD.encode(secret)
}
