//! Promises on a real file, and what is said when a file cannot be used.

use std::sync::Arc;

use super::*;
use crate::queue::conformance;

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_keeps_every_promise() {
    let folder = tempfile::tempdir().unwrap();
    conformance(async |name: &str, config| {
        let path = folder.path().join(format!("{name}.sqlite"));
        Arc::new(SqliteQueue::open(path, config).await.unwrap()) as Arc<dyn Queue>
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_has_the_tasks_of_one_moment_and_replaces_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let (path, to) = (folder.path().join("jobs.sqlite"), folder.path().join("copy.sqlite"));
    let queue = SqliteQueue::open(&path, QueueConfig::default()).await.unwrap();
    queue.push(&NewTask::new("GOOG", "training", Json::Null)).await.unwrap();
    SqliteQueue::copy(&path, &to).await.unwrap();
    queue.push(&NewTask::new("IBM", "another training", Json::Null)).await.unwrap();
    let copy = SqliteQueue::open(&to, QueueConfig::default()).await.unwrap();
    assert_eq!((copy.tasks(None, 9).await.unwrap().len(), queue.tasks(None, 9).await.unwrap().len()), (1, 2));
    let empty = tempfile::NamedTempFile::new_in(folder.path()).unwrap().into_temp_path();
    SqliteQueue::copy(&path, &empty).await.unwrap();
    let text = SqliteQueue::copy(&path, &to).await.unwrap_err().to_string();
    assert!(text.contains("it could not be copied to"), "{text}");
    assert!(SqliteQueue::copy(&folder.path().join("none"), &folder.path().join("x")).await.is_err());
}
