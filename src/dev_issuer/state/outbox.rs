//! The requests that the tenant itself sends: events and logout tokens. They end with the tenant. What is in them is
//! decided in `deliveries`.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{sync::watch, task::JoinSet};

use super::delivery::{Attempt, Cause, Delivery, Letter, Received};
use super::delivery_step::DeliveryStep;
use super::shared_journal::SharedJournal;
use crate::dev_issuer::basics::{
    clock::{self, Seconds},
    outbound,
};

/// The number of deliveries that are remembered.
const REMEMBERED: usize = 100;

/// The requests under way, and those that were sent last.
pub(crate) struct Outbox {
    desk: Arc<Desk>,
    /// They are aborted with this value.
    under_way: Mutex<JoinSet<()>>,
}

/// What a request under way needs.
struct Desk {
    client: reqwest::Client,
    journal: SharedJournal,
    record: Mutex<Record>,
    /// The setting `clock_offset`.
    clock_offset: watch::Sender<Seconds>,
}

#[derive(Default)]
struct Record {
    next_number: u64,
    deliveries: VecDeque<Delivery>,
}

impl Outbox {
    /// Returns an empty outbox, whose deliveries are steps in the journal.
    pub(crate) fn new(journal: SharedJournal) -> Self {
        let (clock_offset, _) = watch::channel(0);
        let desk = Desk { client: outbound::client(), journal, record: Mutex::default(), clock_offset };
        Self { desk: Arc::new(desk), under_way: Mutex::default() }
    }

    /// Returns the client with which the tenant sends requests to the app.
    pub(crate) fn client(&self) -> &reqwest::Client {
        &self.desk.client
    }

    /// Sends a letter in the background until the response is 200. It waits for these seconds before each further
    /// attempt, by the tenant's clock, and gives up after the last.
    pub(crate) fn send(&self, letter: Letter, pauses: &[u64]) {
        let (desk, pauses) = (Arc::clone(&self.desk), pauses.to_vec());
        let number = desk.remember(letter, Cause::Change);
        let sending = async move {
            for pause in [0].into_iter().chain(pauses) {
                desk.wait(number, pause).await;
                // It may have been sent again on request meanwhile, or be forgotten because many others followed.
                if desk.change(number, |delivery| delivery.is_accepted()).unwrap_or(true) {
                    return;
                }
                let Some(received) = desk.attempt(number).await else { return };
                let status = received.map(|(status, _)| status);
                if status == Some(200) {
                    return;
                }
                tracing::info!(number, status, "the emulated tenant's delivery was not accepted");
            }
        };
        let mut under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        while under_way.try_join_next().is_some() {}
        under_way.spawn(sending);
    }

    /// Remembers a letter that somebody ordered, and returns its number.
    pub(crate) fn take_order(&self, letter: Letter) -> u64 {
        self.desk.remember(letter, Cause::Order)
    }

    /// Sends the letter of that number once and returns the response, or none if none came. Without such a letter, it
    /// returns none in place of both.
    pub(crate) async fn attempt(&self, number: u64) -> Option<Option<Received>> {
        self.desk.attempt(number).await
    }

    /// Returns the last deliveries, the oldest first.
    pub(crate) fn deliveries(&self) -> Vec<Delivery> {
        self.desk.record().deliveries.iter().cloned().collect()
    }

    /// Forgets all deliveries. None of them is attempted again.
    pub(crate) fn clear(&self) {
        self.desk.record().deliveries.clear();
    }

    /// Says how far the tenant's clock is moved. What is due by then is sent.
    pub(crate) fn set_clock_offset(&self, offset: Seconds) {
        self.desk.clock_offset.send_replace(offset);
    }
}

impl Desk {
    fn now(&self) -> Seconds {
        clock::now(*self.clock_offset.borrow())
    }

    fn remember(&self, letter: Letter, cause: Cause) -> u64 {
        let mut record = self.record();
        record.next_number += 1;
        let number = record.next_number;
        if record.deliveries.len() == REMEMBERED {
            record.deliveries.pop_front();
        }
        record.deliveries.push_back(Delivery {
            number,
            cause,
            begun_at: self.now(),
            letter: Arc::new(letter),
            attempts: Vec::new(),
            next_attempt_at: None,
        });
        number
    }

    /// Waits until the tenant's clock has advanced by `pause`.
    async fn wait(&self, number: u64, pause: u64) {
        let due_at = self.now().saturating_add_unsigned(pause);
        self.change(number, |delivery| delivery.next_attempt_at = Some(due_at));
        let mut offset = self.clock_offset.subscribe();
        loop {
            let now = clock::now(*offset.borrow_and_update());
            let Ok(remaining @ 1..) = u64::try_from(due_at - now) else { break };
            tokio::select! {
                () = tokio::time::sleep(Duration::from_secs(remaining)) => {}
                _ = offset.changed() => {}
            }
        }
        self.change(number, |delivery| delivery.next_attempt_at = None);
    }

    async fn attempt(&self, number: u64) -> Option<Option<Received>> {
        let letter = self.change(number, |delivery| Arc::clone(&delivery.letter))?;
        let step = DeliveryStep::begin(&self.journal, &letter);
        let received = self.post(&letter).await;
        step.finish(&self.journal, received.as_ref());
        let attempt = Attempt { at: self.now(), received: received.clone() };
        self.change(number, |delivery| {
            delivery.attempts.push(attempt);
            if delivery.is_accepted() {
                delivery.next_attempt_at = None;
            }
        });
        Some(received)
    }

    async fn post(&self, letter: &Letter) -> Option<Received> {
        let request = self.client.post(&letter.url).header("content-type", letter.content_type);
        let request = request.body(letter.body.clone());
        let request = match &letter.webhook_id {
            Some(id) => request.header("webhook-id", id),
            None => request,
        };
        let response = request.send().await.ok()?;
        let status = response.status().as_u16();
        Some((status, outbound::beginning_of_body(response).await.0))
    }

    /// Changes a delivery that is still remembered.
    fn change<T>(&self, number: u64, change: impl FnOnce(&mut Delivery) -> T) -> Option<T> {
        self.record().deliveries.iter_mut().find(|delivery| delivery.number == number).map(change)
    }

    /// It ignores poisoning, because each change is complete.
    fn record(&self) -> MutexGuard<'_, Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
