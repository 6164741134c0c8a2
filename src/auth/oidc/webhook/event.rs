//! `WebhookEvent`: an event of Kinde's as a typed value. What it changes here is decided in `webhook`, by the type alone
//! where that suffices.
//!
//! Kinde's library `@kinde/webhooks`, of which the types are, and Kinde documentation, "About webhooks".

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer};
use serde_json::Value;
use time::OffsetDateTime;

/// An event at Kinde, with a verified signature. It may arrive more than once, and events arrive in no order.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct WebhookEvent {
    /// Names the event (`event_id`), at most 255 bytes: the same for every delivery of it.
    pub id: String,
    /// When it happened, by Kinde's clock (`timestamp`): at most 73 hours ago, or five minutes ahead.
    pub at: OffsetDateTime,
    /// Who caused it.
    pub source: WebhookSource,
    /// What happened.
    pub kind: WebhookKind,
}

/// Who caused an event.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum WebhookSource {
    /// Somebody in Kinde's administration (`admin`).
    Admin,
    /// A program, by Kinde's API (`api`).
    Api,
    /// The user (`user`).
    User,
    /// Another source than those known when this was written; empty where none is stated.
    Other(String),
}

/// What happened. Of the user only an id is known where only that is sent.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum WebhookKind {
    /// `user.created`
    UserCreated(WebhookUser),
    /// `user.updated`. The user may be suspended now.
    UserUpdated(WebhookUser),
    /// `user.deleted`, with the user's subject.
    UserDeleted(String),
    /// `user.authenticated`, with the user's subject.
    UserAuthenticated(String),
    /// `user.authentication_failed`, with the user's subject.
    UserAuthenticationFailed(String),
    /// `organization.created`
    OrganizationCreated(WebhookOrganization),
    /// `organization.updated`
    OrganizationUpdated(WebhookOrganization),
    /// `organization.deleted`, with the code.
    OrganizationDeleted(String),
    /// `role.created`
    RoleCreated(WebhookRole),
    /// `role.updated`
    RoleUpdated(WebhookRole),
    /// `role.deleted`, with the id.
    RoleDeleted(String),
    /// `permission.created`
    PermissionCreated(WebhookPermission),
    /// `permission.updated`
    PermissionUpdated(WebhookPermission),
    /// `permission.deleted`, with the id.
    PermissionDeleted(String),
    /// `subscriber.created`
    SubscriberCreated(WebhookSubscriber),
    /// `access_request.created`
    AccessRequestCreated(WebhookAccessRequest),
    /// An event of another type, such as those of billing, or one whose data has another form than was known when this
    /// was written.
    Unknown {
        /// The type, such as `customer.plan_changed`.
        r#type: String,
        /// The data, as it was sent.
        data: Value,
    },
}

/// A user as an event describes them. Absent texts and null are `None`, absent lists are empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct WebhookUser {
    /// The user's subject (`sub` in tokens), such as `kp_0123…`.
    pub id: String,
    /// E-mail address.
    #[serde(default)]
    pub email: Option<String>,
    /// Given name; often empty.
    #[serde(default)]
    pub first_name: Option<String>,
    /// Family name; often empty.
    #[serde(default)]
    pub last_name: Option<String>,
    /// A name that the user chose.
    #[serde(default)]
    pub username: Option<String>,
    /// Telephone number.
    #[serde(default)]
    pub phone: Option<String>,
    /// Whether the user must choose a new password.
    #[serde(default, deserialize_with = "null_as_default")]
    pub is_password_reset_requested: bool,
    /// Whether the user may not sign in.
    #[serde(default, deserialize_with = "null_as_default")]
    pub is_suspended: bool,
    /// The organizations that the user is a member of.
    #[serde(default, deserialize_with = "null_as_default")]
    pub organizations: Vec<WebhookMembership>,
}

/// A user's membership in an organization.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct WebhookMembership {
    /// The organization's code, such as `org_0123456789ab`.
    pub code: String,
    /// The keys of the user's roles there.
    #[serde(default, deserialize_with = "keys")]
    pub roles: Vec<String>,
    /// The keys of the permissions that the user has there beside those of roles.
    #[serde(default, deserialize_with = "keys")]
    pub permissions: Vec<String>,
}

/// An organization as an event describes it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct WebhookOrganization {
    /// Its code, such as `org_0123456789ab`.
    pub code: String,
    /// The name that users see.
    #[serde(default)]
    pub name: Option<String>,
    /// The name in addresses.
    #[serde(default)]
    pub handle: Option<String>,
    /// Your own id of it.
    #[serde(default)]
    pub external_id: Option<String>,
    /// Whether users may join it by themselves, where that is stated.
    #[serde(default)]
    pub is_allow_registrations: Option<bool>,
}

/// A role as an event describes it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct WebhookRole {
    /// Its id.
    pub id: String,
    /// Its key, which tokens contain.
    #[serde(default)]
    pub key: Option<String>,
    /// Its name.
    #[serde(default)]
    pub name: Option<String>,
    /// What it is for.
    #[serde(default)]
    pub description: Option<String>,
    /// Whether new members have it.
    #[serde(default, deserialize_with = "null_as_default")]
    pub is_default_role: bool,
}

/// A permission as an event describes it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct WebhookPermission {
    /// Its id.
    pub id: String,
    /// Its key, which tokens contain.
    #[serde(default)]
    pub key: Option<String>,
    /// Its name.
    #[serde(default)]
    pub name: Option<String>,
    /// What it is for.
    #[serde(default)]
    pub description: Option<String>,
}

