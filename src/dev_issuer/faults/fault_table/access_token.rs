//! The faults of the access tokens of users: claims and signature. They have no effect on opaque access tokens. A
//! refresh does not return the current access token while one of them is on.
//!
//! RFC 9068 §2.2 and §4, RFC 8725.

use crate::dev_issuer::faults::{
    alteration::Alteration::{FromNow, List, Number, Remove, Text},
    fault::{
        Document::{AccessToken, RefreshedAccessToken},
        Effect::{Alters, ForgesAccessToken},
        Fault, fault,
    },
    forgery::Forgery,
};

const HOUR: i64 = 3_600;

#[rustfmt::skip] // A table reads best with one fault per line.
pub(super) const TABLE: &[Fault] = &[
    fault("access_wrong_iss", Alters(AccessToken, &[Text("iss", "https://evil.example")]), "another issuer"),
    fault("access_wrong_client", Alters(AccessToken, &[Text("azp", "another-client"), Text("client_id", "another-client")]), "another client's azp and client_id"),
    fault("access_sub_other", Alters(AccessToken, &[Text("sub", "kp_somebody_else")]), "another person's sub"),
    fault("access_expired", Alters(AccessToken, &[FromNow("iat", -2 * HOUR), FromNow("exp", -HOUR)]), "exp an hour ago, whatever expires_in says"),
    fault("access_missing_exp", Alters(AccessToken, &[Remove("exp")]), "no exp"),
    fault("access_nbf_future", Alters(AccessToken, &[FromNow("nbf", HOUR)]), "not valid for another hour"),
    fault("access_odd_types", Alters(AccessToken, &[Text("permissions", "all"), Number("org_code", 7), List("feature_flags", &["theme"]), Text("roles", "admin"), Text("ksp", "no")]), "claims of unexpected types"),
    fault("access_alg_none", ForgesAccessToken(Forgery::Unsigned("none")), "alg none, no signature"),
    fault("access_hs256_public_key", ForgesAccessToken(Forgery::HmacPublicKey), "HS256 keyed with the public key's PEM"),
    fault("access_unknown_key_same_kid", ForgesAccessToken(Forgery::UnknownKeySameKid), "an unpublished key under the published kid"),
    fault("access_unknown_kid", ForgesAccessToken(Forgery::UnknownKid), "an unpublished key under its own kid"),
    fault("access_tampered", ForgesAccessToken(Forgery::Tampered), "claims changed after signing"),
    fault("refresh_access_sub_other", Alters(RefreshedAccessToken, &[Text("sub", "kp_somebody_else")]), "a refresh returns another person's access token"),
];
