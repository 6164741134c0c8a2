//! `Query`: the encoding of server functions that read: arguments in the query string, of several values the last.
//! Each function reads its own arguments, beside itself. Leptos' own `GetUrl` loses `q=` and refuses repeated names.

use http::Method;
use leptos::server_fn::ContentType;
use leptos::server_fn::codec::Encoding;
use leptos::server_fn::request::ClientReq;

use super::error::ApiError;

/// Arguments in the query string of a GET.
pub struct Query;

impl ContentType for Query {
    const CONTENT_TYPE: &'static str = "application/x-www-form-urlencoded";
}

impl Encoding for Query {
    const METHOD: Method = Method::GET;
}

impl Query {
    /// A request with these arguments, already encoded.
    pub(super) fn request<Request: ClientReq<ApiError>>(
        path: &str,
        accepts: &str,
        arguments: &str,
    ) -> Result<Request, ApiError> {
        Request::try_new_get(path, Self::CONTENT_TYPE, accepts, arguments)
    }
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
