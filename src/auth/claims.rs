//! The claims of a user's tokens as typed values. Tokens are verified in `oidc`, and their claims stored by `session`,
//! as they were signed.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use time::OffsetDateTime;

/// Claims by name, as a token contains them.
pub(super) type ClaimMap = Map<String, Value>;

/// The claims of a session's tokens.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Claims {
    /// Those of the access token. `None` when it is opaque, or failed verification.
    pub access_token: Option<AccessTokenClaims>,
    /// Those of the ID token.
    pub id_token: IdTokenClaims,
}

/// The claims of an access token. One that the token lacks, or that has an unexpected type, is `None`; an empty list is
/// not. Of a claim that Kinde also issues as `x-hasura-…`, the plain name counts first.
///
/// Kinde documentation, "About access tokens", "Token customization"; RFC 9068. `Debug` prints no claims.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct AccessTokenClaims {
    /// The issuer.
    pub iss: String,
    /// The subject: the issuer's identifier of the user.
    pub sub: String,
    /// When the token ends.
    pub exp: OffsetDateTime,
    /// The audiences that the token is for.
    pub aud: Option<Vec<String>>,
    /// The client that the token was issued to.
    pub azp: Option<String>,
    /// When the token was issued.
    pub iat: Option<OffsetDateTime>,
    /// The token's identifier.
    pub jti: Option<String>,
    /// The granted scopes: `scp`, or `scope`, whose words are separated by spaces.
    pub scope: Option<Vec<String>>,
    /// The code of the organization that the user signed in to, such as `org_0123456789ab`.
    pub org_code: Option<String>,
    /// The name of that organization.
    pub org_name: Option<String>,
    /// The keys of the user's permissions in that organization.
    pub permissions: Option<Vec<String>>,
    /// The user's roles in that organization.
    pub roles: Option<Vec<Role>>,
    /// The feature flags by key.
    pub feature_flags: Option<BTreeMap<String, Flag>>,
    /// E-mail address.
    pub email: Option<String>,
    /// Your own id of the organization: `external_organization_id` or `external_org_id`.
    pub external_org_id: Option<String>,
    /// Properties of the user by key.
    pub user_properties: Option<BTreeMap<String, Value>>,
    /// Properties of the organization by key.
    pub organization_properties: Option<BTreeMap<String, Value>>,
    /// Properties of the application by key.
    pub application_properties: Option<BTreeMap<String, Value>>,
    /// Whether the session outlives the browser's (`ksp.persistent`); Kinde means `true` where it is absent.
    pub persistent: Option<bool>,
    /// Whether the user's plan has a trial period.
    pub has_trial_period: Option<bool>,
    /// When the trial ends, as the issuer writes it.
    pub trial_expires_on: Option<String>,
    /// All other claims.
    pub extra: BTreeMap<String, Value>,
}

/// The claims of an ID token, by the rules of [`AccessTokenClaims`].
///
/// OIDC Core §2 and §5.1; Kinde documentation, "About ID tokens". `Debug` prints no claims.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct IdTokenClaims {
    /// The issuer.
    pub iss: String,
    /// The subject: the issuer's identifier of the user.
    pub sub: String,
    /// When the token ends. The session does not end with it.
    pub exp: OffsetDateTime,
    /// The clients that the token is for.
    pub aud: Option<Vec<String>>,
    /// The client that the token was issued to.
    pub azp: Option<String>,
    /// When the token was issued.
    pub iat: Option<OffsetDateTime>,
    /// When the user last proved at the issuer who they are.
    pub auth_time: Option<OffsetDateTime>,
    /// The whole name in one.
    pub name: Option<String>,
    /// First name.
    pub given_name: Option<String>,
    /// Last name.
    pub family_name: Option<String>,
    /// A name that the user chose.
    pub preferred_username: Option<String>,
    /// The URL of a picture.
    pub picture: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Whether the issuer knows that the address is the user's.
    pub email_verified: Option<bool>,
    /// Phone number.
    pub phone_number: Option<String>,
    /// The codes of the user's organizations.
    pub org_codes: Option<Vec<String>>,
    /// The user's organizations.
    pub organizations: Option<Vec<Organization>>,
    /// The provider that the user signed in with at the issuer, with what it said about the user.
    pub ext_provider: Option<Value>,
    /// Properties of the user by key.
    pub user_properties: Option<BTreeMap<String, Value>>,
    /// Properties of the organization by key.
    pub organization_properties: Option<BTreeMap<String, Value>>,
    /// All other claims.
    pub extra: BTreeMap<String, Value>,
}

