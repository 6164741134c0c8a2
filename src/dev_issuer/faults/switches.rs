//! The switches: the faults that are on, and for how many more uses. The layers, the sign-in, the tokens and the
//! endpoints take the effects from here and apply them.

use super::{
    alteration::Alteration,
    disturbance::Disturbance,
    fault::{Document, Effect, Endpoint, Fault},
    forgery::Forgery,
    redirection::Redirection,
    uses,
};

struct Switch {
    fault: &'static Fault,
    /// The number of remaining uses, or none if the fault stays on until it is cleared.
    remaining: Option<u32>,
}

/// The faults that are on.
#[derive(Default)]
pub(crate) struct Switches(Vec<Switch>);

impl Switches {
    /// Switches a fault on for `times` uses, or until it is cleared. It replaces an earlier switch of the same fault.
    pub(crate) fn switch_on(&mut self, fault: &'static Fault, times: Option<u32>) {
        self.0.retain(|switch| switch.fault.name != fault.name);
        if times != Some(0) {
            self.0.push(Switch { fault, remaining: times });
        }
    }

    /// Switches one fault off.
    pub(crate) fn switch_off(&mut self, fault: &Fault) {
        self.0.retain(|switch| switch.fault.name != fault.name);
    }

    /// Switches all faults off.
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// Returns none if the fault is off, else the number of remaining uses if the switch counts them.
    pub(crate) fn remaining(&self, fault: &Fault) -> Option<Option<u32>> {
        let switch = self.0.iter().find(|switch| switch.fault.name == fault.name);
        switch.map(|switch| switch.remaining)
    }

    /// Returns the disturbances of these endpoints and consumes one use of each.
    pub(crate) fn disturbances(&mut self, endpoints: &[Endpoint]) -> Vec<Disturbance> {
        self.take(|effect| match effect {
            Effect::Disturbs(endpoint, disturbance) if endpoints.contains(&endpoint) => Some(disturbance),
            _ => None,
        })
    }

    /// Returns the alterations of the document and consumes one use of each fault.
    pub(crate) fn alterations(&mut self, wanted: Document) -> Vec<Alteration> {
        let found = self.take(|effect| match effect {
            Effect::Alters(document, alterations) if document == wanted => Some(alterations),
            _ => None,
        });
        found.concat()
    }

    /// Returns the forgery that was switched on first and consumes one use of every forgery.
    pub(crate) fn forgery(&mut self) -> Option<Forgery> {
        let found = self.take(|effect| match effect {
            Effect::Forges(forgery) => Some(forgery),
            _ => None,
        });
        found.into_iter().next()
    }

    /// Returns the forgery of access tokens that was switched on first and consumes one use of every such forgery.
    pub(crate) fn access_token_forgery(&mut self) -> Option<Forgery> {
        let found = self.take(|effect| match effect {
            Effect::ForgesAccessToken(forgery) => Some(forgery),
            _ => None,
        });
        found.into_iter().next()
    }

    /// Returns whether a fault is on that changes the access token of a refresh.
    pub(crate) fn change_access_tokens(&self) -> bool {
        self.0.iter().any(|switch| {
            let effect = switch.fault.effect;
            matches!(
                effect,
                Effect::ForgesAccessToken(_)
                    | Effect::Alters(Document::AccessToken | Document::RefreshedAccessToken, _)
            )
        })
    }

    /// Returns the changes to the redirect to the callback and consumes one use of each.
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
                uses::note(switch.fault.name);
                switch.remaining = switch.remaining.map(|times| times.saturating_sub(1));
            }
        }
        self.0.retain(|switch| switch.remaining != Some(0));
        found
    }
}
