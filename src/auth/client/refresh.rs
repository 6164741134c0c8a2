//! Refreshes the tokens of a session once for each expiry, whatever the number of requests and processes. Trouble at the
//! issuer never ends a session; only a refresh token that the issuer refuses does.
//!
//! The turn to refresh is a part of the session record ([`RefreshTurn`]): the process that replaces the record holds it.
//! The holder writes tokens, then claims, then the session, each only if it is as it was seen. A holder that dies
//! half-way is followed after 15 seconds by another one, which finds the new tokens, or refreshes.

use std::sync::Arc;
use std::time::{Duration, Instant};

use time::OffsetDateTime;
use tracing::Instrument;

use super::Client;
use super::flights::Flight;
use super::refreshed_tokens::{Fresh, Outcome};
use super::token_times::{LEAST_PAUSE, after};
use crate::auth::audit::{self, Concerned};
use crate::auth::error::Error;
use crate::auth::metrics::{EndCause, RefreshOutcome};
use crate::auth::oidc::{OidcError, OutboundError};
use crate::auth::random::{random_bytes, random_value};
use crate::auth::session::{Id, RefreshTurn, Seen, Session, SessionError, SessionSecret, TAKEN_OVER_AFTER};

/// How long a request whose access token has ended waits for the refresh, from when that began.
const PATIENCE: Duration = Duration::from_secs(2);
/// The holder writes nothing later than this after it took the turn, because another one may take it over soon after.
pub(super) const LAST_WRITE: Duration = TAKEN_OVER_AFTER.saturating_sub(Duration::from_secs(2));
/// How often a process looks whether another one has finished.
const POLL_INTERVAL: Duration = Duration::from_millis(100);
/// The pause after a refusal that another try soon will not change.
const PAUSE_AFTER_REFUSAL: Duration = Duration::from_secs(60);
/// The longest pause that the issuer can ask for.
const MAX_PAUSE: Duration = Duration::from_secs(3600);
/// Each pause is longer by up to this, so that not all sessions try at once.
const MAX_JITTER_MILLISECONDS: u64 = 2000;

/// Why tokens are refreshed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    /// They are due.
    Due,
    /// A call to another service needs an access token that lives for a while.
    Call,
    /// The rights that the access token lists are known to be old.
    Rights,
}

/// Whether this process refreshes.
enum Turn {
    Taken(Box<Seen<Session>>),
    /// Another process does.
    Others,
    NotNeeded,
}

impl Client {
    /// The session as it is after the refresh that it needs. While the access token is good, the refresh runs without
    /// the request; when it has ended, the request waits a moment for the outcome, and is then served as signed in.
    /// `None` when the session has ended.
    pub(super) async fn refreshed(
        &self,
        session: Arc<Session>,
        secret: SessionSecret,
    ) -> Result<Option<Arc<Session>>, Error> {
        let now = self.now();
        let running_since = session.refresh().running_since(now);
        if running_since.is_none() && !session.refresh().is_due(now) {
            return Ok(Some(session));
        }
        let patience = running_since.map_or(PATIENCE, |since| left_of(PATIENCE, since, now));
        let has_ended = session.access_token_has_ended(now);
        if running_since.is_some() && (!has_ended || patience.is_zero()) {
            return Ok(Some(session));
        }
        let Some(flight) = self.refresh(session.id(), Need::Due) else { return Ok(Some(session)) };
        if has_ended && flight.landed_within(patience).await {
            return Ok(self.0.sessions.load(secret, self.now()).await?);
        }
        Ok(Some(session))
    }

    /// Joins the refresh of a session in this process, or begins one in a task of its own. `None` while the store cannot
    /// write, or when too many are under way.
    pub(super) fn refresh(&self, session: Id, need: Need) -> Option<Flight> {
        if self.0.store_pause.is_on(self.now()) {
            return None;
        }
        let (flight, landing) = self.0.flights.join(session)?;
        if let Some(landing) = landing {
            let client = self.clone();
            let work = async move {
                client.fly(session, need).await;
                drop(landing);
            };
            self.0.tasks.spawn(work.in_current_span());
        }
        Some(flight)
    }

    /// Refreshes a session's tokens for a request that waits for it a moment. Returns whether that has finished.
    pub(super) async fn refresh_for(&self, session: &Session, need: Need) -> bool {
        match self.refresh(session.id(), need) {
            Some(flight) => flight.landed_within(PATIENCE).await,
            None => false,
        }
    }

    async fn fly(&self, id: Id, need: Need) {
        // Before the turn is taken, so that no turn is held while waiting.
        let Some(slot) = self.0.flights.slot().await else {
            return tracing::debug!("a refresh did not begin: too many are under way");
        };
        match self.take_turn(id, need).await {
            Ok(Turn::Taken(session)) => self.hold_turn(*session, need).await,
            Ok(Turn::Others) => {
                drop(slot);
                self.wait_for_holder(id).await;
            }
            Ok(Turn::NotNeeded) => {}
            Err(error) => {
                self.0.store_pause.begin(self.now());
                tracing::debug!(%error, "a refresh did not begin: the session store failed");
            }
        }
    }

