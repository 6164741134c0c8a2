//! One running tenant: its address, its client and, under one lock, everything that changes. Requests are handled in
//! the endpoints.

use std::{
    cmp::Reverse,
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tokio::sync::Notify;

use super::{
    events::Events, held_responses::HeldResponses, outbox::Outbox, request_log::RequestLog, settings::Settings,
    shared_journal::SharedJournal, state_guard::StateGuard, webhooks::Webhook,
};
use crate::dev_issuer::basics::{
    clock::{self, Seconds},
    random::Random,
    signing::{KeyGenerationFailed, KeyRing},
};
use crate::dev_issuer::faults::{
    conditions::Conditions,
    fault::{Effect, Fault},
    forgery::Forgery,
    switches::Switches,
};
use crate::dev_issuer::people::{
    catalogue::Catalogue,
    directory::People,
    invitations::Invitations,
    organizations::Organizations,
    person::{Organization, Person, artificial_digits},
    standing::Standing,
};
use crate::dev_issuer::protocol::{
    authorization_request::AuthorizationRequest,
    grants::Grants,
    machine_clients::MachineClients,
    paths::Paths,
    portal_links::PortalLinks,
    registered_client::{RegisteredClient, Registration},
    shape::Shape,
};

pub(crate) type SharedTenant = Arc<EmulatedTenant>;

/// An emulated tenant. Its address and its client stay the same while it runs; its state changes.
pub(crate) struct EmulatedTenant {
    /// The scheme, host and port: `http://127.0.0.1:PORT`.
    pub(crate) origin: String,
    /// The origin, followed by the path of the shape.
    pub(crate) issuer: String,
    pub(crate) shape: Shape,
    pub(crate) client: RegisteredClient,
    pub(crate) held: HeldResponses,
    pub(crate) outbox: Outbox,
    /// It has a lock of its own: nothing locks the state while it holds that one.
    pub(crate) journal: SharedJournal,
    pub(crate) random: Random,
    /// Says that the state may have changed.
    pub(crate) changed: Arc<Notify>,
    state: Mutex<TenantState>,
}

/// The state that requests change.
pub(crate) struct TenantState {
    pub(crate) keys: KeyRing,
    pub(crate) faults: Switches,
    pub(crate) conditions: Conditions,
    pub(crate) settings: Settings,
    /// The settings with which the tenant started, before its seed.
    pub(crate) first_settings: Settings,
    /// The seed that a reset goes back to, as its author wrote it. None is the one that is built in.
    pub(crate) seed: Option<String>,
    pub(crate) people: People,
    pub(crate) organizations: Organizations,
    pub(crate) catalogue: Catalogue,
    pub(crate) invitations: Invitations,
    pub(crate) webhooks: Vec<Webhook>,
    pub(crate) events: Events,
    /// What is registered for the client that signs users in.
    pub(crate) registration: Registration,
    pub(crate) grants: Grants,
    pub(crate) machines: MachineClients,
    pub(crate) portal_links: PortalLinks,
    pub(crate) log: RequestLog,
    /// The sign-in pages that wait for a decision, by transaction.
    pub(crate) transactions: HashMap<String, Transaction>,
    /// The single sign-on sessions, by the value of the cookie `emu_sso`, and those that ended by the clock.
    sessions: HashMap<String, SsoSession>,
}

/// An authorization request that waits for a decision on the sign-in page.
pub(crate) struct Transaction {
    pub(crate) request: AuthorizationRequest,
    pub(crate) expires_at: Seconds,
}

/// A browser's session at the tenant.
#[derive(Clone, Deserialize, Serialize)]
pub(crate) struct SsoSession {
    pub(crate) person: String,
    pub(crate) authenticated_at: Seconds,
    /// When it was last used, by a sign-in or a refresh. A state file of an earlier version does not have it.
    #[serde(default)]
    last_active_at: Seconds,
}

impl SsoSession {
    /// Returns when it was last used.
    pub(crate) fn last_active_at(&self) -> Seconds {
        self.last_active_at.max(self.authenticated_at)
    }
}

/// Returns the name of a session in ID tokens and logout tokens. The value of its cookie cannot be derived from it.
pub(crate) fn sid(session: &str) -> String {
    artificial_digits(session, 16)
}

impl EmulatedTenant {
    /// Returns a tenant with these keys or, without them, with a new one.
    pub(crate) fn new(
        origin: String,
        shape: Shape,
        client: RegisteredClient,
        settings: Settings,
        random: Random,
        keys: Option<KeyRing>,
    ) -> Result<Self, KeyGenerationFailed> {
        let journal = SharedJournal::default();
        Ok(Self {
            issuer: format!("{origin}{}", shape.issuer_path()),
            origin,
            shape,
            held: HeldResponses::default(),
            outbox: Outbox::new(journal.clone()),
            journal,
            random,
            changed: Arc::default(),
            state: Mutex::new(TenantState {
                keys: keys.map_or_else(KeyRing::generate, Ok)?,
                faults: Switches::default(),
                conditions: Conditions::default(),
                first_settings: settings.clone(),
                settings,
                seed: None,
                people: People::default(),
                organizations: Organizations::default(),
                catalogue: Catalogue::default(),
                invitations: Invitations::default(),
                webhooks: Vec::new(),
                events: Events::default(),
                registration: client.registration.clone(),
                grants: Grants::default(),
                machines: MachineClients::default(),
                portal_links: PortalLinks::default(),
                log: RequestLog::default(),
                transactions: HashMap::new(),
                sessions: HashMap::new(),
            }),
            client,
        })
    }

    /// Returns the paths of the endpoints.
    pub(crate) fn paths(&self) -> &'static Paths {
        self.shape.paths()
    }

    /// Switches a fault on for `times` uses, or until it is cleared. One that replaces the signing key takes effect at
    /// once, and shows in the next sign-in.
    pub(crate) fn switch_on(&self, fault: &'static Fault, times: Option<u32>) -> Result<(), KeyGenerationFailed> {
        let mut state = self.state();
        match fault.effect {
            Effect::Rotates { drop_old } => {
                state.keys.rotate(drop_old)?;
                drop(state);
                self.journal.lock().expect_fault(fault.name);
                return Ok(());
            }
            Effect::Forges(Forgery::NoKidOfSeveral) => state.keys.publish_second_key()?,
            _ => {}
        }
        state.faults.switch_on(fault, times);
        Ok(())
    }

    /// Puts settings in the place of the present ones.
    pub(crate) fn set_settings(&self, state: &mut TenantState, settings: Settings) {
        self.outbox.set_clock_offset(settings.clock_offset);
        state.settings = settings;
    }

    /// Locks the state. It ignores poisoning, because the state stays usable after a panic in another request.
    pub(crate) fn state(&self) -> StateGuard<'_> {
        StateGuard::new(self.state.lock().unwrap_or_else(PoisonError::into_inner), &self.changed)
    }
}

