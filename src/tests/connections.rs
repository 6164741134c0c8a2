//! Tests of connections that nobody uses, or that go slowly, at the limit on file descriptors: whatever they do, a new
//! visitor is served within two seconds. Least rates are tested in `server::listen`, which can shorten the waits, and
//! the share of one address mostly in `server::listen::places`, because connections of this machine have none.

use std::fs::read_to_string;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::path::Path;
use std::time::{Duration, Instant};

use kinde_leptos::auth::paths::LOGOUT;
use kinde_leptos::paths::{HEALTH, HOME, OPENAPI, ROBOTS};
use kinde_leptos::server::raise_descriptor_limit;
use rustix::process::{Pid, Resource, Rlimit, prlimit};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

use super::harness::{Address, Browser, Program, free_port};

/// How long a new visitor may wait.
const AT_MOST: Duration = Duration::from_secs(2);
/// Requests for more than the system keeps of responses for a client that does not read: several megabytes.
fn for_much() -> String {
    request(OPENAPI).repeat(100)
}

/// A site with this soft and hard limit on file descriptors.
fn start(folder: &Path, soft: u32, hard: u32) -> (Program, Address) {
    Program::start_site_with_descriptors(folder, (soft, hard), &[])
}

/// Opens a connection that takes little which is not read, and sends this on it.
async fn connect(address: SocketAddr, sent: &str) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut stream = socket.connect(address).await.unwrap();
    stream.write_all(sent.as_bytes()).await.unwrap();
    stream
}

/// So many connections on which this was sent, and nothing more is.
async fn connections(site: &Address, number: usize, sent: &str) -> Vec<TcpStream> {
    connections_to(SocketAddr::from(([127, 0, 0, 1], site.port)), number, sent).await
}

async fn connections_to(address: SocketAddr, number: usize, sent: &str) -> Vec<TcpStream> {
    raise_descriptor_limit();
    let mut streams = Vec::with_capacity(number);
    for _ in 0..number {
        streams.push(connect(address, sent).await);
    }
    streams
}

fn request(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n")
}

/// Asserts that new visitors are served in time, each on a connection of its own.
async fn assert_serves_new_visitors(site: &Address) {
    for path in [HEALTH, "/signed-out"] {
        let (begun, mut start) = (Instant::now(), [0; 12]);
        let served = async {
            let mut stream = TcpStream::connect(("127.0.0.1", site.port)).await.unwrap();
            stream.write_all(request(path).as_bytes()).await.unwrap();
            stream.read_exact(&mut start).await.map(|_| ())
        };
        let served = timeout(AT_MOST, served).await;
        assert!(matches!(served, Ok(Ok(()))), "{path} after {:?}: {served:?}", begun.elapsed());
        assert_eq!(&start, b"HTTP/1.1 200", "{path}");
    }
}

/// How many of these the site has closed, once there are so many, or after a while.
async fn closed(streams: &mut [TcpStream], expected: usize) -> usize {
    let begun = Instant::now();
    loop {
        let mut closed = 0;
        for stream in &mut *streams {
            let ended = timeout(Duration::from_millis(1), stream.read_to_end(&mut Vec::new())).await;
            closed += usize::from(ended.is_ok());
        }
        if closed >= expected || begun.elapsed() > AT_MOST {
            return closed;
        }
    }
}

#[tokio::test]
async fn the_soft_limit_is_raised_to_the_hard_one() {
    let folder = tempfile::tempdir().unwrap();
    let (program, _) = start(folder.path(), 200, 300);
    let limits = read_to_string(format!("/proc/{}/limits", program.id())).unwrap();
    let line = limits.lines().find(|line| line.starts_with("Max open files")).unwrap();
    let numbers: Vec<_> = line.split_whitespace().skip(3).take(2).collect();
    assert_eq!(numbers, ["300", "300"]);
}

#[tokio::test]
async fn idle_connections_beyond_the_limit_keep_nobody_out() {
    let folder = tempfile::tempdir().unwrap();
    let (_program, site) = start(folder.path(), 1024, 1024);
    let _unused = connections(&site, 600, "").await;
    let _used = connections(&site, 600, &request(ROBOTS)).await;
    assert_serves_new_visitors(&site).await;
    // The store and the issuer get descriptors too.
    assert_eq!(Browser::new().sign_in_from(&site.at(HOME), "ada").await.status, 200);
}

