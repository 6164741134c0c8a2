//! The caller's account: who they are, where they stand, and where they are signed in. `auth::Account` has the same as
//! typed values, and says where each comes from.

use std::collections::BTreeMap;

use leptos::prelude::*;
use leptos::server_fn::codec::{FromReq, IntoReq, Json};
use leptos::server_fn::request::{ClientReq, Req};
use serde::{Deserialize, Serialize};

use super::error::ApiError;
use super::query::Query;

/// What is known of the caller. Lists that are not known are null.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Account {
    /// The user's name, or the client id of a program that asks for no user; never empty.
    #[cfg_attr(feature = "ssr", schema(min_length = 1))]
    pub name: String,
    /// The user's e-mail address.
    #[cfg_attr(feature = "ssr", schema(required = true))]
    pub email: Option<String>,
    /// An https URL of the user's picture.
    #[cfg_attr(feature = "ssr", schema(required = true))]
    pub picture: Option<String>,
    /// The organization signed in to.
    #[cfg_attr(feature = "ssr", schema(required = true))]
    pub organization: Option<Organization>,
    /// The organizations that the caller's tokens name.
    pub organizations: Vec<Organization>,
    /// The keys of the permissions in that organization, in alphabetical order.
    #[cfg_attr(feature = "ssr", schema(required = true))]
    pub permissions: Option<Vec<String>>,
    /// The roles in that organization.
    #[cfg_attr(feature = "ssr", schema(required = true))]
    pub roles: Option<Vec<Role>>,
    /// The feature flags by code.
    #[cfg_attr(feature = "ssr", schema(required = true))]
    pub feature_flags: Option<BTreeMap<String, FeatureFlag>>,
    /// The user's sessions: first the one that asks, then the newest first. Null for an access token.
    #[cfg_attr(feature = "ssr", schema(required = true))]
    pub sessions: Option<Vec<Session>>,
}

/// `{"code": "org_0123456789ab", "name": "Analytical Engines"}`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Organization {
    /// Its code.
    #[cfg_attr(feature = "ssr", schema(min_length = 1))]
    pub code: String,
    /// Its name, where a token has one.
    #[cfg_attr(feature = "ssr", schema(required = true))]
    pub name: Option<String>,
}

/// `{"key": "admin", "name": "Admin"}`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Role {
    /// Its key, by which rules name it.
    pub key: String,
    /// Its name, where the issuer says one.
    #[cfg_attr(feature = "ssr", schema(required = true))]
    pub name: Option<String>,
}

/// `{"type": "string", "value": "pink"}`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct FeatureFlag {
    /// `boolean`, `string`, `integer`, `json`, or `other` for a type that is not known here.
    #[cfg_attr(feature = "ssr", schema(pattern = "^(boolean|string|integer|json|other)$"))]
    #[serde(rename = "type")]
    pub kind: String,
    /// The value, of that type.
    pub value: serde_json::Value,
}

/// A session of the user. Its times are in UTC, as RFC 3339 writes them: `2026-11-29T22:35:08Z`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Session {
    /// Names the session for `POST /api/auth/sessions/end`, and opens nothing.
    #[cfg_attr(feature = "ssr", schema(pattern = "^[A-Za-z0-9_-]{22}$"))]
    pub id: String,
    /// The browser and the system that signed in, by family, where they are known.
    #[cfg_attr(feature = "ssr", schema(required = true, max_length = 60, example = "Firefox on Linux"))]
    pub device: Option<String>,
    /// When the user signed in.
    #[cfg_attr(feature = "ssr", schema(format = "date-time"))]
    pub started_at: String,
    /// When it was used last, to within five minutes; null when its lifetime is about to end it.
    #[cfg_attr(feature = "ssr", schema(required = true, format = "date-time"))]
    pub last_seen: Option<String>,
    /// Whether it is the session that asks.
    pub current: bool,
}

/// Read the account
///
/// The same data as the page `/account`, always as JSON.
#[cfg_attr(feature = "ssr", utoipa::path(
    get, path = <ReadAccount as leptos::server_fn::ServerFn>::PATH, tag = "server functions",
    security(("session" = []), ("bearer" = [])),
    responses(
        (status = 200, body = Account, description = "The account"),
        (
            status = 401, body = ApiError, description = "No session and no usable access token",
            example = json!({"detail": "Not authenticated"}),
        ),
        (status = 503, body = ApiError, description = "The session store cannot be reached"),
    ),
))]
#[server(name = ReadAccount, prefix = "/api", endpoint = "account", input = Query, output = Json)]
pub async fn read_account() -> Result<Account, ApiError> {
    let caller = use_context::<crate::auth::Caller>().ok_or_else(ApiError::not_authenticated)?;
    Ok(caller.account().await?.into())
}

impl<Request: Req<ApiError> + Send + 'static> FromReq<Query, Request, ApiError> for ReadAccount {
    async fn from_req(_: Request) -> Result<Self, ApiError> {
        Ok(Self {})
    }
}

impl<Request: ClientReq<ApiError>> IntoReq<Query, Request, ApiError> for ReadAccount {
    fn into_req(self, path: &str, accepts: &str) -> Result<Request, ApiError> {
        Query::request(path, accepts, "")
    }
}
