//! A delivery as a step of the journal: of the newest sign-in of the person whom it is about.

use serde_json::{Map, Value};

use super::{
    delivery::{Letter, Received},
    shared_journal::SharedJournal,
};
use crate::dev_issuer::basics::{clock::machine_time, digest::Digest, parameters::Parameters};
use crate::dev_issuer::journal::{
    attempts::AttemptId,
    entry::Entry,
    shown::{Field, Shown, unverified_claims},
    step::{Step, StepKind},
};

/// A delivery under way.
pub(crate) struct DeliveryStep {
    attempt: Option<AttemptId>,
    step: Step,
}

impl DeliveryStep {
    /// Begins the step before the letter is sent: the receiver may tell what it verified before it responds, and names
    /// the token then.
    pub(crate) fn begin(journal: &SharedJournal, letter: &Letter) -> Self {
        let is_event = letter.webhook_id.is_some();
        let (name, token) =
            if is_event { ("body", letter.body.clone()) } else { ("logout_token", logout_token(letter)) };
        let subject = unverified_claims(&token).and_then(|claims| subject_of(&claims));
        let mut journal = journal.lock();
        let attempt = subject.and_then(|subject| journal.find(Digest::of(&subject)));
        if let Some(attempt) = attempt {
            journal.mark(attempt, Digest::of(&token));
        }
        let step = Step {
            kind: if is_event { StepKind::Webhook } else { StepKind::LogoutToken },
            at: machine_time(),
            took: 0,
            method: "POST".to_owned(),
            address: letter.url.clone(),
            parameters: vec![Field { name: name.to_owned(), value: Shown::secret(&token) }],
            status: None,
            response: Vec::new(),
            faults: letter.fault.map(|fault| fault.name().to_owned()).into_iter().collect(),
        };
        Self { attempt, step }
    }

    /// Adds the step with the response, or without one if none came.
    pub(crate) fn finish(mut self, journal: &SharedJournal, received: Option<&Received>) {
        self.step.took = machine_time() - self.step.at;
        self.step.status = received.map(|(status, _)| *status);
        self.step.response = received.iter().map(|(_, body)| Field::new("body", body)).collect();
        journal.lock().add(self.attempt, &Entry::Step(self.step));
    }
}

fn logout_token(letter: &Letter) -> String {
    Parameters::parse("", letter.body.as_bytes()).form("logout_token").unwrap_or_default().to_owned()
}

/// Returns the person whom an event or a logout token is about.
fn subject_of(claims: &Map<String, Value>) -> Option<String> {
    let subject = claims.get("sub").or_else(|| claims.get("data")?.get("user")?.get("id"));
    subject.and_then(Value::as_str).map(str::to_owned)
}
