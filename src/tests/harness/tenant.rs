//! `EmulatedTenant`: the emulated Kinde tenant of one site, and its switchboard.
//! Everything but starting and stopping goes over HTTP, as from a client in any other language.

use kinde_leptos::auth::paths::{BACKCHANNEL_LOGOUT, WEBHOOKS};
use kinde_leptos::dev_issuer::{self, DevIssuer, Options, Person, Shape};
use serde_json::{Value, json};

/// A running tenant; it ends with this value.
pub struct EmulatedTenant {
    issuer: DevIssuer,
    client: reqwest::Client,
}

impl EmulatedTenant {
    /// A tenant with one registered site.
    pub async fn start(site_url: &str) -> Self {
        Self::start_of(Shape::Kinde, site_url).await
    }

    /// As [`Self::start`], with what it emulates.
    pub async fn start_of(shape: Shape, site_url: &str) -> Self {
        let callback_urls = vec![format!("{site_url}/api/auth/kinde_callback")];
        let logout_urls = vec![format!("{site_url}/api/auth/logout")];
        Self::start_again(Options { shape, ..Options::new_client(0, callback_urls, logout_urls) }).await
    }

    /// A tenant with the options that [`EmulatedTenant::stop`] returned: the same address and client, new keys, and
    /// nobody signed in.
    pub async fn start_again(options: Options) -> Self {
        let issuer = dev_issuer::start(options).await.unwrap();
        Self { issuer, client: reqwest::Client::builder().no_proxy().build().unwrap() }
    }

    /// Stops listening. Returns the options to start it again for its one site.
    pub async fn stop(self, site_url: &str) -> Options {
        let port = url::Url::parse(self.issuer()).unwrap().port().unwrap();
        let options = Options {
            port,
            client_id: self.client_id().to_owned(),
            client_secret: self.client_secret().to_owned(),
            callback_urls: vec![format!("{site_url}/api/auth/kinde_callback")],
            logout_urls: vec![format!("{site_url}/api/auth/logout")],
            ..Options::new_client(port, vec![], vec![])
        };
        self.issuer.shut_down().await;
        options
    }

    pub fn issuer(&self) -> &str {
        self.issuer.issuer()
    }

    /// The issuer without its path.
    pub fn origin(&self) -> &str {
        self.issuer.origin()
    }

    pub fn client_id(&self) -> &str {
        self.issuer.client_id()
    }

    pub fn client_secret(&self) -> &str {
        self.issuer.client_secret()
    }

    /// Switches a fault on until all are cleared.
    pub async fn fault(&self, name: &str) {
        self.write(reqwest::Method::POST, "/dev/faults", json!({ "fault": name })).await;
    }

    /// Switches a fault on for this number of uses.
    pub async fn fault_times(&self, name: &str, times: u32) {
        self.write(reqwest::Method::POST, "/dev/faults", json!({ "fault": name, "times": times })).await;
    }

    /// Switches all faults off.
    pub async fn clear_faults(&self) {
        self.write(reqwest::Method::DELETE, "/dev/faults", json!({})).await;
    }

    /// Changes settings, such as `{"aud": "both"}`.
    pub async fn settings(&self, settings: Value) {
        self.write(reqwest::Method::PATCH, "/dev/settings", settings).await;
    }

    /// How many responses a fault such as `refresh_held` holds back.
    pub async fn held(&self) -> u64 {
        let url = format!("{}/dev/held", self.issuer());
        let held = self.client.get(url).send().await.unwrap().bytes().await.unwrap();
        serde_json::from_slice::<Value>(&held).unwrap()["held"].as_u64().unwrap()
    }

    /// Waits until this many responses are held back.
    pub async fn until_held(&self, responses: u64) {
        let begun = std::time::Instant::now();
        while self.held().await < responses {
            assert!(begun.elapsed().as_secs() < 10, "the tenant does not hold back {responses} responses");
            tokio::task::yield_now().await;
        }
    }

    /// Sends the responses that are held back.
    pub async fn release(&self) {
        self.write(reqwest::Method::DELETE, "/dev/held", json!({})).await;
    }

    /// Changes what the tenant knows of a person, such as `{"persistent": false}`.
    pub async fn change_person(&self, key: &str, changes: Value) {
        self.write(reqwest::Method::PATCH, &format!("/dev/people/{key}"), changes).await;
    }

    /// Deletes a person.
    pub async fn delete_person(&self, key: &str) {
        self.write(reqwest::Method::DELETE, &format!("/dev/people/{key}"), json!({})).await;
    }

    /// From now on the tenant sends events, or as a plain issuer logout tokens, to this site, and repeats them at once.
    pub async fn delivers_to(&self, site_url: &str) {
        self.settings(json!({
            "webhook_url": format!("{site_url}{WEBHOOKS}"),
            "backchannel_logout_url": format!("{site_url}{BACKCHANNEL_LOGOUT}"),
            "delivery_pauses": [0, 0, 0],
        }))
        .await;
    }

    /// Sends the event that an order describes, once. Returns status and body of each response.
    pub async fn send_event(&self, order: Value) -> Vec<(u64, Value)> {
        self.send("/dev/webhooks", order).await
    }

    /// Sends the logout token that an order describes, once. Returns status and body of each response.
    pub async fn send_logout_token(&self, order: Value) -> Vec<(u64, Value)> {
        self.send("/dev/logout_tokens", order).await
    }

