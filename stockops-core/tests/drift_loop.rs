//! The loop with small networks on simulated bars: forecast, record, drift, challenger, gate, champion, rollback.

use chrono::NaiveDate;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use stockops_core::drift::{DriftReport, Health, Kind, Outcome};
use stockops_core::forecast::Field;
use stockops_core::pipeline::{
    ChildConfig, MonitorConfig, MonitorReport, Parent, ParentConfig, drift, drift_of, find_parent, monitor, parent_id,
    predict, publish, rollback, settle, track, train_child, train_parent, zero_shot,
};
use stockops_core::record::{Decision, KeptForecast, Settle, Verdict};
use stockops_core::registry::VersionId;
use stockops_core::source::builtin_bars;
use stockops_core::tracking::{MemoryTracker, RunStatus};
use stockops_core::training::{CancelFlag, TrainConfig, Watch};
use stockops_core::{
    Bar, Bars, Device, Error, ForecastRecord, MemoryRecord, MemoryRegistry, ModelRegistry, NetworkSizes, Recipe,
    Result, Stockops, Ticker, Tracker,
};

/// Bars of a stock whose volume becomes erratic at bar `change`.
fn stock(count: usize, change: usize) -> Bars {
    let mut rng = ChaCha8Rng::seed_from_u64(11);
    let mut normal =
        move || (-2.0 * (1.0 - rng.random::<f64>()).ln()).sqrt() * (std::f64::consts::TAU * rng.random::<f64>()).cos();
    let first: NaiveDate = "2004-01-01".parse().unwrap();
    let mut last = 50.0f64;
    let bar = |(i, date): (usize, NaiveDate)| {
        let close = last * (0.01 * normal()).exp();
        let high = last.max(close) * (0.004 * (1.0 + normal().abs())).exp();
        let low = last.min(close) / (0.004 * (1.0 + normal().abs())).exp();
        let volume = (14.0 + if i < change { 0.2 } else { 1.0 } * normal()).exp();
        let open = std::mem::replace(&mut last, close);
        Bar { date, open, high, low, close, volume }
    };
    use chrono::Datelike;
    let days = first.iter_days().filter(|day| day.weekday().number_from_monday() < 6).take(count);
    Bars::new(Ticker::new("SIM").unwrap(), days.enumerate().map(bar).collect()).unwrap()
}

fn upto(bars: &Bars, count: usize) -> Bars {
    Bars::new(bars.ticker().clone(), bars.as_slice()[..count].to_vec()).unwrap()
}

fn small() -> ParentConfig {
    let network = NetworkSizes { hidden: 8, layers: 1, ..NetworkSizes::default() };
    ParentConfig::from(Recipe { network, train: TrainConfig::default(), ..Recipe::default() })
}

fn with_parent() -> MemoryRegistry {
    let index = builtin_bars(&"^GSPC".parse().unwrap()).unwrap().bars;
    let index = index.between("2000-01-01".parse().ok(), "2003-12-31".parse().ok());
    let config = ParentConfig { epochs: Some(2), ..small() };
    let registry = MemoryRegistry::new();
    publish(&registry, &train_parent(&[index], &config, &mut Watch::silent()).unwrap()).unwrap();
    registry
}

fn with_child(bars: &Bars) -> MemoryRegistry {
    let registry = with_parent();
    let parent: Parent = find_parent(&registry, Device::Cpu).unwrap();
    let train = Some(TrainConfig { epochs: 1, ..TrainConfig::default() });
    let config = ChildConfig { train, ..ChildConfig::default() };
    publish(&registry, &train_child(bars, Some(&parent), &config, &mut Watch::silent()).unwrap()).unwrap();
    registry
}

fn champion(registry: &MemoryRegistry) -> u32 {
    registry.champion(&"SIM".parse().unwrap()).unwrap().unwrap().version
}

const TRAINED: usize = 900;
const CHANGE: usize = 1_000;

