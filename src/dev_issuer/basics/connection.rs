//! The accept loop, with a handle in every request that cuts its connection before any answer.
//!
//! It leaves graceful draining out: a tenant that stops cuts its connections, so slow answers end with it.
//! Protocol: HTTP/1.1 (RFC 9112).

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

/// Cuts the connection that a request came on.
#[derive(Clone, Default)]
pub(crate) struct ConnectionHandle(Arc<Notify>);

impl ConnectionHandle {
    /// Closes the connection without an answer. Never returns: the connection drops the handler that waits here.
    pub(crate) async fn cut(&self) -> Infallible {
        self.0.notify_one();
        pending().await
    }
}

/// Serves until `stopped` is signaled or its sender is gone.
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
                    // Most likely no file descriptor is free: wait for one instead of spinning.
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
        // An error here is a client that went away or an answer cut on purpose: nothing to report.
        _ = connection => {}
        () = handle.0.notified() => {}
    }
}
