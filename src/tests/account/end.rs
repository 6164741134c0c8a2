//! A user ends one of their sessions, and no other's.

use std::time::Instant;

use kinde_leptos::auth::paths::{ACCOUNT, END_SESSION, LOGIN, SIGNED_OUT};
use reqwest::Method;
use serde_json::json;
use tokio::io::AsyncWriteExt;

use super::{FIREFOX, IPHONE, end, own_id, sessions, signed_in_with};
use crate::harness::{Browser, Log, Records, Site, person, random_cookie};

// SE-25
#[tokio::test]
async fn a_user_ends_a_session_elsewhere() {
    let log = Log::capture();
    let site = Site::start().await;
    let mut phone = signed_in_with(&site, "ada", IPHONE).await;
    let id = own_id(&site, &mut phone).await;
    let mut here = signed_in_with(&site, "ada", FIREFOX).await;
    let response = end(&site, &mut here, &id).await;
    assert_eq!((response.status, response.header("location")), (303, ACCOUNT));
    assert!(response.set_cookies().is_empty() && response.header("cache-control").contains("no-store"));
    let page = here.get(&site.at(ACCOUNT)).await;
    assert!(page.body.contains("Firefox on Linux") && !page.body.contains("Safari on iPhone"), "{}", page.body);
    let refused = phone.get_json(&site.at(ACCOUNT)).await;
    assert_eq!((refused.status, refused.json()), (401, json!({"detail": "Not authenticated"})));
    let led = phone.get(&site.at(ACCOUNT)).await.location().unwrap();
    assert_eq!((led.path(), led.query()), (LOGIN, Some("post_login_redirect_url=%2Faccount")));
    assert_eq!(Records::open(&site.store_file()).await.count().await, 3, "tokens and claims are gone, too");
    let lines = log.lines_with("session_ended");
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].contains("success") && lines[0].contains(&person("ada").subject), "{lines:?}");
    assert!(!log.text().contains(&id), "the log names it in its own way");
}

#[tokio::test]
async fn the_tokens_of_the_ended_session_are_revoked() {
    let site = Site::start().await;
    let id = own_id(&site, &mut site.signed_in("ada").await).await;
    let mut here = site.signed_in("ada").await;
    assert_eq!(end(&site, &mut here, &id).await.status, 303);
    assert_eq!(site.tenant.requests_at("/oauth2/revoke").await, 1);
    assert!(here.is_signed_in(&site).await);
}

// SE-24
#[tokio::test]
async fn nobody_touches_the_session_of_another() {
    let site = Site::start().await;
    let mut grace = site.signed_in("grace").await;
    let id = own_id(&site, &mut grace).await;
    let mut ada = site.signed_in("ada").await;
    let cookie = grace.session().unwrap();
    let in_store = crate::harness::session_id(&site.tenant, &cookie).to_string();
    for id in [id.as_str(), &cookie, &in_store, &random_cookie(), "", "<script>", "\0", &"x".repeat(10_000)] {
        let page = end(&site, &mut ada, id).await;
        assert_eq!((page.status, page.location()), (404, None), "{id}");
        assert!(page.body.contains("No such session") && page.body.contains("href=\"/account\""), "{}", page.body);
        assert!(!page.body.contains("<script>"), "{}", page.body);
    }
    assert!(grace.is_signed_in(&site).await && ada.is_signed_in(&site).await);
}

#[tokio::test]
async fn a_form_without_a_session_names_none() {
    let site = Site::start().await;
    let mut ada = site.signed_in("ada").await;
    for form in [&[][..], &[("id", "x")], &[("Session", "x")]] {
        assert_eq!(ada.post(&site.at(END_SESSION), form).await.status, 404, "{form:?}");
    }
    let no_form = ada.send(Method::POST, &site.at(END_SESSION), &[("accept", "text/html")], None).await;
    assert_eq!(no_form.status, 415);
    assert!(ada.is_signed_in(&site).await);
}

#[tokio::test]
async fn a_session_ends_once() {
    let site = Site::start().await;
    let id = own_id(&site, &mut site.signed_in("ada").await).await;
    let mut here = site.signed_in("ada").await;
    assert_eq!(end(&site, &mut here, &id).await.status, 303);
    assert_eq!(end(&site, &mut here, &id).await.status, 404);
}

#[tokio::test]
async fn ending_the_session_that_asks_signs_out() {
    let site = Site::start().await;
    let mut other = site.signed_in("ada").await;
    let mut here = site.signed_in("ada").await;
    let old = here.session().unwrap();
    let id = own_id(&site, &mut here).await;
    let response = end(&site, &mut here, &id).await;
    let at_kinde = response.location().unwrap();
    assert_eq!((response.status, at_kinde.path()), (303, "/logout"));
    assert!(!at_kinde.as_str().contains("all_sessions") && here.session().is_none());
    assert_eq!(here.visit(at_kinde.as_str()).await.url.path(), SIGNED_OUT);
    assert!(!Browser::with_session(&old).is_signed_in(&site).await);
    assert!(other.is_signed_in(&site).await);
}

