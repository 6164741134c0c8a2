//! The console's pages of sign-ins, with the real app: every step and every check stands there and is explained, faults
//! are armed there, and no secret is to be seen.
//! The memory of the journal is tested in `dev_issuer::journal::attempts`.

mod every_fault;

use std::time::{Duration, Instant};

use kinde_leptos::auth::Config;
use kinde_leptos::auth::paths::{LOGIN, LOGOUT, PORTAL};
use kinde_leptos::emulation::TenantObserver;
use kinde_leptos::paths::MEMBERS;
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Browser, GREETING_FUNCTION, Response, Site, client};

const API: &str = "https://app.example/api";
/// What stands in place of an explanation that is missing.
const UNEXPLAINED: &str = "No specification that this console knows describes it.";
/// How long access tokens live.
const LIFETIME: Duration = Duration::from_secs(60);
const PATIENCE: Duration = Duration::from_secs(10);

/// The tenant of these sites is told what they verify.
fn told(config: &mut Config) {
    let origin = url::Url::parse(&config.issuer_url).unwrap().origin().ascii_serialization();
    *config = config.clone().with_api_audiences([API]).with_observer(TenantObserver::new(&origin));
}

async fn site() -> Site {
    let site = Site::start_with(told).await;
    site.tenant.delivers_to(&site.url).await;
    site.tenant.settings(json!({"access_token_lifetime": LIFETIME.as_secs()})).await;
    site
}

/// A page of the console.
async fn page(site: &Site, path: &str) -> String {
    let response = Browser::new().get(&format!("{}{path}", site.tenant.origin())).await;
    assert_eq!(response.status, 200, "{path}: {}", response.body);
    response.body.replace("<wbr>", "")
}

/// A page of the console once it contains this text, which the app tells in the background.
async fn page_with(site: &Site, path: &str, text: &str) -> String {
    let begun = Instant::now();
    loop {
        let body = page(site, path).await;
        if body.contains(text) {
            return body;
        }
        assert!(begun.elapsed() < PATIENCE, "{path} never contains {text:?}: {body}");
        tokio::task::yield_now().await;
    }
}

/// Sends a form of the console, as a browser does that shows the page of this origin.
async fn submit_from(site: &Site, origin: &str, path: &str, form: &[(&str, &str)]) -> Response {
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("origin", origin)];
    Browser::new().send(Method::POST, &format!("{}{path}", site.tenant.origin()), &headers, Some(body)).await
}

async fn submit(site: &Site, path: &str, form: &[(&str, &str)]) -> Response {
    submit_from(site, site.tenant.origin(), path, form).await
}

/// Arms a fault with the button of the console.
async fn arm(site: &Site, fault: &str) {
    let response = submit(site, "/sign-ins/arm", &[("fault", fault)]).await;
    assert_eq!((response.status, response.header("location")), (303, "/sign-ins/faults"), "{fault}");
}

/// Opens a page as Ada, signs in on the way, and returns the page of the console about it.
async fn sign_in_and_look(site: &Site) -> String {
    Browser::new().sign_in(site, "ada", "/").await;
    page_with(site, "/sign-ins/1", "The app answered:").await
}

/// The row of a check, by its name.
fn row_of<'a>(page: &'a str, caption: &str, name: &str) -> &'a str {
    let (_, table) = page.split_once(caption).unwrap_or_else(|| panic!("no table {caption:?}: {page}"));
    let (table, _) = table.split_once("</table>").unwrap();
    let (_, row) =
        table.split_once(&format!("<code>{name}</code>")).unwrap_or_else(|| panic!("no row {name}: {table}"));
    row.split_once("</tr>").unwrap().0
}

#[tokio::test]
async fn a_sign_in_stands_there_step_by_step_with_each_check_and_its_verdict() {
    let site = site().await;
    let page = sign_in_and_look(&site).await;
    let mut rest = page.as_str();
    for step in ["Authorization request", "Sign-in", "Callback", "Token request and response", "Keys"] {
        let heading = format!("<h2>{step}</h2>");
        let (_, after) = rest.split_once(&heading).unwrap_or_else(|| panic!("{step} is missing or too early: {page}"));
        rest = after;
    }
    for (caption, checks) in [
        ("verified: the callback<", &["form", "state", "iss", "error"][..]),
        ("verified: the token response<", &["response", "access_token", "token_type", "expires_in"]),
        (
            "verified: the ID token<",
            &["alg", "kid", "signature", "iss", "aud", "azp", "sub", "exp", "iat", "nbf", "nonce", "at_hash"],
        ),
        ("verified: the access token", &["alg", "kid", "signature", "iss", "client", "exp", "iat", "nbf", "sub"]),
    ] {
        for check in checks {
            let row = row_of(&page, caption, check);
            assert!(row.contains(">holds<"), "{check}: {row}");
            assert!(row.contains("expected: ") && row.contains("<small>"), "{check}: {row}");
        }
    }
    assert!(!page.contains(">fails<") && !page.contains(">not reached<"), "{page}");
    let list = self::page(&site, "/").await;
    assert!(
        list.contains("Ada Lovelace")
            && list.contains("303: signed in as Ada Lovelace, returns to /")
            && !list.contains("kp_"),
        "{list}"
    );
}

