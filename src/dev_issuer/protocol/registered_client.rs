//! The one client of the tenant that signs users in, and its registration: the URLs to which the tenant may redirect a
//! browser, which the management API changes. The check of the client's credentials is in
//! `endpoints::client_authentication`. The clients of machines are in `machine_clients`.
//!
//! RFC 6749 §2 and §3.1.2.

/// The one client that signs users in, as the tenant was started with it.
pub(crate) struct RegisteredClient {
    pub(crate) id: String,
    pub(crate) secret: String,
    /// The registration to which a reset goes back.
    pub(crate) registration: Registration,
}

/// What is registered for the client.
#[derive(Clone, Debug)]
pub(crate) struct Registration {
    pub(crate) name: String,
    pub(crate) callback_urls: Vec<String>,
    pub(crate) logout_urls: Vec<String>,
    /// The application login URI, to which links in invitations lead.
    pub(crate) login_url: Option<String>,
    pub(crate) homepage_url: Option<String>,
}

impl Registration {
    /// Returns whether the tenant may redirect to this callback. Kinde compares the URLs character by character.
    pub(crate) fn allows_callback(&self, url: &str) -> bool {
        self.callback_urls.iter().any(|allowed| allowed == url)
    }

    /// Returns whether the tenant may redirect to this URL after logout.
    pub(crate) fn allows_logout(&self, url: &str) -> bool {
        self.logout_urls.iter().any(|allowed| allowed == url)
    }
}
