//! One host name for the site on a developer's machine: `127.0.0.1` is redirected to `localhost`, or the other way round.
//! Cookies belong to one host, so a sign-in begun under the other name would not be found on the way back.
//! A Host that is no loopback name is left alone, and appears in no URL. The groups that redirect are listed in `audience`.

use std::net::IpAddr;

use axum::extract::Request;
use axum::response::Redirect;
use http::header::HOST;
use http::uri::Authority;
use http::{Method, Uri};
use url::Url;

use super::audience::Audience;
use crate::auth::Wants;

/// The site's own name.
pub(super) struct CanonicalHost {
    origin: String,
    host: String,
    /// `Host` as a browser sends it.
    authority: String,
}

impl CanonicalHost {
    pub(super) fn new(site_url: &Url) -> Self {
        Self {
            origin: site_url.origin().ascii_serialization(),
            host: site_url.host_str().unwrap_or_default().to_owned(),
            authority: site_url.authority().to_owned(),
        }
    }

    /// The redirect of a page's GET under another loopback name to the site's own; `None` for any other request.
    pub(super) fn redirect(&self, request: &Request) -> Option<Redirect> {
        let host = request.headers().get(HOST)?.to_str().ok()?;
        let is_elsewhere = host != self.authority && self.is_other_loopback_name(host) && is_page(request);
        is_elsewhere.then(|| Redirect::to(&self.on_site(request.uri())))
    }

    /// Ports are ignored: a container may map them.
    fn is_other_loopback_name(&self, host: &str) -> bool {
        let Ok(authority) = host.parse::<Authority>() else { return false };
        is_loopback_name(&self.host)
            && is_loopback_name(authority.host())
            && !authority.host().eq_ignore_ascii_case(&self.host)
    }

    fn on_site(&self, uri: &Uri) -> String {
        let asked = uri.path_and_query().map_or("/", |asked| asked.as_str());
        format!("{}{asked}", self.origin)
    }
}

fn is_page(request: &Request) -> bool {
    matches!(*request.method(), Method::GET | Method::HEAD)
        && Audience::of(request.uri().path()).has_canonical_host()
        && Wants::of(request.headers()) == Wants::Page
}

fn is_loopback_name(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let is_localhost = bare.eq_ignore_ascii_case("localhost") || bare.to_ascii_lowercase().ends_with(".localhost");
    is_localhost || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host_of(site_url: &str) -> CanonicalHost {
        CanonicalHost::new(&Url::parse(site_url).unwrap())
    }

    fn is_redirected(host: &str) -> bool {
        host_of("http://localhost:8000").is_other_loopback_name(host)
    }

    #[test]
    fn only_other_loopback_names_are_redirected() {
        for host in ["127.0.0.1:8000", "127.0.0.1", "[::1]:8000", "127.0.0.2:9000"] {
            assert!(is_redirected(host), "{host}");
        }
        for host in ["localhost:8000", "LOCALHOST", "localhost:9000", "evil.example", "app.example:8000", "", "::"] {
            assert!(!is_redirected(host), "{host}");
        }
    }

    #[test]
    fn a_public_site_redirects_nobody() {
        assert!(!host_of("https://app.example").is_other_loopback_name("127.0.0.1"));
    }
}
