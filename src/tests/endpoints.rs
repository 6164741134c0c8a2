//! The tenant's paths as its log shows them.
//! It leaves out the site's own, which are in `kinde_leptos::paths`.

pub const DISCOVERY: &str = "/.well-known/openid-configuration";
pub const KEYS: &str = "/.well-known/jwks";
pub const TOKEN: &str = "/oauth2/token";
pub const USERINFO: &str = "/oauth2/v2/user_profile";
/// Where a request arrives that followed a redirect or an address from an attacker.
pub const STOLEN: &str = "/dev/stolen";
