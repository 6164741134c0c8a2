//! What people granted the client: authorization codes, refresh tokens and access tokens, and what ends them.
//!
//! It leaves out who may ask (`client_authentication`) and what the tokens say. Documents: RFC 6749 §4.1.2 and
//! §6, Kinde documentation "Refresh tokens" (rotation with an overlap).

use std::collections::HashMap;

use super::{authorization_request::AuthorizationRequest, proof_key, token_error::TokenError};
use crate::dev_issuer::basics::{
    clock::{SHORT_LIFETIME, Seconds},
    random::random_two_parts,
};

/// The number of a grant.
pub(crate) type GrantId = usize;

/// One person's consent to one authorization request, and the access token that came of it last.
#[derive(Clone)]
pub(crate) struct Grant {
    pub(crate) person: String,
    pub(crate) org_code: String,
    pub(crate) request: AuthorizationRequest,
    /// The single sign-on session in which it was given.
    pub(crate) session: String,
    pub(crate) authenticated_at: Seconds,
    pub(crate) access_token: Option<AccessToken>,
    revoked: bool,
}

/// An access token and when it ends.
#[derive(Clone)]
pub(crate) struct AccessToken {
    pub(crate) token: String,
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

struct Code {
    grant: GrantId,
    expires_at: Seconds,
    used: bool,
}

struct RefreshToken {
    grant: GrantId,
    expires_at: Seconds,
    first_used_at: Option<Seconds>,
}

/// All grants of a tenant.
#[derive(Default)]
pub(crate) struct Grants {
    grants: Vec<Grant>,
    codes: HashMap<String, Code>,
    refresh_tokens: HashMap<String, RefreshToken>,
    /// Whose access token that is; expired ones stay known, to be told from invented ones.
    access_tokens: HashMap<String, (GrantId, Seconds)>,
}

impl Grants {
    pub(crate) fn get(&self, id: GrantId) -> &Grant {
        &self.grants[id]
    }

    /// Records a grant and returns the code for it.
    pub(crate) fn issue_code(&mut self, grant: Grant, now: Seconds) -> String {
        self.grants.push(grant);
        let code = random_two_parts();
        let record = Code { grant: self.grants.len() - 1, expires_at: now + SHORT_LIFETIME, used: false };
        self.codes.insert(code.clone(), record);
        code
    }

    /// Uses a code up.
    ///
    /// # Errors
    ///
    /// `invalid_grant`; a second use also revokes the grant (RFC 6749 §4.1.2).
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

    /// A new refresh token of the grant.
    pub(crate) fn issue_refresh_token(&mut self, grant: GrantId, expires_at: Seconds) -> String {
        let token = random_two_parts();
        let record = RefreshToken { grant, expires_at, first_used_at: None };
        self.refresh_tokens.insert(token.clone(), record);
        token
    }

    /// Uses a refresh token, which then works for `overlap` seconds more.
    ///
    /// # Errors
    ///
    /// `invalid_grant`; without an overlap a second use also revokes the grant.
    pub(crate) fn refresh(&mut self, token: &str, overlap: Seconds, now: Seconds) -> Result<GrantId, TokenError> {
        let invalid = TokenError::InvalidGrant("The refresh token is unknown, used, expired or revoked");
        let record = self.refresh_tokens.get_mut(token).ok_or(invalid.clone())?;
        let grant = &mut self.grants[record.grant];
        if grant.revoked || record.expires_at <= now {
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

    /// Remembers the access token of a grant.
    pub(crate) fn set_access_token(&mut self, grant: GrantId, token: AccessToken) {
        self.access_tokens.insert(token.token.clone(), (grant, token.expires_at));
        self.grants[grant].access_token = Some(token);
    }

    /// The grant of an access token that is still good, with the time it ends.
    pub(crate) fn by_access_token(&self, token: &str, now: Seconds) -> Option<(&Grant, Seconds)> {
        let (id, expires_at) = self.access_tokens.get(token)?;
        let grant = &self.grants[*id];
        (*expires_at > now && !grant.revoked).then_some((grant, *expires_at))
    }

    /// The grant of a refresh token that is still good, with the time it ends.
    pub(crate) fn by_refresh_token(&self, token: &str, now: Seconds) -> Option<(&Grant, Seconds)> {
        let record = self.refresh_tokens.get(token)?;
        let grant = &self.grants[record.grant];
        let is_good = record.expires_at > now && !grant.revoked && record.first_used_at.is_none();
        is_good.then_some((grant, record.expires_at))
    }

    /// Revokes a token of either kind; a refresh token takes its grant along (RFC 7009 §2.1).
    pub(crate) fn revoke(&mut self, token: &str) {
        if let Some(record) = self.refresh_tokens.get(token) {
            self.grants[record.grant].revoked = true;
        } else if let Some((id, _)) = self.access_tokens.remove(token) {
            self.grants[id].access_token = None;
        }
    }

    /// Revokes every grant for which `ends` holds.
    pub(crate) fn end(&mut self, ends: impl Fn(&Grant) -> bool) {
        for grant in self.grants.iter_mut().filter(|grant| ends(grant)) {
            grant.revoked = true;
        }
    }
}
