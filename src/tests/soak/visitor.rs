//! A visitor: a browser that signs in as one of ten users, looks at pages and at JSON, is rude now and then, and signs
//! out or leaves. Every response is checked: its status, and the name in it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use kinde_leptos::auth::paths::LOGOUT;
use kinde_leptos::dev_issuer::DevIssuer;
use kinde_leptos::paths::HOME;
use reqwest::{Method, Request};
use serde_json::Value;
use tokio::sync::Semaphore;

use super::findings::Findings;
use super::processes::{ACCESS_TOKEN_LIFETIME, Processes};
use super::rude;
use crate::harness::{GREETING_FUNCTION, client};

const PAGE: &str = "text/html";
const JSON: &str = "application/json";
/// How many sign in at once: the tenant runs in this process.
const SIGN_INS_AT_ONCE: usize = 8;
/// How many looks a visit has.
const SHORTEST_VISIT: u64 = 10;
const LONGEST_VISIT: u64 = 120;
/// One in how many looks is a long one: then the access token has ended before the next, however fast the machine is.
const LONG_LOOKS: u64 = 500;

/// What all visitors share.
pub struct Crowd {
    pub processes: Arc<Processes>,
    pub findings: Findings,
    pub is_over: AtomicBool,
    /// The display name of each person, by key.
    names: BTreeMap<String, String>,
    signing_in: Semaphore,
}

/// Random numbers that differ from visitor to visitor and are the same in each run (SplitMix64).
pub struct Dice(u64);

impl Dice {
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit
    }
}

/// Somebody who is signed in.
struct Visit<'a> {
    person: &'a str,
    name: &'a str,
    /// The session cookie, as a `Cookie` header.
    cookie: String,
}

/// A response, read to its end.
struct Seen {
    status: u16,
    body: String,
}

impl Crowd {
    /// Learns the name of each user by a sign-in.
    pub async fn of(processes: Arc<Processes>) -> Arc<Self> {
        let mut names = BTreeMap::new();
        let at = processes.both[0].url();
        for person in DevIssuer::people() {
            let cookie = processes.tenant.login(&person.key).listening_at(&at).cookie().await.unwrap();
            let greeting = client().get(format!("{at}{HOME}")).header("accept", JSON).header("cookie", cookie.header());
            let greeting = greeting.send().await.unwrap().text().await.unwrap();
            let greeting: Value = serde_json::from_str(&greeting).unwrap();
            names.insert(person.key, greeting["user_info"].as_str().unwrap().to_owned());
        }
        let mut distinct: Vec<_> = names.values().collect();
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!(distinct.len(), names.len(), "two users have one name: {names:?}");
        Arc::new(Self {
            processes,
            findings: Findings::default(),
            is_over: AtomicBool::new(false),
            names,
            signing_in: Semaphore::new(SIGN_INS_AT_ONCE),
        })
    }

    /// How many users there are.
    pub fn users(&self) -> usize {
        self.names.len()
    }

    /// Visits again and again until it is over.
    pub async fn visit(self: Arc<Self>, number: usize) {
        let (client, mut dice) = (client(), Dice(u64::try_from(number).unwrap()));
        let (person, name) = self.names.iter().nth(number % self.names.len()).unwrap();
        while !self.is_over.load(Ordering::Relaxed) {
            let Some(cookie) = self.sign_in(person, &mut dice).await else { continue };
            let visit = Visit { person, name, cookie };
            let mut looks = SHORTEST_VISIT + dice.below(LONGEST_VISIT - SHORTEST_VISIT);
            while looks > 0 && !self.is_over.load(Ordering::Relaxed) {
                self.look(&client, &visit, &mut dice).await;
                looks -= 1;
            }
            self.leave(&client, &visit, &mut dice).await;
        }
    }

    async fn sign_in(&self, person: &str, dice: &mut Dice) -> Option<String> {
        let _turn = self.signing_in.acquire().await.unwrap();
        let begun = self.processes.milliseconds();
        let at = self.processes.both[self.choose(dice)].url();
        match self.processes.tenant.login(person).listening_at(&at).cookie().await {
            Ok(cookie) => {
                self.findings.fine("sign-ins");
                Some(cookie.header().to_str().unwrap().to_owned())
            }
            Err(_) if self.processes.was_killed_since(begun) => {
                self.findings.excused("a sign-in at the killed process");
                None
            }
            Err(error) => {
                self.findings.wrong("a sign-in that failed", format!("{person}: {error}"));
                None
            }
        }
    }

    async fn look(&self, client: &reqwest::Client, visit: &Visit<'_>, dice: &mut Dice) {
        if dice.below(LONG_LOOKS) == 0 {
            tokio::time::sleep(Duration::from_secs(ACCESS_TOKEN_LIFETIME.into())).await;
            self.findings.fine("long looks");
        }
        match dice.below(100) {
            0..40 => self.check_page(client, visit, dice).await,
            40..60 => self.check_json(client, visit, dice, HOME).await,
            60..75 => self.check_json(client, visit, dice, GREETING_FUNCTION).await,
            75..85 => self.check_item(client, visit, dice).await,
            85..90 => self.hang_up(client, visit, dice, Method::GET, HOME).await,
            other => {
                let address = ("127.0.0.1", self.processes.both[self.choose(dice)].port);
                let begun = self.processes.milliseconds();
                match rude::be(other, address, &visit.cookie).await {
                    Ok(what) => self.findings.fine(what),
                    Err(_) if self.processes.was_killed_since(begun) => {
                        self.findings.excused("a rude request at the killed process");
                    }
                    Err(wrong) => self.findings.wrong("a response to a rude request", wrong),
                }
            }
        }
    }

