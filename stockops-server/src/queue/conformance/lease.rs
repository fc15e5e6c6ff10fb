//! Leases, tokens, tries, and stopping.

use std::time::Duration;

use serde_json::json;

use super::super::{Grip, Lane, Outcome, Queue, QueueError, Signal, State, Task};
use super::{done, failed, now, push, take, take_soon};

pub(super) async fn a_task_whose_lease_ended_is_given_to_another(queue: &dyn Queue) {
    let task = push(queue, "a").await;
    let (old, _) = take(queue).await;
    let (new, taken) = take_soon(queue).await;
    assert_eq!((&taken.id, taken.attempts), (&task.id, 2));
    assert!(new.token > old.token, "the token grows");
    assert!(taken.error.as_deref().is_some_and(|error| error.contains("did not answer")), "{taken:?}");
    let lost = |id: &str| QueueError::Lost { task: id.into() };
    assert_eq!(queue.renew(&old).await.unwrap_err(), lost(&task.id));
    assert_eq!(queue.tell(&old, "epoch", &json!(1)).await.unwrap_err(), lost(&task.id));
    assert_eq!(queue.end(&old, &done()).await.unwrap_err(), lost(&task.id));
    assert_eq!(queue.release(&old, Duration::ZERO).await.unwrap_err(), lost(&task.id));
    queue.tell(&new, "epoch", &json!(2)).await.unwrap();
    queue.end(&new, &done()).await.unwrap();
    assert_eq!(queue.end(&old, &failed("late")).await.unwrap_err(), lost(&task.id));
    let entries = queue.entries(&task.id, 0, 100).await.unwrap();
    let epochs: Vec<_> = entries.iter().filter(|entry| entry.kind == "epoch").map(|entry| &entry.body).collect();
    assert_eq!(epochs, [&json!(2)]);
    assert_eq!(now(queue, &task.id).await.state, State::Done);
}

pub(super) async fn who_renews_keeps_the_task(queue: &dyn Queue) {
    push(queue, "a").await;
    let (grip, _) = take(queue).await;
    for _ in 0..25 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert_eq!(queue.renew(&grip).await.unwrap(), Signal::GoOn);
        assert!(queue.take("other", &Lane::ALL).await.unwrap().is_none());
    }
    assert_eq!(queue.end(&grip, &done()).await.unwrap().attempts, 1);
}

/// An answer may be lost on its way, and then it is asked for again.
pub(super) async fn the_first_end_counts(queue: &dyn Queue) {
    let task = push(queue, "a").await;
    let (grip, _) = take(queue).await;
    let first = queue.end(&grip, &done()).await.unwrap();
    assert_eq!(queue.end(&grip, &failed("late")).await.unwrap(), first);
    assert_eq!(now(queue, &task.id).await, first);
    let unknown = Grip { id: "nobody".into(), token: 1 };
    assert!(matches!(queue.end(&unknown, &done()).await, Err(QueueError::Lost { .. })));
}

pub(super) async fn what_fails_ends_failed_after_its_attempts(queue: &dyn Queue) {
    let attempts = queue.config().attempts;
    let task = push(queue, "always").await;
    for attempt in 1..=attempts {
        let (grip, taken) = take_soon(queue).await;
        assert_eq!(taken.attempts, attempt);
        queue.end(&grip, &failed(&format!("failure {attempt}"))).await.unwrap();
    }
    let ended = now(queue, &task.id).await;
    assert_eq!((ended.state, ended.attempts), (State::Failed, attempts));
    assert_eq!(ended.error, Some(format!("failure {attempts}")));
    assert!(ended.ended.is_some());
    let hopeless = push(queue, "hopeless").await;
    let (grip, _) = take_soon(queue).await;
    queue.end(&grip, &Outcome::Failed { error: "bad input".into(), again: false }).await.unwrap();
    assert_eq!(now(queue, &hopeless.id).await.state, State::Failed);
    let entries = queue.entries(&task.id, 0, 100).await.unwrap();
    assert_eq!(entries.last().unwrap().state(), Some(State::Failed));
    assert_eq!(entries.last().unwrap().body["error"], format!("failure {attempts}"));
    push(queue, "always").await;
}

