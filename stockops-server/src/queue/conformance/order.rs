//! Keys, lanes, order, and how much may wait.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{TimeDelta, Utc};
use futures_util::future::join_all;
use serde_json::json;

use super::super::{Lane, NewTask, Queue, QueueError, State};
use super::{done, now, push, take, take_soon, task};

/// Train, finish, a new bar, train again; and train again with the same data after it ended.
pub(super) async fn of_one_key_one_task_is_queued_or_running(queue: &dyn Queue) {
    let first = push(queue, "a").await;
    let again = queue.push(&task("a")).await.unwrap();
    assert!(!again.is_new && again.task.id == first.id, "it is queued");
    let (grip, _) = take(queue).await;
    let again = queue.push(&task("a")).await.unwrap();
    assert!(!again.is_new && again.task.state == State::Running, "it is running");
    push(queue, "a with a new bar").await;
    queue.end(&grip, &done()).await.unwrap();
    let later = push(queue, "a").await;
    assert_ne!(later.id, first.id, "the old one has ended");
    for _ in 0..2 {
        let (grip, _) = take(queue).await;
        queue.end(&grip, &done()).await.unwrap();
    }
    assert_eq!(now(queue, &later.id).await.state, State::Done);
}

pub(super) async fn of_many_who_push_one_key_at_once_one_is_first(one: Arc<dyn Queue>, other: Arc<dyn Queue>) {
    let pushes = (0..16).map(|i| {
        let queue = Arc::clone(if i % 2 == 0 { &one } else { &other });
        tokio::spawn(async move { queue.push(&task("a")).await.unwrap() })
    });
    let pushed: Vec<_> = join_all(pushes).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(pushed.iter().filter(|pushed| pushed.is_new).count(), 1);
    assert_eq!(pushed.iter().map(|pushed| &pushed.task.id).collect::<BTreeSet<_>>().len(), 1);
}

/// A click overtakes the nightly batch.
pub(super) async fn lanes_go_in_their_order_and_the_oldest_first(queue: &dyn Queue) {
    for word in ["night 1", "night 2"] {
        queue.push(&NewTask { lane: Lane::Nightly, ..task(word) }).await.unwrap();
    }
    push(queue, "click 1").await;
    push(queue, "click 2").await;
    for wanted in ["click 1", "click 2", "night 1", "night 2"] {
        assert_eq!(take(queue).await.1.alias, wanted);
    }
    queue.push(&NewTask { lane: Lane::Nightly, ..task("night 3") }).await.unwrap();
    assert!(queue.take("worker", &[Lane::Interactive]).await.unwrap().is_none(), "of the other lane nothing is taken");
    assert_eq!(queue.take("worker", &[Lane::Nightly]).await.unwrap().unwrap().1.alias, "night 3");
}

pub(super) async fn nothing_is_taken_before_it_is_due(queue: &dyn Queue) {
    let due = Some(Utc::now() + TimeDelta::hours(1));
    let later = queue.push(&NewTask { due, ..task("later") }).await.unwrap().task;
    assert!(queue.take("worker", &Lane::ALL).await.unwrap().is_none());
    assert_eq!(queue.depth().await.unwrap().oldest_due, None);
    let due = Some(Utc::now() + TimeDelta::milliseconds(300));
    queue.push(&NewTask { due, ..task("soon") }).await.unwrap();
    let (_, taken) = take_soon(queue).await;
    assert_eq!(taken.alias, "soon");
    assert!(taken.taken >= Some(taken.due));
    assert_eq!(now(queue, &later.id).await.state, State::Queued);
}

/// However that one ends, and whatever happens to it on the way.
pub(super) async fn nothing_is_taken_before_the_task_that_it_stands_behind_has_ended(queue: &dyn Queue) {
    for ending in ["done", "cancelled"] {
        let first = push(queue, "parent").await;
        let behind = NewTask { behind: Some(first.id.clone()), ..task("child") };
        let second = queue.push(&behind).await.unwrap().task;
        assert_eq!(second.behind.as_ref(), Some(&first.id));
        assert_eq!(queue.depth().await.unwrap().interactive, 2);
        let (grip, taken) = take(queue).await;
        assert_eq!(taken.id, first.id);
        assert!(queue.take("worker", &Lane::ALL).await.unwrap().is_none(), "it runs");
        assert_eq!(queue.depth().await.unwrap().oldest_due, None);
        queue.release(&grip, std::time::Duration::ZERO).await.unwrap();
        let (grip, taken) = take(queue).await;
        assert_eq!(taken.id, first.id, "the other one has not overtaken it");
        let outcome = if ending == "done" { done() } else { super::Outcome::Cancelled };
        queue.end(&grip, &outcome).await.unwrap();
        let (grip, taken) = take(queue).await;
        assert_eq!(taken.id, second.id);
        queue.end(&grip, &done()).await.unwrap();
        let late = queue.push(&behind).await.unwrap().task;
        assert_eq!(take(queue).await.1.id, late.id, "what has ended holds nobody up");
        queue.cancel(&late.id).await.unwrap();
        let grip = super::Grip { id: late.id, token: 1 };
        queue.end(&grip, &super::Outcome::Cancelled).await.unwrap();
    }
    let first = push(queue, "parent").await;
    let behind = NewTask { behind: Some(first.id.clone()), ..task("child") };
    let second = queue.push(&behind).await.unwrap().task;
    assert_eq!(queue.cancel(&second.id).await.unwrap().unwrap().state, State::Cancelled);
    let (grip, _) = take(queue).await;
    queue.end(&grip, &done()).await.unwrap();
    assert!(queue.take("worker", &Lane::ALL).await.unwrap().is_none(), "it was cancelled while it waited");
}

