//! `Cookie`: the session cookie of somebody who signed in, as a header value.

use std::fmt;

use http::HeaderValue;

/// A session cookie, `kinde_session=…`. It never prints its value.
///
/// `request.header(COOKIE, &cookie)` sends it, with axum's requests and with reqwest's.
#[derive(Clone, PartialEq, Eq)]
pub struct Cookie {
    name: String,
    value: String,
    header: HeaderValue,
}

impl Cookie {
    /// `None` for characters that no cookie has.
    pub(super) fn new(name: &str, value: &str) -> Option<Self> {
        let mut header = HeaderValue::try_from(format!("{name}={value}")).ok()?;
        header.set_sensitive(true);
        Some(Self { name: name.to_owned(), value: value.to_owned(), header })
    }

    /// The name of the cookie.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The value of the cookie, which opens the session.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// The value of a `Cookie` header with this cookie alone: `NAME=VALUE`.
    pub fn header(&self) -> &HeaderValue {
        &self.header
    }
}

impl From<&Cookie> for HeaderValue {
    fn from(cookie: &Cookie) -> Self {
        cookie.header.clone()
    }
}

impl From<Cookie> for HeaderValue {
    fn from(cookie: Cookie) -> Self {
        cookie.header
    }
}

impl fmt::Debug for Cookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cookie").field("name", &self.name).finish_non_exhaustive()
    }
}
