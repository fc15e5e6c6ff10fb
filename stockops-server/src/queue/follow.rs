//! `follow`: the entries of a task as they come.

use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{self, Stream};

use super::{Entry, Queue, Result, State};

/// How often a queue is asked for what is new. The processes that share it do not tell each other.
const PERIOD: Duration = Duration::from_millis(200);
/// Entries that are read in one go.
const PAGE: usize = 200;

/// The entries of a task with a number above `after`, as they come; it ends after the entry of the task's end, or when the
/// task is not there any more. An error of the queue is an item, and the last one.
///
/// Where it begins again with the number of the last entry that arrived, nothing is told twice or left out, whichever
/// process is asked. Of a task with very many entries the old ones are gone: then the numbers begin later.
pub fn follow(queue: Arc<dyn Queue>, id: String, after: u64) -> impl Stream<Item = Result<Entry>> + Send {
    let start = Following { queue, id, after, page: Vec::new().into_iter(), is_over: false };
    stream::unfold(start, |mut following| async {
        let next = following.next().await.transpose()?;
        following.is_over |= next.is_err();
        Some((next, following))
    })
}

struct Following {
    queue: Arc<dyn Queue>,
    id: String,
    after: u64,
    page: std::vec::IntoIter<Entry>,
    is_over: bool,
}

impl Following {
    async fn next(&mut self) -> Result<Option<Entry>> {
        while !self.is_over {
            if let Some(entry) = self.page.next() {
                self.after = entry.seq;
                self.is_over = entry.state().is_some_and(State::is_end);
                return Ok(Some(entry));
            }
            // Looked at before its entries, so that an end that comes in between is among them.
            let task = self.queue.task(&self.id).await?;
            self.page = self.queue.entries(&self.id, self.after, PAGE).await?.into_iter();
            if self.page.len() == 0 {
                self.is_over = task.is_none_or(|task| task.state.is_end());
                if !self.is_over {
                    tokio::time::sleep(PERIOD).await;
                }
            }
        }
        Ok(None)
    }
}
