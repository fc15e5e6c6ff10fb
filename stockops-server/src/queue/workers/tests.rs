//! Workers in this process; those of others are in `processes`.

mod processes;

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use futures_util::StreamExt;
use serde_json::json;

use super::*;
use crate::queue::{Entry, NewTask, QueueConfig, SqliteQueue, State, follow};

type Work = dyn Fn(&Task, &Hand) -> Result<Json, Failure> + Send + Sync;

/// Does what it is given, and remembers what has ended.
struct Does(Box<Work>, Mutex<Vec<State>>);

impl Doer for Does {
    fn work(&self, task: &Task, hand: &Hand) -> Result<Json, Failure> {
        self.0(task, hand)
    }

    fn ended(&self, task: &Task) {
        self.1.lock().unwrap().push(task.state);
    }
}

fn does(work: impl Fn(&Task, &Hand) -> Result<Json, Failure> + Send + Sync + 'static) -> Arc<Does> {
    Arc::new(Does(Box::new(work), Mutex::default()))
}

async fn queue(folder: &tempfile::TempDir, config: QueueConfig) -> Arc<dyn Queue> {
    Arc::new(SqliteQueue::open(folder.path().join("jobs.sqlite"), config).await.unwrap())
}

async fn push(queue: &Arc<dyn Queue>, word: &str) -> Task {
    queue.push(&NewTask::new(word, word, json!(word))).await.unwrap().task
}

/// The entries of a task up to its end.
async fn story(queue: &Arc<dyn Queue>, task: &Task) -> Vec<Entry> {
    let story = follow(Arc::clone(queue), task.id.clone(), 0).map(Result::unwrap).collect();
    tokio::time::timeout(Duration::from_secs(60), story).await.expect("it ends within a minute")
}

async fn now(queue: &Arc<dyn Queue>, task: &Task) -> Task {
    queue.task(&task.id).await.unwrap().unwrap()
}

/// Wait for up to a minute.
async fn until(mut holds: impl AsyncFnMut() -> bool) {
    for _ in 0..3_000 {
        if holds().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("it did not come to be within a minute");
}

fn waits_until_it_is_stopped(hand: &Hand) -> Result<Json, Failure> {
    while !hand.is_stopped() {
        std::thread::sleep(Duration::from_millis(5));
    }
    Err(Failure::Stopped)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_work_tells_stands_in_order_between_its_begin_and_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let queue = queue(&folder, QueueConfig::default()).await;
    let doer = does(|_, hand| {
        (0..20).for_each(|epoch| hand.tell("epoch", json!(epoch)));
        Ok(json!("done"))
    });
    let workers = Workers::start(Arc::clone(&queue), doer.clone(), 1);
    let task = push(&queue, "a").await;
    workers.ring();
    let story = story(&queue, &task).await;
    let told: Vec<_> = story.iter().filter(|entry| entry.kind == "epoch").map(|entry| entry.body.clone()).collect();
    assert_eq!(told, (0..20).map(|epoch| json!(epoch)).collect::<Vec<_>>());
    let states: Vec<_> = story.iter().filter_map(Entry::state).collect();
    assert_eq!(states, [State::Queued, State::Running, State::Done]);
    assert_eq!((story[1].state(), story[22].state()), (Some(State::Running), Some(State::Done)));
    until(async || *doer.1.lock().unwrap() == [State::Done]).await;
    assert_eq!(now(&queue, &task).await.result, Some(json!("done")));
}

#[tokio::test(flavor = "multi_thread")]
async fn work_that_breaks_off_fails_and_what_it_said_is_for_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let queue = queue(&folder, QueueConfig { backoff: Duration::ZERO, ..QueueConfig::default() }).await;
    let workers = Workers::start(Arc::clone(&queue), does(|_, _| panic!("no such row")), 1);
    let task = push(&queue, "a").await;
    workers.ring();
    story(&queue, &task).await;
    let ended = now(&queue, &task).await;
    assert_eq!((ended.state, ended.attempts), (State::Failed, 3));
    assert_eq!(ended.error.unwrap(), "the work broke off; the log says why");
}

