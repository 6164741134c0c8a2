//! `Config`: the settings of the sign-in component, as values.
//! Environment variables and files are read by the application.

use std::num::NonZeroUsize;
use std::sync::Arc;

use secrecy::SecretString;
use url::Url;

use super::observation::Observer;
#[cfg(any(debug_assertions, feature = "dev-issuer"))]
use super::observation::VerificationObserver;
use super::oidc::{ClientAuthentication, RequestHeaders, asks_for_refresh_token, is_loopback};
use super::paths::Paths;
use super::session::{ReturnTo, SealingKeys, SessionLifetime};

/// The scope that yields an ID token with name and e-mail, and a refresh token. Kinde's name is `offline`;
/// `offline_access` would yield no refresh token and no error.
pub const DEFAULT_SCOPE: &str = "openid profile email offline";

/// How many sessions one user may have at a time, unless set otherwise.
pub const DEFAULT_SESSIONS_PER_USER: NonZeroUsize = NonZeroUsize::new(50).expect("it is not zero");

/// How many audiences access tokens can be requested for.
pub const MAX_AUDIENCES: usize = 8;

/// How the names of the cookies begin, unless set otherwise.
pub const DEFAULT_COOKIE_PREFIX: &str = "kinde";

/// One application at one issuer. [`Config::new`] takes what has no default, the `with_…` methods change the rest.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Config {
    /// The issuer identifier, such as `https://example.kinde.com`, without a slash at its end: [`Config::new`] removes it.
    pub issuer_url: String,
    /// The application's client id.
    pub client_id: String,
    /// The application's client secret.
    pub client_secret: SecretString,
    /// This site's own origin; decides the cookies' attributes. `https`, or `http` on a loopback host.
    pub site_url: Url,
    /// Where the sign-in routes are mounted. Default: Kinde's names.
    pub paths: Paths,
    /// The `redirect_uri`, to be allowed at the issuer. Default: the path of the callback at `site_url`.
    pub callback_url: Url,
    /// The URL to which the issuer sends the browser after sign-out, to be allowed there too. Default: the path of
    /// sign-out at `site_url`.
    pub logout_redirect_url: Url,
    /// Scopes, separated by spaces, with `openid`. The scope for a refresh token may have Kinde's name or the
    /// standard's, `offline_access`: the issuer gets its own. Default: [`DEFAULT_SCOPE`].
    pub scope: String,
    /// The audiences that access tokens are requested for, such as the API that they are for: at most [`MAX_AUDIENCES`],
    /// without white space. Default: none.
    pub audiences: Vec<String>,
    /// The audiences of the access tokens that programs may send (`Authorization: Bearer`): a token is accepted when its
    /// `aud` has one of them. Neither the client id nor the issuer, which ID tokens name. Default: none, and every token
    /// is refused.
    pub api_audiences: Vec<String>,
    /// The `prompt` of authorization requests that set none themselves: some issuers issue a refresh token only with
    /// `consent`. Not `none`, with which only users whom the issuer knows already could sign in. Default: none.
    pub prompt: Option<String>,
    /// How the client authenticates at the token endpoint. Default: as the issuer's discovery document says.
    pub client_authentication: Option<ClientAuthentication>,
    /// Where a sign-in leads that names no path to return to. Default: `/`.
    pub default_return_to: ReturnTo,
    /// How long a session lives. Default: that of [`SessionLifetime`].
    pub lifetime: SessionLifetime,
    /// How many sessions one user may have: a sign-in beyond that ends the user's oldest session. Default:
    /// [`DEFAULT_SESSIONS_PER_USER`].
    pub sessions_per_user: NonZeroUsize,
    /// How the names of the cookies begin: letters, digits, `_` and `-`. Applications on one host need different ones.
    /// Default: [`DEFAULT_COOKIE_PREFIX`].
    pub cookie_prefix: String,
    /// The keys that seal sessions at rest; without keys they are stored as plain JSON. Default: none.
    pub sealing_keys: Arc<SealingKeys>,
    /// What is added to the headers of every request to the issuer. Default: nothing.
    pub request_headers: RequestHeaders,
    /// Who is told what is verified, for tests and development. Default: nobody.
    pub observer: Observer,
}

