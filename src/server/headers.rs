//! The headers of every response: what the browser may do with it, and which caches may keep it.
//! Routes that set a header themselves (`Cache-Control` of files) keep theirs; cookies are set by `auth`.
//!
//! ASVS 3.4, MDN Observatory.

use std::sync::Arc;

use axum::response::Response;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue};
use tokio::sync::watch;

use super::audience::Audience;
use crate::app::Scripts;
use crate::auth;

/// The one inline style of Swagger UI's page, by its digest; a browser test notices when a new version changes it.
const SWAGGER_STYLE: &str = "'sha256-RL3ie0nH+Lzz2YNqQN83mnU0J1ot4QL7b99vMdIX99w='";

/// Browser features that no page uses, and that no script gets to use here. Writing to the clipboard stays allowed.
const PERMISSIONS_POLICY: &str = "accelerometer=(), autoplay=(), browsing-topics=(), camera=(), display-capture=(), encrypted-media=(), fullscreen=(), geolocation=(), gyroscope=(), hid=(), magnetometer=(), microphone=(), midi=(), payment=(), picture-in-picture=(), publickey-credentials-get=(), screen-wake-lock=(), serial=(), usb=(), xr-spatial-tracking=()";

/// Text cannot become code: no script may write HTML or load a script by a plain text (Trusted Types).
const TRUSTED_TYPES: &str = "; require-trusted-types-for 'script'";

/// The headers of one site, prepared once.
#[derive(Debug, Clone)]
pub(super) struct SecurityHeaders(Arc<Policies>);

#[derive(Debug)]
struct Policies {
    always: HeaderMap,
    /// Discovery names them, and may name others later, so the policy of a page is made for each response.
    form_origins: watch::Receiver<Vec<String>>,
    docs_policy: HeaderValue,
}

impl SecurityHeaders {
    pub(super) fn new(client: &auth::Client) -> Self {
        let config = client.config();
        let mut always = HeaderMap::new();
        always.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        always.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
        always.insert(REFERRER_POLICY, HeaderValue::from_static("strict-origin-when-cross-origin"));
        always.insert(HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin"));
        always.insert(HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin"));
        always.insert(HeaderName::from_static("permissions-policy"), HeaderValue::from_static(PERMISSIONS_POLICY));
        always.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if config.site_url.scheme() == "https" {
            let two_years = HeaderValue::from_static("max-age=63072000; includeSubDomains");
            always.insert(STRICT_TRANSPORT_SECURITY, two_years);
        }
        Self(Arc::new(Policies { always, form_origins: client.redirect_origins(), docs_policy: docs_policy() }))
    }
}

impl Policies {
    /// The policy of a page: no script runs. Forms may lead to the issuer, because a form whose response redirects there
    /// counts as sent there, as that of sign-out does, and any other once the session has ended.
    fn of_page(&self) -> String {
        let origins = self.form_origins.borrow().join(" ");
        format!(
            "default-src 'none'; style-src 'self'; img-src 'self' https:; form-action 'self' {origins}; base-uri 'none'; frame-ancestors 'none'"
        )
    }

    /// The policy of a page with a script: a script with the nonce may run, and load others.
    fn with_scripts(&self, Scripts { nonce, live_reload_port }: &Scripts) -> String {
        let page = self.of_page();
        // The script of `cargo leptos watch` writes HTML.
        let last = live_reload_port.map_or_else(|| TRUSTED_TYPES.to_owned(), |port| format!(" ws://localhost:{port}"));
        format!("{page}; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; connect-src 'self'{last}")
    }
}

/// A policy as a header. One that cannot be a header allows nothing.
fn header(policy: String) -> HeaderValue {
    HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
}

impl SecurityHeaders {
    /// Adds the headers which a response to this audience does not have.
    pub(super) fn add(&self, audience: Audience, response: &mut Response) {
        let policies = &self.0;
        let policy = match response.extensions_mut().remove::<Scripts>() {
            Some(scripts) => header(policies.with_scripts(&scripts)),
            None if audience == Audience::Developers => policies.docs_policy.clone(),
            None => header(policies.of_page()),
        };
        let added = response.headers_mut();
        if audience == Audience::Issuer {
            // The address may hold a code; also when a layer refuses the request.
            added.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        }
        for (name, value) in &policies.always {
            added.entry(name).or_insert_with(|| value.clone());
        }
        added.entry(CONTENT_SECURITY_POLICY).or_insert(policy);
    }
}

fn docs_policy() -> HeaderValue {
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self' {SWAGGER_STYLE}; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    header(policy)
}
