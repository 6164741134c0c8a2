//! `Query`: how server functions that read take their arguments: from the query string, of several values the last.
//! It decides nothing about the values. Leptos' own `GetUrl` loses `q=` and refuses repeated names.

use http::Method;
use leptos::server_fn::ContentType;
use leptos::server_fn::codec::{Encoding, FromReq, IntoReq};
use leptos::server_fn::request::{ClientReq, Req};

use super::error::ApiError;
use super::greeting::ReadGreeting;
use super::item::ReadItem;

/// Arguments in the query string of a GET.
pub struct Query;

impl ContentType for Query {
    const CONTENT_TYPE: &'static str = "application/x-www-form-urlencoded";
}

impl Encoding for Query {
    const METHOD: Method = Method::GET;
}

/// The last value of a parameter, `None` when it is not there.
pub fn last_value(query: &str, name: &str) -> Option<String> {
    form_urlencoded::parse(query.as_bytes()).filter(|(key, _)| key == name).last().map(|(_, value)| value.into_owned())
}

/// Writes the parameters that are there.
pub fn encode<'a>(parameters: impl IntoIterator<Item = (&'a str, Option<&'a str>)>) -> String {
    let given = parameters.into_iter().filter_map(|(name, value)| Some((name, value?)));
    form_urlencoded::Serializer::new(String::new()).extend_pairs(given).finish()
}

impl<Request: Req<ApiError> + Send + 'static> FromReq<Query, Request, ApiError> for ReadGreeting {
    async fn from_req(_: Request) -> Result<Self, ApiError> {
        Ok(Self {})
    }
}

impl<Request: ClientReq<ApiError>> IntoReq<Query, Request, ApiError> for ReadGreeting {
    fn into_req(self, path: &str, accepts: &str) -> Result<Request, ApiError> {
        Request::try_new_get(path, Query::CONTENT_TYPE, accepts, "")
    }
}

impl<Request: Req<ApiError> + Send + 'static> FromReq<Query, Request, ApiError> for ReadItem {
    async fn from_req(request: Request) -> Result<Self, ApiError> {
        let query = request.as_query().unwrap_or_default();
        Ok(Self { item_id: last_value(query, "item_id"), q: last_value(query, "q") })
    }
}

impl<Request: ClientReq<ApiError>> IntoReq<Query, Request, ApiError> for ReadItem {
    fn into_req(self, path: &str, accepts: &str) -> Result<Request, ApiError> {
        let query = encode([("item_id", self.item_id.as_deref()), ("q", self.q.as_deref())]);
        Request::try_new_get(path, Query::CONTENT_TYPE, accepts, &query)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_value_counts_and_an_empty_one_is_a_value() {
        assert_eq!(last_value("q=a&q=b", "q").as_deref(), Some("b"));
        assert_eq!(last_value("q=", "q").as_deref(), Some(""));
        assert_eq!(last_value("q", "q").as_deref(), Some(""));
        assert_eq!(last_value("item_id[]=1", "item_id"), None);
        assert_eq!(last_value("q=a%26b%20c+d", "q").as_deref(), Some("a&b c d"));
    }

    #[test]
    fn what_is_encoded_is_read_back() {
        let query = encode([("item_id", Some("1")), ("q", Some("a&b c")), ("none", None)]);
        assert_eq!(query, "item_id=1&q=a%26b+c");
    }
}
