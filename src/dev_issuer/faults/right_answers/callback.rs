//! The right answers to faults of the redirect to the callback.

use super::{RightAnswer, answer};

pub(super) const TABLE: &[RightAnswer] = &[
    answer(
        &["cb_wrong_state"],
        "The client refuses the callback and does not send the code: the state ties the response to the browser that began the sign-in, so that nobody is signed in with somebody else's code.",
        "RFC 6749 §10.12, RFC 9700 §4.7",
    ),
    answer(
        &["cb_missing_state"],
        "The client refuses the callback: a request with a state has a response with the same state, so one without it is no response to this request.",
        "RFC 6749 §4.1.2 and §10.12",
    ),
    answer(
        &["cb_duplicate_state", "cb_duplicate_code"],
        "The client refuses the callback instead of choosing one of the two values: no parameter may stand twice, and another part of the software could choose the other one.",
        "RFC 6749 §3.1",
    ),
    answer(
        &["cb_wrong_code"],
        "The client sends the code once, and the token endpoint refuses it. The sign-in ends with an error, and the code is not sent again.",
        "RFC 6749 §4.1.2 and §5.2",
    ),
    answer(
        &["cb_missing_code"],
        "The client refuses the callback: a response has either a code or an error.",
        "RFC 6749 §4.1.2 and §4.1.2.1",
    ),
    answer(
        &["cb_wrong_iss"],
        "The client compares iss with the issuer that it sent the browser to, refuses another one, and does not send the code: it could reach the token endpoint of an attacker.",
        "RFC 9207 §2.4",
    ),
    answer(
        &["cb_missing_iss"],
        "The client refuses the callback if discovery says that the issuer always sends iss (authorization_response_iss_parameter_supported). Without that promise, as at Kinde, the sign-in goes on.",
        "RFC 9207 §2.4 and §3",
    ),
    answer(
        &["cb_access_denied"],
        "The client ends the sign-in, tells the user that it was cancelled or is not allowed, and offers to start again.",
        "RFC 6749 §4.1.2.1",
    ),
    answer(
        &["cb_login_required"],
        "The client ends the sign-in. After a request with prompt=none it is to be expected: the client begins a sign-in that may ask the user.",
        "OpenID Connect Core §3.1.2.6",
    ),
    answer(
        &["cb_server_error", "cb_temporarily_unavailable"],
        "The client ends the sign-in and says that the sign-in service has trouble and that another try may succeed: it is no mistake of the user.",
        "RFC 6749 §4.1.2.1",
    ),
    answer(
        &["cb_xss_error"],
        "The client treats an unknown error as any other failure and shows words of its own: whatever stands in the address may come from anybody, and neither reaches a page nor a header.",
        "RFC 6749 §4.1.2.1 and §10.14",
    ),
    answer(
        &["cb_login_link_expired"],
        "The client offers the same sign-in again, with the parameters that it has kept itself. It takes none from reauth_state, because the browser brings that, and anybody can write it.",
        "RFC 6749 §10.14; Kinde documentation, Re-authentication",
    ),
    answer(
        &["cb_login_link_expired_no_state"],
        "The client offers a new sign-in without parameters: without the state it does not know which sign-in it was, and reauth_state can come from anybody.",
        "RFC 6749 §10.12; Kinde documentation, Re-authentication",
    ),
];
