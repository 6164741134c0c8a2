//! The tenant's clock: the time of the machine, moved by the setting `clock_offset`. No other file reads the time.
//!
//! RFC 7519 §2 (`NumericDate`).

use std::time::{SystemTime, UNIX_EPOCH};

use time::OffsetDateTime;

/// The number of seconds since 1970-01-01, which is the unit of JWT claims.
pub(crate) type Seconds = i64;

/// The lifetime of a sign-in page and of an authorization code.
pub(crate) const SHORT_LIFETIME: Seconds = 15 * 60;

/// Returns a time as people read it, in UTC.
pub(crate) fn shown(at: Seconds) -> String {
    let time = OffsetDateTime::from_unix_timestamp(at).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    format!("{} {:02}:{:02}:{:02} UTC", time.date(), time.hour(), time.minute(), time.second())
}

/// Returns the time of the machine, moved by `offset`.
pub(crate) fn now(offset: Seconds) -> Seconds {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs());
    Seconds::try_from(since_1970).unwrap_or(Seconds::MAX) + offset
}

/// The number of milliseconds since 1970-01-01.
pub(crate) type Milliseconds = i64;

/// Returns the time of the machine, which no setting moves: the order of what happened does not depend on it.
pub(crate) fn machine_time() -> Milliseconds {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_millis());
    Milliseconds::try_from(since_1970).unwrap_or(Milliseconds::MAX)
}
