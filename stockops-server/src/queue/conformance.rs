//! What every queue promises.

mod lease;
mod log;
mod order;

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use super::{Grip, Lane, NewTask, Outcome, Queue, QueueConfig, Task};

/// Check every promise of [`Queue`]; each implementation calls this from its own test, in a runtime with several threads.
///
/// `open` opens the queue of a name: under one name all see the same tasks, as processes do, and a name that was not used is
/// an empty queue.
///
/// # Panics
///
/// When a promise is broken, which is what a test wants.
pub async fn conformance(open: impl AsyncFn(&str, QueueConfig) -> Arc<dyn Queue>) {
    let usual = QueueConfig::default;
    order::of_one_key_one_task_is_queued_or_running(&*open("keys", usual()).await).await;
    order::of_many_who_push_one_key_at_once_one_is_first(open("pushes", usual()).await, open("pushes", usual()).await)
        .await;
    order::lanes_go_in_their_order_and_the_oldest_first(&*open("lanes", usual()).await).await;
    order::nothing_is_taken_before_it_is_due(&*open("due", usual()).await).await;
    order::nothing_is_taken_before_the_task_that_it_stands_behind_has_ended(&*open("behind", usual()).await).await;
    order::workers_take_one_at_a_time([
        open("spread", usual()).await,
        open("spread", usual()).await,
        open("spread", usual()).await,
    ])
    .await;
    order::ten_thousand_that_are_due_at_once_are_all_done(open("many", usual()).await).await;
    order::two_who_take_at_once_never_take_the_same(open("both", usual()).await, open("both", usual()).await).await;
    order::a_queue_has_an_end(&*open("full", QueueConfig { most_queued: 2, ..usual() }).await).await;
    order::tasks_are_found_by_id_alias_and_state(&*open("found", usual()).await).await;
    let short = QueueConfig { lease: Duration::from_millis(100), ..usual() };
    lease::a_task_whose_lease_ended_is_given_to_another(&*open("orphan", short.clone()).await).await;
    lease::who_renews_keeps_the_task(&*open("renew", QueueConfig { lease: Duration::from_secs(1), ..usual() }).await)
        .await;
    lease::the_first_end_counts(&*open("end", usual()).await).await;
    let quick = QueueConfig { backoff: Duration::from_millis(1), ..usual() };
    lease::what_fails_ends_failed_after_its_attempts(&*open("fail", quick).await).await;
    lease::what_kills_its_worker_ends_failed_after_its_attempts(&*open("abort", short).await).await;
    lease::what_is_handed_back_has_used_up_nothing(&*open("release", usual()).await).await;
    lease::a_queued_task_is_cancelled_at_once_and_a_running_one_when_it_renews(&*open("cancel", usual()).await).await;
    let brief = QueueConfig { lease: Duration::from_millis(100), longest: Duration::from_millis(50), ..usual() };
    lease::a_try_may_not_last_for_ever(&*open("long", brief).await).await;
    log::entries_are_numbered_and_the_last_are_kept(&*open("log", QueueConfig { entries: 5, ..usual() }).await).await;
    log::who_follows_sees_each_entry_once_up_to_the_end(open("follow", usual()).await, open("follow", usual()).await)
        .await;
    let forgetful = QueueConfig { keep_ended: Duration::from_millis(50), ..usual() };
    log::what_ended_long_ago_is_removed(&*open("purge", forgetful).await).await;
}

/// A task whose alias, key and work are `word`.
fn task(word: &str) -> NewTask {
    NewTask::new(word, word, json!(word))
}

async fn push(queue: &dyn Queue, word: &str) -> Task {
    let pushed = queue.push(&task(word)).await.unwrap();
    assert!(pushed.is_new, "{word} is there already: {:?}", pushed.task);
    pushed.task
}

async fn take(queue: &dyn Queue) -> (Grip, Task) {
    queue.take("worker", &Lane::ALL).await.unwrap().expect("a task is due")
}

/// Take what is due or comes to be due within half a minute.
async fn take_soon(queue: &dyn Queue) -> (Grip, Task) {
    for _ in 0..1_500 {
        if let Some(taken) = queue.take("worker", &Lane::ALL).await.unwrap() {
            return taken;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("nothing came to be due");
}

async fn now(queue: &dyn Queue, id: &str) -> Task {
    queue.task(id).await.unwrap().expect("the task is there")
}

fn done() -> Outcome {
    Outcome::Done(json!("done"))
}

fn failed(error: &str) -> Outcome {
    Outcome::Failed { error: error.into(), again: true }
}
