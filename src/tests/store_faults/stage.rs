//! `Stage`: the program on a database of its own, with its tenant, to be visited, stopped and started again.

use std::path::Path;
use std::time::{Duration, Instant};

use kinde_leptos::auth::paths::LOGIN;
use kinde_leptos::paths::{HOME, READINESS};
use tempfile::TempDir;

use super::store::{Fault, Store};
use crate::harness::{
    Address, Browser, Ended, Program, Response, TestTenant, free_port, session_id, settings_of, until_examined,
};

/// The longest time to wait for something, even on a slow machine.
pub const DEADLINE: Duration = Duration::from_secs(15);
/// Enough sign-ins to use up the space that a full disk still has.
const MANY_SIGN_INS: usize = 2000;

/// Removed records leave space for a few new ones, so single refusals are not enough.
const REFUSALS_OF_A_FULL_DISK: usize = 10;

/// A setting's name and value.
type Variable<'a> = (&'a str, &'a str);

/// The program on a database of its own, and a tenant beside it.
pub struct Stage<'a> {
    pub store: &'a mut Store,
    pub tenant: TestTenant,
    pub address: Address,
    /// `None` after it was stopped.
    program: Option<Program>,
    folder: TempDir,
}

/// Starts the program in a folder, for a site at a URL, without waiting until it is ready.
pub fn begin_program(
    folder: &Path,
    site_url: &str,
    tenant: &TestTenant,
    store_url: &str,
    variables: &[Variable<'_>],
) -> Program {
    let own = [("SESSION_STORE_URL", store_url), ("AUTH_RATE_LIMIT", "off")];
    Program::start(folder, &[], &[&settings_of(tenant, site_url)[..], &own, variables].concat())
}

impl<'a> Stage<'a> {
    pub async fn start(store: &'a mut Store) -> Self {
        Self::start_with(store, &[]).await
    }

    pub async fn start_with(store: &'a mut Store, variables: &[Variable<'_>]) -> Self {
        store.take_another_database().await;
        let address = Address::on_a_free_port();
        let tenant = TestTenant::start(&address.url).await;
        let mut stage = Self { store, tenant, address, program: None, folder: tempfile::tempdir().unwrap() };
        stage.start_again_with(variables);
        until_examined(&stage.tenant).await;
        stage
    }

    /// Starts the program again after it has ended.
    pub fn start_again(&mut self) {
        self.start_again_with(&[]);
    }

    pub fn start_again_with(&mut self, variables: &[Variable<'_>]) {
        self.program = Some(self.begin_to_start(variables).ready());
    }

    /// Another process with the same settings, at an address of its own.
    pub fn start_another(&self, variables: &[Variable<'_>]) -> (Program, Address) {
        let address = Address::on_a_free_port();
        (self.start_another_at(&address, variables), address)
    }

    pub fn start_another_at(&self, address: &Address, variables: &[Variable<'_>]) -> Program {
        let listen = format!("127.0.0.1:{}", address.port);
        self.begin_to_start(&[&[("LISTEN_ADDR", listen.as_str())], variables].concat()).ready()
    }

    /// Starts another process, without waiting until it is ready.
    pub fn start_unready(&self) -> Program {
        self.begin_to_start(&[("LISTEN_ADDR", &format!("127.0.0.1:{}", free_port()))])
    }

    fn begin_to_start(&self, variables: &[Variable<'_>]) -> Program {
        begin_program(self.folder.path(), &self.address.url, &self.tenant, self.store.url(), variables)
    }

    /// Sends the program a signal, and waits for its end.
    pub fn stop(&mut self, signal: &str) -> Ended {
        self.program.take().expect("it runs").stop(signal)
    }

    fn program_id(&self) -> u32 {
        self.program.as_ref().expect("it runs").id()
    }

    /// The program's log so far.
    pub fn logged(&mut self) -> &str {
        self.program.as_mut().expect("it runs").logged()
    }

    pub async fn begin(&mut self, fault: Fault) {
        self.store.begin(fault, self.program_id()).await;
    }

    pub async fn end(&mut self, fault: Fault) {
        self.store.end(fault, self.program_id()).await;
    }

    pub fn at(&self, path: &str) -> String {
        self.address.at(path)
    }

    /// The id of the record of a session.
    pub fn id_of(&self, cookie: &str) -> String {
        session_id(&self.tenant, cookie).to_string()
    }

    /// A browser in which Ada has signed in.
    pub async fn signed_in(&self) -> Browser {
        let mut browser = Browser::new();
        let page = browser.sign_in_from(&self.at(HOME), "ada").await;
        assert_eq!(page.status, 200, "{}", page.body);
        browser
    }

    /// Requests a page until its status is this. Returns that response, or the last one before the deadline.
    pub async fn wait_for(&self, browser: &mut Browser, path: &str, status: u16) -> Response {
        let begun = Instant::now();
        loop {
            let response = browser.clone().get(&self.at(path)).await;
            if response.status == status || begun.elapsed() > DEADLINE {
                browser.keep_cookies(&response);
                return response;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Begins sign-ins until the store refuses writes on all of its connections. Returns the last response.
    pub async fn sign_in_until_refused(&self) -> Response {
        let mut refused_in_a_row = 0;
        for _ in 1..MANY_SIGN_INS {
            let response = Browser::new().get(&self.at(LOGIN)).await;
            refused_in_a_row = if response.status == 303 { 0 } else { refused_in_a_row + 1 };
            if refused_in_a_row == REFUSALS_OF_A_FULL_DISK {
                return response;
            }
        }
        panic!("a store that should refuse takes every sign-in")
    }

    pub async fn readiness(&self) -> (u16, serde_json::Value) {
        let response = Browser::new().get(&self.at(READINESS)).await;
        (response.status, response.json())
    }

    /// The program's memory in megabytes, as the system counts it (`VmRSS`).
    pub fn memory(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.program_id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or("0");
        line.split_whitespace().next().and_then(|kilobytes| kilobytes.parse::<f64>().ok()).unwrap_or(0.0) / 1000.0
    }

    /// Waits until the program no longer uses cached records that it has read before.
    pub async fn until_noticed(&self) {
        let mut browser = self.signed_in().await;
        self.store.write_record(&self.id_of(&browser.session().unwrap()), "").await;
        assert_eq!(self.wait_for(&mut browser, HOME, 303).await.status, 303, "it has noticed nothing");
    }
}
