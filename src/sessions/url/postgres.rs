//! The URLs of PostgreSQL, as libpq writes them, also with several hosts.

use std::str::FromStr;

use sqlx::postgres::{PgConnectOptions, PgSslMode};
use url::Url;

use super::hosts::Parts;
use super::{Protection, StoreAddress, StoreUrlError};

/// libpq's parameter that says which of several servers to use. Sessions need the one that can be written.
const TARGET: &str = "target_session_attrs";

/// Reads a URL, and returns the options of each server that it names.
pub(super) fn parse(text: &str) -> Result<Vec<PgConnectOptions>, StoreUrlError> {
    let Some(parts) = Parts::of(text) else {
        // Without a host in its usual place a URL may name one in its parameters.
        let url = Url::parse(text).ok().filter(|url| url.query().is_some()).ok_or(StoreUrlError::Postgres)?;
        return Ok(vec![options(url.as_str())?]);
    };
    if parts.parameters().any(|(name, value)| name == TARGET && !matches!(&*value, "read-write" | "primary")) {
        return Err(StoreUrlError::TargetSession);
    }
    let query: Vec<&str> =
        parts.query().trim_start_matches('?').split('&').filter(|pair| !pair.starts_with(TARGET)).collect();
    let query = format!("?{}", query.join("&"));
    parts.urls(parts.scheme, None, parts.path, &query).iter().map(|url| options(url)).collect()
}

fn options(url: &str) -> Result<PgConnectOptions, StoreUrlError> {
    let options = PgConnectOptions::from_str(url).map_err(|_| StoreUrlError::Postgres)?;
    if options.get_host().contains(',') {
        return Err(StoreUrlError::PostgresHostList);
    }
    Ok(options)
}

/// Where the options lead to, and how; `None` for a Unix socket.
pub(super) fn store_address(options: &PgConnectOptions) -> Option<StoreAddress> {
    let host = options.get_host();
    if options.get_socket().is_some() || host.starts_with('/') {
        return None;
    }
    let protection = match options.get_ssl_mode() {
        PgSslMode::VerifyFull => Protection::Verified,
        PgSslMode::VerifyCa => Protection::AnyHost,
        PgSslMode::Require => Protection::AnyCertificate,
        _ => Protection::None,
    };
    Some(StoreAddress { host: host.trim_matches(['[', ']']).to_owned(), protection })
}
