//! The faults of the responses to the client's own requests: token endpoint, user profile, account API, portal link,
//! key set, discovery, and all of them. The faults of the ID token are in `id_token`.
//!
//! RFC 6749 §5, OIDC Core §5.3, RFC 7517 §5, OpenID Connect Discovery §4.

use crate::dev_issuer::faults::{
    alteration::Alteration::{AsText, Keep, List, Number, Remove, Text},
    disturbance::Disturbance::{
        ApiError, ApiRateLimited, Drop, DropMid, Empty, Error, Held, Html, Huge, Malformed, RateLimited, Redirect, Slow,
    },
    fault::{
        Document::{Discovery, KeySet, PortalLink, RefreshResponse, RefreshedIdToken, TokenResponse, UserProfile},
        Effect::{Alters, Disturbs, Rotates},
        Endpoint, Fault, fault,
    },
};

const EVIL_ISSUER: &str = "https://evil.example";

#[rustfmt::skip] // A table reads best with one fault per line.
pub(super) const TOKEN: &[Fault] = &[
    fault("token_500", Disturbs(Endpoint::Token, Error(500, "server_error")), "500"),
    fault("token_503", Disturbs(Endpoint::Token, Error(503, "temporarily_unavailable")), "503"),
    fault("token_429", Disturbs(Endpoint::Token, RateLimited), "429 with Retry-After and RateLimit-Reset"),
    fault("token_invalid_grant", Disturbs(Endpoint::Token, Error(400, "invalid_grant")), "400 invalid_grant"),
    fault("token_invalid_client", Disturbs(Endpoint::Token, Error(401, "invalid_client")), "401 invalid_client"),
    fault("token_slow", Disturbs(Endpoint::Token, Slow), "responds late"),
    fault("token_drop", Disturbs(Endpoint::Token, Drop), "connection cut before anything happens"),
    fault("token_drop_mid", Disturbs(Endpoint::Token, DropMid), "grant used, connection cut in the middle of the response"),
    fault("token_redirect", Disturbs(Endpoint::Token, Redirect), "307 to /dev/stolen"),
    fault("token_malformed", Disturbs(Endpoint::Token, Malformed), "broken JSON"),
    fault("token_empty", Disturbs(Endpoint::Token, Empty), "an empty body"),
    fault("token_html", Disturbs(Endpoint::Token, Html), "a page instead of JSON"),
    fault("token_huge", Disturbs(Endpoint::Token, Huge), "256 MiB"),
    fault("token_missing_access_token", Alters(TokenResponse, &[Remove("access_token")]), "no access_token"),
    fault("token_wrong_type", Alters(TokenResponse, &[Text("token_type", "mac")]), "token_type mac"),
    fault("token_no_expires_in", Alters(TokenResponse, &[Remove("expires_in")]), "no expires_in"),
    fault("token_expires_in_string", Alters(TokenResponse, &[AsText("expires_in")]), "expires_in as a text"),
    fault("token_expires_in_zero", Alters(TokenResponse, &[Number("expires_in", 0)]), "expires_in 0"),
    fault("token_expires_in_negative", Alters(TokenResponse, &[Number("expires_in", -1)]), "expires_in -1"),
];

#[rustfmt::skip] // A table reads best with one fault per line.
pub(super) const REFRESH: &[Fault] = &[
    fault("refresh_500", Disturbs(Endpoint::Refresh, Error(500, "server_error")), "500"),
    fault("refresh_503", Disturbs(Endpoint::Refresh, Error(503, "temporarily_unavailable")), "503"),
    fault("refresh_429", Disturbs(Endpoint::Refresh, RateLimited), "429 with Retry-After and RateLimit-Reset"),
    fault("refresh_invalid_grant", Disturbs(Endpoint::Refresh, Error(400, "invalid_grant")), "400 invalid_grant"),
    fault("refresh_invalid_client", Disturbs(Endpoint::Refresh, Error(401, "invalid_client")), "401 invalid_client"),
    fault("refresh_unauthorized_client", Disturbs(Endpoint::Refresh, Error(400, "unauthorized_client")), "400 unauthorized_client"),
    fault("refresh_invalid_request", Disturbs(Endpoint::Refresh, Error(400, "invalid_request")), "400 invalid_request"),
    fault("refresh_slow", Disturbs(Endpoint::Refresh, Slow), "responds late"),
    fault("refresh_held", Disturbs(Endpoint::Refresh, Held), "refresh token used, the response waits for DELETE /dev/held"),
    fault("refresh_drop", Disturbs(Endpoint::Refresh, Drop), "connection cut before the refresh token is used"),
    fault("refresh_drop_mid", Disturbs(Endpoint::Refresh, DropMid), "refresh token used, connection cut in the middle of the response"),
    fault("refresh_malformed", Disturbs(Endpoint::Refresh, Malformed), "broken JSON"),
    fault("refresh_empty", Disturbs(Endpoint::Refresh, Empty), "an empty body"),
    fault("refresh_html", Disturbs(Endpoint::Refresh, Html), "a page instead of JSON"),
    fault("refresh_no_id_token", Alters(RefreshResponse, &[Remove("id_token")]), "no ID token"),
    fault("refresh_no_refresh_token", Alters(RefreshResponse, &[Remove("refresh_token")]), "no new refresh token"),
    fault("refresh_minimal", Alters(RefreshResponse, &[Keep(&["access_token", "refresh_token", "token_type"])]), "neither expires_in nor ID token, as Kinde documents it"),
    fault("refresh_id_sub_other", Alters(RefreshedIdToken, &[Text("sub", "kp_somebody_else")]), "another person's ID token"),
    fault("refresh_wrong_iss", Alters(RefreshedIdToken, &[Text("iss", EVIL_ISSUER)]), "an ID token of another issuer"),
];

