//! `CircuitBreaker`: stops asking an issuer that does not answer, so that people get a fast 503 instead of a wait.
//! It does not know what is asked: an HTTP answer of any status counts as an answer.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde::Serialize;
use utoipa::ToSchema;

/// This many connection failures or time-outs in a row open the breaker.
const FAILURES_THAT_OPEN: u32 = 5;
/// While open, one trial is let through this often.
const TRIAL_INTERVAL: Duration = Duration::from_secs(2);

/// Counts silences in a row; open means that only one trial every two seconds goes out.
#[derive(Debug, Default)]
pub(crate) struct CircuitBreaker {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    silences_in_a_row: u32,
    next_trial: Option<Instant>,
    has_answered: bool,
}

/// Whether something that is asked over a network answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Reachability {
    /// It answered when it was asked last.
    Reachable,
    /// It did not answer when it was asked last.
    Unreachable,
    /// It has not been asked yet.
    Unknown,
}

/// The permission for one request, to be closed with what came of it.
#[must_use]
pub(crate) struct Trial(Arc<CircuitBreaker>);

impl CircuitBreaker {
    /// `None` while the breaker is open and it is not yet time for another trial.
    pub(crate) fn admit(self: &Arc<Self>) -> Option<Trial> {
        self.admit_at(Instant::now())
    }

    fn admit_at(self: &Arc<Self>, now: Instant) -> Option<Trial> {
        let mut state = self.lock();
        if state.silences_in_a_row >= FAILURES_THAT_OPEN {
            if state.next_trial.is_some_and(|next| now < next) {
                return None;
            }
            state.next_trial = Some(now + TRIAL_INTERVAL);
        }
        drop(state);
        Some(Trial(Arc::clone(self)))
    }

    /// Whether requests are held back just now.
    pub(crate) fn is_open(&self) -> bool {
        let state = self.lock();
        state.silences_in_a_row >= FAILURES_THAT_OPEN && state.next_trial.is_some_and(|next| Instant::now() < next)
    }

    /// What came of the last request, without asking anew.
    pub(crate) fn reachability(&self) -> Reachability {
        match *self.lock() {
            State { silences_in_a_row: 1.., .. } => Reachability::Unreachable,
            State { has_answered: true, .. } => Reachability::Reachable,
            State { has_answered: false, .. } => Reachability::Unknown,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // The state is two plain numbers: a panic elsewhere cannot leave it half-written.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Trial {
    /// Records whether an answer came.
    pub(crate) fn finished(self, answered: bool) {
        self.finished_at(answered, Instant::now());
    }

    fn finished_at(self, answered: bool, now: Instant) {
        let mut state = self.0.lock();
        if answered {
            *state = State { has_answered: true, ..State::default() };
        } else {
            state.silences_in_a_row = state.silences_in_a_row.saturating_add(1);
            state.next_trial = Some(now + TRIAL_INTERVAL);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn silent(breaker: &Arc<CircuitBreaker>, times: u32, now: Instant) {
        for _ in 0..times {
            breaker.admit_at(now).unwrap().finished_at(false, now);
        }
    }

    #[test]
    fn five_silences_in_a_row_open_it_and_one_trial_goes_out_every_two_seconds() {
        let (breaker, start) = (Arc::<CircuitBreaker>::default(), Instant::now());
        silent(&breaker, FAILURES_THAT_OPEN, start);
        assert!(breaker.admit_at(start + Duration::from_millis(1999)).is_none());
        let trial = breaker.admit_at(start + TRIAL_INTERVAL);
        assert!(trial.is_some());
        assert!(breaker.admit_at(start + TRIAL_INTERVAL).is_none(), "only one trial at a time");
    }

    #[test]
    fn an_answer_closes_it() {
        let (breaker, start) = (Arc::<CircuitBreaker>::default(), Instant::now());
        silent(&breaker, FAILURES_THAT_OPEN, start);
        let later = start + TRIAL_INTERVAL;
        breaker.admit_at(later).unwrap().finished_at(true, later);
        assert!(breaker.admit_at(later).is_some());
    }

    #[test]
    fn it_tells_what_came_of_the_last_request() {
        let (breaker, now) = (Arc::<CircuitBreaker>::default(), Instant::now());
        assert_eq!(breaker.reachability(), Reachability::Unknown);
        for (answered, expected) in [(false, Reachability::Unreachable), (true, Reachability::Reachable)] {
            breaker.admit_at(now).unwrap().finished_at(answered, now);
            assert_eq!(breaker.reachability(), expected);
        }
    }

    #[test]
    fn an_answer_in_between_starts_the_count_again() {
        let (breaker, now) = (Arc::<CircuitBreaker>::default(), Instant::now());
        silent(&breaker, FAILURES_THAT_OPEN - 1, now);
        breaker.admit_at(now).unwrap().finished_at(true, now);
        silent(&breaker, FAILURES_THAT_OPEN - 1, now);
        assert!(breaker.admit_at(now).is_some());
    }
}
