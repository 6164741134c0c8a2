//! Refreshes the tokens of a session once for each expiry, whatever the number of requests and processes. Trouble at the
//! issuer never ends a session; only a refresh token that the issuer refuses does.
//!
//! The turn to refresh is a part of the session record ([`RefreshTurn`]): the process that replaces the record holds it.
//! The holder writes tokens, then claims, then the session, each only if it is as it was seen. A holder that dies
//! half-way is followed after 15 seconds by another one, which finds the new tokens, or refreshes.

use std::sync::Arc;
use std::time::{Duration, Instant};

use secrecy::ExposeSecret;
use time::OffsetDateTime;
use tokio::time::timeout;
use tracing::Instrument;

use super::Client;
use super::flights::Flight;
use super::token_times::{LEAST_PAUSE, after, due, end_of, is_good, turn_of};
use crate::auth::audit::{self, Concerned};
use crate::auth::claims::ClaimMap;
use crate::auth::error::Error;
use crate::auth::oidc::{self, Flavor, IdTokenError, IssuedTokens, Metadata, OidcError, OutboundError};
use crate::auth::random::{random_bytes, random_value};
use crate::auth::session::{
    Ended, Id, RefreshTurn, Seen, Session, SessionError, SessionSecret, StoredClaims, TAKEN_OVER_AFTER, TokenSet, User,
};

/// How long a request whose access token has ended waits for the refresh, from when that began.
const PATIENCE: Duration = Duration::from_secs(2);
/// All requests to the issuer that one refresh needs.
const ISSUER_TIMEOUT: Duration = Duration::from_secs(10);
/// The holder writes nothing later than this after it took the turn, because another one may take it over soon after.
const LAST_WRITE: Duration = TAKEN_OVER_AFTER.saturating_sub(Duration::from_secs(2));
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
}

/// How a turn ended.
enum Outcome {
    /// The tokens and claims that are stored now are good.
    Fresh(Box<Fresh>),
    /// There is no refresh token.
    NothingToRefresh,
    /// The session stays, and the next try comes after a pause.
    Failed(OidcError),
    /// The issuer ended the grant, or the tokens are another user's: the session ends.
    Refused(OidcError),
    /// The session ended meanwhile, or another process took over. Nothing is written.
    Lost,
}

struct Fresh {
    /// The user as the new ID token describes them.
    user: Option<User>,
    turn: RefreshTurn,
    access_token_ends_at: OffsetDateTime,
}

/// Whether this process refreshes.
enum Turn {
    Taken(Box<Seen<Session>>),
    /// Another process does.
    Others,
    NotNeeded,
}

