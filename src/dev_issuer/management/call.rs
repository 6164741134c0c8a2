//! `Call`: one request of an operation, with the parameters of its path and query and its body.

use std::collections::HashMap;

use axum::{
    body::Bytes,
    extract::{FromRequest, Path, Request},
};
use serde_json::Value;

use super::{answer::Refusal, input::Input};
use crate::dev_issuer::basics::parameters::Parameters;
use crate::dev_issuer::people::person::{Organization, Person};
use crate::dev_issuer::state::tenant::{SharedTenant, TenantState};

/// A request of an operation.
pub(super) struct Call {
    pub(super) tenant: SharedTenant,
    path: HashMap<String, String>,
    parameters: Parameters,
    body: Bytes,
}

impl FromRequest<SharedTenant> for Call {
    type Rejection = Refusal;

    async fn from_request(mut request: Request, tenant: &SharedTenant) -> Result<Self, Refusal> {
        use axum::RequestExt;
        let path = request.extract_parts::<Path<HashMap<String, String>>>().await;
        let parameters = request.extensions().get::<Parameters>().cloned().unwrap_or_default();
        let body = Bytes::from_request(request, tenant).await.map_err(|_| Refusal::NoObject)?;
        Ok(Self { tenant: tenant.clone(), path: path.map(|Path(path)| path).unwrap_or_default(), parameters, body })
    }
}

impl Call {
    /// Returns a parameter of the path.
    pub(super) fn path(&self, name: &str) -> &str {
        self.path.get(name).map_or("", String::as_str)
    }

    /// Returns a parameter of the query, unless it is empty.
    pub(super) fn query(&self, name: &str) -> Option<&str> {
        self.parameters.query(name).filter(|value| !value.is_empty())
    }

    /// Whether the query has a parameter of this name, or a part of one such as `name[key]`.
    pub(super) fn has_query(&self, name: &str) -> bool {
        let is_part = |key: &str| key.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('['));
        self.parameters.query.iter().any(|(key, _)| is_part(key))
    }

    /// Returns a parameter of the query that the operation needs.
    pub(super) fn needed(&self, name: &'static str) -> Result<&str, Refusal> {
        self.query(name).ok_or_else(|| Refusal::field(name, "this parameter is needed"))
    }

    /// Returns the values of a parameter that separates them by commas.
    pub(super) fn list(&self, name: &str) -> Option<Vec<&str>> {
        self.query(name).map(|text| text.split(',').map(str::trim).collect())
    }

    /// Whether the parameter `expand` names this part of a record.
    pub(super) fn expands(&self, part: &str) -> bool {
        self.list("expand").is_some_and(|parts| parts.contains(&part))
    }

    /// Reads the body, which may be empty where nothing in it is needed.
    pub(super) fn input(&self) -> Result<Input, Refusal> {
        if self.body.is_empty() {
            return Ok(Input::default());
        }
        match serde_json::from_slice(&self.body) {
            Ok(Value::Object(members)) => Ok(Input::of("", members)),
            _ => Err(Refusal::NoObject),
        }
    }
}

/// Returns the key of the person of that id.
pub(super) fn key_of(state: &TenantState, id: &str) -> Result<String, Refusal> {
    person(state, id).map(|person| person.key.clone())
}

/// Returns the person of that id.
pub(super) fn person<'a>(state: &'a TenantState, id: &str) -> Result<&'a Person, Refusal> {
    state.people.by_subject(id).ok_or(Refusal::Unknown("user"))
}

/// Returns the organization of that code.
pub(super) fn organization(state: &TenantState, code: &str) -> Result<Organization, Refusal> {
    state.find_organization(code).ok_or(Refusal::Unknown("organization"))
}