/// A role of a user in an organization.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Role {
    /// The issuer's id of the role.
    pub id: Option<String>,
    /// The key, by which rules name the role.
    pub key: String,
    /// The name that users see. It may change.
    pub name: Option<String>,
}

/// A feature flag of Kinde.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Flag {
    /// The type that the issuer states.
    pub kind: FlagKind,
    /// The value.
    pub value: Value,
}

/// The type of a feature flag: the member `t`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum FlagKind {
    /// `b`
    Bool,
    /// `s`
    String,
    /// `i`
    Integer,
    /// `j`
    Json,
    /// A type that is not known here.
    Other,
}

/// An organization of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Organization {
    /// Its code, such as `org_0123456789ab`.
    pub id: String,
    /// Its name.
    pub name: Option<String>,
}

impl AccessTokenClaims {
    /// Reads verified claims. `None` when one of `iss`, `sub` and `exp` is missing.
    pub(super) fn from_map(claims: ClaimMap) -> Option<Self> {
        let mut claims = Reader(claims);
        Some(Self {
            iss: claims.text("iss")?,
            sub: claims.text("sub")?,
            exp: claims.time("exp")?,
            aud: claims.one_or_many("aud"),
            azp: claims.text("azp"),
            iat: claims.time("iat"),
            jti: claims.text("jti"),
            scope: claims.words("scp").or_else(|| claims.words("scope")),
            org_code: claims.text("org_code"),
            org_name: claims.text("org_name"),
            permissions: claims.texts("permissions"),
            roles: claims.roles(),
            feature_flags: claims.flags(),
            email: claims.text("email"),
            external_org_id: claims.text("external_organization_id").or_else(|| claims.text("external_org_id")),
            user_properties: claims.properties("user_properties"),
            organization_properties: claims.properties("organization_properties"),
            application_properties: claims.properties("application_properties"),
            persistent: claims.persistent(),
            has_trial_period: claims.bool("has_trial_period"),
            trial_expires_on: claims.text("trial_expires_on"),
            extra: claims.rest(),
        })
    }
}

impl IdTokenClaims {
    /// Reads verified claims. `None` when one of `iss`, `sub` and `exp` is missing.
    pub(super) fn from_map(claims: ClaimMap) -> Option<Self> {
        let mut claims = Reader(claims);
        Some(Self {
            iss: claims.text("iss")?,
            sub: claims.text("sub")?,
            exp: claims.time("exp")?,
            aud: claims.one_or_many("aud"),
            azp: claims.text("azp"),
            iat: claims.time("iat"),
            auth_time: claims.time("auth_time"),
            name: claims.text("name"),
            given_name: claims.text("given_name"),
            family_name: claims.text("family_name"),
            preferred_username: claims.text("preferred_username"),
            picture: claims.text("picture"),
            email: claims.text("email"),
            email_verified: claims.bool("email_verified"),
            phone_number: claims.text("phone_number"),
            org_codes: claims.texts("org_codes"),
            organizations: claims.organizations(),
            ext_provider: claims.take("ext_provider", |value| value.is_object().then_some(value)),
            user_properties: claims.properties("user_properties"),
            organization_properties: claims.properties("organization_properties"),
            extra: claims.rest(),
        })
    }
}