    async fn send(&self, path: &str, order: Value) -> Vec<(u64, Value)> {
        let sent: Value = serde_json::from_str(&self.write(reqwest::Method::POST, path, order).await).unwrap();
        let response = |response: &Value| {
            let body = response["body"].as_str().unwrap_or_default();
            (response["status"].as_u64().unwrap_or_default(), serde_json::from_str(body).unwrap_or_default())
        };
        sent["responses"].as_array().unwrap().iter().map(response).collect()
    }

    /// What changes caused so far: events and logout tokens, the oldest first.
    pub async fn deliveries(&self) -> Vec<Value> {
        self.read("/dev/deliveries").await
    }

    /// Waits until the last event or logout token that a change caused was accepted.
    pub async fn until_delivered(&self) {
        let begun = std::time::Instant::now();
        loop {
            let deliveries = self.deliveries().await;
            if deliveries.last().is_some_and(|last| last["status"] == 200) {
                return;
            }
            assert!(begun.elapsed().as_secs() < 10, "not delivered: {deliveries:?}");
            tokio::task::yield_now().await;
        }
    }

    /// Invites somebody to an organization. Returns the link of the invitation's e-mail and its code.
    pub async fn invite(&self, email: &str, org_code: &str) -> (String, String) {
        let body = json!({"email": email, "org_code": org_code});
        let invitation = self.write(reqwest::Method::POST, "/dev/invitations", body).await;
        let invitation: Value = serde_json::from_str(&invitation).unwrap();
        let text = |name: &str| invitation[name].as_str().unwrap().to_owned();
        (text("invite_link"), text("code"))
    }

    /// Issues the access token that an order describes; the tenant's own endpoints do not accept it.
    pub async fn mint(&self, order: Value) -> Value {
        serde_json::from_str(&self.write(reqwest::Method::POST, "/dev/tokens", order).await).unwrap()
    }

    /// As [`Self::mint`]; `None` when the order names a fault that no token has.
    pub async fn try_mint(&self, order: Value) -> Option<Value> {
        let request = self.client.post(format!("{}/dev/tokens", self.issuer.origin()));
        let request = request.header("content-type", "application/json").body(order.to_string());
        let response = request.send().await.unwrap();
        let is_minted = response.status().is_success();
        let body = response.text().await.unwrap();
        is_minted.then(|| serde_json::from_str(&body).unwrap())
    }

    /// Registers a machine's client for an audience. Returns its id and secret.
    pub async fn machine_client(&self, audience: &str, scopes: &[&str]) -> (String, String) {
        let order = json!({"audience": [audience], "scopes": scopes});
        let client: Value =
            serde_json::from_str(&self.write(reqwest::Method::POST, "/dev/clients", order).await).unwrap();
        let text = |name: &str| client[name].as_str().unwrap().to_owned();
        (text("client_id"), text("client_secret"))
    }

    /// The access token that a machine obtains for itself (RFC 6749 §4.4).
    pub async fn machine_token(&self, client_id: &str, client_secret: &str, audience: &str, scope: &str) -> String {
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", client_id),
            ("client_secret", client_secret),
            ("audience", audience),
            ("scope", scope),
        ];
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let request = self.client.post(format!("{}/oauth2/token", self.issuer()));
        let request = request.header("content-type", "application/x-www-form-urlencoded").body(body);
        let tokens = request.send().await.unwrap().text().await.unwrap();
        let tokens: Value = serde_json::from_str(&tokens).unwrap();
        tokens["access_token"].as_str().unwrap_or_else(|| panic!("no token: {tokens}")).to_owned()
    }

    /// Makes a new signing key, which no client knows yet.
    pub async fn rotate_keys(&self) {
        self.write(reqwest::Method::POST, "/dev/keys/rotate", json!({ "drop_old": true })).await;
    }

    /// How many protocol requests the tenant has received at a path.
    pub async fn requests_at(&self, path: &str) -> usize {
        self.log().await.iter().filter(|entry| entry["path"] == path).count()
    }

    /// The protocol requests received so far, oldest first.
    pub async fn log(&self) -> Vec<Value> {
        self.read("/dev/log").await
    }

    /// The names of all faults.
    pub async fn fault_names(&self) -> Vec<String> {
        let faults = self.read("/dev/faults").await;
        faults.iter().map(|fault| fault["fault"].as_str().unwrap().to_owned()).collect()
    }

    /// Forgets the requests received so far.
    pub async fn clear_log(&self) {
        self.write(reqwest::Method::DELETE, "/dev/log", json!({})).await;
    }

    async fn read(&self, path: &str) -> Vec<Value> {
        let url = format!("{}{path}", self.issuer.origin());
        let list = self.client.get(url).send().await.unwrap().bytes().await.unwrap();
        serde_json::from_slice(&list).unwrap_or_else(|error| panic!("{path} is no list: {error}"))
    }

    /// Returns the body of the response.
    async fn write(&self, method: reqwest::Method, path: &str, body: Value) -> String {
        let url = format!("{}{path}", self.issuer.origin());
        let request =
            self.client.request(method, url).header("content-type", "application/json").body(body.to_string());
        let response = request.send().await.unwrap();
        let status = response.status();
        let text = response.text().await.unwrap_or_default();
        assert!(status.is_success(), "{path} {body}: {status} {text}");
        text
    }
}

/// One of the people whom every tenant knows.
pub fn person(key: &str) -> Person {
    DevIssuer::people().into_iter().find(|person| person.key == key).unwrap()
}
