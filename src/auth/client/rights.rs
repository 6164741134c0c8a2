//! `CallerRights`: what the caller of one request may do. It gathers what a policy needs to be decided, each at most
//! once for the request: the claims with the marks of changed rights, and what Kinde's account API says where the
//! claims do not say it, or are known to be old. How that API is asked is in `asking`; how a policy combines all this,
//! in `policy`; what of it is shown to the caller, in `overview`.

mod asking;
mod overview;
mod slots;

use std::sync::{Arc, Mutex as SyncMutex, PoisonError};

use secrecy::{ExposeSecret, SecretString};
use time::OffsetDateTime;
use tokio::sync::Mutex;

use super::Client;
use super::bearer::{BearerToken, TokenHolder};
use super::refresh::Need;
use super::token_times::CLOCK_TOLERANCE;
use crate::auth::claims::{AccessTokenClaims, ClaimMap};
use crate::auth::error::{Denial, Error};
use crate::auth::observation::{Answer, Observed, Stage};
use crate::auth::oidc::Flavor;
use crate::auth::policy::{Facts, Policy, Truth};
use crate::auth::random::half_digest_of_all;
use crate::auth::rights::{Resource, Rights};
use crate::auth::session::{KeptRights, Marks, RememberedMarks, Seen, Session, StoredClaims, User};
pub(super) use asking::AccountApi;
pub(in crate::auth) use overview::Overview;

/// The rights of the caller of one request. Cheap to clone: all clones share what was looked up.
#[derive(Clone)]
pub(in crate::auth) struct CallerRights(Arc<Lookup>);

struct Lookup {
    client: Client,
    subject: Subject,
    /// `None` until a policy is checked, or claims are read.
    gathered: Mutex<Option<Box<Gathered>>>,
    /// The last policy that did not hold.
    denial: SyncMutex<Option<Denial>>,
}

/// Whose rights they are.
#[derive(Clone)]
enum Subject {
    Session(Arc<Session>),
    Token(Arc<BearerToken>),
}

/// What is known of the caller so far.
#[derive(Default)]
struct Gathered {
    access_token: Option<AccessTokenClaims>,
    /// Of the access token and of the ID token, as they were signed.
    signed: [Option<ClaimMap>; 2],
    /// The claims record of a session, to keep responses in.
    seen: Option<Seen<StoredClaims>>,
    kept: KeptRights,
    /// As they were when this request began to look.
    marks: Marks,
    /// Whether the account API can be asked.
    has_account_api: bool,
    /// Rights that decide.
    known: Rights,
    /// Rights that decide if the account API does not respond.
    last_known: Rights,
    /// What the account API responded to this request.
    asked: Rights,
    /// What it was asked for, with or without success.
    tried: Vec<Resource>,
}

impl CallerRights {
    pub(in crate::auth) fn of_session(client: &Client, session: Arc<Session>) -> Self {
        Self::of(client, Subject::Session(session))
    }

    pub(in crate::auth) fn of_token(client: &Client, token: Arc<BearerToken>) -> Self {
        Self::of(client, Subject::Token(token))
    }

    fn of(client: &Client, subject: Subject) -> Self {
        let lookup =
            Lookup { client: client.clone(), subject, gathered: Mutex::new(None), denial: SyncMutex::default() };
        Self(Arc::new(lookup))
    }

    /// Succeeds when a policy holds.
    ///
    /// # Errors
    /// [`Error::Forbidden`] (403) when it does not; [`Error::RightsUnknown`] (503) when that is not known;
    /// [`Error::Store`] (503); [`Error::NotAuthenticated`] (401) when the session has ended meanwhile.
    pub(in crate::auth) async fn check(&self, policy: &Policy) -> Result<(), Error> {
        let mut gathered = self.0.gathered.lock().await;
        let gathered = self.0.gather(&mut gathered).await?;
        let now = self.0.client.now();
        let login = self.0.authenticated_at();
        let is_open = |facts: Facts<'_>| {
            let (truth, after_login) = (policy.decide(facts), policy.decide_after_login(facts));
            truth == Truth::Unknown || truth == Truth::False && after_login == Truth::Unknown
        };
        let mut observed = Observed::default();
        if is_open(gathered.facts(login, now)) {
            let missing = policy.missing(gathered.facts(login, now));
            observed = self.0.ask(gathered, &missing).await;
        }
        let facts = gathered.facts(login, now);
        for flag in policy.flags_of_another_type(facts) {
            tracing::warn!(flag, %policy, "a feature flag has another type than a policy expects, which fails");
        }
        let decided = match policy.decide(facts) {
            Truth::True => Ok(()),
            Truth::Unknown => Err(Error::RightsUnknown),
            Truth::False => {
                let needs_login = policy.decide_after_login(facts) == Truth::True;
                let denial = Denial::of(policy, needs_login.then(|| policy.login_within()).flatten());
                *self.0.denial.lock().unwrap_or_else(PoisonError::into_inner) = Some(denial.clone());
                Err(Error::Forbidden(denial))
            }
        };
        observed.answered(Stage::AccountApi, || answer_of(policy, &decided));
        decided
    }

    /// The claims of the access token. `None` when it is opaque, or failed verification.
    pub(in crate::auth) async fn claims(&self) -> Result<Option<AccessTokenClaims>, Error> {
        let mut gathered = self.0.gathered.lock().await;
        Ok(self.0.gather(&mut gathered).await?.access_token.clone())
    }

    /// The application whose caller it is.
    pub(in crate::auth) fn client(&self) -> &Client {
        &self.0.client
    }

    /// The last policy that did not hold for this request.
    pub(in crate::auth) fn denial(&self) -> Option<Denial> {
        self.0.denial.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// What an observer is told of a policy for which the account API was asked.
fn answer_of(policy: &Policy, decided: &Result<(), Error>) -> Answer {
    match decided {
        Ok(()) => Answer::success(None, format!("what requires {policy} is open")),
        Err(error) => {
            let answer = error.as_answer();
            let summary = format!("{} (A route that requires {policy}; a page hides its part.)", answer.summary);
            Answer { summary, ..answer }
        }
    }
}

impl Gathered {
    fn facts(&self, authenticated_at: Option<OffsetDateTime>, now: OffsetDateTime) -> Facts<'_> {
        Facts {
            access_token: self.access_token.as_ref(),
            claims: self.signed.each_ref().map(Option::as_ref),
            authenticated_at,
            known: &self.known,
            asked: &self.asked,
            now,
        }
    }

    /// Which rights decide: the claims and kept responses that are not known to be old.
    fn settle(&mut self, claims: &RememberedMarks, flavor: Option<Flavor>, is_user: bool, now: OffsetDateTime) {
        // Kinde caches the claims of tokens, and a change of a role does not drop that cache: a new token may have old
        // rights for as long as everybody's mark stands.
        let may_be_cached = flavor != Some(Flavor::OpenId) && is_user && self.marks.concern_everybody();
        let do_count = self.marks.are_still(claims) && !may_be_cached;
        let of_claims = self.access_token.as_ref().filter(|_| do_count).map(Rights::of_claims).unwrap_or_default();
        self.has_account_api = is_user && flavor == Some(Flavor::Kinde);
        if is_user && flavor != Some(Flavor::OpenId) {
            self.known = of_claims.clone().or(&self.kept.current(&self.marks, now));
            self.last_known = of_claims.or(&self.kept.last_known(&self.marks));
        } else if do_count {
            // The claims are all there is: what they do not list is not there.
            self.known = of_claims.or(&Rights::none());
            self.asked = self.known.clone();
        }
    }
}

