//! Items: an item's id and an optional search text, returned as they were understood.
//! The id is parsed in `item_id`.

use leptos::prelude::*;
use leptos::server_fn::codec::{FromReq, IntoReq, Json};
use leptos::server_fn::request::{ClientReq, Req};
use serde::{Deserialize, Serialize};

use super::error::{ApiError, FieldError};
use super::item_id::{ItemId, ItemIdError};
use super::query::{Query, encode, last_value};

/// `{"item_id": 420, "q": "x"}`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Item {
    /// A signed 64-bit integer.
    #[cfg_attr(feature = "ssr", schema(value_type = i64))]
    pub item_id: ItemId,
    /// The search text; `null` when none was given, `""` when an empty one was.
    #[cfg_attr(feature = "ssr", schema(required = true))]
    pub q: Option<String>,
}

/// The part of the request that holds a parameter, as FastAPI's `loc` names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParameterIn {
    /// A segment of the path.
    Path,
    /// A parameter of the query.
    Query,
}

impl ParameterIn {
    fn name(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Query => "query",
        }
    }
}

/// A request for an item whose id is not usable; as [`ApiError`] its status is 422.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidItem {
    /// Which part of the request held the id.
    pub parameter_in: ParameterIn,
    /// The id as it was written, percent-decoded; `None` when it was missing.
    pub item_id: Option<String>,
    /// The search text.
    pub q: Option<String>,
    /// What is wrong with the id.
    pub reason: ItemIdError,
}

impl From<InvalidItem> for ApiError {
    fn from(invalid: InvalidItem) -> Self {
        Self::field(FieldError {
            kind: invalid.reason.kind().to_owned(),
            loc: [invalid.parameter_in.name().to_owned(), "item_id".to_owned()],
            msg: invalid.reason.to_string(),
            input: invalid.item_id,
        })
    }
}

/// Finds an item.
///
/// # Errors
/// [`InvalidItem`] when the id is missing or no 64-bit integer.
pub fn find_item(parameter_in: ParameterIn, item_id: Option<String>, q: Option<String>) -> Result<Item, InvalidItem> {
    match item_id.as_deref().map_or(Err(ItemIdError::Missing), str::parse) {
        Ok(item_id) => Ok(Item { item_id, q }),
        Err(reason) => Err(InvalidItem { parameter_in, item_id, q, reason }),
    }
}

/// Read an item
///
/// The same data as the page `/items/{item_id}`, always as JSON.
#[cfg_attr(feature = "ssr", utoipa::path(
    get, path = <ReadItem as leptos::server_fn::ServerFn>::PATH, tag = "server functions",
    security(("session" = []), ("bearer" = [])),
    params(
        (
            "item_id" = inline(ItemId), Query, example = "420",
            description = "A whole number of 64 bits; +4, 0042, 1_000 and 1.0 are read too",
        ),
        ("q" = Option<String>, Query, description = "A search text", example = "x"),
    ),
    responses(
        (status = 200, body = Item, description = "The item", example = json!({"item_id": 420, "q": "x"})),
        (status = 401, body = ApiError, description = "No session and no usable access token", example = json!({"detail": "Not authenticated"})),
        (status = 422, body = ApiError, description = "No item id, or no 64-bit integer", examples(
            ("missing" = (summary = "No item id", value = json!({"detail": [{
                "type": "missing", "loc": ["query", "item_id"], "msg": "Field required", "input": null,
            }]}))),
            ("int_parsing" = (summary = "No integer", value = json!({"detail": [{
                "type": "int_parsing", "loc": ["query", "item_id"], "input": "abc",
                "msg": "Input should be a valid integer, unable to parse string as an integer",
            }]}))),
            ("int_parsing_size" = (summary = "No 64-bit integer", value = json!({"detail": [{
                "type": "int_parsing_size", "loc": ["query", "item_id"], "input": "9223372036854775808",
                "msg": "Unable to parse input string as an integer, exceeded maximum size",
            }]}))),
        )),
    ),
))]
#[server(name = ReadItem, prefix = "/api", endpoint = "item", input = Query, output = Json)]
pub async fn read_item(
    /// As written; see [`ItemId`].
    item_id: Option<String>,
    /// A search text.
    q: Option<String>,
) -> Result<Item, ApiError> {
    if !use_context::<crate::auth::Caller>().is_some_and(|caller| caller.is_authenticated()) {
        return Err(ApiError::not_authenticated());
    }
    Ok(find_item(ParameterIn::Query, item_id, q)?)
}

impl<Request: Req<ApiError> + Send + 'static> FromReq<Query, Request, ApiError> for ReadItem {
    async fn from_req(request: Request) -> Result<Self, ApiError> {
        let query = request.as_query().unwrap_or_default();
        Ok(Self { item_id: last_value(query, "item_id"), q: last_value(query, "q") })
    }
}

impl<Request: ClientReq<ApiError>> IntoReq<Query, Request, ApiError> for ReadItem {
    fn into_req(self, path: &str, accepts: &str) -> Result<Request, ApiError> {
        Query::request(path, accepts, &encode([("item_id", self.item_id.as_deref()), ("q", self.q.as_deref())]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_is_returned_as_understood() {
        let json = |q: Option<&str>| {
            let found = find_item(ParameterIn::Path, Some("0042".to_owned()), q.map(str::to_owned));
            serde_json::to_string(&found.unwrap()).unwrap()
        };
        assert_eq!(json(Some("x")), r#"{"item_id":42,"q":"x"}"#);
        assert_eq!(json(Some("")), r#"{"item_id":42,"q":""}"#);
        assert_eq!(json(None), r#"{"item_id":42,"q":null}"#);
    }

    #[test]
    fn the_error_of_a_wrong_id_names_the_parameter_and_its_value() {
        let error = ApiError::from(find_item(ParameterIn::Path, Some("abc".to_owned()), None).unwrap_err());
        assert_eq!(error.status, 422);
        assert_eq!(
            serde_json::to_string(&error).unwrap(),
            r#"{"detail":[{"type":"int_parsing","loc":["path","item_id"],"msg":"Input should be a valid integer, unable to parse string as an integer","input":"abc"}]}"#
        );
    }
}
