//! When tokens end and when they are refreshed. Nothing is read from a clock here.

use std::time::Duration;

use time::OffsetDateTime;

use crate::auth::claims::ClaimMap;
use crate::auth::oidc::{CLOCK_TOLERANCE_SECONDS, Flavor, IssuedTokens};
use crate::auth::session::{RefreshTurn, TokenSet};

/// How far the clocks of the issuer and of our own processes may differ.
pub(super) const CLOCK_TOLERANCE: time::Duration = time::Duration::seconds(CLOCK_TOLERANCE_SECONDS);
/// How long an access token is taken to live when nothing states it: Kinde's default.
const UNSTATED_LIFETIME: Duration = Duration::from_secs(86_400);
/// A token is refreshed so long before its end, where it lives ten times as long.
const MAX_EARLY: time::Duration = time::Duration::seconds(60);
/// The least time between two refreshes of a session.
pub(super) const LEAST_PAUSE: Duration = Duration::from_secs(6);
/// What is left of an access token that is passed on, where it lives twice as long.
const MAX_LEFT: time::Duration = time::Duration::seconds(30);
/// What is left of one of Kinde's, where it lives ten times as long: enough for a request that is on its way.
const MAX_LEFT_AT_KINDE: time::Duration = time::Duration::seconds(2);

/// When an issued access token ends: the earlier of `expires_in` and the claim `exp`. `claims` are verified.
pub(super) fn end_of(issued: &IssuedTokens, claims: Option<&ClaimMap>, now: OffsetDateTime) -> OffsetDateTime {
    let exp = claims.and_then(|claims| claims.get("exp")?.as_i64());
    let by_claim = exp.and_then(|exp| OffsetDateTime::from_unix_timestamp(exp).ok());
    let by_response = issued.lifetime.map(|lifetime| after(now, lifetime));
    by_claim.into_iter().chain(by_response).min().unwrap_or_else(|| after(now, UNSTATED_LIFETIME))
}

/// When tokens need to be refreshed. Kinde returns the same access token until that has ended; at other issuers the new
/// one is requested before.
pub(super) fn due(tokens: &TokenSet, flavor: Flavor) -> OffsetDateTime {
    match flavor {
        Flavor::Kinde => tokens.expires_at,
        Flavor::OpenId => tokens.expires_at - MAX_EARLY.min(lifetime(tokens) / 10),
    }
}

/// The turn of a session that has just received these tokens.
pub(super) fn turn_of(tokens: &TokenSet, flavor: Flavor) -> RefreshTurn {
    if tokens.refresh_token.is_some() { RefreshTurn::At(due(tokens, flavor)) } else { RefreshTurn::Never }
}

/// Whether an access token may be passed on: it lives for 30 seconds more, or for half of a shorter life. One of Kinde
/// until shortly before its end, because there is no other before.
pub(super) fn is_good(tokens: &TokenSet, flavor: Flavor, now: OffsetDateTime) -> bool {
    let left = match flavor {
        Flavor::Kinde => MAX_LEFT_AT_KINDE.min(lifetime(tokens) / 10),
        Flavor::OpenId => MAX_LEFT.min(lifetime(tokens) / 2),
    };
    now < tokens.expires_at - left
}

/// How long a call waits before tokens that are not [good](is_good) any more can be refreshed: at Kinde until their end,
/// which is at most two seconds away.
pub(super) fn time_to_refresh(tokens: &TokenSet, flavor: Flavor, now: OffsetDateTime) -> Duration {
    match flavor {
        Flavor::Kinde => (tokens.expires_at - now).try_into().unwrap_or_default(),
        Flavor::OpenId => Duration::ZERO,
    }
}

/// A time so long after another.
pub(super) fn after(time: OffsetDateTime, duration: Duration) -> OffsetDateTime {
    time.saturating_add(time::Duration::try_from(duration).unwrap_or(time::Duration::MAX))
}

fn lifetime(tokens: &TokenSet) -> time::Duration {
    (tokens.expires_at - tokens.issued_at).max(time::Duration::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const NOW: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

    fn at(seconds: i64) -> OffsetDateTime {
        NOW + time::Duration::seconds(seconds)
    }

    fn issued(lifetime: Option<u64>) -> IssuedTokens {
        IssuedTokens {
            access_token: "token".to_owned().into(),
            refresh_token: None,
            id_token: None,
            lifetime: lifetime.map(Duration::from_secs),
        }
    }

    fn tokens(lifetime: i64) -> TokenSet {
        TokenSet {
            access_token: "token".to_owned().into(),
            refresh_token: None,
            id_token: None,
            issued_at: NOW,
            expires_at: at(lifetime),
        }
    }

    #[test]
    fn the_earlier_of_two_ends_counts_and_kindes_default_where_none_is_stated() {
        for (lifetime, exp, end) in [
            (Some(60), json!(90), 60),
            (Some(90), json!(60), 60),
            (None, json!(60), 60),
            (Some(60), json!(null), 60),
            (None, json!(null), 86_400),
        ] {
            let claims = json!({"exp": exp});
            assert_eq!(end_of(&issued(lifetime), claims.as_object(), NOW), at(end));
        }
        assert_eq!(end_of(&issued(None), None, NOW), at(86_400));
    }

    #[test]
    fn tokens_are_due_at_their_end_or_shortly_before() {
        for (lifetime, due_after) in [(86_400, 86_340), (600, 540), (100, 90), (10, 9)] {
            assert_eq!(due(&tokens(lifetime), Flavor::OpenId), at(due_after));
            assert_eq!(due(&tokens(lifetime), Flavor::Kinde), at(lifetime));
        }
    }

    // RF-15
    #[test]
    fn a_token_that_is_passed_on_has_30_seconds_left_or_half_of_its_life() {
        for (lifetime, last) in [(3600, 3569), (60, 29), (10, 4)] {
            assert!(is_good(&tokens(lifetime), Flavor::OpenId, at(last)));
            assert!(!is_good(&tokens(lifetime), Flavor::OpenId, at(last + 1)));
        }
    }

    #[test]
    fn a_token_of_kinde_is_passed_on_until_two_seconds_or_a_tenth_of_its_life_are_left() {
        for (lifetime, last) in [(3600, 3597), (20, 17), (10, 8)] {
            assert!(is_good(&tokens(lifetime), Flavor::Kinde, at(last)));
            assert!(!is_good(&tokens(lifetime), Flavor::Kinde, at(last + 1)));
            let wait = Duration::from_secs((lifetime - last - 1).unsigned_abs());
            assert_eq!(time_to_refresh(&tokens(lifetime), Flavor::Kinde, at(last + 1)), wait);
        }
        assert_eq!(time_to_refresh(&tokens(60), Flavor::Kinde, at(61)), Duration::ZERO);
        assert_eq!(time_to_refresh(&tokens(60), Flavor::OpenId, at(59)), Duration::ZERO);
    }
}
