//! From the stored tokens of a session to new ones: the requests of one refresh, the verification of what they return, and
//! the writes, each only if the record is as it was seen. Whose turn it is is decided in `refresh`.

use std::time::{Duration, Instant};

use secrecy::{ExposeSecret, SecretString};
use time::OffsetDateTime;
use tokio::time::timeout;

use super::Client;
use super::refresh::{LAST_WRITE, Need};
use super::token_times::{CLOCK_TOLERANCE, LEAST_PAUSE, due, end_of, is_good, turn_of};
use crate::auth::claims::ClaimMap;
use crate::auth::observation::{Answer, Observed, Stage};
use crate::auth::oidc::{
    self, Flavor, IdTokenError, IssuedTokens, Metadata, OidcError, OutboundError, Received, checks,
};
use crate::auth::session::{
    Ended, KeptRights, Marks, RefreshTurn, RememberedMarks, Seen, Session, SessionError, StoredClaims, TokenSet, User,
};

/// All requests to the issuer that one refresh needs.
const ISSUER_TIMEOUT: Duration = Duration::from_secs(10);

/// Each try that fails means that another request has just kept responses of the account API.
const MAX_TRIES: usize = 20;

/// How a turn ended.
pub(super) enum Outcome {
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
    /// The session store failed. Nothing more is written.
    StoreFailed,
}

pub(super) struct Fresh {
    /// The user as the new ID token describes them.
    pub(super) user: Option<User>,
    pub(super) turn: RefreshTurn,
    pub(super) access_token_ends_at: OffsetDateTime,
}

/// The tokens of a refresh as they arrived.
struct Arrived<'a> {
    issued: IssuedTokens,
    /// As they were before the tokens were requested.
    marks: Marks,
    /// When the refresh began.
    began: Instant,
    observed: &'a Observed,
}

/// The verified claims of refreshed tokens.
struct NewClaims {
    /// Those of the ID token, with the user where it names one.
    id_token: Option<(Option<User>, ClaimMap)>,
    access_token: Option<ClaimMap>,
}

impl Client {
    /// From the stored tokens to good ones.
    pub(super) async fn renew(&self, session: &Session, need: Need, began: Instant) -> Result<Outcome, SessionError> {
        let Some(seen) = self.0.sessions.see_tokens(session.id(), self.now()).await? else {
            return Ok(Outcome::NothingToRefresh);
        };
        let Some(refresh_token) = seen.value.refresh_token.clone() else { return Ok(Outcome::NothingToRefresh) };
        let observed = self.observed(|| Some(refresh_token.expose_secret()));
        let outcome = self.renew_by(&refresh_token, seen, session, need, (began, &observed)).await;
        observed.answered(Stage::Refresh, || answer_of(&outcome));
        outcome
    }

