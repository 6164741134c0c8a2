//! `TenantClient`: a running tenant with an HTTP client that keeps one cookie and follows no redirect; and functions
//! that read redirects and tokens.

use std::{collections::HashMap, sync::Mutex};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, jwk::JwkSet};
use kinde_leptos::dev_issuer::{self, DevIssuer, Options, Shape};
use reqwest::{Client, RequestBuilder, Response, header};
use serde_json::{Map, Value};

use crate::harness::client;

pub const CALLBACK: &str = "http://localhost:8000/api/auth/kinde_callback";
pub const SIGNED_OUT: &str = "http://localhost:8000/signed-out";
pub const NONCE: &str = "nonce-of-the-test";
pub const STATE: &str = "state-of-the-test";

pub const JWKS: &str = "/.well-known/jwks";

pub type Parameters = HashMap<String, String>;

pub struct TenantClient {
    pub server: DevIssuer,
    shape: Shape,
    http: Client,
    cookie: Mutex<Option<String>>,
}

impl TenantClient {
    pub async fn start() -> Self {
        Self::start_with(Self::options()).await
    }

    /// A tenant of the plain shape.
    pub async fn start_plain() -> Self {
        Self::start_with(Options { shape: Shape::Plain, ..Self::options() }).await
    }

    pub async fn start_with(options: Options) -> Self {
        let shape = options.shape;
        Self { server: dev_issuer::start(options).await.unwrap(), shape, http: client(), cookie: Mutex::new(None) }
    }

    /// Stops the tenant and starts another one; the browser with its cookie stays.
    pub async fn restart_with(self, options: Options) -> Self {
        self.server.shut_down().await;
        Self {
            server: dev_issuer::start(options).await.unwrap(),
            shape: self.shape,
            http: self.http,
            cookie: self.cookie,
        }
    }

    /// The options of a Kinde tenant with the callback of these tests.
    pub fn options() -> Options {
        Options::new_client(0, vec![CALLBACK.to_owned()], vec![SIGNED_OUT.to_owned()])
    }

    pub fn get(&self, path: &str) -> RequestBuilder {
        self.with_cookie(self.http.get(self.url(path)))
    }

    pub fn post(&self, path: &str) -> RequestBuilder {
        self.with_cookie(self.http.post(self.url(path)))
    }

    /// A page of the console.
    pub async fn page(&self, path: &str) -> String {
        let response = self.get(path).send().await.unwrap();
        assert_eq!(response.status(), 200, "{path}");
        response.text().await.unwrap()
    }

    /// Sends a form of the console, as a browser does from one of its pages.
    pub async fn submit(&self, path: &str, form: &[(&str, &str)]) -> Response {
        let request = self.http.post(self.url(path)).header("origin", self.server.origin());
        request.header("sec-fetch-site", "same-origin").form(form).send().await.unwrap()
    }

    pub fn patch(&self, path: &str) -> RequestBuilder {
        self.http.patch(self.url(path))
    }

    pub fn request(&self, method: axum::http::Method, path: &str) -> RequestBuilder {
        self.http.request(method, self.url(path))
    }

    pub fn delete(&self, path: &str) -> RequestBuilder {
        self.http.delete(self.url(path))
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.server.origin())
    }

    fn with_cookie(&self, request: RequestBuilder) -> RequestBuilder {
        match &*self.cookie.lock().unwrap() {
            Some(cookie) => request.header(header::COOKIE, cookie),
            None => request,
        }
    }

    /// Sends the request and keeps the cookie that the response sets.
    pub async fn send(&self, request: RequestBuilder) -> Response {
        let response = request.send().await.unwrap();
        if let Some(cookie) = response.headers().get(header::SET_COOKIE) {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            *self.cookie.lock().unwrap() = Some(pair.to_owned());
        }
        response
    }

    /// An authorization request with `changes` to the usual parameters; an empty value removes one.
    pub async fn authorize(&self, changes: &[(&str, &str)]) -> Response {
        let mut parameters = HashMap::from([
            ("response_type", "code"),
            ("client_id", self.server.client_id()),
            ("redirect_uri", CALLBACK),
            ("scope", "openid profile email offline"),
            ("state", STATE),
            ("nonce", NONCE),
        ]);
        parameters.extend(changes.iter().copied());
        parameters.retain(|_, value| !value.is_empty());
        let path = match self.shape {
            Shape::Kinde => "/oauth2/auth",
            Shape::Plain => "/realms/plain/authorize",
        };
        self.send(self.get(path).query(&parameters)).await
    }

    /// Opens the sign-in page and submits it with `decision`.
    pub async fn decide(&self, changes: &[(&str, &str)], decision: &[(&str, &str)]) -> Response {
        let page = self.authorize(changes).await;
        assert_eq!(page.status(), 200, "no sign-in page");
        let transaction = page.headers()["x-dev-transaction"].to_str().unwrap().to_owned();
        let mut form = vec![("transaction", transaction.as_str())];
        form.extend(decision);
        self.send(self.post("/sign-in").form(&form)).await
    }

    /// The authorization code of a sign-in as this person.
    pub async fn code_for(&self, person: &str, changes: &[(&str, &str)]) -> String {
        let response = self.decide(changes, &[("person", person)]).await;
        callback(&response)["code"].clone()
    }

    /// Signs in as this person and returns the token response.
    pub async fn tokens_for(&self, person: &str, changes: &[(&str, &str)]) -> Value {
        let code = self.code_for(person, changes).await;
        let response = self.exchange(&code, &[]).await;
        assert_eq!(response.status(), 200);
        json(response).await
    }

    pub async fn exchange(&self, code: &str, more: &[(&str, &str)]) -> Response {
        let mut form = vec![("grant_type", "authorization_code"), ("code", code), ("redirect_uri", CALLBACK)];
        form.extend(more);
        self.token_request(&form).await.unwrap()
    }

    pub async fn refresh(&self, tokens: &Value) -> Response {
        let token = tokens["refresh_token"].as_str().unwrap();
        let form = [("grant_type", "refresh_token"), ("refresh_token", token)];
        self.token_request(&form).await.unwrap()
    }

    /// A request to the token endpoint, authenticated in the way of the shape: in the body, or by HTTP Basic.
    pub async fn token_request(&self, form: &[(&str, &str)]) -> reqwest::Result<Response> {
        let (id, secret) = (self.server.client_id(), self.server.client_secret());
        let mut form = form.to_vec();
        let request = match self.shape {
            Shape::Kinde => {
                form.extend([("client_id", id), ("client_secret", secret)]);
                self.post("/oauth2/token")
            }
            Shape::Plain => self.post("/realms/plain/token").basic_auth(id, Some(secret)),
        };
        request.form(&form).send().await
    }

    pub async fn switch_on(&self, fault: &str) {
        let body = format!("{{\"fault\":\"{fault}\",\"times\":1}}");
        assert_eq!(self.write(self.post("/dev/faults"), body).await.status(), 200, "{fault}");
    }

    pub async fn set(&self, settings: Value) {
        assert_eq!(self.write(self.patch("/dev/settings"), settings.to_string()).await.status(), 200);
    }

    /// Sends JSON to the switchboard.
    pub async fn write(&self, request: RequestBuilder, body: String) -> Response {
        let request = request.header(header::CONTENT_TYPE, "application/json");
        request.body(body).send().await.unwrap()
    }

    /// The paths in the log, in order.
    pub async fn logged_paths(&self) -> Vec<String> {
        let log = json(self.get("/dev/log").send().await.unwrap()).await;
        let paths = log.as_array().unwrap().iter().map(|entry| &entry["path"]);
        paths.map(|path| path.as_str().unwrap().to_owned()).collect()
    }
}

