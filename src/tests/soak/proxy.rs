//! Two processes behind nginx, with the configuration of the deployment guide: TLS, HTTP/2, compression, kept
//! connections, whose word counts about a client's address, and restarts that nobody notices.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use kinde_leptos::auth::paths::CALLBACK;
use kinde_leptos::dev_issuer::DevIssuer;
use kinde_leptos::paths::HOME;
use kinde_leptos::server::carried_files;
use serde_json::{Value, json};
use tokio::task::{JoinHandle, block_in_place};

use super::is_at_length;
use super::nginx::Nginx;
use super::processes::{Process, Processes};

/// An https site must say something about keys, and one behind a proxy about the proxy.
const BEHIND_A_PROXY: [(&str, &str); 2] = [("SESSION_ENCRYPTION_KEYS", "none"), ("TRUSTED_PROXIES", "127.0.0.1")];

/// How many requests are answered before a process restarts.
const STEADY: usize = 300;
const DEADLINE: Duration = Duration::from_secs(30);

/// Requests each second.
fn rate() -> u32 {
    if is_at_length() { 1_000 } else { 200 }
}

struct Stage {
    nginx: Nginx,
    processes: Arc<Processes>,
    origin: String,
}

impl Stage {
    async fn start() -> Self {
        let ports = Nginx::ports();
        let origin = Nginx::origin(ports.0);
        let processes = Processes::start(Some(&origin), &BEHIND_A_PROXY).await;
        let nginx = Nginx::start(ports, processes.both.each_ref().map(|process| process.port));
        Self { nginx, processes, origin }
    }

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    /// Waits until one of the processes has logged this text, and returns everything that both have logged.
    async fn until_logged(&self, text: &str) -> String {
        let begun = Instant::now();
        loop {
            let logged = self.processes.both.iter().map(Process::logged).collect::<Vec<_>>().concat();
            if logged.contains(text) {
                return logged;
            }
            assert!(begun.elapsed() < DEADLINE, "{text} is missing: {logged}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn behind_nginx_a_browser_signs_in_over_http_2_and_gets_compressed_pages() {
    let stage = Stage::start().await;
    stage.processes.tenant.settings(json!({ "auto_sign_in": "ada" })).await;
    let curl = |arguments: &[&str]| block_in_place(|| stage.nginx.curl(arguments));

    let version_and_status = "\n%{http_version} %{http_code}";
    let page = curl(&["--http2", "--location", "--write-out", version_and_status, &stage.at("/items/7")]);
    assert!(page.ends_with("\n2 200") && page.contains("Item 7"), "{page}");
    let greeting = curl(&["--http2", &stage.at(HOME)]);
    assert!(greeting.contains("Hello, <bdi>Ada Lovelace</bdi>"), "{greeting}");

    let head = ["--http2", "--dump-header", "-", "--output", "/dev/null"];
    let header = |more: &[&str], url: &str| curl(&[&head, more, &[url]].concat()).to_lowercase();
    let page = header(&["--header", "accept-encoding: gzip"], &stage.at(HOME));
    assert!(page.contains("content-encoding: gzip"), "{page}");
    assert!(page.contains("strict-transport-security:") && page.contains("no-store"), "{page}");
    let json = header(&["--header", "accept-encoding: gzip", "--header", "accept: application/json"], &stage.at(HOME));
    assert!(!json.contains("text/html"), "{json}");
    for file in carried_files().iter().filter(|file| file.path().contains("main.")) {
        let file = header(&[], &stage.at(file.path()));
        assert!(file.contains("immutable"), "{file}");
    }

    let id = page.lines().find_map(|line| line.strip_prefix("x-request-id: ")).unwrap();
    let logged = stage.nginx.requests().to_lowercase();
    assert!(logged.contains(id), "nginx's log does not lead to {id}: {logged}");

    let plain = stage
        .at(HOME)
        .replacen("https", "http", 1)
        .replace(&stage.nginx.port.to_string(), &stage.nginx.plain_port.to_string());
    let plain = header(&[], &plain);
    assert!(plain.contains(" 301 ") && plain.contains("location: https://"), "{plain}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn behind_nginx_nobody_chooses_the_address_or_the_trace_that_is_logged() {
    const MADE_UP: &str = "203.0.113.9";
    const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
    let stage = Stage::start().await;
    let headers = [
        format!("x-forwarded-for: {MADE_UP}"),
        format!("forwarded: for={MADE_UP}"),
        format!("x-real-ip: {MADE_UP}"),
        format!("traceparent: 00-{TRACE}-b7ad6b7169203331-01"),
    ];
    let callback = |origin: &str| {
        let url = format!("{origin}{CALLBACK}?code=made-up&state=made-up");
        let headers = headers.iter().flat_map(|header| ["--header", header.as_str()]);
        let arguments: Vec<_> = headers.chain([url.as_str()]).collect();
        block_in_place(|| stage.nginx.curl(&arguments));
    };
    callback(&stage.origin);
    let logged = stage.until_logged("outcome=\"failure\"").await;
    assert!(!logged.contains(MADE_UP) && !logged.contains(TRACE), "{logged}");
    assert!(logged.contains("trace_id="), "nginx begins a trace: {logged}");
    // What nginx itself says is believed.
    callback(&stage.processes.both[0].url());
    let logged = stage.until_logged(&format!("client={MADE_UP}")).await;
    assert!(logged.contains(&format!("trace_id={TRACE}")), "{logged}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_both_processes_behind_nginx_are_stopped_it_responds_with_503_itself() {
    let stage = Stage::start().await;
    for index in [0, 1] {
        block_in_place(|| stage.processes.stop(index));
    }
    let response = block_in_place(|| stage.nginx.curl(&["--http2", "--include", &stage.at(HOME)])).to_lowercase();
    assert!(response.starts_with("http/2 503") && response.contains("retry-after: 5"), "{response}");
    assert!(response.contains("cache-control: no-store") && response.contains("try again"), "{response}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_fails_while_a_process_behind_nginx_restarts() {
    let stage = Stage::start().await;
    let (nginx, processes) = (&stage.nginx, &stage.processes);
    let mut sessions = Vec::new();
    for (number, person) in DevIssuer::people().into_iter().filter(|person| person.key != "atlas").enumerate() {
        let at = processes.both[number % 2].url();
        let cookie = processes.tenant.login(&person.key).listening_at(&at).cookie().await.unwrap();
        sessions.push((cookie.header().clone(), person.subject));
    }
    let ready = processes.watch();
    let load = Load::begin(client_of(nginx), stage.at(HOME), sessions);
    load.until_answered(STEADY).await;
    // Without kept connections, each request would leave one behind.
    let closed = connections_left(processes.both.each_ref().map(|process| process.port));
    assert!(closed < STEADY / 10, "{closed} connections for {STEADY} requests");
    let begun = Instant::now();
    for index in [0, 1] {
        let ended = block_in_place(|| processes.stop(index));
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        block_in_place(|| processes.start_process(index));
        processes.until_ready(index).await;
    }
    let results = load.end().await;
    drop(ready);

    let seconds = begun.elapsed().as_secs_f64();
    let lost: Vec<_> = results.iter().filter_map(|result| result.as_ref().err()).collect();
    println!(
        "\nbehind nginx: {} requests in {seconds:.1} s while both processes restart, {} failed",
        results.len(),
        lost.len()
    );
    assert!(
        lost.is_empty(),
        "{} of {} failed: {:?}\n{}",
        lost.len(),
        results.len(),
        &lost[..lost.len().min(3)],
        nginx.errors()
    );
    assert!(results.len() > 100, "the load was no load: {}", results.len());
}

/// Requests at a steady rate, each with the session of another user.
struct Load {
    is_over: Arc<AtomicBool>,
    answered: Arc<AtomicUsize>,
    sending: JoinHandle<Vec<Result<(), String>>>,
}

impl Load {
    fn begin(client: reqwest::Client, url: String, sessions: Vec<(http::HeaderValue, String)>) -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let answered = Arc::new(AtomicUsize::new(0));
        let (over, counted) = (Arc::clone(&is_over), Arc::clone(&answered));
        let sending = tokio::spawn(async move {
            let mut ticks = tokio::time::interval(Duration::from_secs(1) / rate());
            let mut requests = Vec::new();
            while !over.load(Ordering::Relaxed) {
                ticks.tick().await;
                let (cookie, _) = sessions[requests.len() % sessions.len()].clone();
                let request = client.get(&url).header("accept", "application/json").header("cookie", cookie);
                let answered = Arc::clone(&counted);
                requests.push(tokio::spawn(async move {
                    let response = request.send().await.map_err(|error| format!("{error:?}"))?;
                    let status = response.status().as_u16();
                    let body = response.text().await.map_err(|error| format!("{error:?}"))?;
                    answered.fetch_add(1, Ordering::Relaxed);
                    if status == 200 { Ok(body) } else { Err(format!("{status} {body}")) }
                }));
            }
            let mut results = Vec::new();
            let mut names = std::collections::BTreeMap::new();
            for (number, request) in requests.into_iter().enumerate() {
                let (_, subject) = &sessions[number % sessions.len()];
                results.push(request.await.unwrap().and_then(|body| {
                    let greeting: Value = serde_json::from_str(&body).map_err(|error| error.to_string())?;
                    // A session greets one user from its first response to its last.
                    let name = names.entry(subject.clone()).or_insert_with(|| greeting["user_info"].clone());
                    if *name == greeting["user_info"] { Ok(()) } else { Err(format!("{body} instead of {name}")) }
                }));
            }
            results
        });
        Self { is_over, answered, sending }
    }

    async fn until_answered(&self, requests: usize) {
        let begun = Instant::now();
        while self.answered.load(Ordering::Relaxed) < requests {
            assert!(begun.elapsed() < DEADLINE, "{} requests were answered", self.answered.load(Ordering::Relaxed));
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    async fn end(self) -> Vec<Result<(), String>> {
        self.is_over.store(true, Ordering::Relaxed);
        self.sending.await.unwrap()
    }
}

fn client_of(nginx: &Nginx) -> reqwest::Client {
    let authority = reqwest::Certificate::from_pem(&std::fs::read(nginx.authority()).unwrap()).unwrap();
    let builder = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy();
    let at = ([127, 0, 0, 1], nginx.port).into();
    builder.add_root_certificate(authority).resolve("app.example.com", at).build().unwrap()
}

/// How many connections to these ports have ended within the last minute (`TIME_WAIT`).
fn connections_left(ports: [u16; 2]) -> usize {
    const TIME_WAIT: &str = "06";
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    let is_one = |line: &&str| {
        let fields: Vec<_> = line.split_whitespace().collect();
        let at_port = |address: &str| ports.iter().any(|port| address.ends_with(&format!(":{port:04X}")));
        fields.get(3) == Some(&TIME_WAIT) && (at_port(fields[1]) || at_port(fields[2]))
    };
    table.lines().skip(1).filter(is_one).count()
}
