//! What every tracker promises.

use chrono::{DateTime, Duration, Utc};

use super::{Batch, Number, Point, Run, RunId, RunStatus, Tracker};

/// Check every promise of [`Tracker`] on one without runs; each implementation calls this from its own test.
///
/// # Panics
///
/// When a promise is broken, which is what a test wants.
pub fn conformance(tracker: &dyn Tracker) {
    an_unknown_run_is_not_found(tracker);
    a_run_comes_back(tracker);
    what_is_said_twice_is_said_once(tracker);
    what_is_no_number_comes_back(tracker);
    a_parameter_keeps_its_first_value(tracker);
    files_come_back(tracker);
    hundreds_of_epochs_come_back_in_order(tracker);
    the_latest_run_is_the_first(tracker);
}

fn noon() -> DateTime<Utc> {
    "2024-05-01T12:00:00Z".parse().unwrap()
}

fn after(seconds: i64) -> DateTime<Utc> {
    noon() + Duration::seconds(seconds)
}

fn begun(tracker: &dyn Tracker, name: &str) -> Run {
    let mut run = Run::begun(RunId::new(noon()), name, noon());
    run.tags.insert("ticker".into(), "^GSPC".into());
    tracker.begin(&run).unwrap();
    run
}

fn an_unknown_run_is_not_found(tracker: &dyn Tracker) {
    let id = RunId::new(noon());
    let missing = |error: crate::Error| assert_eq!(error.kind(), "not_found", "{error}");
    missing(tracker.run(&id).unwrap_err());
    missing(tracker.points(&id).unwrap_err());
    missing(tracker.log(&id, &Batch::default().tag("a", 1)).unwrap_err());
    missing(tracker.keep(&id, "a.json", b"{}").unwrap_err());
    missing(tracker.end(&id, RunStatus::Finished, noon()).unwrap_err());
    missing(tracker.artifact(&id, "a.json").unwrap_err());
}

fn a_run_comes_back(tracker: &dyn Tracker) {
    let mut run = begun(tracker, "comes back");
    let id = run.run_id.clone();
    assert_eq!(tracker.run(&id).unwrap(), run);
    let third = 0.1 + 0.2; // not a short decimal: it must come back to the last bit
    let batch = Batch::default().param("seed", 42).tag("ticker", "GOOG").point("train_loss", third, 1, after(1));
    tracker.log(&id, &batch).unwrap();
    tracker.log(&id, &Batch::default().point("train_loss", 0.25, 2, after(2))).unwrap();
    run.params.insert("seed".into(), "42".into());
    run.tags.insert("ticker".into(), "GOOG".into());
    run.metrics.insert("train_loss".into(), Number(0.25));
    assert_eq!(tracker.run(&id).unwrap(), run);
    tracker.end(&id, RunStatus::Finished, after(3)).unwrap();
    let ended = Run { status: RunStatus::Finished, ended: Some(after(3)), ..run };
    assert_eq!(tracker.run(&id).unwrap(), ended);
    let point = |value, step| Point {
        metric: "train_loss".into(),
        value: Number(value),
        step,
        time: after(step as i64).timestamp_millis(),
    };
    assert_eq!(tracker.points(&id).unwrap(), [point(third, 1), point(0.25, 2)]);
}

fn what_is_said_twice_is_said_once(tracker: &dyn Tracker) {
    let run = begun(tracker, "twice");
    tracker.begin(&run).unwrap();
    let batch = Batch::default().param("seed", 1).tag("a", "b").point("loss", f64::NAN, 1, noon()).point(
        "loss",
        2.0,
        2,
        noon(),
    );
    for _ in 0..3 {
        tracker.log(&run.run_id, &batch).unwrap();
    }
    assert_eq!(tracker.points(&run.run_id).unwrap(), batch.points);
    for _ in 0..2 {
        tracker.end(&run.run_id, RunStatus::Failed, after(9)).unwrap();
    }
    let found = tracker.run(&run.run_id).unwrap();
    assert_eq!((found.status, found.ended), (RunStatus::Failed, Some(after(9))));
    assert_eq!(tracker.points(&run.run_id).unwrap(), batch.points);
    assert_eq!(tracker.ids().unwrap().iter().filter(|id| **id == run.run_id).count(), 1);
}

fn what_is_no_number_comes_back(tracker: &dyn Tracker) {
    let id = begun(tracker, "diverges").run_id;
    let words = ["nan", "up", "down"];
    let values = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY];
    let batch =
        words.iter().zip(values).fold(Batch::default(), |batch, (word, value)| batch.point(word, value, 1, noon()));
    tracker.log(&id, &batch).unwrap();
    let run = tracker.run(&id).unwrap();
    for (word, value) in words.iter().zip(values) {
        assert_eq!(run.metrics[*word], Number(value), "{word}");
    }
}

fn a_parameter_keeps_its_first_value(tracker: &dyn Tracker) {
    let id = begun(tracker, "changes its mind").run_id;
    tracker.log(&id, &Batch::default().param("seed", 1)).unwrap();
    tracker.log(&id, &Batch::default().param("seed", 2).param("epochs", 3)).unwrap();
    let params = tracker.run(&id).unwrap().params;
    assert_eq!((params["seed"].as_str(), params["epochs"].as_str()), ("1", "3"));
}

fn files_come_back(tracker: &dyn Tracker) {
    let id = begun(tracker, "files").run_id;
    let bytes: Vec<u8> = (0..=255).collect();
    tracker.keep(&id, "bundle.safetensors", &bytes).unwrap();
    tracker.keep(&id, "evaluation.json", b"{}").unwrap();
    tracker.keep(&id, "evaluation.json", b"[]").unwrap();
    assert!(tracker.keep(&id, "../evaluation.json", b"[]").is_err());
    assert_eq!(tracker.artifact(&id, "bundle.safetensors").unwrap(), bytes);
    assert_eq!(tracker.artifact(&id, "evaluation.json").unwrap(), b"[]");
    assert_eq!(tracker.run(&id).unwrap().artifacts, ["bundle.safetensors", "evaluation.json"]);
    assert_eq!(tracker.artifact(&id, "other").unwrap_err().kind(), "not_found");
}

fn hundreds_of_epochs_come_back_in_order(tracker: &dyn Tracker) {
    let id = begun(tracker, "long").run_id;
    let epoch = |batch: Batch, step: u64| {
        let loss = 1.0 / step as f64;
        batch.point("train_loss", loss, step, after(step as i64)).point(
            "val_loss",
            2.0 * loss,
            step,
            after(step as i64),
        )
    };
    let all = (1..=1_200).fold(Batch::default(), epoch);
    tracker.log(&id, &all).unwrap();
    let found = tracker.points(&id).unwrap();
    for metric in ["train_loss", "val_loss"] {
        let of = |points: &[Point]| points.iter().filter(|point| point.metric == metric).cloned().collect::<Vec<_>>();
        assert_eq!(of(&found), of(&all.points));
    }
}

fn the_latest_run_is_the_first(tracker: &dyn Tracker) {
    let later = after(86_400);
    let run = Run::begun(RunId::new(later), "later", later);
    tracker.begin(&run).unwrap();
    let ids = tracker.ids().unwrap();
    assert_eq!(ids[0], run.run_id);
    assert!(ids.len() >= 6 && ids.is_sorted_by(|one, other| one >= other), "{ids:?}");
}
