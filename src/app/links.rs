//! How the pages link: the addresses of the JSON behind them, and the marks that a link carries.
//!
//! Leaves out the site's own paths, which stand in `paths`.

use leptos_router::location::Url;

pub use crate::auth::paths::{LOGIN, LOGOUT, REGISTER};
pub use crate::paths::{DOCS, HOME, ICON, ITEMS, OPENAPI, STYLE_SHEET};

use crate::auth::paths::AUTH_PREFIX;

/// The greeting as JSON.
pub const GREETING_JSON: &str = "/api/greeting";
/// An item as JSON; see [`item_json`] for a whole link.
pub const ITEM_JSON: &str = "/api/item";

/// The address of an item as JSON; `q` is left out when it was not given.
pub fn item_json(item_id: i64, q: Option<&str>) -> String {
    let q = q.map(|q| format!("&q={}", Url::escape(q)));
    format!("{ITEM_JSON}?item_id={item_id}{}", q.unwrap_or_default())
}

/// The `rel` of a link to `href`: `external` for what Leptos does not draw, and `nofollow` too for the auth routes,
/// where each visit begins a sign-in.
pub fn rel(href: &str) -> Option<&'static str> {
    let path = href.split(['?', '#']).next().unwrap_or(href);
    match path {
        path if path.starts_with(AUTH_PREFIX) => Some("external nofollow"),
        DOCS | OPENAPI | GREETING_JSON | ITEM_JSON => Some("external"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn item_json_keeps_absent_and_empty_q_apart() {
        assert_eq!(item_json(-4, None), "/api/item?item_id=-4");
        assert_eq!(item_json(4, Some("")), "/api/item?item_id=4&q=");
        assert_eq!(item_json(4, Some("a&b ü")), "/api/item?item_id=4&q=a%26b%20%C3%BC");
    }

    #[test]
    fn rel_marks_what_leptos_does_not_draw() {
        assert_eq!(rel("/api/auth/login?post_login_redirect_url=%2F"), Some("external nofollow"));
        assert_eq!(rel("/docs"), Some("external"));
        assert_eq!(rel("/items/4?q=/docs"), None);
    }
}
