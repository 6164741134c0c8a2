//! The headers of every response: what the browser may do with it, and which caches may keep it.
//! Routes that set a header themselves (`Cache-Control` of files) keep theirs; cookies are set by `auth`.
//!
//! ASVS 3.4, MDN Observatory.

use std::sync::{Arc, PoisonError, RwLock};

use axum::response::Response;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue};
use tokio::sync::watch;

use super::audience::Audience;
use crate::app::Scripts;
use crate::assets::{CSS, JAVASCRIPT, SVG, WASM};
use crate::auth;

const PERMISSIONS_POLICY_HEADER: HeaderName = HeaderName::from_static("permissions-policy");

/// Browser features that no page uses, and that no script gets to use here. Writing to the clipboard stays allowed.
const PERMISSIONS_POLICY: &str = "accelerometer=(), autoplay=(), browsing-topics=(), camera=(), display-capture=(), encrypted-media=(), fullscreen=(), geolocation=(), gyroscope=(), hid=(), magnetometer=(), microphone=(), midi=(), payment=(), picture-in-picture=(), publickey-credentials-get=(), screen-wake-lock=(), serial=(), usb=(), xr-spatial-tracking=()";

const ALLOWS_NOTHING: &str = "default-src 'none'";

/// The policy of a file that is a part of pages: it is in force only when the file is opened by itself.
const POLICY_OF_PARTS: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Text cannot become code: no script may write HTML or load a script by a plain text (Trusted Types).
const TRUSTED_TYPES: &str = "; require-trusted-types-for 'script'";

/// The headers of one site, prepared once.
#[derive(Debug, Clone)]
pub(super) struct SecurityHeaders(Arc<Policies>);

#[derive(Debug)]
struct Policies {
    always: HeaderMap,
    /// Discovery names them, and may name others later.
    form_origins: watch::Receiver<Vec<String>>,
    /// The policy of a page, with the origins that it was made for.
    of_page: RwLock<(Vec<String>, HeaderValue)>,
}

impl SecurityHeaders {
    pub(super) fn new(client: &auth::Client) -> Self {
        let config = client.config();
        // With room for a response's own, so that a clone need not grow.
        let mut always = HeaderMap::with_capacity(24);
        always.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        always.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
        always.insert(REFERRER_POLICY, HeaderValue::from_static("strict-origin-when-cross-origin"));
        always.insert(HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin"));
        always.insert(HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin"));
        always.insert(PERMISSIONS_POLICY_HEADER, HeaderValue::from_static(PERMISSIONS_POLICY));
        always.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if config.site_url.scheme() == "https" {
            let two_years = HeaderValue::from_static("max-age=63072000; includeSubDomains");
            always.insert(STRICT_TRANSPORT_SECURITY, two_years);
        }
        let form_origins = client.redirect_origins();
        let origins = form_origins.borrow().clone();
        let of_page = RwLock::new((origins.clone(), page_policy(&origins)));
        Self(Arc::new(Policies { always, form_origins, of_page }))
    }
}

impl Policies {
    /// The policy of a page, made anew when the origins have changed.
    fn of_page(&self) -> HeaderValue {
        let origins = self.form_origins.borrow();
        // Both are swapped at once: a panic elsewhere cannot leave them half-written.
        let made = self.of_page.read().unwrap_or_else(PoisonError::into_inner);
        if made.0 == *origins {
            return made.1.clone();
        }
        drop(made);
        let policy = page_policy(&origins);
        *self.of_page.write().unwrap_or_else(PoisonError::into_inner) = (origins.clone(), policy.clone());
        policy
    }

    /// The policy of the API docs: a script of this site may run, and send requests to it.
    fn of_docs(&self) -> HeaderValue {
        let page = self.of_page();
        let page = page.to_str().unwrap_or(ALLOWS_NOTHING);
        header(format!("{page}; script-src 'self'; connect-src 'self'{TRUSTED_TYPES}"))
    }

    /// The policy of a page with a script: a script with the nonce may run, and load the islands.
    fn with_scripts(&self, Scripts { nonce, loads_islands, sends_requests, live_reload_port, .. }: &Scripts) -> String {
        let page = self.of_page();
        let page = page.to_str().unwrap_or(ALLOWS_NOTHING);
        // The script of `cargo leptos watch` writes HTML.
        let last = live_reload_port.map_or_else(|| TRUSTED_TYPES.to_owned(), |port| format!(" ws://localhost:{port}"));
        let of_islands = if *loads_islands { " 'strict-dynamic' 'wasm-unsafe-eval'" } else { "" };
        let to_site = if *sends_requests { "; connect-src 'self'" } else { "" };
        format!("{page}; script-src 'nonce-{nonce}'{of_islands}{to_site}{last}")
    }
}

/// A policy as a header. One that cannot be a header allows nothing.
fn header(policy: String) -> HeaderValue {
    HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static(ALLOWS_NOTHING))
}

/// The policy of a page: no script runs. Forms may lead to the issuer, because a form whose response redirects there counts
/// as sent there, as that of sign-out does, and any other once the session has ended.
fn page_policy(origins: &[String]) -> HeaderValue {
    let origins = origins.join(" ");
    header(format!(
        "default-src 'none'; style-src 'self'; img-src 'self' https:; form-action 'self' {origins}; base-uri 'none'; frame-ancestors 'none'"
    ))
}

impl SecurityHeaders {
    /// Adds the headers which a response to this audience does not have.
    pub(super) fn add(&self, audience: Audience, response: &mut Response) {
        let policies = &self.0;
        let policy = match response.extensions_mut().remove::<Scripts>() {
            Some(scripts) => header(policies.with_scripts(&scripts)),
            None if audience == Audience::Developers => policies.of_docs(),
            None => policies.of_page(),
        };
        let headers = response.headers_mut();
        // A response has few headers of its own, so it is cheaper to add these to ours than ours to these.
        let own = std::mem::replace(headers, policies.always.clone());
        headers.insert(CONTENT_SECURITY_POLICY, policy);
        headers.extend(own);
        if is_part_of_pages(headers) {
            headers.remove(PERMISSIONS_POLICY_HEADER);
            headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY_OF_PARTS));
        }
        if audience == Audience::Issuer {
            // The address may hold a code; also when a layer refuses the request.
            headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        }
    }
}

/// Whether the response is a file that uses no feature even when it is opened by itself; the list of them is longer than
/// some files.
fn is_part_of_pages(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE).is_some_and(|kind| [CSS, JAVASCRIPT, SVG, WASM].iter().any(|part| kind == part))
}
