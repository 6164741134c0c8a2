//! The tenant's clock: the time of the machine, moved by the setting `clock_offset`. No other file reads the time.
//!
//! RFC 7519 §2 (`NumericDate`).

use std::time::{SystemTime, UNIX_EPOCH};

use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// The number of seconds since 1970-01-01, which is the unit of JWT claims.
pub(crate) type Seconds = i64;

/// The lifetime of a sign-in page and of an authorization code.
pub(crate) const SHORT_LIFETIME: Seconds = 15 * 60;

/// Returns a time as people read it, in UTC.
pub(crate) fn shown(at: Seconds) -> String {
    let (day, time) = day_and_time(at);
    format!("{day} {time} UTC")
}

/// Returns the day and the time of the day, in UTC.
pub(crate) fn day_and_time(at: Seconds) -> (String, String) {
    let time = OffsetDateTime::from_unix_timestamp(at).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    (time.date().to_string(), format!("{:02}:{:02}:{:02}", time.hour(), time.minute(), time.second()))
}

/// Returns the time of the machine, moved by `offset`.
pub(crate) fn now(offset: Seconds) -> Seconds {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs());
    Seconds::try_from(since_1970).unwrap_or(Seconds::MAX) + offset
}

/// Returns a time as text, in UTC (RFC 3339).
pub(crate) fn text(at: Seconds) -> String {
    OffsetDateTime::from_unix_timestamp(at).unwrap_or(OffsetDateTime::UNIX_EPOCH).format(&Rfc3339).unwrap_or_default()
}

/// Returns the time of a text, or none if it is none.
pub(crate) fn of_text(text: &str) -> Option<Seconds> {
    OffsetDateTime::parse(text, &Rfc3339).ok().map(OffsetDateTime::unix_timestamp)
}

/// The number of milliseconds since 1970-01-01.
pub(crate) type Milliseconds = i64;

/// Returns the time of the machine, which no setting moves: the order of what happened does not depend on it.
pub(crate) fn machine_time() -> Milliseconds {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_millis());
    Milliseconds::try_from(since_1970).unwrap_or(Milliseconds::MAX)
}