impl Config {
    /// An application of this site at an issuer, with the defaults of everything else.
    pub fn new(
        issuer_url: impl Into<String>,
        client_id: impl Into<String>,
        client_secret: impl Into<SecretString>,
        site_url: Url,
    ) -> Self {
        let paths = Paths::default();
        Self {
            issuer_url: issuer_url.into().trim_end_matches('/').to_owned(),
            client_id: client_id.into(),
            client_secret: client_secret.into(),
            callback_url: at(&site_url, &paths.callback),
            logout_redirect_url: at(&site_url, &paths.logout),
            site_url,
            paths,
            scope: DEFAULT_SCOPE.to_owned(),
            audiences: Vec::new(),
            api_audiences: Vec::new(),
            prompt: None,
            client_authentication: None,
            default_return_to: ReturnTo::home(),
            lifetime: SessionLifetime::default(),
            sessions_per_user: DEFAULT_SESSIONS_PER_USER,
            cookie_prefix: DEFAULT_COOKIE_PREFIX.to_owned(),
            sealing_keys: Arc::default(),
            request_headers: RequestHeaders::default(),
            observer: Observer::default(),
        }
    }

    /// Mounts the routes elsewhere, and derives `callback_url` and `logout_redirect_url` from it: call it before
    /// [`Self::with_callback_url`] and [`Self::with_logout_redirect_url`].
    #[must_use]
    pub fn with_paths(mut self, paths: Paths) -> Self {
        self.callback_url = at(&self.site_url, &paths.callback);
        self.logout_redirect_url = at(&self.site_url, &paths.logout);
        self.paths = paths;
        self
    }

    /// Sets the `redirect_uri`.
    #[must_use]
    pub fn with_callback_url(mut self, url: Url) -> Self {
        self.callback_url = url;
        self
    }

    /// Sets the URL to which the issuer sends the browser after sign-out.
    #[must_use]
    pub fn with_logout_redirect_url(mut self, url: Url) -> Self {
        self.logout_redirect_url = url;
        self
    }

    /// Sets the scopes, separated by spaces.
    #[must_use]
    pub fn with_scope(mut self, scope: impl Into<String>) -> Self {
        self.scope = scope.into();
        self
    }

    /// Sets the audiences that access tokens are requested for.
    #[must_use]
    pub fn with_audiences(mut self, audiences: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.audiences = audiences.into_iter().map(Into::into).collect();
        self
    }

    /// Sets the audiences of the access tokens that programs may send.
    #[must_use]
    pub fn with_api_audiences(mut self, audiences: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.api_audiences = audiences.into_iter().map(Into::into).collect();
        self
    }

    /// Sets the `prompt` of authorization requests that set none themselves.
    #[must_use]
    pub fn with_prompt(mut self, prompt: impl Into<String>) -> Self {
        self.prompt = Some(prompt.into());
        self
    }

    /// Sets how the client authenticates at the token endpoint.
    #[must_use]
    pub fn with_client_authentication(mut self, authentication: ClientAuthentication) -> Self {
        self.client_authentication = Some(authentication);
        self
    }

    /// Sets where a sign-in leads that names no path to return to.
    #[must_use]
    pub fn with_default_return_to(mut self, return_to: ReturnTo) -> Self {
        self.default_return_to = return_to;
        self
    }

    /// Sets how long a session lives.
    #[must_use]
    pub fn with_lifetime(mut self, lifetime: SessionLifetime) -> Self {
        self.lifetime = lifetime;
        self
    }

    /// Sets how many sessions one user may have.
    #[must_use]
    pub fn with_sessions_per_user(mut self, sessions: NonZeroUsize) -> Self {
        self.sessions_per_user = sessions;
        self
    }

