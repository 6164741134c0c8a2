//! The rate limit on sign-in requests in a running program: which requests count, and when it is off.

use std::time::Instant;

use kinde_leptos::auth::paths::{CALLBACK, LOGIN, LOGOUT, PORTAL, REGISTER};
use kinde_leptos::dev_issuer::Shape;
use reqwest::Method;
use serde_json::json;
use tempfile::TempDir;

use crate::harness::{Address, Browser, Program, TestTenant, free_port, settings_of};

const HTTPS_SITE: &str = "https://app.example.com";
/// Far more requests than the limit of these tests allows while they are sent.
const FLOOD: usize = 60;

/// The limit of these tests: so many requests at once, and one more each second.
const AT_ONCE: u64 = 5;

/// Whether requests since this instant were limited, however slow the machine is: some were refused, and no more passed
/// than the limit allows in that time.
fn are_limited(statuses: &[u16], began: Instant) -> bool {
    let refused = statuses.iter().filter(|status| **status == 429).count();
    refused > 0 && (statuses.len() - refused) as u64 <= AT_ONCE + began.elapsed().as_secs() + 1
}

/// A running program with a limit of five requests, and one more each second.
struct Limited {
    program: Program,
    /// `http://localhost:PORT`, where it listens.
    url: String,
    tenant: TestTenant,
    _folder: TempDir,
}

impl Limited {
    async fn start(site_url: &str, url: String, more: &[(&str, &str)]) -> Self {
        Self::start_of(Shape::Kinde, site_url, url, more).await
    }

    async fn start_of(shape: Shape, site_url: &str, url: String, more: &[(&str, &str)]) -> Self {
        let (tenant, folder) = (TestTenant::start_of(shape, site_url).await, tempfile::tempdir().unwrap());
        let variables = [&settings_of(&tenant, site_url)[..], &[("AUTH_RATE_LIMIT", "5/1")], more].concat();
        let program = Program::start(folder.path(), &[], &variables).ready();
        Self { program, url, tenant, _folder: folder }
    }

    async fn http() -> Self {
        let site = Address::on_a_free_port();
        Self::start(&site.url, site.url.clone(), &[]).await
    }

    /// An https site as its proxy sees it.
    async fn https(more: &[(&str, &str)]) -> Self {
        let port = free_port();
        let listen = format!("127.0.0.1:{port}");
        let settings = [("LISTEN_ADDR", listen.as_str()), ("SESSION_ENCRYPTION_KEYS", "none")];
        Self::start(HTTPS_SITE, format!("http://{listen}"), &[&settings, more].concat()).await
    }

    async fn status(&self, browser: &mut Browser, path: &str) -> u16 {
        browser.get(&format!("{}{path}", self.url)).await.status
    }

    /// The statuses of many requests for a path.
    async fn flood(&self, path: &str) -> Vec<u16> {
        let (mut browser, mut statuses) = (Browser::new(), Vec::new());
        for _ in 0..FLOOD {
            statuses.push(self.status(&mut browser, path).await);
        }
        statuses
    }

    fn assert_proxies_are_not_mentioned(self) {
        let ended = self.program.stop("TERM");
        let output = ended.stdout + &ended.stderr;
        assert!(!output.contains("Rate limit") && !output.contains("TRUSTED_PROXIES"), "{output}");
    }
}

// DL-5
#[tokio::test]
async fn a_flood_of_sign_ins_stops_neither_callbacks_nor_the_portal_nor_sign_outs() {
    let site = Limited::http().await;
    let mut browser = Browser::new();
    let callback = format!("{CALLBACK}?code=x&state=unknown");
    let began = Instant::now();
    let begun = [site.flood(LOGIN).await, site.flood(REGISTER).await].concat();
    assert!(begun[0] == 303 && are_limited(&begun, began), "together they begin sign-ins: {begun:?}");
    let began = Instant::now();
    let called_back = site.flood(&callback).await;
    assert!(called_back[0] == 400 && are_limited(&called_back, began), "{called_back:?}");
    let began = Instant::now();
    let visits = site.flood(PORTAL).await;
    assert!(visits[0] == 303 && are_limited(&visits, began), "{visits:?}");
    assert_eq!(site.flood(LOGOUT).await, [303; FLOOD]);
    for _ in 0..FLOOD {
        assert_eq!(browser.post(&format!("{}{LOGOUT}", site.url), &[]).await.status, 303);
    }
}

#[tokio::test]
async fn a_flood_of_callbacks_visits_of_the_portal_or_sign_outs_does_not_stop_sign_ins() {
    let site = Limited::http().await;
    for path in [CALLBACK, PORTAL, LOGOUT] {
        site.flood(path).await;
    }
    let page = Browser::new().get(&format!("{}{LOGIN}", site.url)).await;
    assert_eq!(page.status, 303, "{}", page.body);
}

