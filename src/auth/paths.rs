//! The paths of the sign-in routes, which links, redirects and the rules for return paths need as well.
//! It mounts nothing; `web::routes` does.

/// What all sign-in routes begin with.
pub const AUTH_PREFIX: &str = "/api/auth/";
/// Begins a sign-in.
pub const LOGIN: &str = "/api/auth/login";
/// Begins a sign-in at the issuer's screen for new accounts.
pub const REGISTER: &str = "/api/auth/register";
/// The `redirect_uri`'s path: where the issuer sends the browser back to. The name is Kinde's.
pub const CALLBACK: &str = "/api/auth/kinde_callback";
/// Ends the session.
pub const LOGOUT: &str = "/api/auth/logout";
/// Where a sign-out ends.
pub const SIGNED_OUT: &str = "/signed-out";
/// The parameter of [`LOGIN`] and [`REGISTER`] that holds the path to return to. The name is Kinde's.
pub const RETURN_TO_PARAMETER: &str = "post_login_redirect_url";

/// Whether a percent-decoded path is one of the sign-in routes, in any case and with doubled slashes: a sign-in must not
/// return there, or it would begin again or sign out.
pub(super) fn is_auth_path(path: &str) -> bool {
    let path = path.to_ascii_lowercase().replace("//", "/");
    path.starts_with(AUTH_PREFIX) || path == AUTH_PREFIX.trim_end_matches('/')
}
