//! The requests that the tenant itself sends: events and logout tokens. They end with the tenant. What is in them is
//! decided in `deliveries`.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use serde_json::{Value, json};
use tokio::task::JoinSet;

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
    url: String,
    attempts: u32,
    /// The status of the last response; none before the first, and when none came.
    status: Option<u16>,
}

/// The requests under way, and those that were sent last.
pub(crate) struct Outbox {
    client: reqwest::Client,
    deliveries: Arc<Mutex<VecDeque<Delivery>>>,
    /// They are aborted with this value.
    under_way: Mutex<JoinSet<()>>,
}

impl Default for Outbox {
    fn default() -> Self {
        let client = reqwest::Client::builder().no_proxy().timeout(TIMEOUT).build();
        Self { client: client.unwrap_or_default(), deliveries: Arc::default(), under_way: Mutex::default() }
    }
}

impl Outbox {
    /// Sends a letter once and returns the status and the body of the response, or none if no response came.
    pub(crate) async fn send_once(&self, letter: &Letter) -> Option<(u16, String)> {
        post(&self.client, letter).await
    }

    /// Sends a letter in the background until the response is 200. It waits for these seconds before each further
    /// attempt, and gives up after the last.
    pub(crate) fn send(&self, letter: Letter, pauses: &[u64]) {
        let (client, deliveries, pauses) = (self.client.clone(), Arc::clone(&self.deliveries), pauses.to_vec());
        remember(&deliveries, &letter);
        let sending = async move {
            for pause in [0].into_iter().chain(pauses) {
                tokio::time::sleep(Duration::from_secs(pause)).await;
                let status = post(&client, &letter).await.map(|(status, _)| status);
                note(&deliveries, &letter, status);
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

async fn post(client: &reqwest::Client, letter: &Letter) -> Option<(u16, String)> {
    let request = client.post(&letter.url).header("content-type", letter.content_type).body(letter.body.clone());
    let request = match &letter.webhook_id {
        Some(id) => request.header("webhook-id", id),
        None => request,
    };
    let response = request.send().await.ok()?;
    let status = response.status().as_u16();
    Some((status, response.text().await.unwrap_or_default()))
}

fn remember(deliveries: &Mutex<VecDeque<Delivery>>, letter: &Letter) {
    let mut deliveries = locked(deliveries);
    if deliveries.len() == REMEMBERED {
        deliveries.pop_front();
    }
    let delivery = Delivery {
        about: letter.about.clone(),
        id: letter.id.clone(),
        url: letter.url.clone(),
        attempts: 0,
        status: None,
    };
    deliveries.push_back(delivery);
}

/// Several receivers may get one event.
fn note(deliveries: &Mutex<VecDeque<Delivery>>, letter: &Letter, status: Option<u16>) {
    let is_it = |delivery: &&mut Delivery| delivery.id == letter.id && delivery.url == letter.url;
    if let Some(delivery) = locked(deliveries).iter_mut().find(is_it) {
        delivery.attempts += 1;
        delivery.status = status;
    }
}

/// It ignores poisoning, because each change is complete.
fn locked(deliveries: &Mutex<VecDeque<Delivery>>) -> MutexGuard<'_, VecDeque<Delivery>> {
    deliveries.lock().unwrap_or_else(PoisonError::into_inner)
}
