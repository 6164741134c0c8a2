//! The tenant's clock: the time of the machine, moved by the setting `clock_offset`. No other file reads the time.
//!
//! RFC 7519 §2 (`NumericDate`).

use std::time::{SystemTime, UNIX_EPOCH};

use time::{
    OffsetDateTime,
    format_description::well_known::{Rfc2822, Rfc3339},
};

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

/// Returns a time as the header `Date` has it (RFC 9110 §5.6.7).
pub(crate) fn http_date(at: Seconds) -> String {
    let time = OffsetDateTime::from_unix_timestamp(at).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    time.format(&Rfc2822).unwrap_or_default().replace("+0000", "GMT")
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_date_of_a_response_has_two_digits_for_the_day_and_names_gmt() {
        assert_eq!(http_date(784_111_777), "Sun, 06 Nov 1994 08:49:37 GMT");
    }
}
