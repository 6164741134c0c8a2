//! `Tenant`: the emulated Kinde tenant of one site, and its switchboard over HTTP.
//! Everything goes over HTTP, as from any other language.

use kinde_leptos::dev_issuer::{self, DevIssuer, Options};
use serde_json::{Value, json};

/// A running tenant; it ends with this value.
pub struct Tenant {
    issuer: DevIssuer,
    client: reqwest::Client,
}

impl Tenant {
    /// A tenant that knows one site.
    pub async fn start(site_url: &str) -> Self {
        let callback_urls = vec![format!("{site_url}/api/auth/kinde_callback")];
        let logout_urls = vec![format!("{site_url}/api/auth/logout")];
        let issuer = dev_issuer::start(Options::new_client(0, callback_urls, logout_urls)).await.unwrap();
        Self { issuer, client: reqwest::Client::builder().no_proxy().build().unwrap() }
    }

    pub fn issuer(&self) -> &str {
        self.issuer.issuer()
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

    /// Switches a fault on for so many uses.
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

    /// How many protocol requests the tenant has received at a path.
    pub async fn requests_at(&self, path: &str) -> usize {
        self.log().await.iter().filter(|entry| entry["path"] == path).count()
    }

    /// The protocol requests received so far, oldest first.
    pub async fn log(&self) -> Vec<Value> {
        let url = format!("{}/dev/log", self.issuer());
        let log: Value =
            serde_json::from_slice(&self.client.get(url).send().await.unwrap().bytes().await.unwrap()).unwrap();
        log.as_array().cloned().unwrap_or_else(|| panic!("the log is no list: {log}"))
    }

    /// Forgets the requests received so far.
    pub async fn clear_log(&self) {
        self.write(reqwest::Method::DELETE, "/dev/log", json!({})).await;
    }

    async fn write(&self, method: reqwest::Method, path: &str, body: Value) {
        let url = format!("{}{path}", self.issuer());
        let request =
            self.client.request(method, url).header("content-type", "application/json").body(body.to_string());
        let response = request.send().await.unwrap();
        let status = response.status();
        assert!(status.is_success(), "{path} {body}: {status} {}", response.text().await.unwrap_or_default());
    }
}