#[test]
fn drift_challenger_gate_champion_rollback() {
    let bars = stock(1_200, CHANGE);
    let (registry, record) = (with_child(&upto(&bars, TRAINED)), MemoryRecord::new());
    let look = |day: usize, retrain: bool| -> MonitorReport {
        let config = MonitorConfig { retrain, ..MonitorConfig::default() };
        monitor(&registry, &record, &upto(&bars, day + 1), &config, &mut Watch::silent()).unwrap()
    };

    // Nothing has changed: nothing is done, however often one looks.
    for day in [TRAINED + 40, CHANGE - 1] {
        let report = look(day, true);
        assert_ne!(report.drift.health, Some(Health::Critical), "{}", report.drift.summary);
        assert_eq!(report.action.verdict, Verdict::Keep);
        assert_eq!(report.drift.model_version.as_deref(), Some("SIM@1"));
    }
    assert_eq!(champion(&registry), 1);

    // Volume becomes erratic: its intervals no longer cover. The first sessions are waited for, then training is asked for.
    let lost = (CHANGE..CHANGE + 60).find(|day| look(*day, true).action.verdict == Verdict::Wait).expect("found");
    let names: Vec<String> = look(lost, true).drift.alarms(Kind::Concept).map(|test| test.name.clone()).collect();
    assert!(names.contains(&"coverage_volume".to_string()), "{names:?}");
    assert_eq!(look(lost + 1, true).action.verdict, Verdict::Wait);
    let asked = look(lost + 2, false);
    assert_eq!((asked.action.verdict, champion(&registry)), (Verdict::Recommend, 1));

    // Allowed, a challenger is trained on data up to now, passes the gate and forecasts.
    let report = look(lost + 2, true);
    assert_eq!((report.action.verdict, champion(&registry)), (Verdict::Swap, 2), "{}", report.action.reason);
    assert_eq!(report.action.challenger.as_deref(), Some("SIM@2"));
    assert!(report.action.reason.contains("coverage of volume lost since "), "{}", report.action.reason);
    // It was judged on the last 60 forecasts of five sessions, and then fitted once more to the last day.
    let trained = registry.versions(&"SIM".parse().unwrap()).unwrap().remove(1);
    assert_eq!(
        (trained.last_seen_day, trained.metrics["evaluation"]["forecasts"].as_u64()),
        (bars.as_slice()[lost + 2].date, Some(60))
    );
    let forecast = predict(&registry, &upto(&bars, lost + 4), Device::Cpu).unwrap();
    assert_eq!(forecast.model_version.as_deref(), Some("SIM@2"));

    // One command brings the old one back, and the cool-down keeps it.
    let version = registry.rollback(&"SIM".parse().unwrap()).unwrap().version;
    let day = bars.as_slice()[lost + 5].date;
    record.decide(&Decision::new("SIM".parse().unwrap(), day, Verdict::Rollback, "by hand")).unwrap();
    let report = look(lost + 10, true);
    assert_eq!((version, champion(&registry), report.action.verdict), (1, 1, Verdict::Wait));
    assert!(report.action.reason.contains("the last rollback, of "), "{}", report.action.reason);

    // Every decision is in the record with its reason, and so is a report for each day.
    let decisions = record.decisions(&"SIM".parse().unwrap()).unwrap();
    let verdicts: Vec<Verdict> = decisions.iter().map(|decision| decision.verdict).collect();
    for verdict in [Verdict::Keep, Verdict::Wait, Verdict::Recommend, Verdict::Swap, Verdict::Rollback] {
        assert!(verdicts.contains(&verdict), "{verdicts:?}");
    }
    assert!(decisions.iter().all(|decision| !decision.reason.is_empty()));
    assert!(record.reports(&"SIM".parse().unwrap()).unwrap().len() >= 5);
    assert_eq!(record.latest_report(&"SIM".parse().unwrap()).unwrap(), Some(report.drift));
}

#[test]
fn a_ticker_without_a_version_of_its_own_is_watched_zero_shot() {
    let bars = stock(800, 760);
    let (registry, record) = (with_parent(), MemoryRecord::new());
    let report = drift(&registry, &record, &bars, &MonitorConfig::default()).unwrap();
    assert_eq!(report.model_version.as_deref(), Some("^GSPC@1"));
    assert!(report.scored > 0 && report.replayed == report.scored);
    // A parent that is judged first, as for a forecast, is watched alike.
    let config = MonitorConfig { now: Some(later()), ..MonitorConfig::default() };
    let unjudged = drift(&registry, &MemoryRecord::new(), &bars, &config).unwrap();
    let parent = find_parent(&registry, Device::Cpu).unwrap();
    let judged = zero_shot(&parent, &bars, &CancelFlag::default()).unwrap();
    assert!(judged.about().evaluation.forecasts > 0);
    assert_eq!(drift_of(&judged, &parent.id, &MemoryRecord::new(), &bars, &config).unwrap(), unjudged);
    let short = drift(&registry, &record, &bars.last(100), &MonitorConfig::default()).unwrap();
    assert_eq!(short.reason.as_deref(), Some("drift of SIM needs at least 146 bars, got 100"));
}

