//! Tests of the session and its cookies, the catalogue's section SE: what the cookie is, what it opens, and until when.
//! It leaves out real browsers (SE-2), load (SE-16) and the store's own promises; see `stores`.

mod at_rest;
mod cookies;
mod end;
mod identity;
mod lifetime;
mod privacy;

use crate::harness::{Browser, Site};

/// Asks for the start page with exactly this `Cookie` header.
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
