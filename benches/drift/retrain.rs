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

/// Bars of a challenger that is given less than all of them.
const RECENT: usize = 400;

/// What came of a retraining on one path.
struct Outcome {
    /// Losses in the sessions after it, the champion's being 1: of the challenger as it was judged, of the same fitted once
    /// more to the last day, and of one that was fitted so to the last bars alone.
    losses: [f64; 3],
    /// Whether the gate lets it through: as it was judged; fitted to all days before the held-out ones; and where three
    /// such challengers share the held-out days.
    admitted: [bool; 3],
}

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().collect();
    let value = |flag: &str| args.iter().position(|arg| arg == flag).and_then(|place| args.get(place + 1));
    let paths: u64 = value("--paths").and_then(|word| word.parse().ok()).unwrap_or(10);
    let parent = find_parent(&MemoryRegistry::new(), Device::Cpu)?;
    println!(
        "| change | sessions after it | as judged | fitted once more | to the last {RECENT} bars | let through: as judged \
         | knowing all before | in three stretches |"
    );
    println!("| --- |{}", " ---: |".repeat(7));
    for (name, regime) in CHANGES {
        let all: Vec<Vec<Outcome>> =
            (0..paths).into_par_iter().map(|seed| path(seed, regime, &parent)).collect::<Result<_>>()?;
        for (row, after) in AFTER.into_iter().enumerate() {
            let own: Vec<&Outcome> = all.iter().map(|path| &path[row]).collect();
            let mean = |i: usize| own.iter().map(|one| one.losses[i]).sum::<f64>() / own.len() as f64;
            let count = |i: usize| own.iter().filter(|one| one.admitted[i]).count();
            let losses: Vec<String> = (0..3).map(|i| format!("{:.3}", mean(i))).collect();
            let admitted: Vec<String> = (0..3).map(|i| format!("{} of {}", count(i), own.len())).collect();
            println!("| {name} | {after} | {} | {} |", losses.join(" | "), admitted.join(" | "));
        }
    }
    Ok(())
}

/// What comes of a retraining at each number of sessions after the change, on one path.
fn path(seed: u64, regime: Regime, parent: &Parent) -> Result<Vec<Outcome>> {
    let count = CHANGE + AFTER[AFTER.len() - 1] + JUDGED + 10;
    let first = NaiveDate::from_ymd_opt(2017, 1, 2).unwrap_or_default();
    let bars = stock(seed, first, count, |bar| if bar < CHANGE { USUAL } else { regime });
    let champion = train(&upto(&bars, TRAINED), 0, parent)?.forecaster;
    let at = |after: usize| -> Result<Outcome> {
        let known = upto(&bars, CHANGE + after);
        let judged = train(&known, HELD_OUT, parent)?;
        let again = refit(&judged, Some(parent), &mut Watch::silent())?.forecaster;
        let recent = refitted_to(&known.last(RECENT), RECENT, parent)?;
        let before = refitted_to(&known, known.len() - HELD_OUT, parent)?;
        let loss = |forecaster: &Forecaster| loss_after(&champion, forecaster, &bars, CHANGE + after);
        let is_let_through = |challenger: &Forecaster| -> Result<bool> {
            Ok(matches!(contest(&champion, challenger, &known)?, Verdict::Replace(_)))
        };
        Ok(Outcome {
            losses: [loss(&judged.forecaster)?, loss(&again)?, loss(&recent)?],
            admitted: [
                is_let_through(&judged.forecaster)?,
                is_let_through(&before)?,
                in_three_stretches(&champion, &known, parent)?,
            ],
        })
    };
    AFTER.into_iter().map(at).collect()
}

/// A contest over three stretches of the held-out sessions, each forecast by a challenger that knows all days before it.
fn in_three_stretches(champion: &Forecaster, known: &Bars, parent: &Parent) -> Result<bool> {
    let before = known.as_slice()[known.len() - HELD_OUT - 1].date;
    let scales = Scales::of(&champion.past(known, Some(before), usize::MAX)?);
    let (mut old, mut new) = (Vec::new(), Vec::new());
    // A forecast of five days needs four more bars than the stretch that it is made in.
    let starts = [HELD_OUT, HELD_OUT * 2 / 3, HELD_OUT / 3, 4].map(|ahead| known.len() - ahead);
    for pair in starts.windows(2) {
        let challenger = refitted_to(known, pair[0], parent)?;
        let (last, cut) = (Some(known.as_slice()[pair[0] - 1].date), upto(known, pair[1] + 4));
        old.extend(scales.losses(&champion.past(&cut, last, usize::MAX)?));
        new.extend(scales.losses(&challenger.past(&cut, last, usize::MAX)?));
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
