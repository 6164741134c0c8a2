//! The cookies: one that names the session, a short-lived one for each authorization request begun, and a mark of
//! sign-out that lasts a second.
//! It holds no session: a cookie's value is an id or a random value, and means something only in the store.
//!
//! RFC 6265bis (`__Host-`), ASVS 3.3.

use std::time::Duration;

use cookie::{Cookie, SameSite};
use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderMap, HeaderValue};
use tower_sessions::session::Id;
use url::Url;

use super::random::random_value;

const SESSION: &str = "kinde_session";
const ATTEMPT: &str = "kinde_attempt_";
const SIGNED_OUT: &str = "kinde_signed_out";
/// At most this many authorization requests are pending in one browser; a further one replaces the oldest.
const MAX_ATTEMPTS: usize = 10;

/// More than a browser of ours can have, and few enough that a made-up header costs nothing.
const MAX_ATTEMPTS_READ: usize = 2 * MAX_ATTEMPTS;

/// Names and attributes of the cookies of one site.
#[derive(Debug, Clone)]
pub(crate) struct Cookies {
    secure: bool,
    prefix: &'static str,
}

/// What a request's session cookie says.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum SessionCookie {
    Absent,
    /// Not an id, or two different ids.
    Unusable,
    Names(Id),
}

/// Binds one authorization request to the browser that began it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct AttemptCookie {
    /// The record of the request in the store.
    pub(crate) id: Id,
    /// Seconds since 1970; only to tell which is the oldest.
    pub(crate) started_at: i64,
    /// A random value whose digest stands in the record.
    pub(crate) binding: String,
}

impl AttemptCookie {
    fn read(tag: &str, value: &str) -> Option<Self> {
        let (started_at, binding) = value.split_once('.')?;
        Some(Self { id: tag.parse().ok()?, started_at: started_at.parse().ok()?, binding: binding.to_owned() })
    }
}

impl Cookies {
    /// On an https site the cookies are `Secure` and carry the `__Host-` prefix; on http (loopback) they cannot.
    pub(crate) fn new(site_url: &Url) -> Self {
        let secure = site_url.scheme() == "https";
        Self { secure, prefix: if secure { "__Host-" } else { "" } }
    }

    /// The session that the request's cookie names.
    pub(crate) fn session(&self, headers: &HeaderMap) -> SessionCookie {
        let name = self.session_name();
        let mut values = cookies(headers).filter(|(found, _)| *found == name).map(|(_, value)| value);
        let Some(value) = values.next() else { return SessionCookie::Absent };
        if values.any(|other| other != value) {
            return SessionCookie::Unusable;
        }
        value.parse().map_or(SessionCookie::Unusable, SessionCookie::Names)
    }

    /// `Set-Cookie` that names a session, for its absolute lifetime.
    pub(crate) fn set_session(&self, id: Id, lifetime: Duration) -> HeaderValue {
        self.set(self.session_name(), &id.to_string(), lifetime)
    }

    /// `Set-Cookie` that removes the session cookie.
    pub(crate) fn remove_session(&self) -> HeaderValue {
        self.set(self.session_name(), "", Duration::ZERO)
    }

    /// `Set-Cookie` of a random value that lasts a second: Chromium drops pages marked `no-store` from its back/forward
    /// cache when a cookie of theirs is set, but not when one is only removed.
    pub(crate) fn mark_signed_out(&self) -> HeaderValue {
        self.set(format!("{}{SIGNED_OUT}", self.prefix), &random_value(), Duration::from_secs(1))
    }

    /// The authorization requests begun in this browser that have not come back, newest first.
    pub(crate) fn attempts(&self, headers: &HeaderMap) -> Vec<AttemptCookie> {
        let prefix = self.attempt_name("");
        let mut attempts: Vec<AttemptCookie> = cookies(headers)
            .filter_map(|(name, value)| AttemptCookie::read(name.strip_prefix(&prefix)?, value))
            .take(MAX_ATTEMPTS_READ)
            .collect();
        attempts.sort_by_key(|attempt| std::cmp::Reverse(attempt.started_at));
        attempts
    }

    /// The oldest attempts: those to forget so that one more can be begun.
    pub(crate) fn surplus_attempts(&self, headers: &HeaderMap) -> Vec<AttemptCookie> {
        self.attempts(headers).into_iter().skip(MAX_ATTEMPTS - 1).collect()
    }

    /// `Set-Cookie` that binds an authorization request to this browser.
    pub(crate) fn set_attempt(&self, attempt: &AttemptCookie, lifetime: Duration) -> HeaderValue {
        let value = format!("{}.{}", attempt.started_at, attempt.binding);
        self.set(self.attempt_name(&attempt.id.to_string()), &value, lifetime)
    }

    /// `Set-Cookie` that removes the cookie of an authorization request.
    pub(crate) fn remove_attempt(&self, id: Id) -> HeaderValue {
        self.set(self.attempt_name(&id.to_string()), "", Duration::ZERO)
    }

    fn session_name(&self) -> String {
        format!("{}{SESSION}", self.prefix)
    }

    fn attempt_name(&self, tag: &str) -> String {
        format!("{}{ATTEMPT}{tag}", self.prefix)
    }

