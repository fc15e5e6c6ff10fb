//! Servers that are processes of their own and are killed or stopped in the middle of a training.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use stockops_core::tracking::RunStatus;

use super::*;

/// The home of a process of this test program.
const HOME: &str = "STOCKOPS_TEST_HOME";

fn config() -> QueueConfig {
    QueueConfig { lease: Duration::from_secs(2), attempts: 10, ..QueueConfig::default() }
}

async fn open(home: &Path) -> (Arc<dyn Queue>, Stockops) {
    let queue = SqliteQueue::open(home.join("jobs.sqlite"), config()).await.unwrap();
    (Arc::new(queue), Stockops::builder().home(home).build().unwrap())
}

/// A server without routes in a process of its own; killed when it is dropped.
struct Process(Child);

impl Process {
    fn start(home: &Path) -> Self {
        let process = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "jobs::tests::processes::a_server_of_another_test", "--nocapture"])
            .env(HOME, home)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        Self(process.unwrap())
    }

    fn signal(&self, signal: &str) {
        let pid = self.0.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The process itself: it does nothing where no other test started it.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_of_another_test() {
    let Some(home) = std::env::var_os(HOME) else { return };
    let (queue, stockops) = open(Path::new(&home)).await;
    let _jobs = Jobs::builder(queue, stockops).workers(1).start().unwrap();
    std::future::pending::<()>().await;
}

/// A training of a few epochs.
fn training() -> Work {
    let from = "2014-01-01".parse().ok();
    Work::TrainChild(TrainChild {
        strategy: Strategy::FineTune,
        epochs: Some(5),
        from,
        ..TrainChild::new(ticker("AMZN"))
    })
}

/// Wait until the worker `pid` has told of an epoch.
async fn until_in_the_middle(jobs: &Jobs, queue: &Arc<dyn Queue>, id: &str, process: &Process) {
    until(async || {
        let job = queue.task(id).await.unwrap().unwrap();
        let is_its = job.worker.as_deref().is_some_and(|worker| worker.contains(&format!(":{}:", process.0.id())));
        let entries = queue.entries(id, 0, 1_000).await.unwrap();
        let began = entries.iter().rposition(|entry| entry.state() == Some(State::Running)).unwrap_or_default();
        is_its && entries[began..].iter().any(|entry| entry.kind == "epoch")
    })
    .await;
    assert_eq!(jobs.job(id).await.unwrap().unwrap().state, State::Running, "it was met in the middle");
}

fn finished(stockops: &Stockops) -> usize {
    stockops.runs(10).unwrap().iter().filter(|run| run.status == RunStatus::Finished).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_training_whose_server_was_killed_is_done_after_a_restart() {
    let home = tempfile::tempdir().unwrap();
    let (queue, stockops) = open(home.path()).await;
    let jobs = Jobs::builder(Arc::clone(&queue), stockops.clone()).workers(0).start().unwrap();
    let asked = jobs.ask(training(), None).await.unwrap();
    let mut first = Process::start(home.path());
    until_in_the_middle(&jobs, &queue, &asked.task_id, &first).await;
    first.0.kill().unwrap();
    first.0.wait().unwrap();
    let _second = Process::start(home.path());
    let job = ended(&jobs, &asked.task_id).await;
    assert_eq!(job.state, State::Done, "{job:?}");
    assert!(job.attempts >= 2);
    let versions = stockops.registry().versions(&ticker("AMZN")).unwrap();
    assert_eq!(versions.len(), 1);
    assert_eq!(versions[0].job.as_ref(), Some(&job.id));
    assert_eq!(finished(&stockops), 1);
}

/// Another server finishes what the stopped one holds, the right to train the ticker with it; the first goes on and has lost it.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_was_stopped_past_its_lease_leaves_one_version_and_one_run() {
    let home = tempfile::tempdir().unwrap();
    let (queue, stockops) = open(home.path()).await;
    let jobs = Jobs::builder(Arc::clone(&queue), stockops.clone()).workers(0).start().unwrap();
    let asked = jobs.ask(training(), None).await.unwrap();
    let first = Process::start(home.path());
    until_in_the_middle(&jobs, &queue, &asked.task_id, &first).await;
    // A process that is stopped in the middle of a write to a file of SQLite holds all others up.
    until(async || {
        first.signal("-STOP");
        let is_free = tokio::time::timeout(Duration::from_secs(2), queue.purge()).await.is_ok();
        if !is_free {
            first.signal("-CONT");
        }
        is_free
    })
    .await;
    let _second = Process::start(home.path());
    let job = ended(&jobs, &asked.task_id).await;
    assert_eq!(job.state, State::Done, "{job:?}");
    first.signal("-CONT");
    until(async || stockops.runs(10).unwrap().iter().all(|run| run.status != RunStatus::Running)).await;
    let statuses: Vec<RunStatus> = stockops.runs(10).unwrap().iter().map(|run| run.status).collect();
    assert_eq!(statuses.iter().filter(|status| **status == RunStatus::Finished).count(), 1, "{statuses:?}");
    assert!(statuses.contains(&RunStatus::Killed), "{statuses:?}");
    assert_eq!(stockops.registry().versions(&ticker("AMZN")).unwrap().len(), 1);
    assert_eq!(jobs.job(&asked.task_id).await.unwrap().unwrap(), job, "nothing of it has changed");
}
