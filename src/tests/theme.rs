//! Tests of the theme switch: the cookie it sets, the page that follows it, and the redirect back.

use kinde_leptos::auth::paths::{LOGOUT, SIGNED_OUT};
use kinde_leptos::paths::THEME;
use reqwest::Method;

use super::harness::{Browser, Site};

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

#[tokio::test]
async fn a_chosen_theme_is_rendered_from_the_first_byte() {
    let site = Site::start().await;
    let mut browser = Browser::new();
    assert!(browser.get(&site.at(SIGNED_OUT)).await.body.contains("<html lang=\"en\">"));
    let response = browser.post(&site.at(THEME), &[("theme", "dark"), ("return_to", "/signed-out?x=1")]).await;
    assert_eq!((response.status, response.header("location")), (303, "/signed-out?x=1"));
    let page = browser.get(&site.at(SIGNED_OUT)).await;
    assert!(page.body.contains("<html lang=\"en\" data-theme=\"dark\">"), "{}", page.body);
}

#[tokio::test]
async fn the_cookie_is_a_plain_lax_cookie_for_a_year() {
    let site = Site::start().await;
    let response = Browser::new().post(&site.at(THEME), &[("theme", "light")]).await;
    assert_eq!(response.set_cookies(), ["theme=light; HttpOnly; SameSite=Lax; Path=/; Max-Age=31536000"]);
}

#[tokio::test]
async fn the_systems_theme_removes_the_cookie() {
    let site = Site::start().await;
    let mut browser = Browser::new();
    browser.post(&site.at(THEME), &[("theme", "dark")]).await;
    browser.post(&site.at(THEME), &[("theme", "system")]).await;
    assert_eq!(browser.cookie("localhost", "theme"), None);
}

#[tokio::test]
async fn the_way_back_never_leaves_the_site() {
    let site = Site::start().await;
    for hostile in ["https://evil.example", "//evil.example", "/\\evil", LOGOUT, ""] {
        let response = Browser::new().post(&site.at(THEME), &[("theme", "dark"), ("return_to", hostile)]).await;
        assert_eq!((response.status, response.header("location")), (303, "/"), "{hostile:?}");
    }
}

#[tokio::test]
async fn without_a_return_address_there_is_no_redirect() {
    let site = Site::start().await;
    let response = Browser::new().post(&site.at(THEME), &[("theme", "dark")]).await;
    assert_eq!(response.status, 204);
    assert_eq!(response.set_cookies().len(), 1);
}

#[tokio::test]
async fn an_unknown_theme_changes_nothing() {
    let site = Site::start().await;
    for theme in ["", "Dark", "\"><script>"] {
        let response = Browser::new().post(&site.at(THEME), &[("theme", theme)]).await;
        assert_eq!(response.status, 422, "{theme:?}");
        assert!(response.set_cookies().is_empty());
    }
}

#[tokio::test]
async fn another_site_cannot_set_the_theme() {
    let site = Site::start().await;
    let headers = [("sec-fetch-site", "cross-site"), FORM];
    let response = Browser::new().send(Method::POST, &site.at(THEME), &headers, Some("theme=dark".to_owned())).await;
    assert_eq!(response.status, 403);
    assert!(response.set_cookies().is_empty());
}

#[tokio::test]
async fn the_form_leads_back_to_its_page() {
    let site = Site::start().await;
    let mut browser = site.signed_in("ada").await;
    let page = browser.get(&site.at("/items/42?q=a%26b")).await;
    assert!(page.body.contains("name=\"return_to\" value=\"/items/42?q=a%26b\""), "{}", page.body);
}
