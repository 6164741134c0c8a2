//! What must hold of everything that `auth` parses of foreign input, whatever the input is. Each function takes bytes and
//! panics when a rule is broken. `crate::fuzzing` lists them; a fuzzer finds the bytes.

use axum::extract::Request;
use axum::extract::connect_info::ConnectInfo;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};
use jsonwebtoken::jwk::Jwk;
use serde_json::{Value, json};
use time::OffsetDateTime;
use url::Url;

use super::claims::ClaimMap;
use super::client::SessionCookie;
use super::oidc::{
    Callback, Expected, ExpectedEvent, ExpectedLogout, check_id_token, key_id, precheck_event, precheck_logout,
    verify_event,
};
use super::paths::Paths;
use super::session::ReturnTo;
use super::sign_in_options::SignInOptions;
use super::web::{Cookies, TrustedProxies, Wants};

const ISSUER: &str = "https://example.kinde.com";
const CLIENT_ID: &str = "client";
const NONCE: &str = "nonce";
/// 2026-01-01, in seconds since 1970.
const NOW: i64 = 1_767_225_600;

/// The query of a callback: at most three `state`s are looked up, and a code or an error is taken only when nothing
/// stands twice.
pub fn callback_query(bytes: &[u8]) {
    let Ok(query) = std::str::from_utf8(bytes) else { return };
    let callback = Callback::parse(query);
    assert!(callback.states.len() <= 3);
    if callback.response.is_ok() {
        let times = |name: &str| query.split('&').filter(|pair| pair.split('=').next() == Some(name)).count();
        assert!(times("code") + times("error") == 1 && times("state") <= 1 && times("iss") <= 1, "{query:?}");
    }
}

/// A path to return to: stays on this site for any reader of URLs, is a legal header value, and leads to no route of
/// sign-in.
pub fn return_to(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (site, paths) = (Url::parse("https://site.example/").expect("a URL"), Paths::default());
    let path = ReturnTo::parse(text, &paths);
    let target = site.join(path.as_str()).unwrap_or_else(|error| panic!("{path:?} is no path: {error}"));
    assert_eq!(target.origin(), site.origin(), "{path:?}");
    assert!(HeaderValue::from_str(path.as_str()).is_ok(), "{path:?}");
    assert!(path.as_str().starts_with('/') && !path.as_str().starts_with("//"), "{path:?}");
    assert!(!path.as_str().contains(['\\', '\r', '\n', '\t']), "{path:?}");
    assert!(!paths.are_at(target.path()), "{path:?}");
    assert_eq!(ReturnTo::parse(path.as_str(), &paths), path);
}

/// `Cookie` headers, one a line: a session is found only under the exact name, and only with the value that was sent.
pub fn cookies(bytes: &[u8]) {
    let mut headers = HeaderMap::new();
    for line in bytes.split(|byte| *byte == b'\n') {
        headers.extend(HeaderValue::from_bytes(line).ok().map(|value| (COOKIE, value)));
    }
    let site = Url::parse("https://site.example/").expect("a URL");
    let cookies = Cookies::new(&site, "kinde", std::time::Duration::from_secs(60));
    if let SessionCookie::Present(secret) = cookies.of_browser(&headers).session {
        let pair = format!("__Host-kinde_session={}", secret.expose());
        let is_there = bytes.windows(pair.len()).any(|window| window == pair.as_bytes());
        assert!(is_there, "a session without its cookie");
    }
}

/// The header of a JWT: nothing but RS256 without critical extensions is accepted.
pub fn jwt_header(bytes: &[u8]) {
    let token = format!("{}.e30.c2ln", URL_SAFE_NO_PAD.encode(bytes));
    if key_id(&token).is_ok() {
        let header: Value = serde_json::from_slice(bytes).expect("an accepted header is JSON");
        assert!(header["alg"] == "RS256" && header["crit"].is_null(), "{header}");
    }
}