#[tokio::test]
async fn every_page_of_the_app_leads_to_the_console() {
    let site = site().await;
    let link = format!("<a href=\"{}/\">", site.tenant.origin());
    let mut browser = site.signed_in("ada").await;
    for path in ["/", MEMBERS, "/signed-out", "/no-such-page"] {
        let page = browser.get(&site.at(path)).await;
        assert!(page.body.contains(&link), "{path}: {}", page.body);
    }
}

#[tokio::test]
async fn a_fault_that_is_armed_there_shows_what_the_app_answered_and_why_that_is_right() {
    let site = site().await;
    arm(&site, "id_wrong_nonce").await;
    let armed = page(&site, "/").await;
    assert!(armed.contains("id_wrong_nonce</code>: another nonce, once, for the next sign-in"), "{armed}");
    let page = sign_in_and_look(&site).await;
    assert!(page.contains("The fault <code>id_wrong_nonce</code> was on"), "{page}");
    assert!(page.contains("OpenID Connect Core §3.1.3.7, step 11"), "{page}");
    assert!(page.contains("<strong>The app answered:</strong> 400: "), "{page}");
    assert!(page.contains("nonce is not the one sent"), "{page}");
    for (check, verdict) in [("sub", "holds"), ("nonce", "fails"), ("at_hash", "not reached")] {
        let row = row_of(&page, "verified: the ID token<", check);
        assert!(row.contains(&format!(">{verdict}<")), "{check}: {row}");
    }
    let list = self::page(&site, "/").await;
    assert!(list.contains("No fault is armed") && list.contains("<code>id_wrong_nonce</code>"), "{list}");
}

#[tokio::test]
async fn a_connection_that_was_cut_and_a_body_without_an_end_are_steps_too() {
    for (fault, shown) in [("token_drop", "no response, after "), ("token_huge", "longer than it says, or cut off")] {
        let site = site().await;
        arm(&site, fault).await;
        let page = sign_in_and_look(&site).await;
        assert!(page.contains(shown) && page.contains(&format!("The fault <code>{fault}</code> was on")), "{page}");
    }
}

/// Nothing in the callback says which sign-in it was.
#[tokio::test]
async fn a_callback_without_its_state_belongs_to_the_sign_in_that_has_just_returned() {
    let site = site().await;
    arm(&site, "cb_missing_state").await;
    let page = sign_in_and_look(&site).await;
    assert!(page.contains("The fault <code>cb_missing_state</code> was on"), "{page}");
    assert!(row_of(&page, "verified: the callback<", "form").contains(">fails<"), "{page}");
    assert!(page.contains("<strong>The app answered:</strong> 400: "), "{page}");
}

/// It takes effect at once, so no switch stays on.
#[tokio::test]
async fn a_new_signing_key_stands_in_the_sign_in_that_follows() {
    let site = site().await;
    arm(&site, "key_rotation").await;
    let page = sign_in_and_look(&site).await;
    assert!(page.contains("The fault <code>key_rotation</code> was on"), "{page}");
    assert!(page.contains("303: signed in as"), "{page}");
}

#[tokio::test]
async fn a_sign_in_that_cannot_begin_is_told_outside_of_a_sign_in() {
    let site = site().await;
    arm(&site, "discovery_wrong_issuer").await;
    assert_eq!(Browser::new().visit(&site.at("/")).await.status, 503);
    let page = page_with(&site, "/sign-ins/outside", "The app answered:").await;
    assert!(page.contains("The fault <code>discovery_wrong_issuer</code> was on"), "{page}");
    assert!(page.contains("503: ") && page.contains("names another issuer"), "{page}");
}

