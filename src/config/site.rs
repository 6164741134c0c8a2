//! The addresses of the site: its origin, its ports, the URLs to which the issuer sends browsers back, and the path to
//! which a sign-in leads.
//! Where users sign in is in `sign_in`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use url::{Position, Url};

use super::settings::Settings;
use crate::auth::paths as auth_paths;
use crate::auth::{Paths, ReturnTo, is_loopback};

/// The site's host when none is set, as in the tutorial.
const DEFAULT_HOST: &str = "localhost";
/// The site's port when none is set, as in the tutorial.
pub(super) const DEFAULT_PORT: u16 = 8000;

/// The default of cargo-leptos.
const DEFAULT_LIVE_RELOAD_PORT: u16 = 3001;

/// The site's URL when none is set. It also replaces one that cannot be read, so that the other settings are still
/// checked.
fn default_site_url() -> Url {
    Url::parse(&format!("http://{DEFAULT_HOST}:{DEFAULT_PORT}")).expect("the default site URL is a URL")
}

pub(super) fn live_reload_port(settings: &mut Settings<'_>) -> Option<u16> {
    let (watch, port) = (settings.one_of(&["LEPTOS_WATCH"]), settings.one_of(&["LEPTOS_RELOAD_PORT"]));
    watch.map(|_| port.and_then(|text| text.parse().ok()).unwrap_or(DEFAULT_LIVE_RELOAD_PORT))
}

pub(super) fn site_url(settings: &mut Settings<'_>) -> Url {
    let host_and_port = match (settings.one_of(&["SITE_HOST"]), settings.one_of(&["SITE_PORT"])) {
        (None, None) => None,
        (host, port) => Some(format!(
            "http://{}:{}",
            host.as_deref().unwrap_or(DEFAULT_HOST),
            port.as_deref().unwrap_or(&DEFAULT_PORT.to_string())
        )),
    };
    let Some(text) = settings.one_of(&["SITE_URL", "KINDE_SITE_URL"]).or(host_and_port) else {
        return default_site_url();
    };
    let example = "write the origin alone, for example https://app.example.com";
    let url = match Url::parse(&text) {
        Ok(url) if url.has_host() && matches!(url.scheme(), "http" | "https") => url,
        _ => {
            settings.problem(format!("SITE_URL is {text:?}, which is not an http or https URL: {example}."));
            return default_site_url();
        }
    };
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() || has_user(&url) {
        settings.problem(format!("SITE_URL has more than scheme, host and port: {example}."));
    }
    if url.scheme() == "http" && !is_loopback(&url) {
        settings.problem(format!(
            "SITE_URL is http on {}, so anybody on the network between could take over a session: use https (http is for localhost only).",
            url.host_str().unwrap_or_default()
        ));
    }
    url
}

pub(super) fn listen(settings: &mut Settings<'_>, site_url: &Url) -> Vec<SocketAddr> {
    if let Some(text) = settings.one_of(&["LISTEN_ADDR"]) {
        return text.parse().map_or_else(
            |_| {
                settings.problem(format!(
                    "LISTEN_ADDR is {text:?}: write address and port, for example 127.0.0.1:8000 or 0.0.0.0:8000."
                ));
                Vec::new()
            },
            |address| vec![address],
        );
    }
    if site_url.scheme() == "http" {
        let port = site_url.port_or_known_default().unwrap_or(DEFAULT_PORT);
        return vec![(IpAddr::V4(Ipv4Addr::LOCALHOST), port).into(), (IpAddr::V6(Ipv6Addr::LOCALHOST), port).into()];
    }
    vec![(Ipv4Addr::LOCALHOST, DEFAULT_PORT).into()]
}

/// Where metrics are served, if they are.
pub(super) fn metrics_address(settings: &mut Settings<'_>) -> Option<SocketAddr> {
    let text = settings.one_of(&["METRICS_ADDR"])?;
    let address = text.parse().ok();
    if address.is_none() {
        settings.problem(format!("METRICS_ADDR is {text:?}: write address and port, for example 127.0.0.1:9464."));
    }
    address
}

pub(super) fn callback_url(settings: &mut Settings<'_>, site_url: &Url) -> Url {
    let default = on_site(site_url, auth_paths::CALLBACK);
    let url = settings.url(&["KINDE_CALLBACK_URL"], &default);
    if url.origin() != site_url.origin() || url.path() != auth_paths::CALLBACK {
        settings
            .problem(format!("KINDE_CALLBACK_URL is not this app's callback: use {default}, and allow it in Kinde."));
    }
    url
}

pub(super) fn logout_redirect_url(settings: &mut Settings<'_>, site_url: &Url) -> Url {
    settings.url(&["LOGOUT_REDIRECT_URL", "KINDE_POST_LOGOUT_REDIRECT_URL"], &on_site(site_url, auth_paths::LOGOUT))
}

/// A path of this site, or a URL on it, whose path counts.
pub(super) fn default_return_to(settings: &mut Settings<'_>, site_url: &Url) -> ReturnTo {
    let Some(text) = settings.one_of(&["KINDE_POST_LOGIN_REDIRECT_URL"]) else { return ReturnTo::home() };
    let example = on_site(site_url, "/items/1");
    let url = if text.starts_with('/') { site_url.join(&text) } else { Url::parse(&text) };
    let Some(url) = url.ok().filter(|url| url.origin() == site_url.origin() && !has_user(url)) else {
        settings.problem(format!(
            "KINDE_POST_LOGIN_REDIRECT_URL is {text:?}, which is not on this site: write a path or a URL of this site, for example /items/1 or {example}."
        ));
        return ReturnTo::home();
    };
    let path = &url[Position::BeforePath..];
    let return_to = ReturnTo::parse(path, &Paths::default());
    if return_to.as_str() != path {
        settings.problem(format!(
            "KINDE_POST_LOGIN_REDIRECT_URL is {text:?}, to which no sign-in may lead: write the path of a page, for example /items/1, and none of the sign-in routes."
        ));
    }
    return_to
}

fn on_site(site_url: &Url, path: &str) -> Url {
    let mut url = site_url.clone();
    url.set_path(path);
    url
}

/// Whether the URL contains a user name or a password, which must not be shown.
pub(super) fn has_user(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}