#[test]
fn a_challenger_that_cannot_be_trained_is_a_decision_and_no_error() {
    let bars = stock(930, 900);
    let (registry, record) = (with_child(&upto(&bars, 600)), MemoryRecord::new());
    // The parent has seen all but the last days: no test is left for a child.
    let index = builtin_bars(&"^GSPC".parse().unwrap()).unwrap().bars;
    let last = bars.as_slice()[915].date;
    let index = index.between("2003-01-01".parse().ok(), Some(last));
    let config = ParentConfig { epochs: Some(1), to: Some(last), ..small() };
    let parent = publish(&registry, &train_parent(&[index], &config, &mut Watch::silent()).unwrap()).unwrap();
    registry.set_parent(&VersionId { ticker: "^GSPC".parse().unwrap(), version: parent.version }).unwrap();
    let config = MonitorConfig { retrain: true, ..MonitorConfig::default() };
    let report = monitor(&registry, &record, &bars, &config, &mut Watch::silent()).unwrap();
    assert_eq!(report.action.verdict, Verdict::Fail, "{}", report.action.reason);
    assert!(report.action.reason.contains("no challenger could be trained: SIM: the parent saw days up to "));
    assert_eq!(champion(&registry), 1);
}

/// A time at which all sessions of these tests are over.
fn later() -> chrono::DateTime<chrono::Utc> {
    "2100-01-01T00:00:00Z".parse().unwrap()
}

/// What was scored on half a day would stand for good.
#[test]
fn a_bar_whose_session_is_not_over_settles_nothing() {
    let bars = stock(1_000, usize::MAX);
    let registry = with_child(&upto(&bars, 700));
    let record = MemoryRecord::new();
    record.keep(&KeptForecast::of(&predict(&registry, &upto(&bars, 901), Device::Cpu).unwrap())).unwrap();
    let known = upto(&bars, 906);
    let close = known.calendar().session_close(known.last_day().unwrap());
    let outcomes = |bars: &Bars, now| {
        settle(&record, bars, now).unwrap();
        record.forecasts(bars.ticker()).unwrap()[0].outcomes.clone()
    };
    let early = outcomes(&unfinished(&known, 1.04), close - chrono::TimeDelta::hours(3));
    assert_eq!(early.len(), 4, "the fifth session is not over");
    let all = outcomes(&known, later());
    assert_eq!(all.len(), 5);
    assert_eq!(
        all,
        settled(&KeptForecast { outcomes: Vec::new(), ..record.forecasts(bars.ticker()).unwrap().remove(0) }, &known)
    );
}

#[test]
fn a_kept_forecast_is_scored_as_its_days_arrive_and_like_the_replay() {
    let bars = stock(1_000, usize::MAX);
    let (registry, record) = (with_child(&upto(&bars, 700)), MemoryRecord::new());
    let made = upto(&bars, 901);
    let kept = KeptForecast::of(&predict(&registry, &made, Device::Cpu).unwrap());
    assert!(record.keep(&kept).unwrap() && !record.keep(&kept).unwrap());
    let outcomes = |bars: &Bars| {
        settle(&record, bars, later()).unwrap();
        record.forecasts(bars.ticker()).unwrap()[0].outcomes.clone()
    };
    assert_eq!(outcomes(&made), []);
    assert_eq!(outcomes(&upto(&bars, 903)).iter().map(|one| one.horizon).collect::<Vec<_>>(), [1, 2]);
    let all = outcomes(&upto(&bars, 950));
    assert_eq!(all.len(), 5);
    assert!(all.iter().zip(&bars.as_slice()[901..]).all(|(one, bar)| one.day == bar.date && !one.replayed));

    let (forecaster, id) =
        stockops_core::pipeline::load_champion(&registry, bars.ticker(), Device::Cpu).unwrap().unwrap();
    let replayed = track(&MemoryRecord::new(), &forecaster, &id, &upto(&bars, 950)).unwrap();
    let same = replayed.outcomes.iter().find(|one| one.day == all[0].day).unwrap();
    assert!(same.replayed);
    for (field, own) in &all[0].fields {
        // One window alone and many at once: single precision in another order.
        assert!((own.error - same.fields[field].error).abs() < 1e-5, "{field}");
        assert_eq!(
            (own.rule_error, own.covered),
            (same.fields[field].rule_error, same.fields[field].covered),
            "{field}"
        );
    }
    let used = track(&record, &forecaster, &id, &upto(&bars, 950)).unwrap();
    assert!(used.outcomes.iter().any(|one| one.day == all[0].day && !one.replayed), "what was kept counts");
}

