//! The accept loop. Each request gets a handle with which a fault can close its connection before any response.
//!
//! There is no graceful draining: when the tenant stops, it closes its connections, and slow responses end with them.
//! HTTP/1.1 (RFC 9112).

use std::{convert::Infallible, future::pending, sync::Arc, time::Duration};

use axum::Router;
use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Notify, oneshot},
    task::JoinSet,
};
use tower::ServiceExt;

const ACCEPT_RETRY: Duration = Duration::from_millis(100);

/// A handle that closes the connection of a request.
#[derive(Clone, Default)]
pub(crate) struct ConnectionHandle(Arc<Notify>);

impl ConnectionHandle {
    /// Closes the connection without a response. It never returns, because the connection drops the waiting handler.
    pub(crate) async fn cut(&self) -> Infallible {
        self.0.notify_one();
        pending().await
    }
}

/// Serves until `stopped` receives a signal or its sender is dropped.
pub(crate) async fn serve(listener: TcpListener, router: Router, mut stopped: oneshot::Receiver<()>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            _ = &mut stopped => break,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(serve_connection(stream, router.clone()));
                }
                Err(error) => {
                    tracing::warn!(%error, "the emulated Kinde tenant could not accept a connection");
                    // The likely cause is that no file descriptor is free, so the loop waits and then retries.
                    tokio::time::sleep(ACCEPT_RETRY).await;
                }
            },
        }
    }
    connections.shutdown().await;
}

async fn serve_connection(stream: TcpStream, router: Router) {
    let handle = ConnectionHandle::default();
    let in_request = handle.clone();
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(in_request.clone());
        router.clone().oneshot(request)
    });
    let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    tokio::select! {
        // An error means that the client disconnected or that a fault cut the response, and neither is worth a line in
        // the log.
        _ = connection => {}
        () = handle.0.notified() => {}
    }
}
