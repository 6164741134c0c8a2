//! Kinde's webhooks: verifies the JWT that is the body of a delivery, and says what an event changes here. The events
//! as typed values are in `event`; what they change is carried out in `client::webhooks`.
//!
//! Kinde documentation, "About webhooks". Its JWTs have neither `aud` nor `exp`, and the published ones no `iss`.

mod event;

use jsonwebtoken::jwk::Jwk;
use serde::Deserialize;
use serde_json::Value;
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

use super::jwt::{JwtError, same_issuer, typed, unverified_claims, verify_signature};
use crate::auth::claims::ClaimMap;
pub use event::{
    WebhookAccessRequest, WebhookEvent, WebhookKind, WebhookMembership, WebhookOrganization, WebhookPermission,
    WebhookRole, WebhookSource, WebhookSubscriber, WebhookUser,
};

/// The age from which on an event is refused. Kinde repeats a delivery for 72 hours.
pub(in crate::auth) const MAX_AGE: Duration = Duration::hours(73);
/// How far an event's time may lie ahead.
const MAX_AHEAD: Duration = Duration::minutes(5);
/// The most of an event's id, in bytes.
const MAX_ID_BYTES: usize = 255;

/// Why an event was not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WebhookError {
    /// The JWT as such is not acceptable, or a member of the event is missing or has the wrong type.
    #[error(transparent)]
    Jwt(#[from] JwtError),
    /// `iss` is there and is not the issuer.
    #[error("iss is not the issuer")]
    WrongIssuer,
    /// `event_id` is empty or longer than 255 bytes.
    #[error("event_id is empty or too long")]
    BadId,
    /// `timestamp` is no time as RFC 3339 writes it.
    #[error("timestamp is no RFC 3339 time")]
    BadTimestamp,
    /// `timestamp` is more than 73 hours ago.
    #[error("it is from {0} s ago")]
    TooOld(i64),
    /// `timestamp` lies more than five minutes ahead.
    #[error("it is from {0} s ahead: check this machine's clock")]
    Ahead(i64),
}

/// What an event changes here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::auth) enum Effect {
    /// The user with this subject may not use the application any more.
    EndsAccess(String),
    /// The rights or the profile of the user with this subject changed.
    ChangesUser(String),
    /// The rights of anybody may have changed.
    ChangesEverybody,
    /// It should change a user, and names none. The text is the event's type.
    NamesNobody(String),
    /// Nothing. The text is the event's type.
    Nothing(String),
}

/// The values that an event must match.
#[derive(Debug, Clone, Copy)]
pub(in crate::auth) struct ExpectedEvent<'a> {
    /// With or without a slash at its end.
    pub(in crate::auth) issuer: &'a str,
    pub(in crate::auth) now: OffsetDateTime,
}

#[derive(Deserialize)]
struct Payload {
    iss: Option<String>,
    event_id: String,
    r#type: String,
    timestamp: String,
    #[serde(default)]
    source: Value,
    #[serde(default)]
    data: Value,
}

/// Checks an event before its signature, so that one that would be refused anyway causes no request for keys.
///
/// # Errors
/// [`WebhookError`]
pub(in crate::auth) fn precheck(token: &str, expected: ExpectedEvent<'_>) -> Result<(), WebhookError> {
    read(&unverified_claims(token)?, expected).map(drop)
}

/// Verifies an event with the key that its header names, and returns it with what it changes here.
///
/// # Errors
/// [`WebhookError`]
pub(in crate::auth) fn verify(
    token: &str,
    key: &Jwk,
    expected: ExpectedEvent<'_>,
) -> Result<(WebhookEvent, Effect), WebhookError> {
    read(&verify_signature(token, key)?, expected)
}

