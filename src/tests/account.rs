//! `/account` and `GET /api/account`: what a user sees of themselves, and the sessions that they end.
//! How a `User-Agent` becomes a device is tested in `auth::web::device`.

mod costs;
mod end;
mod everywhere;
#[cfg(unix)]
mod processes;
mod rights;
mod sessions;

use kinde_leptos::api::account::ReadAccount;
use kinde_leptos::auth::paths::{ACCOUNT, END_SESSION, LOGIN, LOGOUT_EVERYWHERE};
use leptos::server_fn::ServerFn;
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Browser, Response, Site, person};

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0";
const IPHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1";

/// A browser in which this person has signed in, and that names itself so.
async fn signed_in_with(site: &Site, person: &str, user_agent: &str) -> Browser {
    let mut browser = Browser::new();
    let callback = browser.sign_in_up_to_callback(site, person, "/").await;
    let response = browser.send(Method::GET, &callback, &[("user-agent", user_agent)], None).await;
    assert_eq!(response.status, 303, "{}", response.body);
    browser
}

/// The account as JSON.
async fn account(site: &Site, browser: &mut Browser) -> Value {
    let response = browser.get_json(&site.at(ACCOUNT)).await;
    assert_eq!(response.status, 200, "{}", response.body);
    response.json()
}

async fn sessions(site: &Site, browser: &mut Browser) -> Vec<Value> {
    account(site, browser).await["sessions"].as_array().unwrap().clone()
}

/// The id of the browser's own session in the list.
async fn own_id(site: &Site, browser: &mut Browser) -> String {
    let sessions = sessions(site, browser).await;
    assert_eq!(sessions[0]["current"], true);
    sessions[0]["id"].as_str().unwrap().to_owned()
}

/// Sends the form that ends a session.
async fn end(site: &Site, browser: &mut Browser, id: &str) -> Response {
    browser.post(&site.at(END_SESSION), &[("session", id)]).await
}

async fn end_everywhere(site: &Site, browser: &mut Browser) -> Response {
    browser.post(&site.at(LOGOUT_EVERYWHERE), &[]).await
}

#[tokio::test]
async fn page_and_function_have_the_same_json() {
    let site = Site::start().await;
    let mut ada = signed_in_with(&site, "ada", FIREFOX).await;
    let organization = &person("ada").organizations[0];
    let organization = json!({"code": organization.code, "name": organization.name});
    for path in [ACCOUNT, ReadAccount::PATH] {
        let response = ada.get_json(&site.at(path)).await;
        let mut account = response.json();
        let session = account["sessions"][0].as_object_mut().unwrap();
        let (id, started_at) = (session.remove("id").unwrap(), session.remove("started_at").unwrap());
        assert_eq!(id.as_str().unwrap().len(), 22, "{path}");
        assert!(
            started_at.as_str().unwrap().len() == 20 && started_at.as_str().unwrap().ends_with('Z'),
            "{started_at}"
        );
        assert_eq!(session.remove("last_seen"), Some(started_at), "{path}");
        let expected = json!({
            "name": "Ada Lovelace",
            "email": "ada@example.com",
            "picture": null,
            "organization": organization,
            "organizations": [organization],
            "permissions": ["create:items", "org:write:members", "read:items", "read:members", "update:items"],
            "roles": [{"key": "admin", "name": "admin"}],
            "feature_flags": {
                "theme": {"type": "string", "value": "pink"},
                "is_dark_mode": {"type": "boolean", "value": true},
                "competitions_limit": {"type": "integer", "value": 5},
                "layout": {"type": "json", "value": {"columns": 2}},
            },
            "sessions": [{"device": "Firefox on Linux", "current": true}],
        });
        assert_eq!((response.status, account), (200, expected), "{path}");
    }
}

#[tokio::test]
async fn the_page_shows_the_account_and_the_ways_to_change_it() {
    let site = Site::start().await;
    let mut ada = signed_in_with(&site, "ada", FIREFOX).await;
    let page = ada.get(&site.at(ACCOUNT)).await;
    assert_eq!(page.status, 200);
    for part in [
        "<bdi id=\"profile-name\">Ada Lovelace</bdi>",
        "<bdi id=\"profile-email\">ada@example.com</bdi>",
        "<strong><bdi>Analytical Engines</bdi></strong>",
        "<code>read:members</code>",
        "<code>admin</code>",
        "<code>competitions_limit</code> = <bdi>5</bdi>",
        "<code>layout</code> = <bdi>{&quot;columns&quot;:2}</bdi>",
        "<strong>Firefox on Linux</strong>",
        "aria-label=\"Sign out here: Firefox on Linux, signed in ",
        "/api/auth/portal?sub_nav=profile&amp;post_login_redirect_url=%2Faccount",
        "action=\"/api/auth/logout_everywhere\"",
    ] {
        assert!(page.body.contains(part) || page.body.contains(&part.replace("&quot;", "\"")), "{part}: {}", page.body);
    }
    assert!(!page.body.contains("id=\"other-organizations\"") && !page.body.contains("id=\"no-portal\""));
    for path in ["/", "/items/1", "/signed-out", "/nowhere"] {
        let other = ada.get(&site.at(path)).await;
        assert!(other.body.contains("href=\"/account\""), "{path}: {}", other.body);
    }
}

