//! What is noted of each request beside its response: a line of the access log, and the span of an exported trace. Both
//! name the route by its template, never the path. With neither set, nothing here runs.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::response::Response;
use http::Method;
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use tracing::Span;
use tracing::field::display;

use super::request_id::RequestId;
use super::route_templates::MatchedTemplate;
use crate::otlp;
use crate::traces::{TraceContext, TraceId};

/// The `tracing` target of the access log. Its fields: `request.id`, `request.method`; `route`, the template of the route
/// that the request matched, if one did; `status`, absent when the client was gone before there was one; `duration_ms`
/// from the request's head to the end of the response; `bytes` of the response's body that were handed to the connection;
/// `complete`, false when the client was gone before the last of them; `trace_id`, if the request belongs to a trace.
pub const ACCESS_TARGET: &str = "access";

/// What is noted of each request. Default: nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Observation {
    /// A line of the access log.
    pub access_log: bool,
    /// The span of an exported trace.
    pub traces: bool,
}

impl Observation {
    /// Whether anything is noted.
    pub(super) fn is_on(self) -> bool {
        self.access_log || self.traces
    }

    /// Begins to observe a request that has this span, belongs to this trace and matched this route.
    pub(super) fn begin(
        self,
        id: &RequestId,
        request: &Request,
        span: &Span,
        trace: Option<&TraceContext>,
        route: Option<MatchedTemplate<'_>>,
    ) -> Observed {
        let route = route.map(|route| Arc::clone(route.template));
        let exported = if self.traces { otlp::request_span(request, trace) } else { Span::none() };
        let trace_id = otlp::trace_id_of(&exported).or_else(|| trace.map(|trace| trace.trace_id));
        if let Some(trace_id) = trace_id {
            span.record("trace_id", display(trace_id));
        }
        let method = request.method().clone();
        let line = self.access_log.then(|| AccessLine {
            id: id.clone(),
            method: method.clone(),
            route: route.clone(),
            trace_id,
            began: Instant::now(),
            status: None,
            bytes: 0,
            is_complete: false,
        });
        Observed { method, exported, route, line }
    }
}

/// A request that is being observed.
pub(super) struct Observed {
    method: Method,
    exported: Span,
    route: Option<Arc<str>>,
    line: Option<AccessLine>,
}

impl Observed {
    /// The span within which the request is handled; none unless traces are exported.
    pub(super) fn span(&self) -> Span {
        self.exported.clone()
    }

    /// The response is there. Its line of the access log follows when the body has ended.
    pub(super) fn finish(self, response: Response) -> Response {
        otlp::finish_request(&self.exported, &self.method, response.status(), self.route.as_deref());
        let Some(mut line) = self.line else { return response };
        line.status = Some(response.status().as_u16());
        response.map(|body| {
            line.is_complete = self.method == Method::HEAD || body.is_end_stream();
            Body::new(CountedBody { body, line })
        })
    }
}

/// A line of the access log, written when it is dropped: with the last byte of the response, or when the client has gone.
struct AccessLine {
    id: RequestId,
    method: Method,
    route: Option<Arc<str>>,
    trace_id: Option<TraceId>,
    began: Instant,
    status: Option<u16>,
    bytes: u64,
    is_complete: bool,
}

impl Drop for AccessLine {
    fn drop(&mut self) {
        tracing::info!(
            target: ACCESS_TARGET,
            parent: None,
            {
                request.id = self.id.as_str(),
                request.method = self.method.as_str(),
                route = self.route.as_deref(),
                status = self.status,
                duration_ms = milliseconds(self.began),
                bytes = self.bytes,
                complete = self.is_complete,
                trace_id = self.trace_id.map(display),
            },
            "request"
        );
    }
}

/// With three decimals.
#[allow(clippy::cast_precision_loss, reason = "a request lasts less than 2^53 microseconds")]
fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_micros() as f64 / 1000.0
}

/// A response's body that counts its bytes.
struct CountedBody {
    body: Body,
    line: AccessLine,
}

impl HttpBody for CountedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        if let Poll::Ready(frame) = &polled {
            if let Some(Ok(frame)) = frame {
                self.line.bytes += frame.data_ref().map_or(0, |data| data.len() as u64);
            }
            // The connection asks no further after the last frame of a body that knows its end.
            self.line.is_complete = frame.is_none() || self.body.is_end_stream();
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write};
    use std::sync::Mutex;

    use futures_util::stream;
    use http_body_util::BodyExt;

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// The lines that are logged of a request, whose observation is passed to a function.
    fn logged(method: Method, handle: impl FnOnce(Box<Observed>)) -> String {
        let lines = Lines::default();
        let writer = lines.clone();
        let subscriber = tracing_subscriber::fmt().without_time().with_ansi(false).with_writer(move || writer.clone());
        tracing::subscriber::with_default(subscriber.finish(), || {
            let mut request = Request::new(Body::empty());
            *request.method_mut() = method;
            let observation = Observation { access_log: true, traces: false };
            handle(Box::new(observation.begin(&RequestId::random(), &request, &Span::none(), None, None)));
        });
        String::from_utf8(lines.0.lock().unwrap().clone()).unwrap()
    }

    /// A body that does not know its length, in two parts.
    fn streamed() -> Body {
        Body::from_stream(stream::iter(["1234", "567"].map(Ok::<_, io::Error>)))
    }

    /// Takes so many frames of a response's body, as a connection does.
    async fn take(response: Response, frames: usize) {
        let mut body = response.into_body();
        for _ in 0..frames {
            body.frame().await.unwrap().unwrap();
        }
    }

    fn of_body(method: Method, body: Body, frames: usize) -> String {
        logged(method, |observed| {
            let response = observed.finish(Response::new(body));
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(take(response, frames));
        })
    }

    #[test]
    fn a_response_is_one_line_with_the_bytes_that_were_taken() {
        for (method, body, frames, bytes, complete) in [
            (Method::GET, Body::from("12345"), 1, 5, true),
            (Method::GET, Body::from("12345"), 0, 0, false),
            (Method::GET, Body::empty(), 0, 0, true),
            (Method::HEAD, Body::from("12345"), 0, 0, true),
            (Method::GET, streamed(), 1, 4, false),
            (Method::GET, streamed(), 2, 7, false),
        ] {
            let line = of_body(method, body, frames);
            assert_eq!(line.lines().count(), 1, "{line}");
            assert!(line.contains(" status=200 "), "{line}");
            assert!(line.contains(&format!(" bytes={bytes} complete={complete}")), "{line}");
        }
    }

    #[test]
    fn a_stream_is_complete_when_it_has_ended() {
        let line = logged(Method::GET, |observed| {
            let response = observed.finish(Response::new(streamed()));
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            assert_eq!(runtime.block_on(response.into_body().collect()).unwrap().to_bytes(), "1234567");
        });
        assert!(line.contains(" bytes=7 complete=true"), "{line}");
    }

    #[test]
    fn a_client_that_is_gone_before_the_response_leaves_a_line_without_status() {
        let line = logged(Method::GET, drop);
        assert!(line.contains(" bytes=0 complete=false") && !line.contains("status"), "{line}");
    }
}
