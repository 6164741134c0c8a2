//! `Flights`: the refreshes under way in this process, one for each session. Requests that need the same refresh wait for
//! the same flight.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{Semaphore, SemaphorePermit, watch};

use crate::auth::session::Id;

/// At most so many sessions are refreshed, or waited for, at a time. For others their next request tries again.
const MAX_FLIGHTS: usize = 256;
/// This many refreshes are requested from the issuer at a time. Sign-ins have slots of their own.
const MAX_REFRESHES: usize = 16;
/// How long a flight waits for its turn to request.
const SLOT_PATIENCE: Duration = Duration::from_secs(2);

/// The flights of one client. Cheap to clone.
#[derive(Clone)]
pub(super) struct Flights {
    under_way: Arc<Mutex<HashMap<Id, Flight>>>,
    slots: Arc<Semaphore>,
}

/// A refresh under way.
#[derive(Clone)]
pub(super) struct Flight {
    began: Instant,
    /// Closed when the flight has landed.
    landed: watch::Receiver<()>,
}

/// Ends a flight when dropped.
pub(super) struct Landing {
    session: Id,
    flights: Flights,
    _sender: watch::Sender<()>,
}

impl Default for Flights {
    fn default() -> Self {
        Self { under_way: Arc::default(), slots: Arc::new(Semaphore::new(MAX_REFRESHES)) }
    }
}

impl Flights {
    /// Joins the flight of a session, or begins one: then the caller also receives its landing, and has to fly. `None`
    /// when too many are under way.
    pub(super) fn join(&self, session: Id) -> Option<(Flight, Option<Landing>)> {
        let mut under_way = self.under_way();
        if let Some(flight) = under_way.get(&session) {
            return Some((flight.clone(), None));
        }
        if under_way.len() >= MAX_FLIGHTS {
            return None;
        }
        let (sender, landed) = watch::channel(());
        let flight = Flight { began: Instant::now(), landed };
        under_way.insert(session, flight.clone());
        Some((flight, Some(Landing { session, flights: self.clone(), _sender: sender })))
    }

    /// Permission to request a refresh. `None` when none becomes free in time.
    pub(super) async fn slot(&self) -> Option<SemaphorePermit<'_>> {
        tokio::time::timeout(SLOT_PATIENCE, self.slots.acquire()).await.ok()?.ok()
    }

    fn under_way(&self) -> MutexGuard<'_, HashMap<Id, Flight>> {
        // Whole entries are put in and removed: a panic elsewhere cannot leave one half-written.
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Flight {
    /// Waits until the flight has landed, at most until so long after it began. `false` when it has not.
    pub(super) async fn landed_within(mut self, patience: Duration) -> bool {
        let left = patience.saturating_sub(self.began.elapsed());
        tokio::time::timeout(left, async { while self.landed.changed().await.is_ok() {} }).await.is_ok()
    }
}

impl Drop for Landing {
    fn drop(&mut self) {
        self.flights.under_way().remove(&self.session);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_session_has_one_flight_until_that_has_landed() {
        let flights = Flights::default();
        let (first, landing) = flights.join(Id(1)).unwrap();
        let (second, none) = flights.join(Id(1)).unwrap();
        assert!(landing.is_some() && none.is_none());
        assert!(flights.join(Id(2)).unwrap().1.is_some());
        assert!(!first.clone().landed_within(Duration::ZERO).await);
        drop(landing);
        assert!(
            first.landed_within(Duration::from_secs(5)).await && second.landed_within(Duration::from_secs(5)).await
        );
        assert!(flights.join(Id(1)).unwrap().1.is_some());
    }

    #[test]
    fn flights_beyond_the_limit_do_not_begin() {
        let flights = Flights::default();
        let many: Vec<_> = (0..MAX_FLIGHTS).map(|id| flights.join(Id(id as i128)).unwrap()).collect();
        assert!(flights.join(Id(-1)).is_none());
        drop(many);
        assert!(flights.join(Id(-1)).is_some());
    }
}
