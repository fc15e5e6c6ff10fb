//! The drift monitor on simulated bars whose truth is known; `benches/drift` has the whole table.

#[path = "simulated/market.rs"]
mod market;
#[path = "simulated/model.rs"]
mod model;

use market::{Change, Process, simulate};
use stockops_core::drift::{
    DriftMonitor, DriftReport, Health, Kind, Reference, RetrainPolicy, Status, TrackRecord, TrailDay, Watched, reports,
};
use stockops_core::{Bar, Bars, Error};

const HISTORY: usize = 1_500;

fn first(bars: &Bars, count: usize) -> Bars {
    Bars::new(bars.ticker().clone(), bars.as_slice()[..count].to_vec()).unwrap()
}

fn monitor(bars: &Bars) -> DriftMonitor {
    DriftMonitor::new(Reference::of(&first(bars, HISTORY)).unwrap())
}

fn report(bars: &Bars, track: &TrackRecord) -> DriftReport {
    monitor(bars).with_trail(bars.len() - HISTORY).report(bars, Some(track), Default::default())
}

fn trail(seed: u64, process: Process, change: Change, days: usize, from: usize) -> Vec<TrailDay> {
    let bars = simulate(seed, process, change, HISTORY + days, HISTORY + from);
    report(&bars, &model::track(&bars, HISTORY)).trail
}

fn begins(trail: &[TrailDay], health: Health) -> usize {
    let is_alarm = |day: &TrailDay| day.health >= health;
    usize::from(is_alarm(&trail[0])) + trail.windows(2).filter(|pair| !is_alarm(&pair[0]) && is_alarm(&pair[1])).count()
}

/// The promise of the monitor, on 10 paths of 1,500 days a process: 60 times 250 days.
#[test]
fn where_nothing_changes_an_episode_begins_at_most_once_in_250_days() {
    for process in [Process::Iid, Process::Garch, Process::Stochastic] {
        let trails: Vec<_> = (0..10).map(|seed| trail(seed, process, Change::None, 1_500, usize::MAX / 2)).collect();
        let count = |health| trails.iter().map(|trail| begins(trail, health)).sum::<usize>();
        let (critical, any) = (count(Health::Critical), count(Health::Degraded));
        assert!(critical <= 60 && any <= 60, "{process:?}: {critical} critical of {any} episodes in 60 x 250 days");
    }
}

/// How often in 10 paths an episode begins within 63 days of a change, among those that were not in one.
fn found(process: Process, change: Change, health: Health) -> (usize, usize) {
    let quiet = 100;
    let trails = (0..10).map(|seed| trail(500 + seed, process, change, quiet + 63, quiet));
    let open: Vec<_> = trails.filter(|trail| trail[quiet - 1].health < health).collect();
    (open.iter().filter(|trail| trail[quiet..].iter().any(|day| day.health >= health)).count(), open.len())
}

#[test]
fn changes_are_found() {
    for (process, change, health) in [
        (Process::Iid, Change::Mean(1.0), Health::Degraded),
        (Process::Iid, Change::Volatility(1.5), Health::Degraded),
        (Process::Iid, Change::Volume(2.0), Health::Degraded),
        (Process::Iid, Change::Tail, Health::Degraded),
        (Process::Garch, Change::Volatility(3.0), Health::Critical),
        (Process::Garch, Change::Mean(1.0), Health::Degraded),
    ] {
        let (found, of) = found(process, change, health);
        assert!(of >= 5 && 10 * found >= 8 * of, "{process:?} {change:?}: {found} of {of}");
    }
}

#[test]
fn what_was_said_of_the_past_does_not_change_with_the_future() {
    let bars = simulate(7, Process::Garch, Change::Volatility(2.0), HISTORY + 120, HISTORY + 60);
    let track = model::track(&bars, HISTORY);
    let whole = report(&bars, &track);
    for count in [1, 30, 60, 75, 119] {
        let known = first(&bars, HISTORY + count);
        let last = known.last_day().unwrap();
        let outcomes = track.outcomes.iter().filter(|outcome| outcome.day <= last).cloned().collect();
        let then = report(&known, &TrackRecord { since: track.since, outcomes });
        assert_eq!(then.trail[..], whole.trail[..count], "day {count}");
        assert_eq!(then.health, Some(whole.trail[count - 1].health));
    }
}