impl fmt::Debug for AccessTokenClaims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessTokenClaims").finish_non_exhaustive()
    }
}

impl fmt::Debug for IdTokenClaims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdTokenClaims").finish_non_exhaustive()
    }
}

/// `persistent` in the claim `ksp`, Kinde's settings of the session.
pub(super) fn is_persistent(access_token: &ClaimMap) -> bool {
    access_token.get("ksp").and_then(|ksp| ksp.get("persistent")) != Some(&Value::Bool(false))
}

/// Takes claims out one by one.
struct Reader(ClaimMap);

impl Reader {
    /// Takes the claim of this name, or the one that Hasura's mapping renamed, if `read` understands it. A claim that it
    /// does not understand is dropped.
    fn take<T>(&mut self, name: &str, read: impl Fn(Value) -> Option<T>) -> Option<T> {
        let plain = self.0.remove(name).and_then(&read);
        // Kinde writes some of these names with hyphens and some with underscores.
        let renamed = [format!("x-hasura-{name}"), format!("x-hasura-{}", name.replace('_', "-"))];
        renamed.iter().fold(plain, |taken, name| {
            let other = self.0.remove(name);
            taken.or_else(|| other.and_then(&read))
        })
    }

    fn text(&mut self, name: &str) -> Option<String> {
        self.take(name, text)
    }

    fn bool(&mut self, name: &str) -> Option<bool> {
        self.take(name, |value| value.as_bool())
    }

    fn texts(&mut self, name: &str) -> Option<Vec<String>> {
        self.take(name, |value| all(value, text))
    }

    /// One text, or a list of them (RFC 7519 §4.1.3).
    fn one_or_many(&mut self, name: &str) -> Option<Vec<String>> {
        self.take(name, |value| match value {
            Value::String(one) => Some(vec![one]),
            many => all(many, text),
        })
    }

    /// A list of texts, or one text of words.
    fn words(&mut self, name: &str) -> Option<Vec<String>> {
        self.take(name, |value| match value {
            Value::String(words) => Some(words.split_whitespace().map(str::to_owned).collect()),
            many => all(many, text),
        })
    }

    /// Seconds since 1970, a fraction allowed (RFC 7519 §2).
    #[expect(clippy::cast_possible_truncation, reason = "float-to-int casts saturate, and whole seconds are wanted")]
    fn time(&mut self, name: &str) -> Option<OffsetDateTime> {
        self.take(name, |value| {
            let seconds = value.as_i64().or_else(|| value.as_f64().map(|seconds| seconds as i64))?;
            OffsetDateTime::from_unix_timestamp(seconds).ok()
        })
    }

    fn roles(&mut self) -> Option<Vec<Role>> {
        self.take("roles", |value| {
            all(value, |role| {
                let mut role = members(role)?;
                let mut take = |name: &str| role.remove(name).and_then(text);
                Some(Role { id: take("id"), key: take("key")?, name: take("name") })
            })
        })
    }

    fn organizations(&mut self) -> Option<Vec<Organization>> {
        self.take("organizations", |value| {
            all(value, |organization| {
                let mut organization = members(organization)?;
                let mut take = |name: &str| organization.remove(name).and_then(text);
                Some(Organization { id: take("id")?, name: take("name") })
            })
        })
    }

    fn flags(&mut self) -> Option<BTreeMap<String, Flag>> {
        self.take("feature_flags", |value| {
            let flag = |(key, flag): (String, Value)| {
                let mut flag = members(flag)?;
                let kind = flag_kind(flag.get("t")?);
                Some((key, Flag { kind, value: flag.remove("v")? }))
            };
            members(value)?.into_iter().map(flag).collect()
        })
    }

    /// `{"key":{"v":value}}` as key and value.
    fn properties(&mut self, name: &str) -> Option<BTreeMap<String, Value>> {
        self.take(name, |value| {
            let property = |(key, property): (String, Value)| Some((key, members(property)?.remove("v")?));
            members(value)?.into_iter().map(property).collect()
        })
    }