impl TenantState {
    /// Returns the tenant's time, which is the time of the machine, moved by the setting `clock_offset`.
    pub(crate) fn now(&self) -> Seconds {
        clock::now(self.settings.clock_offset)
    }

    /// Returns a JWT that the current key signs. The setting `kid` decides whether its header names the key.
    pub(crate) fn sign_jwt(&self, claims: &Map<String, Value>) -> String {
        self.keys.sign_jwt(claims, self.settings.kid)
    }

    /// Returns a person in one organization, with everything that they inherit there.
    pub(crate) fn standing<'a>(&'a self, person: &'a Person, org_code: &'a str) -> Standing<'a> {
        let organization = self.organizations.find(org_code);
        Standing { person, org_code, organization, catalogue: &self.catalogue }
    }

    /// Returns the organization of that code, with or without members.
    pub(crate) fn find_organization(&self, code: &str) -> Option<Organization> {
        let of_members = self.people.find_organization(code).cloned();
        of_members.or_else(|| self.organizations.find(code).map(|record| record.organization()))
    }

    /// Records the organizations and defines the roles, permissions, flags and properties that people have without a
    /// definition.
    pub(crate) fn learn(&mut self) {
        self.organizations.learn(self.people.all());
        self.catalogue.learn(self.people.all());
    }

    /// Returns the addresses that get events of this type: that of the setting, and those of webhooks.
    pub(crate) fn event_receivers(&self, event_type: &str) -> Vec<String> {
        let webhooks = self.webhooks.iter().filter(|webhook| webhook.event_types.iter().any(|own| own == event_type));
        self.settings.webhook_url.iter().chain(webhooks.map(|webhook| &webhook.endpoint)).cloned().collect()
    }

    /// Returns the session of this id, unless it has ended.
    pub(crate) fn session(&self, id: &str) -> Option<&SsoSession> {
        self.sessions.get(id).filter(|session| self.is_live(session))
    }

    /// Returns all sessions that have not ended, by the value of the cookie.
    pub(crate) fn live_sessions(&self) -> impl Iterator<Item = (&String, &SsoSession)> {
        self.sessions.iter().filter(|(_, session)| self.is_live(session))
    }

    fn is_live(&self, session: &SsoSession) -> bool {
        self.now() < self.end_of(session)
    }

    /// Returns when a session ends that is not used any more.
    pub(crate) fn end_of(&self, session: &SsoSession) -> Seconds {
        session.last_active_at().saturating_add(self.settings.authenticated_session_lifetime)
    }

    /// Puts these sessions in the place of all others.
    pub(crate) fn set_sessions(&mut self, sessions: impl IntoIterator<Item = (String, SsoSession)>) {
        self.sessions = sessions.into_iter().collect();
    }

    /// Adds the session of a person who signs in now.
    pub(crate) fn start_session(&mut self, id: String, person: &str) {
        let now = self.now();
        let session = SsoSession { person: person.to_owned(), authenticated_at: now, last_active_at: now };
        self.sessions.insert(id, session);
    }

    /// Notes that a session is used, unless it has ended: it then lasts as long again.
    pub(crate) fn use_session(&mut self, id: &str) {
        let now = self.now();
        if self.session(id).is_some()
            && let Some(session) = self.sessions.get_mut(id)
        {
            session.last_active_at = now;
        }
    }

    /// Removes and returns the session of this id, unless it has ended.
    pub(crate) fn take_session(&mut self, id: &str) -> Option<SsoSession> {
        self.session(id)?;
        self.sessions.remove(id)
    }

    /// Removes a person's sessions.
    pub(crate) fn end_sessions_of(&mut self, person: &str) {
        self.sessions.retain(|_, session| session.person != person);
    }

    /// Ends a person's sessions and refresh tokens. Access tokens live on, because nobody asks the tenant about them.
    pub(crate) fn end_access_of(&mut self, person: &str) {
        self.end_sessions_of(person);
        self.grants.end_refresh(|grant| grant.person == person);
    }

    /// Returns a person's sessions that have not ended, the newest first.
    pub(crate) fn sessions_of(&self, person: &str) -> Vec<(&String, &SsoSession)> {
        let mut own: Vec<_> = self.live_sessions().filter(|(_, session)| session.person == person).collect();
        own.sort_by_key(|(id, session)| (Reverse(session.authenticated_at), *id));
        own
    }

    /// Returns the person, if they exist and are not suspended.
    pub(crate) fn active_person(&self, key: &str) -> Option<&Person> {
        self.people.find(key).filter(|person| !person.suspended)
    }

    /// Returns the name of a person's newest session in ID tokens.
    pub(crate) fn newest_sid_of(&self, person: &str) -> Option<String> {
        self.sessions_of(person).first().map(|(id, _)| sid(id))
    }

    /// Removes the sign-in pages that have expired.
    pub(crate) fn forget_old_transactions(&mut self) {
        let now = self.now();
        self.transactions.retain(|_, transaction| transaction.expires_at > now);
    }
}
