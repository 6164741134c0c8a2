//! Completing a sign-in: from the callback to a session, in one call.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use secrecy::ExposeSecret;

use super::{BrowserCookies, Client, CookieChange, PendingCookie, SessionCookie};
use crate::auth::audit::{self, Concerned};
use crate::auth::error::Error;
use crate::auth::oidc::{
    self, Admission, AuthorizationResponse, Callback, Expected, IdTokenClaims, IdTokenError, JwtError, Metadata,
    OidcError, OutboundError, Outcome, TOTAL_TIMEOUT, UserClaims, VerifiableTokens,
};
use crate::auth::session::{Ended, PendingAuthorization, ReturnTo, SessionSecret, TokenSet, User};

/// All requests to the issuer that one sign-in needs.
const SIGN_IN_TIMEOUT: Duration = TOTAL_TIMEOUT.saturating_add(Duration::from_millis(500));

/// The result of a callback, and the changes of the browser's cookies, which apply after a failure, too.
pub(in crate::auth) struct Completed {
    pub(in crate::auth) outcome: Result<SignedIn, Error>,
    pub(in crate::auth) cookies: Vec<CookieChange>,
}

/// The user who signed in, and the path to send the browser to.
pub(in crate::auth) struct SignedIn {
    pub(in crate::auth) user: User,
    pub(in crate::auth) return_to: ReturnTo,
}

impl Client {
    /// Completes a sign-in. It runs to its end even when the browser disconnects. `address` is the client's, where
    /// known.
    ///
    /// Every callback for a pending authorization uses it up: a malformed one, an error of the issuer, a code. It stays
    /// when no request could be sent for it (503), so that the browser can load the callback again.
    pub(in crate::auth) async fn complete(
        &self,
        callback: Callback,
        browser: BrowserCookies,
        address: Option<IpAddr>,
    ) -> Completed {
        let client = self.clone();
        let work = async move {
            let mut cookies = Vec::new();
            let outcome = client.complete_now(callback, &browser, address, &mut cookies).await;
            client.audit_sign_in(&outcome, &cookies, address);
            Completed { outcome, cookies }
        };
        self.run_to_end(work).await.unwrap_or_else(|error| {
            let outcome = Err(error);
            self.audit_sign_in(&outcome, &[], address);
            Completed { outcome, cookies: Vec::new() }
        })
    }

    async fn complete_now(
        &self,
        callback: Callback,
        browser: &BrowserCookies,
        address: Option<IpAddr>,
        cookies: &mut Vec<CookieChange>,
    ) -> Result<SignedIn, Error> {
        let ids: Vec<_> = callback.states.iter().map(|state| self.0.pending.id_of(state)).collect();
        let named: Vec<PendingCookie> =
            browser.pending.iter().filter(|cookie| ids.contains(&cookie.id)).cloned().collect();
        let response = match callback.response {
            Ok(response) => response,
            Err(defect) => {
                cookies.extend(self.forget(&named).await?);
                return Err(OidcError::MalformedCallback(defect).into());
            }
        };
        let Some(cookie) = named.first() else { return Err(Error::NoPendingAuthorization) };
        if !self.0.pending.is_pending(cookie.id, &cookie.binding, self.now()).await? {
            cookies.push(CookieChange::RemovePending(cookie.id));
            return Err(Error::NoPendingAuthorization);
        }
        self.0.callback_watch.came_back();
        let (user, tokens, return_to) = self.use_pending(cookie, response, address, cookies).await?;
        cookies.push(self.replace_session(browser.session, user.clone(), &tokens).await?);
        Ok(SignedIn { user, return_to })
    }

    /// Takes the pending authorization as soon as its requests can be sent, and uses it.
    async fn use_pending(
        &self,
        cookie: &PendingCookie,
        response: AuthorizationResponse,
        address: Option<IpAddr>,
        cookies: &mut Vec<CookieChange>,
    ) -> Result<(User, TokenSet, ReturnTo), Error> {
        let began = Instant::now();
        let metadata = self.0.issuer.metadata().await?;
        let issuer = response.check_issuer(&metadata);
        let code = match response.outcome {
            Outcome::Code(code) => code,
            Outcome::Error(error) => {
                self.take_pending(cookie, cookies).await?;
                issuer?;
                return Err(error.into());
            }
        };
        let _slot = self.0.slots.take(address).map_err(OidcError::from)?;
        let admission = self.0.issuer.outbound().admit().map_err(OidcError::from)?;
        let pending = self.take_pending(cookie, cookies).await?;
        issuer?;
        let return_to = pending.return_to.clone();
        // Each request has a time limit of its own; together they have one that a user still waits for.
        let identified =
            tokio::time::timeout(SIGN_IN_TIMEOUT, self.identify(&metadata, admission, code, pending, began)).await;
        let timed_out = |_| OidcError::from(OutboundError::TimedOut("the issuer".to_owned()));
        let (user, tokens) = identified.map_err(timed_out)??;
        Ok((user, tokens, return_to))
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
        began: Instant,
    ) -> Result<(User, TokenSet), OidcError> {
        let outbound = self.0.issuer.outbound();
        let tokens =
            oidc::exchange_code(&self.0.registration, metadata, outbound, admission, code, pending.code_verifier)
                .await?;
        let claims = self.verify(metadata, &tokens, &pending.nonce, began).await?;
        let user = self.complete_claims(metadata, &claims, &tokens).await?;
        let lifetime = time::Duration::try_from(tokens.lifetime).unwrap_or(time::Duration::MAX);
        let set = TokenSet {
            access_token: tokens.access_token,
            refresh_token: tokens.refresh_token,
            expires_at: self.now().saturating_add(lifetime),
        };
        Ok((User::new(self.0.issuer.url(), claims.sub, user), set))
    }

