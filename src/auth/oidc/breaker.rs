//! `CircuitBreaker`: holds requests back from an issuer that does not respond, or that limits our requests, so that
//! users get a fast 503 instead of a wait. The requests are in `outbound`.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::auth::metrics::{BreakerMetrics, HeldBackBy};

/// This many connection failures or time-outs in a row open the breaker.
const FAILURES_THAT_OPEN: u32 = 5;
/// While it is open, one trial is let through this often.
const TRIAL_INTERVAL: Duration = Duration::from_secs(2);

/// Counts failures in a row. Open means that only one trial every two seconds goes out; limited means that only one
/// request at a time goes out.
#[derive(Debug, Default)]
pub(super) struct CircuitBreaker {
    state: Mutex<State>,
    metrics: BreakerMetrics,
}

#[derive(Debug, Default)]
struct State {
    silences_in_a_row: u32,
    next_trial: Option<Instant>,
    has_responded: bool,
    /// Since the issuer's last 429, until a request that was sent after it succeeds.
    limit: Option<Limit>,
    /// How many requests were admitted.
    admitted: u64,
}

#[derive(Debug, Clone, Copy)]
struct Limit {
    retry_after_seconds: u64,
    /// The number of the one request that is under way.
    under_way: Option<u64>,
}

/// Whether something that is reached over a network responds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Reachability {
    /// It responded to the last request.
    Reachable,
    /// It did not respond to the last request.
    Unreachable,
    /// There was no request yet.
    Unknown,
}

/// Why a request is held back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HeldBack {
    /// The last requests failed in a row.
    Open,
    /// The issuer limits our requests, and one is under way. Seconds of its `Retry-After`.
    Limited(u64),
}

/// The result of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// A response that is no failure.
    Succeeded,
    /// 429, with the seconds of its `Retry-After`.
    Limited(u64),
    /// A response that is a failure of the issuer (5xx).
    Failed,
    /// No connection, or no response in time.
    Silence,
}

/// The permission for one request, to be ended with its outcome.
#[must_use]
#[derive(Debug)]
pub(in crate::auth) struct Admission {
    breaker: Arc<CircuitBreaker>,
    number: u64,
}

impl CircuitBreaker {
    pub(super) fn new(metrics: BreakerMetrics) -> Self {
        Self { metrics, ..Self::default() }
    }

    /// Admits a request, or says why it is held back.
    pub(super) fn admit(self: &Arc<Self>) -> Result<Admission, HeldBack> {
        let admitted = self.admit_at(Instant::now());
        admitted.inspect_err(|held_back| {
            self.metrics.held_back(match held_back {
                HeldBack::Open => HeldBackBy::Open,
                HeldBack::Limited(_) => HeldBackBy::Limited,
            });
        })
    }

    fn admit_at(self: &Arc<Self>, now: Instant) -> Result<Admission, HeldBack> {
        let mut state = self.lock();
        if state.silences_in_a_row >= FAILURES_THAT_OPEN && state.next_trial.is_some_and(|next| now < next) {
            return Err(HeldBack::Open);
        }
        let number = state.admitted + 1;
        if let Some(limit) = &mut state.limit {
            if limit.under_way.is_some() {
                return Err(HeldBack::Limited(limit.retry_after_seconds));
            }
            limit.under_way = Some(number);
        }
        state.admitted = number;
        if state.silences_in_a_row >= FAILURES_THAT_OPEN {
            state.next_trial = Some(now + TRIAL_INTERVAL);
        }
        Ok(Admission { breaker: Arc::clone(self), number })
    }

    /// Whether the issuer is taken to be unreachable just now.
    pub(super) fn is_open(&self) -> bool {
        let state = self.lock();
        state.silences_in_a_row >= FAILURES_THAT_OPEN && state.next_trial.is_some_and(|next| Instant::now() < next)
    }

