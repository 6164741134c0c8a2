//! `Load`: signed-in users who read pages, and others who sign out, while something happens to the store. It counts what
//! they see.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use kinde_leptos::auth::paths::LOGOUT;
use kinde_leptos::paths::HOME;
use tempfile::TempDir;
use tokio::task::JoinHandle;

use super::case::Case;
use super::stage::begin_program;
use crate::harness::{Address, Browser, Program, SESSION_COOKIE, TestTenant, client};

const PEOPLE: [&str; 2] = ["ada", "grace"];
const READERS: usize = 30;
const LEAVERS: usize = 40;
/// More than all rounds leave: a refused sign-out leaves its session, and beyond the limit the oldest end.
const SESSIONS_PER_USER: &str = "250";
const READ_INTERVAL: Duration = Duration::from_millis(10);
const SIGN_OUT_INTERVAL: Duration = Duration::from_millis(100);
/// No request waits so long for the store.
const LONGEST_RESPONSE: Duration = Duration::from_secs(2);
/// How long an ended session may be back after a server has taken over that did not know. The machine is busy.
const LONGEST_RETURN: Duration = Duration::from_secs(5);
/// Everybody gets a page, so often in a row.
const WELL: usize = 2;
/// Longer than any of the servers takes to take over.
const DEADLINE: Duration = Duration::from_secs(30);

/// The program with a store of several servers, and its users.
pub struct Load {
    address: Address,
    tenant: TestTenant,
    program: Program,
    _folder: TempDir,
    readers: Vec<String>,
    leavers: Vec<String>,
    /// Sessions whose sign-out succeeded.
    ended: Vec<String>,
    is_well: bool,
    running: Option<Running>,
}

struct Running {
    is_over: Arc<AtomicBool>,
    reading: JoinHandle<Vec<Read>>,
    leaving: JoinHandle<Vec<(String, u16)>>,
}

/// A page that a user requested.
struct Read {
    user: usize,
    begun: Instant,
    took: Duration,
    status: u16,
}

impl Load {
    /// Starts the program, and signs everybody in.
    pub async fn start(store_url: &str) -> Self {
        let (address, folder) = (Address::on_a_free_port(), tempfile::tempdir().unwrap());
        let tenant = TestTenant::start(&address.url).await;
        let settings = [("SESSIONS_PER_USER", SESSIONS_PER_USER)];
        let program = begin_program(folder.path(), &address.url, &tenant, store_url, &settings).ready();
        let (readers, leavers, ended) = (Vec::new(), Vec::new(), Vec::new());
        let mut load =
            Self { address, tenant, program, _folder: folder, readers, leavers, ended, is_well: true, running: None };
        for number in 0..READERS {
            let cookie = load.signed_in(PEOPLE[number % 2]).await;
            load.readers.push(cookie);
        }
        load
    }

    async fn signed_in(&mut self, person: &str) -> String {
        match self.tenant.login(person).listening_at(&self.address.url).cookies().await {
            Ok(cookies) => cookies.app.value().to_owned(),
            Err(error) => panic!("{error}\n{}", self.program.logged()),
        }
    }

    /// The users begin to read pages, and others to sign out.
    pub async fn begin(&mut self) {
        while self.leavers.len() < LEAVERS {
            let cookie = self.signed_in(PEOPLE[self.leavers.len() % 2]).await;
            self.leavers.push(cookie);
        }
        let is_over = Arc::<AtomicBool>::default();
        let reading = tokio::spawn(read(self.address.at(HOME), self.readers.clone(), Arc::clone(&is_over)));
        let leaving = tokio::spawn(leave(self.address.at(LOGOUT), self.leavers.clone(), Arc::clone(&is_over)));
        self.running = Some(Running { is_over, reading, leaving });
        // The connections of the first requests.
        tokio::time::sleep(SIGN_OUT_INTERVAL).await;
    }

    /// Waits until everybody gets a page.
    pub async fn until_well(&mut self) {
        let (deadline, mut well) = (Instant::now() + DEADLINE, 0);
        while well < WELL && Instant::now() < deadline {
            well = if self.everybody_gets_a_page().await { well + 1 } else { 0 };
        }
        self.is_well = well == WELL;
    }

    /// Waits until somebody gets none.
    pub async fn until_unwell(&self) {
        let deadline = Instant::now() + DEADLINE;
        while self.everybody_gets_a_page().await && Instant::now() < deadline {}
    }

    async fn everybody_gets_a_page(&self) -> bool {
        for cookie in &self.readers {
            if self.status(cookie).await != 200 {
                return false;
            }
        }
        true
    }

