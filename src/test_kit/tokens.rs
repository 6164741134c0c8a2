//! Access tokens that no sign-in yields: those of machines, and tokens to order. Those of people are in `login`.

use reqwest::Method;
use serde_json::{Value, json};

use super::TestTenant;
use super::login::token_in;
use super::switchboard::text;
use super::visitor::submit;

/// The client of a machine at the tenant: what its program needs to obtain tokens.
#[derive(Clone)]
pub struct MachineClient {
    /// Its id.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
    /// The audience of its tokens.
    pub audience: String,
    /// The scopes that it is granted.
    pub scopes: Vec<String>,
}

impl TestTenant {
    /// Registers the client of a machine, which may obtain tokens for this audience with these scopes (RFC 6749 §4.4).
    ///
    /// # Panics
    /// The tenant is a plain issuer, which has no such clients.
    pub async fn machine_client(&self, audience: &str, scopes: &[&str]) -> MachineClient {
        let order = json!({"audience": [audience], "scopes": scopes});
        let client = self.written(Method::POST, "/dev/clients", order).await;
        MachineClient {
            client_id: text(&client, "client_id"),
            client_secret: text(&client, "client_secret"),
            audience: audience.to_owned(),
            scopes: scopes.iter().copied().map(str::to_owned).collect(),
        }
    }

    /// An access token for an API of a new machine, with these scopes.
    ///
    /// # Panics
    /// As [`Self::machine_client`] and [`Self::token_of`].
    pub async fn machine_token(&self, audience: &str, scopes: &[&str]) -> String {
        let machine = self.machine_client(audience, scopes).await;
        self.token_of(&machine).await
    }

    /// The access token that a machine obtains by client credentials.
    ///
    /// # Panics
    /// The tenant issues none, as with a fault of its token endpoint.
    pub async fn token_of(&self, machine: &MachineClient) -> String {
        let scope = machine.scopes.join(" ");
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", &machine.client_id),
            ("client_secret", &machine.client_secret),
            ("audience", &machine.audience),
            ("scope", &scope),
        ];
        let url = self.at(self.registration.options.shape.paths().token);
        let response = submit(&self.client, &url, &form).await;
        let response = response.unwrap_or_else(|error| panic!("no response from {url}: {error}"));
        let refused = || -> ! { panic!("the tenant issues no token: {} {}", response.status, response.text()) };
        token_in(&response).unwrap_or_else(|| refused())
    }

    /// The access token that an order describes: `{"person": "ada", "org_code": "org_…", "audience": ["…"],
    /// "scope": ["…"], "claims": {…}, "fault": "id_expired"}`, all optional. Without a person it is a machine's. It
    /// belongs to no sign-in: the tenant's own endpoints refuse it.
    ///
    /// # Panics
    /// The tenant cannot issue it.
    pub async fn mint(&self, order: Value) -> String {
        text(&self.written(Method::POST, "/dev/tokens", order).await, "access_token")
    }

    /// As [`Self::mint`]; `None` when the tenant cannot issue it, as with a fault that is none of tokens.
    pub async fn try_mint(&self, order: Value) -> Option<String> {
        let (is_minted, body) = self.ask(Method::POST, "/dev/tokens", &order).await;
        let minted: Value = serde_json::from_str(&body).ok()?;
        is_minted.then(|| text(&minted, "access_token"))
    }
}