#[tokio::test]
async fn an_armed_fault_can_be_disarmed_and_the_form_leads_back_to_its_page() {
    let site = site().await;
    arm(&site, "id_expired").await;
    let response = submit(&site, "/sign-ins/disarm", &[("fault", "id_expired"), ("attempt", "7")]).await;
    assert_eq!((response.status, response.header("location")), (303, "/sign-ins/7"));
    assert!(page(&site, "/").await.contains("No fault is armed"));
    let outside = [("fault", "id_expired"), ("attempt", "//evil.example")];
    assert_eq!(submit(&site, "/sign-ins/arm", &outside).await.header("location"), "/sign-ins/faults");
    assert_eq!(submit(&site, "/sign-ins/arm", &[("fault", "no_such_fault")]).await.status, 400);
    let missing = Browser::new().get(&format!("{}/sign-ins/99", site.tenant.origin())).await;
    assert_eq!(missing.status, 404);
}

#[tokio::test]
async fn a_page_of_another_origin_arms_nothing() {
    let site = site().await;
    let form = [("fault", "id_expired")];
    for origin in [site.url.as_str(), "http://evil.example", "null"] {
        for path in ["/sign-ins/arm", "/sign-ins/disarm"] {
            assert_eq!(submit_from(&site, origin, path, &form).await.status, 403, "{origin} {path}");
        }
    }
    let without_origin = Browser::new().post(&format!("{}/sign-ins/arm", site.tenant.origin()), &form).await;
    assert_eq!(without_origin.status, 403);
    assert!(page(&site, "/").await.contains("No fault is armed"));
}

#[tokio::test]
async fn its_pages_are_neither_stored_nor_framed_and_load_again_on_request_alone() {
    let site = site().await;
    sign_in_and_look(&site).await;
    for path in ["/", "/sign-ins/1", "/sign-ins/outside", "/sign-ins/faults"] {
        let response = Browser::new().get(&format!("{}{path}", site.tenant.origin())).await;
        assert_eq!(response.header("cache-control"), "no-store", "{path}");
        assert!(response.header("content-security-policy").contains("frame-ancestors 'none'"), "{path}");
        assert!(!response.body.contains("http-equiv") && !response.body.contains("<script"), "{path}");
    }
    let followed = page(&site, "/sign-ins/1?follow").await;
    assert!(followed.contains("<meta http-equiv=\"refresh\" content=\"3\">"), "{followed}");
    assert!(followed.contains("href=\"/sign-ins/1\">Stop following"), "{followed}");
}

#[tokio::test]
async fn every_fault_stands_beside_a_step_with_what_a_correct_client_does() {
    let site = site().await;
    let page = page(&site, "/sign-ins/faults").await;
    let faults = site.tenant.fault_names().await;
    assert!(faults.len() > 115);
    for fault in faults {
        let (_, after) = page.split_once(&format!("<code>{fault}</code>")).unwrap_or_else(|| panic!("{fault}"));
        let entry = after.split_once("</li>").unwrap().0;
        assert!(entry.contains("<small>") && entry.contains(&format!("value=\"{fault}\"")), "{fault}: {entry}");
    }
}

/// The value of a hidden field of the first form after this text.
fn hidden(page: &str, after: &str, name: &str) -> String {
    let (_, page) = page.split_once(after).unwrap_or_else(|| panic!("no {after}: {page}"));
    let (_, value) = page.split_once(&format!("name=\"{name}\" value=\"")).unwrap();
    value.split_once('"').unwrap().0.replace("&quot;", "\"").replace("&#39;", "'").replace("&amp;", "&")
}

#[tokio::test]
async fn an_event_is_sent_again_with_a_fault_from_its_step() {
    let site = site().await;
    Browser::new().sign_in(&site, "ada", "/").await;
    site.tenant.change_person("ada", json!({"given_name": "Augusta"})).await;
    site.tenant.until_delivered().await;
    let before = page_with(&site, "/sign-ins/1", "verified: the event<").await;
    let [event_type, data] = ["type", "data"].map(|name| hidden(&before, "<h2>Webhook</h2>", name));
    assert_eq!(event_type, "user.updated");
    for (fault, status, right) in [
        ("bad_signature", 400, "refuses"),
        ("alg_none", 400, "refuses"),
        ("unknown_kid", 400, "refuses"),
        ("stale", 400, "refuses"),
        ("ahead", 400, "refuses"),
        ("twice", 200, "accepts both"),
        ("huge", 413, "413"),
        ("other_issuer", 400, "refuses"),
    ] {
        assert!(before.contains(&format!("value=\"{fault}\" aria-label=\"Send a broken event: ")), "{fault}: {before}");
        let sent = submit(&site, "/webhooks", &[("type", &event_type), ("data", &data), ("fault", fault)]).await;
        assert_eq!(sent.status, 303, "{fault}: {}", sent.body);
        let delivery = page(&site, sent.header("location")).await;
        assert!(delivery.contains(&format!(">{status}</td>")), "{fault}: {delivery}");
        let page = page_with(&site, "/sign-ins/1", &format!("The fault <code>{fault}</code> was on")).await;
        let (_, after) = page.split_once(&format!("The fault <code>{fault}</code> was on")).unwrap();
        assert!(after.split_once("</div>").unwrap().0.contains(right), "{fault}: {page}");
    }
}