    /// What the last request showed. No request is made for this.
    pub(super) fn reachability(&self) -> Reachability {
        match *self.lock() {
            State { silences_in_a_row: 1.., .. } => Reachability::Unreachable,
            State { has_responded: true, .. } => Reachability::Reachable,
            State { has_responded: false, .. } => Reachability::Unknown,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // The state is a few plain values: a panic elsewhere cannot leave it half-written.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Whether this is the one request that may be under way while the issuer limits ours.
    fn is_only_one(&self, number: u64) -> bool {
        self.limit.is_some_and(|limit| limit.under_way == Some(number))
    }

    /// What the outcome of a request changes.
    fn finish(&mut self, number: u64, outcome: Outcome, now: Instant) {
        if outcome == Outcome::Silence {
            self.silences_in_a_row = self.silences_in_a_row.saturating_add(1);
            self.next_trial = Some(now + TRIAL_INTERVAL);
            return;
        }
        (self.silences_in_a_row, self.next_trial, self.has_responded) = (0, None, true);
        match outcome {
            // A request that was sent before the 429 does not show that the limit is over.
            Outcome::Succeeded if self.is_only_one(number) => self.limit = None,
            Outcome::Limited(retry_after_seconds) => {
                let under_way = self.limit.and_then(|limit| limit.under_way);
                self.limit = Some(Limit { retry_after_seconds, under_way });
            }
            Outcome::Succeeded | Outcome::Failed | Outcome::Silence => {}
        }
    }
}

impl Admission {
    /// Records the outcome of the request.
    pub(super) fn finished(self, outcome: Outcome) {
        self.finished_at(outcome, Instant::now());
    }

    fn finished_at(self, outcome: Outcome, now: Instant) {
        let mut state = self.breaker.lock();
        state.finish(self.number, outcome, now);
        self.breaker.metrics.is(state.silences_in_a_row >= FAILURES_THAT_OPEN, state.limit.is_some());
    }
}

/// Also for an admission that was not used: the next request may go out.
impl Drop for Admission {
    fn drop(&mut self) {
        let mut state = self.breaker.lock();
        if state.is_only_one(self.number)
            && let Some(limit) = &mut state.limit
        {
            limit.under_way = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn silent(breaker: &Arc<CircuitBreaker>, times: u32, now: Instant) {
        for _ in 0..times {
            breaker.admit_at(now).unwrap().finished_at(Outcome::Silence, now);
        }
    }

    #[test]
    fn five_silences_in_a_row_open_it_and_one_trial_goes_out_every_two_seconds() {
        let (breaker, start) = (Arc::<CircuitBreaker>::default(), Instant::now());
        silent(&breaker, FAILURES_THAT_OPEN, start);
        assert!(breaker.admit_at(start + Duration::from_millis(1999)).is_err());
        let trial = breaker.admit_at(start + TRIAL_INTERVAL);
        assert!(trial.is_ok());
        assert_eq!(breaker.admit_at(start + TRIAL_INTERVAL).err(), Some(HeldBack::Open), "only one trial at a time");
    }

    #[test]
    fn a_response_closes_it() {
        for outcome in [Outcome::Succeeded, Outcome::Failed] {
            let (breaker, start) = (Arc::<CircuitBreaker>::default(), Instant::now());
            silent(&breaker, FAILURES_THAT_OPEN, start);
            let later = start + TRIAL_INTERVAL;
            breaker.admit_at(later).unwrap().finished_at(outcome, later);
            assert!(breaker.admit_at(later).is_ok());
        }
    }

    #[test]
    fn it_tells_what_the_last_request_showed() {
        let (breaker, now) = (Arc::<CircuitBreaker>::default(), Instant::now());
        assert_eq!(breaker.reachability(), Reachability::Unknown);
        for (outcome, expected) in
            [(Outcome::Silence, Reachability::Unreachable), (Outcome::Succeeded, Reachability::Reachable)]
        {
            breaker.admit_at(now).unwrap().finished_at(outcome, now);
            assert_eq!(breaker.reachability(), expected);
        }
    }

    #[test]
    fn a_response_in_between_starts_the_count_again() {
        let (breaker, now) = (Arc::<CircuitBreaker>::default(), Instant::now());
        silent(&breaker, FAILURES_THAT_OPEN - 1, now);
        breaker.admit_at(now).unwrap().finished_at(Outcome::Succeeded, now);
        silent(&breaker, FAILURES_THAT_OPEN - 1, now);
        assert!(breaker.admit_at(now).is_ok());
    }

    #[test]
    fn after_a_429_one_request_at_a_time_goes_out_until_one_succeeds() {
        let breaker = Arc::<CircuitBreaker>::default();
        let (first, second) = (breaker.admit().unwrap(), breaker.admit().unwrap());
        first.finished(Outcome::Limited(7));
        for outcome in [Outcome::Limited(9), Outcome::Failed, Outcome::Silence] {
            let only_one = breaker.admit().unwrap();
            assert!(matches!(breaker.admit().err(), Some(HeldBack::Limited(7 | 9))));
            only_one.finished(outcome);
        }
        second.finished(Outcome::Succeeded);
        drop(breaker.admit().unwrap());
        let only_one = breaker.admit().unwrap();
        assert_eq!(breaker.admit().err(), Some(HeldBack::Limited(9)), "an older request lifts nothing");
        only_one.finished(Outcome::Succeeded);
        let all = (breaker.admit(), breaker.admit());
        assert!(all.0.is_ok() && all.1.is_ok());
    }
}
