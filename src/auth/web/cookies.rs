//! The cookies as headers: one with the session's secret, a short-lived one for each pending authorization, one for a
//! sign-out at the issuer, and a mark of sign-out that lasts a second. `client` decides when they change.
//!
//! RFC 6265bis (`__Host-`), ASVS 3.3.

use std::time::Duration;

use cookie::{Cookie, SameSite};
use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderMap, HeaderValue};
use url::Url;

use crate::auth::client::{BrowserCookies, Client, CookieChange, MAX_PENDING, PendingCookie, SessionCookie};
use crate::auth::random::random_value;
use crate::auth::session::{PENDING_LIFETIME, SessionSecret};

const HOST_PREFIX: &str = "__Host-";
const SESSION: &str = "_session";
const PENDING: &str = "_pending_";
const SIGN_OUT_STATE: &str = "_sign_out_state";
const SIGNED_OUT: &str = "_signed_out";
/// How long a user may take at the issuer to sign out there.
const SIGN_OUT_LIFETIME: Duration = Duration::from_secs(5 * 60);
/// More than a browser of ours can have, and few enough that a made-up header costs nothing.
const MAX_PENDING_READ: usize = 2 * MAX_PENDING;

/// Names and attributes of the cookies of one site.
#[derive(Debug, Clone)]
pub(in crate::auth) struct Cookies<'a> {
    secure: bool,
    /// The beginning of each name, after `__Host-`.
    prefix: &'a str,
    session_lifetime: Duration,
}

impl<'a> Cookies<'a> {
    /// On an https site the cookies are `Secure` and have the `__Host-` prefix; on http (loopback) they cannot. The
    /// session cookie lasts as long as a session may.
    pub(in crate::auth) fn new(site_url: &Url, prefix: &'a str, session_lifetime: Duration) -> Self {
        Self { secure: site_url.scheme() == "https", prefix, session_lifetime }
    }

    /// The cookies of a client's site.
    pub(super) fn of(client: &'a Client) -> Self {
        let config = client.config();
        Self::new(&config.site_url, &config.cookie_prefix, config.lifetime.absolute)
    }

    /// Our cookies in a request.
    pub(in crate::auth) fn of_browser(&self, headers: &HeaderMap) -> BrowserCookies {
        let sign_out_state = self.sign_out_state(headers);
        BrowserCookies { session: self.session(headers), pending: self.pending(headers), sign_out_state }
    }

    /// The session cookie of a request.
    pub(super) fn session(&self, headers: &HeaderMap) -> SessionCookie {
        let mut values = cookies(headers).filter(|(name, _)| self.is_session_name(name)).map(|(_, value)| value);
        let Some(value) = values.next() else { return SessionCookie::Absent };
        if values.any(|other| other != value) {
            return SessionCookie::Unusable;
        }
        SessionSecret::parse(value).map_or(SessionCookie::Unusable, SessionCookie::Present)
    }

    /// The authorizations that are pending in this browser, newest first.
    fn pending(&self, headers: &HeaderMap) -> Vec<PendingCookie> {
        let prefix = self.pending_name("");
        let mut pending: Vec<PendingCookie> = cookies(headers)
            .filter_map(|(name, value)| parse_pending(name.strip_prefix(&prefix)?, value))
            .take(MAX_PENDING_READ)
            .collect();
        pending.sort_by_key(|cookie| std::cmp::Reverse(cookie.started_at));
        pending
    }

    /// The `state` of this browser's last sign-out at the issuer.
    fn sign_out_state(&self, headers: &HeaderMap) -> Option<String> {
        let name = self.name(SIGN_OUT_STATE);
        cookies(headers).find(|(found, _)| *found == name).map(|(_, value)| value.to_owned())
    }

    /// Adds the `Set-Cookie` header of a change.
    pub(super) fn apply(&self, change: &CookieChange, headers: &mut HeaderMap) {
        headers.append(SET_COOKIE, self.set_cookie(change));
    }

