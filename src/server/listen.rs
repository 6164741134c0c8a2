//! Listening: opens the ports, serves connections within limits, and ends them gracefully.
//! It knows no route. What a request may cost once it has been read is in `limits`.
//!
//! | module | what it has |
//! | --- | --- |
//! | `ports` | opening ports |
//! | `accepting` | accepting connections at a port, until it is closed |
//! | `descriptors` | how many connections the system's limit on file descriptors leaves room for |
//! | `places` | all open connections, and which one is closed when there are too many |
//! | `activity` | what one connection waits for, and since when |
//! | `serving` | one connection from beginning to end |
//! | `slow_clients` | clients that send or take too little |

mod accepting;
mod activity;
mod descriptors;
mod places;
mod ports;
mod serving;
mod slow_clients;

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};

use super::Drain;
use crate::auth::TrustedProxies;
use accepting::{Accepted, accept};
pub use descriptors::raise_descriptor_limit;
use places::{AddressCap, Connections, Place};
pub use ports::BindError;
pub use serving::Application;
use serving::{Service, serve};
use slow_clients::LeastRate;

/// How long requests under way may take to finish after a stop was asked for.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(10);
/// How many accepted connections may wait for a place at once; the others wait in the system's queue.
const WAITING: usize = 16;

/// How many connections a listener has that serves few programs.
const FEW_PLACES: usize = 8;

/// Open ports.
#[derive(Debug)]
pub struct Listeners {
    ports: Vec<TcpListener>,
    cap: Option<AddressCap>,
    room: fn() -> usize,
    least_rate: LeastRate,
}

impl Listeners {
    /// Opens every address. Of several, one that this machine does not have (`[::1]` without IPv6) is left out.
    ///
    /// # Errors
    /// [`BindError`] for the first address that cannot be opened.
    pub async fn bind(addresses: &[SocketAddr]) -> Result<Self, BindError> {
        let ports = ports::open(addresses)?;
        Ok(Self { ports, cap: None, room: descriptors::room, least_rate: LeastRate::default() })
    }

    /// Limits the connections of each address: one more closes the one that has been idle for the longest time. This
    /// machine's own addresses and those of trusted proxies, which stand for many clients, have no limit.
    pub fn with_address_cap(self, trusted_proxies: TrustedProxies) -> Self {
        Self { cap: Some(AddressCap { trusted_proxies }), ..self }
    }

    /// Leaves nearly all descriptors to other listeners: for one at which few programs ask.
    pub fn with_few_places(self) -> Self {
        Self { room: || FEW_PLACES, ..self }
    }

    /// The addresses that are open.
    pub fn addresses(&self) -> Vec<SocketAddr> {
        self.ports.iter().filter_map(|port| port.local_addr().ok()).collect()
    }

    /// Serves until `stop` completes and the drain's notice is over; then takes no further connection and lets requests
    /// under way finish, for at most ten seconds.
    pub async fn serve<A: Application>(self, app: A, stop: impl Future<Output = ()>, drain: Drain) {
        let connections = Connections::new(self.room, self.cap);
        let (sender, accepted) = mpsc::channel(WAITING);
        let (closing, closed) = watch::channel(());
        for port in self.ports {
            tokio::spawn(accept(port, sender.clone(), Arc::clone(&connections), closed.clone()));
        }
        drop((sender, closed));
        let service = Service { app, drain: drain.clone(), least_rate: self.least_rate };
        let mut server = Server { service, connections, accepted, next: None, ending: watch::Sender::new(false) };
        let mut noticed = std::pin::pin!(async {
            stop.await;
            drain.begin().await;
        });
        loop {
            tokio::select! {
                Some((connection, place)) = server.next_connection() => server.serve(connection, place),
                () = &mut noticed => break,
            }
        }
        // Ends the accepting tasks, and with them the ports.
        drop(closing);
        if tokio::time::timeout(DRAIN_TIMEOUT, server.finish()).await.is_err() {
            tracing::warn!("some requests did not finish in time and were cut off");
        }
    }
}

struct Server<A> {
    service: Service<A>,
    connections: Arc<Connections>,
    accepted: mpsc::Receiver<Accepted>,
    /// Waits for a place.
    next: Option<Accepted>,
    /// Tells connections to end; each has a receiver for as long as it is open.
    ending: watch::Sender<bool>,
}

impl<A: Application> Server<A> {
    /// The next connection, when there is a place for it. Nothing is lost when the future is dropped.
    async fn next_connection(&mut self) -> Option<(Accepted, Place)> {
        loop {
            let peer = match &self.next {
                Some((_, peer)) => *peer,
                None => self.next.insert(self.accepted.recv().await?).1,
            };
            let place = self.connections.place_for(peer).await;
            if let (Some(connection), Some(place)) = (self.next.take(), place) {
                return Some((connection, place));
            }
        }
    }

