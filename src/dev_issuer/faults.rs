//! What a fault can do, and which faults are on for how many more uses.
//!
//! It leaves the list of faults to `fault_table`, and carrying them out to the endpoints. Document: none; the names of
//! the faults are a contract with every test program.

use super::{alteration::Alteration, callback::Redirection, disturbance::Disturbance, fault_table, forgery::Forgery};

/// The endpoint whose answer a fault disturbs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Endpoint {
    /// Every path but the switchboard's.
    Any,
    Discovery,
    Jwks,
    /// The token endpoint, whatever the grant.
    Token,
    /// The token endpoint when asked to refresh.
    Refresh,
    UserProfile,
    Revocation,
}

/// The JSON object that a fault alters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Document {
    Discovery,
    KeySet,
    IdToken,
    /// An ID token that comes with a refresh.
    RefreshedIdToken,
    TokenResponse,
    RefreshResponse,
    UserProfile,
}

/// What a fault does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    Disturbs(Endpoint, Disturbance),
    Alters(Document, &'static [Alteration]),
    /// Signs the next ID token wrongly.
    Forges(Forgery),
    /// Spoils the next redirect to the callback.
    Redirects(Redirection),
    /// Replaces the signing key at once; nothing stays switched on.
    Rotates {
        drop_old: bool,
    },
}

/// A fault that the switchboard offers.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) name: &'static str,
    pub(super) effect: Effect,
    pub(super) about: &'static str,
}

/// Every fault there is.
pub(super) fn all() -> impl Iterator<Item = &'static Fault> {
    fault_table::TABLES.iter().copied().flatten()
}

/// The fault of that name.
pub(super) fn find(name: &str) -> Option<&'static Fault> {
    all().find(|fault| fault.name == name)
}

struct Switch {
    fault: &'static Fault,
    /// Uses left; none means until cleared.
    remaining: Option<u32>,
}

/// The faults that are on.
#[derive(Default)]
pub(super) struct Switches(Vec<Switch>);

impl Switches {
    /// Switches a fault on for `times` uses, or until cleared; replaces an earlier switch of the same fault.
    pub(super) fn switch_on(&mut self, fault: &'static Fault, times: Option<u32>) {
        self.0.retain(|switch| switch.fault.name != fault.name);
        if times != Some(0) {
            self.0.push(Switch { fault, remaining: times });
        }
    }

    /// Switches everything off.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// Whether the fault is on, and for how many more uses if they are counted.
    pub(super) fn remaining(&self, fault: &Fault) -> Option<Option<u32>> {
        let switch = self.0.iter().find(|switch| switch.fault.name == fault.name);
        switch.map(|switch| switch.remaining)
    }

    /// Uses up one time of each disturbance of these endpoints.
    pub(super) fn disturbances(&mut self, endpoints: &[Endpoint]) -> Vec<Disturbance> {
        self.take(|effect| match effect {
            Effect::Disturbs(endpoint, disturbance) if endpoints.contains(&endpoint) => Some(disturbance),
            _ => None,
        })
    }

    /// Uses up one time of each alteration of the document.
    pub(super) fn alterations(&mut self, wanted: Document) -> Vec<Alteration> {
        let found = self.take(|effect| match effect {
            Effect::Alters(document, alterations) if document == wanted => Some(alterations),
            _ => None,
        });
        found.concat()
    }

    /// Uses up one time of the wrong signature that was switched on first.
    pub(super) fn forgery(&mut self) -> Option<Forgery> {
        let found = self.take(|effect| match effect {
            Effect::Forges(forgery) => Some(forgery),
            _ => None,
        });
        found.into_iter().next()
    }

    /// Uses up one time of everything that spoils a callback.
    pub(super) fn redirections(&mut self) -> Vec<Redirection> {
        self.take(|effect| match effect {
            Effect::Redirects(redirection) => Some(redirection),
            _ => None,
        })
    }

    fn take<T>(&mut self, wanted: impl Fn(Effect) -> Option<T>) -> Vec<T> {
        let mut found = Vec::new();
        for switch in &mut self.0 {
            if let Some(effect) = wanted(switch.fault.effect) {
                found.push(effect);
                switch.remaining = switch.remaining.map(|times| times.saturating_sub(1));
            }
        }
        self.0.retain(|switch| switch.remaining != Some(0));
        found
    }
}