#[test]
fn prices_in_another_currency_and_volumes_in_lots_are_the_same_to_it() {
    let bars = simulate(3, Process::Garch, Change::None, HISTORY + 30, usize::MAX);
    let scaled = bars.iter().map(|bar| Bar {
        open: bar.open * 64.0,
        high: bar.high * 64.0,
        low: bar.low * 64.0,
        close: bar.close * 64.0,
        volume: bar.volume / 128.0,
        ..*bar
    });
    let scaled = Bars::new(bars.ticker().clone(), scaled.collect()).unwrap();
    let [own, other] = [&bars, &scaled].map(|bars| monitor(bars).report(bars, None, Default::default()));
    for (own, other) in own.tests.iter().zip(&other.tests) {
        // Logs of scaled numbers differ in the last bits.
        assert!((own.statistic.unwrap() - other.statistic.unwrap()).abs() < 1e-9, "{}", own.name);
        assert_eq!((own.alarm, &own.words), (other.alarm, &other.words));
    }
}

#[test]
fn few_rows_are_skipped_with_the_reason() {
    let bars = simulate(1, Process::Iid, Change::None, HISTORY, usize::MAX);
    let monitor = monitor(&bars);
    let report = monitor.report(&bars.last(145), None, Default::default());
    assert_eq!((report.status, report.health), (Status::Skipped, None));
    assert_eq!(report.reason.as_deref(), Some("drift of SIM needs at least 146 bars, got 145"));
    assert!(!report.retrain.wanted);
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!((json["status"].as_str(), json["health"].is_null()), (Some("skipped"), true));
    assert_eq!(monitor.report(&bars.last(146), None, Default::default()).status, Status::Ok);
    let error = Reference::of(&bars.last(645)).unwrap_err();
    assert!(matches!(error, Error::TooShort { needed: 646, got: 645, .. }), "{error}");
    assert!(Reference::of(&bars.last(646)).is_ok());
}

#[test]
fn the_json_has_the_contracts_keys_and_comes_back() {
    let bars = simulate(2, Process::Garch, Change::Volume(3.0), HISTORY + 40, HISTORY + 20);
    let track = model::track(&bars, HISTORY);
    let report = monitor(&bars).report(&bars, Some(&track), Default::default());
    let json = serde_json::to_value(&report).unwrap();
    for key in [
        "status",
        "health",
        "drift_score",
        "volatility_index",
        "feature_metrics",
        "timestamp",
        "ticker",
        "legacy",
        "retrain",
    ] {
        assert!(!json[key].is_null(), "{key}");
    }
    assert_eq!(json["timestamp"], "1970-01-01T00:00:00Z");
    for key in ["ref_mean", "curr_mean", "shift_score"] {
        assert!(json["feature_metrics"]["Volume"][key].is_number(), "{key}");
    }
    for test in json["tests"].as_array().unwrap() {
        for key in ["name", "statistic", "threshold", "p", "direction", "words", "alarm"] {
            assert!(test.get(key).is_some(), "{key}");
        }
    }
    let volume = report.tests.iter().find(|test| test.name == "volume").unwrap();
    assert!(volume.alarm && volume.statistic > volume.threshold && volume.p < Some(0.01), "{volume:?}");
    assert!(
        volume.words.starts_with("volume is ") && volume.words.contains(" times that of the 105 days before (unusual")
    );
    assert_eq!(serde_json::from_value::<DriftReport>(json).unwrap(), report);
}

#[test]
fn a_split_that_was_not_adjusted_is_a_fault_in_the_bars_and_no_reason_to_train() {
    let bars = simulate(4, Process::Garch, Change::None, HISTORY + 60, usize::MAX);
    let split = bars.as_slice()[HISTORY + 50].date;
    let raw = bars.iter().map(|bar| {
        let by = if bar.date < split { 20.0 } else { 1.0 };
        Bar { open: bar.open * by, high: bar.high * by, low: bar.low * by, close: bar.close * by, ..*bar }
    });
    let raw = Bars::new(bars.ticker().clone(), raw.collect()).unwrap();
    let report = monitor(&bars).report(&raw, None, Default::default());
    assert_eq!(report.health, Some(Health::Critical));
    assert!(
        report.summary.starts_with("The bars look broken, check them: volatility of returns is "),
        "{}",
        report.summary
    );
    assert_eq!(report.retrain.reason, "the bars look broken: check them; training on them would learn the fault");
    assert!(!report.retrain.wanted);
}