    fn serve(&self, (stream, peer): Accepted, place: Place) {
        tokio::spawn(serve(self.service.clone(), stream, peer, place, self.ending.subscribe()));
    }

    /// Serves the connections that were accepted last, whether or not there is a place, and lets all finish.
    async fn finish(mut self) {
        let mut next = self.next.take();
        while let Some(connection) = match next.take() {
            None => self.accepted.recv().await,
            waiting => waiting,
        } {
            let place = self.connections.place_regardless(connection.1);
            self.serve(connection, place);
        }
        self.ending.send_replace(true);
        self.ending.closed().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::Router;
    use axum::body::Bytes;
    use axum::routing::{get, post};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpSocket, TcpStream};
    use tokio::time::{Instant, sleep, timeout};

    const LARGE: usize = 4_000_000;

    /// A site whose clients are cut off when they send or take fewer than 1,000 bytes in a second, for half a second.
    async fn start() -> SocketAddr {
        let mut listeners = Listeners::bind(&["127.0.0.1:0".parse().unwrap()]).await.unwrap();
        listeners.least_rate = LeastRate { patience: Duration::from_millis(500), bytes_per_second: 1000 };
        let address = listeners.addresses()[0];
        let app = Router::new()
            .route("/length", post(|body: Bytes| async move { body.len().to_string() }))
            .route("/large", get(|| async { Bytes::from_static(&[b'x'; LARGE]) }));
        tokio::spawn(listeners.serve(app, std::future::pending(), Drain::default()));
        address
    }

    /// Connects with a small buffer, so that little is taken which nobody reads, and requests the large response.
    async fn request_large() -> TcpStream {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(32 * 1024).unwrap();
        let mut stream = socket.connect(start().await).await.unwrap();
        stream.write_all(b"GET /large HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
        stream
    }

    /// Reads this many bytes at a time, with pauses. Returns how many there were until all were read or the connection
    /// ended.
    async fn read(stream: &mut TcpStream, bytes: usize, pause: Duration) -> usize {
        let (mut buffer, mut read) = (vec![0; bytes], 0);
        while read < LARGE {
            match stream.read(&mut buffer).await {
                Ok(0) | Err(_) => break,
                Ok(more) => read += more,
            }
            sleep(pause).await;
        }
        read
    }

    #[tokio::test]
    async fn who_takes_a_response_drop_by_drop_is_cut_off() {
        let mut stream = request_large().await;
        let drops = read(&mut stream, 10, Duration::from_millis(20));
        // After the end, there is still what the system's buffers hold.
        assert!(timeout(Duration::from_millis(1500), drops).await.is_err());
        let rest = timeout(Duration::from_secs(3), read(&mut stream, 1 << 20, Duration::ZERO)).await.unwrap();
        assert!(rest < LARGE / 2, "{rest}");
    }

    #[tokio::test]
    async fn who_takes_a_response_slowly_but_steadily_gets_all_of_it() {
        let (mut stream, begun) = (request_large().await, Instant::now());
        let taken = read(&mut stream, 40_000, Duration::from_millis(10)).await;
        assert!(taken >= LARGE, "{taken}");
        assert!(begun.elapsed() > Duration::from_millis(700), "that was faster than it was to be");
    }

    /// Sends a body of 3,000 bytes piece by piece. Returns the response, and when it had come.
    async fn send_slowly(piece: usize, pause: Duration) -> (String, Duration) {
        let (mut reader, mut writer) = TcpStream::connect(start().await).await.unwrap().into_split();
        let head = "POST /length HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: 3000\r\n\r\n";
        writer.write_all(head.as_bytes()).await.unwrap();
        let begun = Instant::now();
        let sending = async {
            for _ in 0..3000 / piece {
                sleep(pause).await;
                if writer.write_all(&vec![b'x'; piece]).await.is_err() {
                    break;
                }
            }
            std::future::pending::<()>().await;
        };
        let mut response = String::new();
        tokio::select! {
            // The error of a connection that is closed while something is still sent says nothing.
            _ = reader.read_to_string(&mut response) => {}
            () = sending => {}
            () = sleep(Duration::from_secs(4)) => {}
        }
        (response, begun.elapsed())
    }

    #[tokio::test]
    async fn who_sends_a_body_drop_by_drop_is_cut_off() {
        let (response, took) = send_slowly(1, Duration::from_millis(20)).await;
        assert!(!response.contains("200 OK"), "{response}");
        assert!((Duration::from_millis(450)..Duration::from_secs(3)).contains(&took), "{took:?}");
    }

    #[tokio::test]
    async fn who_sends_a_body_slowly_but_steadily_gets_a_response() {
        let (response, took) = send_slowly(300, Duration::from_millis(100)).await;
        assert!(response.starts_with("HTTP/1.1 200 OK") && response.ends_with("\r\n\r\n3000"), "{response}");
        assert!(took > Duration::from_millis(600), "{took:?}");
    }
}