#[test]
fn a_split_since_the_forecast_changes_no_outcome_of_prices() {
    let bars = stock(1_000, usize::MAX);
    let registry = with_child(&upto(&bars, 700));
    let kept = KeptForecast::of(&predict(&registry, &upto(&bars, 901), Device::Cpu).unwrap());
    let outcomes = |bars: &Bars| {
        let record = MemoryRecord::new();
        record.keep(&kept).unwrap();
        settle(&record, bars, later()).unwrap();
        record.forecasts(bars.ticker()).unwrap().remove(0).outcomes
    };
    let adjusted = bars.iter().map(|bar| Bar {
        open: bar.open / 4.0,
        high: bar.high / 4.0,
        low: bar.low / 4.0,
        close: bar.close / 4.0,
        volume: bar.volume * 4.0,
        ..*bar
    });
    let adjusted = Bars::new(bars.ticker().clone(), adjusted.collect()).unwrap();
    for (before, after) in outcomes(&bars).iter().zip(&outcomes(&adjusted)) {
        use stockops_core::forecast::Field;
        for field in [Field::Open, Field::High, Field::Low, Field::Close, Field::Range] {
            let (before, after) = (before.fields[&field], after.fields[&field]);
            assert!((before.error - after.error).abs() < 1e-9 && before.covered == after.covered, "{field}");
        }
        assert!(!after.fields.contains_key(&Field::Volume));
    }
}

/// Bars whose last day is not over: another close, and half of the volume.
fn unfinished(bars: &Bars, close_by: f64) -> Bars {
    let mut all = bars.as_slice().to_vec();
    let last = all.last_mut().unwrap();
    last.close *= close_by;
    last.high = last.high.max(last.close);
    last.low = last.low.min(last.close);
    last.volume /= 2.0;
    Bars::new(bars.ticker().clone(), all).unwrap()
}

/// Outcomes of `kept` on `bars`.
fn settled(kept: &KeptForecast, bars: &Bars) -> Vec<Outcome> {
    let record = MemoryRecord::new();
    record.keep(kept).unwrap();
    settle(&record, bars, later()).unwrap();
    record.forecasts(bars.ticker()).unwrap().remove(0).outcomes
}

#[test]
fn a_forecast_of_the_finished_day_replaces_that_of_the_unfinished_one() {
    let bars = stock(1_000, usize::MAX);
    let registry = with_child(&upto(&bars, 700));
    let made = |bars: &Bars| KeptForecast::of(&predict(&registry, bars, Device::Cpu).unwrap());
    let (early, late) = (made(&unfinished(&upto(&bars, 901), 1.04)), made(&upto(&bars, 901)));
    let record = MemoryRecord::new();
    assert!(record.keep(&early).unwrap() && record.keep(&late).unwrap());
    settle(&record, &upto(&bars, 950), later()).unwrap();
    let kept = record.forecasts(bars.ticker()).unwrap();
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].outcomes, settled(&late, &upto(&bars, 950)));
}

/// Where nobody forecast the finished day, the forecast is scored as it was served: its last close is no split.
#[test]
fn the_error_of_a_forecast_of_an_unfinished_day_is_not_hidden() {
    let bars = stock(1_000, usize::MAX);
    let registry = with_child(&upto(&bars, 700));
    for by in [1.04, 0.97, 1.3] {
        let kept = KeptForecast::of(&predict(&registry, &unfinished(&upto(&bars, 901), by), Device::Cpu).unwrap());
        let outcomes = settled(&kept, &upto(&bars, 950));
        for (outcome, (day, actual)) in outcomes.iter().zip(kept.days.iter().zip(&bars.as_slice()[901..])) {
            let error = (actual.close / day.close).ln();
            assert!((outcome.fields[&Field::Close].error - error).abs() < 1e-12, "{by}: {outcome:?}");
            assert!(outcome.fields.contains_key(&Field::Volume), "{by}: no split, so volume is scored");
        }
        // After a split since, both changes are told apart.
        let quarter = |bar: &Bar| {
            let [open, high, low, close] = [bar.open, bar.high, bar.low, bar.close].map(|price| price / 4.0);
            Bar { open, high, low, close, volume: bar.volume * 4.0, ..*bar }
        };
        let split = Bars::new(bars.ticker().clone(), upto(&bars, 950).iter().map(quarter).collect()).unwrap();
        for (before, after) in outcomes.iter().zip(&settled(&kept, &split)) {
            let (before, after) = (before.fields[&Field::Close], &after.fields);
            assert!((before.error - after[&Field::Close].error).abs() < 1e-9, "{by}");
            assert!(!after.contains_key(&Field::Volume));
        }
    }
}

