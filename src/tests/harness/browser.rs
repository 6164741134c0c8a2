//! `Browser`: an HTTP client that behaves like a browser: it keeps cookies by host, and follows redirects only when
//! told to.
//! It runs no script and renders nothing; `end2end` tests with a real browser.

use std::collections::BTreeMap;
use std::time::Instant;

use cookie::Cookie;
use reqwest::{Method, header};
use serde_json::json;
use tokio::task::JoinHandle;
use url::Url;

use kinde_leptos::auth::paths::CALLBACK;

use super::{SESSION_COOKIE, Site};

/// The `Accept` header of a browser that opens a page.
const PAGE: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

/// A cookie jar and the HTTP client that uses it.
#[derive(Clone)]
pub struct Browser {
    client: reqwest::Client,
    /// By host and name.
    cookies: BTreeMap<(String, String), String>,
}

/// A response with its whole body.
#[derive(Debug, Clone)]
pub struct Response {
    pub url: Url,
    pub status: u16,
    pub headers: header::HeaderMap,
    pub body: String,
}

impl Response {
    /// A header's text; empty when it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// Where a redirect leads, made absolute.
    pub fn location(&self) -> Option<Url> {
        self.url.join(self.headers.get(header::LOCATION)?.to_str().ok()?).ok()
    }

    /// All `Set-Cookie` headers.
    pub fn set_cookies(&self) -> Vec<&str> {
        self.headers.get_all(header::SET_COOKIE).iter().filter_map(|value| value.to_str().ok()).collect()
    }

    /// The body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("not JSON ({error}): {}", self.body))
    }
}

/// An HTTP client that follows no redirect and keeps no cookie.
pub fn client() -> reqwest::Client {
    reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap()
}

impl Browser {
    /// A browser without any cookie.
    pub fn new() -> Self {
        Self { client: client(), cookies: BTreeMap::new() }
    }

    /// Opens a page, like a user who enters its address.
    pub async fn get(&mut self, url: &str) -> Response {
        self.get_through(&[], url).await
    }

