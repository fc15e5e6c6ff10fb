//! `Tasks`: work that is longer than a client waits for.
//!
//! Clients give up a call after a minute. So long work goes on by itself under a name, and a call tells how far it is.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use stockops_core::training::{CancelFlag, Event, Watch};
use tokio::sync::watch;

use super::answer::{Answer, State, TaskAnswer};
use super::house::Problem;
use super::server::Owner;

/// Tasks that may run at once.
const AT_ONCE: usize = 2;

/// Tasks that are remembered.
const REMEMBERED: usize = 50;

/// All tasks of a server.
#[derive(Debug, Clone, Default)]
pub(super) struct Tasks(Arc<Mutex<List>>);

#[derive(Debug, Default)]
struct List {
    begun: usize,
    tasks: Vec<Task>,
}

/// One task.
#[derive(Debug, Clone)]
pub(super) struct Task {
    pub(super) id: String,
    owner: Owner,
    tool: &'static str,
    begun: Instant,
    pub(super) cancel: CancelFlag,
    seen: watch::Receiver<Seen>,
}

/// What is known of a task.
#[derive(Debug, Clone)]
struct Seen {
    message: String,
    end: Option<End>,
    seconds: f64,
}

#[derive(Debug, Clone)]
enum End {
    Done(Answer),
    Failed(Problem),
    Stopped,
}

