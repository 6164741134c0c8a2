//! The table of cases: a fault, its circumstances, and the expected result.
//! Cases are run and judged in `case`.

use std::fmt::{self, Display, Formatter};

use self::Expected::{Refused, Rejected, SignsIn, SignsInNameless};
use self::Setup::{Emmy, Fresh, IssParameter, NothingKnown, Warm};

/// One case.
#[derive(Debug)]
pub struct Row {
    /// The row of the security catalogue.
    pub id: &'static str,
    pub fault: &'static str,
    pub setup: Setup,
    pub expected: Expected,
}

impl Row {
    /// Whether the app waits for the tenant up to a time limit.
    pub fn is_slow(&self) -> bool {
        self.fault.ends_with("_slow") && !matches!((self.setup, self.expected), (Warm | Fresh, SignsIn))
    }

    /// The person who signs in.
    pub fn person(&self) -> &'static str {
        if self.setup == Emmy { "emmy" } else { "ada" }
    }
}

/// The person who signs in, and what the site knows of its issuer before the fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setup {
    /// Ada, in the first sign-in: the issuer's endpoints are known, its keys are not.
    Fresh,
    /// As `Fresh`, but Emmy, whose name and e-mail address are only in userinfo.
    Emmy,
    /// Ada, after somebody else: endpoints and keys are known.
    Warm,
    /// Ada, in the first request: the fault is on before any request to the issuer.
    NothingKnown,
    /// As `Fresh`, and discovery announces the callback parameter `iss`.
    IssParameter,
}

impl Display for Setup {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Fresh => "keys cold",
            Emmy => "emmy",
            Warm => "keys warm",
            NothingKnown => "discovery cold",
            IssParameter => "iss_parameter on",
        })
    }
}

/// The expected end of the sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// One of these statuses, before any token request.
    Refused(&'static [u16]),
    /// One of these statuses, after the token request, if the token endpoint is known.
    Rejected(&'static [u16]),
    /// A session under the person's name.
    SignsIn,
    /// A session under the subject, because the name could not be fetched.
    SignsInNameless,
}

impl Display for Expected {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Refused(statuses) => f.pad(&format!("{} before a request", any_of(statuses))),
            Rejected(statuses) => f.pad(&any_of(statuses)),
            SignsIn => f.pad("signs in"),
            SignsInNameless => f.pad("signs in, nameless"),
        }
    }
}

fn any_of(statuses: &[u16]) -> String {
    statuses.iter().map(u16::to_string).collect::<Vec<_>>().join("/")
}

const fn row(id: &'static str, fault: &'static str, setup: Setup, expected: Expected) -> Row {
    Row { id, fault, setup, expected }
}

/// All cases.
pub fn rows() -> impl Iterator<Item = &'static Row> {
    [CALLBACK, CLAIMS, SIGNATURES, TOKEN, USERINFO, KEYS, DISCOVERY, EVERYTHING].into_iter().flatten()
}

/// Faults of refresh, the account API, the portal, revocation, introspection and the management API, which a sign-in
/// never meets, and of access tokens, which decide no sign-in.
pub const NOT_ABOUT_SIGN_IN: &[&str] = &[
    "refresh_500",
    "refresh_503",
    "refresh_429",
    "refresh_invalid_grant",
    "refresh_invalid_client",
    "refresh_unauthorized_client",
    "refresh_invalid_request",
    "refresh_slow",
    "refresh_held",
    "refresh_drop",
    "refresh_drop_mid",
    "refresh_malformed",
    "refresh_empty",
    "refresh_html",
    "refresh_no_id_token",
    "refresh_no_refresh_token",
    "refresh_minimal",
    "refresh_id_sub_other",
    "refresh_wrong_iss",
    "refresh_access_sub_other",
    "account_401",
    "account_403",
    "account_404",
    "account_429",
    "account_500",
    "account_slow",
    "account_held",
    "account_drop",
    "account_drop_mid",
    "account_redirect",
    "account_malformed",
    "account_empty",
    "account_html",
    "account_huge",
    "portal_other_host",
    "portal_http",
    "portal_lookalike",
    "portal_user_name",
    "portal_script",
    "portal_no_url",
    "revoke_500",
    "revoke_429",
    "revoke_slow",
    "revoke_held",
    "revoke_drop",
    "introspect_429",
    "management_429",
    "management_500",
    "access_wrong_iss",
    "access_wrong_client",
    "access_sub_other",
    "access_expired",
    "access_missing_exp",
    "access_nbf_future",
    "access_odd_types",
    "access_alg_none",
    "access_hs256_public_key",
    "access_unknown_key_same_kid",
    "access_unknown_kid",
    "access_tampered",
];

