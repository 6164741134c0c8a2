//! `SlowLink`: a proxy to a server on which everything that the server sends arrives late, and which can be cut: what is
//! under way then never arrives. It counts the round trips of its clients.
//! Connections that fall silent are in `silencer`.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::Instant;

/// A listener that forwards connections until it is cut.
pub struct SlowLink {
    address: SocketAddr,
    forwarding: JoinHandle<()>,
    trips: Arc<Trips>,
}

/// Counts round trips: what clients send counts as a new request when something arrived since the last one.
#[derive(Default)]
struct Trips {
    number: AtomicUsize,
    is_under_way: AtomicBool,
}

#[allow(dead_code, reason = "the `store_faults` target does not use this")]
impl SlowLink {
    /// Forwards to a port of this machine.
    pub async fn before(port: u16, delay: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let trips = Arc::new(Trips::default());
        let counted = trips.clone();
        let forwarding = tokio::spawn(async move {
            // Ends with this task.
            let mut connections = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
                let (from_client, to_client) = client.into_split();
                let (from_server, to_server) = server.into_split();
                connections.spawn(send(from_client, to_server, counted.clone()));
                let (late, arriving) = mpsc::unbounded_channel();
                connections.spawn(receive(from_server, delay, late));
                connections.spawn(deliver(arriving, to_client, counted.clone()));
            }
        });
        Self { address, forwarding, trips }
    }

    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// How many round trips have begun, those that open connections included.
    pub fn round_trips(&self) -> usize {
        self.trips.number.load(Ordering::SeqCst)
    }

    /// Closes all connections, and accepts no more.
    pub async fn cut(self) {
        self.forwarding.abort();
        let _ = self.forwarding.await;
    }
}

type Late = (Instant, Vec<u8>);

async fn send(mut client: OwnedReadHalf, mut server: OwnedWriteHalf, trips: Arc<Trips>) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(length @ 1..) = client.read(&mut buffer).await {
        if !trips.is_under_way.swap(true, Ordering::SeqCst) {
            trips.number.fetch_add(1, Ordering::SeqCst);
        }
        if server.write_all(&buffer[..length]).await.is_err() {
            return;
        }
    }
}

async fn receive(mut server: OwnedReadHalf, delay: Duration, late: mpsc::UnboundedSender<Late>) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(length @ 1..) = server.read(&mut buffer).await {
        if late.send((Instant::now() + delay, buffer[..length].to_vec())).is_err() {
            return;
        }
    }
}

async fn deliver(mut arriving: mpsc::UnboundedReceiver<Late>, mut client: OwnedWriteHalf, trips: Arc<Trips>) {
    while let Some((at, bytes)) = arriving.recv().await {
        tokio::time::sleep_until(at).await;
        trips.is_under_way.store(false, Ordering::SeqCst);
        if client.write_all(&bytes).await.is_err() {
            return;
        }
    }
}
