//! `StoredState`: what the file with the state contains, written from a tenant and put into one that starts. People,
//! settings, invitations, clients of machines and all that a seed can set are there in the form of a seed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::dev_issuer::basics::{random::Random, signing::KeyRing};
use crate::dev_issuer::people::directory::People;
use crate::dev_issuer::protocol::grants::Grants;
use crate::dev_issuer::seed::{application, document::Seed};
use crate::dev_issuer::state::{
    settings::Settings,
    tenant::{EmulatedTenant, SsoSession, TenantState},
};

/// The version of the form of the file.
const FORMAT: u32 = 1;

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Document {
    format: u32,
    client: Client,
    /// The private keys, the current one first.
    keys: Vec<String>,
    /// The seed that a reset goes back to, as its author wrote it; null for the one that is built in.
    first_seed: Option<String>,
    /// Everything that a seed can set, as it is now.
    seed: Value,
    sessions: BTreeMap<String, SsoSession>,
    grants: Grants,
}

/// The credentials of the client that signs users in.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Client {
    pub(crate) id: String,
    pub(crate) secret: String,
}

/// A state that was read.
pub(crate) struct StoredState {
    pub(crate) client: Client,
    keys: KeyRing,
    first_seed: Option<String>,
    seed: Seed,
    sessions: BTreeMap<String, SsoSession>,
    grants: Grants,
}

impl StoredState {
    /// Reads what [`describe`] wrote. A setting that is absent has the value in `settings`.
    ///
    /// # Errors
    ///
    /// Everything that is wrong, a sentence for each.
    pub(crate) fn read(text: &str, settings: &Settings, random: &Random) -> Result<Self, Vec<String>> {
        let document: Document = serde_json::from_str(text).map_err(|error| vec![error.to_string()])?;
        let Document { format, client, keys, first_seed, seed, sessions, grants } = document;
        let mut problems = Vec::new();
        if format != FORMAT {
            problems.push(format!("format: it is {format}, and this program reads {FORMAT}"));
        }
        let keys = KeyRing::of_private_keys(&keys);
        if keys.is_none() {
            problems.push("keys: there is none, or one that is no RSA key in PKCS #8 and Base64".to_owned());
        }
        if !grants.is_whole() {
            problems.push("grants: a code or token names a grant that is not there".to_owned());
        }
        let seed = Seed::read(&seed.to_string(), settings, random);
        match (keys, seed) {
            (Some(keys), Ok(seed)) if problems.is_empty() => {
                Ok(Self { client, keys, first_seed, seed, sessions, grants })
            }
            (_, seed) => {
                problems
                    .extend(seed.err().into_iter().flat_map(|found| found.0).map(|problem| format!("seed: {problem}")));
                Err(problems)
            }
        }
    }

    /// Takes the keys out, with which the tenant is made.
    pub(crate) fn split(self) -> (KeyRing, Restorable) {
        let Self { keys, first_seed, seed, sessions, grants, .. } = self;
        (keys, Restorable { first_seed, seed, sessions, grants })
    }
}

/// What is put into a tenant that was just made.
pub(crate) struct Restorable {
    first_seed: Option<String>,
    seed: Seed,
    sessions: BTreeMap<String, SsoSession>,
    grants: Grants,
}

impl Restorable {
    /// Puts the state into a tenant that has none yet. The URLs with which it was started stay as they are.
    pub(crate) fn restore(self, tenant: &EmulatedTenant, state: &mut TenantState) {
        let started_with = state.settings.clone();
        // Nobody was there before, so the app gets no events.
        state.people = People::of(Vec::new());
        application::apply(tenant, state, &self.seed);
        if started_with.webhook_url.is_some() {
            state.settings.webhook_url = started_with.webhook_url;
        }
        if started_with.backchannel_logout_url.is_some() {
            state.settings.backchannel_logout_url = started_with.backchannel_logout_url;
        }
        state.seed = self.first_seed;
        state.set_sessions(self.sessions);
        state.grants = self.grants;
    }
}

/// Returns the state of a tenant as the content of the file.
pub(crate) fn describe(tenant: &EmulatedTenant, state: &TenantState) -> Value {
    let document = Document {
        format: FORMAT,
        client: Client { id: tenant.client.id.clone(), secret: tenant.client.secret.clone() },
        keys: state.keys.private_keys(),
        first_seed: state.seed.clone(),
        seed: Seed::of_state(state),
        sessions: state.live_sessions().map(|(id, session)| (id.clone(), session.clone())).collect(),
        grants: state.grants.unexpired(state.now()),
    };
    serde_json::to_value(document).expect("all keys of its maps are texts")
}
