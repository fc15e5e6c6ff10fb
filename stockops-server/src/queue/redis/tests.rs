//! Promises against the real server, and what is said when it fails.

use std::sync::Arc;

use super::server::Server;
use super::*;
use crate::queue::conformance;

const PATIENCE: Duration = Duration::from_secs(5);

#[tokio::test(flavor = "multi_thread")]
async fn redis_keeps_every_promise() {
    let server = Server::start();
    conformance(async |name: &str, config| {
        Arc::new(RedisQueue::open(&server.url(), name, PATIENCE, config).await.unwrap()) as Arc<dyn Queue>
    })
    .await;
}

#[tokio::test]
async fn what_was_acknowledged_is_there_after_the_server_came_back() {
    let mut server = Server::start();
    let queue = RedisQueue::open(&server.url(), "test", PATIENCE, QueueConfig::default()).await.unwrap();
    let task = queue.push(&NewTask::new("a", "a", json!(1))).await.unwrap().task;
    let (grip, _) = queue.take("worker", &Lane::ALL).await.unwrap().unwrap();
    server.kill();
    let error = queue.renew(&grip).await.unwrap_err();
    assert!(error.to_string().starts_with(&format!("the queue of tasks in {}: ", server.url())), "{error}");
    server.start_again();
    assert_eq!(queue.renew(&grip).await.unwrap(), Signal::GoOn);
    queue.end(&grip, &Outcome::Done(json!(2))).await.unwrap();
    assert_eq!(queue.task(&task.id).await.unwrap().unwrap().state, State::Done);
}

#[tokio::test]
async fn the_queue_and_what_else_is_shared_ask_on_the_same_connections() {
    use crate::shared::{Shared, SharedConfig};

    let server = Server::start();
    let config = SharedConfig { url: server.url(), timeout: PATIENCE, ..SharedConfig::default() };
    let shared = Shared::new(config).unwrap();
    let queue = RedisQueue::beside(&shared, "test", PATIENCE, QueueConfig::default()).await.unwrap();
    for _ in 0..3 {
        assert!(shared.keys().await.is_some());
        assert!(queue.take("worker", &Lane::ALL).await.unwrap().is_none());
    }
    let mut own = redis::Client::open(server.url()).unwrap().get_connection().unwrap();
    let clients: String = redis::cmd("CLIENT").arg("LIST").query(&mut own).unwrap();
    assert_eq!(clients.lines().count(), 2, "one of theirs, and the own: {clients}");
}

#[tokio::test]
async fn a_password_is_never_shown() {
    for url in ["redis://ann:secret@127.0.0.1:1/2", "rediss://:se@secret@127.0.0.1:1", "http://ann:secret@cache"] {
        let opened = RedisQueue::open(url, "test", Duration::from_millis(200), QueueConfig::default()).await;
        let error = opened.unwrap_err().to_string();
        assert!(!error.contains("secret"), "{error}");
    }
}
