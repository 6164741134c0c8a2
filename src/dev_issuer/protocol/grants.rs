//! The grants of the users: authorization codes, refresh tokens and access tokens, and the events that end them. The
//! claims of the tokens are in `tokens`; what is still good of them is in `grants::standing`.
//!
//! RFC 6749 §4.1.2 and §6, Kinde documentation "Refresh tokens" (rotation with an overlap).

pub(crate) mod standing;
mod stored;

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use self::standing::Kind;
use super::{authorization_request::AuthorizationRequest, proof_key, token_error::TokenError};
use crate::dev_issuer::basics::{
    clock::{SHORT_LIFETIME, Seconds},
    random::Random,
};

/// The index of a grant.
pub(crate) type GrantId = usize;

/// A user's consent to one authorization request, and the latest access token of this consent.
#[derive(Clone, Deserialize, Serialize)]
pub(crate) struct Grant {
    pub(crate) person: String,
    pub(crate) org_code: String,
    pub(crate) request: AuthorizationRequest,
    /// The single sign-on session in which the user consented.
    pub(crate) session: String,
    pub(crate) authenticated_at: Seconds,
    pub(crate) access_token: Option<AccessToken>,
    revoked: bool,
}

/// An access token and its times.
#[derive(Clone, Deserialize, Serialize)]
pub(crate) struct AccessToken {
    pub(crate) token: String,
    pub(crate) times: Times,
}

/// When a token was issued and until when it is valid.
#[derive(Clone, Copy, Deserialize, Serialize)]
pub(crate) struct Times {
    pub(crate) issued_at: Seconds,
    pub(crate) expires_at: Seconds,
}

impl Grant {
    pub(crate) fn new(
        person: String,
        org_code: String,
        request: AuthorizationRequest,
        session: (String, Seconds),
    ) -> Self {
        Self {
            person,
            org_code,
            request,
            session: session.0,
            authenticated_at: session.1,
            access_token: None,
            revoked: false,
        }
    }
}

#[derive(Clone, Deserialize, Serialize)]
struct Code {
    grant: GrantId,
    expires_at: Seconds,
    used: bool,
}

#[derive(Clone, Deserialize, Serialize)]
struct RefreshToken {
    grant: GrantId,
    times: Times,
    first_used_at: Option<Seconds>,
}

/// All grants of a tenant.
#[derive(Default, Deserialize, Serialize)]
pub(crate) struct Grants {
    grants: Vec<Grant>,
    codes: HashMap<String, Code>,
    refresh_tokens: HashMap<String, RefreshToken>,
    /// The grant and the times of each access token. Expired tokens stay here, unlike tokens that were never issued.
    access_tokens: HashMap<String, (GrantId, Times)>,
    /// The tokens that were ended one by one.
    #[serde(skip)]
    ended: HashMap<String, Kind>,
}

impl Grants {
    pub(crate) fn get(&self, id: GrantId) -> &Grant {
        &self.grants[id]
    }

    /// Records a grant and returns its code.
    pub(crate) fn issue_code(&mut self, grant: Grant, now: Seconds, random: &Random) -> String {
        self.grants.push(grant);
        let code = random.two_parts();
        let record = Code { grant: self.grants.len() - 1, expires_at: now + SHORT_LIFETIME, used: false };
        self.codes.insert(code.clone(), record);
        code
    }

    /// Redeems a code.
    ///
    /// # Errors
    ///
    /// `invalid_grant`. A second use of the code also revokes the grant (RFC 6749 §4.1.2).
    pub(crate) fn redeem(
        &mut self,
        code: &str,
        redirect_uri: Option<&str>,
        verifier: Option<&str>,
        now: Seconds,
    ) -> Result<GrantId, TokenError> {
        let unknown = TokenError::InvalidGrant("The authorization code is unknown or has expired");
        let record = self.codes.get_mut(code).ok_or(unknown.clone())?;
        if std::mem::replace(&mut record.used, true) {
            self.grants[record.grant].revoked = true;
            return Err(TokenError::InvalidGrant("The authorization code was used before"));
        }
        let grant = &self.grants[record.grant];
        if record.expires_at <= now || grant.revoked {
            return Err(unknown);
        }
        if redirect_uri != Some(grant.request.redirect_uri.as_str()) {
            return Err(TokenError::InvalidGrant("The redirect_uri is not that of the authorization request"));
        }
        proof_key::verify(grant.request.code_challenge.as_deref(), verifier)?;
        Ok(record.grant)
    }

