//! The paths of the sign-in routes, which links, redirects and the rules for return paths need as well.
//! The routes are in `web::routes`.

use std::borrow::Cow;

/// The prefix of all sign-in routes.
pub const AUTH_PREFIX: &str = "/api/auth/";
/// Begins a sign-in.
pub const LOGIN: &str = "/api/auth/login";
/// Begins a sign-in at the issuer's screen for new accounts.
pub const REGISTER: &str = "/api/auth/register";
/// Begins a sign-in that creates an organization. Only at Kinde.
pub const CREATE_ORG: &str = "/api/auth/create_org";
/// Begins a sign-in to another organization of the user. Only at Kinde.
pub const SWITCH_ORG: &str = "/api/auth/switch_org";
/// Leads to Kinde's self-serve portal. Only at Kinde.
pub const PORTAL: &str = "/api/auth/portal";
/// The path of the `redirect_uri`, to which the issuer sends the browser back. The name is Kinde's.
pub const CALLBACK: &str = "/api/auth/kinde_callback";
/// Ends the session.
pub const LOGOUT: &str = "/api/auth/logout";
/// Ends all sessions of the user.
pub const LOGOUT_EVERYWHERE: &str = "/api/auth/logout_everywhere";
/// The time left of the session, and the form by which the user stays signed in.
pub const SESSION: &str = "/api/auth/session";
/// Ends one of the user's sessions.
pub const END_SESSION: &str = "/api/auth/sessions/end";
/// The page with the user's account and sessions.
pub const ACCOUNT: &str = "/account";
/// Where another issuer than Kinde says that a user has signed out there (OpenID Connect Back-Channel Logout 1.0).
pub const BACKCHANNEL_LOGOUT: &str = "/api/auth/backchannel_logout";
/// Where Kinde sends its events. It is none of the sign-in routes: no browser sends requests there.
pub const WEBHOOKS: &str = "/api/webhooks/kinde";
/// The page on which a sign-out ends.
pub const SIGNED_OUT: &str = "/signed-out";
/// The parameter of the routes that begin a sign-in and of the portal, with the path to return to. The name is Kinde's.
pub const RETURN_TO_PARAMETER: &str = "post_login_redirect_url";

/// Where the sign-in routes of an application are mounted. The default is Kinde's own names: the constants of this
/// module.
///
/// Each path begins with `/` and consists of letters, digits and `/ . _ - ~`, without the segments `.` and `..`;
/// `Client::new` checks that.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Paths {
    /// Begins a sign-in.
    pub login: String,
    /// Begins a sign-in at the issuer's screen for new accounts.
    pub register: String,
    /// Begins a sign-in that creates an organization; 404 at issuers other than Kinde.
    pub create_org: String,
    /// Begins a sign-in to another organization of the user; 404 at issuers other than Kinde.
    pub switch_org: String,
    /// Leads to Kinde's self-serve portal; 404 at issuers other than Kinde.
    pub portal: String,
    /// The issuer sends the browser back to it.
    pub callback: String,
    /// Ends the session.
    pub logout: String,
    /// Ends all sessions of the user.
    pub logout_everywhere: String,
    /// How long the session still lives, as JSON; a POST prolongs it.
    pub session: String,
    /// Ends one of the user's sessions, and leads to `account`.
    pub end_session: String,
    /// The application's own page of the user's account, to which the portal leads back.
    pub account: String,
    /// Takes logout tokens of issuers other than Kinde; 404 at Kinde.
    pub backchannel_logout: String,
    /// Takes Kinde's events, where the application mounts [`crate::auth::webhooks`]; 404 at other issuers.
    pub webhooks: String,
    /// The application's own public page on which a sign-out ends.
    pub signed_out: String,
}

impl Default for Paths {
    fn default() -> Self {
        Self {
            login: LOGIN.to_owned(),
            register: REGISTER.to_owned(),
            create_org: CREATE_ORG.to_owned(),
            switch_org: SWITCH_ORG.to_owned(),
            portal: PORTAL.to_owned(),
            callback: CALLBACK.to_owned(),
            logout: LOGOUT.to_owned(),
            logout_everywhere: LOGOUT_EVERYWHERE.to_owned(),
            session: SESSION.to_owned(),
            end_session: END_SESSION.to_owned(),
            account: ACCOUNT.to_owned(),
            backchannel_logout: BACKCHANNEL_LOGOUT.to_owned(),
            webhooks: WEBHOOKS.to_owned(),
            signed_out: SIGNED_OUT.to_owned(),
        }
    }
}

impl Paths {
    /// `login`, `register`, `create_org`, `switch_org`, `portal`, `callback`, `logout`, `logout_everywhere`,
    /// `session`, `sessions/end`, `backchannel_logout` and `webhooks` below a prefix such as `/auth`; sign-out ends on `/`, which is
    /// the page of the account too.
    pub fn below(prefix: &str) -> Self {
        let prefix = prefix.trim_end_matches('/');
        let route = |name: &str| format!("{prefix}/{name}");
        Self {
            login: route("login"),
            register: route("register"),
            create_org: route("create_org"),
            switch_org: route("switch_org"),
            portal: route("portal"),
            callback: route("callback"),
            logout: route("logout"),
            logout_everywhere: route("logout_everywhere"),
            session: route("session"),
            end_session: route("sessions/end"),
            account: "/".to_owned(),
            backchannel_logout: route("backchannel_logout"),
            webhooks: route("webhooks"),
            signed_out: "/".to_owned(),
        }
    }

