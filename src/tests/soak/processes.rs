//! Two processes of one site on one Redis, and what a load balancer knows of them: which one is ready.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use kinde_leptos::paths::READINESS;
use serde_json::json;
use tempfile::TempDir;
use tokio::task::JoinHandle;

use crate::harness::{Address, Ended, Kind, Program, StoreServer, TestTenant, client, free_port, settings_of};

const PROBE_INTERVAL: Duration = Duration::from_millis(100);
/// How long a load balancer has to notice that a process is about to end, in seconds. The one here runs on a machine that
/// is busy with all of this.
const NOTICE: &str = "3";
/// Access tokens end so soon that sessions are refreshed all the time, in seconds.
pub const ACCESS_TOKEN_LIFETIME: u32 = 3;
const DEADLINE: Duration = Duration::from_secs(20);
/// How long after its end a process may look ready, in milliseconds.
const UNNOTICED: u64 = 1_000;

/// The site: its store, its tenant and its two processes. All end with this value.
pub struct Processes {
    pub tenant: TestTenant,
    pub both: [Process; 2],
    begun: Instant,
    settings: Vec<(String, String)>,
    folder: TempDir,
    _redis: StoreServer,
}

/// One of the two.
pub struct Process {
    pub port: u16,
    is_ready: AtomicBool,
    /// When it was killed, in milliseconds since the beginning.
    killed: AtomicU64,
    running: Mutex<Option<Program>>,
}

impl Processes {
    /// Starts both. `site_url` is the site as browsers see it; `None` is that of the first process.
    pub async fn start(site_url: Option<&str>, others: &[(&str, &str)]) -> Arc<Self> {
        let redis = StoreServer::start(Kind::Redis);
        let address = Address::on_a_free_port();
        let site_url = site_url.unwrap_or(&address.url);
        let tenant = TestTenant::start(site_url).await;
        tenant.settings(json!({ "access_token_lifetime": ACCESS_TOKEN_LIFETIME })).await;
        let store_url = format!("redis://127.0.0.1:{}/0", redis.port());
        let own = [
            ("SESSION_STORE_URL", store_url.as_str()),
            ("SHUTDOWN_NOTICE_SECONDS", NOTICE),
            ("AUTH_RATE_LIMIT", "off"),
            // A forgotten session must not end one that is in use.
            ("SESSIONS_PER_USER", "250"),
        ];
        let settings = settings_of(&tenant, site_url);
        let settings =
            settings.iter().chain(&own).chain(others).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let processes = Self {
            both: [address.port, free_port()].map(Process::at),
            begun: Instant::now(),
            settings: settings.collect(),
            folder: tempfile::tempdir().unwrap(),
            tenant,
            _redis: redis,
        };
        for index in [0, 1] {
            processes.start_process(index);
        }
        Arc::new(processes)
    }

    /// Starts a process that has ended, and waits until it is ready.
    pub fn start_process(&self, index: usize) {
        let process = &self.both[index];
        let listen = format!("127.0.0.1:{}", process.port);
        let mut variables: Vec<_> = self.settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        variables.push(("LISTEN_ADDR", &listen));
        let program = Program::start(self.folder.path(), &[], &variables).ready();
        *process.running.lock().unwrap() = Some(program);
    }

    /// Ends a process at once, as a crash would.
    pub fn kill(&self, index: usize) {
        let process = &self.both[index];
        process.killed.store(self.milliseconds().max(1), Ordering::SeqCst);
        process.take().stop("KILL");
    }

    /// Ends a process as an operator does, and returns how it ended.
    pub fn stop(&self, index: usize) -> Ended {
        self.both[index].take().stop("TERM")
    }

    /// Asks both again and again whether they are ready, until the task is aborted.
    pub fn watch(self: &Arc<Self>) -> Watch {
        Watch([0, 1].map(|index| {
            let processes = Arc::clone(self);
            tokio::spawn(async move {
                let (client, process) = (client(), &processes.both[index]);
                let url = format!("{}{READINESS}", process.url());
                loop {
                    let is_ready = client.get(&url).send().await.is_ok_and(|response| response.status().is_success());
                    process.is_ready.store(is_ready, Ordering::SeqCst);
                    tokio::time::sleep(PROBE_INTERVAL).await;
                }
            })
        }))
    }

    /// Waits until the watch has seen a process ready.
    pub async fn until_ready(&self, index: usize) {
        let deadline = Instant::now() + DEADLINE;
        while !self.both[index].is_ready.load(Ordering::SeqCst) {
            assert!(Instant::now() < deadline, "process {index} does not get ready");
            tokio::time::sleep(PROBE_INTERVAL).await;
        }
    }

    /// The process that a load balancer would choose when it prefers this one.
    pub fn choose(&self, preferred: usize) -> usize {
        let is_ready = |index: usize| self.both[index].is_ready.load(Ordering::SeqCst);
        if is_ready(preferred) || !is_ready(1 - preferred) { preferred } else { 1 - preferred }
    }

    /// Milliseconds since the start.
    pub fn milliseconds(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_millis()).unwrap()
    }

    /// Whether a request that began at this moment may have met the killed process: it was killed later, or so shortly
    /// before that a load balancer could not know yet.
    pub fn was_killed_since(&self, milliseconds: u64) -> bool {
        let killed = |process: &Process| process.killed.load(Ordering::SeqCst);
        self.both.iter().map(killed).any(|killed| killed > 0 && killed + UNNOTICED >= milliseconds)
    }
}

impl Process {
    fn at(port: u16) -> Self {
        Self { port, is_ready: AtomicBool::new(true), killed: AtomicU64::new(0), running: Mutex::new(None) }
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    /// Its process id, while it runs.
    pub fn id(&self) -> Option<u32> {
        self.running.lock().unwrap().as_ref().map(Program::id)
    }

    /// How many file descriptors it has open; 0 while it does not run.
    pub fn descriptors(&self) -> usize {
        let open = self.id().and_then(|id| std::fs::read_dir(format!("/proc/{id}/fd")).ok());
        open.map_or(0, Iterator::count)
    }

    /// Everything that it has logged.
    pub fn logged(&self) -> String {
        self.running.lock().unwrap().as_mut().expect("it runs").logged().to_owned()
    }

    fn take(&self) -> Program {
        self.running.lock().unwrap().take().expect("it runs")
    }
}

/// The watch over both processes; it ends with this value.
pub struct Watch([JoinHandle<()>; 2]);

impl Drop for Watch {
    fn drop(&mut self) {
        self.0.iter().for_each(JoinHandle::abort);
    }
}