/// Whatever fails verification is 400, no matter who sent it.
const UNVERIFIED: Expected = Rejected(&[400]);
/// As [`UNVERIFIED`], and the code is not sent to the issuer.
const UNSENT: Expected = Refused(&[400]);
/// The issuer returned no usable response.
const BAD_RESPONSE: Expected = Rejected(&[502, 503]);
/// The issuer returned no response in time.
const NO_RESPONSE: Expected = Rejected(&[503, 504]);
/// Without discovery no sign-in can begin.
const UNAVAILABLE: Expected = Refused(&[503]);

#[rustfmt::skip] // A table reads best with one case per line.
const CALLBACK: &[Row] = &[
    row("CB-1", "cb_wrong_state", Fresh, UNSENT),
    row("CB-2", "cb_missing_state", Fresh, UNSENT),
    row("CB-9", "cb_wrong_code", Fresh, UNVERIFIED),
    row("CB-10", "cb_wrong_iss", Fresh, UNSENT),
    row("CB-10", "cb_wrong_iss", IssParameter, UNSENT),
    row("CB-11", "cb_missing_iss", Fresh, SignsIn),
    row("CB-11", "cb_missing_iss", IssParameter, UNSENT),
    row("CB-12", "cb_duplicate_state", Fresh, UNSENT),
    row("CB-12", "cb_duplicate_code", Fresh, UNSENT),
    row("CB-13", "cb_access_denied", Fresh, UNSENT),
    row("CB-13", "cb_login_required", Fresh, UNSENT),
    row("CB-13", "cb_server_error", Fresh, UNAVAILABLE),
    row("CB-13", "cb_temporarily_unavailable", Fresh, UNAVAILABLE),
    row("CB-15", "cb_xss_error", Fresh, UNSENT),
    row("CB-16", "cb_login_link_expired", Fresh, UNSENT),
    row("CB-16", "cb_login_link_expired_no_state", Fresh, UNSENT),
    row("CB-17", "cb_missing_code", Fresh, UNSENT),
];

#[rustfmt::skip]
const CLAIMS: &[Row] = &[
    row("ID-1", "id_wrong_iss", Fresh, UNVERIFIED),
    row("ID-1", "id_missing_iss", Fresh, UNVERIFIED),
    row("ID-2", "id_iss_trailing_slash", Fresh, UNVERIFIED),
    row("ID-3", "id_wrong_aud", Fresh, UNVERIFIED),
    row("ID-3", "id_missing_aud", Fresh, UNVERIFIED),
    row("ID-4", "id_aud_untrusted_extra", Fresh, UNVERIFIED),
    row("ID-6", "id_wrong_azp", Fresh, UNVERIFIED),
    row("ID-6", "id_missing_azp", Fresh, SignsIn),
    row("ID-7", "id_wrong_nonce", Fresh, UNVERIFIED),
    row("ID-7", "id_missing_nonce", Fresh, UNVERIFIED),
    row("ID-8", "id_expired", Fresh, UNVERIFIED),
    row("ID-9", "id_expired_30s", Fresh, SignsIn),
    row("ID-9", "id_iat_future_30s", Fresh, SignsIn),
    row("ID-10", "id_iat_future", Fresh, UNVERIFIED),
    row("ID-10", "id_nbf_future", Fresh, UNVERIFIED),
    row("ID-11", "id_missing_exp", Fresh, UNVERIFIED),
    row("ID-12", "id_missing_iat", Fresh, UNVERIFIED),
    row("ID-13", "id_missing_sub", Fresh, UNVERIFIED),
    row("ID-23", "id_malformed", Fresh, UNVERIFIED),
    row("ID-23", "id_empty", Fresh, UNVERIFIED),
    row("ID-23", "id_missing", Fresh, UNVERIFIED),
    row("ID-24", "id_bad_at_hash", Fresh, UNVERIFIED),
    // The access token is another user's than the ID token.
    row("ID-27", "id_sub_other", Fresh, UNVERIFIED),
    row("ID-27", "id_sub_other", Emmy, UNVERIFIED),
];