    /// The first path that cannot be mounted.
    pub(super) fn unusable(&self) -> Option<&str> {
        let is_usable = |path: &str| {
            let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-~".contains(&byte);
            let has_dot_segment = path.split('/').any(|segment| segment == "." || segment == "..");
            path.starts_with('/') && !path.contains("//") && !has_dot_segment && path.bytes().all(is_plain)
        };
        let routes: Vec<&str> = self.routes().into_iter().chain([self.webhooks.as_str()]).collect();
        let is_doubled = |path: &&str| routes.iter().filter(|other| *other == path).count() > 1;
        let unusable = routes.iter().copied().find(|path| !is_usable(path) || *path == "/" || is_doubled(path));
        let mut pages = [self.account.as_str(), self.signed_out.as_str()].into_iter();
        unusable.or_else(|| pages.find(|path| !is_usable(path) || self.are_at(path)))
    }

    /// Whether a percent-decoded path is one of the sign-in routes or below their common folder, in any case and with
    /// doubled slashes: a sign-in must not return there, or it would begin again or sign out.
    pub(super) fn are_at(&self, path: &str) -> bool {
        let path = if path.contains("//") { Cow::Owned(path.replace("//", "/")) } else { Cow::Borrowed(path) };
        let is_at = |folder: &str| is_below(folder, &path) || path.eq_ignore_ascii_case(folder);
        let folder = self.folder();
        self.routes().into_iter().any(is_at) || (!folder.is_empty() && is_at(folder))
    }

    /// Whether a request for this path begins a sign-in.
    pub fn begins_sign_in(&self, path: &str) -> bool {
        [&self.login, &self.register, &self.create_org, &self.switch_org].into_iter().any(|route| route == path)
    }

    /// The sign-in routes. The webhooks are none of them: they may be in another folder.
    fn routes(&self) -> [&str; 11] {
        [
            &self.login,
            &self.register,
            &self.create_org,
            &self.switch_org,
            &self.portal,
            &self.callback,
            &self.logout,
            &self.logout_everywhere,
            &self.session,
            &self.end_session,
            &self.backchannel_logout,
        ]
    }

    /// The folder that all routes are in, without a slash at its end; empty for `/`.
    fn folder(&self) -> &str {
        let [mut folder, others @ ..] = self.routes();
        while let Some((parent, _)) = folder.rsplit_once('/') {
            folder = parent;
            if others.iter().all(|other| is_below(folder, other)) {
                break;
            }
        }
        folder
    }
}

/// Whether a path continues a folder's, in any case.
fn is_below(folder: &str, path: &str) -> bool {
    let begins = path.get(..folder.len()).is_some_and(|beginning| beginning.eq_ignore_ascii_case(folder));
    begins && path.as_bytes().get(folder.len()) == Some(&b'/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_paths_are_kindes_names() {
        let paths = Paths::default();
        assert_eq!(paths.unusable(), None);
        assert_eq!(paths.folder(), AUTH_PREFIX.trim_end_matches('/'));
        for path in ["/api/auth/login", "/API/auth//Logout", "/api/auth", "/api/auth/", "/api//auth/new"] {
            assert!(paths.are_at(path), "{path}");
        }
        for path in ["/", "/api/authors", "/api/item", "/signed-out"] {
            assert!(!paths.are_at(path), "{path}");
        }
    }

    #[test]
    fn routes_without_a_common_folder_are_found_one_by_one() {
        let mut paths = Paths::below("/");
        paths.callback = "/oidc/return".to_owned();
        assert_eq!(paths.unusable(), None);
        assert!(paths.are_at("/LOGIN") && paths.are_at("/oidc/return/x") && paths.are_at("/logout/"));
        assert!(!paths.are_at("/login-help") && !paths.are_at("/oidc") && !paths.are_at("/"));
    }

    #[test]
    fn a_path_that_cannot_be_mounted_is_named() {
        for path in [
            "",
            "login",
            "//login",
            "/{login}",
            "/log in",
            "/login?x",
            "/auth/../login",
            "/./login",
            "/",
            "/auth/logout",
        ] {
            let mut paths = Paths::below("/auth");
            paths.login = path.to_owned();
            assert!(paths.unusable().is_some(), "{path}");
        }
        let mut paths = Paths::below("/auth");
        paths.signed_out = "/auth/bye".to_owned();
        assert_eq!(paths.unusable(), Some("/auth/bye"));
        let mut paths = Paths::below("/auth");
        paths.account = "account".to_owned();
        assert_eq!(paths.unusable(), Some("account"));
    }
}
