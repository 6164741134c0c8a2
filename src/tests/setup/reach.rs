//! Who gets a diagnosis, and in which form. (CF-14)

use kinde_leptos::auth::paths::SIGNED_OUT;
use kinde_leptos::paths::{AUTH_HEALTH, OPENAPI, SETUP};
use reqwest::Method;
use serde_json::json;

use super::diagnosis;
use crate::harness::{Browser, HTTPS_ORIGIN, Site};

const TOKEN: &str = "/oauth2/token";

#[tokio::test]
async fn the_diagnosis_of_a_good_site_has_exactly_this_shape() {
    let site = Site::start().await;
    let at = |path: &str| site.at(path);
    assert_eq!(
        diagnosis(&site).await,
        json!({
            "status": "ok",
            "issuer": {
                "url": site.tenant.issuer(), "flavor": "kinde", "reachable": true, "matches": true, "keys": 1,
                "clock_skew_seconds": 0,
            },
            "urls": {
                "callback": at("/api/auth/kinde_callback"), "logout_redirect": at("/api/auth/logout"),
                "application_login": at("/api/auth/login"), "webhook": at("/api/webhooks/kinde"),
            },
            "settings": [],
            "problems": [],
        })
    );
}

#[tokio::test]
async fn another_issuer_is_examined_by_the_same_rules() {
    let site = Site::start_plain(|_| {}).await;
    let diagnosis = diagnosis(&site).await;
    assert_eq!((&diagnosis["status"], &diagnosis["issuer"]["flavor"]), (&json!("ok"), &json!("openid")));
    let page = Browser::new().get(&site.at(SETUP)).await;
    assert!(page.body.contains("Post-logout redirect URI") && !page.body.contains("Webhook"), "{}", page.body);
}

#[tokio::test]
async fn the_page_says_the_same_and_leads_to_it() {
    let site = Site::start_with(|config| config.scope = "openid".to_owned()).await;
    let page = Browser::new().get(&site.at(SETUP)).await;
    assert_eq!(page.status, 200);
    assert!(page.header("content-type").starts_with("text/html"));
    for text in ["What is wrong", "add offline to KINDE_SCOPE", &site.at("/api/auth/kinde_callback"), AUTH_HEALTH] {
        // A URL may break on a narrow screen.
        assert!(page.body.replace("<wbr>", "").contains(text), "{text}: {}", page.body);
    }
    let as_json = Browser::new().get_json(&site.at(SETUP)).await.json();
    assert_eq!(as_json, diagnosis(&site).await);
    let any_page = Browser::new().get(&site.at(SIGNED_OUT)).await;
    assert!(any_page.body.contains(&format!("href=\"{SETUP}\"")), "the notice does not lead to it: {}", any_page.body);
}

#[tokio::test]
async fn a_site_at_a_public_address_has_neither_route() {
    let site = Site::start_https().await;
    for path in [SETUP, AUTH_HEALTH] {
        for method in [Method::GET, Method::HEAD, Method::POST] {
            let host = HTTPS_ORIGIN.trim_start_matches("https://");
            for host in [host, site.url.trim_start_matches("http://")] {
                let request = format!("{method} {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
                assert_eq!(site.raw_bytes(request.as_bytes()).await.status, 404, "{method} {path} {host}");
            }
        }
    }
    assert_eq!(site.tenant.requests_at(TOKEN).await, 0);
    let document = Browser::new().get_json(&site.at(OPENAPI)).await;
    assert!(!document.body.contains(AUTH_HEALTH));
}

/// A name that leads here by an attacker's DNS server is no name of the site (DNS rebinding).
#[tokio::test]
async fn under_any_other_name_there_is_no_such_page() {
    let site = Site::start().await;
    let port = site.url.rsplit(':').next().unwrap();
    let names = [
        "evil.example".to_owned(),
        format!("evil.example:{port}"),
        format!("127.0.0.1:{port}"),
        format!("[::1]:{port}"),
        format!("localhost.evil.example:{port}"),
        "localhost".to_owned(),
        String::new(),
    ];
    for path in [SETUP, AUTH_HEALTH] {
        for name in &names {
            let request = format!("GET {path} HTTP/1.1\r\nhost: {name}\r\nconnection: close\r\n\r\n");
            assert_eq!(site.raw_bytes(request.as_bytes()).await.status, 404, "{name:?} {path}");
        }
        let elsewhere =
            format!("GET http://evil.example{path} HTTP/1.1\r\nhost: localhost:{port}\r\nconnection: close\r\n\r\n");
        assert_eq!(site.raw_bytes(elsewhere.as_bytes()).await.status, 404, "{path}");
        let own = format!("GET {path} HTTP/1.1\r\nhost: LOCALHOST:{port}\r\nconnection: close\r\n\r\n");
        assert_eq!(site.raw_bytes(own.as_bytes()).await.status, 200, "{path}");
    }
    assert_eq!(site.tenant.requests_at(TOKEN).await, 2);
}

#[tokio::test]
async fn no_page_of_another_site_causes_a_diagnosis() {
    let site = Site::start().await;
    for path in [SETUP, AUTH_HEALTH] {
        for from in ["cross-site", "same-site", "nonsense"] {
            let headers = [("sec-fetch-site", from)];
            assert_eq!(Browser::new().send(Method::GET, &site.at(path), &headers, None).await.status, 404, "{from}");
        }
    }
    assert_eq!(site.tenant.requests_at(TOKEN).await, 0);
    for headers in [&[("sec-fetch-site", "same-origin")][..], &[("sec-fetch-site", "none")], &[]] {
        assert_eq!(Browser::new().send(Method::GET, &site.at(SETUP), headers, None).await.status, 200, "{headers:?}");
    }
}

#[tokio::test]
async fn no_form_reaches_them() {
    let site = Site::start().await;
    for path in [SETUP, AUTH_HEALTH] {
        assert_eq!(Browser::new().post(&site.at(path), &[]).await.status, 405, "{path}");
    }
}