    /// Sets how the names of the cookies begin.
    #[must_use]
    pub fn with_cookie_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.cookie_prefix = prefix.into();
        self
    }

    /// Sets the keys that seal sessions at rest.
    #[must_use]
    pub fn with_sealing_keys(mut self, keys: impl Into<Arc<SealingKeys>>) -> Self {
        self.sealing_keys = keys.into();
        self
    }

    /// Sets what is added to the headers of every request to the issuer.
    #[must_use]
    pub fn with_request_headers(mut self, headers: RequestHeaders) -> Self {
        self.request_headers = headers;
        self
    }

    /// Tells this observer what is verified. Only in builds with debug assertions, and with the feature `dev-issuer`.
    #[cfg(any(debug_assertions, feature = "dev-issuer"))]
    #[must_use]
    pub fn with_observer(mut self, observer: impl VerificationObserver + 'static) -> Self {
        self.observer = Observer::new(observer);
        self
    }

    /// Whether the scope asks for a refresh token, by Kinde's name or the standard's.
    pub fn asks_for_refresh_tokens(&self) -> bool {
        asks_for_refresh_token(&self.scope)
    }

    /// # Errors
    /// The first setting that cannot work.
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let issuer_url = Url::parse(&self.issuer_url).map_err(|_| ConfigError::Insecure(self.issuer_url.clone()))?;
        for url in [&self.site_url, &issuer_url] {
            if url.scheme() != "https" && !(url.scheme() == "http" && is_loopback(url)) {
                return Err(ConfigError::Insecure(url.to_string()));
            }
        }
        if let Some(path) = self.paths.unusable() {
            return Err(ConfigError::Path(path.to_owned()));
        }
        let is_legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
        if self.cookie_prefix.is_empty() || !self.cookie_prefix.bytes().all(is_legal) {
            return Err(ConfigError::CookiePrefix(self.cookie_prefix.clone()));
        }
        if !self.scope.split_whitespace().any(|scope| scope == "openid") {
            return Err(ConfigError::Scope(self.scope.clone()));
        }
        if self.audiences.len() > MAX_AUDIENCES {
            return Err(ConfigError::Audiences(self.audiences.len()));
        }
        if let Some(audience) = self.audiences.iter().find(|audience| !is_word(audience)) {
            return Err(ConfigError::Audience(audience.clone()));
        }
        let is_unsafe = |audience: &&String| is_audience_of_id_tokens(audience, &self.client_id, &self.issuer_url);
        if let Some(audience) = self.api_audiences.iter().find(is_unsafe) {
            return Err(ConfigError::AudienceOfIdTokens(audience.clone()));
        }
        let is_unusable = |prompt: &&String| !prompt.split(' ').all(|word| is_word(word) && word != "none");
        if let Some(prompt) = self.prompt.as_ref().filter(is_unusable) {
            return Err(ConfigError::Prompt(prompt.clone()));
        }
        Ok(())
    }
}

/// Whether an audience is one that ID tokens name: the client id, or the issuer with or without a slash at its end. An API
/// with such an audience would take ID tokens of its own users.
pub fn is_audience_of_id_tokens(audience: &str, client_id: &str, issuer_url: &str) -> bool {
    audience == client_id || audience.trim_end_matches('/') == issuer_url.trim_end_matches('/')
}

/// Whether a text is not empty and without white space and control characters.
fn is_word(text: &str) -> bool {
    !text.is_empty() && !text.contains(|c: char| c.is_whitespace() || c.is_control())
}

fn at(site_url: &Url, path: &str) -> Url {
    let mut url = site_url.clone();
    url.set_path(path);
    url
}

