//! `SlowLink`: a proxy to a server on which everything that the server sends arrives late, and which can be cut: what is
//! under way then never arrives.
//! Connections that fall silent are in `silencer`.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::Instant;

/// A listener that forwards connections until it is cut.
pub struct SlowLink {
    address: SocketAddr,
    forwarding: JoinHandle<()>,
}

#[allow(dead_code, reason = "the `store_faults` target does not use this")]
impl SlowLink {
    /// Forwards to a port of this machine.
    pub async fn before(port: u16, delay: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let forwarding = tokio::spawn(async move {
            // Ends with this task.
            let mut connections = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
                let (mut from_client, to_client) = client.into_split();
                let (from_server, mut to_server) = server.into_split();
                connections.spawn(async move { drop(copy(&mut from_client, &mut to_server).await) });
                let (late, arriving) = mpsc::unbounded_channel();
                connections.spawn(receive(from_server, delay, late));
                connections.spawn(deliver(arriving, to_client));
            }
        });
        Self { address, forwarding }
    }

    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Closes all connections, and accepts no more.
    pub async fn cut(self) {
        self.forwarding.abort();
        let _ = self.forwarding.await;
    }
}

type Late = (Instant, Vec<u8>);

async fn receive(mut server: OwnedReadHalf, delay: Duration, late: mpsc::UnboundedSender<Late>) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(length @ 1..) = server.read(&mut buffer).await {
        if late.send((Instant::now() + delay, buffer[..length].to_vec())).is_err() {
            return;
        }
    }
}

async fn deliver(mut arriving: mpsc::UnboundedReceiver<Late>, mut client: OwnedWriteHalf) {
    while let Some((at, bytes)) = arriving.recv().await {
        tokio::time::sleep_until(at).await;
        if client.write_all(&bytes).await.is_err() {
            return;
        }
    }
}
