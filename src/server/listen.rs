//! Listening: opens the ports, serves connections with time limits of their own, and ends them gracefully.
//! It knows no route.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::connect_info::ConnectInfo;
use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio_io_timeout::TimeoutStream;
use tower::ServiceExt;

/// A client that has not sent its headers by then is cut off; it also ends idle connections.
const HEADER_TIMEOUT: Duration = Duration::from_secs(20);
/// All headers of a request together.
const MAX_HEADER_BYTES: usize = 64 * 1024;
/// A client that takes nothing of its answer for so long is cut off.
const WRITE_TIMEOUT: Duration = Duration::from_secs(20);
/// Connections beyond this wait until one ends: each costs a file descriptor and some memory.
const MAX_CONNECTIONS: usize = 4096;
/// How long requests under way may take to finish after a stop was asked for.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(10);
/// A pause after an accept that failed for lack of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Why a port could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// Another program listens there.
    #[error("port {} on {} is in use by another program: stop it, or set SITE_URL (or LISTEN_ADDR) to another port", .0.port(), .0.ip())]
    InUse(SocketAddr),
    /// Any other reason.
    #[error("cannot listen on {0}: {1}")]
    Other(SocketAddr, io::Error),
}

/// Open ports.
#[derive(Debug)]
pub struct Listeners(Vec<TcpListener>);

impl Listeners {
    /// Opens every address. Of several, one that this machine does not have (`[::1]` without IPv6) is left out.
    ///
    /// # Errors
    /// [`BindError`] for the first address that cannot be opened.
    pub async fn bind(addresses: &[SocketAddr]) -> Result<Self, BindError> {
        let mut listeners = Vec::new();
        for address in addresses {
            match TcpListener::bind(address).await {
                Ok(listener) => listeners.push(listener),
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => return Err(BindError::InUse(*address)),
                Err(error) if !listeners.is_empty() && address.is_ipv6() => {
                    tracing::debug!(%address, %error, "no IPv6 here");
                }
                Err(error) => return Err(BindError::Other(*address, error)),
            }
        }
        Ok(Self(listeners))
    }

    /// The addresses that are open.
    pub fn addresses(&self) -> Vec<SocketAddr> {
        self.0.iter().filter_map(|listener| listener.local_addr().ok()).collect()
    }

    /// Serves until `stop` completes; then takes no further connection and lets requests under way finish, for at
    /// most ten seconds.
    pub async fn serve(self, app: Router, stop: impl Future<Output = ()>) {
        let (connections, mut accepted) = mpsc::channel(16);
        for listener in self.0 {
            tokio::spawn(accept(listener, connections.clone()));
        }
        drop(connections);
        let graceful = GracefulShutdown::new();
        let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
        let mut stop = std::pin::pin!(stop);
        loop {
            tokio::select! {
                Some((place, stream, peer)) = next_connection(&places, &mut accepted) => {
                    serve_connection(&graceful, app.clone(), stream, peer, place);
                }
                () = &mut stop => break,
            }
        }
        // Dropping the receiver ends the accepting tasks and with them the ports.
        drop(accepted);
        if tokio::time::timeout(DRAIN_TIMEOUT, graceful.shutdown()).await.is_err() {
            tracing::warn!("some requests did not finish in time and were cut off");
        }
    }
}

/// Hands accepted connections on until nobody takes them any more.
async fn accept(listener: TcpListener, connections: mpsc::Sender<(TcpStream, SocketAddr)>) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = connections.closed() => return,
        };
        match accepted {
            Ok(connection) => {
                if connections.send(connection).await.is_err() {
                    return;
                }
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// The next connection, when there is a place for it.
async fn next_connection(
    places: &Arc<Semaphore>,
    accepted: &mut mpsc::Receiver<(TcpStream, SocketAddr)>,
) -> Option<(OwnedSemaphorePermit, TcpStream, SocketAddr)> {
    let place = Arc::clone(places).acquire_owned().await.ok()?;
    let (stream, peer) = accepted.recv().await?;
    Some((place, stream, peer))
}

fn serve_connection(
    graceful: &GracefulShutdown,
    app: Router,
    stream: TcpStream,
    peer: SocketAddr,
    place: OwnedSemaphorePermit,
) {
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(WRITE_TIMEOUT));
    let service = service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        let app = app.clone();
        async move { Ok::<_, Infallible>(app.oneshot(request).await.unwrap_or_else(|never| match never {})) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .max_buf_size(MAX_HEADER_BYTES)
        .serve_connection(TokioIo::new(Box::pin(stream)), service);
    let watched = graceful.watch(connection);
    tokio::spawn(async move {
        if let Err(error) = watched.await {
            tracing::debug!(%error, "a connection ended early");
        }
        drop(place);
    });
}