/// The source adjusts the days before a split a day late: the forecast of its first day is in today's prices already.
#[test]
fn a_forecast_of_the_first_day_after_a_split_is_not_adjusted_for_it() {
    let bars = stock(1_000, usize::MAX);
    let registry = with_child(&upto(&bars, 700));
    let kept = KeptForecast::of(&predict(&registry, &upto(&bars, 901), Device::Cpu).unwrap());
    let mut late = kept.clone();
    late.before.as_mut().unwrap().close *= 4.0;
    assert_eq!(settled(&late, &upto(&bars, 950)), settled(&kept, &upto(&bars, 950)));
}

/// A record that cannot be written to for a while, as on a full disk.
#[derive(Debug, Default)]
struct FullRecord {
    inner: MemoryRecord,
    is_full: std::sync::atomic::AtomicBool,
}

impl FullRecord {
    fn fill(&self, is_full: bool) {
        self.is_full.store(is_full, std::sync::atomic::Ordering::SeqCst);
    }
}

impl ForecastRecord for FullRecord {
    fn tickers(&self) -> Result<Vec<Ticker>> {
        self.inner.tickers()
    }

    fn keep(&self, forecast: &KeptForecast) -> Result<bool> {
        self.inner.keep(forecast)
    }
    fn forecasts(&self, ticker: &Ticker) -> Result<Vec<KeptForecast>> {
        self.inner.forecasts(ticker)
    }
    fn settle(&self, ticker: &Ticker, settle: &mut Settle<'_>) -> Result<usize> {
        self.inner.settle(ticker, settle)
    }
    fn decide(&self, decision: &Decision) -> Result<()> {
        if self.is_full.load(std::sync::atomic::Ordering::SeqCst) {
            let source = std::io::ErrorKind::StorageFull.into();
            return Err(Error::Storage { action: "write", path: "record".into(), source });
        }
        self.inner.decide(decision)
    }
    fn decisions(&self, ticker: &Ticker) -> Result<Vec<Decision>> {
        self.inner.decisions(ticker)
    }
    fn keep_report(&self, report: &DriftReport) -> Result<()> {
        self.inner.keep_report(report)
    }
    fn latest_report(&self, ticker: &Ticker) -> Result<Option<DriftReport>> {
        self.inner.latest_report(ticker)
    }
    fn reports(&self, ticker: &Ticker) -> Result<Vec<DriftReport>> {
        self.inner.reports(ticker)
    }
}

/// Bars that end on a day on which the champion of `registry` has lost its coverage of volume for long enough.
fn until_lost(registry: &MemoryRegistry, bars: &Bars) -> Bars {
    let config = MonitorConfig::default();
    let wanted =
        |count: &usize| drift(registry, &MemoryRecord::new(), &upto(bars, *count), &config).unwrap().retrain.wanted;
    upto(bars, (CHANGE..CHANGE + 80).step_by(4).find(wanted).expect("volume became erratic"))
}

fn verdicts(record: &dyn ForecastRecord) -> Vec<Verdict> {
    record.decisions(&"SIM".parse().unwrap()).unwrap().iter().map(|decision| decision.verdict).collect()
}

