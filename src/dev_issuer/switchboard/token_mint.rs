//! The token mint: issues the access tokens that a test orders, for tests of an API that accepts bearer tokens. The
//! tenant does not record them, so its own endpoints do not accept them.

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::guard::error_response;
use crate::dev_issuer::faults::{
    fault::{Document, Effect},
    fault_table,
};
use crate::dev_issuer::state::tenant::{EmulatedTenant, SharedTenant, TenantState};
use crate::dev_issuer::tokens::{
    access_token::{self, Access, Machine},
    signature::sign,
};

/// The body of `POST /dev/tokens`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Order {
    /// The person of the token. Without a person, the token belongs to a machine.
    person: Option<String>,
    /// The organization of the token, of which the person is a member. Without one, it is the person's first, and a
    /// machine has none.
    org_code: Option<String>,
    #[serde(default)]
    audience: Vec<String>,
    #[serde(default)]
    scope: Vec<String>,
    /// The claims to replace. The value null removes a claim.
    #[serde(default)]
    claims: Map<String, Value>,
    /// A fault of the ID token, which applies to this token instead.
    fault: Option<String>,
}

/// `POST /dev/tokens`
pub(crate) async fn mint(State(tenant): State<SharedTenant>, Json(order): Json<Order>) -> Response {
    let mut state = tenant.state();
    let Some(mut claims) = ordered_claims(&tenant, &state, &order) else {
        return error_response(
            StatusCode::BAD_REQUEST,
            "There is no such person, or the person is no member of the organization",
        );
    };
    access_token::replace_claims(&mut claims, &order.claims);
    match sign_with_fault(&tenant, &mut state, claims, order.fault.as_deref()) {
        Some(token) => Json(json!({"access_token": token})).into_response(),
        None => error_response(StatusCode::BAD_REQUEST, "There is no such fault of ID tokens"),
    }
}

fn ordered_claims(tenant: &EmulatedTenant, state: &TenantState, order: &Order) -> Option<Map<String, Value>> {
    let now = state.now();
    let times = (now, now + state.settings.access_token_lifetime);
    let Some(key) = &order.person else {
        let machine = Machine {
            client_id: &tenant.client.id,
            org_code: order.org_code.as_deref(),
            audience: &order.audience,
            scope: &order.scope,
        };
        return Some(access_token::machine_claims(tenant, &machine, times));
    };
    let person = state.people.find(key)?;
    let organization = person.organization(order.org_code.as_deref())?;
    let access = Access { audience: &order.audience, scope: &order.scope };
    Some(access_token::claims(tenant, &state.standing(person, &organization.code), &access, times))
}

/// Returns the signed token, or none if the fault does not affect the claims or the signature of the ID token.
fn sign_with_fault(
    tenant: &EmulatedTenant,
    state: &mut TenantState,
    mut claims: Map<String, Value>,
    fault: Option<&str>,
) -> Option<String> {
    let Some(name) = fault else {
        return Some(state.sign_jwt(&claims));
    };
    match fault_table::find(name)?.effect {
        Effect::Alters(Document::IdToken, alterations) => {
            let now = state.now();
            for alteration in alterations {
                alteration.apply(&mut claims, now);
            }
            Some(state.sign_jwt(&claims))
        }
        Effect::Forges(forgery) => Some(sign(tenant, state, &claims, Some(forgery))),
        _ => None,
    }
}
