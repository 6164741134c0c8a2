//! The right answers to faults of ID tokens and access tokens.

use super::{RightAnswer, answer};

pub(super) const ID_TOKEN: &[RightAnswer] = &[
    answer(
        &["id_wrong_iss", "id_missing_iss"],
        "The client refuses the token: iss must be the issuer whose discovery document it uses. Another issuer's users could be anybody.",
        "OpenID Connect Core §3.1.3.7, step 2",
    ),
    answer(
        &["id_iss_trailing_slash"],
        "The client refuses the token: iss must match the issuer exactly, and a slash makes another one.",
        "OpenID Connect Core §3.1.3.7, step 2",
    ),
    answer(
        &["id_wrong_aud", "id_missing_aud"],
        "The client refuses the token: it was issued to another client, which could otherwise sign in here with tokens of its own users.",
        "OpenID Connect Core §3.1.3.7, step 3",
    ),
    answer(
        &["id_aud_untrusted_extra"],
        "The client refuses the token: it names an audience beside the client that the client does not trust.",
        "OpenID Connect Core §3.1.3.7, step 3",
    ),
    answer(
        &["id_wrong_azp"],
        "The client refuses the token: azp names the client to which it was issued, and that is another one.",
        "OpenID Connect Core §3.1.3.7, step 5",
    ),
    answer(
        &["id_missing_azp"],
        "The client signs the user in: azp may be left out, and aud names the client.",
        "OpenID Connect Core §2",
    ),
    answer(
        &["id_wrong_nonce", "id_missing_nonce"],
        "The client refuses the token: the nonce of the request must come back in it. Otherwise it may be a token of another sign-in, which somebody sends again.",
        "OpenID Connect Core §3.1.3.7, step 11",
    ),
    answer(
        &["id_expired"],
        "The client refuses the token: the time is past exp, by more than clocks differ.",
        "OpenID Connect Core §3.1.3.7, step 9",
    ),
    answer(
        &["id_expired_30s"],
        "The client may sign the user in: a small leeway for clocks that differ is allowed. This app allows 60 seconds.",
        "OpenID Connect Core §2 (exp), RFC 7519 §4.1.4",
    ),
    answer(
        &["id_missing_exp", "id_missing_iat", "id_missing_sub"],
        "The client refuses the token: the claim is required in every ID token.",
        "OpenID Connect Core §2",
    ),
    answer(
        &["id_iat_future"],
        "The client refuses the token: a token cannot be issued a day ahead, so one of the two clocks is wrong, or the token is.",
        "OpenID Connect Core §3.1.3.7, step 10",
    ),
    answer(
        &["id_iat_future_30s"],
        "The client may sign the user in: the issuer's clock is a little ahead, within the leeway.",
        "OpenID Connect Core §3.1.3.7, step 10",
    ),
    answer(&["id_nbf_future"], "The client refuses the token: it is not valid before nbf.", "RFC 7519 §4.1.5"),
    answer(
        &["id_sub_other"],
        "The client cannot see it in the ID token alone. If it learns the subject from userinfo or the access token too, both must be the same, and it refuses the sign-in otherwise.",
        "OpenID Connect Core §5.3.2 and §16.11",
    ),
    answer(
        &["id_bad_at_hash"],
        "The client refuses the tokens: at_hash says that this access token was not issued with this ID token, so one of the two was put in its place.",
        "OpenID Connect Core §3.1.3.8",
    ),
    answer(
        &["id_malformed", "id_empty"],
        "The client refuses the sign-in: what cannot be read as a signed JWT says nothing about anybody.",
        "RFC 7519 §7.2, OpenID Connect Core §3.1.3.5",
    ),
    answer(
        &["id_missing"],
        "The client refuses the sign-in: with the scope openid the response has an ID token, and an access token alone does not say who signed in.",
        "OpenID Connect Core §3.1.3.3",
    ),
];

pub(super) const SIGNATURES: &[RightAnswer] = &[
    answer(
        &["id_alg_none", "id_alg_none_upper"],
        "The client refuses the token, in whatever letters it says none: anybody can write an unsigned token. The client decides which algorithms it accepts, not the token.",
        "RFC 8725 §2.1, §3.1 and §3.2",
    ),
    answer(
        &["id_hs256_public_key"],
        "The client refuses the token: it expects RS256. With HS256 it would use the public key, which everybody knows, as the secret of a MAC.",
        "RFC 8725 §2.1 and §3.1",
    ),
    answer(
        &["id_hs256_client_secret"],
        "The client refuses the token: it expects RS256, which is the default, and has not registered a MAC with its secret.",
        "OpenID Connect Core §3.1.3.7, steps 7 and 8",
    ),
    answer(
        &["id_unknown_key_same_kid"],
        "The client refuses the token: the kid is the issuer's, but its key did not make the signature.",
        "RFC 7515 §5.2, OpenID Connect Core §3.1.3.7, step 6",
    ),
    answer(
        &["id_unknown_kid"],
        "The client fetches the keys once more, because the issuer may have a new one, and refuses the token when the kid is still unknown.",
        "OpenID Connect Core §10.1.1",
    ),
    answer(
        &["id_no_kid"],
        "The client signs the user in: with a single key published, the token needs no kid.",
        "OpenID Connect Core §10.1",
    ),
    answer(
        &["id_no_kid_multiple_jwks"],
        "With several keys published the token must say which one it is, so a client that has fetched them refuses it. One that still knows a single key from before verifies the signature with that one, and signs the user in if the key made it: nothing tells it of the others.",
        "OpenID Connect Core §10.1 and §10.1.1",
    ),
    answer(
        &["id_embedded_jwk"],
        "The client uses keys of the issuer's key set alone, refuses the token, and requests nothing from the address in its header: whoever makes a token can put a key of their own into it.",
        "RFC 8725 §3.10, OpenID Connect Core §2",
    ),
    answer(
        &["id_tampered"],
        "The client refuses the token: the signature covers every character of header and claims.",
        "RFC 7515 §5.2",
    ),
];

pub(super) const ACCESS_TOKEN: &[RightAnswer] = &[
    answer(
        &["access_wrong_iss", "access_wrong_client", "access_missing_exp", "access_nbf_future", "access_expired"],
        "To a client an access token is opaque, so the sign-in does not depend on it. A client that reads its claims all the same, as Kinde's clients do, checks them as those of any JWT and uses none of a token that fails. An API refuses it with 401.",
        "RFC 6749 §1.4, RFC 9068 §4 and §6",
    ),
    answer(
        &["access_sub_other", "refresh_access_sub_other"],
        "A client that reads the claims finds another user than in the ID token. The tokens are right in every other respect, so they are another user's: the client uses none of them, and ends the sign-in or the session.",
        "OpenID Connect Core §16.11 and §12.2 (for the ID token)",
    ),
    answer(
        &["access_odd_types"],
        "A claim of an unexpected type grants nothing: it counts as absent. The client does not guess what \"all\" could mean.",
        "RFC 7519 §4, RFC 8725 §3.10",
    ),
    answer(
        &[
            "access_alg_none",
            "access_hs256_public_key",
            "access_unknown_key_same_kid",
            "access_unknown_kid",
            "access_tampered",
        ],
        "Anybody could have made the token, so a client that reads the claims of access tokens uses none of it, and an API refuses it with 401. The sign-in itself rests on the ID token.",
        "RFC 8725 §3.1, RFC 9068 §4",
    ),
];
