//! The paths of the protocol endpoints, from the root of the tenant's origin. Discovery announces them, the route table
//! serves them, and the layer of the faults recognizes them.
//!
//! OpenID Connect Discovery §4.1 (the path of the document starts with that of the issuer). Kinde's paths are those of
//! its discovery document and SDKs.

/// The paths of one shape.
#[derive(Debug)]
pub(crate) struct Paths {
    pub(crate) discovery: &'static str,
    pub(crate) authorization: &'static str,
    pub(crate) token: &'static str,
    pub(crate) user_profile: &'static str,
    pub(crate) key_set: &'static str,
    pub(crate) revocation: &'static str,
    pub(crate) introspection: &'static str,
    pub(crate) logout: &'static str,
}

/// Kinde's older path of the key set. Some of Kinde's SDKs use it.
pub(crate) const KINDE_KEY_SET_JSON: &str = "/.well-known/jwks.json";
/// The beginning of the paths of Kinde's account API.
pub(crate) const KINDE_ACCOUNT_API: &str = "/account_api/v1/";
/// The beginning of the paths of Kinde's management API.
pub(crate) const KINDE_MANAGEMENT_API: &str = "/api/v1/";
/// Where the sign-in page sends its forms, in every shape.
pub(crate) const SIGN_IN: &str = "/sign-in";
/// The link to Kinde's self-serve portal.
pub(crate) const KINDE_PORTAL_LINK: &str = "/account_api/v1/portal_link";
/// The first version of Kinde's user profile.
pub(crate) const KINDE_USER_PROFILE_V1: &str = "/oauth2/user_profile";

/// The paths of a Kinde tenant.
pub(super) const KINDE: Paths = Paths {
    discovery: "/.well-known/openid-configuration",
    authorization: "/oauth2/auth",
    token: "/oauth2/token",
    user_profile: "/oauth2/v2/user_profile",
    key_set: "/.well-known/jwks",
    revocation: "/oauth2/revoke",
    introspection: "/oauth2/introspect",
    logout: "/logout",
};

/// The paths of a plain issuer. None of them is a path of Kinde.
pub(super) const PLAIN: Paths = Paths {
    discovery: "/realms/plain/.well-known/openid-configuration",
    authorization: "/realms/plain/authorize",
    token: "/realms/plain/token",
    user_profile: "/realms/plain/userinfo",
    key_set: "/realms/plain/keys",
    revocation: "/realms/plain/revoke",
    introspection: "/realms/plain/introspect",
    logout: "/realms/plain/end_session",
};

impl Paths {
    /// Returns whether the path is one of the key set.
    pub(crate) fn is_key_set(&self, path: &str) -> bool {
        path == self.key_set || path == KINDE_KEY_SET_JSON
    }

    /// Returns whether the path is one of the user profile.
    pub(crate) fn is_user_profile(&self, path: &str) -> bool {
        path == self.user_profile || path == KINDE_USER_PROFILE_V1
    }
}