    fn set_cookie(&self, change: &CookieChange) -> HeaderValue {
        match change {
            CookieChange::SetSession { secret, persistent } => {
                let lifetime = persistent.then_some(self.session_lifetime);
                self.set(self.session_name(), &secret.expose(), lifetime)
            }
            CookieChange::RemoveSession => self.set(self.session_name(), "", Some(Duration::ZERO)),
            CookieChange::SetPending(PendingCookie { id, started_at, binding }) => {
                self.set(self.pending_name(&id.to_string()), &format!("{started_at}.{binding}"), Some(PENDING_LIFETIME))
            }
            CookieChange::RemovePending(id) => self.set(self.pending_name(&id.to_string()), "", Some(Duration::ZERO)),
            CookieChange::MarkSignedOut => {
                self.set(self.name(SIGNED_OUT), &random_value(), Some(Duration::from_secs(1)))
            }
            CookieChange::SetSignOutState(state) => self.set(self.name(SIGN_OUT_STATE), state, Some(SIGN_OUT_LIFETIME)),
            CookieChange::RemoveSignOutState => self.set(self.name(SIGN_OUT_STATE), "", Some(Duration::ZERO)),
        }
    }

    fn session_name(&self) -> String {
        self.name(SESSION)
    }

    /// Whether this is [`Self::session_name`], which need not be made for each request.
    fn is_session_name(&self, name: &str) -> bool {
        let host = if self.secure { HOST_PREFIX } else { "" };
        name.strip_prefix(host).and_then(|name| name.strip_prefix(self.prefix)) == Some(SESSION)
    }

    fn pending_name(&self, id: &str) -> String {
        self.name(PENDING) + id
    }

    fn name(&self, of: &str) -> String {
        let host = if self.secure { HOST_PREFIX } else { "" };
        [host, self.prefix, of].concat()
    }

    /// A cookie without a lifetime ends when the browser is closed.
    fn set(&self, name: String, value: &str, lifetime: Option<Duration>) -> HeaderValue {
        let mut cookie = Cookie::build((name, value.to_owned()))
            .path("/")
            .http_only(true)
            .same_site(SameSite::Lax)
            .secure(self.secure)
            .build();
        cookie.set_max_age(lifetime.map(|lifetime| time::Duration::try_from(lifetime).unwrap_or(time::Duration::MAX)));
        HeaderValue::try_from(cookie.to_string()).expect("names, ids and base64url values are legal in a header")
    }
}

fn parse_pending(id: &str, value: &str) -> Option<PendingCookie> {
    let (started_at, binding) = value.split_once('.')?;
    Some(PendingCookie { id: id.parse().ok()?, started_at: started_at.parse().ok()?, binding: binding.to_owned() })
}

