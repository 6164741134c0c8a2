//! Completing a sign-in: from the callback to a session, in one call. What follows an error that the issuer returned is
//! in `declined`.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use time::OffsetDateTime;

use super::declined::Declined;
use super::token_times::{CLOCK_TOLERANCE, end_of, turn_of};
use super::{BrowserCookies, Client, CookieChange, PendingCookie, SessionCookie};
use crate::auth::audit::{self, Concerned};
use crate::auth::claims::{ClaimMap, IdTokenClaims, is_persistent};
use crate::auth::error::Error;
use crate::auth::metrics::{Attempt, EndCause};
use crate::auth::observation::{Answer, Observed, Stage};
use crate::auth::oidc::{
    self, Admission, Callback, Flavor, IssuedTokens, Metadata, OidcError, OutboundError, Received, TOTAL_TIMEOUT,
    UserClaims, VerifiedIdToken, checks,
};
use crate::auth::session::{
    Beginning, Ended, KeptRights, NewSession, PendingAuthorization, ReturnTo, SessionSecret, StoredClaims, TokenSet,
    User,
};

/// All requests to the issuer that one sign-in needs.
const SIGN_IN_TIMEOUT: Duration = TOTAL_TIMEOUT.saturating_add(Duration::from_millis(500));

/// The result of a callback, and the changes of the browser's cookies, which apply after a failure, too.
pub(in crate::auth) struct Completed {
    /// The path or URL to send the browser to.
    pub(in crate::auth) location: Result<String, Error>,
    pub(in crate::auth) cookies: Vec<CookieChange>,
}

/// A sign-in that is being completed.
struct UnderWay {
    began: Instant,
    /// The client's, where known.
    address: Option<IpAddr>,
    observed: Observed,
}

/// What a callback led to.
enum Outcome {
    /// This user signed in, and returns to this path.
    SignedIn(User, ReturnTo),
    /// No user signed in, as was to be expected, and the browser goes on.
    Declined(Declined),
}

impl Client {
    /// Completes a sign-in. It runs to its end even when the browser disconnects. `address` and `device` are the
    /// client's, where known.
    ///
    /// Every callback for a pending authorization uses it up: a malformed one, an error of the issuer, a code. It stays
    /// when no request could be sent for it (503), so that the browser can load the callback again. A callback without
    /// one leads a signed-in user to the start page: it was most likely loaded again.
    pub(in crate::auth) async fn complete(
        &self,
        callback: Callback,
        browser: BrowserCookies,
        address: Option<IpAddr>,
        device: Option<String>,
    ) -> Completed {
        let client = self.clone();
        let observed = self.observed(|| callback.states.first().map(String::as_str));
        let under_way = UnderWay { began: Instant::now(), address, observed };
        let work = async move {
            let mut cookies = Vec::new();
            let outcome = client.complete_now(callback, &browser, device, &under_way, &mut cookies).await;
            client.note_sign_in(&outcome, &cookies, address);
            under_way.observed.answered(Stage::Callback, || answer_of(&outcome));
            let location = match outcome {
                Ok(Outcome::SignedIn(_, return_to)) => Ok(return_to.into()),
                Ok(Outcome::Declined(declined)) => Ok(declined.location),
                Err(Error::NoPendingAuthorization) if client.is_signed_in(&browser).await => {
                    Ok(ReturnTo::home().into())
                }
                Err(error) => Err(error),
            };
            Completed { location, cookies }
        };
        self.run_to_end(work).await.unwrap_or_else(|error| {
            self.0.metrics.signed_in(Attempt::failed(&error));
            audit::failure("sign_in", Concerned { client: address, ..Concerned::default() }, &error);
            Completed { location: Err(error), cookies: Vec::new() }
        })
    }

    async fn is_signed_in(&self, browser: &BrowserCookies) -> bool {
        self.session(browser.session).await.is_ok_and(|session| session.is_some())
    }