/// A worker that takes it and is never heard of again, each time.
pub(super) async fn what_kills_its_worker_ends_failed_after_its_attempts(queue: &dyn Queue) {
    let task = push(queue, "abort").await;
    for attempt in 1..=queue.config().attempts {
        assert_eq!(take_soon(queue).await.1.attempts, attempt);
    }
    let ended = ended_soon(queue, &task.id).await;
    assert_eq!((ended.state, ended.attempts), (State::Failed, queue.config().attempts));
    assert!(ended.error.as_deref().is_some_and(|error| error.contains("did not answer")), "{ended:?}");
    assert!(queue.take("worker", &Lane::ALL).await.unwrap().is_none());
}

pub(super) async fn what_is_handed_back_has_used_up_nothing(queue: &dyn Queue) {
    let task = push(queue, "a").await;
    push(queue, "b").await;
    for _ in 0..queue.config().attempts + 2 {
        let (grip, taken) = take(queue).await;
        assert_eq!((&taken.id, taken.attempts), (&task.id, 1), "it keeps its place");
        let back = queue.release(&grip, Duration::ZERO).await.unwrap();
        assert_eq!((back.state, back.attempts), (State::Queued, 0));
        assert!(matches!(queue.end(&grip, &done()).await, Err(QueueError::Lost { .. })));
    }
    let (grip, _) = take(queue).await;
    queue.release(&grip, Duration::from_secs(3_600)).await.unwrap();
    assert_eq!(take(queue).await.1.alias, "b", "it waits");
    assert!(queue.take("worker", &Lane::ALL).await.unwrap().is_none());
}

pub(super) async fn a_queued_task_is_cancelled_at_once_and_a_running_one_when_it_renews(queue: &dyn Queue) {
    let task = push(queue, "a").await;
    assert_eq!(queue.cancel(&task.id).await.unwrap().unwrap().state, State::Cancelled);
    assert!(queue.take("worker", &Lane::ALL).await.unwrap().is_none());
    let task = push(queue, "a").await;
    let (grip, _) = take(queue).await;
    let running = queue.cancel(&task.id).await.unwrap().unwrap();
    assert!(running.state == State::Running && running.cancel);
    assert_eq!(queue.renew(&grip).await.unwrap(), Signal::Cancel);
    assert_eq!(queue.end(&grip, &Outcome::Cancelled).await.unwrap().state, State::Cancelled);
    assert_eq!(queue.cancel(&task.id).await.unwrap().unwrap().state, State::Cancelled, "an end is an end");
    for give_up in ["end", "release"] {
        let task = push(queue, "a").await;
        let (grip, _) = take(queue).await;
        queue.cancel(&task.id).await.unwrap();
        let ended = match give_up {
            "end" => queue.end(&grip, &failed("stopped")).await.unwrap(),
            _ => queue.release(&grip, Duration::ZERO).await.unwrap(),
        };
        assert!(ended.state.is_end(), "it is not tried again after {give_up}: {ended:?}");
    }
}

pub(super) async fn a_try_may_not_last_for_ever(queue: &dyn Queue) {
    let task = push(queue, "a").await;
    let (grip, _) = take(queue).await;
    tokio::time::sleep(Duration::from_millis(70)).await;
    // A slow machine may have found the lease ended by now; both say that it must stop.
    let signal = queue.renew(&grip).await;
    assert!(matches!(signal, Ok(Signal::TooLong) | Err(QueueError::Lost { .. })), "{signal:?}");
    let ended = ended_soon(queue, &task.id).await;
    assert_eq!(ended.state, State::Failed);
    assert!(ended.error.as_deref().is_some_and(|error| error.contains("it ran for longer than 50ms")), "{ended:?}");
}

/// A task that ends within half a minute, as leases are looked for.
async fn ended_soon(queue: &dyn Queue, id: &str) -> Task {
    for _ in 0..1_500 {
        queue.purge().await.unwrap();
        let task = now(queue, id).await;
        if task.state.is_end() {
            return task;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{id} did not end");
}
