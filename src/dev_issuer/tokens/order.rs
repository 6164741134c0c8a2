//! An access token to order, for tests of an API that accepts bearer tokens. The tenant does not record it, so its own
//! endpoints do not accept it.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{
    access_token::{self, Access, Machine},
    signature::sign,
};
use crate::dev_issuer::faults::{
    fault::{Document, Effect, Fault},
    fault_table,
};
use crate::dev_issuer::state::tenant::{EmulatedTenant, TenantState};

/// What the token is to contain.
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

/// The reason for which the token cannot be issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotIssued {
    #[error("There is no such person, or the person is no member of the organization")]
    NoSuchPerson,
    #[error("There is no such fault of ID tokens")]
    NoSuchFault,
}

/// Returns the faults that an ordered token may have.
pub(crate) fn faults() -> impl Iterator<Item = &'static Fault> {
    fault_table::all().filter(|fault| matches!(fault.effect, Effect::Alters(Document::IdToken, _) | Effect::Forges(_)))
}

impl Order {
    /// Issues the token.
    ///
    /// # Errors
    ///
    /// [`NotIssued`]
    pub(crate) fn issue(&self, tenant: &EmulatedTenant, state: &mut TenantState) -> Result<String, NotIssued> {
        let mut claims = self.claims(tenant, state).ok_or(NotIssued::NoSuchPerson)?;
        access_token::replace_claims(&mut claims, &self.claims);
        sign_with_fault(tenant, state, claims, self.fault.as_deref()).ok_or(NotIssued::NoSuchFault)
    }

    fn claims(&self, tenant: &EmulatedTenant, state: &TenantState) -> Option<Map<String, Value>> {
        let now = state.now();
        let times = (now, now + state.settings.access_token_lifetime);
        let Some(key) = &self.person else {
            let machine = Machine {
                client_id: &tenant.client.id,
                org_code: self.org_code.as_deref(),
                audience: &self.audience,
                scope: &self.scope,
            };
            return Some(access_token::machine_claims(tenant, &machine, times));
        };
        let person = state.people.find(key)?;
        let organization = person.organization(self.org_code.as_deref())?;
        let access = Access { org_code: &organization.code, audience: &self.audience, scope: &self.scope };
        Some(access_token::claims(tenant, person, &access, times))
    }
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