    async fn complete_now(
        &self,
        callback: Callback,
        browser: &BrowserCookies,
        device: Option<String>,
        under_way: &UnderWay,
        cookies: &mut Vec<CookieChange>,
    ) -> Result<Outcome, Error> {
        let ids: Vec<_> = callback.states.iter().map(|state| self.0.pending.id_of(state)).collect();
        let named: Vec<PendingCookie> =
            browser.pending.iter().filter(|cookie| ids.contains(&cookie.id)).cloned().collect();
        let tell = |is_own, metadata: Option<&Metadata>| {
            under_way.observed.checked(Stage::Callback, || {
                checks::callback(callback.states.first(), &callback.response, is_own, metadata)
            });
        };
        let response = match &callback.response {
            Ok(response) => response,
            Err(defect) => {
                tell(false, None);
                cookies.extend(self.forget(&named).await?);
                return Err(OidcError::MalformedCallback(defect).into());
            }
        };
        let Some(cookie) = named.first() else {
            tell(false, None);
            return Err(self.without_pending(response));
        };
        if !self.0.pending.is_pending(cookie.id, &cookie.binding, self.now()).await? {
            tell(false, None);
            cookies.push(CookieChange::RemovePending(cookie.id));
            return Err(self.without_pending(response));
        }
        self.0.callback_watch.came_back();
        let metadata = self.0.issuer.metadata().await?;
        tell(true, Some(&metadata));
        if let Err(error) = response.check_issuer(&metadata) {
            self.take_pending(cookie, cookies).await?;
            return Err(error.into());
        }
        match callback.response.map(|response| response.outcome) {
            Err(defect) => Err(OidcError::MalformedCallback(defect).into()),
            Ok(oidc::Outcome::Error(error)) => {
                let pending = self.take_pending(cookie, cookies).await?;
                self.declined(error, pending.request, browser, cookies).await.map(Outcome::Declined)
            }
            Ok(oidc::Outcome::Code(code)) => {
                let (new, return_to) = self.use_pending(cookie, code, &metadata, under_way, cookies).await?;
                let user = new.user.clone();
                cookies.push(self.replace_session(browser.session, new, device).await?);
                Ok(Outcome::SignedIn(user, return_to))
            }
        }
    }

    /// Takes the pending authorization as soon as its requests can be sent, and uses it.
    async fn use_pending(
        &self,
        cookie: &PendingCookie,
        code: String,
        metadata: &Metadata,
        under_way: &UnderWay,
        cookies: &mut Vec<CookieChange>,
    ) -> Result<(NewSession, ReturnTo), Error> {
        let _slot = self.0.slots.take(under_way.address).map_err(OidcError::from)?;
        let admission = self.0.issuer.outbound().admit().map_err(OidcError::from)?;
        let pending = self.take_pending(cookie, cookies).await?;
        let return_to = pending.request.return_to.clone();
        // Each request has a time limit of its own; together they have one that a user still waits for.
        let identified =
            tokio::time::timeout(SIGN_IN_TIMEOUT, self.identify(metadata, admission, code, pending, under_way)).await;
        let timed_out = |_| OidcError::from(OutboundError::TimedOut("the issuer".to_owned()));
        Ok((identified.map_err(timed_out)??, return_to))
    }

    /// Takes a pending authorization and removes its cookie: from now on it is used up.
    async fn take_pending(
        &self,
        cookie: &PendingCookie,
        cookies: &mut Vec<CookieChange>,
    ) -> Result<PendingAuthorization, Error> {
        let taken = self.0.pending.take(cookie.id, &cookie.binding, self.now()).await?;
        cookies.push(CookieChange::RemovePending(cookie.id));
        taken.ok_or(Error::NoPendingAuthorization)
    }

