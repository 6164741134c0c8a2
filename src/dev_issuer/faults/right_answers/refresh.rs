//! The right answers to faults of a refresh.

use super::{RightAnswer, answer};

pub(super) const TABLE: &[RightAnswer] = &[
    answer(
        &["refresh_500", "refresh_503"],
        "The client keeps the session and tries again after a pause: trouble of the issuer says nothing about the user's grant.",
        "RFC 6749 §6, RFC 9110 §15.6",
    ),
    answer(
        &["refresh_429"],
        "The client keeps the session and tries again no earlier than Retry-After says, for all of its sessions together.",
        "RFC 6585 §4",
    ),
    answer(
        &["refresh_invalid_grant"],
        "The client ends the session, and the user signs in again: the refresh token is used, expired or revoked, and no other try can change that.",
        "RFC 6749 §5.2",
    ),
    answer(
        &["refresh_invalid_client", "refresh_unauthorized_client", "refresh_invalid_request"],
        "The client keeps the session, tries again after a longer pause, and tells its operator: the error is about the client or the request, not about the user's grant.",
        "RFC 6749 §5.2",
    ),
    answer(
        &["refresh_slow"],
        "The client lets pages wait for a moment only, and never all of them: while the old access token is good they need not wait. It gives up after a time limit and tries again later.",
        "OWASP API10:2023",
    ),
    answer(
        &["refresh_held"],
        "The client has one refresh of a session under way at a time, however many requests and processes need it: a refresh token that is used twice can end the grant.",
        "RFC 9700 §4.14.2",
    ),
    answer(
        &["refresh_drop"],
        "The client keeps the session and sends the same refresh token again, which the issuer has not used: at once if the connection was kept from an earlier request, which the issuer may have just closed, and otherwise after a pause.",
        "RFC 6749 §6, RFC 9112 §9.3.1",
    ),
    answer(
        &["refresh_drop_mid"],
        "The client cannot know whether the refresh token was used. It keeps the session and tries once more with the same one, which Kinde accepts for some seconds more; if it is refused, the session ends.",
        "RFC 9700 §4.14.2; Kinde documentation, Refresh tokens",
    ),
    answer(
        &["refresh_malformed", "refresh_empty", "refresh_html"],
        "The client keeps the session with the tokens that it has and tries again after a pause: a response that is no JSON object has neither ended nor renewed anything.",
        "RFC 6749 §5.1 and §6",
    ),
    answer(
        &["refresh_no_id_token"],
        "The client goes on with the new access token, and with what the first ID token said of the user: a refresh need not return an ID token.",
        "OpenID Connect Core §12.2",
    ),
    answer(
        &["refresh_no_refresh_token"],
        "The client keeps the refresh token that it has: an issuer need not return a new one.",
        "RFC 6749 §6",
    ),
    answer(
        &["refresh_minimal"],
        "The client goes on with the new tokens: neither expires_in nor an ID token is required in this response.",
        "RFC 6749 §5.1, OpenID Connect Core §12.2",
    ),
    answer(
        &["refresh_id_sub_other"],
        "The client ends the session and uses none of the tokens: a refreshed ID token must have the subject of the first one.",
        "OpenID Connect Core §12.2",
    ),
    answer(
        &["refresh_wrong_iss"],
        "The client ends the session and uses none of the tokens: a refreshed ID token must have the issuer of the first one.",
        "OpenID Connect Core §12.2",
    ),
];