#[test]
fn unknown_volume_is_said_and_not_guessed() {
    let bars = simulate(5, Process::Iid, Change::None, HISTORY + 30, usize::MAX);
    let mute = bars.iter().map(|bar| Bar { volume: 0.0, ..*bar }).collect();
    let mute = Bars::new(bars.ticker().clone(), mute).unwrap();
    let report = monitor(&mute).report(&mute, None, Default::default());
    let volume = report.tests.iter().find(|test| test.name == "volume").unwrap();
    assert_eq!((volume.statistic, volume.alarm), (None, false));
    assert_eq!(volume.words, "volume is unknown on most days, now or in the reference");
}

#[test]
fn many_at_once_are_the_same_as_one_after_the_other() {
    let all: Vec<Bars> = (0..6).map(|seed| simulate(seed, Process::Iid, Change::None, HISTORY, usize::MAX)).collect();
    let monitors: Vec<DriftMonitor> = all.iter().map(monitor).collect();
    let watched: Vec<Watched<'_>> =
        monitors.iter().zip(&all).map(|(monitor, bars)| Watched { monitor, bars, track: None }).collect();
    let single: Vec<DriftReport> = watched.iter().map(|w| w.monitor.report(w.bars, None, Default::default())).collect();
    assert_eq!(reports(&watched, Default::default()), single);
}

/// A report whose coverage of the close is lost since `lost` sessions before the end of 200.
fn lost(lost: usize) -> (DriftReport, Vec<chrono::NaiveDate>) {
    let bars = simulate(6, Process::Iid, Change::None, HISTORY, usize::MAX);
    let sessions: Vec<_> = bars.iter().map(|bar| bar.date).collect();
    let track = model::track(&bars, HISTORY - 1);
    let mut report = monitor(&bars).report(&bars, Some(&track), Default::default());
    for test in &mut report.tests {
        test.alarm = test.name == "coverage_close";
        test.since = test.alarm.then(|| sessions[sessions.len() - 1 - lost]);
    }
    assert_eq!(report.alarms(Kind::Concept).count(), 1);
    report.health = Some(Health::Critical);
    (report, sessions)
}

#[test]
fn the_policy_waits_for_confirmation_cool_down_and_budget() {
    let policy = RetrainPolicy::default();
    let (report, sessions) = lost(1);
    let ago = |count: usize| sessions[sessions.len() - 1 - count];
    let decide = |report: &DriftReport, trained: &[_], rolled: &[_]| policy.decide(report, &sessions, trained, rolled);
    let no = |reason: String| stockops_core::drift::Retrain { wanted: false, reason };
    let text = "coverage of close lost for 2 of the 3 sessions that are waited for";
    assert_eq!(decide(&report, &[], &[]), no(text.into()));
    let (report, _) = lost(2);
    assert!(decide(&report, &[], &[]).wanted);
    assert_eq!(decide(&report, &[], &[]).reason, format!("coverage of close lost since {}", ago(2)));
    let text =
        |what: &str| format!("coverage of close lost, but the last {what} is 19 sessions ago: 20 are waited for");
    assert_eq!(decide(&report, &[ago(19)], &[]), no(text(&format!("retraining, of {},", ago(19)))));
    assert_eq!(decide(&report, &[ago(60)], &[ago(19)]), no(text(&format!("rollback, of {},", ago(19)))));
    assert!(decide(&report, &[ago(20)], &[]).wanted);
    let text = "coverage of close lost, but 2 retrainings in 90 days are all that is allowed";
    assert_eq!(decide(&report, &[ago(50), ago(25)], &[]), no(text.into()));
    assert!(decide(&report, &[ago(70), ago(25)], &[]).wanted);
}

#[test]
fn no_more_is_said_of_the_model_than_was_scored() {
    let bars = simulate(8, Process::Iid, Change::None, HISTORY + 30, usize::MAX);
    let whole = model::track(&bars, HISTORY);
    let summary = |track: Option<&TrackRecord>| monitor(&bars).report(&bars, track, Default::default()).summary;
    assert!(summary(None).ends_with("Too few forecasts have been scored to know of the model."));
    let young = whole.outcomes.iter().filter(|outcome| outcome.day > whole.since).cloned().collect();
    let young = summary(Some(&TrackRecord { since: whole.since, outcomes: young }));
    let text = "The model's intervals still cover; 30 scored forecasts are too few to speak of its skill.";
    assert!(young.ends_with(text), "{young}");
    let text = "The model's intervals still cover, and it is no worse than a simple rule (30 scored).";
    assert!(summary(Some(&whole)).ends_with(text));
}
