//! Whether a token is good: its signature, its time, its issuer, and what the tenant knows of it; and what it contains.

use serde_json::{Map, Value};

use super::decoded::Decoded;
use crate::dev_issuer::basics::{clock, signing::Signer};
use crate::dev_issuer::protocol::grants::standing::{Kind, Standing};
use crate::dev_issuer::state::tenant::EmulatedTenant;

/// Whether a token is good, and its content, as HTML.
#[derive(Default)]
pub(crate) struct Judged {
    pub(crate) verdicts: Vec<String>,
    pub(crate) content: String,
}

impl Judged {
    /// Judges a token; none if it is no JWT and not of this tenant.
    pub(crate) fn of(tenant: &EmulatedTenant, token: &str) -> Option<Self> {
        let state = tenant.state();
        let standing = state.grants.standing(token, state.now());
        let Some(decoded) = Decoded::of(token) else {
            let (kind, standing) = standing?;
            let verdict = format!("{}. It is no JWT: only the tenant knows what it means.", at_tenant(kind, standing));
            return Some(Self { verdicts: vec![verdict], content: String::new() });
        };
        let signature = match state.keys.signer_of(token) {
            Some(Signer::Current) => "The signature is that of the current key.",
            Some(Signer::Earlier) => "The signature is that of an earlier key, which is still published.",
            None => "The signature is that of no published key, so a client must refuse the token.",
        };
        let record = match standing {
            Some((kind, standing)) => format!("{}.", at_tenant(kind, standing)),
            None => {
                "The tenant has no record of it: it keeps none of ID tokens, of tokens of machines and of tokens that \
                     were issued to order. Whether it is good follows from its signature and its claims alone."
                    .into()
            }
        };
        let claims = &decoded.claims;
        let issuer = match claims.get("iss") {
            Some(issuer) if *issuer == tenant.issuer.as_str() => "The issuer is this tenant.",
            Some(_) => "The issuer is not this tenant, so a client of this tenant must refuse the token.",
            None => "It names no issuer.",
        };
        let verdicts = vec![signature.to_owned(), expiry(claims, state.now()), issuer.to_owned(), record];
        Some(Self { verdicts, content: decoded.render() })
    }
}

fn expiry(claims: &Map<String, Value>, now: clock::Seconds) -> String {
    match claims.get("exp").map(Value::as_i64) {
        Some(Some(at)) if at > now => format!("It expires at {}.", clock::shown(at)),
        Some(Some(at)) => format!("It has expired at {}, by the tenant's clock.", clock::shown(at)),
        Some(None) => "Its expiry is no number, so a client must refuse it.".to_owned(),
        None => "It has no expiry.".to_owned(),
    }
}

fn at_tenant(kind: Kind, standing: Standing) -> String {
    let kind = match kind {
        Kind::AccessToken => "an access token",
        Kind::RefreshToken => "a refresh token",
    };
    let standing = match standing {
        Standing::Active => "and it is active",
        Standing::Used => "which was used",
        Standing::Expired => "which has expired",
        Standing::Revoked => "which is revoked",
    };
    format!("The tenant issued it as {kind}, {standing}")
}
