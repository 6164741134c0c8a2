//! `kill -9` during writes: of the program with a session file, of the server with the other stores (SF-11).
//! Processes that end on a signal are tested in `processes`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use kinde_leptos::auth::paths::LOGIN;
use kinde_leptos::paths::HOME;
use serde_json::Value;

use super::case::Case;
use super::stage::Stage;
use super::store::{Fault, Kind, Store};
use crate::harness::{Browser, client};

const WRITERS: usize = 4;
const USERS: [(&str, &str); 2] = [("ada", "Ada Lovelace"), ("grace", "Grace")];

pub async fn run(store: &mut Store, rounds: usize) -> Case {
    let expected = "it opens again, no session is lost or somebody else's";
    let mut case = Case::new(store.kind, format!("kill -9 under writes, {rounds} times"), expected);
    let mut stage = Stage::start(store).await;
    let mut sessions: Vec<(String, &str)> = Vec::new();
    let mut written = 0;
    for round in 0..rounds {
        let writers = Writers::start(stage.at(LOGIN));
        for (person, name) in USERS {
            let mut browser = Browser::new();
            let page = browser.sign_in_from(&stage.at(HOME), person).await;
            case.expect_status("sign-in", &page, 200);
            sessions.extend(browser.session().map(|cookie| (cookie, name)));
        }
        // At another moment in each round.
        writers.wait_for_more(1 + round * 7 % 40).await;
        kill_and_repair(&mut stage).await;
        written += writers.stop().await;
        stage.wait_for(&mut Browser::new(), LOGIN, 303).await;
        // The sessions of the last rounds, and one of each round before.
        let recent = sessions.len().saturating_sub(4);
        for (cookie, name) in sessions[..recent].iter().step_by(2).chain(&sessions[recent..]) {
            let mut browser = Browser::with_session(cookie);
            let page = browser.get_json(&stage.at(HOME)).await;
            case.expect_status("same cookie", &page, 200);
            let greeted = if page.status == 200 { page.json()["user_info"].clone() } else { Value::Null };
            case.expect(page.status != 200 || greeted == *name, format!("{name} is greeted as {greeted}"));
        }
    }
    case.number("sign-ins begun meanwhile", written);
    case.number("sessions kept", sessions.len());
    case
}

async fn kill_and_repair(stage: &mut Stage<'_>) {
    if stage.store.kind == Kind::Sqlite {
        tokio::task::block_in_place(|| {
            stage.stop("KILL");
            stage.start_again();
        });
    } else {
        stage.begin(Fault::Down).await;
        stage.end(Fault::Down).await;
    }
}

/// Clients that begin sign-ins, each of which writes a record.
struct Writers {
    begun: Arc<AtomicUsize>,
    is_over: Arc<AtomicBool>,
    tasks: Vec<tokio::task::JoinHandle<()>>,
}

impl Writers {
    fn start(url: String) -> Self {
        let (begun, is_over) = (Arc::<AtomicUsize>::default(), Arc::<AtomicBool>::default());
        let client = client();
        let tasks = (0..WRITERS).map(|_| {
            let (url, client, begun, is_over) = (url.clone(), client.clone(), Arc::clone(&begun), Arc::clone(&is_over));
            tokio::spawn(async move {
                while !is_over.load(Ordering::Relaxed) {
                    match client.get(&url).send().await {
                        Ok(response) if response.status() == 303 => drop(begun.fetch_add(1, Ordering::Relaxed)),
                        // The server or the program is down for a moment.
                        _ => tokio::time::sleep(Duration::from_millis(5)).await,
                    }
                }
            })
        });
        let tasks = tasks.collect();
        Self { begun, is_over, tasks }
    }

    async fn wait_for_more(&self, count: usize) {
        let target = self.begun.load(Ordering::Relaxed) + count;
        while self.begun.load(Ordering::Relaxed) < target {
            tokio::task::yield_now().await;
        }
    }

    async fn stop(self) -> usize {
        self.is_over.store(true, Ordering::Relaxed);
        for task in self.tasks {
            task.await.unwrap();
        }
        self.begun.load(Ordering::Relaxed)
    }
}
