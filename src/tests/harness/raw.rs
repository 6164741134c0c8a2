//! `RawResponse`: the response to a request written byte by byte, which an HTTP client would normalize or refuse to
//! send.
//! It keeps no cookies and follows no redirect.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use url::Url;

use super::Site;

/// A response as received, up to the end of the connection.
#[derive(Debug, Clone)]
pub struct RawResponse {
    /// 0 when the connection was closed without a response.
    pub status: u16,
    /// The status line and the headers.
    pub head: String,
    pub body: String,
}

impl RawResponse {
    fn read(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes);
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        Self { status, head: head.to_owned(), body: body.to_owned() }
    }

    /// A header's text; empty when it is not there.
    pub fn header(&self, name: &str) -> &str {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(':'));
        lines.find(|(found, _)| found.eq_ignore_ascii_case(name)).map_or("", |(_, value)| value.trim())
    }
}

impl Site {
    /// A connection on which nothing has been sent yet.
    pub async fn connect(&self) -> TcpStream {
        let port = Url::parse(&self.url).unwrap().port().unwrap();
        TcpStream::connect(("127.0.0.1", port)).await.unwrap()
    }

    /// Sends a request exactly as written, `target` included, on a connection of its own.
    pub async fn raw(&self, method: &str, target: &str, headers: &[(&str, &str)]) -> RawResponse {
        let host = self.url.trim_start_matches("http://");
        let mut request = format!("{method} {target} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n");
        for (name, value) in headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        request.push_str("\r\n");
        self.raw_bytes(request.as_bytes()).await
    }

    /// Sends bytes and reads until the site closes the connection, which must happen within ten seconds.
    pub async fn raw_bytes(&self, bytes: &[u8]) -> RawResponse {
        let (mut reader, mut writer) = self.connect().await.into_split();
        let mut received = Vec::new();
        // The site may respond and close before it has read everything, so writing and reading may both fail.
        let exchange = async { tokio::join!(writer.write_all(bytes), reader.read_to_end(&mut received)) };
        let ended = tokio::time::timeout(Duration::from_secs(10), exchange).await;
        assert!(ended.is_ok(), "the connection stayed open: {}", String::from_utf8_lossy(&received));
        RawResponse::read(&received)
    }
}
