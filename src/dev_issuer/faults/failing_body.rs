//! A response body that is far too long, or that fails after its first half.
//!
//! RFC 9112 §8 (incomplete messages).

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use axum::body::Bytes;
use hyper::body::{Body, Frame};

const CHUNK: Bytes = Bytes::from_static(&[b' '; 64 * 1024]);
const HUGE_CHUNKS: usize = 256 * 16;

/// A body that repeats a chunk and then ends or fails. When a body fails, the server closes the connection.
pub(crate) struct FailingBody {
    chunk: Bytes,
    remaining: usize,
    end: End,
}

/// The event after the last chunk.
#[derive(Clone, Copy)]
enum End {
    Proper,
    /// Fails one poll later: when a body fails, the server discards unsent data, so it needs one poll to send the
    /// chunk.
    CutAfterSending,
    Cut,
}

impl FailingBody {
    /// Returns a body of 256 MiB of spaces.
    pub(crate) fn huge() -> Self {
        Self { chunk: CHUNK, remaining: HUGE_CHUNKS, end: End::Proper }
    }

    /// Returns a body of this chunk that then fails.
    pub(crate) fn then_cut(chunk: Bytes) -> Self {
        Self { chunk, remaining: 1, end: End::CutAfterSending }
    }
}

impl Body for FailingBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if self.remaining > 0 {
            self.remaining -= 1;
            return Poll::Ready(Some(Ok(Frame::data(self.chunk.clone()))));
        }
        match self.end {
            End::Proper => Poll::Ready(None),
            End::CutAfterSending => {
                self.end = End::Cut;
                context.waker().wake_by_ref();
                Poll::Pending
            }
            End::Cut => Poll::Ready(Some(Err(io::ErrorKind::ConnectionAborted.into()))),
        }
    }
}
