//! The drift monitor on simulated bars whose truth is known; `benches/drift` has the whole table.

#[path = "simulated/market.rs"]
mod market;
#[path = "simulated/model.rs"]
mod model;

use market::{Change, Process, simulate};
use proptest::prelude::*;
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

/// A wild month that fades: days between the level that ends an episode and the one that begins it.
fn fading(seed: u64, process: Process, days: usize) -> Bars {
    let wild = simulate(seed, process, Change::Volatility(2.0), HISTORY + days, HISTORY + 20);
    let calm = simulate(seed, process, Change::None, HISTORY + days, usize::MAX);
    let end = HISTORY + 50;
    let scale = wild.as_slice()[end - 1].close / calm.as_slice()[end - 1].close;
    let after = calm.as_slice()[end..].iter().map(|bar| Bar {
        open: bar.open * scale,
        high: bar.high * scale,
        low: bar.low * scale,
        close: bar.close * scale,
        ..*bar
    });
    Bars::new(wild.ticker().clone(), wild.as_slice()[..end].iter().copied().chain(after).collect()).unwrap()
}

/// Without what the trail shows.
fn verdict(report: DriftReport) -> DriftReport {
    DriftReport { trail: Vec::new(), ..report }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    /// The answer of a day depends neither on the days that are shown nor on bars older than the settled ones.
    #[test]
    fn neither_the_trail_nor_older_bars_change_an_answer(
        seed in 0u64..50,
        process in prop_oneof![Just(Process::Iid), Just(Process::Garch), Just(Process::Stochastic)],
        ahead in 30usize..200,
        shown in 1usize..600,
        older in 0usize..600,
    ) {
        let bars = fading(seed, process, 200);
        let track = model::track(&bars, HISTORY);
        let bars = first(&bars, HISTORY + ahead);
        let last = bars.last_day().unwrap();
        let outcomes = track.outcomes.iter().filter(|outcome| outcome.day <= last).cloned().collect();
        let track = TrackRecord { since: track.since, outcomes };
        let monitor = monitor(&bars);
        let whole = monitor.clone().with_trail(600).report(&bars, Some(&track), Default::default());
        let other = monitor.clone().with_trail(shown).report(&bars, Some(&track), Default::default());
        prop_assert_eq!(&other.trail[..], &whole.trail[600 - shown..]);
        prop_assert_eq!(verdict(other), verdict(whole.clone()));
        let settled = bars.last(DriftMonitor::SETTLED_BARS + older);
        let other = monitor.with_trail(shown).report(&settled, Some(&track), Default::default());
        prop_assert_eq!(verdict(other), verdict(whole));
    }
}

/// An alarm that stands because the level was reached before the only day that is shown.
#[test]
fn a_setting_of_the_display_changes_no_verdict() {
    let mut inside = 0;
    for seed in 0..4 {
        let bars = fading(seed, Process::Iid, 120);
        let monitor = monitor(&bars);
        let trail = monitor.clone().with_trail(120).report(&bars, None, Default::default()).trail;
        for (day, count) in trail.iter().zip(HISTORY + 1..) {
            let report = monitor.clone().with_trail(1).report(&first(&bars, count), None, Default::default());
            assert_eq!(report.health, Some(day.health), "seed {seed}, {}", day.day);
            inside += usize::from(day.health == Health::Degraded && day.data < 1.0);
        }
    }
    assert!(inside > 10, "{inside} days on which only the days before say that the episode goes on");
}

#[test]
fn a_setting_of_the_display_changes_no_retraining() {
    let bars = simulate(6, Process::Iid, Change::None, HISTORY + 200, usize::MAX);
    let mut track = model::track(&bars, HISTORY);
    // The interval of the close misses each of the last ten sessions.
    let missed = track.outcomes.len() - 10;
    for outcome in &mut track.outcomes[missed..] {
        outcome.fields.get_mut(&stockops_core::forecast::Field::Close).unwrap().covered = Some(false);
    }
    let retrain = |shown| monitor(&bars).with_trail(shown).report(&bars, Some(&track), Default::default()).retrain;
    assert!(retrain(250).wanted, "{}", retrain(250).reason);
    assert_eq!(retrain(1), retrain(250));
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

/// A child whose history is too short has its parent's reference: the report is made, and says so.
#[test]
fn bars_of_another_ticker_than_the_references_are_named() {
    let bars = simulate(9, Process::Garch, Change::None, HISTORY, usize::MAX);
    let other = Bars::new("OTHER".parse().unwrap(), bars.as_slice().to_vec()).unwrap();
    let summary = |bars: &Bars| monitor(&other).report(bars, None, Default::default()).summary;
    assert!(summary(&bars).ends_with(" What is usual was learned from OTHER, not from SIM."), "{}", summary(&bars));
    assert!(!summary(&other).contains("What is usual"), "{}", summary(&other));
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
fn the_policy_says_why_there_is_nothing_to_do() {
    let (mut report, sessions) = lost(5);
    let reason = |report: &DriftReport| RetrainPolicy::default().decide(report, &sessions, &[], &[]).reason;
    for test in &mut report.tests {
        test.alarm = false;
    }
    for (health, text) in [
        (Health::Critical, "the bars look broken: check them; training on them would learn the fault"),
        (Health::Degraded, "the data are unusual, but the model has lost neither coverage nor skill"),
        (Health::Healthy, "nothing was lost"),
    ] {
        report.health = Some(health);
        assert_eq!(reason(&report), text);
    }
    report.status = Status::Skipped;
    assert_eq!(reason(&report), "nothing was tested");
}

/// What has been lost for the longest counts.
#[test]
fn the_first_loss_counts_for_confirmation() {
    let (mut report, sessions) = lost(1);
    let skill = report.tests.iter_mut().find(|test| test.name == "skill_range").unwrap();
    (skill.alarm, skill.since) = (true, Some(sessions[sessions.len() - 4]));
    let decided = RetrainPolicy::default().decide(&report, &sessions, &[], &[]);
    assert!(decided.wanted);
    let text = format!("coverage of close and skill of range lost since {}", sessions[sessions.len() - 4]);
    assert_eq!(decided.reason, text);
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
