//! Entries of a task, who follows them, and how long they are kept.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use serde_json::json;

use super::super::{Entry, Queue, State, follow};
use super::{done, failed, push, take, take_soon};

fn numbers(entries: &[Entry]) -> Vec<u64> {
    entries.iter().map(|entry| entry.seq).collect()
}

/// With five entries kept.
pub(super) async fn entries_are_numbered_and_the_last_are_kept(queue: &dyn Queue) {
    assert!(queue.entries("nobody", 0, 10).await.unwrap().is_empty());
    let task = push(queue, "a").await;
    let (grip, _) = take(queue).await;
    let entries = queue.entries(&task.id, 0, 10).await.unwrap();
    let states: Vec<_> = entries.iter().map(Entry::state).collect();
    assert_eq!(states, [Some(State::Queued), Some(State::Running)]);
    assert_eq!(entries[1].body["attempt"], 1);
    for epoch in 1..=6 {
        assert_eq!(queue.tell(&grip, "epoch", &json!({"epoch": epoch})).await.unwrap(), epoch + 2);
    }
    let entries = queue.entries(&task.id, 0, 10).await.unwrap();
    assert_eq!(numbers(&entries), [4, 5, 6, 7, 8], "the last five are kept");
    assert_eq!((entries[4].kind.as_str(), &entries[4].body), ("epoch", &json!({"epoch": 6})));
    assert_eq!(entries[4].state(), None);
    assert!(entries[0].at >= task.created && entries[0].at <= entries[4].at);
    assert_eq!(numbers(&queue.entries(&task.id, 6, 10).await.unwrap()), [7, 8]);
    assert_eq!(numbers(&queue.entries(&task.id, 5, 2).await.unwrap()), [6, 7]);
    assert_eq!(numbers(&queue.entries(&task.id, 1, 2).await.unwrap()), [4, 5], "what is gone is passed over");
    assert!(queue.entries(&task.id, 8, 10).await.unwrap().is_empty());
    assert!(queue.entries(&task.id, u64::MAX, 10).await.unwrap().is_empty());
    assert_eq!(queue.end(&grip, &done()).await.unwrap().last_entry, 9);
}

/// Over a failed try, from another process, and resumed in the middle.
pub(super) async fn who_follows_sees_each_entry_once_up_to_the_end(worker: Arc<dyn Queue>, reader: Arc<dyn Queue>) {
    let task = push(&*worker, "a").await;
    let following = follow(Arc::clone(&reader), task.id.clone(), 0);
    let reading = tokio::spawn(async move { following.map(Result::unwrap).collect::<Vec<_>>().await });
    let (grip, _) = take(&*worker).await;
    worker.tell(&grip, "epoch", &json!(1)).await.unwrap();
    worker.end(&grip, &failed("once")).await.unwrap();
    let (grip, _) = take_soon(&*worker).await;
    worker.tell(&grip, "epoch", &json!(1)).await.unwrap();
    worker.end(&grip, &done()).await.unwrap();
    let read = reading.await.unwrap();
    assert_eq!(numbers(&read), [1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(read.last().unwrap().state(), Some(State::Done));
    let resumed: Vec<_> = follow(Arc::clone(&reader), task.id.clone(), 4).map(Result::unwrap).collect().await;
    assert_eq!(resumed, read[4..]);
    let after_the_end: Vec<_> = follow(Arc::clone(&reader), task.id, 7).collect().await;
    assert!(after_the_end.is_empty(), "there is nothing more, and nothing comes");
    assert!(follow(reader, "nobody".into(), 0).collect::<Vec<_>>().await.is_empty());
}

pub(super) async fn what_ended_long_ago_is_removed(queue: &dyn Queue) {
    let ended = push(queue, "ended").await;
    let (grip, _) = take(queue).await;
    queue.end(&grip, &done()).await.unwrap();
    let running = push(queue, "running").await;
    take(queue).await;
    let queued = push(queue, "queued").await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(queue.purge().await.unwrap(), 1);
    assert_eq!(queue.task(&ended.id).await.unwrap(), None);
    assert_eq!(queue.newest("ended").await.unwrap(), None);
    assert!(queue.entries(&ended.id, 0, 10).await.unwrap().is_empty());
    for left in [running, queued] {
        assert!(queue.task(&left.id).await.unwrap().is_some());
        assert_eq!(queue.newest(&left.alias).await.unwrap().unwrap().id, left.id);
    }
    assert_eq!(queue.tasks(None, 10).await.unwrap().len(), 2);
}
