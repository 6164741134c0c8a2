//! The frame of the tenant's pages: escaping, the notice, the style sheet and the security headers. No page has a
//! script. The callers render the contents.
//!
//! RFC 9700 §4.16 (framing), CSP Level 3.

use axum::{
    http::{StatusCode, header},
    response::{Html, IntoResponse, Response},
};

/// The banner of every page of the tenant and of every page of an app that signs in at it.
pub const NOTICE: &str = "Emulated sign-in for development and tests, not Kinde: nobody proves who they are here.";

/// The tenant's mark and name, in the header of every page.
const BRAND: &str = "<svg viewBox=\"0 0 24 24\" aria-hidden=\"true\"><rect width=\"24\" height=\"24\" rx=\"6\"/>\
    <path d=\"M12 6a3.2 3.2 0 0 0-1.5 6l-.8 5.5h4.6L13.5 12A3.2 3.2 0 0 0 12 6z\"/></svg><span>Emulated tenant</span>";

/// The path of the style sheet.
pub(crate) const STYLE_PATH: &str = "/dev/style.css";

/// `GET /dev/style.css`
pub(crate) async fn style() -> Response {
    let headers = [(header::CONTENT_TYPE, "text/css; charset=utf-8")];
    (headers, include_str!("style.css")).into_response()
}

/// Escapes a text for use between tags and in quoted attributes.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// A page of the tenant.
pub(crate) struct Page<'a> {
    pub(crate) status: StatusCode,
    pub(crate) title: &'a str,
    /// After how many seconds the browser loads the page again, if it does.
    pub(crate) again_after: Option<u32>,
    /// The HTML of the navigation in the header, and with it a link to the app. Without it, the page has no links to
    /// others but one to the console.
    pub(crate) navigation: &'a str,
    /// The HTML of the main part, below the title.
    pub(crate) body: &'a str,
    /// The origin to which forms may lead, in addition to the tenant's own.
    pub(crate) form_target: &'a str,
}

impl Page<'_> {
    /// Returns the response with the page.
    ///
    /// A browser also applies `form-action` to the redirect after a form, so `form_target` is the origin of the callback.
    pub(crate) fn render(&self) -> Response {
        let Self { status, title, again_after, navigation, body, form_target } = *self;
        let again = again_after.map(|seconds| format!("<meta http-equiv=\"refresh\" content=\"{seconds}\">\n"));
        let again = again.unwrap_or_default();
        let (brand, link) = match navigation {
            "" => (format!("<p class=\"brand\">{BRAND}</p>"), " <a href=\"/\">Open the console</a>"),
            _ => (format!("<a class=\"brand\" href=\"/\">{BRAND}</a>"), " <a href=\"/app\">Back to the app</a>"),
        };
        let title = escape(title);
        let document = format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n{again}<title>{title}</title>\n\
             <link rel=\"icon\" href=\"data:,\">\n<link rel=\"stylesheet\" href=\"{STYLE_PATH}\">\n</head>\n\
             <body>\n<aside class=\"notice\" aria-label=\"Notice\"><p>{NOTICE}{link}</p></aside>\n\
             <header class=\"site-header\">{brand}{navigation}</header>\n<main>\n<h1>{title}</h1>\n{body}\n</main>\n</body>\n</html>\n",
        );
        let policy = format!(
            "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; frame-ancestors 'none'; \
             form-action 'self' {form_target}"
        );
        let headers = [
            (header::CONTENT_SECURITY_POLICY, policy.as_str()),
            (header::CACHE_CONTROL, "no-store"),
            // With `no-referrer`, browsers would send `Origin: null` with the tenant's own forms.
            (header::REFERRER_POLICY, "same-origin"),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        ];
        (status, headers, Html(document)).into_response()
    }
}

/// Returns a page outside the console with this title and body. Its forms may send the browser to the tenant and to
/// `form_target`.
pub(crate) fn page(status: StatusCode, title: &str, body: &str, form_target: &str) -> Response {
    Page { status, title, again_after: None, navigation: "", body, form_target }.render()
}

/// Returns a page that states the error and what the user can do. It has no link to the app, because no address in a
/// refused request can be trusted.
pub(crate) fn error(status: StatusCode, text: &str) -> Response {
    refusal(status, text, "<p>Go back to the app, and start again there.</p>")
}

/// As [`error`], with what somebody has to do who develops the app. The advice is HTML.
pub(crate) fn refusal(status: StatusCode, text: &str, advice: &str) -> Response {
    let body = format!(
        "<p class=\"error\" role=\"alert\">{}</p>{advice}\
         <p><a href=\"/\">The console</a> shows the request as it arrived here.</p>",
        escape(text),
    );
    page(status, "The tenant refuses this request", &body, "")
}

/// Returns the page of an address that the tenant does not have.
pub(crate) fn not_found() -> Response {
    let body = "<p>The tenant has nothing at this address. <a href=\"/\">The console</a> has all that it does.</p>";
    page(StatusCode::NOT_FOUND, "Page not found", body, "")
}
