//! Forecasts a second of 5,000 tickers by the shipped network: with the state at hand, and with outcomes replayed.
//!
//! usage: `RAYON_NUM_THREADS=1 forecast-many`

#[path = "../stockops-core/tests/simulated/market.rs"]
#[allow(dead_code)] // only `Change::None` is used
mod market;

use std::time::Instant;

use market::{Change, Process, simulate};
use rayon::prelude::*;
use stockops_core::pipeline::shipped_parent;
use stockops_core::{Bars, Device, Result};

const TICKERS: usize = 5_000;

/// Different series that the tickers share in turn, so that memory holds them: 4 years of bars each.
const SERIES: u64 = 100;
const BARS: usize = 1_000;

/// Tickers whose outcomes are replayed.
const REPLAYED: usize = 200;

fn main() -> Result<()> {
    let forecaster = shipped_parent(Device::Cpu)?;
    // Of the days from 2020 on: the parent has seen none of them, and learns from the outcomes of all.
    let series = |seed| simulate(seed, Process::Garch, Change::None, 5_218 + BARS, usize::MAX).last(BARS);
    let all: Vec<Bars> = (0..SERIES).map(series).collect();
    let states = all.par_iter().map(|bars| forecaster.adapted(bars)).collect::<Result<Vec<_>>>()?;
    let each = |i: usize| (&all[i % all.len()], &states[i % all.len()]);
    let threads = rayon::current_num_threads();
    for _ in 0..3 {
        rate("the state at hand", TICKERS, threads, |i| {
            let (bars, now) = each(i);
            forecaster.forecast_in(bars, now).map(drop)
        })?;
        rate("outcomes replayed", REPLAYED, threads, |i| forecaster.forecast(each(i).0).map(drop))?;
    }
    Ok(())
}

/// Print how many pieces of `work` a second are done on all threads.
fn rate(what: &str, count: usize, threads: usize, work: impl Fn(usize) -> Result<()> + Send + Sync) -> Result<()> {
    let start = Instant::now();
    (0..count).into_par_iter().try_for_each(work)?;
    let rate = count as f64 / start.elapsed().as_secs_f64();
    println!(
        "{what}: {count} forecasts, {rate:.0} a second, {:.0} a thread ({threads} threads)",
        rate / threads as f64
    );
    Ok(())
}