#[rustfmt::skip] // A table reads best with one fault per line.
pub(super) const USER_PROFILE: &[Fault] = &[
    fault("userinfo_500", Disturbs(Endpoint::UserProfile, Error(500, "server_error")), "500"),
    fault("userinfo_401", Disturbs(Endpoint::UserProfile, Error(401, "invalid_token")), "401 though the token is good"),
    fault("userinfo_403", Disturbs(Endpoint::UserProfile, Error(403, "invalid_token")), "403 though the token is good"),
    fault("userinfo_429", Disturbs(Endpoint::UserProfile, RateLimited), "429 with Retry-After and RateLimit-Reset"),
    fault("userinfo_slow", Disturbs(Endpoint::UserProfile, Slow), "responds late"),
    fault("userinfo_drop", Disturbs(Endpoint::UserProfile, Drop), "connection cut"),
    fault("userinfo_malformed", Disturbs(Endpoint::UserProfile, Malformed), "broken JSON"),
    fault("userinfo_html", Disturbs(Endpoint::UserProfile, Html), "a page instead of JSON"),
    fault("userinfo_huge", Disturbs(Endpoint::UserProfile, Huge), "256 MiB"),
    fault("userinfo_redirect", Disturbs(Endpoint::UserProfile, Redirect), "307 to /dev/stolen"),
    fault("userinfo_sub_mismatch", Alters(UserProfile, &[Text("sub", "kp_somebody_else"), Text("id", "kp_somebody_else")]), "another person's sub"),
    fault("userinfo_missing_sub", Alters(UserProfile, &[Remove("sub")]), "no sub"),
];

#[rustfmt::skip] // A table reads best with one fault per line.
pub(super) const ACCOUNT_API: &[Fault] = &[
    fault("account_401", Disturbs(Endpoint::AccountApi, ApiError(401, "UNAUTHORIZED")), "401 though the token is good"),
    fault("account_403", Disturbs(Endpoint::AccountApi, ApiError(403, "INVALID_CREDENTIALS")), "403 though the token is good"),
    fault("account_404", Disturbs(Endpoint::AccountApi, ApiError(404, "NOT_FOUND")), "404"),
    fault("account_429", Disturbs(Endpoint::AccountApi, ApiRateLimited), "429 with Retry-After and RateLimit-Reset"),
    fault("account_500", Disturbs(Endpoint::AccountApi, ApiError(500, "INTERNAL_ERROR")), "500"),
    fault("account_slow", Disturbs(Endpoint::AccountApi, Slow), "responds late"),
    fault("account_held", Disturbs(Endpoint::AccountApi, Held), "values read, the response waits for DELETE /dev/held"),
    fault("account_drop", Disturbs(Endpoint::AccountApi, Drop), "connection cut"),
    fault("account_drop_mid", Disturbs(Endpoint::AccountApi, DropMid), "connection cut in the middle of the response"),
    fault("account_redirect", Disturbs(Endpoint::AccountApi, Redirect), "307 to /dev/stolen"),
    fault("account_malformed", Disturbs(Endpoint::AccountApi, Malformed), "broken JSON"),
    fault("account_empty", Disturbs(Endpoint::AccountApi, Empty), "an empty body"),
    fault("account_html", Disturbs(Endpoint::AccountApi, Html), "a page instead of JSON"),
    fault("account_huge", Disturbs(Endpoint::AccountApi, Huge), "256 MiB"),
];

