//! Clients that send or take less than a least rate: `Socket` cuts off those that do not take their response,
//! `SentBody` those that do not send the body for which a handler waits. (A head has one time limit for all of it, in
//! `serving`.) Both report to the connection's `activity` what it waits for.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::BoxError;
use axum::body::{Body, Bytes};
use hyper::body::{Body as HttpBody, Frame, Incoming, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep_until};

use super::activity::Connection;

/// How slow a client may be.
#[derive(Debug, Clone, Copy)]
pub(super) struct LeastRate {
    /// How long a client may be waited for that sends or takes nothing.
    pub(super) patience: Duration,
    /// Each second's worth of bytes makes up for a second of waiting. (The slowest mobile networks carry ten times
    /// as much as the default.)
    pub(super) bytes_per_second: u32,
}

impl Default for LeastRate {
    fn default() -> Self {
        Self { patience: Duration::from_secs(20), bytes_per_second: 500 }
    }
}

/// How long a client may still be waited for. Waiting uses it up, and every byte adds to it again.
struct Allowance {
    rate: LeastRate,
    left: Duration,
    waits_since: Option<Instant>,
    alarm: Option<Pin<Box<Sleep>>>,
}

impl Allowance {
    fn new(rate: LeastRate) -> Self {
        Self { rate, left: rate.patience, waits_since: None, alarm: None }
    }

    /// The client is waited for. Ready when it has been for too long.
    fn poll_used_up(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let end = *self.waits_since.get_or_insert_with(Instant::now) + self.left;
        let alarm = self.alarm.get_or_insert_with(|| Box::pin(sleep_until(end)));
        if alarm.deadline() != end {
            alarm.as_mut().reset(end);
        }
        alarm.as_mut().poll(context)
    }

    /// The client has sent or taken something.
    fn add(&mut self, bytes: usize) {
        if let Some(since) = self.waits_since.take() {
            self.left = self.left.saturating_sub(since.elapsed());
        }
        if self.left < self.rate.patience {
            let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
            let earned = Duration::from_secs(bytes.into()) / self.rate.bytes_per_second;
            self.left = self.rate.patience.min(self.left + earned);
        }
    }
}

fn too_slow() -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, "the client was too slow")
}

/// A client's socket.
pub(super) struct Socket {
    stream: TcpStream,
    connection: Arc<Connection>,
    allowance: Allowance,
}

impl Socket {
    pub(super) fn new(stream: TcpStream, connection: Arc<Connection>, rate: LeastRate) -> Self {
        Self { stream, connection, allowance: Allowance::new(rate) }
    }

    fn after_write(&mut self, context: &mut Context<'_>, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        match &written {
            Poll::Ready(Ok(bytes)) => self.allowance.add(*bytes),
            Poll::Ready(Err(_)) => {}
            Poll::Pending => {
                self.connection.wants_reader();
                if self.allowance.poll_used_up(context).is_ready() {
                    return Poll::Ready(Err(too_slow()));
                }
            }
        }
        written
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        if buffer.filled().len() > before {
            self.connection.has_received();
        }
        read
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.after_write(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.after_write(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// hyper flushes when it has written all it had.
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.connection.has_sent();
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// The body of a request, as its client sends it.
pub(super) struct SentBody {
    body: Incoming,
    connection: Arc<Connection>,
    allowance: Allowance,
}

impl SentBody {
    pub(super) fn new(body: Incoming, connection: Arc<Connection>, rate: LeastRate) -> Self {
        Self { body, connection, allowance: Allowance::new(rate) }
    }
}

impl HttpBody for SentBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(context) else {
            self.connection.wants_body();
            return match self.allowance.poll_used_up(context) {
                Poll::Ready(()) => Poll::Ready(Some(Err(too_slow().into()))),
                Poll::Pending => Poll::Pending,
            };
        };
        if let Some(Ok(frame)) = &frame {
            self.allowance.add(frame.data_ref().map_or(0, Bytes::len));
        }
        if self.body.is_end_stream() || !matches!(frame, Some(Ok(_))) {
            self.connection.has_body();
        }
        Poll::Ready(frame.map(|frame| frame.map_err(Into::into)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for SentBody {
    fn drop(&mut self) {
        self.connection.has_body();
    }
}

/// The body of a response, which hyper drops when it has all of it.
pub(super) struct ResponseBody {
    body: Body,
    connection: Arc<Connection>,
}

impl ResponseBody {
    pub(super) fn new(body: Body, connection: Arc<Connection>) -> Self {
        Self { body, connection }
    }
}

impl HttpBody for ResponseBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for ResponseBody {
    fn drop(&mut self) {
        self.connection.has_response();
    }
}
