//! `HostWatch`: notices sign-ins that begin under another name than the callback's. The browser keeps their cookie for that
//! name, so the callback does not find it.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use url::Url;

/// Visitors can make names up: no more than so many are worth a line in the log.
const MAX_HOSTS: usize = 8;

/// The names that a line was logged for.
#[derive(Debug, Default)]
pub(super) struct HostWatch(Mutex<HashSet<String>>);

impl HostWatch {
    /// To be called when a request for this host (`Host`) begins a sign-in.
    pub(super) fn begun(&self, host: &str, callback_url: &Url) {
        if self.is_suspicious(host, callback_url) {
            tracing::warn!(
                host,
                %callback_url,
                "a sign-in began under another name than the callback's, where its cookie will be missing: redirect that name to SITE_URL, or set SITE_URL to what browsers show; a proxy in front must pass the header Host on as it is"
            );
        }
    }

    /// Whether this is a name of another site, seen for the first time.
    fn is_suspicious(&self, host: &str, callback_url: &Url) -> bool {
        let Ok(asked) = Url::parse(&format!("{}://{host}", callback_url.scheme())) else { return false };
        if asked.origin() == callback_url.origin() {
            return false;
        }
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.len() < MAX_HOSTS && known.insert(asked.authority().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn callback_url() -> Url {
        Url::parse("https://app.example/api/auth/kinde_callback").unwrap()
    }

    #[test]
    fn another_name_or_port_is_noticed_once() {
        let watch = HostWatch::default();
        for host in ["www.app.example", "app.example:8443", "127.0.0.1:8000"] {
            assert!(watch.is_suspicious(host, &callback_url()), "{host}");
            assert!(!watch.is_suspicious(host, &callback_url()), "{host}, again");
        }
    }

    #[test]
    fn the_sites_own_name_is_not_and_neither_is_what_is_no_name() {
        for host in ["app.example", "APP.EXAMPLE", "app.example:443", "", "not a name", "app.example:x"] {
            assert!(!HostWatch::default().is_suspicious(host, &callback_url()), "{host}");
        }
    }

    #[test]
    fn made_up_names_fill_no_log() {
        let watch = HostWatch::default();
        let noticed = (0..100).filter(|number| watch.is_suspicious(&format!("{number}.example"), &callback_url()));
        assert_eq!(noticed.count(), MAX_HOSTS);
    }
}
