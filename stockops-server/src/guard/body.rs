//! `BodyLimit` and `Watched`: the body of a request, which may be only so large and so slow.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::http::StatusCode;
use hyper::body::{Frame, SizeHint};
use tokio::time::Sleep;

use crate::Fault;

/// How large the body of this request may be: an extension of each request. A route that takes files raises it before it reads, with
/// [`Guard::body_limit`](super::Guard::body_limit).
#[derive(Debug, Clone)]
pub(super) struct BodyLimit(pub(super) Arc<AtomicUsize>);

/// What became of a body.
#[derive(Debug, Clone, Default)]
pub(super) struct Fate(Arc<AtomicU8>);

const TOO_LARGE: u8 = 1;
const TOO_SLOW: u8 = 2;

impl Fate {
    /// The refusal that answers a body which was cut, whatever the route made of the cut.
    pub(super) fn refusal(&self) -> Option<Fault> {
        match self.0.load(Ordering::Relaxed) {
            TOO_LARGE => Some(Fault::new(StatusCode::PAYLOAD_TOO_LARGE, "the body is larger than this route takes")),
            TOO_SLOW => Some(Fault::new(StatusCode::REQUEST_TIMEOUT, "the body did not come in time; send it again")),
            _ => None,
        }
    }
}

/// A body that is cut where it grows too large, or where it is not there in time after it was first read.
pub(super) struct Watched {
    body: Body,
    limit: BodyLimit,
    read: usize,
    within: Duration,
    deadline: Option<Pin<Box<Sleep>>>,
    fate: Fate,
}

impl Watched {
    pub(super) fn new(body: Body, limit: BodyLimit, within: Duration) -> (Self, Fate) {
        let fate = Fate::default();
        (Self { body, limit, read: 0, within, deadline: None, fate: fate.clone() }, fate)
    }

    fn cut(&self, why: u8, words: &'static str) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        self.fate.0.store(why, Ordering::Relaxed);
        Poll::Ready(Some(Err(axum::Error::new(words))))
    }
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let limit = self.limit.0.load(Ordering::Relaxed);
        if self.body.size_hint().lower() > limit.saturating_sub(self.read) as u64 {
            return self.cut(TOO_LARGE, "the body is too large");
        }
        let within = self.within;
        let deadline = self.deadline.get_or_insert_with(|| Box::pin(tokio::time::sleep(within)));
        let is_late = deadline.as_mut().poll(context).is_ready();
        match Pin::new(&mut self.body).poll_frame(context) {
            Poll::Pending if is_late => self.cut(TOO_SLOW, "the body is too slow"),
            Poll::Ready(Some(Ok(frame))) => {
                self.read += frame.data_ref().map_or(0, Bytes::len);
                if self.read > limit {
                    self.cut(TOO_LARGE, "the body is too large")
                } else {
                    Poll::Ready(Some(Ok(frame)))
                }
            }
            other => other,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
