//! Jobs on the bars that ship with the library; those of processes that die are in `processes`.

mod processes;

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::StreamExt;
use futures_util::future::join_all;
use serde_json::Value as Json;
use stockops_core::Strategy;
use stockops_core::service::{MonitorRequest, TrainChild, TrainParent};

use super::*;
use crate::queue::{Lane, QueueConfig, QueueError, SqliteQueue};

fn ticker(word: &str) -> Ticker {
    Ticker::new(word).unwrap()
}

/// A training of a second: nothing is learned, and no second network is trained beside it.
fn quick(word: &str) -> Work {
    Work::TrainChild(quick_child(word))
}

fn quick_child(word: &str) -> TrainChild {
    TrainChild { strategy: Strategy::ZeroShot, compare: false, ..TrainChild::new(ticker(word)) }
}

/// A training that goes on until somebody stops it.
fn long(word: &str) -> Work {
    let child = TrainChild { strategy: Strategy::FineTune, epochs: Some(100_000), ..TrainChild::new(ticker(word)) };
    Work::TrainChild(child)
}

/// A parent of one epoch and short windows.
fn small_parent() -> TrainParent {
    TrainParent { epochs: Some(1), from: "2012-01-01".parse().ok(), ..TrainParent::default() }
}

async fn queue(folder: &tempfile::TempDir, config: QueueConfig) -> Arc<dyn Queue> {
    Arc::new(SqliteQueue::open(folder.path().join("jobs.sqlite"), config).await.unwrap())
}

/// What was heard.
#[derive(Default)]
struct Heard(Mutex<Vec<String>>);

impl Listener for Heard {
    fn model_changed(&self, ticker: &Ticker) {
        self.0.lock().unwrap().push(format!("model of {ticker}"));
    }

    fn forecast_made(&self, forecast: &Forecast) {
        self.0.lock().unwrap().push(format!("forecast by {}", forecast.model_version.as_deref().unwrap_or("nobody")));
    }

    fn ended(&self, job: &Job) {
        self.0.lock().unwrap().push(format!("end of {}: {}", job.alias, job.state));
    }
}

async fn story(jobs: &Jobs, id: &str) -> Vec<Entry> {
    let story = jobs.events(id, 0).map(Result::unwrap).collect();
    tokio::time::timeout(Duration::from_secs(240), story).await.expect("it ends within four minutes")
}

async fn ended(jobs: &Jobs, id: &str) -> Job {
    story(jobs, id).await;
    jobs.job(id).await.unwrap().unwrap()
}