#[test]
fn of_two_who_monitor_at_once_one_trains() {
    let bars = stock(1_200, CHANGE);
    let (registry, record) = (with_child(&upto(&bars, TRAINED)), MemoryRecord::new());
    let (bars, config) = (until_lost(&registry, &bars), MonitorConfig { retrain: true, ..MonitorConfig::default() });
    let both = std::thread::scope(|scope| {
        let look = || monitor(&registry, &record, &bars, &config, &mut Watch::silent());
        [scope.spawn(look), scope.spawn(look)].map(|thread| thread.join().unwrap())
    });
    let trained = both.iter().flatten().filter(|report| report.action.challenger.is_some()).count();
    let busy = both.iter().filter(|report| matches!(report, Err(Error::Busy { .. }))).count();
    let waited = both.iter().flatten().filter(|report| report.action.verdict == Verdict::Wait).count();
    assert_eq!((trained, busy + waited), (1, 1), "{both:?}");
    assert_eq!(registry.versions(bars.ticker()).unwrap().len(), 2);
    // And nobody trains afterwards.
    let again = monitor(&registry, &record, &bars, &config, &mut Watch::silent()).unwrap();
    assert!(matches!(again.action.verdict, Verdict::Wait | Verdict::Keep), "{:?}", again.action);
    assert_eq!(registry.versions(bars.ticker()).unwrap().len(), 2);
}

/// What a training has as a run, a retraining has too; and where a server follows, the monitor is one itself.
#[test]
fn a_retraining_is_a_whole_run_and_versions_follow_at_the_server() {
    let bars = stock(1_200, CHANGE);
    let registry = with_child(&upto(&bars, TRAINED));
    let bars = until_lost(&registry, &bars);
    let server = MemoryTracker::new();
    let stockops = Stockops::builder().registry(registry.clone()).tracker(server.clone()).build().unwrap();
    let report = stockops.monitor_of(&bars, Vec::new(), true, &mut Watch::silent()).unwrap();
    assert!(report.action.verdict.is_training(), "{:?}", report.action);
    let runs = stockops.runs(9).unwrap();
    let of = |kind: &str| runs.iter().find(|run| run.tags.get("kind").is_some_and(|one| one == kind)).unwrap();
    let run = of("retrain");
    assert_eq!(
        (run.name.as_str(), run.status, run.tags["version"].as_str()),
        ("SIM retrain", RunStatus::Finished, "SIM@2")
    );
    let params =
        ["learning_rate", "seed", "hidden_size", "parent_version", "strategy", "validation_last_day", "data_sha256"];
    assert!(params.iter().all(|name| run.params.contains_key(*name)), "{:?}", run.params);
    assert_eq!((run.params["parent_version"].as_str(), run.params["strategy"].as_str()), ("^GSPC@1", "freeze"));
    let metrics = ["val_rmse", "train_loss", "train_time", "rmse_close_h1", "coverage_90_volume_h1"];
    assert!(metrics.iter().all(|name| run.metrics.contains_key(*name)), "{:?}", run.metrics);
    let bundle = stockops.home_runs().artifact(&run.run_id, "bundle.safetensors").unwrap();
    assert_eq!(bundle, registry.get(bars.ticker(), 2).unwrap(), "the version as it was published");
    assert!(run.artifacts.contains(&"configuration.json".into()) && run.artifacts.contains(&"evaluation.json".into()));
    let monitor = of("monitor");
    assert_eq!(monitor.tags["verdict"], run.tags["verdict"]);
    let answer = stockops.home_runs().artifact(&monitor.run_id, "monitor.json").unwrap();
    let answer: serde_json::Value = serde_json::from_slice(&answer).unwrap();
    assert_eq!(answer["action"], serde_json::json!(report.action));
    assert_eq!(server.run(&run.run_id).unwrap(), *run, "and the server has it");
}

/// The process dies, or the disk is full, after the swap and before the decision is in the record.
#[test]
fn a_decision_that_was_not_written_is_written_by_the_next_call_and_trains_nothing_again() {
    let bars = stock(1_200, CHANGE);
    let (registry, record) = (with_child(&upto(&bars, TRAINED)), FullRecord::default());
    let (bars, config) = (until_lost(&registry, &bars), MonitorConfig { retrain: true, ..MonitorConfig::default() });
    record.fill(true);
    assert!(matches!(monitor(&registry, &record, &bars, &config, &mut Watch::silent()), Err(Error::Storage { .. })));
    assert_eq!((registry.versions(bars.ticker()).unwrap().len(), verdicts(&record).len()), (2, 0));
    let swapped = champion(&registry) == 2;
    record.fill(false);
    let report = monitor(&registry, &record, &bars, &config, &mut Watch::silent()).unwrap();
    assert!(report.action.challenger.is_none(), "{:?}", report.action);
    assert_eq!(registry.versions(bars.ticker()).unwrap().len(), 2, "nothing is trained again");
    let first = &record.decisions(bars.ticker()).unwrap()[0];
    assert_eq!(first.verdict, if swapped { Verdict::Swap } else { Verdict::Reject });
    assert_eq!((first.version.as_deref(), first.challenger.as_deref()), (Some("SIM@1"), Some("SIM@2")));
    assert!(first.reason.contains("lost since ") && first.reason.contains("SIM@2 "), "{}", first.reason);
    monitor(&registry, &record, &bars, &config, &mut Watch::silent()).unwrap();
    assert_eq!(verdicts(&record).iter().filter(|verdict| verdict.is_training()).count(), 1, "and it is written once");
}