fn read(claims: &ClaimMap, expected: ExpectedEvent<'_>) -> Result<(WebhookEvent, Effect), WebhookError> {
    let payload: Payload = typed(claims)?;
    if payload.iss.is_some_and(|issuer| !same_issuer(&issuer, expected.issuer)) {
        return Err(WebhookError::WrongIssuer);
    }
    if payload.event_id.is_empty() || payload.event_id.len() > MAX_ID_BYTES {
        return Err(WebhookError::BadId);
    }
    let at = OffsetDateTime::parse(&payload.timestamp, &Rfc3339).map_err(|_| WebhookError::BadTimestamp)?;
    check_age(at, expected.now)?;
    let effect = effect(&payload.r#type, &payload.data);
    let kind = WebhookKind::of(payload.r#type, payload.data);
    let source = WebhookSource::of(&payload.source);
    Ok((WebhookEvent { id: payload.event_id, at, source, kind }, effect))
}

fn check_age(at: OffsetDateTime, now: OffsetDateTime) -> Result<(), WebhookError> {
    let age = now - at;
    if age > MAX_AGE {
        Err(WebhookError::TooOld(age.whole_seconds()))
    } else if -age > MAX_AHEAD {
        Err(WebhookError::Ahead(-age.whole_seconds()))
    } else {
        Ok(())
    }
}

/// By the type, and of the data only by what is needed: an event counts also when the rest of its data is not as it was
/// when this was written.
fn effect(event_type: &str, data: &Value) -> Effect {
    let user = || data["user"]["id"].as_str().filter(|id| !id.is_empty()).map(str::to_owned);
    let of_user =
        |effect: fn(String) -> Effect| user().map_or_else(|| Effect::NamesNobody(event_type.to_owned()), effect);
    match event_type {
        "user.deleted" => of_user(Effect::EndsAccess),
        "user.updated" if data["user"]["is_suspended"] == true => of_user(Effect::EndsAccess),
        "user.updated" => of_user(Effect::ChangesUser),
        "organization.updated" | "organization.deleted" => Effect::ChangesEverybody,
        other if other.starts_with("role.") || other.starts_with("permission.") => Effect::ChangesEverybody,
        other => Effect::Nothing(other.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    const NOW: OffsetDateTime = OffsetDateTime::UNIX_EPOCH.saturating_add(Duration::days(20_000));

    fn read_with(name: &str, value: Value) -> Result<(WebhookEvent, Effect), WebhookError> {
        let mut payload = json!({
            "type": "user.deleted", "event_id": "event_1", "timestamp": "2024-10-04T10:00:00.519137+10:00",
            "source": "admin", "data": {"user": {"id": "kp_1"}},
        });
        payload[name] = value;
        let expected = ExpectedEvent { issuer: "https://issuer.example", now: NOW };
        read(payload.as_object().unwrap(), expected)
    }

    fn at(time: OffsetDateTime) -> Value {
        time.format(&Rfc3339).unwrap().into()
    }

    // WH-2, WH-5
    #[test]
    fn each_member_is_checked() {
        let (event, effect) = read_with("more", json!(1)).unwrap();
        assert_eq!((event.id.as_str(), effect), ("event_1", Effect::EndsAccess("kp_1".to_owned())));
        assert_eq!((event.source, NOW - event.at < Duration::days(1)), (WebhookSource::Admin, true));
        for issuer in ["https://issuer.example", "https://issuer.example/"] {
            assert!(read_with("iss", json!(issuer)).is_ok());
        }
        for issuer in ["https://evil.example", "https://issuer.example.evil", ""] {
            assert_eq!(read_with("iss", json!(issuer)).err(), Some(WebhookError::WrongIssuer), "{issuer}");
        }
        for id in [String::new(), "x".repeat(256)] {
            assert_eq!(read_with("event_id", json!(id)).err(), Some(WebhookError::BadId));
        }
        for time in ["", "yesterday", "2024-10-04", "2024-10-04T10:00:00"] {
            assert_eq!(read_with("timestamp", json!(time)).err(), Some(WebhookError::BadTimestamp), "{time}");
        }
        for name in ["event_id", "type", "timestamp"] {
            for value in [Value::Null, json!(1), json!({})] {
                let refused = read_with(name, value);
                assert!(matches!(refused, Err(WebhookError::Jwt(JwtError::Malformed(_)))), "{name}");
            }
        }
    }

    #[test]
    fn an_event_is_refused_after_73_hours_and_five_minutes_ahead() {
        assert!(read_with("timestamp", at(NOW - Duration::hours(73))).is_ok());
        let old = read_with("timestamp", at(NOW - Duration::hours(73) - Duration::SECOND));
        assert_eq!(old.err(), Some(WebhookError::TooOld(73 * 3600 + 1)));
        assert!(read_with("timestamp", at(NOW + Duration::minutes(5))).is_ok());
        let ahead = read_with("timestamp", at(NOW + Duration::minutes(5) + Duration::SECOND));
        assert_eq!(ahead.err(), Some(WebhookError::Ahead(301)));
    }

    #[test]
    fn an_effect_needs_no_more_of_the_data_than_it_uses() {
        let user = |more: Value| {
            let mut data = json!({"user": {"id": "kp_1"}});
            data["user"].as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            data
        };
        let (ends, changes) = (Effect::EndsAccess("kp_1".to_owned()), Effect::ChangesUser("kp_1".to_owned()));
        let nobody = Effect::NamesNobody("user.deleted".to_owned());
        for (event_type, data, expected) in [
            ("user.deleted", user(json!({})), ends.clone()),
            ("user.deleted", json!({}), nobody.clone()),
            ("user.deleted", json!({"user": {"id": ""}}), nobody),
            ("user.updated", user(json!({"is_suspended": true, "organizations": "other than it was"})), ends),
            ("user.updated", user(json!({"is_suspended": false})), changes.clone()),
            ("user.updated", user(json!({"is_suspended": "true"})), changes),
            ("user.created", user(json!({"is_suspended": true})), Effect::Nothing("user.created".to_owned())),
            ("user.authenticated", user(json!({})), Effect::Nothing("user.authenticated".to_owned())),
            ("role.updated", Value::Null, Effect::ChangesEverybody),
            ("role.of_the_future", json!(1), Effect::ChangesEverybody),
            ("permission.deleted", json!({}), Effect::ChangesEverybody),
            ("organization.updated", json!({}), Effect::ChangesEverybody),
            ("organization.deleted", json!({}), Effect::ChangesEverybody),
            ("organization.created", json!({}), Effect::Nothing("organization.created".to_owned())),
            ("roles", json!({}), Effect::Nothing("roles".to_owned())),
            ("", json!({}), Effect::Nothing("".to_owned())),
        ] {
            assert_eq!(effect(event_type, &data), expected, "{event_type} {data}");
        }
    }

    proptest! {
        #[test]
        fn no_token_and_no_claims_cause_a_panic(token in ".{0,60}", claims in "\\PC{0,80}", data in any_json()) {
            use base64::Engine;
            let encoded = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(&claims);
            let expected = ExpectedEvent { issuer: "https://issuer.example", now: NOW };
            for token in [token, format!("x.{encoded}.x")] {
                prop_assert!(precheck(&token, expected).is_err());
            }
            for event_type in ["user.updated", "user.deleted", "organization.updated", "role.created", "other"] {
                let mut claims = json!({"event_id": "1", "timestamp": at(NOW), "type": event_type, "data": data});
                claims["source"] = data.clone();
                prop_assert!(read(claims.as_object().unwrap(), expected).is_ok());
            }
        }
    }

    /// Any JSON of small size, often with the names that events have.
    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            ".{0,8}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            let name = prop_oneof![
                Just("user".to_owned()),
                Just("id".to_owned()),
                Just("is_suspended".to_owned()),
                Just("organizations".to_owned()),
                Just("roles".to_owned()),
                Just("role".to_owned()),
                ".{0,4}",
            ];
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map(name, inner, 0..5).prop_map(|map| json!(map)),
            ]
        })
    }
}