    /// As [`Self::get`], through a proxy that adds these headers.
    pub async fn get_through(&mut self, added: &[(&str, &str)], url: &str) -> Response {
        let entered = [("sec-fetch-site", "none"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")];
        self.send(Method::GET, url, &[&[("accept", PAGE)], &entered[..], added].concat(), None).await
    }

    /// Requests JSON, as a program does.
    pub async fn get_json(&mut self, url: &str) -> Response {
        self.send(Method::GET, url, &[("accept", "application/json")], None).await
    }

    /// Sends a form.
    pub async fn post(&mut self, url: &str, form: &[(&str, &str)]) -> Response {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let headers = [("accept", PAGE), ("content-type", "application/x-www-form-urlencoded")];
        self.send(Method::POST, url, &headers, Some(body)).await
    }

    /// The name in the greeting, or the status of a response without a greeting.
    pub async fn greeted(&mut self, site: &Site) -> Result<String, u16> {
        let response = self.get_json(&site.at("/")).await;
        if response.status != 200 {
            return Err(response.status);
        }
        Ok(response.json()["user_info"].as_str().unwrap_or_else(|| panic!("no name: {}", response.body)).to_owned())
    }

    /// Sends any request with this browser's cookies, and keeps the cookies of the response.
    pub async fn send(
        &mut self,
        method: Method,
        url: &str,
        headers: &[(&str, &str)],
        body: Option<String>,
    ) -> Response {
        let url = Url::parse(url).unwrap();
        let mut request = self.client.request(method, url.clone());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let cookies = self.cookie_header(&url);
        if !cookies.is_empty() {
            request = request.header(header::COOKIE, cookies);
        }
        if let Some(body) = body {
            request = request.body(body);
        }
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = String::from_utf8_lossy(&response.bytes().await.unwrap_or_default()).into_owned();
        let response = Response { url, status, headers, body };
        self.keep_cookies(&response);
        response
    }

    /// Opens a page and follows redirects to their end.
    pub async fn visit(&mut self, url: &str) -> Response {
        let mut response = self.get(url).await;
        for _ in 0..10 {
            match response.location() {
                Some(next) => response = self.get(next.as_str()).await,
                None => return response,
            }
        }
        panic!("more than ten redirects, last from {}", response.url);
    }

    /// Opens a protected page, signs in at the tenant as this person, and returns the page's response.
    pub async fn sign_in(&mut self, site: &Site, person: &str, path: &str) -> Response {
        let callback = self.sign_in_up_to_callback(site, person, path).await;
        self.visit(&callback).await
    }

    /// Opens a protected page of any site, signs in at the tenant it leads to, and returns the page's response.
    pub async fn sign_in_from(&mut self, url: &str, person: &str) -> Response {
        let callback = self.callback_from(url, person).await;
        self.visit(callback.as_str()).await
    }

    /// As [`Self::sign_in_from`], but stops before the callback and returns its address.
    pub async fn callback_from(&mut self, url: &str, person: &str) -> Url {
        let page = self.visit(url).await;
        let form = [("transaction", page.header("x-dev-transaction")), ("person", person)];
        let decided = self.post(page.url.join("/sign-in").unwrap().as_str(), &form).await;
        decided.location().unwrap_or_else(|| panic!("no redirect: {} {}", page.body, decided.body))
    }

    /// Signs in at the tenant as this person, or as the user of a session that this browser still has there, stops
    /// before the callback and returns its address.
    pub async fn sign_in_up_to_callback(&mut self, site: &Site, person: &str, path: &str) -> String {
        let mut response = self.get(&site.at(path)).await;
        while let Some(next) = response.location() {
            if next.path() == CALLBACK {
                return next.into();
            }
            response = self.get(next.as_str()).await;
        }
        self.choose(site, &response, &[("person", person)]).await
    }

    /// Begins a sign-in whose token response comes a second late, and returns when its request has arrived at the
    /// tenant. The task returns the callback's status and the browser.
    #[allow(dead_code, reason = "the `store_faults` target does not use this")]
    pub async fn sign_in_slowly(mut self, site: &Site, person: &str, token_path: &str) -> JoinHandle<(u16, Self)> {
        let callback = self.sign_in_up_to_callback(site, person, "/").await;
        site.tenant.fault_times("token_slow", 1).await;
        site.tenant.settings(json!({"slow_seconds": 1})).await;
        let signing_in = tokio::spawn(async move { (self.get(&callback).await.status, self) });
        let begun = Instant::now();
        while site.tenant.requests_at(token_path).await == 0 {
            assert!(begun.elapsed().as_secs() < 10, "the tenant gets no token request");
            tokio::task::yield_now().await;
        }
        signing_in
    }

    /// Submits the tenant's sign-in page. Returns the callback's address.
    pub async fn choose(&mut self, site: &Site, page: &Response, decision: &[(&str, &str)]) -> String {
        let transaction = page.header("x-dev-transaction").to_owned();
        assert!(!transaction.is_empty(), "not the tenant's sign-in page: {} {}", page.status, page.url);
        let form: Vec<_> =
            [("transaction", transaction.as_str())].into_iter().chain(decision.iter().copied()).collect();
        let decided = self.post(&format!("{}/sign-in", site.tenant.origin()), &form).await;
        decided.location().unwrap_or_else(|| panic!("no redirect: {} {}", decided.status, decided.body)).into()
    }

    /// The value of a cookie.
    pub fn cookie(&self, host: &str, name: &str) -> Option<&str> {
        self.cookies.get(&(host.to_owned(), name.to_owned())).map(String::as_str)
    }

    /// Sets a cookie, as an attacker or an old visit might have.
    pub fn set_cookie(&mut self, host: &str, name: &str, value: &str) {
        self.cookies.insert((host.to_owned(), name.to_owned()), value.to_owned());
    }

    /// The names and values of all cookies of a host.
    pub fn cookies_at(&self, host: &str) -> Vec<(String, String)> {
        let here = self.cookies.iter().filter(|((cookie_host, _), _)| cookie_host == host);
        here.map(|((_, name), value)| (name.clone(), value.clone())).collect()
    }

    /// The value of the session cookie.
    pub fn session(&self) -> Option<String> {
        self.cookie("localhost", SESSION_COOKIE).map(str::to_owned)
    }

    /// A browser with nothing but this session cookie.
    pub fn with_session(value: &str) -> Self {
        let mut browser = Self::new();
        browser.set_cookie("localhost", SESSION_COOKIE, value);
        browser
    }

    /// Whether the start page responds with 200.
    pub async fn is_signed_in(&mut self, site: &Site) -> bool {
        self.get(&site.at("/")).await.status == 200
    }

    /// Removes the tenant's cookies, so that somebody else can sign in.
    pub fn leave_tenant(&mut self) {
        self.cookies.retain(|(host, _), _| host != "127.0.0.1");
    }

    /// The `Cookie` header for an address.
    pub fn cookie_header(&self, url: &Url) -> String {
        let host = url.host_str().unwrap_or_default();
        let here = self.cookies.iter().filter(|((cookie_host, _), _)| cookie_host == host);
        here.map(|((_, name), value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    /// Keeps a response's cookies. It may be the response to a request of a clone of this browser.
    pub fn keep_cookies(&mut self, response: &Response) {
        let host = response.url.host_str().unwrap_or_default().to_owned();
        for cookie in response.set_cookies().into_iter().filter_map(|header| Cookie::parse(header).ok()) {
            let key = (host.clone(), cookie.name().to_owned());
            if cookie.max_age().is_some_and(|age| age.is_zero()) {
                self.cookies.remove(&key);
            } else {
                self.cookies.insert(key, cookie.value().to_owned());
            }
        }
    }
}
