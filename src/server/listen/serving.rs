//! Serving one connection: HTTP/1.1 with time limits, until the client, the process or `places` ends it.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

use axum::body::Body;
use axum::extract::connect_info::ConnectInfo;
use futures_util::FutureExt;
use http::header::CONNECTION;
use http::{HeaderValue, Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tower::ServiceExt;

use super::activity::Closing;
use super::places::Place;
use super::slow_clients::{LeastRate, ResponseBody, SentBody, Socket};
use crate::server::Drain;

/// A client that has not sent its headers by then is cut off; it also ends idle connections.
const HEADER_TIMEOUT: Duration = Duration::from_secs(20);
/// What hyper reads of one head; `limits` refuses less than that with a page.
const MAX_HEADER_BYTES: usize = 64 * 1024;
/// How long a connection that is told to end waits for the request that may have arrived on it already.
const LAST_LOOK: Duration = Duration::from_millis(50);

/// What responds to requests: an axum router, or a service of the same kind.
pub trait Application:
    tower::Service<Request<Body>, Response = Response<Body>, Error = Infallible, Future: Send> + Clone + Send + 'static
{
}

impl<S> Application for S where
    S: tower::Service<Request<Body>, Response = Response<Body>, Error = Infallible, Future: Send>
        + Clone
        + Send
        + 'static
{
}

/// What all connections are served with.
#[derive(Clone)]
pub(super) struct Service<A> {
    pub(super) app: A,
    pub(super) drain: Drain,
    pub(super) least_rate: LeastRate,
}

/// Serves a connection to its end. Told that the process ends, it responds to what was sent before, and is closed
/// without a further request. (hyper closes a connection at once of which it has read nothing yet, so it is given the
/// time to look.)
pub(super) async fn serve<A: Application>(
    service: Service<A>,
    stream: TcpStream,
    peer: SocketAddr,
    place: Place,
    mut ending: watch::Receiver<bool>,
) {
    let socket = Socket::new(stream, place.connection().clone(), service.least_rate);
    let connection = place.connection().clone();
    let handler = service_fn(move |request| {
        let connection = connection.clone();
        connection.has_request();
        let request = request_of(request, peer, |body| SentBody::new(body, connection.clone(), service.least_rate));
        let response = begun(respond(service.app.clone(), service.drain.clone(), request));
        async move {
            let response = response.await?;
            Ok::<_, Infallible>(response.map(|body| ResponseBody::new(body, connection)))
        }
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .max_buf_size(MAX_HEADER_BYTES)
        .serve_connection(TokioIo::new(socket), handler);
    let mut served = std::pin::pin!(served);
    let mut process_ends = std::pin::pin!(async {
        // The sender is there until all connections have ended.
        let _ = ending.wait_for(|is_ending| *is_ending).await;
        tokio::time::sleep(LAST_LOOK).await;
    });
    let mut is_ending = false;
    let ended = loop {
        tokio::select! {
            biased;
            ended = served.as_mut() => break ended,
            () = process_ends.as_mut(), if !is_ending => {
                is_ending = true;
                served.as_mut().graceful_shutdown();
            }
            closing = place.connection().told_to_close() => match closing {
                Closing::Gracefully => served.as_mut().graceful_shutdown(),
                Closing::AtOnce => break Ok(()),
            },
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}

fn request_of(request: Request<Incoming>, peer: SocketAddr, sent: impl FnOnce(Incoming) -> SentBody) -> Request<Body> {
    let mut request = request.map(|body| Body::new(sent(body)));
    request.extensions_mut().insert(ConnectInfo(peer));
    request
}

/// Polls a response's future as soon as the request's head has been read. hyper drops the future unpolled when the
/// client has hung up by then, and a sign-out would never begin.
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

async fn respond<A: Application>(app: A, drain: Drain, request: Request<Body>) -> Result<Response<Body>, Infallible> {
    let mut response = app.oneshot(request).await?;
    if drain.has_begun() {
        // The client's next request goes to another process, instead of crossing the end of this connection.
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    Ok(response)
}