/// The verified claims of refreshed tokens.
struct NewClaims {
    /// Those of the ID token, with the user where it names one.
    id_token: Option<(Option<User>, ClaimMap)>,
    access_token: Option<ClaimMap>,
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
        let may_come_early = need == Need::Call && matches!(turn, RefreshTurn::At(_));
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
            Outcome::Lost
        });
        let now = self.now();
        self.log_refresh(&session.value, &outcome);
        let written = match outcome {
            Outcome::Lost => return,
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

    /// From the stored tokens to good ones.
    async fn renew(&self, session: &Session, need: Need, began: Instant) -> Result<Outcome, SessionError> {
        let Some(seen) = self.0.sessions.see_tokens(session.id(), self.now()).await? else {
            return Ok(Outcome::NothingToRefresh);
        };
        let Some(refresh_token) = seen.value.refresh_token.clone() else { return Ok(Outcome::NothingToRefresh) };
        let metadata = match timeout(ISSUER_TIMEOUT, self.0.issuer.metadata()).await {
            Ok(Ok(metadata)) => metadata,
            Ok(Err(error)) => return Ok(Outcome::Failed(error)),
            Err(_) => return Ok(Outcome::Failed(silence())),
        };
        if is_fresh(&seen.value, metadata.flavor, need, self.now()) {
            return self.finish_for_another(session, &seen.value, &metadata, began).await;
        }
        let left = ISSUER_TIMEOUT.saturating_sub(began.elapsed());
        let outbound = self.0.issuer.outbound();
        let issued = timeout(left, oidc::refresh(&self.0.registration, &metadata, outbound, &refresh_token)).await;
        match issued.unwrap_or_else(|_| Err(silence())) {
            Ok(issued) => self.accept(session, seen, &metadata, issued, began).await,
            Err(OidcError::RefreshTokenRefused) => self.after_refusal(session, &seen, metadata.flavor).await,
            Err(error) => Ok(Outcome::Failed(error)),
        }
    }

    /// Another process had stored good tokens and then stopped: completes its work from them.
    async fn finish_for_another(
        &self,
        session: &Session,
        tokens: &TokenSet,
        metadata: &Metadata,
        began: Instant,
    ) -> Result<Outcome, SessionError> {
        let subject = &session.user().subject;
        let claims = self.access_token_claims(metadata, &tokens.access_token, subject, began).await;
        self.store_claims(session, claims.ok().flatten(), None).await?;
        Ok(fresh(None, at_least_in_a_while(turn_of(tokens, metadata.flavor), self.now()), tokens))
    }

    /// Verifies what the issuer returned, and stores it.
    async fn accept(
        &self,
        session: &Session,
        seen: Seen<TokenSet>,
        metadata: &Metadata,
        issued: IssuedTokens,
        began: Instant,
    ) -> Result<Outcome, SessionError> {
        let new = match self.verify_refreshed(session, metadata, &issued, began).await {
            Ok(new) => new,
            Err(error) => {
                self.revoke_issued(issued, &seen.value);
                return Ok(Outcome::Refused(error));
            }
        };
        let now = self.now();
        let is_same = issued.access_token.expose_secret() == seen.value.access_token.expose_secret();
        let keeps_id_token = new.id_token.is_some() && seen.value.id_token.is_some();
        let tokens = renewed(&seen.value, issued, new.access_token.as_ref(), keeps_id_token, now);
        let turn = match turn_of(&tokens, metadata.flavor) {
            // The issuer has no other at the moment, so that no call should request one either.
            RefreshTurn::At(_) if is_same => RefreshTurn::PausedUntil(tokens.expires_at.max(now + LEAST_PAUSE)),
            turn => turn,
        };
        if began.elapsed() >= LAST_WRITE || !self.store_tokens(session, seen, &tokens).await? {
            return Ok(Outcome::Lost);
        }
        let (user, id_token) = new.id_token.unzip();
        if began.elapsed() < LAST_WRITE {
            self.store_claims(session, new.access_token, id_token).await?;
        }
        Ok(fresh(user.flatten(), at_least_in_a_while(turn, now), &tokens))
    }

    /// Verifies refreshed tokens. A defect of the ID token, other than that it is another user's or issuer's, only leaves
    /// it unused: the user is known (OIDC Core §12.2).
    ///
    /// # Errors
    /// [`OidcError::RefreshedForAnother`] when a token is right in every respect and another user's or issuer's.
    async fn verify_refreshed(
        &self,
        session: &Session,
        metadata: &Metadata,
        issued: &IssuedTokens,
        began: Instant,
    ) -> Result<NewClaims, OidcError> {
        let known = session.user();
        let id_token = match issued.id_token {
            None => None,
            Some(_) => match self.verify_id_token(metadata, issued, None, began).await {
                Ok(token) if token.subject == known.subject => {
                    let user = (!token.user.is_nameless())
                        .then(|| User::new(&known.issuer, token.subject.clone(), token.user.clone()));
                    Some((user, token.claims))
                }
                Ok(_) | Err(OidcError::IdToken(IdTokenError::WrongIssuer)) => {
                    return Err(OidcError::RefreshedForAnother);
                }
                Err(error) => {
                    tracing::warn!(%error, "the ID token of a refresh is not used");
                    None
                }
            },
        };
        let access_token = self.access_token_claims(metadata, &issued.access_token, &known.subject, began).await;
        Ok(NewClaims { id_token, access_token: access_token.map_err(|_| OidcError::RefreshedForAnother)? })
    }

    /// Stores refreshed tokens. `false` when the session has ended, and then the new tokens are revoked; or when another
    /// process took over, and then its tokens stand.
    async fn store_tokens(
        &self,
        session: &Session,
        seen: Seen<TokenSet>,
        tokens: &TokenSet,
    ) -> Result<bool, SessionError> {
        if self.0.sessions.replace_tokens(seen, tokens).await? {
            return Ok(true);
        }
        if self.0.sessions.see_tokens(session.id(), self.now()).await?.is_none() {
            self.revoke(&Ended { tokens: Some(tokens.clone()), ..Ended::default() });
        }
        Ok(false)
    }

    /// Stores the claims of refreshed tokens. Without an ID token, those of the former one stay.
    async fn store_claims(
        &self,
        session: &Session,
        access_token: Option<ClaimMap>,
        id_token: Option<ClaimMap>,
    ) -> Result<(), SessionError> {
        let Some(seen) = self.0.sessions.see_claims(session.id(), self.now()).await? else { return Ok(()) };
        let id_token = id_token.unwrap_or_else(|| seen.value.id_token.clone());
        self.0.sessions.replace_claims(seen, &StoredClaims { access_token, id_token }).await.map(drop)
    }

    /// The issuer refused the refresh token. If the stored tokens are the same as before, the grant has ended; if not,
    /// another process has used it meanwhile, and its tokens are good.
    async fn after_refusal(
        &self,
        session: &Session,
        seen: &Seen<TokenSet>,
        flavor: Flavor,
    ) -> Result<Outcome, SessionError> {
        let Some(now_stored) = self.0.sessions.see_tokens(session.id(), self.now()).await? else {
            return Ok(Outcome::Lost);
        };
        if now_stored.is_as_seen_by(seen) {
            return Ok(Outcome::Refused(OidcError::RefreshTokenRefused));
        }
        let turn = at_least_in_a_while(turn_of(&now_stored.value, flavor), self.now());
        Ok(fresh(None, turn, &now_stored.value))
    }

    /// Ends a session whose grant has ended. The user signs in again.
    async fn end_refused(&self, session: Id) {
        match self.0.sessions.end(session).await {
            Ok(ended) => drop(self.revoke(&ended)),
            Err(error) => {
                tracing::warn!(%error, "a session whose grant has ended could not be ended; another try follows")
            }
        }
    }

    fn revoke_issued(&self, issued: IssuedTokens, former: &TokenSet) {
        let tokens = renewed(former, issued, None, false, self.now());
        self.revoke(&Ended { tokens: Some(tokens), ..Ended::default() });
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
            Outcome::NothingToRefresh | Outcome::Lost => {}
        }
    }
}