pub async fn json(response: Response) -> Value {
    serde_json::from_str(&response.text().await.unwrap()).unwrap()
}

/// Changes one of the tenant's people.
pub async fn change(tenant: &TenantClient, person: &str, changes: Value) -> Response {
    tenant.write(tenant.patch(&format!("/dev/people/{person}")), changes.to_string()).await
}

/// A request to the account API with the access token of these tokens. The resource may have a query.
pub fn account_api(tenant: &TenantClient, tokens: &Value, resource: &str) -> RequestBuilder {
    let token = tokens["access_token"].as_str().unwrap();
    tenant.get(&format!("/account_api/v1/{resource}")).bearer_auth(token)
}

/// A page of a resource of the account API.
pub async fn listed(tenant: &TenantClient, tokens: &Value, resource: &str) -> Value {
    let response = account_api(tenant, tokens, resource).send().await.unwrap();
    assert_eq!(response.status(), 200, "{resource}");
    json(response).await
}

/// The number of responses that the tenant holds.
pub async fn held(tenant: &TenantClient) -> u64 {
    json(tenant.get("/dev/held").send().await.unwrap()).await["held"].as_u64().unwrap()
}

/// Waits until the tenant holds this number of responses.
pub async fn wait_for_held(tenant: &TenantClient, wanted: u64) {
    while held(tenant).await != wanted {
        tokio::task::yield_now().await;
    }
}

/// The parameters of a redirect to the callback.
pub fn callback(response: &Response) -> Parameters {
    let (target, query) = location(response).split_once('?').unwrap();
    assert_eq!(target, CALLBACK);
    form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

/// When the user of a code authenticated, as the ID token says.
pub async fn auth_time(tenant: &TenantClient, code: &str) -> i64 {
    let tokens = json(tenant.exchange(code, &[]).await).await;
    claims(&tokens["id_token"])["auth_time"].as_i64().unwrap()
}

/// Where a redirect leads.
pub fn location(response: &Response) -> &str {
    response.headers()[header::LOCATION].to_str().unwrap()
}

/// The claims of a JWT, unverified.
pub fn claims(token: &Value) -> Map<String, Value> {
    let payload = token.as_str().unwrap().split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

/// The header of a JWT.
pub fn header(token: &Value) -> Map<String, Value> {
    let header = token.as_str().unwrap().split('.').next().unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap()
}

/// Verifies an ID token by the published key of its kid.
pub async fn verify(tenant: &TenantClient, id_token: &Value) -> Result<Map<String, Value>, String> {
    let keys = tenant.get(JWKS).send().await.unwrap().text().await.unwrap();
    let keys: JwkSet = serde_json::from_str(&keys).unwrap();
    let token = id_token.as_str().unwrap();
    let kid = jsonwebtoken::decode_header(token).map_err(|e| e.to_string())?.kid;
    let key = keys.find(&kid.unwrap_or_default()).ok_or("unknown kid")?;
    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_audience(&[tenant.server.client_id()]);
    validation.set_issuer(&[tenant.server.issuer()]);
    let key = DecodingKey::from_jwk(key).unwrap();
    let data = jsonwebtoken::decode(token, &key, &validation).map_err(|e| e.to_string())?;
    Ok(data.claims)
}