/// Why no [`Client`](super::Client) can be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The site or the issuer is neither https nor on a loopback host: cookies, codes and tokens could be read on the way.
    #[error("{0} is neither https nor http on this machine")]
    Insecure(String),
    /// A path is malformed, stands twice, or is that of another route.
    #[error("{0:?} is not usable as a path of a sign-in route")]
    Path(String),
    /// The prefix of the cookies' names.
    #[error("{0:?} is not usable as the beginning of a cookie's name: use letters, digits, _ and -")]
    CookiePrefix(String),
    /// The scope lacks `openid`, without which there is no ID token.
    #[error("the scope {0:?} lacks openid, without which nobody can sign in")]
    Scope(String),
    /// There are more than [`MAX_AUDIENCES`].
    #[error("{0} audiences are more than {MAX_AUDIENCES}")]
    Audiences(usize),
    /// An audience is empty, or contains white space.
    #[error("{0:?} is not usable as an audience: use no white space, and one entry for each audience")]
    Audience(String),
    /// An audience of the API is the client id or the issuer.
    #[error("{0:?} is not usable as the audience of an API: ID tokens and other tokens of the issuer name it, too")]
    AudienceOfIdTokens(String),
    /// The prompt is empty, contains `none`, or is not separated by single spaces.
    #[error("{0:?} is not usable as a prompt: use words other than none, separated by single spaces")]
    Prompt(String),
    /// The HTTP client, or its TLS library, cannot be set up.
    #[error("requests to the issuer cannot be set up: {0}")]
    HttpClient(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(issuer_url: &str, site_url: &str) -> Config {
        Config::new(issuer_url, "client", "secret".to_owned(), Url::parse(site_url).unwrap())
    }

    #[test]
    fn a_site_or_an_issuer_without_tls_is_refused_but_on_this_machine() {
        let (kinde, site) = ("https://example.kinde.com", "https://app.example");
        for (issuer, site) in [(kinde, site), (kinde, "http://localhost:8000"), ("http://127.0.0.1:8001", site)] {
            assert_eq!(config(issuer, site).check(), Ok(()));
        }
        for (issuer, site) in [(kinde, "http://app.example"), ("http://kinde.example", site), ("kinde", site)] {
            assert!(matches!(config(issuer, site).check(), Err(ConfigError::Insecure(_))), "{issuer} {site}");
        }
    }

    #[test]
    fn callback_and_sign_out_follow_the_paths() {
        let config = config("https://example.kinde.com", "https://app.example").with_paths(Paths::below("/auth"));
        assert_eq!(config.callback_url.as_str(), "https://app.example/auth/callback");
        assert_eq!(config.logout_redirect_url.as_str(), "https://app.example/auth/logout");
    }

    #[test]
    fn a_request_with_which_nobody_can_sign_in_is_refused() {
        let kinde = || config("https://example.kinde.com", "https://app.example");
        assert_eq!(kinde().with_scope("email openid").check(), Ok(()));
        for scope in ["", "profile email", "openid2"] {
            assert_eq!(kinde().with_scope(scope).check(), Err(ConfigError::Scope(scope.to_owned())));
        }
        for prompt in ["login", "login consent"] {
            assert_eq!(kinde().with_prompt(prompt).check(), Ok(()));
        }
        for prompt in ["", "none", "login none", "login  consent", "login\n"] {
            assert_eq!(kinde().with_prompt(prompt).check(), Err(ConfigError::Prompt(prompt.to_owned())));
        }
    }

    #[test]
    fn at_most_eight_audiences_without_white_space_are_requested() {
        let with = |audiences: &[&str]| {
            config("https://example.kinde.com", "https://app.example").with_audiences(audiences.to_vec()).check()
        };
        assert_eq!(with(&["https://api.example"; 8]), Ok(()));
        assert_eq!(with(&["https://api.example"; 9]), Err(ConfigError::Audiences(9)));
        for audience in ["", "one two", "one\ttwo", "one\u{a0}two", "one\0"] {
            assert_eq!(with(&["api", audience]), Err(ConfigError::Audience(audience.to_owned())));
        }
    }

    #[test]
    fn an_api_has_an_audience_of_its_own() {
        let with = |audience: &str| {
            config("https://example.kinde.com", "https://app.example").with_api_audiences([audience]).check()
        };
        assert_eq!(with("https://api.example"), Ok(()));
        for audience in ["client", "https://example.kinde.com", "https://example.kinde.com/"] {
            assert_eq!(with(audience), Err(ConfigError::AudienceOfIdTokens(audience.to_owned())));
        }
    }

    #[test]
    fn a_cookie_prefix_is_part_of_a_name() {
        let with = |prefix: &str| config("https://a.example", "https://b.example").with_cookie_prefix(prefix).check();
        assert_eq!(with("my_app-1"), Ok(()));
        for prefix in ["", "a b", "a;b", "a=b", "é"] {
            assert_eq!(with(prefix), Err(ConfigError::CookiePrefix(prefix.to_owned())));
        }
    }
}