impl Limited {
    /// The statuses of many events, or logout tokens, that differ in nothing but this fault.
    async fn flood_of(&self, delivered: Delivered, fault: Option<&str>) -> Vec<u16> {
        let mut statuses = Vec::new();
        for _ in 0..FLOOD {
            let (status, _) = match delivered {
                Delivered::Event => {
                    self.tenant.send_event(json!({"type": "user.created", "fault": fault})).await.remove(0)
                }
                Delivered::LogoutToken => {
                    self.tenant.send_logout_token(json!({"person": "ada", "fault": fault})).await.remove(0)
                }
            };
            statuses.push(u16::try_from(status).unwrap());
        }
        statuses
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Delivered {
    Event,
    LogoutToken,
}

/// Many events at once, or forgeries of somebody else's, do not delay the end of a user's access.
// WH-8, DL-5
#[tokio::test]
async fn of_what_the_issuer_sends_only_forgeries_are_limited() {
    for (delivered, shape) in [(Delivered::Event, Shape::Kinde), (Delivered::LogoutToken, Shape::Plain)] {
        let address = Address::on_a_free_port();
        let site = Limited::start_of(shape, &address.url, address.url.clone(), &[]).await;
        site.tenant.delivers_to(&site.url).await;
        let began = Instant::now();
        let forgeries = site.flood_of(delivered, Some("bad_signature")).await;
        assert!(forgeries[0] == 400 && are_limited(&forgeries, began), "{delivered:?}: {forgeries:?}");
        assert_eq!(site.flood_of(delivered, None).await, [200; FLOOD], "{delivered:?}");
        let began = Instant::now();
        let forgeries = site.flood_of(delivered, Some("alg_none")).await;
        assert!(are_limited(&forgeries, began), "{delivered:?}: {forgeries:?}");
        // A flood of refusals is a few lines in the audit log.
        let ended = site.program.stop("TERM");
        let lines: Vec<_> = ended.stderr.lines().filter(|line| line.contains("refused")).collect();
        let reason = if delivered == Delivered::Event { "invalid_event" } else { "invalid_logout_token" };
        assert!(lines.len() <= 6 && lines.iter().any(|line| line.contains(reason)), "{lines:?}");
    }
}

// DL-5
#[tokio::test]
async fn on_an_https_site_that_states_nothing_about_proxies_it_is_off_and_the_start_message_says_so() {
    let site = Limited::https(&[]).await;
    assert_eq!(site.flood(LOGIN).await, [303; FLOOD]);
    let ended = site.program.stop("TERM");
    assert!(ended.stdout.contains("Rate limit off") && ended.stdout.contains("TRUSTED_PROXIES"), "{}", ended.stdout);
    assert!(ended.stderr.contains("TRUSTED_PROXIES is not set"), "{}", ended.stderr);
}

#[tokio::test]
async fn on_an_https_site_with_nothing_in_front_the_peers_own_address_counts() {
    let site = Limited::https(&[("TRUSTED_PROXIES", "none")]).await;
    let began = Instant::now();
    let mut statuses = site.flood(LOGIN).await;
    assert_eq!(statuses[0], 303);
    let url = format!("{}{LOGIN}", site.url);
    for client in 0..FLOOD {
        let headers = [("x-forwarded-for", format!("203.0.113.{client}"))];
        let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
        statuses.push(Browser::new().send(Method::GET, &url, &headers, None).await.status);
    }
    assert!(are_limited(&statuses, began), "an untrusted header was believed: {statuses:?}");
    site.assert_proxies_are_not_mentioned();
}

#[tokio::test]
async fn behind_a_trusted_proxy_each_client_has_a_limit_of_its_own() {
    let site = Limited::https(&[("TRUSTED_PROXIES", "127.0.0.1")]).await;
    let url = format!("{}{LOGIN}", site.url);
    for client in ["203.0.113.1", "203.0.113.2"] {
        let (began, mut browser, mut statuses) = (Instant::now(), Browser::new(), Vec::new());
        for _ in 0..FLOOD {
            let response = browser.send(Method::GET, &url, &[("x-forwarded-for", client)], None).await;
            statuses.push(response.status);
        }
        assert!(statuses[0] == 303 && are_limited(&statuses, began), "{client}: {statuses:?}");
    }
    site.assert_proxies_are_not_mentioned();
}

#[tokio::test]
async fn with_the_limit_switched_off_proxies_are_not_mentioned() {
    let site = Limited::https(&[("AUTH_RATE_LIMIT", "off")]).await;
    assert_eq!(site.flood(LOGIN).await, [303; FLOOD]);
    site.assert_proxies_are_not_mentioned();
}