#[rustfmt::skip]
const SIGNATURES: &[Row] = &[
    row("ID-14", "id_alg_none", Fresh, UNVERIFIED),
    row("ID-14", "id_alg_none_upper", Fresh, UNVERIFIED),
    row("ID-15", "id_hs256_public_key", Warm, UNVERIFIED),
    row("ID-16", "id_hs256_client_secret", Warm, UNVERIFIED),
    row("ID-17", "id_unknown_key_same_kid", Fresh, UNVERIFIED),
    row("ID-17", "id_unknown_key_same_kid", Warm, UNVERIFIED),
    row("ID-17", "id_tampered", Fresh, UNVERIFIED),
    row("ID-18", "id_unknown_kid", Fresh, UNVERIFIED),
    row("ID-18", "id_unknown_kid", Warm, UNVERIFIED),
    row("ID-19", "id_no_kid", Fresh, SignsIn),
    row("ID-19", "id_no_kid", Warm, SignsIn),
    row("ID-20", "id_no_kid_multiple_jwks", Fresh, UNVERIFIED),
    row("ID-21", "id_embedded_jwk", Fresh, UNVERIFIED),
    row("ID-21", "id_embedded_jwk", Warm, UNVERIFIED),
];

#[rustfmt::skip]
const TOKEN: &[Row] = &[
    row("PF-1", "token_500", Fresh, BAD_RESPONSE),
    row("PF-1", "token_503", Fresh, BAD_RESPONSE),
    row("PF-2", "token_429", Fresh, Rejected(&[503])),
    row("PF-3", "token_slow", Fresh, NO_RESPONSE),
    row("PF-5", "token_malformed", Fresh, BAD_RESPONSE),
    row("PF-5", "token_empty", Fresh, BAD_RESPONSE),
    row("PF-5", "token_html", Fresh, BAD_RESPONSE),
    row("PF-6", "token_drop", Fresh, BAD_RESPONSE),
    row("PF-6", "token_drop_mid", Fresh, BAD_RESPONSE),
    row("PF-7", "token_redirect", Fresh, BAD_RESPONSE),
    row("PF-8", "token_missing_access_token", Fresh, UNVERIFIED),
    row("PF-8", "token_no_expires_in", Fresh, SignsIn),
    row("PF-8", "token_expires_in_string", Fresh, SignsIn),
    row("PF-8", "token_expires_in_zero", Fresh, SignsIn),
    row("PF-8", "token_expires_in_negative", Fresh, SignsIn),
    row("PF-9", "token_invalid_grant", Fresh, UNVERIFIED),
    row("PF-9", "token_invalid_client", Fresh, Rejected(&[502])),
    row("CB-22", "token_wrong_type", Fresh, UNVERIFIED),
    row("DL-8", "token_huge", Fresh, BAD_RESPONSE),
];

#[rustfmt::skip]
const USERINFO: &[Row] = &[
    row("ID-27", "userinfo_sub_mismatch", Emmy, UNVERIFIED),
    row("ID-27", "userinfo_missing_sub", Emmy, UNVERIFIED),
    row("ID-27", "userinfo_sub_mismatch", Fresh, SignsIn),
    row("PF-14", "userinfo_500", Fresh, SignsIn),
    row("PF-14", "userinfo_500", Emmy, SignsInNameless),
    row("PF-14", "userinfo_401", Emmy, SignsInNameless),
    row("PF-14", "userinfo_403", Emmy, SignsInNameless),
    row("PF-14", "userinfo_429", Emmy, SignsInNameless),
    row("PF-14", "userinfo_drop", Emmy, SignsInNameless),
    row("PF-3", "userinfo_slow", Emmy, SignsInNameless),
    row("PF-5", "userinfo_malformed", Emmy, SignsInNameless),
    row("PF-5", "userinfo_html", Emmy, SignsInNameless),
    row("PF-7", "userinfo_redirect", Emmy, SignsInNameless),
    row("DL-8", "userinfo_huge", Emmy, SignsInNameless),
];

