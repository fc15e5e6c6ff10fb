//! How soon after a change of habits a retraining helps, and whether the gate lets it through.
//!
//! usage: `drift-retrain [--paths N]`     (default: 10)

#[path = "../../stockops-core/tests/simulated/regime.rs"]
mod regime;

use chrono::NaiveDate;
use rayon::prelude::*;
use regime::{Regime, USUAL, stock};
use stockops_core::evaluation::diebold_mariano;
use stockops_core::forecast::{Case, Field};
use stockops_core::pipeline::{ChildConfig, Parent, Verdict, contest, find_parent, refit, train_child};
use stockops_core::training::Watch;
use stockops_core::{Bars, Device, Forecaster, MemoryRegistry, Result};

/// Bars that train the champion, bars before the change, and sessions after a decision on which it is judged.
const TRAINED: usize = 900;
const CHANGE: usize = 1_000;
const JUDGED: usize = 250;

/// Sessions after the change at which a challenger is trained.
const AFTER: [usize; 6] = [5, 21, 42, 64, 126, 252];

/// Sessions that are held out for a contest: 60 forecasts of five days.
const HELD_OUT: usize = 64;

const CHANGES: [(&str, Regime); 4] = [
    ("nothing", USUAL),
    ("volume turns the next day", Regime { volume_memory: -0.7, ..USUAL }),
    ("width turns the next day", Regime { range_memory: -0.8, ..USUAL }),
    ("volume forgets and is erratic", Regime { volume_memory: 0.0, volume_spread: 1.0, ..USUAL }),
];

/// What one way to retrain came to on one path: whether it was let through, and the loss after, the champion's being 1.
#[derive(Clone, Copy)]
struct Outcome {
    admitted: bool,
    loss: f64,
}

const WAYS: [&str; 4] = ["held out", "held out, refitted", "refit held out, refitted", "rolling, refitted"];

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().collect();
    let value = |flag: &str| args.iter().position(|arg| arg == flag).and_then(|place| args.get(place + 1));
    let paths: u64 = value("--paths").and_then(|word| word.parse().ok()).unwrap_or(10);
    let parent = find_parent(&MemoryRegistry::new(), Device::Cpu)?;
    println!("| change | sessions after it | {} |", WAYS.join(" | "));
    println!("| --- | ---: |{}", " ---: |".repeat(WAYS.len()));
    for (name, regime) in CHANGES {
        let all: Vec<_> = (0..paths).into_par_iter().map(|seed| path(seed, regime, &parent)).collect::<Result<_>>()?;
        for (row, after) in AFTER.into_iter().enumerate() {
            let cell = |way: usize| {
                let own: Vec<Outcome> = all.iter().map(|path: &Vec<[Outcome; WAYS.len()]>| path[row][way]).collect();
                let admitted = own.iter().filter(|one| one.admitted).count();
                let loss = own.iter().map(|one| one.loss).sum::<f64>() / own.len() as f64;
                format!("{loss:.3}, {admitted} of {}", own.len())
            };
            println!("| {name} | {after} | {} |", (0..WAYS.len()).map(cell).collect::<Vec<_>>().join(" | "));
        }
    }
    Ok(())
}

/// All ways on one path, at each number of sessions after the change.
fn path(seed: u64, regime: Regime, parent: &Parent) -> Result<Vec<[Outcome; WAYS.len()]>> {
    let count = CHANGE + AFTER[AFTER.len() - 1] + JUDGED + 10;
    let first = NaiveDate::from_ymd_opt(2017, 1, 2).unwrap_or_default();
    let bars = stock(seed, first, count, |bar| if bar < CHANGE { USUAL } else { regime });
    let champion = train(&upto(&bars, TRAINED), 0, parent)?.forecaster;
    let at = |after: usize| -> Result<[Outcome; WAYS.len()]> {
        let known = upto(&bars, CHANGE + after);
        let judged = train(&known, HELD_OUT, parent)?;
        let refitted = refit(&judged, Some(parent), &mut Watch::silent())?.forecaster;
        let own = contest(&champion, &judged.forecaster, &known)?;
        let before = refitted_to(&known, known.len() - HELD_OUT, parent)?;
        let of_refit = contest(&champion, &before, &known)?;
        let loss = |forecaster: &Forecaster| loss_after(&champion, forecaster, &bars, CHANGE + after);
        let (plain, refit) = (loss(&judged.forecaster)?, loss(&refitted)?);
        let admitted = |verdict: &Verdict| matches!(verdict, Verdict::Replace(_));
        Ok([
            Outcome { admitted: admitted(&own), loss: plain },
            Outcome { admitted: admitted(&own), loss: refit },
            Outcome { admitted: admitted(&of_refit), loss: refit },
            Outcome { admitted: rolling(&champion, &known, parent)?, loss: refit },
        ])
    };
    AFTER.into_iter().map(at).collect()
}