#[tokio::test]
async fn a_button_says_what_it_breaks_next() {
    let site = site().await;
    let page = page(&site, "/sign-ins/faults").await;
    for (fault, next) in [
        ("id_wrong_nonce", "Break the next sign-in"),
        ("refresh_500", "Break the next refresh"),
        ("refresh_access_sub_other", "Break the next refresh"),
        ("account_500", "Break the next request for rights"),
        ("portal_http", "Break the next link to the portal"),
        ("revoke_500", "Break the next revocation"),
        ("jwks_500", "Break the next fetch of the keys"),
        ("key_rotation", "Change the key now"),
        ("all_down", "Break the next request"),
    ] {
        assert!(page.contains(&format!("aria-label=\"{next}: {fault}\">{next}<")), "{fault}: {page}");
    }
}

#[tokio::test]
async fn what_the_app_asks_the_issuer_for_later_stands_there_with_each_check() {
    let site = site().await;
    site.tenant.change_person("ada", json!({"claims": {"permissions": null}})).await;
    let mut browser = Browser::new();
    browser.sign_in(&site, "ada", "/").await;
    arm(&site, "portal_other_host").await;
    browser.get(&site.at(PORTAL)).await;
    arm(&site, "account_500").await;
    browser.get(&site.at(MEMBERS)).await;
    let page = page_with(&site, "/sign-ins/1", "(the list of the account API):").await;
    for (caption, failed, value) in [
        ("verified: the key set<", None, "1 to be used: RSA RS256"),
        ("verified: the link to the portal<", Some("host"), "evil.example"),
        ("verified: the list of the account API<", Some("status"), "500"),
    ] {
        let (_, table) = page.split_once(caption).unwrap_or_else(|| panic!("{caption}: {page}"));
        let table = table.split_once("</table>").unwrap().0;
        assert!(table.contains(value), "{caption}: {table}");
        assert_eq!(table.matches(">fails<").count(), usize::from(failed.is_some()), "{table}");
        failed.inspect(|name| assert!(row_of(&page, caption, name).contains(">fails<"), "{name}: {table}"));
    }
    assert!(row_of(&page, "verified: the token response<", "token_type").contains("<code>bearer</code>"), "{page}");
    assert!(row_of(&page, "verified: the token response<", "response").contains("<code>200</code>"), "{page}");
    assert!(page.contains(" ms after the redirect</span>"), "{page}");
    let list = self::page(&site, "/").await;
    assert!(list.contains("; later 502: ") && list.contains("; later 503: "), "{list}");
    let outside = self::page(&site, "/sign-ins/outside").await;
    assert!(row_of(&outside, "verified: the discovery document<", "issuer").contains(">holds<"), "{outside}");
}

/// Moves the clocks of the app and of the tenant until the access tokens have ended.
async fn let_tokens_end(site: &Site) {
    site.advance(LIFETIME);
    site.tenant.settings(json!({"clock_offset": site.seconds_ahead()})).await;
}

