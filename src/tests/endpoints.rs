//! The emulated tenant's paths as its log shows them.
//! The site's own paths are in `kinde_leptos::paths`.

pub const DISCOVERY: &str = "/.well-known/openid-configuration";
pub const KEYS: &str = "/.well-known/jwks";
pub const TOKEN: &str = "/oauth2/token";
pub const USERINFO: &str = "/oauth2/v2/user_profile";
/// Receives requests of clients that follow an attacker's redirect or address.
pub const STOLEN: &str = "/dev/stolen";