    fn set(&self, name: String, value: &str, lifetime: Duration) -> HeaderValue {
        let cookie = Cookie::build((name, value.to_owned()))
            .path("/")
            .http_only(true)
            .same_site(SameSite::Lax)
            .secure(self.secure)
            .max_age(time::Duration::try_from(lifetime).unwrap_or(time::Duration::MAX))
            .build();
        HeaderValue::try_from(cookie.to_string()).expect("names, ids and base64url values are legal in a header")
    }
}

/// All cookies of a request as name and value. Read byte by byte: a foreign cookie that is not ASCII must not hide
/// ours, and only space and tab are white space (a browser lets a subdomain set `\u{2000}__Host-…`, which is not ours).
fn cookies(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    headers.get_all(COOKIE).iter().flat_map(|header| header.as_bytes().split(|byte| *byte == b';')).filter_map(|pair| {
        let pair = pair.trim_ascii();
        let end_of_name = pair.iter().position(|byte| *byte == b'=')?;
        let (name, value) = (&pair[..end_of_name], &pair[end_of_name + 1..]);
        Some((std::str::from_utf8(name).ok()?, std::str::from_utf8(value).ok()?))
    })
}

/// Adds a `Set-Cookie` header.
pub(crate) fn append(headers: &mut HeaderMap, cookie: HeaderValue) {
    headers.append(SET_COOKIE, cookie);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(url: &str) -> Cookies {
        Cookies::new(&Url::parse(url).unwrap())
    }

    fn headers(cookie: &str) -> HeaderMap {
        HeaderMap::from_iter([(COOKIE, HeaderValue::from_str(cookie).unwrap())])
    }

    #[test]
    fn on_https_every_cookie_is_a_host_cookie() {
        let set = site("https://app.example").set_session(Id(1), Duration::from_secs(60));
        let set = set.to_str().unwrap();
        assert!(set.starts_with("__Host-kinde_session="));
        for attribute in ["HttpOnly", "SameSite=Lax", "Secure", "Path=/", "Max-Age=60"] {
            assert!(set.contains(attribute), "{set}");
        }
        assert!(!set.contains("Domain"));
    }

    #[test]
    fn on_http_loopback_the_name_is_plain_and_not_secure() {
        let set = site("http://localhost:8000").set_session(Id(1), Duration::from_secs(60));
        assert!(set.to_str().unwrap().starts_with("kinde_session="));
        assert!(!set.to_str().unwrap().contains("Secure"));
    }

    #[test]
    fn removal_has_the_attributes_of_setting() {
        let set = site("https://app.example").remove_session();
        let set = set.to_str().unwrap();
        assert!(set.starts_with("__Host-kinde_session=;"));
        for attribute in ["HttpOnly", "SameSite=Lax", "Secure", "Path=/", "Max-Age=0"] {
            assert!(set.contains(attribute), "{set}");
        }
    }

    #[test]
    fn a_malformed_or_doubled_session_cookie_is_unusable() {
        let site = site("http://localhost:8000");
        let (one, two) = (Id(1).to_string(), Id(2).to_string());
        assert!(site.session(&headers(&format!("a=b; kinde_session={one}"))) == SessionCookie::Names(Id(1)));
        assert!(site.session(&headers("a=b")) == SessionCookie::Absent);
        let long = "x".repeat(8000);
        for value in ["", "%FF", "short", &long, &format!("{one}; kinde_session={two}")] {
            assert!(site.session(&headers(&format!("kinde_session={value}"))) == SessionCookie::Unusable, "{value}");
        }
    }

    #[test]
    fn a_foreign_cookie_hides_nothing_and_is_not_taken_for_ours() {
        let site = site("http://localhost:8000");
        let beside = |foreign: &[u8]| {
            let cookie = [foreign, b"; kinde_session=", Id(1).to_string().as_bytes()].concat();
            HeaderMap::from_iter([(COOKIE, HeaderValue::from_bytes(&cookie).unwrap())])
        };
        for foreign in ["x=é".as_bytes(), b"x=\xff", b"novalue", "\u{2000}kinde_session=x".as_bytes()] {
            assert!(site.session(&beside(foreign)) == SessionCookie::Names(Id(1)), "{foreign:?}");
        }
    }

    #[test]
    fn made_up_attempts_are_not_all_read() {
        let site = site("http://localhost:8000");
        let cookie = |n: i128| format!("kinde_attempt_{}={n}.binding", Id(n));
        let many = headers(&(0..1000).map(cookie).collect::<Vec<_>>().join("; "));
        assert_eq!(site.attempts(&many).len(), MAX_ATTEMPTS_READ);
    }

    #[test]
    fn the_oldest_attempts_are_surplus() {
        let site = site("http://localhost:8000");
        let pending = |count: usize| {
            let cookie = |n: usize| format!("kinde_attempt_{}={n}.binding", Id(i128::try_from(n).unwrap()));
            headers(&(0..count).map(cookie).collect::<Vec<_>>().join("; "))
        };
        assert!(site.surplus_attempts(&pending(MAX_ATTEMPTS - 1)).is_empty());
        let surplus = site.surplus_attempts(&pending(MAX_ATTEMPTS + 1));
        assert_eq!(surplus.iter().map(|attempt| attempt.started_at).collect::<Vec<_>>(), [1, 0]);
    }
}