    /// Ends the load, and adds what it saw to a case.
    pub async fn end(&mut self, case: &mut Case) {
        let running = self.running.take().expect("it has begun");
        running.is_over.store(true, Ordering::Relaxed);
        let reads = running.reading.await.unwrap();
        let left = running.leaving.await.unwrap();
        self.leavers.drain(..left.len());
        case.expect(self.is_well, format!("everybody served again: {}", self.is_well));
        let mut by_status = BTreeMap::new();
        for read in &reads {
            *by_status.entry(read.status).or_insert(0) += 1;
        }
        case.number("pages", reads.len());
        case.number("by status", format!("{by_status:?}"));
        case.milliseconds("longest pause of a user", longest_pause(&reads));
        let slowest = reads.iter().map(|read| read.took).max().unwrap_or_default();
        case.milliseconds("slowest", slowest);
        case.expect(slowest < LONGEST_RESPONSE, format!("in time: {}", slowest < LONGEST_RESPONSE));
        let others = by_status.keys().filter(|status| ![200, 503].contains(*status)).count();
        case.expect(others == 0, format!("{others} other statuses"));
        let refused = left.iter().filter(|(_, status)| *status == 503).count();
        case.number("sign-outs", format!("{} and {refused} refused", left.len() - refused));
        let odd = left.iter().filter(|(_, status)| ![303, 503].contains(status)).count();
        case.expect(odd == 0, format!("{odd} other responses to sign-outs"));
        self.ended.extend(left.into_iter().filter(|(_, status)| *status == 303).map(|(cookie, _)| cookie));
        let signed_out = self.signed_out().await;
        case.expect(signed_out == 0, format!("{signed_out} signed out"));
        let back = self.back_for_long().await;
        case.expect(back.is_empty(), format!("{} sessions back", back.len()));
        if signed_out + back.len() > 0 {
            println!("{}\nsign-outs in vain, of {} that succeeded: {back:?}", self.program.logged(), self.ended.len());
        }
    }

    /// Which sign-outs have left a session: a server that takes over is told again within a second.
    async fn back_for_long(&self) -> Vec<usize> {
        let begun = Instant::now();
        loop {
            let mut back = Vec::new();
            for (number, cookie) in self.ended.iter().enumerate() {
                if self.status(cookie).await == 200 {
                    back.push(number);
                }
            }
            if back.is_empty() || begun.elapsed() > LONGEST_RETURN {
                return back;
            }
        }
    }

    /// How many readers get no page in the end.
    async fn signed_out(&self) -> usize {
        let mut count = 0;
        for cookie in &self.readers {
            count += usize::from(self.status(cookie).await != 200);
        }
        count
    }

    /// What a user with this session gets.
    async fn status(&self, cookie: &str) -> u16 {
        Browser::with_session(cookie).get(&self.address.at(HOME)).await.status
    }
}

/// Requests pages, each of another user.
async fn read(url: String, cookies: Vec<String>, is_over: Arc<AtomicBool>) -> Vec<Read> {
    let client = client();
    let (mut ticks, mut requests) = (tokio::time::interval(READ_INTERVAL), Vec::new());
    while !is_over.load(Ordering::Relaxed) {
        ticks.tick().await;
        let user = requests.len() % cookies.len();
        let request = client.get(&url).header("cookie", format!("{SESSION_COOKIE}={}", cookies[user]));
        requests.push(tokio::spawn(async move {
            let begun = Instant::now();
            let status = request.send().await.map_or(0, |response| response.status().as_u16());
            Read { user, begun, took: begun.elapsed(), status }
        }));
    }
    let mut reads = Vec::with_capacity(requests.len());
    for request in requests {
        reads.push(request.await.unwrap());
    }
    reads
}

/// Signs users out, one after the other, each once.
async fn leave(url: String, cookies: Vec<String>, is_over: Arc<AtomicBool>) -> Vec<(String, u16)> {
    let mut left = Vec::new();
    for cookie in cookies {
        if is_over.load(Ordering::Relaxed) {
            break;
        }
        let status = Browser::with_session(&cookie).post(&url, &[]).await.status;
        left.push((cookie, status));
        tokio::time::sleep(SIGN_OUT_INTERVAL).await;
    }
    left
}

/// The longest time in which a user who requested pages got none.
fn longest_pause(reads: &[Read]) -> Duration {
    let mut last_good = BTreeMap::new();
    let mut longest = Duration::ZERO;
    for read in reads {
        let last = last_good.entry(read.user).or_insert(read.begun);
        if read.status == 200 {
            longest = longest.max((read.begun + read.took).saturating_duration_since(*last));
            *last = read.begun + read.took;
        }
    }
    longest
}