/// Whether stored tokens serve a need as they are.
fn is_fresh(tokens: &TokenSet, flavor: Flavor, need: Need, now: OffsetDateTime) -> bool {
    match need {
        Need::Due => now < due(tokens, flavor),
        Need::Call => is_good(tokens, flavor, now),
    }
}

fn fresh(user: Option<User>, turn: RefreshTurn, tokens: &TokenSet) -> Outcome {
    Outcome::Fresh(Box::new(Fresh { user, turn, access_token_ends_at: tokens.expires_at }))
}

/// The tokens of a refresh. What the response lacks stays as it was.
fn renewed(
    former: &TokenSet,
    issued: IssuedTokens,
    claims: Option<&ClaimMap>,
    keeps_id_token: bool,
    now: OffsetDateTime,
) -> TokenSet {
    let expires_at = end_of(&issued, claims, now);
    TokenSet {
        access_token: issued.access_token,
        refresh_token: issued.refresh_token.or_else(|| former.refresh_token.clone()),
        id_token: if keeps_id_token { issued.id_token } else { former.id_token.clone() },
        issued_at: now,
        expires_at,
    }
}

/// Keeps two refreshes of a session apart, however short its tokens live.
fn at_least_in_a_while(turn: RefreshTurn, now: OffsetDateTime) -> RefreshTurn {
    match turn {
        RefreshTurn::At(due) => RefreshTurn::At(due.max(now + LEAST_PAUSE)),
        turn => turn,
    }
}

fn left_of(patience: Duration, since: OffsetDateTime, now: OffsetDateTime) -> Duration {
    Duration::try_from(since + patience - now).unwrap_or(Duration::ZERO).min(patience)
}

fn silence() -> OidcError {
    OutboundError::TimedOut("the issuer".to_owned()).into()
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
