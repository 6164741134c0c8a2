//! What a fault can do, and which faults are on for how many more uses.
//!
//! It leaves the list of faults to `fault_table`, and carrying them out to the endpoints. Document: none; the names of
//! the faults are a contract with every test program.

use super::{
    alteration::Alteration,
    disturbance::Disturbance,
    fault::{Document, Effect, Endpoint, Fault},
    forgery::Forgery,
    redirection::Redirection,
};

struct Switch {
    fault: &'static Fault,
    /// Uses left; none means until cleared.
    remaining: Option<u32>,
}

/// The faults that are on.
#[derive(Default)]
pub(crate) struct Switches(Vec<Switch>);

impl Switches {
    /// Switches a fault on for `times` uses, or until cleared; replaces an earlier switch of the same fault.
    pub(crate) fn switch_on(&mut self, fault: &'static Fault, times: Option<u32>) {
        self.0.retain(|switch| switch.fault.name != fault.name);
        if times != Some(0) {
            self.0.push(Switch { fault, remaining: times });
        }
    }

    /// Switches everything off.
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// Whether the fault is on, and for how many more uses if they are counted.
    pub(crate) fn remaining(&self, fault: &Fault) -> Option<Option<u32>> {
        let switch = self.0.iter().find(|switch| switch.fault.name == fault.name);
        switch.map(|switch| switch.remaining)
    }

    /// Uses up one time of each disturbance of these endpoints.
    pub(crate) fn disturbances(&mut self, endpoints: &[Endpoint]) -> Vec<Disturbance> {
        self.take(|effect| match effect {
            Effect::Disturbs(endpoint, disturbance) if endpoints.contains(&endpoint) => Some(disturbance),
            _ => None,
        })
    }

    /// Uses up one time of each alteration of the document.
    pub(crate) fn alterations(&mut self, wanted: Document) -> Vec<Alteration> {
        let found = self.take(|effect| match effect {
            Effect::Alters(document, alterations) if document == wanted => Some(alterations),
            _ => None,
        });
        found.concat()
    }

    /// Uses up one time of the wrong signature that was switched on first.
    pub(crate) fn forgery(&mut self) -> Option<Forgery> {
        let found = self.take(|effect| match effect {
            Effect::Forges(forgery) => Some(forgery),
            _ => None,
        });
        found.into_iter().next()
    }

    /// Uses up one time of everything that spoils a callback.
    pub(crate) fn redirections(&mut self) -> Vec<Redirection> {
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
