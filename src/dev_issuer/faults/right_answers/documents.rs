//! The right answers to faults of the keys, of discovery, and of the whole tenant.

use super::{RightAnswer, answer};

pub(super) const KEYS: &[RightAnswer] = &[
    answer(
        &["jwks_500", "jwks_slow"],
        "A client that knows the keys goes on with them. One that does not know them cannot verify the token: the sign-in ends with 502, 503 or 504, never without verification.",
        "OpenID Connect Core §3.1.3.7, step 6, and §10.1.1",
    ),
    answer(
        &["jwks_drop"],
        "The client sends the request again at once if the connection was kept from an earlier request: a GET is safe to repeat. If it is cut again, the client goes on with the keys that it knows; one that knows none ends the sign-in with 502.",
        "RFC 9112 §9.3.1, OpenID Connect Core §10.1.1",
    ),
    answer(
        &["jwks_malformed", "jwks_html", "jwks_empty"],
        "A client that knows keys keeps them: a document without a usable key replaces nothing. One that knows none ends the sign-in with 502.",
        "RFC 7517 §5, OpenID Connect Core §10.1.1",
    ),
    answer(
        &["jwks_huge"],
        "The client reads no more than a key set can need, and keeps the keys that it knows. One that knows none ends the sign-in with 502.",
        "OWASP API10:2023",
    ),
    answer(
        &["jwks_redirect"],
        "The client does not follow: the keys decide who can sign in, so they come from the address in the discovery document alone.",
        "OpenID Connect Discovery §3 (jwks_uri), OWASP API10:2023",
    ),
    answer(
        &["key_rotation", "key_rotation_drop_old"],
        "The client meets a kid that it does not know, fetches the keys once more, and signs the user in with the new key. It fetches once for each sign-in, so that made-up kids cause no flood of requests.",
        "OpenID Connect Core §10.1.1",
    ),
];

pub(super) const DISCOVERY: &[RightAnswer] = &[
    answer(
        &["discovery_500", "discovery_drop", "discovery_slow"],
        "A client that knows the document goes on with it. One that does not know it says that sign-in is not available (503) and tries again at the next sign-in.",
        "OpenID Connect Discovery §4, RFC 9110 §15.6.4",
    ),
    answer(
        &["discovery_malformed", "discovery_html"],
        "The client does not use the document, goes on with the one that it knows, or responds with 503.",
        "OpenID Connect Discovery §4.2",
    ),
    answer(
        &["discovery_huge"],
        "The client reads no more than such a document can need, and does not use it.",
        "OWASP API10:2023",
    ),
    answer(
        &["discovery_redirect"],
        "The client does not follow: the document says where passwords, codes and the client secret go, so it comes from the issuer's own address alone.",
        "OpenID Connect Discovery §4 and §7.2, OWASP API10:2023",
    ),
    answer(
        &["discovery_wrong_issuer"],
        "The client does not use the document: its issuer must be the one from whose address it was fetched. Otherwise one issuer could speak for another.",
        "OpenID Connect Discovery §4.3",
    ),
    answer(
        &["discovery_no_token_endpoint"],
        "The client does not use the document: without a token endpoint no code can be exchanged. It responds with 503 unless it knows another document.",
        "OpenID Connect Discovery §3",
    ),
];

pub(super) const EVERYTHING: &[RightAnswer] = &[
    answer(
        &["all_down", "all_500"],
        "Signed-in users keep their pages, because sessions are the client's own. Sign-in responds with an error within seconds and works again by itself when the issuer is back.",
        "RFC 9110 §15.6",
    ),
    answer(
        &["all_slow"],
        "The client gives up after its time limits, and after several failures in a row holds requests back for a while, so that nobody waits for nothing.",
        "RFC 9110 §15.6.5, OWASP API10:2023",
    ),
];