// SE-24
#[tokio::test]
async fn whoever_has_no_session_ends_none() {
    let site = Site::start_with(|config| *config = config.clone().with_api_audiences(["api"])).await;
    let mut ada = site.signed_in("ada").await;
    let id = own_id(&site, &mut ada).await;
    let anonymous = end(&site, &mut Browser::new(), &id).await;
    assert_eq!((anonymous.status, anonymous.location()), (401, None));
    let mut ended = Browser::with_session(&random_cookie());
    assert_eq!((end(&site, &mut ended, &id).await.status, ended.session()), (401, None));
    let token = site.tenant.token_for("ada", "api").await;
    let headers = [
        ("authorization", format!("Bearer {token}")),
        ("accept", "application/json".to_owned()),
        ("content-type", "application/x-www-form-urlencoded".to_owned()),
    ];
    let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
    let body = format!("session={id}");
    let program = Browser::new().send(Method::POST, &site.at(END_SESSION), &headers, Some(body)).await;
    assert_eq!((program.status, program.json()), (403, json!({"detail": "Not allowed"})));
    assert!(ada.is_signed_in(&site).await);
}

#[tokio::test]
async fn prefetches_and_other_methods_end_nothing() {
    let site = Site::start().await;
    let mut ada = site.signed_in("ada").await;
    for path in [END_SESSION, super::LOGOUT_EVERYWHERE] {
        for (method, header, status) in [
            (Method::GET, ("accept", "text/html"), 405),
            (Method::HEAD, ("accept", "text/html"), 405),
            (Method::DELETE, ("accept", "text/html"), 405),
            (Method::POST, ("sec-purpose", "prefetch"), 403),
        ] {
            let response = ada.send(method.clone(), &site.at(path), &[header], None).await;
            assert_eq!((response.status, response.location()), (status, None), "{method} {path}");
            assert_eq!(status == 405, response.header("allow") == "POST", "{method} {path}");
        }
    }
    assert!(ada.is_signed_in(&site).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_ends_although_the_client_hangs_up() {
    let (site, store) = Site::start_breakable(|_| {}).await;
    let mut phone = site.signed_in("ada").await;
    let id = own_id(&site, &mut phone).await;
    let mut here = site.signed_in("ada").await;
    let cookie = here.session().unwrap();
    store.slow(std::time::Duration::from_millis(200));
    let before = store.operations();
    let body = format!("session={id}");
    let request = format!(
        "POST {END_SESSION} HTTP/1.1\r\nhost: localhost\r\ncookie: kinde_session={cookie}\r\n\
        content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut connection = site.connect().await;
    connection.write_all(request.as_bytes()).await.unwrap();
    // The first operation reads who asks; with the second the work has begun.
    while store.operations() < before + 2 {
        tokio::task::yield_now().await;
    }
    drop(connection);
    let begun = Instant::now();
    store.repair();
    while phone.is_signed_in(&site).await {
        assert!(begun.elapsed().as_secs() < 10, "the session has not ended");
    }
    assert_eq!(sessions(&site, &mut here).await.len(), 1);
}

#[tokio::test]
async fn a_failing_store_ends_nothing_and_leads_back_to_the_page() {
    let log = Log::capture();
    let (site, store) = Site::start_breakable(|_| {}).await;
    let mut phone = site.signed_in("ada").await;
    let id = own_id(&site, &mut phone).await;
    let mut here = site.signed_in("ada").await;
    store.fail_to_write();
    let page = end(&site, &mut here, &id).await;
    assert_eq!((page.status, page.location()), (503, None));
    assert!(page.body.contains("<a href=\"/account\"") || page.body.contains("href=\"/account\""), "{}", page.body);
    assert!(page.body.contains("Your session cannot be reached"), "{}", page.body);
    store.repair();
    assert!(phone.is_signed_in(&site).await && here.is_signed_in(&site).await);
    assert_eq!(log.lines_with("session_ended").len(), 1);
    assert!(log.lines_with("session_ended")[0].contains("failure"));
}

#[tokio::test]
async fn a_form_that_is_sent_without_a_session_leads_through_sign_in_to_the_account() {
    let site = Site::start().await;
    let page = Browser::new().post(&site.at(END_SESSION), &[("session", "any")]).await;
    assert_eq!(page.status, 401);
    let way_on = "href=\"/api/auth/login?post_login_redirect_url=%2Faccount\"";
    assert!(page.body.contains(way_on), "{}", page.body);
}