#[rustfmt::skip] // A table reads best with one fault per line.
pub(super) const PORTAL: &[Fault] = &[
    fault("portal_other_host", Alters(PortalLink, &[Text("url", "https://evil.example/portal_redirect?key=x")]), "a portal of another site"),
    fault("portal_http", Alters(PortalLink, &[Text("url", "http://portal.kinde.com/portal_redirect?key=x")]), "a portal by plain http"),
    fault("portal_lookalike", Alters(PortalLink, &[Text("url", "https://evilkinde.com/portal_redirect?key=x")]), "a host whose name ends like Kinde's"),
    fault("portal_user_name", Alters(PortalLink, &[Text("url", "https://kinde.com@evil.example/portal_redirect?key=x")]), "Kinde's host as the user name of another site"),
    fault("portal_script", Alters(PortalLink, &[Text("url", "javascript:alert(1)")]), "a script instead of an address"),
    fault("portal_no_url", Alters(PortalLink, &[Remove("url")]), "no url"),
];

#[rustfmt::skip] // A table reads best with one fault per line.
pub(super) const KEYS: &[Fault] = &[
    fault("jwks_500", Disturbs(Endpoint::Jwks, Error(500, "server_error")), "500"),
    fault("jwks_slow", Disturbs(Endpoint::Jwks, Slow), "responds late"),
    fault("jwks_drop", Disturbs(Endpoint::Jwks, Drop), "connection cut"),
    fault("jwks_malformed", Disturbs(Endpoint::Jwks, Malformed), "broken JSON"),
    fault("jwks_empty", Alters(KeySet, &[List("keys", &[])]), "a key set without keys"),
    fault("jwks_html", Disturbs(Endpoint::Jwks, Html), "a page instead of JSON"),
    fault("jwks_huge", Disturbs(Endpoint::Jwks, Huge), "256 MiB"),
    fault("jwks_redirect", Disturbs(Endpoint::Jwks, Redirect), "307 to /dev/stolen"),
    fault("key_rotation", Rotates { drop_old: false }, "a new signing key at once, the old one stays published"),
    fault("key_rotation_drop_old", Rotates { drop_old: true }, "a new signing key at once, the old one is gone"),
];

#[rustfmt::skip] // A table reads best with one fault per line.
pub(super) const DISCOVERY: &[Fault] = &[
    fault("discovery_500", Disturbs(Endpoint::Discovery, Error(500, "server_error")), "500"),
    fault("discovery_slow", Disturbs(Endpoint::Discovery, Slow), "responds late"),
    fault("discovery_drop", Disturbs(Endpoint::Discovery, Drop), "connection cut"),
    fault("discovery_malformed", Disturbs(Endpoint::Discovery, Malformed), "broken JSON"),
    fault("discovery_html", Disturbs(Endpoint::Discovery, Html), "a page instead of JSON"),
    fault("discovery_huge", Disturbs(Endpoint::Discovery, Huge), "256 MiB"),
    fault("discovery_redirect", Disturbs(Endpoint::Discovery, Redirect), "307 to /dev/stolen"),
    fault("discovery_wrong_issuer", Alters(Discovery, &[Text("issuer", EVIL_ISSUER)]), "another issuer"),
    fault("discovery_no_token_endpoint", Alters(Discovery, &[Remove("token_endpoint")]), "no token_endpoint"),
];

#[rustfmt::skip] // A table reads best with one fault per line.
pub(super) const OTHERS: &[Fault] = &[
    fault("revoke_500", Disturbs(Endpoint::Revocation, Error(500, "server_error")), "revocation responds with 500"),
    fault("revoke_429", Disturbs(Endpoint::Revocation, ApiRateLimited), "revocation responds with 429"),
    fault("revoke_slow", Disturbs(Endpoint::Revocation, Slow), "revocation responds late"),
    fault("revoke_held", Disturbs(Endpoint::Revocation, Held), "token revoked, the response waits for DELETE /dev/held"),
    fault("revoke_drop", Disturbs(Endpoint::Revocation, Drop), "revocation cuts the connection"),
    fault("introspect_429", Disturbs(Endpoint::Introspection, RateLimited), "introspection responds with 429"),
    fault("management_429", Disturbs(Endpoint::Management, ApiRateLimited), "the management API responds with 429"),
    fault("management_500", Disturbs(Endpoint::Management, ApiError(500, "INTERNAL_ERROR")), "the management API responds with 500"),
    fault("all_down", Disturbs(Endpoint::Any, Drop), "every connection cut, except to the switchboard"),
    fault("all_500", Disturbs(Endpoint::Any, Error(500, "server_error")), "500 everywhere, except at the switchboard"),
    fault("all_slow", Disturbs(Endpoint::Any, Slow), "everything responds late, except the switchboard"),
];