    /// Issues a refresh token for the grant.
    pub(crate) fn issue_refresh_token(&mut self, grant: GrantId, times: Times, random: &Random) -> String {
        let token = random.two_parts();
        let record = RefreshToken { grant, times, first_used_at: None };
        self.refresh_tokens.insert(token.clone(), record);
        token
    }

    /// Uses a refresh token. It then stays valid for `overlap` more seconds.
    ///
    /// # Errors
    ///
    /// `invalid_grant`. Without an overlap, a second use also revokes the grant.
    pub(crate) fn refresh(&mut self, token: &str, overlap: Seconds, now: Seconds) -> Result<GrantId, TokenError> {
        let invalid = TokenError::InvalidGrant("The refresh token is unknown, used, expired or revoked");
        let record = self.refresh_tokens.get_mut(token).ok_or(invalid.clone())?;
        let grant = &mut self.grants[record.grant];
        if grant.revoked || record.times.expires_at <= now {
            return Err(invalid);
        }
        match record.first_used_at {
            None => record.first_used_at = Some(now),
            Some(first) if now < first + overlap => {}
            Some(_) => {
                grant.revoked = overlap == 0;
                return Err(invalid);
            }
        }
        Ok(record.grant)
    }

    /// Records the access token of a grant.
    pub(crate) fn set_access_token(&mut self, grant: GrantId, token: AccessToken) {
        self.access_tokens.insert(token.token.clone(), (grant, token.times));
        self.grants[grant].access_token = Some(token);
    }

    /// Returns the grant and the times of a valid access token.
    pub(crate) fn by_access_token(&self, token: &str, now: Seconds) -> Option<(&Grant, Times)> {
        let (id, times) = self.access_tokens.get(token)?;
        let grant = &self.grants[*id];
        (times.expires_at > now && !grant.revoked).then_some((grant, *times))
    }

    /// Returns the grant and the times of a valid, unused refresh token.
    pub(crate) fn by_refresh_token(&self, token: &str, now: Seconds) -> Option<(&Grant, Times)> {
        let record = self.refresh_tokens.get(token)?;
        let grant = &self.grants[record.grant];
        let is_good = record.times.expires_at > now && !grant.revoked && record.first_used_at.is_none();
        is_good.then_some((grant, record.times))
    }

    /// Revokes an access token or a refresh token. The revocation of a refresh token revokes its grant (RFC 7009 §2.1).
    pub(crate) fn revoke(&mut self, token: &str) {
        if let Some(record) = self.refresh_tokens.get(token) {
            self.grants[record.grant].revoked = true;
        } else if let Some((id, _)) = self.access_tokens.remove(token) {
            self.ended.insert(token.to_owned(), Kind::AccessToken);
            self.grants[id].access_token = None;
        }
    }

    /// Ends the refresh tokens of every grant for which `ends` returns true. Its access tokens live on.
    pub(crate) fn end_refresh(&mut self, ends: impl Fn(&Grant) -> bool) {
        let grants = &self.grants;
        let ended = self.refresh_tokens.extract_if(|_, token| ends(&grants[token.grant]));
        self.ended.extend(ended.map(|(token, _)| (token, Kind::RefreshToken)));
    }

    /// Lets the next refresh of every grant for which `forgets` returns true issue a new access token. The present ones
    /// live on.
    pub(crate) fn forget_access_tokens(&mut self, forgets: impl Fn(&Grant) -> bool) {
        for grant in self.grants.iter_mut().filter(|grant| forgets(grant)) {
            grant.access_token = None;
        }
    }

    /// Revokes every grant for which `ends` returns true.
    pub(crate) fn end(&mut self, ends: impl Fn(&Grant) -> bool) {
        for grant in self.grants.iter_mut().filter(|grant| ends(grant)) {
            grant.revoked = true;
        }
    }
}
