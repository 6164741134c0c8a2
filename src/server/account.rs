//! From what `auth` knows of a caller to the account as pages and programs get it: the same values in the words of the
//! wire.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::api::account::{Account, FeatureFlag, Organization, Role, Session};
use crate::auth::{self, FlagKind};

impl From<auth::Account> for Account {
    fn from(account: auth::Account) -> Self {
        let flag = |(code, flag): (String, auth::Flag)| (code, flag.into());
        let auth::Account { name, email, picture, permissions, .. } = account;
        Self {
            name,
            email,
            picture,
            organization: account.organization.map(Into::into),
            organizations: account.organizations.into_iter().map(Into::into).collect(),
            permissions,
            roles: account.roles.map(|roles| roles.into_iter().map(Into::into).collect()),
            feature_flags: account.feature_flags.map(|flags| flags.into_iter().map(flag).collect()),
            sessions: account.sessions.map(|sessions| sessions.into_iter().map(Into::into).collect()),
        }
    }
}

impl From<auth::Organization> for Organization {
    fn from(organization: auth::Organization) -> Self {
        Self { code: organization.id, name: organization.name }
    }
}

impl From<auth::Role> for Role {
    fn from(role: auth::Role) -> Self {
        Self { key: role.key, name: role.name }
    }
}

impl From<auth::Flag> for FeatureFlag {
    fn from(flag: auth::Flag) -> Self {
        let kind = match flag.kind {
            FlagKind::Bool => "boolean",
            FlagKind::String => "string",
            FlagKind::Integer => "integer",
            FlagKind::Json => "json",
            FlagKind::Other => "other",
        };
        Self { kind: kind.to_owned(), value: flag.value }
    }
}

impl From<auth::UserSession> for Session {
    fn from(session: auth::UserSession) -> Self {
        Self {
            id: session.id,
            device: session.device,
            started_at: written(session.started_at),
            last_seen: session.last_seen.map(written),
            current: session.is_current,
        }
    }
}

/// A time in whole seconds, in UTC.
fn written(time: OffsetDateTime) -> String {
    let seconds = OffsetDateTime::from_unix_timestamp(time.unix_timestamp()).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    seconds.format(&Rfc3339).expect("a time of this program is between the years 0 and 9999")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_whole_seconds_in_utc() {
        let time = OffsetDateTime::from_unix_timestamp_nanos(1_795_992_908_987_654_321).unwrap();
        let elsewhere = time.to_offset(time::UtcOffset::from_hms(5, 30, 0).unwrap());
        for time in [time, elsewhere] {
            assert_eq!(written(time), "2026-11-29T22:55:08Z");
        }
    }
}