    /// Loads the session anew, and takes the turn if it is still needed.
    async fn take_turn(&self, id: Id, need: Need) -> Result<Turn, SessionError> {
        let now = self.now();
        let Some(session) = self.0.sessions.see(id, now).await? else { return Ok(Turn::NotNeeded) };
        let turn = session.value.refresh();
        if turn.running_since(now).is_some() {
            return Ok(Turn::Others);
        }
        let may_come_early = need != Need::Due && matches!(turn, RefreshTurn::At(_));
        if !turn.is_due(now) && !may_come_early {
            return Ok(Turn::NotNeeded);
        }
        let running = RefreshTurn::Running { holder: random_value(), since: now };
        let taken = self.0.sessions.replace(session, |content| content.refresh = running).await?;
        Ok(taken.map_or(Turn::Others, |session| Turn::Taken(Box::new(session))))
    }

    /// Waits until the process that holds the turn has finished, or as long as a request would wait.
    async fn wait_for_holder(&self, id: Id) {
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            tokio::time::sleep(POLL_INTERVAL).await;
            let now = self.now();
            match self.0.sessions.see(id, now).await {
                Ok(Some(session)) if session.value.refresh().running_since(now).is_some() => {}
                _ => return,
            }
        }
    }

    /// Refreshes, and writes the outcome into the session.
    async fn hold_turn(&self, session: Seen<Session>, need: Need) {
        let began = Instant::now();
        let outcome = self.renew(&session.value, need, began).await;
        let outcome = outcome.unwrap_or_else(|error| {
            self.0.store_pause.begin(self.now());
            tracing::warn!(%error, "a refresh could not be completed: the session store failed");
            Outcome::StoreFailed
        });
        let now = self.now();
        self.0.metrics.refreshed(outcome.counted_as());
        self.log_refresh(&session.value, &outcome);
        let written = match outcome {
            Outcome::Lost | Outcome::StoreFailed => return,
            Outcome::Refused(_) => return self.end_refused(session.value.id()).await,
            _ if began.elapsed() >= LAST_WRITE => return,
            Outcome::Fresh(fresh) => {
                let Fresh { user, turn, access_token_ends_at } = *fresh;
                let change = self.0.sessions.replace(session, |content| {
                    content.user = user.unwrap_or_else(|| content.user.clone());
                    content.refresh = turn;
                    content.access_token_ends_at = Some(access_token_ends_at);
                });
                change.await
            }
            Outcome::NothingToRefresh => {
                self.0.sessions.replace(session, |content| content.refresh = RefreshTurn::Never).await
            }
            Outcome::Failed(error) => {
                let until = after(now, pause_after(&error) + jitter());
                self.0.sessions.replace(session, |content| content.refresh = RefreshTurn::PausedUntil(until)).await
            }
        };
        if let Err(error) = written {
            self.0.store_pause.begin(now);
            tracing::warn!(%error, "the outcome of a refresh could not be stored; it is looked at again in 15 seconds");
        }
    }

    /// Ends a session whose grant has ended. The user signs in again.
    async fn end_refused(&self, session: Id) {
        match self.0.sessions.end(session).await {
            Ok(ended) => {
                self.note_end(&ended, EndCause::RefreshRefused, None);
                self.revoke(&ended);
            }
            Err(error) => {
                tracing::warn!(%error, "a session whose grant has ended could not be ended; another try follows")
            }
        }
    }

    fn log_refresh(&self, session: &Session, outcome: &Outcome) {
        let concerned = || Concerned {
            subject: Some(&session.user().subject),
            client: None,
            session: Some(self.reference(session.id())),
        };
        match outcome {
            Outcome::Fresh(_) => audit::success("refreshed", concerned()),
            Outcome::Refused(error) => audit::failure("refresh_refused", concerned(), &error.clone().into()),
            // No request was sent: the log says once that the issuer is down.
            Outcome::Failed(OidcError::Outbound(OutboundError::CircuitOpen)) => {}
            Outcome::Failed(error) => audit::failure("refresh_failed", concerned(), &error.clone().into()),
            Outcome::NothingToRefresh | Outcome::Lost | Outcome::StoreFailed => {}
        }
    }
}

impl Outcome {
    fn counted_as(&self) -> RefreshOutcome {
        match self {
            Self::Fresh(_) => RefreshOutcome::Success,
            Self::NothingToRefresh => RefreshOutcome::NoRefreshToken,
            Self::Failed(OidcError::Outbound(OutboundError::CircuitOpen)) => RefreshOutcome::HeldBack,
            Self::Failed(_) => RefreshOutcome::Failure,
            Self::Refused(_) => RefreshOutcome::Refused,
            Self::Lost => RefreshOutcome::Lost,
            Self::StoreFailed => RefreshOutcome::StoreFailure,
        }
    }
}

fn left_of(patience: Duration, since: OffsetDateTime, now: OffsetDateTime) -> Duration {
    Duration::try_from(since + patience - now).unwrap_or(Duration::ZERO).min(patience)
}

fn pause_after(error: &OidcError) -> Duration {
    match error {
        OidcError::Outbound(OutboundError::Limited(_, seconds)) => {
            Duration::from_secs(*seconds).clamp(Duration::from_secs(1), MAX_PAUSE)
        }
        OidcError::ClientRefused(_) | OidcError::RefreshRefused(_) => PAUSE_AFTER_REFUSAL,
        _ => LEAST_PAUSE,
    }
}

fn jitter() -> Duration {
    let [low, high, ..] = random_bytes();
    Duration::from_millis(u64::from(u16::from_le_bytes([low, high])) % (MAX_JITTER_MILLISECONDS + 1))
}