#[rustfmt::skip]
const KEYS: &[Row] = &[
    row("PF-10", "jwks_500", Fresh, BAD_RESPONSE),
    row("PF-10", "jwks_drop", Fresh, BAD_RESPONSE),
    row("PF-10", "jwks_malformed", Fresh, BAD_RESPONSE),
    row("PF-10", "jwks_html", Fresh, BAD_RESPONSE),
    row("PF-10", "jwks_empty", Fresh, BAD_RESPONSE),
    row("PF-3", "jwks_slow", Fresh, NO_RESPONSE),
    row("PF-7", "jwks_redirect", Fresh, BAD_RESPONSE),
    row("DL-8", "jwks_huge", Fresh, BAD_RESPONSE),
    row("PF-11", "jwks_500", Warm, SignsIn),
    row("PF-11", "jwks_drop", Warm, SignsIn),
    row("PF-11", "jwks_malformed", Warm, SignsIn),
    row("PF-11", "jwks_html", Warm, SignsIn),
    row("PF-11", "jwks_empty", Warm, SignsIn),
    row("PF-11", "jwks_slow", Warm, SignsIn),
    row("PF-11", "jwks_redirect", Warm, SignsIn),
    row("PF-11", "jwks_huge", Warm, SignsIn),
    row("ID-25", "key_rotation", Fresh, SignsIn),
    row("ID-25", "key_rotation", Warm, SignsIn),
    row("ID-25", "key_rotation_drop_old", Fresh, SignsIn),
    row("ID-25", "key_rotation_drop_old", Warm, SignsIn),
];

#[rustfmt::skip]
const DISCOVERY: &[Row] = &[
    row("PF-13", "discovery_500", NothingKnown, UNAVAILABLE),
    row("PF-13", "discovery_drop", NothingKnown, UNAVAILABLE),
    row("PF-13", "discovery_malformed", NothingKnown, UNAVAILABLE),
    row("PF-13", "discovery_html", NothingKnown, UNAVAILABLE),
    row("PF-13", "discovery_slow", NothingKnown, UNAVAILABLE),
    row("PF-13", "discovery_no_token_endpoint", NothingKnown, UNAVAILABLE),
    row("RD-10", "discovery_wrong_issuer", NothingKnown, UNAVAILABLE),
    row("PF-7", "discovery_redirect", NothingKnown, UNAVAILABLE),
    row("DL-8", "discovery_huge", NothingKnown, UNAVAILABLE),
    row("PF-13", "discovery_500", Warm, SignsIn),
    row("PF-13", "discovery_drop", Warm, SignsIn),
    row("PF-13", "discovery_slow", Warm, SignsIn),
    row("RD-10", "discovery_wrong_issuer", Warm, SignsIn),
];

#[rustfmt::skip]
const EVERYTHING: &[Row] = &[
    row("PF-12", "all_down", NothingKnown, UNAVAILABLE),
    row("PF-12", "all_500", NothingKnown, UNAVAILABLE),
    row("PF-3", "all_slow", NothingKnown, UNAVAILABLE),
    row("PF-16", "all_down", Fresh, BAD_RESPONSE),
    row("PF-16", "all_500", Fresh, BAD_RESPONSE),
    row("PF-3", "all_slow", Fresh, NO_RESPONSE),
    row("PF-16", "all_down", Warm, BAD_RESPONSE),
    row("PF-16", "all_500", Warm, BAD_RESPONSE),
    row("PF-3", "all_slow", Warm, NO_RESPONSE),
];