    fn persistent(&mut self) -> Option<bool> {
        self.take("ksp", |value| members(value)?.get("persistent")?.as_bool())
    }

    fn rest(self) -> BTreeMap<String, Value> {
        self.0.into_iter().collect()
    }
}

fn text(value: Value) -> Option<String> {
    if let Value::String(text) = value { Some(text) } else { None }
}

fn members(value: Value) -> Option<ClaimMap> {
    if let Value::Object(members) = value { Some(members) } else { None }
}

/// The members of a list, if `read` understands all of them.
fn all<T>(value: Value, read: impl Fn(Value) -> Option<T>) -> Option<Vec<T>> {
    if let Value::Array(members) = value { members.into_iter().map(read).collect() } else { None }
}

fn flag_kind(kind: &Value) -> FlagKind {
    match kind.as_str() {
        Some("b") => FlagKind::Bool,
        Some("s") => FlagKind::String,
        Some("i") => FlagKind::Integer,
        Some("j") => FlagKind::Json,
        _ => FlagKind::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn access_token(claims: Value) -> AccessTokenClaims {
        let mut all = members(json!({"iss": "https://issuer.example", "sub": "kp_1", "exp": 7})).unwrap();
        all.extend(members(claims).unwrap());
        AccessTokenClaims::from_map(all).unwrap()
    }

    fn id_token(claims: Value) -> IdTokenClaims {
        let mut all = members(json!({"iss": "https://issuer.example", "sub": "kp_1", "exp": 7})).unwrap();
        all.extend(members(claims).unwrap());
        IdTokenClaims::from_map(all).unwrap()
    }

    fn texts(texts: &[&str]) -> Option<Vec<String>> {
        Some(texts.iter().map(|text| (*text).to_owned()).collect())
    }

    #[test]
    fn kindes_claims_become_typed_values() {
        let claims = access_token(json!({
            "aud": [], "scp": ["openid", "offline"], "org_code": "org_1", "permissions": ["read:items"],
            "roles": [{"id": "1", "key": "admin", "name": "Admin"}],
            "feature_flags": {"theme": {"t": "s", "v": "pink"}, "new": {"t": "x", "v": null}},
            "user_properties": {"city": {"v": "London"}}, "ksp": {"persistent": false}, "department": 7,
        }));
        assert_eq!(claims.exp.unix_timestamp(), 7);
        assert_eq!((claims.aud, claims.scope), (texts(&[]), texts(&["openid", "offline"])));
        assert_eq!((claims.org_code.as_deref(), claims.permissions), (Some("org_1"), texts(&["read:items"])));
        assert_eq!(claims.roles.unwrap()[0].key, "admin");
        let flags = claims.feature_flags.unwrap();
        assert_eq!((flags["theme"].kind, &flags["theme"].value), (FlagKind::String, &json!("pink")));
        assert_eq!(flags["new"].kind, FlagKind::Other);
        assert_eq!(claims.user_properties.unwrap()["city"], "London");
        assert_eq!(claims.persistent, Some(false));
        assert_eq!(claims.extra, BTreeMap::from([("department".to_owned(), json!(7))]));
    }

    #[test]
    fn the_claims_of_an_id_token_become_typed_values() {
        let claims = id_token(json!({
            "aud": ["client"], "azp": "client", "iat": 5, "auth_time": 4.5, "name": "Ada Lovelace", "email": "ada@example.com",
            "email_verified": true, "org_codes": ["org_1"], "organizations": [{"id": "org_1", "name": "Engines"}],
            "ext_provider": {"connection_id": "conn_1"}, "organization_properties": {"plan": {"v": "pro"}}, "amr": ["pwd"],
        }));
        assert_eq!((claims.aud, claims.azp.as_deref()), (texts(&["client"]), Some("client")));
        assert_eq!(claims.iat.map(OffsetDateTime::unix_timestamp), Some(5));
        assert_eq!(claims.auth_time.map(|time| time.unix_timestamp_nanos()), Some(4_000_000_000));
        assert_eq!((claims.name.as_deref(), claims.email.as_deref()), (Some("Ada Lovelace"), Some("ada@example.com")));
        assert_eq!((claims.email_verified, claims.org_codes), (Some(true), texts(&["org_1"])));
        let organizations = claims.organizations.unwrap();
        assert_eq!((organizations[0].id.as_str(), organizations[0].name.as_deref()), ("org_1", Some("Engines")));
        assert_eq!(claims.ext_provider, Some(json!({"connection_id": "conn_1"})));
        assert_eq!(claims.organization_properties.unwrap()["plan"], "pro");
        assert_eq!(claims.extra, BTreeMap::from([("amr".to_owned(), json!(["pwd"]))]));
        assert_eq!(id_token(json!({"email_verified": false})).email_verified, Some(false));
        assert_eq!(id_token(json!({"email_verified": "yes"})).email_verified, None);
    }

    #[test]
    fn each_kind_of_flag_is_told_by_its_letter() {
        let kinds = [("b", FlagKind::Bool), ("s", FlagKind::String), ("i", FlagKind::Integer), ("j", FlagKind::Json)];
        for (letter, kind) in kinds {
            let flags = access_token(json!({"feature_flags": {"key": {"t": letter, "v": 1}}})).feature_flags.unwrap();
            assert_eq!(flags["key"].kind, kind, "{letter}");
        }
    }

    #[test]
    fn claims_print_nothing_of_what_they_hold() {
        let (access_token, id_token) = (access_token(json!({"org_code": "org_1"})), id_token(json!({"name": "Ada"})));
        assert_eq!(format!("{access_token:?} {id_token:?}"), "AccessTokenClaims { .. } IdTokenClaims { .. }");
    }

    #[test]
    fn a_claim_of_an_unexpected_type_counts_as_absent() {
        let claims = access_token(json!({
            "aud": {}, "scp": 7, "org_code": ["org_1"], "permissions": ["read:items", 7], "roles": ["admin"],
            "feature_flags": {"theme": "pink"}, "user_properties": {"city": "London"}, "ksp": true, "iat": "now",
        }));
        assert_eq!(claims, access_token(json!({})));
    }

    #[test]
    fn absent_and_empty_differ() {
        assert_eq!(access_token(json!({})).permissions, None);
        assert_eq!(access_token(json!({"permissions": []})).permissions, texts(&[]));
    }

    #[test]
    fn plain_names_count_before_those_of_hasuras_mapping() {
        let claims = access_token(json!({
            "x-hasura-org-code": "org_2", "x-hasura-permissions": ["b"], "permissions": ["a"],
            "x-hasura-user_properties": {"city": {"v": "Paris"}},
        }));
        assert_eq!((claims.org_code.as_deref(), claims.permissions), (Some("org_2"), texts(&["a"])));
        assert_eq!(claims.user_properties.unwrap()["city"], "Paris");
        assert_eq!(claims.extra, BTreeMap::new());
    }

    #[test]
    fn scopes_and_audiences_have_two_spellings_each() {
        let claims = access_token(json!({"scope": "openid  email", "aud": "api"}));
        assert_eq!((claims.scope, claims.aud), (texts(&["openid", "email"]), texts(&["api"])));
    }

    #[test]
    fn a_session_persists_unless_kinde_says_otherwise() {
        for (ksp, persists) in
            [(json!({}), true), (json!({"persistent": true}), true), (json!({"persistent": false}), false)]
        {
            assert_eq!(is_persistent(&members(json!({"ksp": ksp})).unwrap()), persists);
        }
        assert!(is_persistent(&ClaimMap::new()));
    }
}
