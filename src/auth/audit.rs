//! The audit log: one line for each sign-in, sign-out and ended session, for each of them that failed, and for what the
//! issuer said of users and their rights.
//! Requests that the application itself refuses are logged by the application.

use std::net::IpAddr;

use secrecy::{ExposeSecret, SecretString};
use tracing::field::display;

use super::error::Error;
use super::random::half_digest_of_all;
use super::session::Id;

/// The `tracing` target of the audit log. Its fields: `event`, `outcome` (`success` or `failure`), and where they are
/// known `subject` (the user), `client` (the client's address), `session` (a digest that names a session in these lines
/// and nowhere else), `reason` and `count`.
pub const AUDIT_TARGET: &str = "audit";

/// What an event is about, as far as it is known.
#[derive(Debug, Default)]
pub(super) struct Concerned<'a> {
    pub(super) subject: Option<&'a str>,
    pub(super) client: Option<IpAddr>,
    pub(super) session: Option<SessionReference>,
}

/// Names a session in the audit log: 16 hexadecimal digits of a digest with the client secret. A reader of the log cannot
/// find the session in the store, nor a reader of the store its lines in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SessionReference(String);

impl SessionReference {
    pub(super) fn new(client_secret: &SecretString, session: Id) -> Self {
        let digest =
            half_digest_of_all(&[b"audit", client_secret.expose_secret().as_bytes(), &session.0.to_le_bytes()]);
        Self(format!("{:016x}", u128::from_be_bytes(digest) >> 64))
    }
}

/// Logs what was done.
pub(super) fn success(event: &str, concerned: Concerned<'_>) {
    let Concerned { subject, client, session } = concerned;
    let (client, session) = (client.map(display), session.map(|session| display(session.0)));
    tracing::info!(target: AUDIT_TARGET, event, outcome = "success", subject, client, session);
}

/// Logs what failed. A failure of ours, of the store or of the issuer is an error, any other a warning.
pub(super) fn failure(event: &str, concerned: Concerned<'_>, error: &Error) {
    let Concerned { subject, client, session } = concerned;
    let (client, session) = (client.map(display), session.map(|session| display(session.0)));
    let reason = display(error);
    if error.status().is_server_error() {
        tracing::error!(target: AUDIT_TARGET, event, outcome = "failure", subject, client, session, reason);
    } else {
        tracing::warn!(target: AUDIT_TARGET, event, outcome = "failure", subject, client, session, reason);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_has_one_reference_that_needs_the_client_secret() {
        let reference = |secret: &str, id| SessionReference::new(&secret.to_owned().into(), Id(id));
        assert_eq!(reference("one", 7), reference("one", 7));
        assert_ne!(reference("one", 7), reference("two", 7));
        assert_ne!(reference("one", 7), reference("one", 8));
        assert_eq!(reference("one", 7).0.len(), 16);
    }
}
