//! The switchboard of a [`TestTenant`]: people, faults, settings, events, and what the tenant was asked. `dev_issuer`
//! describes the requests that these send. Each panics with the tenant's own sentence when the tenant refuses.

use std::future::Future;
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use super::TestTenant;

/// How long what a test waits for may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// The people.
impl TestTenant {
    /// Everybody who can sign in, as `GET /dev/people` shows them: `[{"person":"ada","email":"…",…}]`.
    pub async fn people(&self) -> Vec<Value> {
        self.list("/dev/people").await
    }

    /// Changes a person, such as `{"is_suspended": true}` or `{"permissions": ["read:items"]}`.
    pub async fn change_person(&self, key: &str, changes: Value) {
        self.write(Method::PATCH, &format!("/dev/people/{key}"), changes).await;
    }

    /// Deletes a person.
    pub async fn delete_person(&self, key: &str) {
        self.write(Method::DELETE, &format!("/dev/people/{key}"), json!({})).await;
    }

    /// Invites somebody to an organization. Returns the link of the invitation's e-mail and its code.
    pub async fn invite(&self, email: &str, org_code: &str) -> (String, String) {
        let order = json!({"email": email, "org_code": org_code});
        let invitation = self.written(Method::POST, "/dev/invitations", order).await;
        (text(&invitation, "invite_link"), text(&invitation, "code"))
    }
}

/// Everything at once.
impl TestTenant {
    /// People, settings, invitations and clients of machines as they are now, in the form of a seed.
    pub async fn seed(&self) -> Value {
        self.written(Method::GET, "/dev/seed", json!({})).await
    }

    /// Puts a seed in their place; `dev_issuer` describes the form.
    pub async fn seed_with(&self, seed: Value) {
        self.write(Method::PUT, "/dev/seed", seed).await;
    }

    /// Goes back to the last seed, or to the one that is built in, with nobody signed in and all faults off.
    pub async fn reset(&self) {
        self.write(Method::POST, "/dev/reset", json!({})).await;
    }
}

/// Faults, settings and keys.
impl TestTenant {
    /// Switches a fault on until all are cleared.
    pub async fn fault(&self, name: &str) {
        self.write(Method::POST, "/dev/faults", json!({ "fault": name })).await;
    }

    /// Switches a fault on for this number of uses.
    pub async fn fault_times(&self, name: &str, times: u32) {
        self.write(Method::POST, "/dev/faults", json!({ "fault": name, "times": times })).await;
    }

    /// Switches all faults off.
    pub async fn clear_faults(&self) {
        self.write(Method::DELETE, "/dev/faults", json!({})).await;
    }

    /// The names of all faults.
    pub async fn fault_names(&self) -> Vec<String> {
        self.list("/dev/faults").await.iter().map(|fault| text(fault, "fault")).collect()
    }

    /// Changes settings, such as `{"access_token_lifetime": 1}`.
    pub async fn settings(&self, settings: Value) {
        self.write(Method::PATCH, "/dev/settings", settings).await;
    }

    /// Moves the tenant's clock forward. The application's own clock does not move. Returns the number of codes,
    /// tokens, sessions and sign-in pages that ended by that, as `POST /dev/clock` describes it.
    pub async fn forward_clock(&self, seconds: u64) -> Value {
        self.written(Method::POST, "/dev/clock", json!({ "forward_seconds": seconds })).await["ended"].take()
    }

    /// Sets how late and how lossy endpoints are, such as `{"token": {"latency_ms": 200, "loss": 0.1}}`. An empty object
    /// ends it.
    pub async fn conditions(&self, conditions: Value) {
        self.write(Method::PUT, "/dev/conditions", conditions).await;
    }

    /// Makes a new signing key, which no client knows yet, and drops the old one.
    pub async fn rotate_keys(&self) {
        self.write(Method::POST, "/dev/keys/rotate", json!({ "drop_old": true })).await;
    }

    /// How many responses a fault such as `refresh_held` holds back.
    pub async fn held(&self) -> u64 {
        self.written(Method::GET, "/dev/held", json!({})).await["held"].as_u64().unwrap_or_default()
    }

    /// Waits until this many responses are held back.
    ///
    /// # Panics
    /// They are not after ten seconds.
    pub async fn until_held(&self, responses: u64) {
        until(&format!("the tenant holds back {responses} responses"), async || {
            let held = self.held().await;
            if held >= responses { Ok(()) } else { Err(held.to_string()) }
        })
        .await;
    }

    /// Sends the responses that are held back.
    pub async fn release(&self) {
        self.write(Method::DELETE, "/dev/held", json!({})).await;
    }
}