    async fn verify(
        &self,
        metadata: &Metadata,
        tokens: &VerifiableTokens,
        nonce: &str,
        began: Instant,
    ) -> Result<IdTokenClaims, OidcError> {
        let kid = oidc::key_id(&tokens.id_token)?;
        let key = self.0.issuer.key(kid.as_deref(), began).await?.ok_or(JwtError::UnknownKey)?;
        let expected = Expected {
            issuer: &metadata.issuer,
            client_id: &self.config().client_id,
            nonce,
            access_token: tokens.access_token.expose_secret(),
            now: self.now().unix_timestamp(),
        };
        let verified = oidc::verify_id_token(&tokens.id_token, &key, expected);
        if kid.is_some() || verified.as_ref().err() != Some(&IdTokenError::Jwt(JwtError::WrongSignature)) {
            return Ok(verified?);
        }
        // Without a `kid`, a wrong signature may mean that the issuer has a new key.
        let key = self.0.issuer.newer_key(None, began).await?.ok_or(JwtError::UnknownKey)?;
        Ok(oidc::verify_id_token(&tokens.id_token, &key, expected)?)
    }

    /// Some issuers put name and e-mail only into userinfo (OIDC Core §5.4), which is fetched when the ID token has
    /// neither. Another subject there is an attack; no response is no reason to refuse the user.
    async fn complete_claims(
        &self,
        metadata: &Metadata,
        claims: &IdTokenClaims,
        tokens: &VerifiableTokens,
    ) -> Result<UserClaims, OidcError> {
        let (true, Some(endpoint)) = (claims.user.is_nameless(), &metadata.userinfo_endpoint) else {
            return Ok(claims.user.clone());
        };
        match oidc::fetch_userinfo(endpoint, &tokens.access_token, &claims.sub, self.0.issuer.outbound()).await {
            Ok(userinfo) => Ok(claims.user.clone().or(userinfo)),
            Err(OidcError::Outbound(error)) => {
                tracing::warn!(%error, "userinfo could not be fetched; the ID token's claims are used alone");
                Ok(claims.user.clone())
            }
            Err(error) => Err(error),
        }
    }

    /// Begins the new session and ends the one that the browser had until now. The old tokens are only forgotten:
    /// revoking them may end the issuer's session, to which the new tokens belong.
    async fn replace_session(
        &self,
        former: SessionCookie,
        user: User,
        tokens: &TokenSet,
    ) -> Result<CookieChange, Error> {
        let (subject, secret) = (user.subject.clone(), SessionSecret::random());
        if let Err(error) = self.0.sessions.begin(secret, user, tokens, self.now()).await {
            self.revoke(Ended { tokens: Some(tokens.clone()), ..Ended::default() });
            return Err(error.into());
        }
        if let SessionCookie::Present(former) = former
            && let Err(error) = self.0.sessions.end_by_secret(former).await
        {
            // The user has to sign in again. The new session must not stay behind, because no browser has its cookie.
            match self.0.sessions.end_by_secret(secret).await {
                Ok(ended) => self.revoke(ended),
                Err(error) => tracing::warn!(%error, "a session without a browser stays until it expires"),
            }
            return Err(error.into());
        }
        self.end_surplus_of(&subject, secret).await;
        Ok(CookieChange::SetSession(secret))
    }

    /// Ends the user's sessions beyond the allowed number. A failure does not fail the sign-in: the next sign-in tries
    /// again.
    async fn end_surplus_of(&self, subject: &str, newest: SessionSecret) {
        match self.0.sessions.end_surplus(newest, subject, self.now()).await {
            Ok(ended) => {
                for ended in ended {
                    self.audit_end("session_replaced", subject, ended.session, None);
                    self.revoke(ended);
                }
            }
            Err(error) => tracing::warn!(%error, "a user's surplus sessions could not be ended"),
        }
    }

    /// Logs how a sign-in ended. The session that began is the one that a cookie is set for.
    fn audit_sign_in(&self, outcome: &Result<SignedIn, Error>, cookies: &[CookieChange], client: Option<IpAddr>) {
        let session = cookies.iter().find_map(|change| match change {
            CookieChange::SetSession(secret) => Some(self.reference(self.0.sessions.id_of(*secret))),
            _ => None,
        });
        match outcome {
            Ok(SignedIn { user, .. }) => {
                audit::success("sign_in", Concerned { subject: Some(&user.subject), client, session });
            }
            Err(error) => audit::failure("sign_in", Concerned { client, ..Concerned::default() }, error),
        }
    }
}