/// Nine slow tasks over three workers go 3, 3, 3: in each round every worker gets one, and what waits is there for the others.
pub(super) async fn workers_take_one_at_a_time(workers: [Arc<dyn Queue>; 3]) {
    for i in 0..9 {
        push(&*workers[0], &format!("task {i}")).await;
    }
    for round in 0..3 {
        let mut held = Vec::new();
        for (number, queue) in workers.iter().enumerate() {
            let worker = format!("worker {number}");
            let (grip, task) = queue.take(&worker, &Lane::ALL).await.unwrap().expect("each worker gets one");
            assert_eq!(task.worker, Some(worker));
            held.push(grip);
        }
        assert_eq!(workers[0].depth().await.unwrap().queued(), 6 - 3 * round);
        for (queue, grip) in workers.iter().zip(&held) {
            queue.end(grip, &done()).await.unwrap();
        }
    }
    assert!(workers[0].take("worker 0", &Lane::ALL).await.unwrap().is_none());
}

pub(super) async fn ten_thousand_that_are_due_at_once_are_all_done(queue: Arc<dyn Queue>) {
    all_are_done_once(10_000, [&queue, &queue, &queue]).await;
}

pub(super) async fn two_who_take_at_once_never_take_the_same(one: Arc<dyn Queue>, other: Arc<dyn Queue>) {
    all_are_done_once(200, [&one, &other, &one, &other]).await;
}

/// Push `many` tasks, and let one worker for each of `queues` do what it gets.
async fn all_are_done_once<const N: usize>(many: usize, queues: [&Arc<dyn Queue>; N]) {
    let due = Some(Utc::now());
    for i in 0..many {
        queues[0].push(&NewTask { due, ..task(&format!("task {i}")) }).await.unwrap();
    }
    assert_eq!(queues[0].depth().await.unwrap().interactive, many);
    let workers = queues.map(|queue| {
        let queue = Arc::clone(queue);
        tokio::spawn(async move {
            let mut own = Vec::new();
            while let Some((grip, task)) = queue.take("worker", &Lane::ALL).await.unwrap() {
                queue.end(&grip, &done()).await.unwrap();
                own.push(task.alias);
            }
            own
        })
    });
    let done: Vec<String> = join_all(workers).await.into_iter().flat_map(Result::unwrap).collect();
    assert_eq!(done.len(), many, "none is done twice");
    assert_eq!(done.into_iter().collect::<BTreeSet<_>>().len(), many, "each is done");
}

pub(super) async fn a_queue_has_an_end(queue: &dyn Queue) {
    push(queue, "a").await;
    push(queue, "b").await;
    assert_eq!(queue.push(&task("c")).await.unwrap_err(), QueueError::Full { most: 2 });
    assert!(!queue.push(&task("a")).await.unwrap().is_new, "one that is there needs no room");
    take(queue).await;
    push(queue, "c").await;
}

pub(super) async fn tasks_are_found_by_id_alias_and_state(queue: &dyn Queue) {
    assert_eq!(queue.task("nobody").await.unwrap(), None);
    assert_eq!(queue.newest("nobody").await.unwrap(), None);
    assert_eq!(queue.cancel("nobody").await.unwrap(), None);
    let (text, owner) = (json!({"ticker": "^GSPC", "text": "Grüße \"/\" \n\u{1F600}", "list": []}), "key 1");
    let new = NewTask { owner: Some(owner.into()), ..NewTask::new("parent_training", "key/ä", text.clone()) };
    let pushed = queue.push(&new).await.unwrap().task;
    assert!(pushed.id.starts_with("parent_training~"), "{}", pushed.id);
    assert_eq!((pushed.key.as_str(), pushed.owner.as_deref()), ("key/ä", Some(owner)));
    assert_eq!((&pushed.work, pushed.state, pushed.attempts), (&text, State::Queued, 0));
    assert_eq!(now(queue, &pushed.id).await, pushed);
    let second = queue.push(&NewTask { key: "other".into(), ..new }).await.unwrap().task;
    assert_eq!(queue.newest("parent_training").await.unwrap().unwrap().id, second.id);
    let (grip, _) = take(queue).await;
    let ids = |tasks: Vec<super::Task>| tasks.into_iter().map(|task| task.id).collect::<Vec<_>>();
    assert_eq!(ids(queue.tasks(None, 10).await.unwrap()), [second.id.as_str(), &pushed.id]);
    assert_eq!(ids(queue.tasks(None, 1).await.unwrap()), [second.id.as_str()]);
    assert_eq!(ids(queue.tasks(Some(State::Running), 10).await.unwrap()), [pushed.id.as_str()]);
    let depth = queue.depth().await.unwrap();
    assert_eq!((depth.interactive, depth.nightly, depth.running), (1, 0, 1));
    assert_eq!(depth.oldest_due, Some(second.due));
    let result = json!({"metrics": {"close": 0.5, "list": [], "none": null}});
    let ended = queue.end(&grip, &super::Outcome::Done(result.clone())).await.unwrap();
    assert_eq!((ended.result, ended.state), (Some(result), State::Done));
    assert!(ended.ended >= ended.taken && ended.error.is_none());
}