impl Tasks {
    /// Begin `work` of `owner` on a thread of its own.
    pub(super) fn begin(
        &self,
        owner: &Owner,
        tool: &'static str,
        work: impl FnOnce(&mut Watch<'_>) -> Result<Answer, Problem> + Send + 'static,
    ) -> Result<Task, Problem> {
        let mut list = self.list();
        let running: Vec<&Task> = list.tasks.iter().filter(|task| task.runs()).collect();
        if running.len() >= AT_ONCE {
            let own: Vec<&str> = running.iter().filter(|task| task.owner == *owner).map(|task| &*task.id).collect();
            return Err(match &own[..] {
                [] => "as many tasks as may run at once run already; try again when one of them has ended".into(),
                own => format!(
                    "{} run already; wait for one of them to end, or stop it with `task` and `stop`",
                    own.join(" and ")
                ),
            });
        }
        list.begun += 1;
        let (told, seen) = watch::channel(Seen { message: "begins".into(), end: None, seconds: 0.0 });
        let (id, cancel, begun) = (format!("{tool}-{}", list.begun), CancelFlag::default(), Instant::now());
        let task = Task { id: id.clone(), owner: owner.clone(), tool, begun, cancel: cancel.clone(), seen };
        let thread = std::thread::Builder::new().name(id);
        thread
            .spawn(move || run(&told, begun, cancel, work))
            .map_err(|error| format!("no thread for the work ({error}); try again when less runs"))?;
        list.tasks.push(task.clone());
        list.forget();
        Ok(task)
    }

    /// The task of `tool` with this name that `owner` began.
    pub(super) fn find(&self, owner: &Owner, tool: &str, id: &str) -> Result<Task, Problem> {
        let list = self.list();
        let own = || list.tasks.iter().filter(|task| task.tool == tool && task.owner == *owner);
        own().find(|task| task.id == id).cloned().ok_or_else(|| {
            let known: Vec<&str> = own().map(|task| &*task.id).collect();
            let known =
                if known.is_empty() { "there is none yet".into() } else { format!("there are {}", known.join(", ")) };
            format!("no task of {tool} named {id}; {known}; begin one with a ticker")
        })
    }

    /// Stop all that runs, and wait a little until it has ended.
    pub(super) fn stop_all(&self) {
        let running: Vec<Task> = self.list().tasks.iter().filter(|task| task.runs()).cloned().collect();
        running.iter().for_each(|task| task.cancel.cancel());
        let patience = Instant::now() + Duration::from_millis(1500);
        while running.iter().any(Task::runs) && Instant::now() < patience {
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn list(&self) -> MutexGuard<'_, List> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl List {
    /// Forget the oldest tasks that have ended.
    fn forget(&mut self) {
        while self.tasks.len() > REMEMBERED {
            let Some(place) = self.tasks.iter().position(|task| !task.runs()) else { return };
            self.tasks.remove(place);
        }
    }
}

impl Task {
    fn runs(&self) -> bool {
        self.seen.borrow().end.is_none()
    }

    /// Wait until something changes, or so long.
    pub(super) async fn changed(&mut self, patience: Duration) {
        // A thread that is gone has told its end before.
        let _ = tokio::time::timeout(patience, self.seen.changed()).await;
    }

    /// Seconds since it began, and what it does; nothing where it has ended.
    pub(super) fn running(&self) -> Option<(f64, String)> {
        let seen = self.seen.borrow();
        seen.end.is_none().then(|| (self.begun.elapsed().as_secs_f64(), seen.message.clone()))
    }

    /// Where it is, or what came of it.
    pub(super) fn answer(&self) -> Result<Answer, Problem> {
        let Seen { message, end, seconds } = self.seen.borrow().clone();
        let seconds = if end.is_none() { self.begun.elapsed().as_secs_f64() } else { seconds };
        let task = |state, message| TaskAnswer { id: self.id.clone(), state, message, seconds };
        Ok(match end {
            None if self.cancel.is_cancelled() => {
                task(State::Running, "is being stopped".into()).answer(self.tool, None)
            }
            None => task(State::Running, message).answer(self.tool, None),
            Some(End::Done(answer)) => task(State::Done, "done".into()).answer(self.tool, Some(answer)),
            Some(End::Stopped) => task(State::Stopped, "stopped; nothing was written".into()).answer(self.tool, None),
            Some(End::Failed(problem)) => return Err(format!("{}: {problem}", self.id)),
        })
    }
}

/// Do the work and tell how it goes and ends, a panic among the ways to end.
fn run(
    told: &watch::Sender<Seen>,
    begun: Instant,
    cancel: CancelFlag,
    work: impl FnOnce(&mut Watch<'_>) -> Result<Answer, Problem>,
) {
    let mut watch = Watch::new(|event| tell(told, &event)).with_cancel(cancel.clone());
    let end = match catch_unwind(AssertUnwindSafe(|| work(&mut watch))) {
        Ok(Ok(answer)) => End::Done(answer),
        Ok(Err(_)) if cancel.is_cancelled() => End::Stopped,
        Ok(Err(problem)) => End::Failed(problem),
        Err(_) => End::Failed("the work broke off; the log of the server says where".into()),
    };
    let seconds = begun.elapsed().as_secs_f64();
    told.send_modify(|seen| *seen = Seen { message: "ended".into(), end: Some(end), seconds });
}

fn tell(told: &watch::Sender<Seen>, event: &Event<'_>) {
    match event {
        Event::Stage(stage) => told.send_modify(|seen| seen.message = (*stage).to_owned()),
        Event::Epoch(epoch) => told.send_modify(|seen| {
            let stage = seen.message.split(", epoch").next().unwrap_or_default().to_owned();
            seen.message = format!("{stage}, epoch {}", epoch.epoch);
        }),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn done() -> Result<Answer, Problem> {
        Ok(Answer { words: "the answer".into(), json: serde_json::json!({"n": 1}) })
    }

    fn until_stopped(watch: &mut Watch<'_>) -> Result<Answer, Problem> {
        while watch.tell(Event::Stage("turns")).is_ok() {
            std::thread::sleep(Duration::from_millis(1));
        }
        Err("stopped".into())
    }

    async fn ended(task: &mut Task) {
        while task.runs() {
            task.changed(Duration::from_secs(5)).await;
        }
    }

    #[tokio::test]
    async fn a_task_says_what_came_of_it_as_often_as_it_is_asked() {
        let tasks = Tasks::default();
        let mut task = tasks.begin(&Owner::default(), "train", |_| done()).unwrap();
        ended(&mut task).await;
        for _ in 0..2 {
            let answer = tasks.find(&Owner::default(), "train", "train-1").unwrap().answer().unwrap();
            assert!(answer.words.ends_with("the answer"), "{}", answer.words);
            assert_eq!((&answer.json["task"]["state"], &answer.json["result"]["n"]), (&"done".into(), &1.into()));
        }
        let error = tasks.find(&Owner::default(), "backtest", "train-1").unwrap_err();
        assert_eq!(error, "no task of backtest named train-1; there is none yet; begin one with a ticker");
    }

    #[tokio::test]
    async fn a_task_is_stopped_and_a_third_does_not_begin_beside_two() {
        let tasks = Tasks::default();
        let mut first = tasks.begin(&Owner::default(), "train", until_stopped).unwrap();
        tasks.begin(&Owner::default(), "backtest", until_stopped).unwrap();
        let error = tasks.begin(&Owner::default(), "train", |_| done()).unwrap_err();
        assert!(error.starts_with("train-1 and backtest-2 run already"), "{error}");
        first.cancel.cancel();
        ended(&mut first).await;
        assert_eq!(first.answer().unwrap().json["task"]["state"], "stopped");
        tasks.begin(&Owner::default(), "train", |_| done()).unwrap();
        tasks.stop_all();
        assert!(tasks.list().tasks.iter().all(|task| !task.runs()));
    }

    #[tokio::test]
    async fn a_task_is_its_owners_alone() {
        let tasks = Tasks::default();
        let [anna, bert] = ["key:1", "key:2"].map(|name| Owner(name.into()));
        let task = tasks.begin(&anna, "train", until_stopped).unwrap();
        tasks.begin(&anna, "train", until_stopped).unwrap();
        assert!(tasks.find(&anna, "train", "train-1").is_ok());
        let error = tasks.find(&bert, "train", "train-1").unwrap_err();
        assert_eq!(error, "no task of train named train-1; there is none yet; begin one with a ticker");
        let error = tasks.begin(&bert, "train", |_| done()).unwrap_err();
        assert!(error.starts_with("as many tasks as may run at once") && !error.contains(&task.id), "{error}");
        tasks.stop_all();
    }

    #[tokio::test]
    async fn what_breaks_off_is_an_error_of_the_task_and_of_nothing_else() {
        let tasks = Tasks::default();
        let mut task = tasks.begin(&Owner::default(), "train", |_| panic!("at the third epoch")).unwrap();
        ended(&mut task).await;
        assert_eq!(task.answer().unwrap_err(), "train-1: the work broke off; the log of the server says where");
        assert!(tasks.begin(&Owner::default(), "train", |_| done()).is_ok());
    }

    #[test]
    fn the_oldest_that_have_ended_are_forgotten() {
        let tasks = Tasks::default();
        for _ in 0..REMEMBERED + 3 {
            tasks.begin(&Owner::default(), "train", |_| done()).unwrap();
            tasks.stop_all();
        }
        assert_eq!(tasks.list().tasks.len(), REMEMBERED);
        assert!(
            tasks.find(&Owner::default(), "train", "train-3").is_err()
                && tasks.find(&Owner::default(), "train", "train-4").is_ok()
        );
    }
}