    async fn check_page(&self, client: &reqwest::Client, visit: &Visit<'_>, dice: &mut Dice) {
        let Some(seen) = self.request(client, visit, dice, Method::GET, HOME, PAGE).await else { return };
        if !self.is_signed_in(visit, &seen) {
            return;
        }
        self.findings.fine("pages");
        let shown = |name: &&String| seen.body.contains(&format!("Hello, <bdi>{}</bdi>", escaped(name)));
        let names: Vec<_> = self.names.values().filter(shown).collect();
        if names != [visit.name] {
            self.findings.wrong("a wrong name", format!("{} instead of {}", seen.body, visit.name));
        }
    }

    async fn check_json(&self, client: &reqwest::Client, visit: &Visit<'_>, dice: &mut Dice, path: &str) {
        let Some(seen) = self.request(client, visit, dice, Method::GET, path, JSON).await else { return };
        if !self.is_signed_in(visit, &seen) {
            return;
        }
        self.findings.fine("greetings as JSON");
        let named = serde_json::from_str::<Value>(&seen.body).ok().map(|body| body["user_info"].clone());
        if named.as_ref().and_then(Value::as_str) != Some(visit.name) {
            self.findings.wrong("a wrong name", format!("{} instead of {}", seen.body, visit.name));
        }
    }

    async fn check_item(&self, client: &reqwest::Client, visit: &Visit<'_>, dice: &mut Dice) {
        let id = dice.below(1_000_000);
        let path = format!("/items/{id}?q={}", visit.person);
        let Some(seen) = self.request(client, visit, dice, Method::GET, &path, JSON).await else { return };
        if !self.is_signed_in(visit, &seen) {
            return;
        }
        self.findings.fine("items");
        let item: Value = serde_json::from_str(&seen.body).unwrap_or_default();
        if item["item_id"] != id || item["q"] != visit.person {
            self.findings.wrong("somebody else's item", format!("{} for {path}", seen.body));
        }
    }

    /// Signs out, and then the cookie opens nothing at either process; or hangs up while signing out; or only leaves.
    async fn leave(&self, client: &reqwest::Client, visit: &Visit<'_>, dice: &mut Dice) {
        match dice.below(100) {
            0..5 => self.findings.fine("left without signing out"),
            5..15 => self.hang_up(client, visit, dice, Method::POST, LOGOUT).await,
            _ => {
                let Some(seen) = self.request(client, visit, dice, Method::POST, LOGOUT, PAGE).await else { return };
                if seen.status != 303 {
                    self.findings.wrong("a sign-out", format!("{} {}", seen.status, seen.body));
                    return;
                }
                self.findings.fine("sign-outs");
                for _ in [0, 1] {
                    let Some(seen) = self.request(client, visit, dice, Method::GET, HOME, PAGE).await else { return };
                    if seen.status != 303 {
                        self.findings.wrong("a page after the sign-out", format!("{} {}", seen.status, seen.body));
                    }
                }
            }
        }
    }

    /// Whether the response is one to somebody signed in; anything else is wrong here.
    fn is_signed_in(&self, visit: &Visit<'_>, seen: &Seen) -> bool {
        if seen.status != 200 {
            self.findings.wrong("another status", format!("{} for {}: {}", seen.status, visit.person, seen.body));
        }
        seen.status == 200
    }

    /// Drops a request after a moment, often before its response.
    async fn hang_up(&self, client: &reqwest::Client, visit: &Visit<'_>, dice: &mut Dice, method: Method, path: &str) {
        let request = self.prepared(client, visit, self.choose(dice), method, path, PAGE);
        let patience = Duration::from_micros(dice.below(20_000));
        let _ = tokio::time::timeout(patience, client.execute(request)).await;
        self.findings.fine("hung up");
    }

    /// Sends a request to a process, and to the other one when it takes no connection. `None` when the failure was that
    /// of a killed process, or was counted as wrong.
    async fn request(
        &self,
        client: &reqwest::Client,
        visit: &Visit<'_>,
        dice: &mut Dice,
        method: Method,
        path: &str,
        accept: &str,
    ) -> Option<Seen> {
        let preferred = self.choose(dice);
        for index in [preferred, 1 - preferred] {
            let begun = self.processes.milliseconds();
            match self.exchange(client, self.prepared(client, visit, index, method.clone(), path, accept)).await {
                Ok(seen) => return Some(seen),
                Err(error) if error.is_connect() && index == preferred => {}
                Err(_) if self.processes.was_killed_since(begun) => {
                    self.findings.excused("a request at the killed process");
                    return None;
                }
                Err(error) => {
                    self.findings.wrong(
                        "no response",
                        format!("{method} {path} at process {index} after {begun} ms: {error:?}"),
                    );
                    return None;
                }
            }
        }
        None
    }

    fn prepared(
        &self,
        client: &reqwest::Client,
        visit: &Visit<'_>,
        index: usize,
        method: Method,
        path: &str,
        accept: &str,
    ) -> Request {
        let url = format!("{}{path}", self.processes.both[index].url());
        client.request(method, url).header("accept", accept).header("cookie", &visit.cookie).build().unwrap()
    }

    async fn exchange(&self, client: &reqwest::Client, request: Request) -> reqwest::Result<Seen> {
        let response = client.execute(request).await?;
        Ok(Seen { status: response.status().as_u16(), body: response.text().await? })
    }

    fn choose(&self, dice: &mut Dice) -> usize {
        self.processes.choose(usize::from(dice.below(2) == 0))
    }
}

/// As a page writes a name.
fn escaped(name: &str) -> String {
    name.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