    /// From a code to a verified user: every request that needs the pending authorization.
    async fn identify(
        &self,
        metadata: &Metadata,
        admission: Admission,
        code: String,
        pending: PendingAuthorization,
        UnderWay { began, observed, .. }: &UnderWay,
    ) -> Result<NewSession, Error> {
        let (outbound, asked_at) = (self.0.issuer.outbound(), self.now());
        let demanded_login = pending.request.options.demands_login();
        let end_of_all = pending.end_of_all;
        let (registration, code_verifier) = (&self.0.registration, pending.code_verifier);
        let mut received = Received::for_observer(observed);
        let issued =
            oidc::exchange_code(registration, metadata, outbound, admission, code, code_verifier, &mut received).await;
        observed.checked(Stage::TokenResponse, || checks::token_response(&received, issued.as_ref()));
        let issued = issued?;
        self.0.refresh_token_watch.signed_in(&self.config().scope, issued.refresh_token.is_some());
        let id_token = self.verify_id_token(metadata, &issued, Some(&pending.nonce), *began, observed).await?;
        let user = self.complete_claims(metadata, &id_token, &issued, observed).await?;
        let subject = id_token.subject;
        let claims = self.access_token_claims(metadata, &issued.access_token, &subject, *began, observed).await;
        let is_of_another = claims.is_err();
        let access_token = claims.ok().flatten();
        let tokens = token_set(issued, metadata, access_token.as_ref(), self.now());
        // The user is known only now. If the marks cannot be read, no session can be written either.
        let marks = match self.0.sessions.marks_of(&subject, self.now()).await {
            Ok(marks) if !is_of_another => marks,
            refused => {
                self.revoke(&Ended { tokens: Some(tokens), ..Ended::default() });
                return Err(refused.map_or_else(Error::from, |_| OidcError::TokensOfAnother.into()));
            }
        };
        let authenticated_at = IdTokenClaims::from_map(id_token.claims.clone()).and_then(|claims| claims.auth_time);
        Ok(NewSession {
            user: User::new(self.0.issuer.url(), subject, user),
            authenticated_at,
            demanded_login,
            end_of_all,
            refresh: turn_of(&tokens, metadata.flavor),
            sid: sid_of(&id_token.claims).filter(|_| metadata.flavor == Flavor::OpenId),
            tokens,
            claims: StoredClaims {
                access_token,
                id_token: id_token.claims,
                marks: marks.remembered_since(asked_at, CLOCK_TOLERANCE),
                kept: KeptRights::default(),
            },
        })
    }

    /// Some issuers put name and e-mail only into userinfo (OIDC Core §5.4), which is fetched when the ID token has
    /// neither. Another subject there is an attack; no response is no reason to refuse the user.
    async fn complete_claims(
        &self,
        metadata: &Metadata,
        token: &VerifiedIdToken,
        issued: &IssuedTokens,
        observed: &Observed,
    ) -> Result<UserClaims, OidcError> {
        let (true, Some(endpoint)) = (token.user.is_nameless(), &metadata.userinfo_endpoint) else {
            return Ok(token.user.clone());
        };
        let (subject, outbound) = (&token.subject, self.0.issuer.outbound());
        let mut received = Received::for_observer(observed);
        let fetched = oidc::fetch_userinfo(endpoint, &issued.access_token, subject, outbound, &mut received).await;
        observed.checked(Stage::Userinfo, || checks::userinfo(&received, subject, fetched.as_ref().map(drop)));
        match fetched {
            Ok(userinfo) => Ok(token.user.clone().or(userinfo)),
            Err(OidcError::Outbound(error)) => {
                tracing::warn!(%error, "userinfo could not be fetched; the ID token's claims are used alone");
                Ok(token.user.clone())
            }
            Err(error) => Err(error),
        }
    }

    /// Begins the new session and ends the one that the browser had until now. The old tokens are only forgotten:
    /// revoking them may end the issuer's session, to which the new tokens belong.
    async fn replace_session(
        &self,
        former: SessionCookie,
        new: NewSession,
        device: Option<String>,
    ) -> Result<CookieChange, Error> {
        let (subject, secret) = (new.user.subject.clone(), SessionSecret::random());
        let beginning = Beginning { sid: new.sid.clone(), end_of_all: new.end_of_all.clone() };
        let signed_in_at = new.tokens.issued_at;
        let persistent = new.claims.access_token.as_ref().is_none_or(is_persistent);
        let tokens = new.tokens.clone();
        if let Err(error) = self.0.sessions.begin(secret, new, device, self.now()).await {
            self.revoke(&Ended { tokens: Some(tokens), ..Ended::default() });
            return Err(error.into());
        }
        self.0.metrics.session_begun();
        if let SessionCookie::Present(former) = former {
            match self.0.sessions.end_by_secret(former).await {
                Ok(ended) => self.note_end(&ended, EndCause::NewSignIn, None),
                Err(error) => {
                    // The user has to sign in again.
                    self.end_without_browser(secret).await;
                    return Err(error.into());
                }
            }
        }
        self.refuse_ended(&subject, beginning, secret, signed_in_at).await?;
        self.end_surplus_of(&subject, secret).await;
        Ok(CookieChange::SetSession { secret, persistent })
    }

