//! `TokenSet`: the tokens of one sign-in, and the token endpoint's answer they come from.
//! It verifies no claim; see `claims`.
//!
//! RFC 6749 §5.1, OIDC Core §3.1.3.3. Kinde's answers spell `token_type` and `expires_in` in more than one way.

use std::time::Duration;

use oauth2::basic::BasicTokenType;
use oauth2::{AccessToken, RefreshToken, Scope, TokenResponse};
use secrecy::{ExposeSecret, SecretString};
use serde::de::{Deserializer, Error as _};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;
use time::OffsetDateTime;

use super::claims::ClaimsError;

/// How long an access token is taken to live when the answer does not say, in seconds: Kinde's default.
const DEFAULT_LIFETIME_SECONDS: u64 = 86_400;

/// What the person's sign-in is worth at the issuer. Kept apart from the session record, so that reading a page never
/// loads it. `Debug` prints no token.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TokenSet {
    /// For calls to other services on the person's behalf.
    #[serde(serialize_with = "exposed")]
    pub access_token: SecretString,
    /// For a new access token; only with scope `offline`.
    #[serde(serialize_with = "optionally_exposed")]
    pub refresh_token: Option<SecretString>,
    /// When the access token ends.
    #[serde(with = "time::serde::timestamp")]
    pub expires_at: OffsetDateTime,
}

impl TokenSet {
    pub(crate) fn access_token_text(&self) -> &str {
        self.access_token.expose_secret()
    }
}

fn exposed<S: Serializer>(secret: &SecretString, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose_secret())
}

fn optionally_exposed<S: Serializer>(secret: &Option<SecretString>, serializer: S) -> Result<S::Ok, S::Error> {
    secret.as_ref().map(ExposeSecret::expose_secret).serialize(serializer)
}

/// The token endpoint's answer. `Debug` prints nothing of it.
#[derive(Serialize, Deserialize)]
pub(crate) struct TokenAnswer {
    #[serde(default = "no_access_token")]
    access_token: AccessToken,
    #[serde(default = "unstated_token_type")]
    token_type: BasicTokenType,
    #[serde(default, deserialize_with = "seconds")]
    expires_in: Option<u64>,
    refresh_token: Option<RefreshToken>,
    #[serde(skip)]
    scopes: Option<Vec<Scope>>,
    id_token: Option<String>,
}

impl std::fmt::Debug for TokenAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenAnswer").finish_non_exhaustive()
    }
}

/// Absent is told apart later: it fails verification, while an answer that is no JSON is the issuer's fault.
fn no_access_token() -> AccessToken {
    AccessToken::new(String::new())
}

fn unstated_token_type() -> BasicTokenType {
    BasicTokenType::Extension("unstated".to_owned())
}

/// A number, a number in quotes, or whatever else counts as unstated.
fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    let stated = Option::<Value>::deserialize(deserializer).map_err(D::Error::custom)?;
    Ok(stated.and_then(|value| value.as_u64().or_else(|| value.as_str()?.trim().parse().ok())))
}

impl TokenResponse for TokenAnswer {
    type TokenType = BasicTokenType;

    fn access_token(&self) -> &AccessToken {
        &self.access_token
    }

    fn token_type(&self) -> &BasicTokenType {
        &self.token_type
    }

    fn expires_in(&self) -> Option<Duration> {
        self.expires_in.map(Duration::from_secs)
    }

    fn refresh_token(&self) -> Option<&RefreshToken> {
        self.refresh_token.as_ref()
    }

    fn scopes(&self) -> Option<&Vec<Scope>> {
        self.scopes.as_ref()
    }
}

impl TokenAnswer {
    /// Splits the answer into the ID token, still unverified, and the tokens to keep.
    ///
    /// # Errors
    /// [`ClaimsError`] (400) when a token is missing or of a type we cannot use.
    pub(crate) fn into_tokens(self, now: OffsetDateTime) -> Result<(String, TokenSet), ClaimsError> {
        if self.access_token.secret().is_empty() {
            return Err(ClaimsError::MissingAccessToken);
        }
        if !self.token_type.as_ref().eq_ignore_ascii_case("bearer") {
            return Err(ClaimsError::WrongTokenType);
        }
        let id_token = self.id_token.filter(|token| !token.is_empty()).ok_or(ClaimsError::Missing)?;
        let lifetime = self.expires_in.unwrap_or(DEFAULT_LIFETIME_SECONDS);
        let tokens = TokenSet {
            access_token: self.access_token.into_secret().into(),
            refresh_token: self.refresh_token.map(|token| token.into_secret().into()),
            expires_at: now.saturating_add(time::Duration::seconds(i64::try_from(lifetime).unwrap_or(i64::MAX))),
        };
        Ok((id_token, tokens))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn tokens_from(answer: Value) -> Result<(String, TokenSet), ClaimsError> {
        let answer: TokenAnswer = serde_json::from_value(answer).unwrap();
        answer.into_tokens(OffsetDateTime::UNIX_EPOCH)
    }

    #[test]
    fn every_spelling_of_the_lifetime_is_understood() {
        for (spelling, expected) in
            [(json!(60), 60), (json!("60"), 60), (json!(0), 0), (json!(null), 86_400), (json!({}), 86_400)]
        {
            let (_, tokens) = tokens_from(
                json!({"access_token": "a", "token_type": "bearer", "id_token": "i", "expires_in": spelling}),
            )
            .unwrap();
            assert_eq!(tokens.expires_at.unix_timestamp(), expected);
        }
    }

    #[test]
    fn bearer_is_the_only_type_and_its_case_does_not_matter() {
        for (spelling, fits) in [("bearer", true), ("Bearer", true), ("BEARER", true), ("mac", false)] {
            let outcome = tokens_from(json!({"access_token": "a", "token_type": spelling, "id_token": "i"}));
            assert_eq!(outcome.is_ok(), fits, "{spelling}");
        }
        assert_eq!(
            tokens_from(json!({"access_token": "a", "id_token": "i"})).unwrap_err(),
            ClaimsError::WrongTokenType
        );
    }

    #[test]
    fn missing_tokens_are_told_apart() {
        let outcome = tokens_from(json!({"token_type": "bearer", "id_token": "i"}));
        assert_eq!(outcome.unwrap_err(), ClaimsError::MissingAccessToken);
        let outcome = tokens_from(json!({"access_token": "a", "token_type": "bearer", "id_token": ""}));
        assert_eq!(outcome.unwrap_err(), ClaimsError::Missing);
    }

    #[test]
    fn debug_output_holds_no_token() {
        let (_, tokens) = tokens_from(
            json!({"access_token": "sesame", "refresh_token": "sesame", "token_type": "bearer", "id_token": "i"}),
        )
        .unwrap();
        assert!(!format!("{tokens:?}").contains("sesame"));
    }
}
