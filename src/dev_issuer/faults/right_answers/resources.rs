//! The right answers to faults of user profile, account API, portal and revocation.

use super::{RightAnswer, answer};

pub(super) const USER_PROFILE: &[RightAnswer] = &[
    answer(
        &["userinfo_500", "userinfo_429", "userinfo_slow"],
        "The client signs the user in with what the ID token says, under the subject if there is no name: userinfo only adds claims, and the ID token has said who it is.",
        "OpenID Connect Core §5.3",
    ),
    answer(
        &["userinfo_drop"],
        "The client sends the request again at once if the connection was kept from an earlier request: a GET is safe to repeat. If it is cut again, the client signs the user in with what the ID token says.",
        "RFC 9112 §9.3.1, OpenID Connect Core §5.3",
    ),
    answer(
        &["userinfo_401", "userinfo_403"],
        "The client signs the user in with the claims of the ID token alone. It does not ask again with the same access token.",
        "OpenID Connect Core §5.3.3, RFC 6750 §3.1",
    ),
    answer(
        &["userinfo_malformed", "userinfo_html"],
        "The client signs the user in with the claims of the ID token alone: a userinfo response is a JSON object, and nothing is guessed from anything else.",
        "OpenID Connect Core §5.3.2",
    ),
    answer(
        &["userinfo_huge"],
        "The client reads no more than a profile can need, and signs the user in with the claims of the ID token alone.",
        "OWASP API10:2023",
    ),
    answer(
        &["userinfo_redirect"],
        "The client does not follow: the access token would reach another address. It signs the user in with the claims of the ID token alone.",
        "RFC 9110 §15.4.8, OWASP API10:2023",
    ),
    answer(
        &["userinfo_sub_mismatch", "userinfo_missing_sub"],
        "The client uses nothing of the response: without exactly the subject of the ID token it may be about another user. This app refuses the sign-in.",
        "OpenID Connect Core §5.3.2",
    ),
];

pub(super) const ACCOUNT_API: &[RightAnswer] = &[
    answer(
        &["account_401", "account_403"],
        "The user has none of the rights that were asked for, for this request: the issuer says that the token opens nothing. The user stays signed in.",
        "RFC 6750 §3.1",
    ),
    answer(
        &["account_404", "account_500", "account_drop_mid", "account_malformed", "account_empty", "account_html"],
        "The client decides by what it knows from the access token or from an earlier response, and responds with 503 where it knows nothing. It never takes silence for a right.",
        "Saltzer and Schroeder 1975, fail-safe defaults",
    ),
    answer(
        &["account_drop"],
        "The client sends the request again at once if the connection was kept from an earlier request: a GET is safe to repeat. If it is cut again, or was a new one, the client decides by what it knows, and responds with 503 where it knows nothing.",
        "RFC 9112 §9.3.1; Saltzer and Schroeder 1975, fail-safe defaults",
    ),
    answer(
        &["account_429"],
        "The client decides by what it knows, responds with 503 where it knows nothing, and asks again no earlier than Retry-After says.",
        "RFC 6585 §4",
    ),
    answer(
        &["account_slow", "account_held"],
        "The client gives up after a time limit and decides by what it knows, or responds with 503. Sign-ins and pages that need no such list do not wait.",
        "OWASP API10:2023",
    ),
    answer(
        &["account_redirect"],
        "The client does not follow: the access token would reach another address.",
        "RFC 9110 §15.4.8, OWASP API10:2023",
    ),
    answer(
        &["account_huge"],
        "The client reads no more than a page of a list can need, and takes the list for unknown.",
        "OWASP API10:2023",
    ),
];

pub(super) const PORTAL: &[RightAnswer] = &[
    answer(
        &["portal_other_host", "portal_lookalike", "portal_user_name"],
        "The client compares the host of the parsed address with the hosts that it knows, exactly or behind a dot, and does not send the browser anywhere else: it would be an open redirect.",
        "RFC 9700 §4.11, RFC 3986 §7.6",
    ),
    answer(
        &["portal_http"],
        "The client does not send the browser there: the link opens the user's account, and by plain http everybody on the way could read it.",
        "RFC 9110 §4.2.2 and §17.9",
    ),
    answer(
        &["portal_script"],
        "The client sends browsers to https addresses alone. A scheme that runs a script would run it as a page of this site.",
        "RFC 9700 §4.11, RFC 3986 §7",
    ),
    answer(
        &["portal_no_url"],
        "The client responds with 502: there is no address to send the browser to, and it makes none up.",
        "Kinde's OpenAPI file of the account API; RFC 9110 §15.6.3",
    ),
];

pub(super) const REVOCATION: &[RightAnswer] = &[
    answer(
        &["revoke_500", "revoke_429", "revoke_drop"],
        "The client completes the sign-out all the same: its own session has ended and it has forgotten the token. The token lives at the issuer until it expires.",
        "RFC 7009 §2.2",
    ),
    answer(
        &["revoke_slow", "revoke_held"],
        "The client lets the user wait for a moment only. The sign-out completes, and the revocation goes on in the background.",
        "RFC 7009 §2.2",
    ),
];

pub(super) const PROGRAMS: &[RightAnswer] = &[
    answer(
        &["introspect_429"],
        "Whoever asked takes the token for unknown and opens nothing with it, and asks again no earlier than Retry-After says.",
        "RFC 6585 §4, RFC 7662 §2.2",
    ),
    answer(
        &["management_429"],
        "The program waits as long as Retry-After says, and sends the request again.",
        "RFC 6585 §4",
    ),
    answer(
        &["management_500"],
        "The program does not know whether the request was carried out. It reads the state before it sends a request again that is not idempotent.",
        "RFC 9110 §9.2.2 and §15.6.1",
    ),
];