    /// Ends a session that has just begun if the user's access, the issuer's own session, or all sessions ended during
    /// the sign-in. The call that ended them deleted sessions before this one was written, so it could not delete this
    /// one.
    async fn refuse_ended(
        &self,
        subject: &str,
        beginning: Beginning,
        secret: SessionSecret,
        signed_in_at: OffsetDateTime,
    ) -> Result<(), Error> {
        let ends = self.0.sessions.ends_during(beginning, subject, self.now()).await;
        let error = match ends {
            Ok(ends) if ends.all_sessions => Error::NoPendingAuthorization,
            Ok(ends) if ends.issuers_session || ends.marks.have_ended(signed_in_at, CLOCK_TOLERANCE) => {
                OidcError::Declined(oidc::Declined::AccessDenied).into()
            }
            Ok(_) => return Ok(()),
            Err(error) => error.into(),
        };
        self.end_without_browser(secret).await;
        Err(error)
    }

    /// Ends a session whose cookie no browser will receive.
    async fn end_without_browser(&self, secret: SessionSecret) {
        match self.0.sessions.end_by_secret(secret).await {
            Ok(ended) => {
                self.note_end(&ended, EndCause::FailedSignIn, None);
                self.revoke(&ended);
            }
            Err(error) => tracing::warn!(%error, "a session without a browser stays until it expires"),
        }
    }

    /// Ends the user's sessions beyond the allowed number. A failure does not fail the sign-in: the next sign-in tries
    /// again.
    async fn end_surplus_of(&self, subject: &str, newest: SessionSecret) {
        match self.0.sessions.end_surplus(newest, subject, self.now()).await {
            Ok(ended) => {
                for ended in ended {
                    self.note_end(&ended, EndCause::Surplus, None);
                    self.revoke(&ended);
                }
            }
            Err(error) => tracing::warn!(%error, "a user's surplus sessions could not be ended"),
        }
    }

    /// Counts and logs how a sign-in ended. The session that began is the one that a cookie is set for.
    fn note_sign_in(&self, outcome: &Result<Outcome, Error>, cookies: &[CookieChange], client: Option<IpAddr>) {
        let session = cookies.iter().find_map(|change| match change {
            CookieChange::SetSession { secret, .. } => Some(self.reference(self.0.sessions.id_of(*secret))),
            _ => None,
        });
        match outcome {
            Ok(Outcome::SignedIn(user, _)) => {
                self.0.metrics.signed_in(Attempt::Succeeded);
                audit::success("sign_in", Concerned { subject: Some(&user.subject), client, session });
            }
            Ok(Outcome::Declined(Declined { error, .. })) | Err(error) => {
                self.0.metrics.signed_in(Attempt::failed(error));
                audit::failure("sign_in", Concerned { client, ..Concerned::default() }, error)
            }
        }
    }
}

/// What an observer is told of the end of a sign-in.
fn answer_of(outcome: &Result<Outcome, Error>) -> Answer {
    match outcome {
        Ok(Outcome::SignedIn(user, return_to)) => {
            Answer::success(303, format!("signed in as {}, returns to {}", user.subject, return_to.as_str()))
        }
        Ok(Outcome::Declined(declined)) => {
            let answer = Answer::success(303, "not signed in, as was to be expected; the browser goes on");
            Answer { reason: Some(declined.error.to_string()), ..answer }
        }
        Err(error) => error.as_answer(),
    }
}

/// The longest `sid` that is kept, in bytes. No specification limits it.
const MAX_SID_BYTES: usize = 255;

/// The issuer's own session, where its ID token states one (OpenID Connect Back-Channel Logout 1.0 §2.1).
fn sid_of(claims: &ClaimMap) -> Option<String> {
    let sid = claims.get("sid")?.as_str()?;
    (1..=MAX_SID_BYTES).contains(&sid.len()).then(|| sid.to_owned())
}

/// The tokens to store. The ID token only where sign-out passes it on (RP-Initiated Logout 1.0 §2).
fn token_set(issued: IssuedTokens, metadata: &Metadata, claims: Option<&ClaimMap>, now: OffsetDateTime) -> TokenSet {
    let expires_at = end_of(&issued, claims, now);
    let keeps_id_token = metadata.flavor == Flavor::OpenId && metadata.end_session_endpoint.is_some();
    TokenSet {
        access_token: issued.access_token,
        refresh_token: issued.refresh_token,
        id_token: issued.id_token.filter(|_| keeps_id_token),
        issued_at: now,
        expires_at,
    }
}
