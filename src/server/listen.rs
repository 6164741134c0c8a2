//! Listening: opens the ports, serves connections with time limits of their own, and ends them gracefully.
//! It knows no route.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::connect_info::ConnectInfo;
use futures_util::FutureExt;
use http::header::CONNECTION;
use http::{HeaderValue, Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{HttpService, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch};
use tokio_io_timeout::TimeoutStream;
use tower::ServiceExt;

use super::Drain;

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
/// How long a connection that is told to end waits for the request that may have arrived on it already.
const LAST_LOOK: Duration = Duration::from_millis(50);
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

    /// Serves until `stop` completes and the drain's notice is over; then takes no further connection and lets requests
    /// under way finish, for at most ten seconds.
    pub async fn serve(self, app: Router, stop: impl Future<Output = ()>, drain: Drain) {
        let (connections, mut accepted) = mpsc::channel(16);
        let (closing, closed) = watch::channel(());
        for listener in self.0 {
            tokio::spawn(accept(listener, connections.clone(), closed.clone()));
        }
        drop((connections, closed));
        let server =
            Server { app, drain, places: Arc::new(Semaphore::new(MAX_CONNECTIONS)), ending: watch::Sender::new(false) };
        let drain = server.drain.clone();
        let mut noticed = std::pin::pin!(async {
            stop.await;
            drain.begin().await;
        });
        loop {
            tokio::select! {
                Some((place, stream, peer)) = server.next_connection(&mut accepted) => {
                    server.serve_connection(Some(place), stream, peer);
                }
                () = &mut noticed => break,
            }
        }
        // Ends the accepting tasks, and with them the ports.
        drop(closing);
        if tokio::time::timeout(DRAIN_TIMEOUT, server.finish(accepted)).await.is_err() {
            tracing::warn!("some requests did not finish in time and were cut off");
        }
    }
}

/// What all connections share.
struct Server {
    app: Router,
    drain: Drain,
    places: Arc<Semaphore>,
    /// Tells connections to end; each has a receiver for as long as it is open.
    ending: watch::Sender<bool>,
}

/// Hands accepted connections on until the port is to be closed; the last are those that the system has accepted by
/// then, whose clients may have sent their requests already.
async fn accept(
    listener: TcpListener,
    connections: mpsc::Sender<(TcpStream, SocketAddr)>,
    mut closed: watch::Receiver<()>,
) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = closed.changed() => return accept_last(listener, connections).await,
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

async fn accept_last(listener: TcpListener, connections: mpsc::Sender<(TcpStream, SocketAddr)>) {
    let waiting = listener.into_std().map(|listener| {
        // It does not block: without a connection waiting, it fails.
        std::iter::from_fn(|| listener.accept().ok()).collect::<Vec<_>>()
    });
    for (stream, peer) in waiting.unwrap_or_default() {
        let stream = stream.set_nonblocking(true).and_then(|()| TcpStream::from_std(stream));
        if let Ok(stream) = stream
            && connections.send((stream, peer)).await.is_err()
        {
            return;
        }
    }
}

impl Server {
    /// The next connection, when there is a place for it.
    async fn next_connection(
        &self,
        accepted: &mut mpsc::Receiver<(TcpStream, SocketAddr)>,
    ) -> Option<(OwnedSemaphorePermit, TcpStream, SocketAddr)> {
        let place = Arc::clone(&self.places).acquire_owned().await.ok()?;
        let (stream, peer) = accepted.recv().await?;
        Some((place, stream, peer))
    }

    /// Serves the connections that were accepted last, whether or not there is a place, and lets all finish.
    async fn finish(self, mut accepted: mpsc::Receiver<(TcpStream, SocketAddr)>) {
        while let Some((stream, peer)) = accepted.recv().await {
            self.serve_connection(None, stream, peer);
        }
        self.ending.send_replace(true);
        self.ending.closed().await;
    }

    fn serve_connection(&self, place: Option<OwnedSemaphorePermit>, stream: TcpStream, peer: SocketAddr) {
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(WRITE_TIMEOUT));
        let (app, drain) = (self.app.clone(), self.drain.clone());
        let service = service_fn(move |request| begun(answer(app.clone(), drain.clone(), peer, request)));
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADER_TIMEOUT)
            .max_buf_size(MAX_HEADER_BYTES)
            .serve_connection(TokioIo::new(Box::pin(stream)), service);
        tokio::spawn(until_ended(connection, self.ending.subscribe(), place));
    }
}

/// Drives a connection to its end. Told to end, it answers what was sent before, and is closed without a further request.
/// (hyper closes a connection at once of which it has read nothing yet, so it is given the time to look.)
async fn until_ended<S>(
    connection: http1::Connection<TokioIo<Pin<Box<TimeoutStream<TcpStream>>>>, S>,
    mut ending: watch::Receiver<bool>,
    _place: Option<OwnedSemaphorePermit>,
) where
    S: HttpService<Incoming, ResBody = Body, Error = Infallible>,
{
    let mut connection = std::pin::pin!(connection);
    let told = async {
        // The sender is there until all connections have ended.
        let _ = ending.wait_for(|is_ending| *is_ending).await;
        tokio::time::sleep(LAST_LOOK).await;
    };
    let ended = tokio::select! {
        biased;
        ended = connection.as_mut() => ended,
        () = told => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
    drop(ending);
}

/// Polls a response's future as soon as the request's head has been read. hyper drops the future unpolled when the client
/// has hung up by then, and a sign-out would never begin.
fn begun<F: Future>(response: F) -> impl Future<Output = F::Output> {
    let mut response = Box::pin(response);
    let at_once = response.as_mut().now_or_never();
    async move {
        match at_once {
            Some(response) => response,
            None => response.await,
        }
    }
}

async fn answer(
    app: Router,
    drain: Drain,
    peer: SocketAddr,
    request: Request<Incoming>,
) -> Result<Response<Body>, Infallible> {
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(ConnectInfo(peer));
    let mut response = app.oneshot(request).await?;
    if drain.has_begun() {
        // The client's next request goes to another process, instead of crossing the end of this connection.
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    Ok(response)
}
