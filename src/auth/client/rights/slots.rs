//! `Slots`: limits how many lists are requested from the account API at the same time, in all and for one user, so that
//! one user's requests cannot keep those of all others waiting.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};

/// So many lists are requested at a time; others wait.
const MAX_REQUESTS: usize = 64;
/// For one user: every list for two requests.
const MAX_OF_ONE_USER: usize = 8;

/// The slots of one account API. Cheap to clone.
#[derive(Clone)]
pub(super) struct Slots {
    all: Arc<Semaphore>,
    of_users: OfUsers,
}

/// By subject; those that neither hold a slot nor wait for one are forgotten.
type OfUsers = Arc<Mutex<HashMap<String, OfUser>>>;

struct OfUser {
    slots: Arc<Semaphore>,
    /// How many requests hold one of these, or wait for one.
    requests: usize,
}

/// A slot, until dropped.
#[must_use]
pub(super) struct Slot {
    _of_all: OwnedSemaphorePermit,
    _of_user: OwnedSemaphorePermit,
    _request: Request,
}

/// A request of a user that holds a slot or waits for one.
struct Request {
    subject: String,
    of_users: OfUsers,
}

impl Default for Slots {
    fn default() -> Self {
        Self { all: Arc::new(Semaphore::new(MAX_REQUESTS)), of_users: OfUsers::default() }
    }
}

impl Slots {
    /// Waits until a slot is free for a user.
    ///
    /// # Errors
    /// None: the semaphores are never closed.
    pub(super) async fn take(&self, subject: &str) -> Result<Slot, AcquireError> {
        let (request, slots) = Request::begin(subject, &self.of_users);
        // First the user's: who waits for these stands in nobody else's way.
        let of_user = slots.acquire_owned().await?;
        let of_all = Arc::clone(&self.all).acquire_owned().await?;
        Ok(Slot { _of_all: of_all, _of_user: of_user, _request: request })
    }
}

impl Request {
    /// Also returns the user's slots.
    fn begin(subject: &str, of_users: &OfUsers) -> (Self, Arc<Semaphore>) {
        let mut users = lock(of_users);
        let new = || OfUser { slots: Arc::new(Semaphore::new(MAX_OF_ONE_USER)), requests: 0 };
        let user = users.entry(subject.to_owned()).or_insert_with(new);
        user.requests += 1;
        (Self { subject: subject.to_owned(), of_users: Arc::clone(of_users) }, Arc::clone(&user.slots))
    }
}

impl Drop for Request {
    fn drop(&mut self) {
        let mut users = lock(&self.of_users);
        if let Some(user) = users.get_mut(&self.subject) {
            user.requests -= 1;
            if user.requests == 0 {
                users.remove(&self.subject);
            }
        }
    }
}

fn lock(of_users: &OfUsers) -> MutexGuard<'_, HashMap<String, OfUser>> {
    // Each change is one number: a panic elsewhere cannot leave it half-written.
    of_users.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    fn taken(slots: &Slots, subject: &str, number: usize) -> Vec<Slot> {
        (0..number).map(|_| slots.take(subject).now_or_never().expect("a free slot").unwrap()).collect()
    }

    #[tokio::test]
    async fn a_user_whose_requests_wait_keeps_no_other_waiting() {
        let slots = Slots::default();
        let of_ada = taken(&slots, "ada", MAX_OF_ONE_USER);
        let waiting: Vec<_> = (0..MAX_REQUESTS).map(|_| tokio::spawn(take(slots.clone(), "ada"))).collect();
        tokio::task::yield_now().await;
        let of_grace = taken(&slots, "grace", MAX_OF_ONE_USER);

        drop((of_ada, of_grace));
        for request in waiting {
            request.await.unwrap();
        }
        assert!(lock(&slots.of_users).is_empty(), "users without a request are forgotten");
    }

    async fn take(slots: Slots, subject: &str) {
        let _slot = slots.take(subject).await.unwrap();
    }

    #[tokio::test]
    async fn many_users_share_all_slots() {
        let slots = Slots::default();
        let names: Vec<String> = (0..MAX_REQUESTS / MAX_OF_ONE_USER).map(|number| number.to_string()).collect();
        let mut all: Vec<Slot> = names.iter().flat_map(|name| taken(&slots, name, MAX_OF_ONE_USER)).collect();
        // A task may not take so much at once.
        tokio::task::yield_now().await;
        assert!(slots.take("grace").now_or_never().is_none(), "all are taken");
        assert!(!lock(&slots.of_users).contains_key("grace"), "who gave up waiting is forgotten");
        all.pop();
        assert_eq!(taken(&slots, "grace", 1).len(), 1);
    }
}
