//! `Wants`: whether a request wants a page or JSON, by the q-values of its `Accept` header (RFC 9110 §12.5.1). Pages
//! and JSON are rendered elsewhere.

use std::str::FromStr;

use headers_accept::Accept;
use http::HeaderMap;
use http::header::ACCEPT;
use mediatype::MediaType;
use mediatype::names::{APPLICATION, HTML, JSON, TEXT};

/// What a request wants. Browsers, and requests that state nothing usable, get a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Wants {
    /// An HTML page.
    Page,
    /// JSON.
    Json,
}

impl Wants {
    /// Reads the `Accept` headers; several count as one list.
    pub fn of(headers: &HeaderMap) -> Self {
        const AVAILABLE: [MediaType<'_>; 2] = [MediaType::new(TEXT, HTML), MediaType::new(APPLICATION, JSON)];
        if let Some(wants) = Self::at_a_glance(headers) {
            return wants;
        }
        let stated =
            headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok()).collect::<Vec<_>>().join(",");
        let chosen =
            Accept::from_str(&without_charset(&stated)).ok().and_then(|accept| accept.negotiate(&AVAILABLE).cloned());
        if chosen == Some(AVAILABLE[1].clone()) { Self::Json } else { Self::Page }
    }
}

impl Wants {
    /// What most requests want, whose headers need no reading of weights: browsers name HTML first and without a weight,
    /// which nothing after it can outweigh; programs name one type alone, or none.
    fn at_a_glance(headers: &HeaderMap) -> Option<Self> {
        let mut stated = headers.get_all(ACCEPT).iter();
        let Some(first) = stated.next() else { return Some(Self::Page) };
        if stated.next().is_some() {
            return None;
        }
        match first.as_bytes() {
            b"application/json" => Some(Self::Json),
            b"*/*" | b"text/html" => Some(Self::Page),
            bytes if bytes.starts_with(b"text/html,") => Some(Self::Page),
            _ => None,
        }
    }
}

/// Drops parameters other than `q`: `application/json; charset=utf-8` means JSON like `application/json`, but
/// negotiation would take it for another type.
fn without_charset(accept: &str) -> String {
    let is_weight =
        |parameter: &&str| parameter.trim_start().get(..2).is_some_and(|name| name.eq_ignore_ascii_case("q="));
    accept
        .split(',')
        .map(|range| {
            let mut parts = range.split(';');
            let media_type = parts.next().unwrap_or_default().to_owned();
            parts.filter(is_weight).fold(media_type, |range, weight| format!("{};{}", range.trim(), weight.trim()))
        })
        .collect::<Vec<_>>()
        .join(",")
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn wanted(accept: &str) -> Wants {
        Wants::of(&HeaderMap::from_iter([(ACCEPT, HeaderValue::from_str(accept).unwrap())]))
    }

    #[test]
    fn browsers_and_requests_that_state_nothing_get_a_page() {
        assert_eq!(Wants::of(&HeaderMap::new()), Wants::Page);
        for accept in [
            "*/*",
            "text/html",
            "text/*",
            "",
            "garbage",
            "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
            "image/png",
            "text/html; charset=utf-8",
            "application/json;q=0.5, text/html;q=0.6",
            "application/json;q=0",
            "text/html, application/json",
        ] {
            assert_eq!(wanted(accept), Wants::Page, "{accept}");
        }
    }

    #[test]
    fn json_is_chosen_by_weight() {
        for accept in [
            "application/json",
            "application/json; charset=utf-8",
            "Application/JSON;charset=UTF-8;q=0.9, text/html;q=0.1",
            "application/json, text/plain, */*",
            "application/*",
            "text/html;q=0, */*",
            "application/json;q=0.6, text/html;q=0.5",
            "application/json;Q=1.0, text/html;q=0.5",
            "application/json, text/html",
        ] {
            assert_eq!(wanted(accept), Wants::Json, "{accept}");
        }
    }

    #[test]
    fn what_is_seen_at_a_glance_is_what_the_weights_say() {
        for rest in ["", ",", ", application/json", ",application/json;q=1,*/*", ",garbage", ",text/html;q=0"] {
            assert_eq!(wanted(&format!("text/html{rest}")), wanted(&format!("text/html;q=1{rest}")), "{rest}");
        }
        assert_eq!(wanted("application/json"), wanted("application/json;q=1"));
        assert_eq!(wanted("*/*"), wanted("*/*;q=1"));
    }

    #[test]
    fn several_accept_headers_count_as_one() {
        let mut headers = HeaderMap::new();
        headers.append(ACCEPT, HeaderValue::from_static("text/html;q=0.5"));
        headers.append(ACCEPT, HeaderValue::from_static("application/json"));
        assert_eq!(Wants::of(&headers), Wants::Json);
    }
}
