//! Kinde's management API at the tenant: its operations, and what they change elsewhere.
//! The page of the documentation with all operations is compared with the code in `dev_issuer::management::coverage`.

mod access;
mod applications;
mod journey;
mod operations;
mod organizations;
mod pages;
mod properties;
mod rights;
mod users;
mod webhooks;

use kinde_leptos::test_kit::TestTenant;
use reqwest::Method;
use serde_json::{Value, json};

use super::harness::TenantClient;
use crate::harness::client;

/// The page of the documentation with all operations.
const PAGE: &str = include_str!("../../dev_issuer/management/coverage.md");

/// A row of the page.
struct Operation {
    method: Method,
    path: &'static str,
    scope: Option<&'static str>,
    is_there: bool,
}

/// All rows of the page.
fn operations() -> Vec<Operation> {
    let rows = PAGE.lines().filter_map(|line| line.strip_prefix("| ")).map(|row| row.split(" | ").collect::<Vec<_>>());
    let operation = |cells: Vec<&'static str>| {
        let method = cells[0].parse().ok().filter(|_| cells[0].chars().all(char::is_uppercase))?;
        let code = |cell: &'static str| Some(cell.trim().trim_matches('`')).filter(|text| !text.is_empty());
        let is_there = !cells[3].starts_with("not");
        Some(Operation { method, path: code(cells[1]).unwrap(), scope: code(cells[2]), is_there })
    };
    rows.filter(|cells| cells.len() == 4).filter_map(operation).collect()
}

/// A program with an access token for the management API.
struct Machine {
    origin: String,
    token: String,
}

impl Machine {
    /// A machine whose token has these scopes.
    async fn with_scopes(tenant: &TestTenant, scopes: &[&str]) -> Self {
        let audience = format!("{}/api", tenant.issuer());
        Self { origin: tenant.origin().to_owned(), token: tenant.machine_token(&audience, scopes).await }
    }

    /// A machine that may do everything.
    async fn of(tenant: &TestTenant) -> Self {
        let scopes: Vec<&str> = operations().iter().filter_map(|operation| operation.scope).collect();
        Self::with_scopes(tenant, &scopes).await
    }

    /// The application itself, by its client credentials.
    async fn of_client(tenant: &TenantClient) -> Self {
        let origin = tenant.server.origin().to_owned();
        let scopes: Vec<&str> = operations().iter().filter_map(|operation| operation.scope).collect();
        let (audience, scope) = (format!("{origin}/api"), scopes.join(" "));
        let form = [("grant_type", "client_credentials"), ("audience", &audience), ("scope", &scope)];
        let response = tenant.token_request(&form).await.unwrap();
        let tokens = super::harness::json(response).await;
        Self { origin, token: tokens["access_token"].as_str().unwrap().to_owned() }
    }

    /// The status and the body of a response. A body that is null is not sent.
    async fn send(&self, method: Method, path: &str, body: &Value) -> (u16, Value) {
        let request = client().request(method, format!("{}{path}", self.origin)).bearer_auth(&self.token);
        let request = match body {
            Value::Null => request,
            body => request.header("content-type", "application/json").body(body.to_string()),
        };
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let text = response.text().await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or_else(|_| panic!("{path} is no JSON: {status} {text}")))
    }

    async fn get(&self, path: &str) -> Value {
        self.done(Method::GET, path, Value::Null).await
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        self.done(Method::POST, path, body).await
    }

    async fn patch(&self, path: &str, body: Value) -> Value {
        self.done(Method::PATCH, path, body).await
    }

    async fn put(&self, path: &str, body: Value) -> Value {
        self.done(Method::PUT, path, body).await
    }

    async fn delete(&self, path: &str) -> Value {
        self.done(Method::DELETE, path, Value::Null).await
    }

    /// The body of a response that must be a success.
    async fn done(&self, method: Method, path: &str, body: Value) -> Value {
        let (status, response) = self.send(method.clone(), path, &body).await;
        assert!(matches!(status, 200 | 201), "{method} {path} {body}: {status} {response}");
        response
    }

    /// The message of a response that must be a 400.
    async fn refused(&self, method: Method, path: &str, body: Value) -> String {
        let (status, response) = self.send(method.clone(), path, &body).await;
        assert_eq!(status, 400, "{method} {path} {body}: {response}");
        response["errors"][0]["message"].as_str().unwrap().to_owned()
    }

    /// The id of a new role with these permissions, which are new as well.
    async fn new_role(&self, key: &str, permissions: &[&str]) -> String {
        let role = text(&self.post("/api/v1/roles", json!({"key": key, "name": key})).await["role"]["id"]);
        let mut ids = Vec::new();
        for key in permissions {
            let new = self.post("/api/v1/permissions", json!({"key": key, "name": key})).await;
            ids.push(json!({"id": new["permission"]["id"]}));
        }
        self.patch(&format!("/api/v1/roles/{role}/permissions"), json!({"permissions": ids})).await;
        role
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

/// The values of a member of each record.
fn each(records: &Value, member: &str) -> Vec<String> {
    records.as_array().unwrap().iter().map(|record| text(&record[member])).collect()
}

/// A new client of a machine, as the tenant's switchboard returns it.
async fn new_client(tenant: &TenantClient) -> Value {
    let order = json!({"audience": ["https://api.example"]}).to_string();
    super::harness::json(tenant.write(tenant.post("/dev/clients"), order).await).await
}

/// A tenant without an application.
async fn tenant() -> TestTenant {
    TestTenant::start("http://localhost:1").await
}
