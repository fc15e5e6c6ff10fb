//! The walk forward, with small networks on real bars: which days, which parent, and what must never happen.

use stockops_core::forecast::{Field, Horizon, MIN_JUDGED};
use stockops_core::pipeline::{
    AblationConfig, Backtest, BacktestConfig, Parent, ParentChoice, ParentConfig, backtest, train_parent,
};
use stockops_core::registry::VersionId;
use stockops_core::source::builtin_bars;
use stockops_core::training::{CancelFlag, Event, TrainConfig, Watch};
use stockops_core::{Bar, Bars, Error, NetworkSizes, Recipe, Strategy};

fn bars(ticker: &str, from: &str, to: &str) -> Bars {
    let all = builtin_bars(&ticker.parse().unwrap()).unwrap().bars;
    all.between(Some(from.parse().unwrap()), Some(to.parse().unwrap()))
}

fn index() -> Bars {
    bars("^GSPC", "2000-01-01", "2008-12-31")
}

/// Two years of judged days: 1258 bars, of which 503 are the last 40 %.
fn stock() -> Bars {
    bars("IBM", "2004-01-01", "2008-12-31")
}

fn small() -> Recipe {
    Recipe {
        network: NetworkSizes { hidden: 8, layers: 1, ..NetworkSizes::default() },
        train: TrainConfig { epochs: 1, ..TrainConfig::default() },
        ..Recipe::default()
    }
}

fn known(to: &str) -> Option<Parent> {
    let past = index().between(None, to.parse().ok());
    let config = ParentConfig { to: to.parse().ok(), ..ParentConfig::from(small()) };
    let forecaster = train_parent(&[past], &config, &mut Watch::silent()).unwrap().forecaster;
    Some(Parent { forecaster, id: VersionId { ticker: "^GSPC".parse().unwrap(), version: 1 } })
}

fn config() -> BacktestConfig {
    BacktestConfig { folds: 3, epochs: Some(1), recipe: small(), ..BacktestConfig::default() }
}

fn run(bars: &Bars, parents: &ParentChoice, config: &BacktestConfig) -> Result<Backtest, Error> {
    backtest(bars, parents, config, &mut Watch::silent())
}

fn early_parent() -> ParentChoice {
    ParentChoice { known: known("2003-12-31"), series: vec![] }
}

#[test]
fn folds_are_the_last_forty_percent_each_after_its_parent_and_its_child() {
    let (stock, parents) = (stock(), early_parent());
    let done = run(&stock, &parents, &config()).unwrap();
    let days: Vec<_> = stock.iter().map(|bar| bar.date).collect();
    let first = days.len() - days.len() * 2 / 5;
    assert_eq!((done.first_day, done.last_day), (days[first], days[days.len() - 1]));
    // The last four days have no five days after them.
    assert_eq!(done.forecasts, days.len() - 4 - first);
    assert_eq!(done.folds.iter().map(|fold| fold.forecasts).sum::<usize>(), done.forecasts);
    assert_eq!((done.folds[0].from, done.folds[2].to), (days[first], days[days.len() - 5]));
    for pair in done.folds.windows(2) {
        let next = days.iter().position(|day| *day == pair[0].to).unwrap() + 1;
        assert_eq!(days[next], pair[1].from, "folds touch");
        assert!(pair[0].training_windows < pair[1].training_windows, "each child learns from more days");
    }
    for fold in &done.folds {
        assert_eq!(fold.parent.as_deref(), Some("^GSPC@1"));
        assert!(fold.parent_last_seen_day.unwrap() < fold.from);
    }
    let score = &done.fields[&Field::Range][&Horizon::new(5).unwrap()];
    assert_eq!(score.n, done.forecasts);
    assert!(score.rules.len() == 9 && score.skill_vs_best_rule.is_some() && score.mase.is_some());
    assert!(done.legacy.is_some() && done.ablation.is_empty() && done.seeds.is_empty());
}

/// Every bar from `day` on becomes another one.
fn with_another_future(bars: &Bars, day: chrono::NaiveDate) -> Bars {
    let changed = |bar: &Bar| Bar { high: bar.high * 1.5, low: bar.low * 0.5, volume: bar.volume * 9.0, ..*bar };
    let all = bars.iter().map(|bar| if bar.date < day { *bar } else { changed(bar) });
    Bars::new(bars.ticker().clone(), all.collect()).unwrap()
}

#[test]
fn another_future_moves_no_child_and_without_refit_there_is_one() {
    let (stock, parents) = (stock(), early_parent());
    let once = BacktestConfig { refit: false, ..config() };
    let done = run(&stock, &parents, &once).unwrap();
    let windows: Vec<usize> = done.folds.iter().map(|fold| fold.training_windows).collect();
    assert!(windows.iter().all(|count| *count == windows[0]), "{windows:?}");

    // Another future from the second fold on: the child of the first was trained on the same days, and forecast the same.
    let other = run(&with_another_future(&stock, done.folds[1].from), &parents, &once).unwrap();
    assert_eq!((&other.folds, other.legacy), (&done.folds, done.legacy));
    assert_ne!(other.fields, done.fields);
}

