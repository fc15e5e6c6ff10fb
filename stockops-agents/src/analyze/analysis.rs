//! `Analysis`: a run of the analysts while it goes: a stream of events, and a report at its end.

use std::fmt;
use std::pin::Pin;
use std::task::{Context as Waker, Poll};

use futures_util::future::BoxFuture;
use futures_util::{FutureExt, Stream};
use stockops_core::error::Fault;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::progress::{Event, Voice};
use super::work::work;
use super::{Analyst, Request, runtime};
use crate::error::Result;
use crate::graph::fault;
use crate::reports::Kept;

/// A run while it goes. It is a [`Stream`] of events, and goes as long as somebody asks it for the next one. To drop it
/// drops the calls that are under way.
pub struct Analysis {
    events: UnboundedReceiver<Event>,
    work: Option<BoxFuture<'static, Result<Kept>>>,
    done: Option<Result<Kept>>,
}

impl Analysis {
    pub(super) fn new(analyst: Analyst, request: Request) -> Self {
        let (sender, events) = unbounded_channel();
        let voice = Voice::new(sender);
        let work = Some(async move { work(&analyst, &request, &voice).await }.boxed());
        Self { events, work, done: None }
    }

    /// A run that was kept.
    pub(super) fn again(kept: Kept) -> Self {
        let (sender, events) = unbounded_channel();
        for event in &kept.events {
            // The receiver is here.
            let _ = sender.send(event.clone());
        }
        Self { events, work: None, done: Some(Ok(kept)) }
    }

    /// The next event; `None` when the run has ended.
    pub async fn next_event(&mut self) -> Option<Event> {
        std::future::poll_fn(|waker| Pin::new(&mut *self).poll_next(waker)).await
    }

    /// Go on to the end, events unheard, and give what came of it: the report, its events and its charts.
    ///
    /// # Errors
    ///
    /// Those of the desk, of a thread that another run has, and of the storage. A language model that fails is none: then the
    /// template writes.
    pub async fn finish(mut self) -> Result<Kept> {
        while self.next_event().await.is_some() {}
        let stopped = || Err(fault(Fault::Stopped));
        self.done.take().unwrap_or_else(stopped)
    }

    /// The same without async: on a runtime of its own, with each event told to `hear`.
    ///
    /// It must not be called within a runtime of tokio.
    ///
    /// # Errors
    ///
    /// Those of [`finish`](Self::finish); [`Error::Store`](crate::Error::Store) where the machine gives no runtime.
    pub fn wait(mut self, mut hear: impl FnMut(&Event)) -> Result<Kept> {
        runtime()?.block_on(async {
            while let Some(event) = self.next_event().await {
                hear(&event);
            }
            self.finish().await
        })
    }
}

impl Stream for Analysis {
    type Item = Event;

    fn poll_next(mut self: Pin<&mut Self>, waker: &mut Waker<'_>) -> Poll<Option<Event>> {
        loop {
            // What is there is taken whatever the budget of the task: `poll_recv` says nothing of it once that is spent.
            if let Ok(event) = self.events.try_recv() {
                return Poll::Ready(Some(event));
            }
            let Some(work) = &mut self.work else { return Poll::Ready(None) };
            match work.poll_unpin(waker) {
                Poll::Ready(done) => (self.work, self.done) = (None, Some(done)),
                Poll::Pending => return self.events.poll_recv(waker),
            }
        }
    }
}

impl fmt::Debug for Analysis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Analysis").field("is_over", &self.work.is_none()).finish_non_exhaustive()
    }
}
