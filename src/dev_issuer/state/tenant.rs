//! What one running tenant knows: its client, its address and, behind one lock, everything that changes.
//!
//! It answers no request; the endpoints do. Time is read here only, so that the setting `clock_offset` moves all of it.
//! Document: none; the parts of the state name theirs.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::{request_log::RequestLog, settings::Settings};
use crate::dev_issuer::basics::{
    clock::{self, Seconds},
    signing::{KeyGenerationFailed, KeyRing},
};
use crate::dev_issuer::faults::switches::Switches;
use crate::dev_issuer::people::directory::People;
use crate::dev_issuer::protocol::{authorization_request::AuthorizationRequest, client::Client, grants::Grants};

pub(crate) type SharedTenant = Arc<Tenant>;

/// An emulated tenant.
pub(crate) struct Tenant {
    pub(crate) issuer: String,
    pub(crate) client: Client,
    state: Mutex<State>,
}

/// Everything that requests change.
pub(crate) struct State {
    pub(crate) keys: KeyRing,
    pub(crate) faults: Switches,
    pub(crate) settings: Settings,
    pub(crate) people: People,
    pub(crate) grants: Grants,
    pub(crate) log: RequestLog,
    /// Sign-in pages shown and not yet decided, by transaction.
    pub(crate) transactions: HashMap<String, Transaction>,
    /// Single sign-on sessions, by the value of the cookie `emu_sso`.
    pub(crate) sessions: HashMap<String, SsoSession>,
}

/// An authorization request that waits for a decision on the sign-in page.
pub(crate) struct Transaction {
    pub(crate) request: AuthorizationRequest,
    pub(crate) expires_at: Seconds,
}

/// A browser's session at the tenant itself.
#[derive(Clone)]
pub(crate) struct SsoSession {
    pub(crate) person: String,
    pub(crate) authenticated_at: Seconds,
}

impl Tenant {
    pub(crate) fn new(issuer: String, client: Client) -> Result<Self, KeyGenerationFailed> {
        Ok(Self {
            issuer,
            client,
            state: Mutex::new(State {
                keys: KeyRing::generate()?,
                faults: Switches::default(),
                settings: Settings::default(),
                people: People::default(),
                grants: Grants::default(),
                log: RequestLog::default(),
                transactions: HashMap::new(),
                sessions: HashMap::new(),
            }),
        })
    }

    /// Locks the state. A panic in another request leaves usable data behind, so poisoning is ignored.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The tenant's time: the machine's, moved by the setting `clock_offset`.
    pub(crate) fn now(&self) -> Seconds {
        clock::now(self.settings.clock_offset)
    }

    /// Forgets sign-in pages that nobody decided in time.
    pub(crate) fn forget_old_transactions(&mut self) {
        let now = self.now();
        self.transactions.retain(|_, transaction| transaction.expires_at > now);
    }
}