/// Events and logout tokens.
impl TestTenant {
    /// From now on the tenant sends events, or as a plain issuer logout tokens, to the application at this origin, and
    /// repeats them at once.
    pub async fn delivers_to(&self, site_url: &str) {
        let paths = &self.registration.paths;
        self.settings(json!({
            "webhook_url": format!("{site_url}{}", paths.webhooks),
            "backchannel_logout_url": format!("{site_url}{}", paths.backchannel_logout),
            "delivery_pauses": [0, 0, 0],
        }))
        .await;
    }

    /// Sends the event that an order describes, such as `{"type": "role.updated", "data": {}}`, once. Returns status
    /// and body of each response.
    pub async fn send_event(&self, order: Value) -> Vec<(u64, Value)> {
        self.send("/dev/webhooks", order).await
    }

    /// Sends the logout token that an order describes, such as `{"person": "ada"}`, once. Returns status and body of
    /// each response.
    pub async fn send_logout_token(&self, order: Value) -> Vec<(u64, Value)> {
        self.send("/dev/logout_tokens", order).await
    }

    async fn send(&self, path: &str, order: Value) -> Vec<(u64, Value)> {
        let sent = self.written(Method::POST, path, order).await;
        let response = |response: &Value| {
            let body = response["body"].as_str().unwrap_or_default();
            (response["status"].as_u64().unwrap_or_default(), serde_json::from_str(body).unwrap_or_default())
        };
        sent["responses"].as_array().map(|responses| responses.iter().map(response).collect()).unwrap_or_default()
    }

    /// What changes caused so far: events and logout tokens, the oldest first, as
    /// `[{"type":"user.updated","id":"event_…","attempts":1,"status":200}]`.
    pub async fn deliveries(&self) -> Vec<Value> {
        self.list("/dev/deliveries").await
    }

    /// Waits until the last event or logout token that a change caused was accepted.
    ///
    /// # Panics
    /// It was not after ten seconds.
    pub async fn until_delivered(&self) {
        until("the last event is delivered", async || {
            let deliveries = self.deliveries().await;
            let is_accepted = deliveries.last().is_some_and(|last| last["status"] == 200);
            if is_accepted { Ok(()) } else { Err(format!("{deliveries:?}")) }
        })
        .await;
    }
}

/// What the tenant was asked.
impl TestTenant {
    /// The protocol requests received so far, the oldest first, as
    /// `[{"method":"POST","path":"/oauth2/token","query":{},"form":{…},"authorization":null}]`. Those of the kit's own
    /// sign-ins are among them.
    pub async fn log(&self) -> Vec<Value> {
        self.list("/dev/log").await
    }

    /// How many protocol requests the tenant has received at a path.
    pub async fn requests_at(&self, path: &str) -> usize {
        self.log().await.iter().filter(|entry| entry["path"] == path).count()
    }

    /// Forgets the requests received so far.
    pub async fn clear_log(&self) {
        self.write(Method::DELETE, "/dev/log", json!({})).await;
    }
}

impl TestTenant {
    async fn list(&self, path: &str) -> Vec<Value> {
        let list = self.written(Method::GET, path, json!({})).await;
        serde_json::from_value(list).unwrap_or_else(|error| panic!("{path} is no list: {error}"))
    }

    /// As [`Self::write`], with the body of the response as JSON.
    pub(super) async fn written(&self, method: Method, path: &str, body: Value) -> Value {
        let text = self.write(method, path, body).await;
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path} is no JSON: {error}"))
    }

    /// Sends a request to the switchboard. Returns the body of the response.
    async fn write(&self, method: Method, path: &str, body: Value) -> String {
        let (is_success, text) = self.ask(method, path, &body).await;
        assert!(is_success, "the tenant refuses {path} {body}: {text}");
        text
    }

    /// Sends a request to the switchboard. Returns whether the tenant did what it says, and the body of the response.
    pub(super) async fn ask(&self, method: Method, path: &str, body: &Value) -> (bool, String) {
        let request = self.client.request(method, self.at(path)).header("content-type", "application/json");
        let no_response = |error: reqwest::Error| -> ! { panic!("the tenant does not respond: {error}") };
        let response = request.body(body.to_string()).send().await.unwrap_or_else(|error| no_response(error));
        let is_success = response.status().is_success();
        (is_success, response.text().await.unwrap_or_else(|error| no_response(error)))
    }
}

/// Asks until it is so. The error says how it is instead.
async fn until<F: Future<Output = Result<(), String>>>(what: &str, is_so: impl Fn() -> F) {
    let begun = Instant::now();
    while let Err(instead) = is_so().await {
        assert!(begun.elapsed() < PATIENCE, "it does not come about that {what}: {instead}");
        tokio::task::yield_now().await;
    }
}

pub(super) fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_default().to_owned()
}
