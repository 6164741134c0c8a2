//! Requests that no browser sends: slow, cut off, too large, malformed, made up. Each must get its response, or none,
//! and disturb nobody else.

use std::time::Duration;

use kinde_leptos::auth::paths::CALLBACK;
use kinde_leptos::paths::HOME;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::harness::SESSION_COOKIE;

/// The pause of a slow client between two pieces.
const PAUSE: Duration = Duration::from_millis(20);
/// How long a response may take, even on a machine that is busy with all of this.
const DEADLINE: Duration = Duration::from_secs(20);

/// Sends one such request, of a kind that the number chooses. Returns what was done, or what was wrong with the response.
pub async fn be(kind: u64, address: (&str, u16), cookie: &str) -> Result<&'static str, String> {
    let host = format!("host: localhost:{}\r\nconnection: close\r\n", address.1);
    let get = |path: &str, more: &str| format!("GET {path} HTTP/1.1\r\n{host}{more}\r\n");
    let (what, request, status) = match kind % 8 {
        0 => return slowly(address, &get(HOME, &format!("accept: text/html\r\ncookie: {cookie}\r\n"))).await,
        1 => return cut_off(address, "GET / HTTP/1.1\r\nho").await,
        2 => {
            return cut_off(address, &format!("POST {CALLBACK} HTTP/1.1\r\n{host}content-length: 1000\r\n\r\nhalf"))
                .await;
        }
        3 => ("a made-up callback", get(&format!("{CALLBACK}?code=x&state=y"), ""), 400),
        4 => ("a made-up cookie", get(HOME, &format!("accept: text/html\r\ncookie: {SESSION_COOKIE}=x\r\n")), 303),
        5 => ("a URL that is too long", get(&format!("/{}", "x".repeat(10_000)), ""), 414),
        6 => ("no HTTP at all", "\u{16}\u{3}\u{1}\r\n\r\n".to_owned(), 400),
        _ => {
            ("another host's name", "GET / HTTP/1.1\r\nhost: evil.example\r\nconnection: close\r\n\r\n".to_owned(), 303)
        }
    };
    let response = exchange(address, &[&request]).await?;
    match status_of(&response) {
        received if received == Some(status) => Ok(what),
        received => Err(format!("{what} got {received:?} instead of {status}: {response}")),
    }
}

async fn slowly(address: (&str, u16), request: &str) -> Result<&'static str, String> {
    let (head, end) = request.split_at(request.len() / 2);
    let response = exchange(address, &[&head[..10], &head[10..], end]).await?;
    if status_of(&response) == Some(200) { Ok("a slow request") } else { Err(format!("a slow one got {response}")) }
}

/// Sends a part of a request and closes the connection.
async fn cut_off(address: (&str, u16), part: &str) -> Result<&'static str, String> {
    let mut connection = TcpStream::connect(address).await.map_err(|error| error.to_string())?;
    connection.write_all(part.as_bytes()).await.map_err(|error| error.to_string())?;
    Ok("half a request")
}

/// Sends a request in pieces, and returns what arrives until the connection closes.
async fn exchange(address: (&str, u16), pieces: &[&str]) -> Result<String, String> {
    let whole = async {
        let (mut reader, mut writer) = TcpStream::connect(address).await?.into_split();
        let mut received = Vec::new();
        let sending = async {
            for (number, piece) in pieces.iter().enumerate() {
                if number > 0 {
                    tokio::time::sleep(PAUSE).await;
                }
                // The site may respond and close before it has read everything.
                let _ = writer.write_all(piece.as_bytes()).await;
            }
        };
        let ((), read) = tokio::join!(sending, reader.read_to_end(&mut received));
        // What was not read on the other side resets the connection, after the response.
        if received.is_empty() {
            read?;
        }
        Ok(String::from_utf8_lossy(&received).into_owned())
    };
    let response: std::io::Result<String> =
        tokio::time::timeout(DEADLINE, whole).await.map_err(|late| late.to_string())?;
    response.map_err(|error| error.to_string())
}

fn status_of(response: &str) -> Option<u16> {
    response.split(' ').nth(1)?.parse().ok()
}
