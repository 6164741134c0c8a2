//! The greeting: the caller's name, in the shape of the tutorial's own program.
//! The name is chosen by `auth::Caller::display_name`.

use leptos::prelude::*;
use leptos::server_fn::codec::{FromReq, IntoReq, Json};
use leptos::server_fn::request::{ClientReq, Req};
use serde::{Deserialize, Serialize};

use super::error::ApiError;
use super::query::Query;

/// The text that the tutorial's protected route returns.
pub const INFO: &str = "Route protected with Kinde";

/// `{"info": "Route protected with Kinde", "user_info": "Ada Lovelace"}`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Greeting {
    /// Always `Route protected with Kinde`.
    pub info: String,
    /// The user's name, or the client id of a program that asks for no user; never empty.
    #[cfg_attr(feature = "ssr", schema(min_length = 1))]
    pub user_info: String,
}

impl Greeting {
    /// Greets a user by name.
    pub fn of(name: String) -> Self {
        Self { info: INFO.to_owned(), user_info: name }
    }
}

/// Read the greeting
///
/// The same data as the page `/`, always as JSON.
#[cfg_attr(feature = "ssr", utoipa::path(
    get, path = <ReadGreeting as leptos::server_fn::ServerFn>::PATH, tag = "server functions",
    security(("session" = []), ("bearer" = [])),
    responses(
        (
            status = 200, body = Greeting, description = "The greeting",
            example = json!({"info": INFO, "user_info": "Ada Lovelace"}),
        ),
        (status = 401, body = ApiError, description = "No session and no usable access token", example = json!({"detail": "Not authenticated"})),
    ),
))]
#[server(name = ReadGreeting, prefix = "/api", endpoint = "greeting", input = Query, output = Json)]
pub async fn read_greeting() -> Result<Greeting, ApiError> {
    let caller = use_context::<crate::auth::Caller>();
    let name = caller.and_then(|caller| caller.display_name()).ok_or_else(ApiError::not_authenticated)?;
    Ok(Greeting::of(name))
}

impl<Request: Req<ApiError> + Send + 'static> FromReq<Query, Request, ApiError> for ReadGreeting {
    async fn from_req(_: Request) -> Result<Self, ApiError> {
        Ok(Self {})
    }
}

impl<Request: ClientReq<ApiError>> IntoReq<Query, Request, ApiError> for ReadGreeting {
    fn into_req(self, path: &str, accepts: &str) -> Result<Request, ApiError> {
        Query::request(path, accepts, "")
    }
}
