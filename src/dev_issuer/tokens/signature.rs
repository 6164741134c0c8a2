//! The signature of a JWT, correct or forged by a fault. The keys are in `basics::signing`.

use serde_json::{Map, Value};

use crate::dev_issuer::faults::{disturbance::STOLEN_PATH, forgery::Forgery};
use crate::dev_issuer::state::tenant::{EmulatedTenant, TenantState};

/// Returns the JWT of these claims, with the signature of the current key unless there is a forgery.
pub(crate) fn sign(
    tenant: &EmulatedTenant,
    state: &mut TenantState,
    claims: &Map<String, Value>,
    forgery: Option<Forgery>,
) -> String {
    sign_as("JWT", tenant, state, claims, forgery)
}

/// As [`sign`], with this `typ` in the header unless the signature is forged; an empty one leaves it out.
pub(crate) fn sign_as(
    typ: &str,
    tenant: &EmulatedTenant,
    state: &mut TenantState,
    claims: &Map<String, Value>,
    forgery: Option<Forgery>,
) -> String {
    match forgery {
        Some(forgery) => {
            let jwks_url = format!("{}{STOLEN_PATH}", tenant.origin);
            forgery.sign(&mut state.keys, claims, &tenant.client.secret, &jwks_url)
        }
        None => state.keys.sign_jwt_as(typ, claims, state.settings.kid),
    }
}
