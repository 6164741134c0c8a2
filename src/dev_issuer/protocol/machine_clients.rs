//! The clients of machines, which get tokens for themselves by client credentials. The client that signs users in is in
//! `registered_client`.
//!
//! RFC 6749 §4.4, Kinde documentation "Machine to machine applications".

use std::collections::HashMap;

use super::token_error::TokenError;
use crate::dev_issuer::basics::random::Random;

/// What a machine may request.
#[derive(Clone)]
pub(crate) struct Authorization {
    /// The audiences of the APIs that it may call.
    pub(crate) audience: Vec<String>,
    /// The scopes that its tokens may have.
    pub(crate) scopes: Vec<String>,
    /// The organization that its tokens are bound to.
    pub(crate) org_code: Option<String>,
}

impl Authorization {
    /// Returns the scopes of a token for this audience. A request without a scope gets all of them.
    ///
    /// # Errors
    ///
    /// `invalid_request` without an audience, `unauthorized_client` for one that the client is not authorized for,
    /// `invalid_scope` for a scope that it does not have.
    pub(crate) fn grant(&self, audience: &[String], scope: Vec<String>) -> Result<Vec<String>, TokenError> {
        if audience.is_empty() {
            Err(TokenError::InvalidRequest("The audience is missing"))
        } else if !audience.iter().all(|audience| self.audience.contains(audience)) {
            Err(TokenError::UnauthorizedClient("The client is not authorized for this audience"))
        } else if !scope.iter().all(|scope| self.scopes.contains(scope)) {
            Err(TokenError::InvalidScope("The client does not have this scope"))
        } else if scope.is_empty() {
            Ok(self.scopes.clone())
        } else {
            Ok(scope)
        }
    }
}

#[derive(Clone)]
struct Machine {
    secret: String,
    authorization: Authorization,
}

/// The clients of machines, by id.
#[derive(Clone, Default)]
pub(crate) struct MachineClients(HashMap<String, Machine>);

impl MachineClients {
    /// Creates a client, and returns its id and secret in Kinde's formats.
    pub(crate) fn create(&mut self, authorization: Authorization, random: &Random) -> (String, String) {
        let (id, secret) = (random.hexadecimal(16), random.alphanumeric(48));
        self.0.insert(id.clone(), Machine { secret: secret.clone(), authorization });
        (id, secret)
    }

    /// Adds a client of a seed.
    pub(crate) fn add(&mut self, id: String, secret: String, authorization: Authorization) {
        self.0.insert(id, Machine { secret, authorization });
    }

    /// Returns the id, the secret and the authorization of every client, in any order.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&str, &str, &Authorization)> {
        self.0.iter().map(|(id, machine)| (id.as_str(), machine.secret.as_str(), &machine.authorization))
    }

    /// Returns what the client of this id and secret may request.
    pub(crate) fn authenticate(&self, id: &str, secret: &str) -> Option<&Authorization> {
        self.0.get(id).filter(|machine| machine.secret == secret).map(|machine| &machine.authorization)
    }
}