impl Lookup {
    /// When the user last proved at the issuer who they are.
    fn authenticated_at(&self) -> Option<OffsetDateTime> {
        match &self.subject {
            Subject::Session(session) => Some(session.authenticated_at()),
            Subject::Token(token) => {
                let seconds = token.signed.get("auth_time")?.as_i64()?;
                OffsetDateTime::from_unix_timestamp(seconds).ok().filter(|_| token.user().is_some())
            }
        }
    }

    /// `None` for a machine.
    fn user(&self) -> Option<&User> {
        match &self.subject {
            Subject::Session(session) => Some(session.user()),
            Subject::Token(token) => token.user(),
        }
    }

    /// What is known of the caller, read once.
    async fn gather<'a>(&self, gathered: &'a mut Option<Box<Gathered>>) -> Result<&'a mut Gathered, Error> {
        if gathered.is_none() {
            *gathered = Some(Box::new(self.read().await?));
        }
        gathered.as_deref_mut().ok_or_else(|| Error::Internal("nothing was gathered".to_owned()))
    }

    async fn read(&self) -> Result<Gathered, Error> {
        // Without discovery nothing can be asked, and what an issuer of either kind might have changed is not known.
        let flavor = self.client.0.issuer.metadata().await.ok().map(|metadata| metadata.flavor);
        match &self.subject {
            Subject::Session(session) => {
                let gathered = self.of_session(session, flavor).await?;
                let is_old = flavor == Some(Flavor::OpenId) && gathered.known.is_empty();
                // Another issuer than Kinde has nobody to ask but its token endpoint.
                if is_old && self.client.refresh_for(session, Need::Rights).await {
                    return self.of_session(session, flavor).await;
                }
                Ok(gathered)
            }
            Subject::Token(token) => {
                let issued_at = token.claims.iat.unwrap_or(OffsetDateTime::UNIX_EPOCH);
                let mut gathered = Gathered {
                    access_token: Some(token.claims.clone()),
                    signed: [Some(token.signed.clone()), None],
                    kept: self.client.0.bearer.rights.get(&key_of(&token.secret)).unwrap_or_default(),
                    marks: token.marks.clone(),
                    ..Gathered::default()
                };
                let remembered = token.marks.remembered_since(issued_at, CLOCK_TOLERANCE);
                let is_user = matches!(token.holder, TokenHolder::User(_));
                gathered.settle(&remembered, flavor, is_user, self.client.now());
                Ok(gathered)
            }
        }
    }

    async fn of_session(&self, session: &Session, flavor: Option<Flavor>) -> Result<Gathered, Error> {
        let now = self.client.now();
        let found = self.client.0.sessions.claims_and_marks(session, now).await?;
        let (seen, marks) = found.ok_or(Error::NotAuthenticated)?;
        if marks.have_ended(session.started_at(), CLOCK_TOLERANCE) {
            return Err(Error::NotAuthenticated);
        }
        let claims = &seen.value;
        let remembered = claims.marks.clone();
        let mut gathered = Gathered {
            access_token: claims.access_token.clone().and_then(AccessTokenClaims::from_map),
            signed: [claims.access_token.clone(), Some(claims.id_token.clone())],
            kept: claims.kept.clone(),
            seen: Some(seen),
            marks,
            ..Gathered::default()
        };
        gathered.settle(&remembered, flavor, true, now);
        Ok(gathered)
    }
}

fn key_of(token: &SecretString) -> [u8; 16] {
    half_digest_of_all(&[token.expose_secret().as_bytes()])
}
