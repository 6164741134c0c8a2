//! The frame of the tenant's own pages: escaping, the notice, the style sheet and the headers of a sign-in page.
//!
//! It leaves the contents to its callers; no page has a script. Documents: RFC 9700 §4.16 (framing), CSP Level 3.

use axum::{
    http::{StatusCode, header},
    response::{Html, IntoResponse, Response},
};

/// The banner of every page of the tenant and of every page of an app that signs in at it.
pub const NOTICE: &str = "Emulated sign-in for development and tests, not Kinde: nobody proves who they are here.";

/// Where the style sheet is served.
pub(crate) const STYLE_PATH: &str = "/dev/style.css";

/// `GET /dev/style.css`
pub(crate) async fn style() -> Response {
    let headers = [(header::CONTENT_TYPE, "text/css; charset=utf-8")];
    (headers, include_str!("style.css")).into_response()
}

/// Text made safe between tags and in quoted attributes.
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

/// A page with this title and body; its forms may lead to `form_target` besides the tenant.
///
/// A browser applies `form-action` to the redirect after a form too, hence the callback's origin.
pub(crate) fn page(status: StatusCode, title: &str, body: &str, form_target: &str) -> Response {
    let document = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{title}</title>\n\
         <link rel=\"icon\" href=\"data:,\">\n<link rel=\"stylesheet\" href=\"{STYLE_PATH}\">\n</head>\n\
         <body>\n<aside class=\"notice\" aria-label=\"Notice\"><p>{NOTICE}</p></aside>\n<main>\n<h1>{title}</h1>\n{body}\n</main>\n</body>\n</html>\n",
        title = escape(title),
    );
    let policy = format!(
        "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; frame-ancestors 'none'; \
         form-action 'self' {form_target}"
    );
    let headers = [
        (header::CONTENT_SECURITY_POLICY, policy.as_str()),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (status, headers, Html(document)).into_response()
}

/// A page that says what went wrong and leads nowhere: the request gave no address that can be trusted.
pub(crate) fn error(status: StatusCode, text: &str) -> Response {
    let body = format!("<p class=\"error\" role=\"alert\">{}</p>", escape(text));
    page(status, "Sign-in is not possible", &body, "")
}
