//! The faults of the redirect to the callback.
//!
//! RFC 6749 §4.1.2, RFC 9207 §2.

use crate::dev_issuer::faults::{
    fault::{Effect::Redirects, Fault, fault},
    redirection::Redirection::{Duplicate, Error, LinkExpired, LinkExpiredWithoutState, Remove, Scramble, Text},
};

#[rustfmt::skip] // A table reads best with one fault per line.
pub(super) const TABLE: &[Fault] = &[
    fault("cb_wrong_state", Redirects(Scramble("state")), "another state"),
    fault("cb_missing_state", Redirects(Remove("state")), "no state"),
    fault("cb_duplicate_state", Redirects(Duplicate("state")), "the state, then another one"),
    fault("cb_wrong_code", Redirects(Scramble("code")), "a code that was never issued"),
    fault("cb_missing_code", Redirects(Remove("code")), "no code"),
    fault("cb_duplicate_code", Redirects(Duplicate("code")), "the code, then another one"),
    fault("cb_wrong_iss", Redirects(Text("iss", "https://evil.example")), "another issuer's iss"),
    fault("cb_missing_iss", Redirects(Remove("iss")), "no iss, even if discovery announces it"),
    fault("cb_access_denied", Redirects(Error("access_denied", "The user denied the request")), "the error access_denied"),
    fault("cb_login_required", Redirects(Error("login_required", "User authentication is required")), "the error login_required"),
    fault("cb_server_error", Redirects(Error("server_error", "The server failed")), "the error server_error"),
    fault("cb_temporarily_unavailable", Redirects(Error("temporarily_unavailable", "Try again later")), "the error temporarily_unavailable"),
    fault("cb_xss_error", Redirects(Error("<script>alert(1)</script>", "<img src=x onerror=alert(1)>\r\nX-Injected: yes")), "an error of markup and line breaks"),
    fault("cb_login_link_expired", Redirects(LinkExpired), "login_link_expired with a reauth_state that an attacker made"),
    fault("cb_login_link_expired_no_state", Redirects(LinkExpiredWithoutState), "login_link_expired with a reauth_state that an attacker made, and no state"),
];
