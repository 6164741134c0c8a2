//! `LostCluster`: a server that says what the last one of a Redis Cluster may say while all are lost. It knows no record.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use crate::harness::free_port;

/// The only server of a cluster, until it is lost.
pub struct LostCluster {
    port: u16,
    is_lost: Arc<AtomicBool>,
}

impl LostCluster {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let is_lost = Arc::new(AtomicBool::new(false));
        let cluster = Self { port, is_lost: is_lost.clone() };
        tokio::spawn(async move {
            let gone = free_port();
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(serve(client, port, gone, is_lost.clone()));
            }
        });
        cluster
    }

    pub fn url(&self) -> String {
        format!("redis+cluster://127.0.0.1:{}", self.port)
    }

    /// From now on no server has slots, and records are at one that is gone; or all is well again.
    pub fn lose(&self, is_lost: bool) {
        self.is_lost.store(is_lost, Ordering::Relaxed);
    }
}

async fn serve(mut client: TcpStream, port: u16, gone: u16, is_lost: Arc<AtomicBool>) {
    let (requests, mut responses) = client.split();
    let mut requests = BufReader::new(requests);
    while let Some(words) = command(&mut requests).await {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let response = match (&words[..], is_lost.load(Ordering::Relaxed)) {
            (["CLUSTER", "SLOTS"], false) => {
                format!("*1\r\n*3\r\n:0\r\n:16383\r\n*2\r\n$9\r\n127.0.0.1\r\n:{port}\r\n")
            }
            (["CLUSTER", "SLOTS"], true) => "*0\r\n".to_owned(),
            (["EVAL", ..], false) => "*2\r\n$-1\r\n:-2\r\n".to_owned(),
            (["EVAL", ..], true) => format!("-MOVED 1 127.0.0.1:{gone}\r\n"),
            (["PEXPIRETIME", ..], _) => ":-2\r\n".to_owned(),
            (["INFO", ..], _) => "$0\r\n\r\n".to_owned(),
            (["PING", ..], _) => "+PONG\r\n".to_owned(),
            _ => "+OK\r\n".to_owned(),
        };
        if responses.write_all(response.as_bytes()).await.is_err() {
            return;
        }
    }
}

/// The words of the next command; `None` when the client is gone.
async fn command(requests: &mut (impl AsyncBufReadExt + Unpin)) -> Option<Vec<String>> {
    let number = length(requests, '*').await?;
    let mut words = Vec::with_capacity(number);
    for _ in 0..number {
        let mut word = vec![0; length(requests, '$').await? + "\r\n".len()];
        requests.read_exact(&mut word).await.ok()?;
        words.push(String::from_utf8_lossy(&word).trim_end().to_owned());
    }
    Some(words)
}

/// A line such as `*3` or `$5`.
async fn length(requests: &mut (impl AsyncBufReadExt + Unpin), kind: char) -> Option<usize> {
    let mut line = String::new();
    requests.read_line(&mut line).await.ok()?;
    line.trim_end().strip_prefix(kind)?.parse().ok()
}
