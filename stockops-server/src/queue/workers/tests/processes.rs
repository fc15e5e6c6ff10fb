//! Workers that are processes of their own: killed, stopped, broken off in the middle.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::*;

/// What a process of this test program is told: the queue, and the folder where it says what it did.
const QUEUE: &str = "STOCKOPS_TEST_QUEUE";
const FOLDER: &str = "STOCKOPS_TEST_FOLDER";

fn config() -> QueueConfig {
    QueueConfig { lease: Duration::from_secs(1), attempts: 20, ..QueueConfig::default() }
}

async fn open(place: &str, config: QueueConfig) -> Arc<dyn Queue> {
    match place {
        #[cfg(feature = "redis")]
        url if url.starts_with("redis://") => {
            Arc::new(crate::queue::RedisQueue::open(url, "test", Duration::from_secs(5), config).await.unwrap())
        }
        path => Arc::new(SqliteQueue::open(path, config).await.unwrap()),
    }
}

/// A worker in a process of its own; killed when it is dropped.
struct Process(Child);

impl Process {
    fn start(queue: &str, folder: &Path) -> Self {
        let process = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "queue::workers::tests::processes::a_worker_of_another_test", "--nocapture"])
            .env(QUEUE, queue)
            .env(FOLDER, folder)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        Self(process.unwrap())
    }

    fn signal(&self, signal: &str) {
        let pid = self.0.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
    }

    fn word(&self, word: &str) -> String {
        format!("{word} {}", self.0.id())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What the processes said, a line each.
fn said(folder: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(folder.join("said")).unwrap_or_default();
    text.lines().map(String::from).collect()
}

async fn until_said(folder: &Path, word: &str) {
    until(async || said(folder).iter().any(|line| line == word)).await;
}

/// The process itself: it does nothing where no other test started it.
#[tokio::test(flavor = "multi_thread")]
async fn a_worker_of_another_test() {
    let (Ok(place), Some(folder)) = (std::env::var(QUEUE), std::env::var_os(FOLDER)) else { return };
    let folder = PathBuf::from(folder);
    let say = {
        let folder = folder.clone();
        move |word: &str| {
            use std::io::Write;
            let mut file = std::fs::File::options().create(true).append(true).open(folder.join("said")).unwrap();
            file.write_all(format!("{word} {}\n", std::process::id()).as_bytes()).unwrap();
        }
    };
    let doer = does(move |task, hand| {
        say("begin");
        if task.alias == "abort" {
            std::process::abort();
        }
        // It does not look whether it is to stop, as work that was stopped itself cannot.
        while !folder.join("go").exists() {
            std::thread::sleep(Duration::from_millis(5));
        }
        hand.check_held().map_err(|_| {
            say("lost");
            Failure::Stopped
        })?;
        say("write");
        Ok(json!(std::process::id()))
    });
    let _workers = Workers::start(open(&place, config()).await, doer, 1);
    std::future::pending::<()>().await;
}

async fn another_takes_up_what_a_killed_worker_left(place: &str) {
    let folder = tempfile::tempdir().unwrap();
    let queue = open(place, config()).await;
    let task = push(&queue, "a").await;
    let mut first = Process::start(place, folder.path());
    until_said(folder.path(), &first.word("begin")).await;
    first.0.kill().unwrap();
    first.0.wait().unwrap();
    let second = Process::start(place, folder.path());
    until_said(folder.path(), &second.word("begin")).await;
    std::fs::write(folder.path().join("go"), "").unwrap();
    story(&queue, &task).await;
    let ended = now(&queue, &task).await;
    assert_eq!((ended.state, ended.result), (State::Done, Some(json!(second.0.id()))));
    assert!(ended.attempts >= 2);
}

/// A worker is stopped past its lease, another finishes, and the first goes on: one write and one end count.
async fn a_worker_that_comes_back_finds_its_task_lost(place: &str) {
    let folder = tempfile::tempdir().unwrap();
    let queue = open(place, config()).await;
    let task = push(&queue, "a").await;
    let first = Process::start(place, folder.path());
    until_said(folder.path(), &first.word("begin")).await;
    stop_between_writes(&first, &queue).await;
    let second = Process::start(place, folder.path());
    until_said(folder.path(), &second.word("begin")).await;
    std::fs::write(folder.path().join("go"), "").unwrap();
    story(&queue, &task).await;
    let ended = now(&queue, &task).await;
    assert_eq!((ended.state, &ended.result), (State::Done, &Some(json!(second.0.id()))));
    first.signal("-CONT");
    until_said(folder.path(), &first.word("lost")).await;
    let writes: Vec<_> = said(folder.path()).into_iter().filter(|line| line.starts_with("write")).collect();
    assert_eq!(writes, [second.word("write")]);
    assert_eq!(now(&queue, &task).await, ended, "nothing of it has changed");
    let later = push(&queue, "b").await;
    story(&queue, &later).await;
    assert_eq!(now(&queue, &later).await.state, State::Done, "both are workers still");
}

/// A process that is stopped in the middle of a write to a file of SQLite holds all others up, so it is stopped again until it
/// is not.
async fn stop_between_writes(process: &Process, queue: &Arc<dyn Queue>) {
    until(async || {
        process.signal("-STOP");
        let is_free = tokio::time::timeout(Duration::from_secs(2), queue.purge()).await.is_ok();
        if !is_free {
            process.signal("-CONT");
        }
        is_free
    })
    .await;
}

async fn what_aborts_its_process_ends_failed(place: &str) {
    let folder = tempfile::tempdir().unwrap();
    // Those who take have the setting that counts.
    let queue = open(place, config()).await;
    let attempts = QueueConfig { lease: Duration::from_millis(200), attempts: 2, ..config() };
    let strict = open(place, attempts).await;
    let task = push(&queue, "abort").await;
    for attempt in 1..=2 {
        let process = Process::start(place, folder.path());
        until_said(folder.path(), &process.word("begin")).await;
        until(async || {
            strict.purge().await.unwrap();
            let task = now(&queue, &task).await;
            task.attempts == attempt && task.state != State::Running
        })
        .await;
    }
    let ended = now(&queue, &task).await;
    assert_eq!((ended.state, ended.attempts), (State::Failed, 2));
    assert!(ended.error.as_deref().is_some_and(|error| error.contains("did not answer")), "{ended:?}");
}

macro_rules! on_both {
    ($($law:ident),+) => {
        mod on_sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $law() {
                let folder = tempfile::tempdir().unwrap();
                super::$law(folder.path().join("jobs.sqlite").to_str().unwrap()).await;
            })+
        }

        #[cfg(feature = "redis")]
        mod on_redis {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $law() {
                let server = crate::queue::redis::server::Server::start();
                super::$law(&server.url()).await;
            })+
        }
    };
}

on_both!(
    another_takes_up_what_a_killed_worker_left,
    a_worker_that_comes_back_finds_its_task_lost,
    what_aborts_its_process_ends_failed
);
