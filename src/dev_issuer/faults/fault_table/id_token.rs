//! The faults of the ID token: its claims, its format and its signature.
//!
//! OIDC Core §2 and §3.1.3.7, RFC 8725.

use crate::dev_issuer::faults::{
    alteration::Alteration::{Append, FromNow, List, Push, Remove, Text},
    fault::{
        Document::{IdToken, TokenResponse},
        Effect::{Alters, Forges},
        Fault, fault,
    },
    forgery::Forgery,
};

const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;

#[rustfmt::skip] // A table reads best with one fault per line.
pub(super) const CLAIMS: &[Fault] = &[
    fault("id_wrong_iss", Alters(IdToken, &[Text("iss", "https://evil.example")]), "another issuer"),
    fault("id_missing_iss", Alters(IdToken, &[Remove("iss")]), "no iss"),
    fault("id_iss_trailing_slash", Alters(IdToken, &[Append("iss", "/")]), "iss with a trailing slash"),
    fault("id_wrong_aud", Alters(IdToken, &[List("aud", &["another-client"])]), "another client's aud"),
    fault("id_missing_aud", Alters(IdToken, &[Remove("aud")]), "no aud"),
    fault("id_aud_untrusted_extra", Alters(IdToken, &[Push("aud", "another-client")]), "aud with another client in addition"),
    fault("id_wrong_azp", Alters(IdToken, &[Text("azp", "another-client")]), "another client's azp"),
    fault("id_missing_azp", Alters(IdToken, &[Remove("azp")]), "no azp"),
    fault("id_wrong_nonce", Alters(IdToken, &[Text("nonce", "another-nonce")]), "another nonce"),
    fault("id_missing_nonce", Alters(IdToken, &[Remove("nonce")]), "no nonce"),
    fault("id_expired", Alters(IdToken, &[FromNow("iat", -2 * HOUR), FromNow("exp", -HOUR)]), "expired an hour ago"),
    fault("id_expired_30s", Alters(IdToken, &[FromNow("iat", -HOUR), FromNow("exp", -30)]), "expired 30 seconds ago"),
    fault("id_missing_exp", Alters(IdToken, &[Remove("exp")]), "no exp"),
    fault("id_iat_future", Alters(IdToken, &[FromNow("iat", DAY), FromNow("exp", DAY + HOUR)]), "issued a day ahead"),
    fault("id_iat_future_30s", Alters(IdToken, &[FromNow("iat", 30), FromNow("exp", 30 + HOUR)]), "issued 30 seconds ahead"),
    fault("id_missing_iat", Alters(IdToken, &[Remove("iat")]), "no iat"),
    fault("id_nbf_future", Alters(IdToken, &[FromNow("nbf", HOUR)]), "not valid for another hour"),
    fault("id_missing_sub", Alters(IdToken, &[Remove("sub")]), "no sub"),
    fault("id_sub_other", Alters(IdToken, &[Text("sub", "kp_somebody_else")]), "another person's sub"),
    fault("id_bad_at_hash", Alters(IdToken, &[Text("at_hash", "of-another-access-token")]), "at_hash of another token"),
    fault("id_malformed", Alters(TokenResponse, &[Text("id_token", "this.is-not.a-token")]), "not a JWT"),
    fault("id_empty", Alters(TokenResponse, &[Text("id_token", "")]), "an empty ID token"),
    fault("id_missing", Alters(TokenResponse, &[Remove("id_token")]), "no ID token"),
];

#[rustfmt::skip] // A table reads best with one fault per line.
pub(super) const SIGNATURES: &[Fault] = &[
    fault("id_alg_none", Forges(Forgery::Unsigned("none")), "alg none, no signature"),
    fault("id_alg_none_upper", Forges(Forgery::Unsigned("NONE")), "alg NONE, no signature"),
    fault("id_hs256_public_key", Forges(Forgery::HmacPublicKey), "HS256 keyed with the public key's PEM"),
    fault("id_hs256_client_secret", Forges(Forgery::HmacClientSecret), "HS256 keyed with the client secret"),
    fault("id_unknown_key_same_kid", Forges(Forgery::UnknownKeySameKid), "an unpublished key under the published kid"),
    fault("id_unknown_kid", Forges(Forgery::UnknownKid), "an unpublished key under its own kid"),
    fault("id_no_kid", Forges(Forgery::NoKid), "no kid, a correct signature, one key published"),
    fault("id_no_kid_multiple_jwks", Forges(Forgery::NoKidOfSeveral), "no kid, a correct signature, several keys published"),
    fault("id_embedded_jwk", Forges(Forgery::EmbeddedJwk), "an attacker's key in the header, by value and by URL"),
    fault("id_tampered", Forges(Forgery::Tampered), "claims changed after signing"),
];
