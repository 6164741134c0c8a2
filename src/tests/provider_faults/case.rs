//! One case: a site and a tenant of its own, the fault, the response, and everything that must hold afterwards.
//! The faults and their expected results are in `table`.

use std::any::Any;
use std::fmt::{self, Display, Formatter};
use std::time::{Duration, Instant};

use kinde_leptos::auth::paths::LOGIN;
use url::Url;

use super::table::{Expected, Row, Setup};
use crate::endpoints::{KEYS, STOLEN, TOKEN};
use crate::harness::{Browser, Response, Site, person};

/// The app's time limit for the issuer's responses, and a second for everything else.
const TIME_LIMIT: Duration = Duration::from_secs(6);
/// Texts that no response may repeat: the attacker's host, markup from the callback, tokens, and the issuer's error
/// texts.
const SECRETS: [&str; 7] =
    ["evil.example", "<script>alert", "onerror", "eyJhbGciOi", "eyJ0eXAiOi", "back soon", "fault of the"];

/// The result of a case.
pub struct Outcome {
    row: &'static Row,
    status: u16,
    greeted: Result<String, u16>,
    took: Duration,
    wrong: Vec<String>,
}

impl Outcome {
    pub fn is_right(&self) -> bool {
        self.wrong.is_empty()
    }

    /// A line for everything that is not as it must be.
    pub fn deviations(&self) -> Vec<String> {
        let Row { id, fault, setup, .. } = self.row;
        self.wrong.iter().map(|what| format!("{id} {fault} ({setup}): {what}")).collect()
    }

    fn broken(row: &'static Row, why: String) -> Self {
        Self { row, status: 0, greeted: Err(0), took: Duration::ZERO, wrong: vec![why] }
    }
}

impl Display for Outcome {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Row { id, fault, setup, expected } = self.row;
        let got = match &self.greeted {
            Ok(name) => format!("{}, {name}", self.status),
            Err(_) => self.status.to_string(),
        };
        // A subject is long; its beginning is enough.
        let got: String = got.chars().take(34).collect();
        let verdict = if self.is_right() { "right" } else { "WRONG" };
        write!(f, "{id:<6} {fault:<28} {setup:<24} {expected:<20} {got:<34} {verdict} {:>6}", self.took.as_millis())
    }
}

/// Runs a case. A panic in it is a deviation like any other.
pub async fn run(row: &'static Row) -> Outcome {
    match tokio::spawn(async move { Case::prepare(row).await.judge().await }).await {
        Ok(outcome) => outcome,
        Err(error) => Outcome::broken(row, panic_text(error.into_panic())),
    }
}

fn panic_text(panic: Box<dyn Any + Send>) -> String {
    panic.downcast::<String>().map_or_else(|_| "panicked".to_owned(), |text| *text)
}

/// A browser whose next request meets the fault.
struct Case {
    row: &'static Row,
    site: Site,
    browser: Browser,
    /// The callback's address, or the address of sign-in when nothing is known of the issuer.
    address: String,
    token_requests: usize,
    key_requests: usize,
    wrong: Vec<String>,
}

impl Case {
    async fn prepare(row: &'static Row) -> Self {
        let site = Site::start().await;
        match row.setup {
            Setup::IssParameter => site.tenant.settings(serde_json::json!({ "iss_parameter": true })).await,
            Setup::Warm => drop(site.signed_in("grace").await),
            Setup::Fresh | Setup::Emmy | Setup::NothingKnown => {}
        }
        let mut browser = Browser::new();
        let address = reach(row, &site, &mut browser).await;
        let token_requests = site.tenant.requests_at(TOKEN).await;
        let key_requests = site.tenant.requests_at(KEYS).await;
        Self { row, site, browser, address, token_requests, key_requests, wrong: Vec::new() }
    }

    async fn judge(mut self) -> Outcome {
        let mut same_browser_before = self.browser.clone();
        let began = Instant::now();
        let response = self.browser.get(&self.address).await;
        let took = began.elapsed();
        let greeted = self.browser.greeted(&self.site).await;
        self.expect(took < TIME_LIMIT, || format!("took {took:?}"));
        self.check_requests().await;
        match self.row.expected {
            Expected::Refused(statuses) | Expected::Rejected(statuses) => {
                self.check_rejection(&response, statuses);
                self.expect(greeted == Err(401), || format!("`/` afterwards: {greeted:?}"));
                let before = same_browser_before.greeted(&self.site).await;
                self.expect(before == Err(401), || format!("`/` with the earlier cookies: {before:?}"));
            }
            Expected::SignsIn | Expected::SignsInNameless => self.check_sign_in(&response, &greeted),
        }
        self.site.tenant.clear_faults().await;
        if self.row.setup != Setup::NothingKnown {
            self.check_replay(&mut same_browser_before).await;
        }
        self.check_clean_sign_in().await;
        Outcome { row: self.row, status: response.status, greeted, took, wrong: self.wrong }
    }

    fn expect(&mut self, holds: bool, otherwise: impl FnOnce() -> String) {
        if !holds {
            self.wrong.push(otherwise());
        }
    }

