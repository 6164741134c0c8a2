//! Tests of the session and its cookies, section SE of the security catalogue: the cookie, what it opens, and for how
//! long.
//! Real browsers (SE-2) are tested in `end2end`, the store itself in `stores`. Load (SE-16) is not tested here.

mod at_rest;
mod claims;
mod cookies;
mod end;
mod end_of_all;
mod identity;
mod lifetime;
mod privacy;
mod re_sealing;
mod time_left;

use crate::harness::{Browser, Site};

/// Requests the start page with exactly this `Cookie` header. Returns the status and the `Set-Cookie` headers.
async fn status_with(site: &Site, cookie: &str) -> (u16, Vec<String>) {
    let headers = [("cookie", cookie), ("accept", "text/html")];
    let response = Browser::new().send(reqwest::Method::GET, &site.at("/"), &headers, None).await;
    (response.status, response.set_cookies().into_iter().map(str::to_owned).collect())
}

/// The attributes of a `Set-Cookie` header, sorted.
fn attributes(set_cookie: &str) -> Vec<&str> {
    let mut attributes: Vec<_> = set_cookie.split("; ").skip(1).collect();
    attributes.sort_unstable();
    attributes
}
