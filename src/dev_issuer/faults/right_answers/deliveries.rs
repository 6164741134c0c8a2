//! The right answers to faults of events and logout tokens, which the issuer sends by itself.

use super::{RightAnswer, answer};

pub(super) const TABLE: &[RightAnswer] = &[
    answer(
        &["bad_signature", "unknown_kid"],
        "The client refuses it with 400, because no key of the issuer made the signature, and carries nothing out: anybody can send a request to this address.",
        "RFC 7515 §5.2, RFC 8725 §3.10",
    ),
    answer(
        &["alg_none"],
        "The client refuses it with 400: anybody can write an unsigned token. The client decides which algorithms it accepts, not the token.",
        "RFC 8725 §2.1, §3.1 and §3.2",
    ),
    answer(
        &["stale"],
        "The client refuses it with 400: whoever recorded it long ago could send it again, and what it says may have changed since.",
        "OpenID Connect Back-Channel Logout §2.6; Kinde documentation, About webhooks",
    ),
    answer(
        &["ahead"],
        "The client refuses it with 400: nothing has happened ten minutes ahead, so one of the two clocks is wrong, or the token is.",
        "RFC 7519 §4.1.6",
    ),
    answer(
        &["twice"],
        "The client accepts both and carries out one: by the id it knows that it has seen it. An issuer repeats what it takes for lost, so a second one is no mistake.",
        "OpenID Connect Back-Channel Logout §2.6; Kinde documentation, About webhooks",
    ),
    answer(
        &["huge"],
        "The client reads no more than a delivery can need, and responds with 413. Otherwise anybody could use up its memory.",
        "RFC 9110 §15.5.14, OWASP API4:2023",
    ),
    answer(
        &["other_issuer"],
        "The client refuses it with 400: an issuer speaks of its own users alone.",
        "RFC 7519 §4.1.1, RFC 8725 §3.8",
    ),
];