#[test]
fn a_rollback_whose_record_could_not_be_written_happens_once() {
    let bars = stock(800, usize::MAX);
    let (registry, record) = (with_child(&upto(&bars, 700)), FullRecord::default());
    let sim: Ticker = "SIM".parse().unwrap();
    let bundle = registry.get(&sim, 1).unwrap();
    for over in [1, 2] {
        let note = stockops_core::registry::VersionNote::new("freeze", NaiveDate::default());
        registry.put_over(&sim, &bundle, note, &[], Some(over)).unwrap();
    }
    let today: NaiveDate = "2024-05-01".parse().unwrap();
    record.fill(true);
    for _ in 0..2 {
        assert!(rollback(&registry, &record, &sim, today).is_err());
        assert_eq!(champion(&registry), 3, "nothing is rolled back that is not in the record");
    }
    record.fill(false);
    assert_eq!(rollback(&registry, &record, &sim, today).unwrap().version, 2);
    assert_eq!(verdicts(&record), [Verdict::Rollback]);
    assert_eq!(rollback(&registry, &record, &sim, today).unwrap().version, 1);
    assert!(rollback(&registry, &record, &sim, today).is_err(), "there is none before");
    assert_eq!(verdicts(&record).len(), 2);
}

/// What is trained again is what the bundle says that it is, whatever its ticker.
#[test]
fn a_parent_of_another_ticker_is_trained_again_as_a_parent() {
    let bars = stock(1_200, CHANGE);
    let config = ParentConfig { epochs: Some(1), ..small() };
    let registry = with_parent();
    let trained = train_parent(&[upto(&bars, TRAINED)], &config, &mut Watch::silent()).unwrap();
    publish(&registry, &trained).unwrap();
    assert_eq!(parent_id(&registry).unwrap().to_string(), "SIM@1", "the last that was published as a parent");
    registry.set_parent(&"^GSPC@1".parse().unwrap()).unwrap();
    let (lost, config) = (until_lost(&registry, &bars), MonitorConfig { retrain: true, ..MonitorConfig::default() });
    monitor(&registry, &MemoryRecord::new(), &lost, &config, &mut Watch::silent()).unwrap();
    let versions = registry.versions(&"SIM".parse().unwrap()).unwrap();
    assert_eq!(versions.iter().map(|version| version.strategy.as_str()).collect::<Vec<_>>(), ["parent", "parent"]);
    assert_eq!(parent_id(&registry).unwrap().to_string(), "^GSPC@1", "a retraining takes nobody else's place");
}

#[test]
fn a_child_of_the_index_is_trained_again_as_a_child() {
    let bars = Bars::new("^GSPC".parse().unwrap(), stock(1_200, CHANGE).as_slice().to_vec()).unwrap();
    let registry = with_child(&upto(&bars, TRAINED));
    // Whether or not it passed the gate.
    registry.promote(bars.ticker(), 2).unwrap();
    assert_eq!(parent_id(&registry).unwrap().to_string(), "^GSPC@1");
    let (lost, config) = (until_lost(&registry, &bars), MonitorConfig { retrain: true, ..MonitorConfig::default() });
    monitor(&registry, &MemoryRecord::new(), &lost, &config, &mut Watch::silent()).unwrap();
    let versions = registry.versions(bars.ticker()).unwrap();
    let strategies: Vec<&str> = versions.iter().map(|version| version.strategy.as_str()).collect();
    assert_eq!(strategies, ["parent", "freeze", "freeze"]);
    assert_eq!(parent_id(&registry).unwrap().to_string(), "^GSPC@1");
}