#[tokio::test]
async fn nobody_is_sent_to_sign_in_or_refused() {
    let site = Site::start().await;
    let mut browser = Browser::new();
    let login = browser.get(&site.at(ACCOUNT)).await.location().unwrap();
    assert_eq!((login.path(), login.query()), (LOGIN, Some("post_login_redirect_url=%2Faccount")));
    for path in [ACCOUNT, ReadAccount::PATH] {
        let response = browser.get_json(&site.at(path)).await;
        assert_eq!((response.status, response.json()), (401, json!({"detail": "Not authenticated"})), "{path}");
    }
    let arrived = browser.sign_in_from(&site.at(ACCOUNT), "ada").await;
    assert_eq!((arrived.status, arrived.url.path()), (200, ACCOUNT));
}

#[tokio::test]
async fn neither_page_nor_json_holds_a_token_or_a_cookie() {
    let site = Site::start().await;
    let mut ada = site.signed_in("ada").await;
    let tokens = crate::harness::Records::open(&site.store_file()).await.tokens().await;
    let cookie = ada.session().unwrap();
    for response in [ada.get(&site.at(ACCOUNT)).await, ada.get_json(&site.at(ACCOUNT)).await] {
        let text = format!("{response:?}");
        assert!(!text.contains("eyJ") && !text.contains(&cookie), "{text}");
        assert!(!text.contains(tokens["refresh_token"].as_str().unwrap()), "{text}");
        assert!(response.header("cache-control").contains("no-store"));
    }
}

#[tokio::test]
async fn a_picture_is_shown_from_any_https_host() {
    let site = Site::start().await;
    let picture = "https://pictures.example/ada.png?a=1&b=2";
    site.tenant.change_person("ada", json!({"id_token_claims": {"picture": picture}})).await;
    let mut ada = site.signed_in("ada").await;
    assert_eq!(account(&site, &mut ada).await["picture"], picture);
    let page = ada.get(&site.at(ACCOUNT)).await;
    let (_, profile) = page.body.split_once("class=\"profile\"").unwrap();
    assert!(profile.contains("src=\"https://pictures.example/ada.png?a=1&amp;b=2\""), "{profile}");
    assert!(page.header("content-security-policy").contains("img-src 'self' https:;"));
}

#[tokio::test]
async fn markup_in_names_and_values_stays_text() {
    let site = Site::start().await;
    let hostile = "<img src=x onerror=alert(1)>";
    let changes = json!({
        "permissions": [hostile], "roles": [hostile],
        "feature_flags": {"<b>": {"t": "s", "v": hostile}},
        "claims": {"org_name": hostile},
        "id_token_claims": {"organizations": [{"id": "org_x", "name": hostile}, {"id": "no link", "name": "x"}]},
    });
    site.tenant.change_person("mallory", changes).await;
    let mut mallory = site.signed_in("mallory").await;
    let page = mallory.get(&site.at(ACCOUNT)).await;
    assert_eq!(page.status, 200);
    assert!(page.body.matches("&lt;img src=x").count() >= 5, "{}", page.body);
    assert!(!page.body.contains("<img src=x") && !page.body.contains("<b>"), "{}", page.body);
    assert!(!page.body.contains("no link"), "an organization that no link can name");
}

/// Other issuers have neither organizations nor a portal.
#[tokio::test]
async fn at_another_issuer_one_sentence_stands_in_place_of_switcher_and_portal() {
    let site = Site::start_plain(|_| {}).await;
    let mut ada = site.signed_in("ada").await;
    let page = ada.get(&site.at(ACCOUNT)).await;
    assert_eq!(page.status, 200);
    assert_eq!(page.body.matches("has neither account pages nor organizations").count(), 1, "{}", page.body);
    for absent in ["/api/auth/portal", "/api/auth/switch_org", "id=\"organization\"", "at Kinde."] {
        assert!(!page.body.contains(absent), "{absent}: {}", page.body);
    }
    let mut account = account(&site, &mut ada).await;
    assert_eq!(account["sessions"].take().as_array().unwrap().len(), 1);
    let expected = json!({
        "name": "Ada Lovelace", "email": "ada@example.com", "picture": null, "organization": null,
        "organizations": [], "permissions": [], "roles": [], "feature_flags": {}, "sessions": null,
    });
    assert_eq!(account, expected);
}

#[tokio::test]
async fn while_the_store_is_down_the_page_is_a_503_and_nobody_is_signed_out() {
    let (site, store) = Site::start_breakable(|_| {}).await;
    let mut ada = site.signed_in("ada").await;
    store.fail();
    let page = ada.get(&site.at(ACCOUNT)).await;
    assert_eq!((page.status, page.header("retry-after")), (503, "2"));
    assert!(page.body.contains("href=\"/account\"") && page.set_cookies().is_empty(), "{}", page.body);
    store.repair();
    assert_eq!(ada.get(&site.at(ACCOUNT)).await.status, 200);
}
