//! What one running tenant knows: its client, its address and, behind one lock, everything that changes.
//!
//! It answers no request; the endpoints do. Time is read here only, so that the setting `clock_offset` moves all of it.
//! Document: none; the parts of the state name theirs.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{SystemTime, UNIX_EPOCH},
};

use super::{
    Options,
    authorization_request::AuthorizationRequest,
    faults::Switches,
    grants::Grants,
    people::People,
    request_log::RequestLog,
    settings::Settings,
    signing::{KeyGenerationFailed, KeyRing},
};

/// Seconds since 1970-01-01, as JWT claims count them.
pub(super) type Seconds = i64;

/// How long a sign-in page and an authorization code live.
pub(super) const SHORT_LIFETIME: Seconds = 15 * 60;

pub(super) type SharedTenant = Arc<Tenant>;

/// The one client that the tenant serves.
pub(super) struct Client {
    pub(super) id: String,
    pub(super) secret: String,
    callback_urls: Vec<String>,
    logout_urls: Vec<String>,
}

impl Client {
    /// Whether codes may be sent there; Kinde compares character by character.
    pub(super) fn allows_callback(&self, url: &str) -> bool {
        self.callback_urls.iter().any(|allowed| allowed == url)
    }

    /// Whether a browser may be sent there after logout.
    pub(super) fn allows_logout(&self, url: &str) -> bool {
        self.logout_urls.iter().any(|allowed| allowed == url)
    }
}

/// An emulated tenant.
pub(super) struct Tenant {
    pub(super) issuer: String,
    pub(super) client: Client,
    state: Mutex<State>,
}

/// Everything that requests change.
pub(super) struct State {
    pub(super) keys: KeyRing,
    pub(super) faults: Switches,
    pub(super) settings: Settings,
    pub(super) people: People,
    pub(super) grants: Grants,
    pub(super) log: RequestLog,
    /// Sign-in pages shown and not yet decided, by transaction.
    pub(super) transactions: HashMap<String, Transaction>,
    /// Single sign-on sessions, by the value of the cookie `emu_sso`.
    pub(super) sessions: HashMap<String, SsoSession>,
}

/// An authorization request that waits for a decision on the sign-in page.
pub(super) struct Transaction {
    pub(super) request: AuthorizationRequest,
    pub(super) expires_at: Seconds,
}

/// A browser's session at the tenant itself.
#[derive(Clone)]
pub(super) struct SsoSession {
    pub(super) person: String,
    pub(super) authenticated_at: Seconds,
}

impl Tenant {
    pub(super) fn new(issuer: String, options: Options) -> Result<Self, KeyGenerationFailed> {
        Ok(Self {
            issuer,
            client: Client {
                id: options.client_id,
                secret: options.client_secret,
                callback_urls: options.callback_urls,
                logout_urls: options.logout_urls,
            },
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
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The tenant's time: the machine's, moved by the setting `clock_offset`.
    pub(super) fn now(&self) -> Seconds {
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs());
        Seconds::try_from(since_1970).unwrap_or(Seconds::MAX) + self.settings.clock_offset
    }

    /// Forgets sign-in pages that nobody decided in time.
    pub(super) fn forget_old_transactions(&mut self) {
        let now = self.now();
        self.transactions.retain(|_, transaction| transaction.expires_at > now);
    }
}
