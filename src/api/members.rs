//! The organization whose members a user may see. The list itself is Kinde's: users manage it in Kinde's portal.
//! `policies` states who may see it.

use leptos::prelude::*;
use leptos::server_fn::codec::{FromReq, IntoReq, Json};
use leptos::server_fn::request::{ClientReq, Req};
use serde::{Deserialize, Serialize};

use super::error::ApiError;
use super::query::Query;

/// `{"org_code": "org_0123456789ab", "org_name": "Analytical Engines"}`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Members {
    /// The code of the organization signed in to.
    #[cfg_attr(feature = "ssr", schema(min_length = 1))]
    pub org_code: String,
    /// Its name, where the access token has one.
    #[cfg_attr(feature = "ssr", schema(required = true))]
    pub org_name: Option<String>,
}

impl Members {
    /// Those of the organization with this code and name.
    pub fn of(org_code: String, org_name: Option<String>) -> Self {
        Self { org_code, org_name }
    }
}

/// Read the organization
///
/// The same data as the page `/members`, always as JSON.
#[cfg_attr(feature = "ssr", utoipa::path(
    get, path = <ReadMembers as leptos::server_fn::ServerFn>::PATH, tag = "server functions",
    security(("session" = []), ("bearer" = [])),
    responses(
        (
            status = 200, body = Members, description = "The organization",
            example = json!({"org_code": "org_0123456789ab", "org_name": "Analytical Engines"}),
        ),
        (
            status = 401, body = ApiError, description = "No session and no usable access token",
            example = json!({"detail": "Not authenticated"}),
        ),
        (
            status = 403, body = ApiError, description = "Without the permission `read:members`, or without an organization",
            example = json!({"detail": "Not allowed"}),
        ),
        (status = 503, body = ApiError, description = "The store cannot be reached, or it is not known what the caller may do"),
    ),
))]
#[server(name = ReadMembers, prefix = "/api", endpoint = "members", input = Query, output = Json)]
pub async fn read_members() -> Result<Members, ApiError> {
    let caller = use_context::<crate::auth::Caller>().ok_or_else(ApiError::not_authenticated)?;
    caller.check(&crate::policies::READ_MEMBERS).await?;
    let organization = caller.organization().await?;
    Ok(Members::of(organization.id, organization.name))
}

impl<Request: Req<ApiError> + Send + 'static> FromReq<Query, Request, ApiError> for ReadMembers {
    async fn from_req(_: Request) -> Result<Self, ApiError> {
        Ok(Self {})
    }
}

impl<Request: ClientReq<ApiError>> IntoReq<Query, Request, ApiError> for ReadMembers {
    fn into_req(self, path: &str, accepts: &str) -> Result<Request, ApiError> {
        Query::request(path, accepts, "")
    }
}
