//! The targets of the pages' links, and the `rel` of a link.
//! The paths themselves are in `paths` and `auth::paths`.

use leptos::server_fn::ServerFn;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

pub use crate::auth::paths::{
    ACCOUNT, CREATE_ORG, END_SESSION, LOGIN, LOGOUT, LOGOUT_EVERYWHERE, PORTAL, REGISTER, SESSION, SIGNED_OUT,
    SWITCH_ORG,
};
pub use crate::paths::{AUTH_HEALTH, DOCS, HOME, ITEMS, MEMBERS, OPENAPI, SETUP};

use crate::api::greeting::ReadGreeting;
use crate::api::item::ReadItem;
use crate::api::item_id::ItemId;
use crate::auth::paths::AUTH_PREFIX;

/// The greeting as JSON.
pub const GREETING_JSON: &str = ReadGreeting::PATH;

/// The address of an item as JSON; `q` is left out when it was not given.
pub fn item_json(item_id: ItemId, q: Option<&str>) -> String {
    let q = q.map(|q| format!("&q={}", utf8_percent_encode(q, NON_ALPHANUMERIC)));
    format!("{}?item_id={item_id}{}", ReadItem::PATH, q.unwrap_or_default())
}

/// The `rel` of a link to `href`. For the auth routes it is `nofollow`, because each visit begins a sign-in or leads to
/// the issuer, and `external`, so that a router in the browser leaves the link to the server.
pub fn rel(href: &str) -> Option<&'static str> {
    href.starts_with(AUTH_PREFIX).then_some("external nofollow")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn item_json_keeps_absent_and_empty_q_apart() {
        assert_eq!(item_json(ItemId(-4), None), "/api/item?item_id=-4");
        assert_eq!(item_json(ItemId(4), Some("")), "/api/item?item_id=4&q=");
        assert_eq!(item_json(ItemId(4), Some("a&b ü")), "/api/item?item_id=4&q=a%26b%20%C3%BC");
    }

    #[test]
    fn crawlers_do_not_follow_links_to_sign_in() {
        assert_eq!(rel("/api/auth/login?post_login_redirect_url=%2F"), Some("external nofollow"));
        assert_eq!(rel("/items/4?q=/api/auth/login"), None);
    }
}