/// A contest over three stretches of the held-out sessions, each forecast by a challenger that knows all days before it.
fn rolling(champion: &Forecaster, known: &Bars, parent: &Parent) -> Result<bool> {
    let (mut old, mut new) = (Vec::new(), Vec::new());
    let starts = [HELD_OUT, HELD_OUT * 2 / 3, HELD_OUT / 3, 4].map(|ahead| known.len() - ahead);
    for pair in starts.windows(2) {
        let challenger = refitted_to(known, pair[0], parent)?;
        let last = known.as_slice()[pair[0] - 1].date;
        let cut = upto(known, pair[1] + 4);
        let scales =
            Scales::of(&champion.past(known, Some(known.as_slice()[known.len() - HELD_OUT - 1].date), usize::MAX)?);
        old.extend(scales.losses(&champion.past(&cut, Some(last), usize::MAX)?));
        new.extend(scales.losses(&challenger.past(&cut, Some(last), usize::MAX)?));
    }
    let difference = diebold_mariano(&new, &old, champion.horizon());
    Ok(difference.is_none_or(|difference| difference.mean <= difference.standard_error))
}

/// A child that knows all of the first `count` bars.
fn refitted_to(bars: &Bars, count: usize, parent: &Parent) -> Result<Forecaster> {
    let trained = train(&upto(bars, count), 0, parent)?;
    Ok(refit(&trained, Some(parent), &mut Watch::silent())?.forecaster)
}

/// A frozen child, the last `held_out` bars left out.
fn train(bars: &Bars, held_out: usize, parent: &Parent) -> Result<stockops_core::pipeline::Trained> {
    let to = bars.as_slice()[bars.len() - 1 - held_out].date;
    let config = ChildConfig { to: Some(to), no_comparison: true, ..ChildConfig::default() };
    train_child(bars, Some(parent), &config, &mut Watch::silent())
}

fn upto(bars: &Bars, count: usize) -> Bars {
    Bars::new(bars.ticker().clone(), bars.as_slice()[..count].to_vec()).expect("good bars")
}

/// Mean loss in the sessions after bar `from`, the champion's being 1.
fn loss_after(champion: &Forecaster, other: &Forecaster, bars: &Bars, from: usize) -> Result<f64> {
    let bars = upto(bars, from + JUDGED);
    let last = Some(bars.as_slice()[from - 1].date);
    let own = champion.past(&bars, last, usize::MAX)?;
    let scales = Scales::of(&own);
    let mean = |losses: Vec<f64>| losses.iter().map(|loss| loss * loss).sum::<f64>() / losses.len() as f64;
    Ok(mean(scales.losses(&other.past(&bars, last, usize::MAX)?)) / mean(scales.losses(&own)))
}

/// Mean squared errors of the champion, by horizon and field: the unit of a loss.
struct Scales(Vec<[f64; 3]>);

const FIELDS: [Field; 3] = [Field::Close, Field::Volume, Field::Range];

impl Scales {
    fn of(cases: &[Case<'_>]) -> Self {
        let horizons = cases.first().map_or(0, |case| case.predicted.len());
        let mean = |field: Field, horizon: usize| {
            let squares = cases.iter().filter_map(|case| case.error(field, horizon)).map(|error| error * error);
            squares.sum::<f64>() / cases.len() as f64
        };
        Self((0..horizons).map(|horizon| FIELDS.map(|field| mean(field, horizon))).collect())
    }

    /// The root of each day's mean squared error, in these units.
    fn losses(&self, cases: &[Case<'_>]) -> Vec<f64> {
        let of_case = |case: &Case<'_>| {
            let cells = self.0.iter().enumerate().flat_map(|(horizon, scales)| {
                FIELDS
                    .iter()
                    .zip(scales)
                    .filter_map(move |(field, scale)| Some(case.error(*field, horizon)?.powi(2) / scale))
            });
            let (sum, count) = cells.fold((0.0, 0.0), |(sum, count), cell| (sum + cell, count + 1.0));
            (sum / count).sqrt()
        };
        cases.iter().map(of_case).collect()
    }
}
