//! What of the grants goes into the file with the tenant's state.

use std::collections::{BTreeSet, HashMap};

use super::{GrantId, Grants};
use crate::dev_issuer::basics::clock::Seconds;

impl Grants {
    /// Returns the grants with a code or token that has not expired, and those codes and tokens. All others have no effect
    /// any more, so that the file does not grow for ever.
    pub(crate) fn unexpired(&self, now: Seconds) -> Self {
        let is_kept = |grant: GrantId, expires_at: Seconds| expires_at > now && !self.grants[grant].revoked;
        let codes = self.codes.iter().filter(|(_, code)| is_kept(code.grant, code.expires_at));
        let codes: Vec<_> = codes.map(|(text, code)| (text.clone(), code.clone())).collect();
        let refresh_tokens =
            self.refresh_tokens.iter().filter(|(_, token)| is_kept(token.grant, token.times.expires_at));
        let refresh_tokens: Vec<_> = refresh_tokens.map(|(text, token)| (text.clone(), token.clone())).collect();
        let access_tokens = self.access_tokens.iter().filter(|(_, (grant, times))| is_kept(*grant, times.expires_at));
        let access_tokens: Vec<_> = access_tokens.map(|(text, record)| (text.clone(), *record)).collect();

        let of_codes = codes.iter().map(|(_, code)| code.grant);
        let of_refresh_tokens = refresh_tokens.iter().map(|(_, token)| token.grant);
        let of_access_tokens = access_tokens.iter().map(|(_, (grant, _))| *grant);
        let kept: BTreeSet<GrantId> = of_codes.chain(of_refresh_tokens).chain(of_access_tokens).collect();
        let places: HashMap<GrantId, GrantId> = kept.iter().enumerate().map(|(place, id)| (*id, place)).collect();
        let mut unexpired =
            Self { grants: kept.iter().map(|id| self.grants[*id].clone()).collect(), ..Self::default() };
        for (text, mut code) in codes {
            code.grant = places[&code.grant];
            unexpired.codes.insert(text, code);
        }
        for (text, mut token) in refresh_tokens {
            token.grant = places[&token.grant];
            unexpired.refresh_tokens.insert(text, token);
        }
        for (text, (grant, expires_at)) in access_tokens {
            unexpired.access_tokens.insert(text, (places[&grant], expires_at));
        }
        unexpired
    }

    /// Returns whether each code and token has its grant, as it has unless somebody edited the file.
    pub(crate) fn is_whole(&self) -> bool {
        let codes = self.codes.values().map(|code| code.grant);
        let refresh_tokens = self.refresh_tokens.values().map(|token| token.grant);
        let access_tokens = self.access_tokens.values().map(|(grant, _)| *grant);
        codes.chain(refresh_tokens).chain(access_tokens).all(|grant| grant < self.grants.len())
    }
}
