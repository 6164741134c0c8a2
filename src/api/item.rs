//! The item view: an item's id and an optional search text, given back as they were understood.
//! Reading the id is `item_id`'s business.

use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use serde::{Deserialize, Serialize};

use super::error::{ApiError, FieldError};
use super::item_id::ItemId;
use super::query::Query;

/// `{"item_id": 420, "q": "x"}`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Item {
    /// A signed 64-bit integer.
    #[cfg_attr(feature = "ssr", schema(value_type = i64))]
    pub item_id: ItemId,
    /// The search text; `null` when none was given, `""` when an empty one was.
    pub q: Option<String>,
}

/// Where an item id was written: FastAPI's `loc` says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// A segment of the path.
    Path,
    /// A parameter of the query.
    Query,
}

impl Place {
    fn loc(self) -> [String; 2] {
        let place = match self {
            Self::Path => "path",
            Self::Query => "query",
        };
        [place.to_owned(), "item_id".to_owned()]
    }
}

/// Finds an item.
///
/// # Errors
/// [`ApiError`] with 422 when the id is missing or no 64-bit integer.
pub fn find_item(place: Place, item_id: Option<&str>, q: Option<String>) -> Result<Item, ApiError> {
    let Some(written) = item_id else {
        let missing =
            FieldError { kind: "missing".to_owned(), loc: place.loc(), msg: "Field required".to_owned(), input: None };
        return Err(ApiError::field(missing));
    };
    let item_id = written.parse::<ItemId>().map_err(|error| {
        ApiError::field(FieldError {
            kind: error.kind().to_owned(),
            loc: place.loc(),
            msg: error.to_string(),
            input: Some(written.to_owned()),
        })
    })?;
    Ok(Item { item_id, q })
}

/// Read an item
///
/// The same data as the page `/items/{item_id}`, always as JSON.
#[cfg_attr(feature = "ssr", utoipa::path(
    get, path = "/api/item", tag = "server functions", security(("session" = [])),
    params(
        ("item_id" = String, Query, description = "A signed 64-bit integer, as pydantic's lax integer is written"),
        ("q" = Option<String>, Query, description = "A search text"),
    ),
    responses(
        (status = 200, body = Item),
        (status = 401, body = ApiError, description = "No session"),
        (status = 422, body = ApiError, description = "No integer"),
    ),
))]
#[server(name = ReadItem, prefix = "/api", endpoint = "item", input = Query, output = Json)]
pub async fn read_item(
    /// As written; see [`ItemId`].
    item_id: Option<String>,
    /// A search text.
    q: Option<String>,
) -> Result<Item, ApiError> {
    if use_context::<crate::auth::CurrentUser>().is_none() {
        return Err(ApiError::not_authenticated());
    }
    find_item(Place::Query, item_id.as_deref(), q)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_is_given_back_as_understood() {
        let json = |q: Option<&str>| {
            serde_json::to_string(&find_item(Place::Path, Some("0042"), q.map(str::to_owned)).unwrap()).unwrap()
        };
        assert_eq!(json(Some("x")), r#"{"item_id":42,"q":"x"}"#);
        assert_eq!(json(Some("")), r#"{"item_id":42,"q":""}"#);
        assert_eq!(json(None), r#"{"item_id":42,"q":null}"#);
    }

    #[test]
    fn a_wrong_id_names_its_place_and_what_was_given() {
        let error = find_item(Place::Path, Some("abc"), None).unwrap_err();
        assert_eq!(error.status, 422);
        assert_eq!(
            serde_json::to_string(&error).unwrap(),
            r#"{"detail":[{"type":"int_parsing","loc":["path","item_id"],"msg":"Input should be a valid integer, unable to parse string as an integer","input":"abc"}]}"#
        );
    }
}
