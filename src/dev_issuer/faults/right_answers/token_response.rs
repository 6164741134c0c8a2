//! The right answers to faults of the token endpoint.

use super::{RightAnswer, answer};

pub(super) const TABLE: &[RightAnswer] = &[
    answer(
        &["token_500", "token_503"],
        "The client ends the sign-in with an error of its own (502 or 503) and offers to start again. It does not send the code again: the issuer may have used it, and must revoke its tokens at a second use.",
        "RFC 6749 §4.1.2, RFC 9110 §15.6",
    ),
    answer(
        &["token_429"],
        "The client ends the sign-in with 503 and waits as long as Retry-After says before it sends further requests.",
        "RFC 6585 §4",
    ),
    answer(
        &["token_invalid_grant"],
        "The client ends the sign-in, and the user starts again: the code is wrong, used, too old, or was issued for another callback URL or code verifier.",
        "RFC 6749 §5.2, RFC 7636 §4.6",
    ),
    answer(
        &["token_invalid_client"],
        "The client ends the sign-in with 502 and tells its operator that client id or client secret is wrong. The user did nothing wrong and can do nothing about it.",
        "RFC 6749 §5.2",
    ),
    answer(
        &["token_slow"],
        "The client gives up after a time limit that a user still waits for, with 504, and stays usable for everybody else meanwhile.",
        "RFC 9110 §15.6.5, OWASP API10:2023",
    ),
    answer(
        &["token_drop"],
        "The client ends the sign-in with 502. It may send the request again only where it knows that the issuer has not read it, such as on a kept connection that was just being closed.",
        "RFC 9110 §9.2.2",
    ),
    answer(
        &["token_drop_mid"],
        "The client ends the sign-in with 502 and does not send the code again: the issuer has used it, and a second use revokes what it issued.",
        "RFC 6749 §4.1.2, RFC 9110 §9.2.2",
    ),
    answer(
        &["token_redirect"],
        "The client does not follow: 307 repeats the request with its body, and code, code verifier and client secret would reach another address.",
        "RFC 9110 §15.4.8, OWASP API10:2023",
    ),
    answer(
        &["token_malformed", "token_empty", "token_html"],
        "The client ends the sign-in with 502: a token response is a JSON object, and nothing is guessed from anything else. Its body is not logged, because it may hold tokens.",
        "RFC 6749 §5.1",
    ),
    answer(
        &["token_huge"],
        "The client reads no more than a token response can need, then gives up with 502. Otherwise one response could use up its memory.",
        "OWASP API10:2023",
    ),
    answer(
        &["token_missing_access_token"],
        "The client ends the sign-in: access_token is required in every token response.",
        "RFC 6749 §5.1",
    ),
    answer(
        &["token_wrong_type"],
        "The client ends the sign-in: it must not use an access token of a type that it does not know how to use.",
        "RFC 6749 §7.1",
    ),
    answer(
        &["token_no_expires_in"],
        "The client signs the user in: expires_in is recommended and not required. The lifetime is then what exp of the access token or the documentation says.",
        "RFC 6749 §5.1",
    ),
    answer(
        &["token_expires_in_string"],
        "The client may sign the user in: the number is meant, although JSON would write it without quotes.",
        "RFC 6749 §5.1 and appendix A.14",
    ),
    answer(
        &["token_expires_in_zero", "token_expires_in_negative"],
        "The client may sign the user in. It takes the lifetime for unknown instead of refreshing again and again.",
        "RFC 6749 §5.1 and appendix A.14",
    ),
];