async fn sign_out(site: &Site, browser: &mut Browser) {
    let headers = [("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "navigate")];
    let response = browser.send(Method::GET, &site.at(LOGOUT), &headers, None).await;
    browser.visit(response.location().unwrap().as_str()).await;
}

/// Everything that a session can consist of, at Kinde: sign-in without a name, rights, portal, refresh, event, sign-out.
async fn whole_session(site: &Site) {
    site.tenant.change_person("emmy", json!({"claims": {"permissions": null}})).await;
    let mut browser = Browser::new();
    browser.sign_in(site, "emmy", "/").await;
    browser.get(&site.at(MEMBERS)).await;
    browser.visit(&site.at(PORTAL)).await;
    let_tokens_end(site).await;
    assert!(browser.is_signed_in(site).await);
    site.tenant.change_person("emmy", json!({"given_name": "Amalie"})).await;
    site.tenant.until_delivered().await;
    sign_out(site, &mut browser).await;
    let token = site.tenant.mint(json!({"person": "ada", "audience": [API]})).await;
    let greeting = client().get(site.at(GREETING_FUNCTION)).bearer_auth(token).send().await.unwrap();
    assert_eq!(greeting.status(), 200);
}

#[tokio::test]
async fn whatever_stands_there_is_explained() {
    let site = site().await;
    whole_session(&site).await;
    let page = page_with(&site, "/sign-ins/1", "the session has ended here").await;
    for step in ["User profile", "Account API", "Link to the portal", "Refresh", "Webhook", "Revocation", "Sign-out"] {
        assert!(page.contains(&format!("<h2>{step}</h2>")), "{step} is missing: {page}");
    }
    for told in ["verified: the user profile", "verified: the event", "the session goes on with new tokens"] {
        assert!(page.contains(told), "{told}: {page}");
    }
    let outside = page_with(&site, "/sign-ins/outside", "the access token that a program brought").await;
    assert!(outside.contains("<h2>Discovery</h2>"), "{outside}");
    for page in [page, outside] {
        assert!(!page.contains(UNEXPLAINED), "{page}");
    }
}

#[tokio::test]
async fn what_another_issuer_than_kinde_does_is_explained_too() {
    let site = Site::start_plain(|config| {
        *config = config.clone().with_scope("openid profile email offline_access");
        told(config);
    })
    .await;
    site.tenant.delivers_to(&site.url).await;
    let mut browser = Browser::new();
    browser.sign_in(&site, "ada", "/").await;
    sign_out(&site, &mut browser).await;
    site.tenant.until_delivered().await;
    let page = page_with(&site, "/sign-ins/1", "verified: the logout token").await;
    for step in ["Callback", "Sign-out", "Logout token"] {
        assert!(page.contains(&format!("<h2>{step}</h2>")), "{step} is missing: {page}");
    }
    assert!(row_of(&page, "verified: the callback<", "iss").contains(site.tenant.issuer()), "{page}");
    let outside = self::page(&site, "/sign-ins/outside").await;
    for page in [page, outside] {
        assert!(!page.contains(UNEXPLAINED), "{page}");
    }
}

#[tokio::test]
async fn no_page_shows_a_secret() {
    let site = site().await;
    let mut browser = Browser::new();
    browser.sign_in(&site, "ada", "/").await;
    let session = browser.session().unwrap();
    let token = site.tenant.token_for("grace", API).await;
    let_tokens_end(&site).await;
    assert!(browser.is_signed_in(&site).await);
    let before_sign_out = browser.cookie("127.0.0.1", "emu_sso").unwrap().to_owned();
    sign_out(&site, &mut browser).await;
    page_with(&site, "/sign-ins/1", "the session has ended here").await;
    let named = ["code", "code_verifier", "refresh_token", "token", "client_secret", "transaction", "id_token_hint"];
    let log = site.tenant.log().await;
    let values =
        log.iter().flat_map(|entry| named.iter().flat_map(|name| [&entry["form"][name], &entry["query"][name]]));
    let mut secrets: Vec<String> = values.filter_map(Value::as_str).map(str::to_owned).collect();
    assert!(secrets.len() >= 6, "{secrets:?}");
    secrets.retain(|secret| secret != "[redacted]");
    let signature = token.rsplit('.').next().unwrap().to_owned();
    secrets.extend([site.tenant.client_secret().to_owned(), token, signature, session, before_sign_out]);
    for path in ["/", "/sign-ins/1", "/sign-ins/2", "/sign-ins/outside"] {
        let page = page(&site, path).await;
        for secret in &secrets {
            assert!(!page.contains(secret.as_str()), "{path} shows {secret}");
        }
    }
}

#[tokio::test]
async fn a_sign_in_that_the_issuer_declined_as_was_to_be_expected_says_why() {
    let site = site().await;
    Browser::new().visit(&site.at(&format!("{LOGIN}?prompt=none"))).await;
    let page = page_with(&site, "/sign-ins/1", "not signed in, as was to be expected").await;
    let (_, after) = page.split_once("not signed in, as was to be expected").unwrap();
    let (reason, _) = after.split_once("</p>").unwrap();
    assert!(reason.contains("Its log says: "), "{reason}");
}
