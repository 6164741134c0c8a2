//! The one client of the tenant that signs users in, and the URLs to which the tenant may redirect a browser. The check
//! of the client's credentials is in `endpoints::client_authentication`. The clients of machines are in
//! `machine_clients`.
//!
//! RFC 6749 §2 and §3.1.2.

/// The one client that signs users in.
pub(crate) struct RegisteredClient {
    pub(crate) id: String,
    pub(crate) secret: String,
    pub(crate) callback_urls: Vec<String>,
    pub(crate) logout_urls: Vec<String>,
    /// The application login URI, to which links in invitations lead.
    pub(crate) login_url: Option<String>,
}

impl RegisteredClient {
    /// Returns whether the tenant may redirect to this callback. Kinde compares the URLs character by character.
    pub(crate) fn allows_callback(&self, url: &str) -> bool {
        self.callback_urls.iter().any(|allowed| allowed == url)
    }

    /// Returns whether the tenant may redirect to this URL after logout.
    pub(crate) fn allows_logout(&self, url: &str) -> bool {
        self.logout_urls.iter().any(|allowed| allowed == url)
    }
}
