//! A response body that is far too long, or that fails after its first half.
//!
//! It leaves open which endpoint answers so. Document: RFC 9112 §8 (incomplete messages).

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use axum::body::Bytes;
use hyper::body::{Body, Frame};

const CHUNK: Bytes = Bytes::from_static(&[b' '; 64 * 1024]);
const HUGE_CHUNKS: usize = 256 * 16;

/// A body that repeats a chunk, then ends or fails; a failing body makes the server cut the connection.
pub(crate) struct FailingBody {
    chunk: Bytes,
    remaining: usize,
    end: End,
}

/// What comes after the last chunk.
#[derive(Clone, Copy)]
enum End {
    Proper,
    /// The server throws away what it has not sent when a body fails, so it gets one turn to send.
    CutAfterSending,
    Cut,
}

impl FailingBody {
    /// 256 MiB of blanks.
    pub(crate) fn huge() -> Self {
        Self { chunk: CHUNK, remaining: HUGE_CHUNKS, end: End::Proper }
    }

    /// This chunk, then a cut connection.
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
