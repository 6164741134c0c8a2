//! `Visitor`: what a sign-in needs of a browser. It keeps the application's cookies, sends what a browser sends that
//! opens a page, and reaches the application on its port or in this process. It follows no redirect by itself.

use std::collections::BTreeMap;
use std::error::Error;

use axum::Router;
use axum::body::{Body, to_bytes};
use cookie::Cookie as SetCookie;
use http::header::{ACCEPT, CONTENT_TYPE, COOKIE, HOST, LOCATION, SET_COOKIE};
use http::{HeaderMap, Request};
use tower::ServiceExt;
use url::Url;

use super::Cookie;

/// More than any page of a sign-in has.
const MAX_PAGE_BYTES: usize = 4 * 1024 * 1024;
/// The end of the session cookie's name; an application chooses what is before it.
const SESSION: &str = "_session";
/// The name of the tenant's own session cookie.
const TENANT_SESSION: &str = "emu_sso";
/// What a browser sends when a user enters an address.
const ENTERED: [(&str, &str); 3] =
    [("sec-fetch-site", "none"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")];

/// An HTTP client that follows no redirect and keeps no cookie.
pub(super) fn client() -> reqwest::Client {
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build();
    client.expect("a client without certificates of its own needs nothing that could be missing")
}

/// Where the application is.
#[derive(Clone)]
pub(super) enum App {
    /// It listens at this origin.
    At(Url),
    /// It is a router of this process.
    InProcess(Router),
}

/// A response with its whole body.
pub(super) struct Visited {
    pub(super) url: Url,
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

impl Visited {
    /// Where a redirect leads, made absolute.
    pub(super) fn location(&self) -> Option<Url> {
        let is_redirect = (300..400).contains(&self.status);
        self.url.join(self.headers.get(LOCATION).filter(|_| is_redirect)?.to_str().ok()?).ok()
    }

    /// A header's text; empty when it is not there.
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The cookies that the response sets or removes.
    fn set_cookies(&self) -> impl Iterator<Item = SetCookie<'_>> {
        let headers = self.headers.get_all(SET_COOKIE).iter();
        headers.filter_map(|value| SetCookie::parse(value.to_str().ok()?).ok())
    }

    /// The session cookie that the response sets, of the application or of the tenant.
    pub(super) fn session(&self) -> Option<Cookie> {
        let is_session = |cookie: &SetCookie<'_>| {
            let name = cookie.name();
            (name.ends_with(SESSION) || name == TENANT_SESSION) && !cookie.value().is_empty()
        };
        let cookie = self.set_cookies().find(is_session)?;
        Cookie::new(cookie.name(), cookie.value())
    }

    /// The first 300 characters of what a reader of the page sees, in one line.
    pub(super) fn text(&self) -> String {
        let start = self.body.find("<main").unwrap_or_default();
        let mut text = String::new();
        let mut is_tag = false;
        for character in self.body[start..].chars() {
            match character {
                '<' => is_tag = true,
                '>' if is_tag => {
                    is_tag = false;
                    text.push(' ');
                }
                _ if !is_tag => text.push(character),
                _ => {}
            }
        }
        text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(300).collect()
    }
}

/// Somebody who signs in at an application.
pub(super) struct Visitor {
    client: reqwest::Client,
    app: App,
    cookies: BTreeMap<String, String>,
}

impl Visitor {
    pub(super) fn new(client: reqwest::Client, app: App) -> Self {
        Self { client, app, cookies: BTreeMap::new() }
    }

    /// Opens a page of the application, whose address is the public one, and keeps the cookies of the response.
    ///
    /// # Errors
    /// The application does not respond.
    pub(super) async fn open(&mut self, url: &Url) -> Result<Visited, Box<dyn Error + Send + Sync>> {
        let visited = match self.app.clone() {
            App::At(origin) => self.request(url, &origin).await?,
            App::InProcess(router) => self.call(router, url).await?,
        };
        for cookie in visited.set_cookies() {
            if cookie.max_age().is_some_and(|age| age.is_zero()) {
                self.cookies.remove(cookie.name());
            } else {
                self.cookies.insert(cookie.name().to_owned(), cookie.value().to_owned());
            }
        }
        Ok(visited)
    }

    fn cookie_header(&self) -> String {
        self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    /// Sends a request to where the application listens, with the path and query of the public address.
    async fn request(&self, url: &Url, origin: &Url) -> Result<Visited, Box<dyn Error + Send + Sync>> {
        let mut target = origin.clone();
        target.set_path(url.path());
        target.set_query(url.query());
        let mut request = self.client.get(target).header(ACCEPT, "text/html,*/*;q=0.8");
        for (name, value) in ENTERED {
            request = request.header(name, value);
        }
        if !self.cookies.is_empty() {
            request = request.header(COOKIE, self.cookie_header());
        }
        read(url, request.send().await).await
    }

    async fn call(&self, router: Router, url: &Url) -> Result<Visited, Box<dyn Error + Send + Sync>> {
        let target = &url[url::Position::BeforePath..url::Position::AfterQuery];
        let mut request = Request::get(target).header(ACCEPT, "text/html,*/*;q=0.8");
        request = request.header(HOST, &url[url::Position::BeforeHost..url::Position::AfterPort]);
        for (name, value) in ENTERED {
            request = request.header(name, value);
        }
        if !self.cookies.is_empty() {
            request = request.header(COOKIE, self.cookie_header());
        }
        let (parts, body) = router.oneshot(request.body(Body::empty())?).await?.into_parts();
        let body = String::from_utf8_lossy(&to_bytes(body, MAX_PAGE_BYTES).await?).into_owned();
        Ok(Visited { url: url.clone(), status: parts.status.as_u16(), headers: parts.headers, body })
    }
}

/// Opens a page of the tenant.
///
/// # Errors
/// The tenant does not respond, as with some faults.
pub(super) async fn open(client: &reqwest::Client, url: &Url) -> Result<Visited, Box<dyn Error + Send + Sync>> {
    read(url, client.get(url.clone()).send().await).await
}

/// Sends a form to the tenant.
///
/// # Errors
/// As [`open`].
pub(super) async fn submit(
    client: &reqwest::Client,
    url: &Url,
    form: &[(&str, &str)],
) -> Result<Visited, Box<dyn Error + Send + Sync>> {
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    let request = client.post(url.clone()).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    read(url, request.body(body).send().await).await
}

/// Reads the whole response. The error does not name the address, which may have a code in it.
async fn read(
    url: &Url,
    response: Result<reqwest::Response, reqwest::Error>,
) -> Result<Visited, Box<dyn Error + Send + Sync>> {
    let response = response.map_err(reqwest::Error::without_url)?;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let body = response.bytes().await.map_err(reqwest::Error::without_url)?;
    let body = String::from_utf8_lossy(&body).into_owned();
    Ok(Visited { url: url.clone(), status, headers, body })
}