#[test]
fn a_parent_is_trained_where_the_known_one_saw_too_much() {
    let seen = known("2007-12-31");
    let parents = ParentChoice { known: seen.clone(), series: vec![index(), bars("MSFT", "2000-01-01", "2008-12-31")] };
    let done = run(&stock(), &parents, &config()).unwrap();
    let names: Vec<&str> = done.folds.iter().map(|fold| fold.parent.as_deref().unwrap()).collect();
    let all = stock();
    let first = all.len() - all.len() * 2 / 5;
    assert_eq!(names[0], format!("^GSPC trained on days up to {}", all.as_slice()[first - 1].date));
    assert_eq!(names[0], names[1], "it serves later folds too");
    assert_eq!(names[2], "^GSPC@1", "the known parent saw nothing of the last fold");
    assert!(done.folds.iter().all(|fold| fold.parent_last_seen_day.unwrap() < fold.from));

    // Without bars to train one from the folds begin later, or the call is refused.
    let late = ParentChoice { known: seen, series: vec![] };
    let done = run(&bars("IBM", "2004-01-01", "2009-12-31"), &late, &config()).unwrap();
    assert_eq!(done.first_day.to_string(), "2008-01-02");
    assert!(done.notes[0].starts_with("the folds begin after 2007-12-31, the last day that the parent ^GSPC@1 saw"));
    let refused = run(&stock(), &late, &config()).unwrap_err();
    let first_day = all.as_slice()[first].date;
    assert_eq!(refused.kind(), "leak");
    assert_eq!(
        refused.to_string(),
        format!(
            "IBM: the judged days begin on {first_day}, and the parent ^GSPC@1 saw days up to 2007-12-31; give the bars of the \
         index, so that a parent can be trained on days before, or newer bars of IBM"
        )
    );
    let none = run(&stock(), &ParentChoice::default(), &config()).unwrap_err();
    assert!(
        none.to_string().starts_with(&format!("no parent named that saw no day from {first_day} on; give")),
        "{none}"
    );
}

#[test]
fn an_ablation_judges_all_on_the_same_days_by_the_same_rules() {
    let ablation =
        AblationConfig { strategies: vec![Strategy::ZeroShot, Strategy::Freeze], histories: vec![100, 250, 100_000] };
    let config = BacktestConfig { ablation: Some(ablation), seeds: 2, ..config() };
    let done = run(&stock(), &early_parent(), &config).unwrap();
    let arms: Vec<_> = done.ablation.iter().map(|row| (row.strategy, row.history)).collect();
    let (zero_shot, freeze) = (Strategy::ZeroShot, Strategy::Freeze);
    assert_eq!(arms, [(zero_shot, None), (freeze, Some(100)), (freeze, Some(250)), (freeze, None)]);
    for row in &done.ablation {
        assert_eq!(row.forecasts, done.forecasts);
        for (field, rows) in &row.fields {
            for (horizon, score) in rows {
                let main = &done.fields[field][horizon];
                assert_eq!((score.n, &score.rules, score.best_rule), (main.n, &main.rules, main.best_rule));
            }
        }
    }
    assert_eq!(done.ablation[3].fields, done.fields);
    assert_ne!(done.ablation[0].fields, done.fields);
    assert_eq!(done.seeds.iter().map(|row| row.seed).collect::<Vec<_>>(), [42, 43]);
    assert!(done.seeds[0].fields == done.fields && done.seeds[1].fields != done.fields);
    let charts = done.charts();
    let names: Vec<&str> = charts.iter().map(|(name, _)| name.as_str()).collect();
    assert!(names.contains(&"skill.svg") && names.contains(&"ablation.svg"), "{names:?}");
}

#[test]
fn too_few_days_are_refused_with_what_is_needed() {
    let parents = early_parent();
    // Sixty judged days and four after the last one are 40 % of 160 bars.
    let text = run(&stock().last(159), &parents, &config()).unwrap_err().to_string();
    assert_eq!(text, "a backtest of IBM in 3 folds needs at least 160 bars, got 159; give a longer history");
    let done = run(&stock().last(160), &parents, &config()).unwrap();
    assert_eq!(done.folds.iter().map(|fold| fold.forecasts).collect::<Vec<_>>(), [MIN_JUDGED; 3]);
    let many = BacktestConfig { folds: 5, ..config() };
    let text = run(&stock().last(200), &parents, &many).unwrap_err().to_string();
    assert_eq!(text, "a backtest of IBM in 5 folds needs at least 260 bars, got 200; give a longer history");
    let none = BacktestConfig { folds: 0, ..config() };
    assert_eq!(run(&stock(), &parents, &none).unwrap_err().to_string(), "`folds` must be at least 1, got 0");
    let short = BacktestConfig { history: Some(50), ..config() };
    let text = run(&stock(), &parents, &short).unwrap_err().to_string();
    assert_eq!(text, "training on IBM with this history needs at least 78 bars, got 50; give a longer history");
}

#[test]
fn a_stopped_backtest_is_cancelled_within_a_batch() {
    let (cancel, parents) = (CancelFlag::default(), early_parent());
    let handle = cancel.clone();
    let mut batches = 0;
    let listener = |event: Event<'_>| {
        if let Event::Batch { .. } = event {
            batches += 1;
            handle.cancel();
        }
    };
    let mut watch = Watch::new(listener).with_cancel(cancel);
    assert!(matches!(backtest(&stock(), &parents, &config(), &mut watch), Err(Error::Cancelled)));
    drop(watch);
    assert_eq!(batches, 1);
}
