//! Which recorded codes and tokens are still good.

use super::{GrantId, Grants};
use crate::dev_issuer::basics::clock::Seconds;

/// The kind of a token that the tenant records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    AccessToken,
    RefreshToken,
}

/// Whether a recorded token is still good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    Active,
    /// It is a refresh token that was used. It may work for a while.
    Used,
    Expired,
    Revoked,
}

/// When everything ends that was issued and is still good, apart from its age.
pub(crate) struct Ends {
    pub(crate) codes: Vec<Seconds>,
    pub(crate) access_tokens: Vec<Seconds>,
    pub(crate) refresh_tokens: Vec<Seconds>,
}

impl Grants {
    /// Returns what a token is and whether it is still good, or none if the tenant has no record of it.
    pub(crate) fn standing(&self, token: &str, now: Seconds) -> Option<(Kind, Standing)> {
        let standing = |grant: GrantId, expires_at: Seconds, is_used: bool| {
            if self.grants[grant].revoked {
                Standing::Revoked
            } else if expires_at <= now {
                Standing::Expired
            } else if is_used {
                Standing::Used
            } else {
                Standing::Active
            }
        };
        if let Some((grant, expires_at)) = self.access_tokens.get(token) {
            return Some((Kind::AccessToken, standing(*grant, *expires_at, false)));
        }
        if let Some(record) = self.refresh_tokens.get(token) {
            let is_used = record.first_used_at.is_some();
            return Some((Kind::RefreshToken, standing(record.grant, record.expires_at, is_used)));
        }
        self.ended.get(token).map(|kind| (*kind, Standing::Revoked))
    }

    /// Returns when the codes and tokens end that are neither used nor revoked.
    pub(crate) fn ends(&self) -> Ends {
        let is_good = |grant: GrantId| !self.grants[grant].revoked;
        let codes = self.codes.values().filter(|code| !code.used && is_good(code.grant));
        let access_tokens = self.access_tokens.values().filter(|(grant, _)| is_good(*grant));
        let refresh_tokens = self.refresh_tokens.values();
        let refresh_tokens = refresh_tokens.filter(|token| token.first_used_at.is_none() && is_good(token.grant));
        Ends {
            codes: codes.map(|code| code.expires_at).collect(),
            access_tokens: access_tokens.map(|(_, expires_at)| *expires_at).collect(),
            refresh_tokens: refresh_tokens.map(|token| token.expires_at).collect(),
        }
    }
}