    /// The code is sent once and the keys are fetched once at most, except that a request lost with a reused connection
    /// is sent once more. Nothing is sent to the attacker's address.
    async fn check_requests(&mut self) {
        let tokens = self.site.tenant.requests_at(TOKEN).await - self.token_requests;
        let allowed = usize::from(!matches!(self.row.expected, Expected::Refused(_)));
        let is_lost = matches!(self.row.fault, "token_drop" | "all_down");
        let is_right = tokens == allowed || is_lost && allowed == 1 && tokens == 2;
        self.expect(is_right, || format!("{tokens} token requests"));
        let keys = self.site.tenant.requests_at(KEYS).await - self.key_requests;
        self.expect(keys <= 1 || keys == 2 && self.row.fault == "jwks_drop", || {
            format!("{keys} requests for the keys")
        });
        let stolen = self.site.tenant.requests_at(STOLEN).await;
        self.expect(stolen == 0, || format!("{stolen} requests at {STOLEN}"));
    }

    fn check_rejection(&mut self, response: &Response, statuses: &[u16]) {
        let (status, cache, kind) =
            (response.status, response.header("cache-control"), response.header("content-type"));
        self.expect(statuses.contains(&status), || format!("status {status}"));
        self.expect(cache.contains("no-store"), || format!("Cache-Control: {cache}"));
        self.expect(kind.starts_with("text/html"), || format!("Content-Type: {kind}"));
        self.expect(response.body.contains(&format!("href=\"{LOGIN}\"")), || "no link to sign in again".to_owned());
        let waits = response.header("retry-after").parse::<u64>().is_ok_and(|seconds| seconds > 0);
        self.expect(waits || status != 503, || "503 without Retry-After".to_owned());
        self.check_nothing_repeated(response);
    }

    fn check_nothing_repeated(&mut self, response: &Response) {
        let text = unescaped(&response.body);
        let received = Url::parse(&self.address).unwrap();
        for (name, value) in received.query_pairs() {
            self.expect(value.is_empty() || !text.contains(&*value), || format!("the page repeats {name}: {value}"));
        }
        for secret in SECRETS {
            self.expect(!text.contains(secret), || format!("the page contains {secret}"));
            let in_header =
                response.headers.values().any(|value| value.to_str().is_ok_and(|text| text.contains(secret)));
            self.expect(!in_header, || format!("a header contains {secret}"));
        }
        self.expect(!response.headers.contains_key("x-injected"), || "a header was injected".to_owned());
    }

    fn check_sign_in(&mut self, response: &Response, greeted: &Result<String, u16>) {
        self.expect(response.status == 303, || format!("status {}", response.status));
        let name = match self.row.expected {
            Expected::SignsInNameless => person(self.row.person()).subject,
            _ => name_of(self.row.person()),
        };
        self.expect(greeted.as_ref() == Ok(&name), || format!("greeted as {greeted:?} instead of {name}"));
    }

    /// Requests the same address again, in the browser as it was before.
    async fn check_replay(&mut self, browser: &mut Browser) {
        let before = self.site.tenant.requests_at(TOKEN).await;
        let response = browser.get(&self.address).await;
        self.expect(response.status == 400, || format!("a replay returns {}", response.status));
        let more = self.site.tenant.requests_at(TOKEN).await - before;
        self.expect(more == 0, || "a replay causes a token request".to_owned());
    }

    /// A sign-in without the fault works at once, whether or not a user is signed in already.
    async fn check_clean_sign_in(&mut self) {
        let login = self.browser.get(&self.site.at(LOGIN)).await;
        if login.status != 303 {
            return self.wrong.push(format!("without the fault, sign-in begins with {}", login.status));
        }
        let response = self.browser.sign_in(&self.site, self.row.person(), LOGIN).await;
        let (status, path) = (response.status, response.url.path());
        self.expect(status == 200, || format!("without the fault, sign-in ends with {status} at {path}"));
        let (greeted, name) = (self.browser.greeted(&self.site).await, name_of(self.row.person()));
        self.expect(greeted.as_ref() == Ok(&name), || format!("without the fault, `/` is {greeted:?}"));
    }
}

/// Signs in as far as the fault allows, and switches it on as late as possible. Returns the address to request next.
async fn reach(row: &Row, site: &Site, browser: &mut Browser) -> String {
    let is_of_the_redirect = row.fault.starts_with("cb_");
    if is_of_the_redirect || row.setup == Setup::NothingKnown {
        site.tenant.fault(row.fault).await;
    }
    if row.setup == Setup::NothingKnown {
        return site.at(LOGIN);
    }
    let address = browser.sign_in_up_to_callback(site, row.person(), "/").await;
    if !is_of_the_redirect {
        site.tenant.fault(row.fault).await;
    }
    address
}

fn name_of(key: &str) -> String {
    person(key).full_name().unwrap()
}

/// A page with its character references resolved, so that they hide no repeated text.
fn unescaped(body: &str) -> String {
    [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&#x27;", "'"), ("&amp;", "&")]
        .iter()
        .fold(body.to_owned(), |text, (escape, character)| text.replace(escape, character))
}