#[tokio::test(flavor = "multi_thread")]
async fn running_work_is_cancelled_and_not_tried_again() {
    let folder = tempfile::tempdir().unwrap();
    let queue = queue(&folder, QueueConfig { lease: Duration::from_secs(2), ..QueueConfig::default() }).await;
    let is_told = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&is_told);
    let doer = does(move |_, hand| {
        let told = Arc::clone(&told);
        hand.on_stop(move || told.store(true, Ordering::Release));
        waits_until_it_is_stopped(hand)
    });
    let _workers = Workers::start(Arc::clone(&queue), doer, 1);
    let task = push(&queue, "a").await;
    until(async || now(&queue, &task).await.state == State::Running).await;
    queue.cancel(&task.id).await.unwrap();
    let story = story(&queue, &task).await;
    assert_eq!(story.last().unwrap().state(), Some(State::Cancelled));
    assert!(is_told.load(Ordering::Acquire));
    assert_eq!(now(&queue, &task).await.attempts, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_done_yet_is_done_later_and_no_try_is_used_up() {
    let folder = tempfile::tempdir().unwrap();
    let queue = queue(&folder, QueueConfig::default()).await;
    let tries = AtomicUsize::new(0);
    let doer = does(move |_, _| match tries.fetch_add(1, Ordering::AcqRel) {
        0..5 => Err(Failure::Later(Duration::from_millis(1))),
        tries => Ok(json!(tries)),
    });
    let _workers = Workers::start(Arc::clone(&queue), doer, 1);
    let task = push(&queue, "a").await;
    story(&queue, &task).await;
    let ended = now(&queue, &task).await;
    assert_eq!((ended.state, ended.attempts, ended.result), (State::Done, 1, Some(json!(5))));
}

/// What ends in time is done, what does not is handed back and is another's.
#[tokio::test(flavor = "multi_thread")]
async fn a_drain_hands_back_what_is_not_done() {
    let folder = tempfile::tempdir().unwrap();
    let queue = queue(&folder, QueueConfig::default()).await;
    let doer = does(|task, hand| match task.alias.as_str() {
        "quick" => Ok(json!("done")),
        _ => waits_until_it_is_stopped(hand),
    });
    let workers = Workers::start(Arc::clone(&queue), doer, 2);
    let (slow, quick) = (push(&queue, "slow").await, push(&queue, "quick").await);
    until(async || now(&queue, &slow).await.state == State::Running).await;
    until(async || now(&queue, &quick).await.state == State::Done).await;
    workers.drain(Duration::from_millis(50)).await;
    let back = now(&queue, &slow).await;
    assert_eq!((back.state, back.attempts), (State::Queued, 0));
    let later = push(&queue, "later").await;
    tokio::time::sleep(Duration::from_millis(600)).await;
    assert_eq!(now(&queue, &later).await.state, State::Queued, "nobody takes anything");
    let _others = Workers::start(Arc::clone(&queue), does(|_, _| Ok(json!("done by another"))), 1);
    story(&queue, &slow).await;
    assert_eq!(now(&queue, &slow).await.result, Some(json!("done by another")));
}

/// Work that does not stop when it is told to holds nobody up, and comes back when its lease ends.
#[tokio::test(flavor = "multi_thread")]
async fn a_drain_ends_where_work_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let queue = queue(&folder, QueueConfig { lease: Duration::from_millis(500), ..QueueConfig::default() }).await;
    let is_over = Arc::new(AtomicBool::new(false));
    let over = Arc::clone(&is_over);
    let doer = does(move |_, _| {
        while !over.load(Ordering::Acquire) {
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(json!("too late"))
    });
    let workers = Workers::start(Arc::clone(&queue), doer, 1);
    let task = push(&queue, "deaf").await;
    until(async || now(&queue, &task).await.state == State::Running).await;
    workers.drain(Duration::from_millis(50)).await;
    let _others = Workers::start(Arc::clone(&queue), does(|_, _| Ok(json!("done by another"))), 1);
    story(&queue, &task).await;
    is_over.store(true, Ordering::Release);
    assert_eq!(now(&queue, &task).await.result, Some(json!("done by another")));
}

/// All workers but one are busy with the nightly round, and it takes what somebody waits for.
#[tokio::test(flavor = "multi_thread")]
async fn who_waits_does_not_wait_for_the_nightly_round() {
    let folder = tempfile::tempdir().unwrap();
    let queue = queue(&folder, QueueConfig::default()).await;
    let doer = does(|task, hand| match task.lane {
        Lane::Interactive => Ok(json!("done")),
        Lane::Nightly => waits_until_it_is_stopped(hand),
    });
    for word in ["night 1", "night 2", "night 3"] {
        queue.push(&NewTask { lane: Lane::Nightly, ..NewTask::new(word, word, json!(word)) }).await.unwrap();
    }
    let workers = Workers::start(Arc::clone(&queue), doer, 2);
    until(async || queue.depth().await.unwrap().running == 1).await;
    let click = push(&queue, "click").await;
    story(&queue, &click).await;
    let depth = queue.depth().await.unwrap();
    assert_eq!((depth.nightly, depth.running), (2, 1));
    workers.drain(Duration::from_millis(10)).await;
    assert_eq!(queue.depth().await.unwrap().nightly, 3);
}
