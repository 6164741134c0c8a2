//! The greeting: who is signed in, by name.
//! The name's rule is `auth::User::display_name`; this only puts it into the tutorial program's shape.

use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use serde::{Deserialize, Serialize};

use super::error::ApiError;
use super::query::Query;

/// The text that the tutorial's protected route answers.
pub const INFO: &str = "Route protected with Kinde";

/// `{"info": "Route protected with Kinde", "user_info": "Ada Lovelace"}`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Greeting {
    /// Always [`INFO`].
    pub info: String,
    /// The person's name; never empty.
    pub user_info: String,
}

impl Greeting {
    /// Greets a person by name.
    pub fn of(name: String) -> Self {
        Self { info: INFO.to_owned(), user_info: name }
    }
}

/// Read the greeting
///
/// The same data as the page `/`, always as JSON.
#[cfg_attr(feature = "ssr", utoipa::path(
    get, path = "/api/greeting", tag = "server functions", security(("session" = [])),
    responses((status = 200, body = Greeting), (status = 401, body = ApiError, description = "No session")),
))]
#[server(name = ReadGreeting, prefix = "/api", endpoint = "greeting", input = Query, output = Json)]
pub async fn read_greeting() -> Result<Greeting, ApiError> {
    let user = use_context::<crate::auth::CurrentUser>().ok_or_else(ApiError::not_authenticated)?;
    Ok(Greeting::of(user.display_name()))
}