/// All cookies of a request as name and value. They are read as bytes: a foreign cookie that is not ASCII must not hide
/// ours, and only ASCII white space is trimmed (a browser lets a subdomain set `\u{2000}__Host-…`, which is not ours).
fn cookies(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    headers.get_all(COOKIE).iter().flat_map(|header| header.as_bytes().split(|byte| *byte == b';')).filter_map(|pair| {
        let pair = pair.trim_ascii();
        let end_of_name = pair.iter().position(|byte| *byte == b'=')?;
        let (name, value) = (&pair[..end_of_name], &pair[end_of_name + 1..]);
        Some((std::str::from_utf8(name).ok()?, std::str::from_utf8(value).ok()?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::session::Id;

    const LIFETIME: Duration = Duration::from_secs(60);

    fn site(url: &str) -> Cookies<'static> {
        Cookies::new(&Url::parse(url).unwrap(), "kinde", LIFETIME)
    }

    fn headers(cookie: &str) -> HeaderMap {
        HeaderMap::from_iter([(COOKIE, HeaderValue::from_str(cookie).unwrap())])
    }

    fn set_cookie(url: &str, change: &CookieChange) -> String {
        site(url).set_cookie(change).to_str().unwrap().to_owned()
    }

    #[test]
    fn on_https_every_cookie_is_a_host_cookie() {
        let set = set_cookie(
            "https://app.example",
            &CookieChange::SetSession { secret: SessionSecret::random(), persistent: true },
        );
        assert!(set.starts_with("__Host-kinde_session="));
        for attribute in ["HttpOnly", "SameSite=Lax", "Secure", "Path=/", "Max-Age=60"] {
            assert!(set.contains(attribute), "{set}");
        }
        assert!(!set.contains("Domain"));
    }

    #[test]
    fn a_session_that_does_not_persist_ends_with_the_browser() {
        let change = CookieChange::SetSession { secret: SessionSecret::random(), persistent: false };
        let set = set_cookie("https://app.example", &change);
        assert!(!set.contains("Max-Age") && !set.contains("Expires") && set.contains("HttpOnly"), "{set}");
    }

    #[test]
    fn on_http_loopback_the_name_is_plain_and_not_secure() {
        let set = set_cookie(
            "http://localhost:8000",
            &CookieChange::SetSession { secret: SessionSecret::random(), persistent: true },
        );
        assert!(set.starts_with("kinde_session="));
        assert!(!set.contains("Secure"));
    }

    #[test]
    fn removal_has_the_attributes_of_setting() {
        let set = set_cookie("https://app.example", &CookieChange::RemoveSession);
        assert!(set.starts_with("__Host-kinde_session=;"));
        for attribute in ["HttpOnly", "SameSite=Lax", "Secure", "Path=/", "Max-Age=0"] {
            assert!(set.contains(attribute), "{set}");
        }
    }

    #[test]
    fn a_malformed_or_doubled_session_cookie_is_unusable() {
        let site = site("http://localhost:8000");
        let (one, two) = (SessionSecret::random(), SessionSecret::random().expose());
        let valid = format!("a=b; kinde_session={}", one.expose());
        assert!(site.session(&headers(&valid)) == SessionCookie::Present(one));
        assert!(site.session(&headers("a=b")) == SessionCookie::Absent);
        let long = "x".repeat(8000);
        for value in ["", "%FF", "short", &long, &format!("{}; kinde_session={two}", one.expose())] {
            assert!(site.session(&headers(&format!("kinde_session={value}"))) == SessionCookie::Unusable, "{value}");
        }
    }

    #[test]
    fn a_foreign_cookie_hides_nothing_and_is_not_taken_for_ours() {
        let (site, secret) = (site("http://localhost:8000"), SessionSecret::random());
        let beside = |foreign: &[u8]| {
            let cookie = [foreign, b"; kinde_session=", secret.expose().as_bytes()].concat();
            HeaderMap::from_iter([(COOKIE, HeaderValue::from_bytes(&cookie).unwrap())])
        };
        for foreign in ["x=é".as_bytes(), b"x=\xff", b"novalue", "\u{2000}kinde_session=x".as_bytes()] {
            assert!(site.session(&beside(foreign)) == SessionCookie::Present(secret), "{foreign:?}");
        }
    }

    #[test]
    fn a_pending_authorization_reads_back_from_its_cookie() {
        let site = site("http://localhost:8000");
        let pending = PendingCookie { id: Id(7), started_at: 5, binding: "binding".to_owned() };
        let set = site.set_cookie(&CookieChange::SetPending(pending.clone()));
        let sent = set.to_str().unwrap().split(';').next().unwrap();
        assert!(site.of_browser(&headers(sent)).pending == [pending]);
    }

    #[test]
    fn the_state_of_a_sign_out_reads_back_from_its_cookie_for_five_minutes() {
        let site = site("https://app.example");
        let set = site.set_cookie(&CookieChange::SetSignOutState("state".to_owned()));
        let (sent, attributes) = set.to_str().unwrap().split_once(';').unwrap();
        assert_eq!(sent, "__Host-kinde_sign_out_state=state");
        for attribute in ["HttpOnly", "SameSite=Lax", "Secure", "Path=/", "Max-Age=300"] {
            assert!(attributes.contains(attribute), "{attributes}");
        }
        assert_eq!(site.of_browser(&headers(sent)).sign_out_state.as_deref(), Some("state"));
    }

    #[test]
    fn made_up_pending_authorizations_are_not_all_read() {
        let site = site("http://localhost:8000");
        let cookie = |n: i128| format!("kinde_pending_{}={n}.binding", Id(n));
        let many = headers(&(0..1000).map(cookie).collect::<Vec<_>>().join("; "));
        assert_eq!(site.of_browser(&many).pending.len(), MAX_PENDING_READ);
    }
}