#[tokio::test]
async fn the_longest_idle_connections_are_closed_for_new_ones() {
    let folder = tempfile::tempdir().unwrap();
    let (_program, site) = start(folder.path(), 256, 256);
    let mut first = connections(&site, 100, "").await;
    let mut then = connections(&site, 180, "").await;
    assert_serves_new_visitors(&site).await;
    let (first, then) = (closed(&mut first, 88).await, closed(&mut then, 0).await);
    assert!((88..=100).contains(&first) && then == 0, "{first} of the first, {then} of the others were closed");
}

#[tokio::test]
async fn heads_that_never_end_keep_nobody_out() {
    let folder = tempfile::tempdir().unwrap();
    let (_program, site) = start(folder.path(), 256, 256);
    let mut slow = connections(&site, 300, "GET / HTTP/1.1\r\nhost: loc").await;
    assert_serves_new_visitors(&site).await;
    for stream in &mut slow {
        // Those that were closed meanwhile cannot take it.
        let _ = stream.write_all(b"a").await;
    }
    assert_serves_new_visitors(&site).await;
}

#[tokio::test]
async fn bodies_that_never_end_keep_nobody_out() {
    let folder = tempfile::tempdir().unwrap();
    let (_program, site) = start(folder.path(), 256, 256);
    let head = format!("POST {LOGOUT} HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000\r\n\r\nx");
    let _slow = connections(&site, 300, &head).await;
    assert_serves_new_visitors(&site).await;
}

#[tokio::test]
async fn responses_that_nobody_takes_keep_nobody_out() {
    let folder = tempfile::tempdir().unwrap();
    let (_program, site) = start(folder.path(), 256, 256);
    let mut readers = connections(&site, 300, &for_much()).await;
    assert_serves_new_visitors(&site).await;
    for reader in &mut readers {
        let _ = reader.try_read(&mut [0; 100]);
    }
    assert_serves_new_visitors(&site).await;
}

#[tokio::test]
async fn a_limit_that_is_lowered_while_it_runs_keeps_nobody_out() {
    let folder = tempfile::tempdir().unwrap();
    let (mut program, site) = start(folder.path(), 1024, 1024);
    let _idle = connections(&site, 700, &request(ROBOTS)).await;
    assert_serves_new_visitors(&site).await;
    let lower = Rlimit { current: Some(300), maximum: Some(1024) };
    prlimit(Pid::from_raw(program.id().cast_signed()), Resource::Nofile, lower).unwrap();
    assert_serves_new_visitors(&site).await;
    let begun = Instant::now();
    while !program.logged().contains("no file descriptor was free") {
        assert!(begun.elapsed() < AT_MOST, "{}", program.logged());
        tokio::task::yield_now().await;
    }
    assert_eq!(Browser::new().sign_in_from(&site.at(HOME), "ada").await.status, 200);
}

/// An address of this machine in a network, from which it can be reached as from another machine. Nothing is sent.
fn own_address() -> Option<IpAddr> {
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    socket.connect("198.51.100.1:9").ok()?;
    let address = socket.local_addr().ok()?.ip();
    (!address.is_loopback() && !address.is_unspecified()).then_some(address)
}

/// On a machine without a network, nothing is tested.
#[tokio::test]
async fn an_address_closes_its_own_idle_connections_if_there_is_a_rate_limit() {
    let Some(address) = own_address() else { return };
    // An eighth of 896 places is 112.
    for (rate_limit, expected) in [("300/30", 150 - 112), ("off", 0)] {
        let (folder, port) = (tempfile::tempdir().unwrap(), free_port());
        let listen = format!("0.0.0.0:{port}");
        let variables = [("LISTEN_ADDR", listen.as_str()), ("AUTH_RATE_LIMIT", rate_limit)];
        let (_program, mut site) = Program::start_site_with_descriptors(folder.path(), (1024, 1024), &variables);
        site.port = port;
        let mut from_here = connections(&site, 150, "").await;
        let mut from_there = connections_to((address, port).into(), 150, "").await;
        assert_serves_new_visitors(&site).await;
        assert_eq!(closed(&mut from_there, expected).await, expected, "{rate_limit}");
        assert_eq!(closed(&mut from_here, 0).await, 0, "{rate_limit}");
    }
}
