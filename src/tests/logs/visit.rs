//! A whole visit, and the values of it that neither a log nor a trace may contain.

use std::path::Path;

use kinde_leptos::auth::paths::{LOGOUT, PORTAL};

use crate::harness::{Address, Browser, GREETING_FUNCTION, Records, Response, TestTenant};

/// The values of a visit that no log may contain.
#[derive(Default)]
pub struct Secrets(Vec<(String, String)>);

impl Secrets {
    pub fn add(&mut self, name: &str, value: &str) {
        assert!(value.len() > 15, "{name} is {value:?}");
        self.0.push((name.to_owned(), value.to_owned()));
    }

    fn add_query(&mut self, response: &Response, names: &[&str]) {
        let query: Vec<_> = response.url.query_pairs().into_owned().collect();
        for (name, value) in query.iter().filter(|(name, _)| names.contains(&name.as_str())) {
            self.add(name, value);
        }
    }

    fn add_cookies(&mut self, response: &Response) {
        for cookie in response.set_cookies() {
            let value = cookie.split(';').next().unwrap().split_once('=').unwrap().1;
            // The cookie of a pending sign-in holds a time and a random value. Neither its name nor the time is secret.
            let value = value.rsplit('.').next().unwrap();
            if !value.is_empty() {
                self.add("cookie", value);
            }
        }
    }

    /// Opens a page, follows every redirect, and remembers the values on the way that must not be logged.
    async fn follow(&mut self, browser: &mut Browser, url: &str) -> Response {
        let mut response = browser.get(url).await;
        loop {
            self.add_cookies(&response);
            self.add_query(&response, &["code", "state", "nonce", "code_challenge", "key"]);
            match response.location() {
                Some(next) => response = browser.get(next.as_str()).await,
                None => return response,
            }
        }
    }

    pub fn check_absent_from(&self, text: &str) {
        let kinds = [
            "code",
            "state",
            "nonce",
            "cookie",
            "code_verifier",
            "access_token",
            "refresh_token",
            "client_secret",
            "key",
        ];
        for kind in kinds {
            assert!(self.0.iter().any(|(name, _)| name == kind), "the visit brought no {kind}");
        }
        for (name, value) in &self.0 {
            let line = text.lines().find(|line| line.contains(value));
            assert_eq!(line, None, "{name} is in the log");
        }
        // The beginnings of `{"alg":` and `{"typ":`, long enough not to turn up in a request's random id.
        for jwt in ["eyJhbGciOi", "eyJ0eXAiOi"] {
            assert!(!text.contains(jwt), "a JWT is in the log");
        }
    }
}

/// A callback that is refused, then a sign-in, some pages and a sign-out.
pub async fn whole_visit(site: &Address, tenant: &TestTenant, store_file: &Path) -> Secrets {
    let (mut browser, mut secrets) = (Browser::new(), Secrets::default());
    tenant.fault_times("id_wrong_nonce", 1).await;
    assert_eq!(secrets.follow(&mut browser, &site.at("/items/1")).await.status, 400);
    let page = secrets.follow(&mut browser, &site.at("/items/1?q=x")).await;
    assert_eq!(page.status, 200, "{}", page.body);
    let tokens = Records::open(store_file).await.tokens().await;
    for name in ["access_token", "refresh_token"] {
        secrets.add(name, tokens[name].as_str().unwrap());
    }
    assert_eq!(secrets.follow(&mut browser, &site.at(PORTAL)).await.url.path(), "/portal_redirect");
    for path in ["/", GREETING_FUNCTION, "/items/abc", LOGOUT] {
        browser.get(&site.at(path)).await;
    }
    for entry in tenant.log().await.iter().filter(|entry| entry["path"] == "/oauth2/token") {
        secrets.add("code_verifier", entry["form"]["code_verifier"].as_str().unwrap());
    }
    secrets.add("client_secret", tenant.client_secret());
    secrets
}
