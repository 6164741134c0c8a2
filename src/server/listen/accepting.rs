//! Accepting connections at a port, from its opening to its last connection. Which of them is served, and when, is
//! decided in `places`.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};

use super::descriptors;
use super::places::Connections;

/// A pause after an accept that failed for another reason than a lack of descriptors.
const PAUSE: Duration = Duration::from_millis(100);

/// A connection that waits for a place.
pub(super) type Accepted = (TcpStream, SocketAddr);

/// Hands accepted connections on until the port is to be closed; the last are those that the system has accepted by
/// then, whose clients may have sent their requests already.
pub(super) async fn accept(
    port: TcpListener,
    accepted: mpsc::Sender<Accepted>,
    connections: Arc<Connections>,
    mut closed: watch::Receiver<()>,
) {
    loop {
        let result = tokio::select! {
            result = port.accept() => result,
            _ = closed.changed() => return accept_last(port, accepted).await,
        };
        match result {
            Ok(connection) => {
                if accepted.send(connection).await.is_err() {
                    return;
                }
            }
            Err(error) if descriptors::are_lacking(&error) => connections.make_room().await,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

async fn accept_last(port: TcpListener, accepted: mpsc::Sender<Accepted>) {
    let waiting = port.into_std().map(|port| {
        // It does not block: without a connection waiting, it fails.
        std::iter::from_fn(|| port.accept().ok()).collect::<Vec<_>>()
    });
    for (stream, peer) in waiting.unwrap_or_default() {
        let stream = stream.set_nonblocking(true).and_then(|()| TcpStream::from_std(stream));
        if let Ok(stream) = stream
            && accepted.send((stream, peer)).await.is_err()
        {
            return;
        }
    }
}