/// Somebody who subscribed to news.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct WebhookSubscriber {
    /// The subscription's id.
    pub id: String,
    /// E-mail address.
    #[serde(default)]
    pub email: Option<String>,
    /// Given name.
    #[serde(default)]
    pub first_name: Option<String>,
    /// Family name.
    #[serde(default)]
    pub last_name: Option<String>,
    /// The user's subject, where there is a user.
    #[serde(default)]
    pub user_id: Option<String>,
}

/// Somebody who asked for access.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct WebhookAccessRequest {
    /// E-mail address.
    #[serde(default)]
    pub email: Option<String>,
    /// Given name.
    #[serde(default)]
    pub first_name: Option<String>,
    /// Family name.
    #[serde(default)]
    pub last_name: Option<String>,
    /// The user's subject, where there is a user.
    #[serde(default)]
    pub user_id: Option<String>,
}

impl WebhookSource {
    pub(super) fn of(source: &Value) -> Self {
        match source.as_str().unwrap_or_default() {
            "admin" => Self::Admin,
            "api" => Self::Api,
            "user" => Self::User,
            other => Self::Other(other.to_owned()),
        }
    }
}

impl WebhookKind {
    pub(super) fn of(event_type: String, data: Value) -> Self {
        Self::known(&event_type, &data).unwrap_or(Self::Unknown { r#type: event_type, data })
    }

    /// `None` for an unknown type, and for data of another form.
    fn known(event_type: &str, data: &Value) -> Option<Self> {
        Some(match event_type {
            "user.created" => Self::UserCreated(member(data, "user")?),
            "user.updated" => Self::UserUpdated(member(data, "user")?),
            "user.deleted" => Self::UserDeleted(text(data, "user", "id")?),
            "user.authenticated" => Self::UserAuthenticated(text(data, "user", "id")?),
            "user.authentication_failed" => Self::UserAuthenticationFailed(text(data, "user", "id")?),
            "organization.created" => Self::OrganizationCreated(member(data, "organization")?),
            "organization.updated" => Self::OrganizationUpdated(member(data, "organization")?),
            "organization.deleted" => Self::OrganizationDeleted(text(data, "organization", "code")?),
            "role.created" => Self::RoleCreated(member(data, "role")?),
            "role.updated" => Self::RoleUpdated(member(data, "role")?),
            "role.deleted" => Self::RoleDeleted(text(data, "role", "id")?),
            "permission.created" => Self::PermissionCreated(member(data, "permission")?),
            "permission.updated" => Self::PermissionUpdated(member(data, "permission")?),
            "permission.deleted" => Self::PermissionDeleted(text(data, "permission", "id")?),
            "subscriber.created" => Self::SubscriberCreated(member(data, "subscriber")?),
            "access_request.created" => Self::AccessRequestCreated(member(data, "access_request")?),
            _ => return None,
        })
    }
}

/// A member of the data. serde would also read a struct from a list of its members.
fn member<T: DeserializeOwned>(data: &Value, name: &str) -> Option<T> {
    let value = data.get(name).filter(|value| value.is_object())?;
    T::deserialize(value).ok()
}

fn text(data: &Value, member: &str, name: &str) -> Option<String> {
    data.get(member)?.get(name)?.as_str().map(str::to_owned)
}

fn null_as_default<'de, T: Default + Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// The keys of roles or permissions: Kinde's library types them as texts, its events contain objects. Null is an empty
/// list.
fn keys<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Keyed {
        Key(String),
        Object { key: String },
    }
    let keyed: Vec<Keyed> = null_as_default(deserializer)?;
    Ok(keyed
        .into_iter()
        .map(|keyed| match keyed {
            Keyed::Key(key) | Keyed::Object { key } => key,
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_user_is_read_with_all_that_kinde_sends() {
        let user = json!({
            "id": "kp_1", "email": "ada@example.com", "first_name": "Ada", "last_name": "", "username": null,
            "phone": null, "is_password_reset_requested": false, "is_suspended": true, "later": {"more": 1},
            "organizations": [
                {"code": "org_1", "roles": [{"id": "r", "key": "admin"}], "permissions": [{"id": "p", "key": "read"}]},
                {"code": "org_2", "roles": ["member"], "permissions": null},
            ],
        });
        let WebhookKind::UserUpdated(user) = WebhookKind::of("user.updated".to_owned(), json!({"user": user})) else {
            panic!("another kind");
        };
        assert_eq!((user.id.as_str(), user.last_name.as_deref(), user.is_suspended), ("kp_1", Some(""), true));
        let memberships: Vec<_> =
            user.organizations.iter().map(|one| (&*one.code, &one.roles, &one.permissions)).collect();
        let keys = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>();
        let (admin, member, read, none) = (keys(&["admin"]), keys(&["member"]), keys(&["read"]), keys(&[]));
        assert_eq!(memberships, [("org_1", &admin, &read), ("org_2", &member, &none)]);
    }

    #[test]
    fn another_type_or_form_is_unknown_and_kept_whole() {
        for (event_type, data) in [
            ("customer.plan_changed", json!({"agreement": 1})),
            ("user.updated", json!({"user": {"email": "no id"}})),
            ("user.updated", json!({"user": ["kp_1"]})),
            ("user.deleted", json!({"id": "kp_1"})),
            ("role.updated", Value::Null),
        ] {
            let kind = WebhookKind::of(event_type.to_owned(), data.clone());
            assert_eq!(kind, WebhookKind::Unknown { r#type: event_type.to_owned(), data });
        }
    }
}