    async fn renew_by(
        &self,
        refresh_token: &SecretString,
        seen: Seen<TokenSet>,
        session: &Session,
        need: Need,
        (began, observed): (Instant, &Observed),
    ) -> Result<Outcome, SessionError> {
        let metadata = match timeout(ISSUER_TIMEOUT, self.0.issuer.metadata()).await {
            Ok(Ok(metadata)) => metadata,
            Ok(Err(error)) => return Ok(Outcome::Failed(error)),
            Err(_) => return Ok(Outcome::Failed(silence())),
        };
        if is_fresh(&seen.value, metadata.flavor, need, self.now()) {
            return self.finish_for_another(session, &seen.value, &metadata, (began, observed)).await;
        }
        // Before the tokens are requested: the marks that these tokens' rights belong to.
        let marks = self.0.sessions.marks_of(&session.user().subject, self.now()).await?;
        let left = ISSUER_TIMEOUT.saturating_sub(began.elapsed());
        let outbound = self.0.issuer.outbound();
        let mut received = Received::for_observer(observed);
        let request = oidc::refresh(&self.0.registration, &metadata, outbound, refresh_token, &mut received);
        let issued = timeout(left, request).await.unwrap_or_else(|_| Err(silence()));
        observed.checked(Stage::TokenResponse, || checks::token_response(&received, issued.as_ref()));
        match issued {
            Ok(issued) => self.accept(session, seen, &metadata, Arrived { issued, marks, began, observed }).await,
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
        (began, observed): (Instant, &Observed),
    ) -> Result<Outcome, SessionError> {
        let subject = &session.user().subject;
        let claims = self.access_token_claims(metadata, &tokens.access_token, subject, began, observed).await;
        let marks = self.0.sessions.marks_of(subject, self.now()).await?;
        let marks = marks.remembered_since(tokens.issued_at, CLOCK_TOLERANCE);
        self.store_claims(session, claims.ok().flatten(), None, marks).await?;
        Ok(fresh(None, at_least_in_a_while(turn_of(tokens, metadata.flavor), self.now()), tokens))
    }

    /// Verifies what the issuer returned, and stores it.
    async fn accept(
        &self,
        session: &Session,
        seen: Seen<TokenSet>,
        metadata: &Metadata,
        Arrived { issued, marks, began, observed }: Arrived<'_>,
    ) -> Result<Outcome, SessionError> {
        let new = match self.verify_refreshed(session, metadata, &issued, (began, observed)).await {
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
            self.store_claims(session, new.access_token, id_token, marks.remembered()).await?;
        }
        Ok(fresh(user.flatten(), at_least_in_a_while(turn, now), &tokens))
    }

    /// Verifies refreshed tokens. A defect of the ID token, other than that it is another user's or issuer's, only leaves
    /// it unused: the user is known (OIDC Core §12.2).
    ///
    /// # Errors
    /// [`OidcError::TokensOfAnother`] when a token is right in every respect and another user's or issuer's.
    async fn verify_refreshed(
        &self,
        session: &Session,
        metadata: &Metadata,
        issued: &IssuedTokens,
        (began, observed): (Instant, &Observed),
    ) -> Result<NewClaims, OidcError> {
        let known = session.user();
        let id_token = match issued.id_token {
            None => None,
            Some(_) => match self.verify_id_token(metadata, issued, None, began, observed).await {
                Ok(token) if token.subject == known.subject => {
                    let user = (!token.user.is_nameless())
                        .then(|| User::new(&known.issuer, token.subject.clone(), token.user.clone()));
                    Some((user, token.claims))
                }
                Ok(_) | Err(OidcError::IdToken(IdTokenError::WrongIssuer)) => {
                    return Err(OidcError::TokensOfAnother);
                }
                Err(error) => {
                    tracing::warn!(%error, "the ID token of a refresh is not used");
                    None
                }
            },
        };
        let (token, subject) = (&issued.access_token, &known.subject);
        let access_token = self.access_token_claims(metadata, token, subject, began, observed).await;
        Ok(NewClaims { id_token, access_token: access_token.map_err(|_| OidcError::TokensOfAnother)? })
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

    /// Stores the claims of refreshed tokens. Without an ID token, those of the former one stay. The same access token
    /// has the rights that it had, so it keeps its marks. What the account API responded before counts no longer.
    async fn store_claims(
        &self,
        session: &Session,
        access_token: Option<ClaimMap>,
        id_token: Option<ClaimMap>,
        marks: RememberedMarks,
    ) -> Result<(), SessionError> {
        // A request that keeps the account API's responses may replace the claims at the same time.
        for _ in 0..MAX_TRIES {
            let Some(seen) = self.0.sessions.see_claims(session.id(), self.now()).await? else { return Ok(()) };
            let is_same = access_token.is_some() && access_token == seen.value.access_token;
            let claims = StoredClaims {
                access_token: access_token.clone(),
                id_token: id_token.as_ref().unwrap_or(&seen.value.id_token).clone(),
                marks: if is_same { &seen.value.marks } else { &marks }.clone(),
                kept: KeptRights::default(),
            };
            if self.0.sessions.replace_claims(seen, claims).await?.is_some() {
                return Ok(());
            }
        }
        Err(SessionError::Store("the claims of refreshed tokens were replaced again and again".to_owned()))
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

    fn revoke_issued(&self, issued: IssuedTokens, former: &TokenSet) {
        let tokens = renewed(former, issued, None, false, self.now());
        self.revoke(&Ended { tokens: Some(tokens), ..Ended::default() });
    }
}

/// What an observer is told of the end of a refresh.
fn answer_of(outcome: &Result<Outcome, SessionError>) -> Answer {
    let (summary, reason) = match outcome {
        Ok(Outcome::Fresh(_)) => ("the session goes on with new tokens", None),
        Ok(Outcome::NothingToRefresh) => ("there is no refresh token", None),
        Ok(Outcome::Failed(error)) => {
            ("the session stays, and another try follows after a pause", Some(error.to_string()))
        }
        Ok(Outcome::Refused(error)) => ("the session ends, and the user signs in again", Some(error.to_string())),
        Ok(Outcome::Lost) => ("the session has ended meanwhile, or another process goes on", None),
        Ok(Outcome::StoreFailed) => ("the session store failed", None),
        Err(error) => ("the session store failed", Some(error.to_string())),
    };
    Answer { reason, ..Answer::success(None, summary) }
}

/// Whether stored tokens serve a need as they are.
fn is_fresh(tokens: &TokenSet, flavor: Flavor, need: Need, now: OffsetDateTime) -> bool {
    match need {
        Need::Due => now < due(tokens, flavor),
        Need::Call => is_good(tokens, flavor, now),
        Need::Rights => now - tokens.issued_at < LEAST_PAUSE,
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

fn silence() -> OidcError {
    OutboundError::TimedOut("the issuer".to_owned()).into()
}