async fn until(mut holds: impl AsyncFnMut() -> bool) {
    for _ in 0..6_000 {
        if holds().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("it did not come to be within two minutes");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_ask_at_once_for_one_ticker_one_is_served_and_all_see_it() {
    let folder = tempfile::tempdir().unwrap();
    let stockops = Stockops::builder().build().unwrap();
    let heard = Arc::new(Heard::default());
    let queue = queue(&folder, QueueConfig::default()).await;
    let jobs = Jobs::builder(queue, stockops.clone()).workers(3).listener(heard.clone()).start().unwrap();
    let asked = join_all((0..12).map(|_| jobs.ask(quick("AMZN"), None))).await;
    let asked: Vec<Asked> = asked.into_iter().map(Result::unwrap).collect();
    assert!(asked.iter().all(|one| one.task_id == asked[0].task_id && one.alias == "AMZN_training"));
    assert_eq!(asked.iter().filter(|one| one.status == Began::Started).count(), 1);
    let job = ended(&jobs, &asked[0].task_id).await;
    assert_eq!((job.state, job.error), (State::Done, None));
    assert_eq!(stockops.registry().versions(&ticker("AMZN")).unwrap().len(), 1);

    for name in [job.id.as_str(), "AMZN_training", "AMZN", "amzn"] {
        let Some(Status::Completed { result, .. }) = jobs.status(name).await.unwrap() else { panic!("{name}") };
        assert_eq!((&result["ticker"], &result["version"]), (&Json::from("AMZN"), &Json::from(1)));
        let run = stockops.runs(10).unwrap().remove(0);
        assert_eq!(result["run_id"], Json::from(run.run_id.to_string()));
        assert!(result["metrics"]["evaluation"].is_object());
    }
    let json = serde_json::to_value(jobs.status("AMZN").await.unwrap()).unwrap();
    assert!(json["status"] == "completed" && json["completed_at"].is_string(), "{json}");
    assert_eq!(jobs.status("NONE").await.unwrap(), None);

    until(async || heard.0.lock().unwrap().len() == 3).await;
    let heard = heard.0.lock().unwrap().clone();
    assert_eq!(heard, ["model of AMZN", "forecast by AMZN@1", "end of AMZN_training: done"]);

    let again = jobs.ask(quick("AMZN"), None).await.unwrap();
    assert_eq!(
        (again.status, again.task_id.as_str()),
        (Began::Completed, job.id.as_str()),
        "the same bars, the same work"
    );
    let other = TrainChild { seed: Some(7), ..quick_child("AMZN") };
    let other = jobs.ask(Work::TrainChild(other), None).await.unwrap();
    assert_eq!(other.status, Began::Started, "other settings are other work");
    ended(&jobs, &other.task_id).await;
    assert_eq!(stockops.registry().versions(&ticker("AMZN")).unwrap().len(), 2);
    jobs.drain(Duration::from_secs(5)).await;
}

/// A bar that arrives makes it other work; a key that outlived its job would swallow it.
#[tokio::test(flavor = "multi_thread")]
async fn train_finish_a_new_bar_train_again() {
    let folder = tempfile::tempdir().unwrap();
    let has_newest = Arc::new(AtomicBool::new(false));
    #[derive(Debug)]
    struct Growing(Arc<AtomicBool>);
    impl stockops_core::BarSource for Growing {
        fn bars(&self, ticker: &Ticker) -> stockops_core::Result<stockops_core::Sourced> {
            let sourced = stockops_core::source::BuiltinSource.bars(ticker)?;
            let days: Vec<_> = sourced.bars.iter().map(|bar| bar.date).collect();
            let last = days[days.len() - if self.0.load(Ordering::Acquire) { 1 } else { 2 }];
            Ok(stockops_core::Sourced { bars: sourced.bars.between(None, Some(last)), ..sourced })
        }
    }
    let stockops = Stockops::builder().source(Growing(Arc::clone(&has_newest))).build().unwrap();
    let jobs = Jobs::builder(queue(&folder, QueueConfig::default()).await, stockops.clone()).start().unwrap();
    let first = jobs.ask(quick("AMZN"), None).await.unwrap();
    ended(&jobs, &first.task_id).await;
    has_newest.store(true, Ordering::Release);
    let second = jobs.ask(quick("AMZN"), None).await.unwrap();
    assert_eq!(second.status, Began::Started);
    assert_eq!(ended(&jobs, &second.task_id).await.state, State::Done);
    assert_eq!(stockops.registry().versions(&ticker("AMZN")).unwrap().len(), 2);
    assert_eq!(jobs.job("AMZN").await.unwrap().unwrap().id, second.task_id, "the alias means the newest");
}

/// The parent that is being trained comes first, though two workers are free.
#[tokio::test(flavor = "multi_thread")]
async fn a_child_waits_for_its_parent() {
    let folder = tempfile::tempdir().unwrap();
    let stockops = Stockops::builder().build().unwrap();
    let jobs = Jobs::builder(queue(&folder, QueueConfig::default()).await, stockops.clone()).start().unwrap();
    let parent = jobs.ask(Work::TrainParent(small_parent()), None).await.unwrap();
    assert_eq!((parent.alias.as_str(), parent.status), (PARENT, Began::Started));
    assert!(matches!(jobs.status("parent").await.unwrap(), Some(Status::Running { .. })));
    let child = jobs.ask(quick("AMZN"), None).await.unwrap();
    assert_eq!(child.status, Began::StartedParent);
    let again = jobs.ask(quick("AMZN"), None).await.unwrap();
    assert_eq!((again.status, again.task_id), (Began::Running, child.task_id.clone()));
    let child = ended(&jobs, &child.task_id).await;
    assert_eq!((child.state, &child.error), (State::Done, &None));
    let parent = jobs.job("parent").await.unwrap().unwrap();
    assert_eq!((parent.state, &parent.error), (State::Done, &None));
    assert!(parent.ended <= child.began);
    assert_eq!(child.result.unwrap()["parent_version"], "^GSPC@1");
    let epochs = story(&jobs, &parent.id).await;
    let epoch = epochs.iter().find(|entry| entry.kind == "epoch").expect("its epochs are told");
    assert!(epoch.body["epoch"] == 1 && epoch.body["pass"] == 1 && epoch.body["train_loss"].is_f64(), "{epoch:?}");
}

/// The parent that is named cannot be read: it is trained, and the child comes after it.
#[tokio::test(flavor = "multi_thread")]
async fn a_missing_parent_is_trained_before_the_child() {
    let (folder, home) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let stockops = Stockops::builder().home(home.path()).build().unwrap();
    let trained = stockops.train_parent(&small_parent(), &mut stockops_core::training::Watch::silent()).unwrap();
    let bundle = home.path().join(format!("registry/^GSPC/{}/bundle.safetensors", trained.version));
    std::fs::write(bundle, b"damaged").unwrap();
    let stockops = Stockops::builder().home(home.path()).build().unwrap();
    let jobs = Jobs::builder(queue(&folder, QueueConfig::default()).await, stockops).workers(0).start().unwrap();
    let child = jobs.ask(quick("AMZN"), None).await.unwrap();
    assert_eq!(child.status, Began::StartedParent);
    let parent = jobs.job("parent").await.unwrap().unwrap();
    assert_eq!((parent.state, parent.work.as_ref().unwrap().kind()), (State::Queued, "train_parent"));
    let second = jobs.ask(quick("GOOGL"), None).await.unwrap();
    assert_eq!(second.status, Began::StartedParent);
    assert_eq!(jobs.list(None, 10).await.unwrap().len(), 3, "one parent for both");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_training_is_cancelled_and_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let config = QueueConfig { lease: Duration::from_secs(2), ..QueueConfig::default() };
    let stockops = Stockops::builder().build().unwrap();
    let jobs = Jobs::builder(queue(&folder, config).await, stockops.clone()).start().unwrap();
    let asked = jobs.ask(long("AMZN"), None).await.unwrap();
    until(async || jobs.job(&asked.task_id).await.unwrap().unwrap().state == State::Running).await;
    jobs.cancel("AMZN").await.unwrap().unwrap();
    let job = ended(&jobs, &asked.task_id).await;
    assert_eq!(job.state, State::Cancelled);
    let json = serde_json::to_value(job.status()).unwrap();
    assert!(json["status"] == "failed" && json["error"] == "it was cancelled", "{json}");
    assert_eq!(stockops.registry().versions(&ticker("AMZN")).unwrap(), []);
    assert_eq!(jobs.cancel("NONE").await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_done_fails_once_and_what_may_pass_as_often_as_is_tried() {
    let folder = tempfile::tempdir().unwrap();
    #[derive(Debug)]
    struct Away(AtomicBool);
    impl stockops_core::BarSource for Away {
        fn bars(&self, ticker: &Ticker) -> stockops_core::Result<stockops_core::Sourced> {
            if ticker.as_str() == "AMZN" && self.0.load(Ordering::Acquire) {
                let source = std::io::Error::other("away");
                return Err(stockops_core::Error::Storage { action: "read", path: "bars".into(), source });
            }
            stockops_core::source::BuiltinSource.bars(ticker)
        }
    }
    impl stockops_core::BarSource for Shared {
        fn bars(&self, ticker: &Ticker) -> stockops_core::Result<stockops_core::Sourced> {
            self.0.bars(ticker)
        }
    }
    #[derive(Debug, Clone)]
    struct Shared(Arc<Away>);
    let source = Shared(Arc::new(Away(AtomicBool::new(false))));
    let stockops = Stockops::builder().source(source.clone()).build().unwrap();
    let config = QueueConfig { backoff: Duration::from_millis(1), ..QueueConfig::default() };
    let queue = queue(&folder, config).await;
    let asking = Jobs::builder(Arc::clone(&queue), stockops.clone()).workers(0).start().unwrap();
    let short = TrainChild { from: "2018-07-01".parse().ok(), ..TrainChild::new(ticker("GOOGL")) };
    let hopeless = asking.ask(Work::TrainChild(short), None).await.unwrap();
    let unlucky = asking.ask(quick("AMZN"), None).await.unwrap();
    let unknown = asking.ask(quick("NOSUCH"), None).await.unwrap_err();
    assert!(matches!(unknown, JobsError::Core(stockops_core::Error::NotFound { .. })), "{unknown}");
    source.0.0.store(true, Ordering::Release);
    let jobs = Jobs::builder(queue, stockops).start().unwrap();
    let hopeless = ended(&jobs, &hopeless.task_id).await;
    assert_eq!((hopeless.state, hopeless.attempts), (State::Failed, 1));
    assert!(hopeless.error.as_deref().is_some_and(|error| error.contains("bars, got")), "{hopeless:?}");
    let unlucky = ended(&jobs, &unlucky.task_id).await;
    assert_eq!((unlucky.state, unlucky.attempts), (State::Failed, 3));
    let json = serde_json::to_value(unlucky.status()).unwrap();
    // The place of the file is for the log.
    assert_eq!(json["error"], "the server could not do it; its log says why");
    assert!(json["failed_at"].is_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_is_its_owners_alone_and_tells_how_it_comes_about() {
    let folder = tempfile::tempdir().unwrap();
    let stockops = Stockops::builder().build().unwrap();
    let analyst = Analyst::builder(stockops.clone()).build().unwrap();
    let queue = queue(&folder, QueueConfig::default()).await;
    let jobs = Jobs::builder(queue, stockops).analyst(analyst).start().unwrap();
    let work = || Work::Analyze(stockops_agents::analyze::Request::new(ticker("AMZN")));
    let (ann, bob) = (jobs.ask(work(), Some("ann")).await.unwrap(), jobs.ask(work(), Some("bob")).await.unwrap());
    assert_ne!(ann.task_id, bob.task_id);
    let job = ended(&jobs, &ann.task_id).await;
    assert_eq!((job.state, &job.error), (State::Done, &None));
    assert!(job.is_open_to(Some("ann")) && !job.is_open_to(Some("bob")) && !job.is_open_to(None));
    assert_eq!(job.result.unwrap()["ticker"], "AMZN");
    let story = story(&jobs, &ann.task_id).await;
    let nodes = story.iter().filter(|entry| entry.kind == "node");
    assert!(nodes.filter_map(|entry| entry.body["node"].as_str()).next().is_some(), "{story:?}");
    let training = jobs.ask(quick("GOOGL"), Some("ann")).await.unwrap();
    assert!(jobs.job(&training.task_id).await.unwrap().unwrap().is_open_to(Some("bob")));
}

/// Who holds the right to train decides whether it is passed: a job that was taken over waits for all but itself and jobs that
/// no worker holds, in both kinds of queue.
#[tokio::test(flavor = "multi_thread")]
async fn a_job_passes_the_right_of_who_was_given_up_and_waits_for_everybody_else() {
    let folder = tempfile::tempdir().unwrap();
    let config = QueueConfig { lease: Duration::from_secs(1), attempts: 10, ..QueueConfig::default() };
    passes_the_given_up_alone(queue(&folder, config.clone()).await).await;
    #[cfg(feature = "redis")]
    {
        let redis = crate::testing::Redis::start();
        let url = redis.config().url;
        let shared = crate::queue::RedisQueue::open(&url, "test", Duration::from_secs(5), config).await;
        passes_the_given_up_alone(Arc::new(shared.unwrap())).await;
    }
}

async fn passes_the_given_up_alone(queue: Arc<dyn Queue>) {
    let stockops = Stockops::builder().build().unwrap();
    let (amzn, googl) = (ticker("AMZN"), ticker("GOOGL"));
    let asking = Jobs::builder(Arc::clone(&queue), stockops.clone()).workers(0).start().unwrap();
    let zombie = |ticker: &Ticker, job: &str| stockops.registry().training_lock_over(ticker, Some(job), &|_| false);

    let first = asking.ask(quick("AMZN"), None).await.unwrap().task_id;
    let _lost = queue.take("a worker that is stopped", &Lane::ALL).await.unwrap().expect("the job waits");
    let held = stockops.registry().training_lock(&amzn).unwrap();
    let jobs = Jobs::builder(Arc::clone(&queue), stockops.clone()).start().unwrap();
    until(async || queue.entries(&first, 0, 100).await.unwrap().iter().any(|entry| entry.body["attempt"] == 2)).await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert!(!jobs.job(&first).await.unwrap().unwrap().state.is_end(), "it was taken over, and waits for the other");
    assert_eq!(stockops.registry().versions(&amzn).unwrap(), []);
    drop(held);
    assert_eq!(ended(&jobs, &first).await.state, State::Done);

    let _ended = zombie(&amzn, &first).unwrap();
    let seed = |seed| TrainChild { seed: Some(seed), ..quick_child("AMZN") };
    let second = jobs.ask(Work::TrainChild(seed(7)), None).await.unwrap().task_id;
    assert_eq!(ended(&jobs, &second).await.state, State::Done, "no worker holds the first job any more");

    jobs.drain(Duration::from_secs(5)).await;
    let third = asking.ask(quick("GOOGL"), None).await.unwrap().task_id;
    let _own = zombie(&googl, &third).unwrap();
    let jobs = Jobs::builder(queue, stockops.clone()).start().unwrap();
    assert_eq!(ended(&jobs, &third).await.state, State::Done, "who had the job before does not hinder it");
    assert_eq!(stockops.registry().versions(&googl).unwrap().len(), 1);
    jobs.drain(Duration::from_secs(5)).await;
}

/// Two servers with one schedule queue a round once, ahead of its time; the round asks for each ticker once.
#[tokio::test(flavor = "multi_thread")]
async fn the_nightly_round_is_queued_once_and_looks_at_every_ticker_once() {
    let folder = tempfile::tempdir().unwrap();
    let queue = queue(&folder, QueueConfig::default()).await;
    let stockops = Stockops::builder().build().unwrap();
    let schedule =
        Schedule { cron: "0 3 29 2 *".into(), tickers: vec![ticker("AMZN"), ticker("GOOGL")], retrain: false };
    let start = || {
        let jobs = Jobs::builder(Arc::clone(&queue), stockops.clone()).workers(0);
        jobs.schedule(Some(schedule.clone())).start().unwrap()
    };
    let (one, other) = (start(), start());
    until(async || !one.list(None, 10).await.unwrap().is_empty()).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    let queued = other.list(None, 10).await.unwrap();
    assert_eq!(queued.len(), 1);
    assert_eq!((queued[0].alias.as_str(), queued[0].lane, queued[0].state), ("nightly", Lane::Nightly, State::Queued));
    let wrong = Jobs::builder(Arc::clone(&queue), stockops.clone())
        .schedule(Some(Schedule { cron: "at noon".into(), ..schedule.clone() }));
    let error = wrong.start().unwrap_err().to_string();
    assert!(error.starts_with("`at noon` is no line of cron: "), "{error}");
    one.drain(Duration::ZERO).await;
    other.drain(Duration::ZERO).await;

    let heard = Arc::new(Heard::default());
    let jobs = Jobs::builder(queue, stockops.clone()).listener(heard.clone()).start().unwrap();
    let round = Work::Nightly { tickers: schedule.tickers, retrain: false };
    let round = ended(&jobs, &jobs.ask(round, None).await.unwrap().task_id).await;
    assert_eq!(round.state, State::Done);
    for word in ["AMZN", "GOOGL"] {
        let name = format!("{word}_monitor");
        until(async || jobs.job(&name).await.unwrap().is_some()).await;
        let id = jobs.job(&name).await.unwrap().unwrap().id;
        let monitor = ended(&jobs, &id).await;
        assert_eq!((monitor.state, monitor.lane, &monitor.error), (State::Done, Lane::Nightly, &None));
        assert_eq!(monitor.result.unwrap()["ticker"], word);
        let last_bar = stockops.bars(&ticker(word)).unwrap().bars.last_day().unwrap();
        let kept = stockops.record().forecasts(&ticker(word)).unwrap();
        assert!(kept.iter().any(|forecast| forecast.last_date == last_bar), "{word} is forecast for the day");
    }
    let forecasts = || heard.0.lock().unwrap().iter().filter(|word| word.starts_with("forecast by ")).count();
    assert_eq!(forecasts(), 2, "one of each ticker");
    let click = jobs.ask(Work::Monitor(MonitorRequest::new(ticker("AMZN"))), None).await.unwrap();
    assert_eq!(ended(&jobs, &click.task_id).await.lane, Lane::Interactive);
    assert_eq!(forecasts(), 2, "a click asks for drift alone");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_queue_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let queue = queue(&folder, QueueConfig { most_queued: 1, ..QueueConfig::default() }).await;
    let jobs = Jobs::builder(queue, Stockops::builder().build().unwrap()).workers(0).start().unwrap();
    jobs.ask(quick("AMZN"), None).await.unwrap();
    let full = jobs.ask(quick("GOOGL"), None).await.unwrap_err();
    assert!(matches!(full, JobsError::Queue(QueueError::Full { most: 1 })), "{full}");
    assert_eq!(jobs.depth().await.unwrap().queued(), 1);
}

#[test]
fn work_is_read_as_it_is_written() {
    let works = [
        quick("AMZN"),
        Work::TrainParent(small_parent()),
        Work::Monitor(MonitorRequest::new(ticker("AMZN"))),
        Work::Analyze(stockops_agents::analyze::Request::new(ticker("AMZN"))),
        Work::Nightly { tickers: vec![ticker("AMZN")], retrain: true },
    ];
    for work in works {
        let json = serde_json::to_value(&work).unwrap();
        assert_eq!(json["kind"], work.kind());
        assert_eq!(serde_json::from_value::<Work>(json).unwrap(), work);
    }
}
