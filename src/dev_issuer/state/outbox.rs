//! The requests that the tenant itself sends: events and logout tokens. They end with the tenant. What is in them is
//! decided in `deliveries`.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use serde_json::{Map, Value, json};
use tokio::task::JoinSet;

use super::shared_journal::SharedJournal;
use crate::dev_issuer::basics::{clock::machine_time, digest::Digest, parameters::Parameters};
use crate::dev_issuer::journal::{
    attempts::AttemptId,
    entry::Entry,
    shown::{Field, Shown, unverified_claims},
    step::{Step, StepKind},
};

/// The number of deliveries that are remembered.
const REMEMBERED: usize = 100;
/// How long the receiver may take.
const TIMEOUT: Duration = Duration::from_secs(20);

/// A request that is ready to be sent, as often as necessary.
#[derive(Clone, Debug)]
pub(crate) struct Letter {
    /// What it is, for the list of deliveries: the type of the event, or `logout`.
    pub(crate) about: String,
    /// The id of the event or of the token.
    pub(crate) id: String,
    pub(crate) url: String,
    pub(crate) content_type: &'static str,
    /// The header `webhook-id`, which Kinde repeats with each delivery of an event.
    pub(crate) webhook_id: Option<String>,
    pub(crate) body: String,
}

/// What became of a delivery.
struct Delivery {
    about: String,
    id: String,
    attempts: u32,
    /// The status of the last response; none before the first, and when none came.
    status: Option<u16>,
}

/// The requests under way, and those that were sent last.
pub(crate) struct Outbox {
    sender: Sender,
    deliveries: Arc<Mutex<VecDeque<Delivery>>>,
    /// They are aborted with this value.
    under_way: Mutex<JoinSet<()>>,
}

/// What sends a letter. Cheap to clone.
#[derive(Clone)]
struct Sender {
    client: reqwest::Client,
    journal: SharedJournal,
}

impl Outbox {
    /// Returns an empty outbox, whose deliveries the journal shows.
    pub(crate) fn new(journal: SharedJournal) -> Self {
        let client = reqwest::Client::builder().no_proxy().timeout(TIMEOUT).build();
        let sender = Sender { client: client.unwrap_or_default(), journal };
        Self { sender, deliveries: Arc::default(), under_way: Mutex::default() }
    }

    /// Sends a letter once and returns the status and the body of the response, or none if no response came.
    pub(crate) async fn send_once(&self, letter: &Letter) -> Option<(u16, String)> {
        self.sender.post(letter).await
    }

    /// Sends a letter in the background until the response is 200. It waits for these seconds before each further
    /// attempt, and gives up after the last.
    pub(crate) fn send(&self, letter: Letter, pauses: &[u64]) {
        let (sender, deliveries, pauses) = (self.sender.clone(), Arc::clone(&self.deliveries), pauses.to_vec());
        remember(&deliveries, &letter);
        let sending = async move {
            for pause in [0].into_iter().chain(pauses) {
                tokio::time::sleep(Duration::from_secs(pause)).await;
                let status = sender.post(&letter).await.map(|(status, _)| status);
                note(&deliveries, &letter.id, status);
                if status == Some(200) {
                    return;
                }
                tracing::info!(about = letter.about, status, "the emulated tenant's delivery was not accepted");
            }
        };
        let mut under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        while under_way.try_join_next().is_some() {}
        under_way.spawn(sending);
    }

    /// Returns the last deliveries, the oldest first.
    pub(crate) fn json(&self) -> Value {
        let shown = |delivery: &Delivery| {
            json!({
                "type": delivery.about,
                "id": delivery.id,
                "attempts": delivery.attempts,
                "status": delivery.status,
            })
        };
        locked(&self.deliveries).iter().map(shown).collect()
    }
}

impl Sender {
    /// Sends a letter, and adds it to the journal: to the newest sign-in of the person whom it is about. Returns the
    /// status and the body of the response, or none if no response came.
    async fn post(&self, letter: &Letter) -> Option<(u16, String)> {
        let (attempt, mut step) = self.begin_step(letter);
        let response = self.send(letter).await;
        step.took = machine_time() - step.at;
        step.status = response.as_ref().map(|(status, _)| *status);
        step.response = response.iter().map(|(_, body)| Field::new("body", body)).collect();
        self.journal.lock().add(attempt, &Entry::Step(step));
        response
    }

    /// The token marks the sign-in before it is sent: the receiver may tell what it verified before it responds.
    fn begin_step(&self, letter: &Letter) -> (Option<AttemptId>, Step) {
        let token = letter.token();
        let parameter = Field { name: letter.parameter().to_owned(), value: Shown::secret(&token) };
        let subject = unverified_claims(&token).and_then(|claims| subject_of(&claims));
        let mut journal = self.journal.lock();
        let attempt = subject.and_then(|subject| journal.find(Digest::of(&subject)));
        if let Some(attempt) = attempt {
            journal.mark(attempt, Digest::of(&token));
        }
        drop(journal);
        let step = Step {
            kind: if letter.webhook_id.is_some() { StepKind::Webhook } else { StepKind::LogoutToken },
            at: machine_time(),
            took: 0,
            method: "POST".to_owned(),
            address: letter.url.clone(),
            parameters: vec![parameter],
            status: None,
            response: Vec::new(),
            faults: Vec::new(),
        };
        (attempt, step)
    }

    async fn send(&self, letter: &Letter) -> Option<(u16, String)> {
        let request = self.client.post(&letter.url).header("content-type", letter.content_type);
        let request = request.body(letter.body.clone());
        let request = match &letter.webhook_id {
            Some(id) => request.header("webhook-id", id),
            None => request,
        };
        let response = request.send().await.ok()?;
        let status = response.status().as_u16();
        Some((status, response.text().await.unwrap_or_default()))
    }
}

impl Letter {
    /// Returns the JWT in the body: the body itself, or the one parameter of a form.
    fn token(&self) -> String {
        match self.webhook_id {
            Some(_) => self.body.clone(),
            None => Parameters::parse("", self.body.as_bytes()).form("logout_token").unwrap_or_default().to_owned(),
        }
    }

    /// Returns what carries the JWT.
    fn parameter(&self) -> &'static str {
        if self.webhook_id.is_some() { "body" } else { "logout_token" }
    }
}

/// Returns the person whom an event or a logout token is about.
fn subject_of(claims: &Map<String, Value>) -> Option<String> {
    let subject = claims.get("sub").or_else(|| claims.get("data")?.get("user")?.get("id"));
    subject.and_then(Value::as_str).map(str::to_owned)
}

fn remember(deliveries: &Mutex<VecDeque<Delivery>>, letter: &Letter) {
    let mut deliveries = locked(deliveries);
    if deliveries.len() == REMEMBERED {
        deliveries.pop_front();
    }
    let delivery = Delivery { about: letter.about.clone(), id: letter.id.clone(), attempts: 0, status: None };
    deliveries.push_back(delivery);
}

fn note(deliveries: &Mutex<VecDeque<Delivery>>, id: &str, status: Option<u16>) {
    if let Some(delivery) = locked(deliveries).iter_mut().find(|delivery| delivery.id == id) {
        delivery.attempts += 1;
        delivery.status = status;
    }
}

/// It ignores poisoning, because each change is complete.
fn locked(deliveries: &Mutex<VecDeque<Delivery>>) -> MutexGuard<'_, VecDeque<Delivery>> {
    deliveries.lock().unwrap_or_else(PoisonError::into_inner)
}