/// The claims of an ID token, as if they were signed: they are accepted only with the right issuer, audience, nonce and
/// times.
pub fn id_token_claims(bytes: &[u8]) {
    let Ok(claims) = serde_json::from_slice::<ClaimMap>(bytes) else { return };
    let expected = Expected { issuer: ISSUER, client_id: CLIENT_ID, nonce: Some(NONCE), access_token: "", now: NOW };
    let Ok(accepted) = check_id_token(claims.clone(), expected) else { return };
    let claims = Value::Object(claims);
    assert!(claims["iss"] == ISSUER && claims["nonce"] == NONCE, "{claims}");
    assert!(!accepted.subject.is_empty() && claims["sub"] == accepted.subject.as_str(), "{claims}");
    let audiences = claims["aud"].as_array().cloned().unwrap_or_else(|| vec![claims["aud"].clone()]);
    let names_this_client = audiences.contains(&json!(CLIENT_ID)) || claims["azp"] == CLIENT_ID;
    let is_for_others = audiences.iter().any(|audience| *audience != CLIENT_ID && *audience != ISSUER);
    assert!(names_this_client && !is_for_others, "{claims}");
    assert!(claims["exp"].as_f64().is_some_and(|exp| exp >= NOW as f64 - 60.0), "{claims}");
    assert!(claims["iat"].as_f64().is_some_and(|iat| iat <= NOW as f64 + 60.0), "{claims}");
}

/// The payload of a logout token: what passes the early check names this issuer, and somebody.
pub fn logout_token(bytes: &[u8]) {
    let token = format!("eyJhbGciOiJSUzI1NiJ9.{}.c2ln", URL_SAFE_NO_PAD.encode(bytes));
    let expected = ExpectedLogout { issuer: ISSUER, client_id: CLIENT_ID, now: NOW };
    if precheck_logout(&token, expected).is_ok() {
        let claims: Value = serde_json::from_slice(bytes).expect("accepted claims are JSON");
        assert!(claims["sub"].is_string() || claims["sid"].is_string(), "{claims}");
        assert!(claims.get("nonce").is_none(), "{claims}");
    }
}

/// The body of a webhook: without a signature nothing is an event, whatever it says.
pub fn webhook_body(bytes: &[u8]) {
    let expected = ExpectedEvent {
        issuer: ISSUER,
        now: OffsetDateTime::UNIX_EPOCH + std::time::Duration::from_secs(NOW.unsigned_abs()),
    };
    let key: Jwk = serde_json::from_value(json!({ "kty": "RSA", "alg": "RS256", "n": "AQAB", "e": "AQAB" }))
        .expect("a key that signed nothing");
    for body in [String::from_utf8_lossy(bytes).into_owned(), format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(bytes))] {
        let _ = precheck_event(&body, expected);
        assert!(verify_event(&body, &key, expected).is_err(), "{body:?}");
    }
}

/// `X-Forwarded-For`, one header a line: it is believed from the proxy alone, and names no address that it does not hold.
pub fn forwarded_headers(bytes: &[u8]) {
    let mut request = Request::new(());
    for line in bytes.split(|byte| *byte == b'\n') {
        if let Ok(value) = HeaderValue::from_bytes(line) {
            request.headers_mut().append("x-forwarded-for", value);
        }
    }
    let mut request = request.map(|()| axum::body::Body::empty());
    let proxies: TrustedProxies = "10.0.0.1".parse().expect("an address");
    for (peer, is_proxy) in [("10.0.0.1", true), ("192.0.2.7", false)] {
        let peer = std::net::IpAddr::V4(peer.parse().expect("an address"));
        request.extensions_mut().insert(ConnectInfo(std::net::SocketAddr::new(peer, 1)));
        let client = proxies.client_of(&request).expect("the peer is known");
        assert!(is_proxy || client == peer, "{client}");
    }
}

/// The query of a link to sign-in: what it asks for survives being written into a link and read again.
pub fn sign_in_options(bytes: &[u8]) {
    let Ok(query) = std::str::from_utf8(bytes) else { return };
    let Ok(options) = SignInOptions::parse(query) else { return };
    let link = options.link("/login", None);
    let query = link.strip_prefix("/login?").unwrap_or_default();
    assert!(SignInOptions::parse(query).is_ok_and(|again| again == options), "{link}");
}

/// An `Accept` header.
pub fn accept(bytes: &[u8]) {
    let value = HeaderValue::from_bytes(bytes).ok();
    let _ = Wants::of(&value.into_iter().map(|value| (http::header::ACCEPT, value)).collect());
}
