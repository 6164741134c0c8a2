//! Every parser of foreign input, with the rules that must hold of it whatever the input is.
//!
//! `src/fuzz` is the fuzzer that searches for input that breaks them (`make fuzz`); the test here runs the seeds from
//! which it starts.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::body::Body;
use axum::extract::Request;
use axum::extract::connect_info::ConnectInfo;
use http::HeaderValue;

use crate::api::item_id::ItemId;
use crate::auth::fuzzing as auth;
use crate::sessions::StoreUrl;
use crate::traces::TraceContext;

/// A parser under its name, which is also that of its folder in `src/fuzz/seeds`.
pub struct Target {
    /// The name.
    pub name: &'static str,
    /// Panics when the bytes break a rule.
    pub check: fn(&[u8]),
}

/// All of them.
pub const TARGETS: [Target; 13] = [
    Target { name: "accept", check: auth::accept },
    Target { name: "callback_query", check: auth::callback_query },
    Target { name: "cookies", check: auth::cookies },
    Target { name: "forwarded_headers", check: auth::forwarded_headers },
    Target { name: "id_token_claims", check: auth::id_token_claims },
    Target { name: "item_id", check: item_id },
    Target { name: "jwt_header", check: auth::jwt_header },
    Target { name: "logout_token", check: auth::logout_token },
    Target { name: "return_to", check: auth::return_to },
    Target { name: "sign_in_options", check: auth::sign_in_options },
    Target { name: "store_url", check: store_url },
    Target { name: "trace_context", check: trace_context },
    Target { name: "webhook_body", check: auth::webhook_body },
];

/// An item id: its number is the one that its digits write.
fn item_id(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(ItemId(number)) = text.parse() else { return };
    assert_eq!(number.to_string().parse(), Ok(ItemId(number)), "{text:?}");
    let whole = text.split('.').next().unwrap_or_default();
    let digits: String = whole.chars().filter(char::is_ascii_digit).collect();
    let digits = digits.trim_start_matches('0');
    assert_eq!(digits, number.unsigned_abs().to_string().trim_start_matches('0'), "{text:?}");
    assert!(number == 0 || (number < 0) == text.contains('-'), "{text:?}");
}

/// The URL of a store: never shown with a password.
fn store_url(bytes: &[u8]) {
    const PASSWORD: &str = "open-sesame";
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    // The fuzzer finds out which text is looked for, and writes it elsewhere.
    if text.contains(PASSWORD) {
        return;
    }
    let of_server = text.replacen("//", &format!("//user:{PASSWORD}@"), 1);
    let of_sentinels = text.split_once('?').map_or_else(String::new, |(before, parameters)| {
        format!("{before}?{}", parameters.replacen("sentinel_password=", &format!("sentinel_password={PASSWORD}"), 1))
    });
    for text in [text, &of_server, &of_sentinels] {
        match StoreUrl::parse(text) {
            // The name of a file is no secret.
            Ok(StoreUrl::Sqlite(_)) => {}
            Ok(url) => assert!(!url.to_string().contains(PASSWORD), "{url}"),
            Err(error) => assert!(!error.to_string().contains(PASSWORD), "{error}"),
        }
    }
}

/// `traceparent`, and on the further lines `tracestate`: a trace that is sent on is the one that was read.
fn trace_context(bytes: &[u8]) {
    const PROXY: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1));
    let of = |request: &Request| TraceContext::of(request, &PROXY.to_string().parse().expect("an address"));
    let new_request = || {
        let mut request = Request::new(Body::empty());
        request.extensions_mut().insert(ConnectInfo(SocketAddr::new(PROXY, 1)));
        request
    };
    let mut request = new_request();
    for (index, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        let Ok(value) = HeaderValue::from_bytes(line) else { return };
        request.headers_mut().append(if index == 0 { "traceparent" } else { "tracestate" }, value);
    }
    let Some(context) = of(&request) else { return };
    assert!(context.trace_id.0 != 0 && context.parent_id != 0, "{context:?}");
    assert!(bytes.len() >= 55 && bytes[3..35] == *context.trace_id.to_string().as_bytes(), "{context:?}");
    let mut sent_on = new_request();
    context.add_to(sent_on.headers_mut());
    assert_eq!(of(&sent_on), Some(context));
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn every_seed_keeps_the_rules() {
        let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/fuzz/seeds");
        for target in TARGETS {
            let files: Vec<_> = std::fs::read_dir(seeds.join(target.name)).unwrap().collect();
            assert!(!files.is_empty(), "{} has no seeds", target.name);
            for file in files {
                (target.check)(&std::fs::read(file.unwrap().path()).unwrap());
            }
        }
        assert_eq!(std::fs::read_dir(seeds).unwrap().count(), TARGETS.len(), "seeds without a target");
    }
}
