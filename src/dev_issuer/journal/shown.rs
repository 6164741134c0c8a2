//! A value as the journal keeps it: a secret as a digest, a JWT with its header and claims and without its signature,
//! and every text cut to a length that fits a page.
//!
//! RFC 7515 §3.1 (the parts of a JWT).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::dev_issuer::basics::digest::Digest;

/// The most characters of a text that are kept.
const LONGEST: usize = 300;
/// The most characters of a claim that is no text.
const LONGEST_CLAIM: usize = 1_000;
/// The most members of a JSON object that are kept.
const MOST_MEMBERS: usize = 60;

/// The names of parameters and members that hold a secret. `state` is one until the callback has used it.
const SECRETS: [&str; 12] = [
    "access_token",
    "client_secret",
    "code",
    "code_verifier",
    "id_token",
    "id_token_hint",
    "invitation_code",
    "logout_token",
    "reauth_state",
    "refresh_token",
    "state",
    "transaction",
];

/// A value as the console shows it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Shown {
    Text(String),
    /// The short digest of a secret.
    Digest(String),
    /// A JWT: its short digest, and what anybody can read in it.
    Token {
        digest: String,
        header: Map<String, Value>,
        claims: Map<String, Value>,
    },
}

/// A named value: a parameter of a request, or a member of a response.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) value: Shown,
}

impl Shown {
    /// Returns a secret as its digest, or with its header and claims if it is a JWT.
    pub(crate) fn secret(value: &str) -> Self {
        let digest = Digest::of(value).short();
        match decoded(value) {
            Some((header, claims)) => Self::Token { digest, header, claims },
            None => Self::Digest(digest),
        }
    }

    /// Returns a text that is no secret.
    pub(crate) fn text(value: &str) -> Self {
        Self::Text(cut(value))
    }
}

impl Field {
    /// Returns a parameter or member. Its name decides whether it is a secret; a JWT is one under any name.
    pub(crate) fn new(name: &str, value: &str) -> Self {
        let is_secret = SECRETS.contains(&name) || name == "token" || decoded(value).is_some();
        let value = if is_secret { Shown::secret(value) } else { Shown::text(value) };
        Self { name: cut(name), value }
    }

    /// Returns the member of a JSON object.
    pub(crate) fn member(name: &str, value: &Value) -> Self {
        match value {
            Value::String(text) => Self::new(name, text),
            other => Self::new(name, &other.to_string()),
        }
    }

    /// Returns the fields of parameters, the first 60 of them.
    pub(crate) fn all(pairs: &[(String, String)]) -> Vec<Self> {
        pairs.iter().take(MOST_MEMBERS).map(|(name, value)| Self::new(name, value)).collect()
    }
}

/// Returns the beginning of a text that is too long, with a mark at its end.
pub(crate) fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{} …", &text[..end]),
        None => text.to_owned(),
    }
}

/// Returns the header and the claims of a JWT, signed or not; none for any other text.
fn decoded(token: &str) -> Option<(Map<String, Value>, Map<String, Value>)> {
    let mut parts = token.split('.');
    let (header, claims) = (object(parts.next()?)?, object(parts.next()?)?);
    parts.next()?;
    parts.next().is_none().then(|| (shortened(header), shortened(claims)))
}

/// Returns the claims of a JWT as they are, whether or not its signature is right.
pub(crate) fn unverified_claims(token: &str) -> Option<Map<String, Value>> {
    object(token.split('.').nth(1)?)
}

fn object(part: &str) -> Option<Map<String, Value>> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

fn shortened(members: Map<String, Value>) -> Map<String, Value> {
    members.into_iter().take(MOST_MEMBERS).map(|(name, value)| (cut(&name), short(value))).collect()
}

/// Returns a value as it is, or the beginning of its text if it is long.
fn short(value: Value) -> Value {
    match value {
        Value::String(text) => cut(&text).into(),
        other => {
            let text = other.to_string();
            if text.len() > LONGEST_CLAIM { cut(&text).into() } else { other }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn jwt(claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        format!("{}.{}.c2lnbmF0dXJl", part(&json!({"alg": "RS256"})), part(claims))
    }

    #[test]
    fn a_secret_is_kept_as_its_digest_alone() {
        for name in ["code", "code_verifier", "client_secret", "refresh_token", "token", "state"] {
            let field = Field::new(name, "sesame");
            assert_eq!(field.value, Shown::Digest(Digest::of("sesame").short()), "{name}");
        }
        assert_eq!(Field::new("scope", "openid").value, Shown::Text("openid".to_owned()));
    }

    #[test]
    fn a_jwt_under_any_name_is_kept_without_its_signature() {
        let token = jwt(&json!({"sub": "kp_1", "long": "x".repeat(1_000)}));
        let kept = serde_json::to_string(&Field::new("whatever", &token)).unwrap();
        assert!(kept.contains("RS256") && kept.contains("kp_1"), "{kept}");
        assert!(!kept.contains("c2lnbmF0dXJl") && kept.len() < 700, "{kept}");
    }
}
