//! How long reports on 5,000 tickers take in one call.

#[path = "../../stockops-core/tests/simulated/market.rs"]
#[allow(dead_code)] // of the changes it needs none but none
mod market;
#[path = "../../stockops-core/tests/simulated/model.rs"]
mod model;

use std::time::Instant;

use market::{Change, Process, simulate};
use stockops_core::Bars;
use stockops_core::drift::{DriftMonitor, Health, Reference, TrackRecord, Watched, reports};

const TICKERS: usize = 5_000;

/// Different series that the tickers share in turn, so that memory holds them: 8 years of bars each.
const SERIES: usize = 100;
const BARS: usize = 2_000;

fn main() {
    let all: Vec<Bars> =
        (0..SERIES as u64).map(|seed| simulate(seed, Process::Garch, Change::None, BARS, usize::MAX)).collect();
    let tracks: Vec<TrackRecord> = all.iter().map(|bars| model::track(bars, BARS - 250)).collect();
    let start = Instant::now();
    let references: Vec<Reference> = all.iter().map(|bars| Reference::of(bars).expect("enough bars")).collect();
    println!(
        "learning what is usual: {:.1} ms a ticker, one thread",
        start.elapsed().as_secs_f64() * 1e3 / SERIES as f64
    );
    let monitors: Vec<DriftMonitor> = references.into_iter().map(DriftMonitor::new).collect();
    let watched: Vec<Watched<'_>> = (0..TICKERS)
        .map(|i| i % SERIES)
        .map(|i| Watched { monitor: &monitors[i], bars: &all[i], track: Some(&tracks[i]) })
        .collect();
    for _ in 0..3 {
        let start = Instant::now();
        let made = reports(&watched, Default::default());
        let critical = made.iter().filter(|report| report.health == Some(Health::Critical)).count();
        let threads = rayon::current_num_threads();
        println!("{TICKERS} reports: {:.2} s, {threads} threads ({critical} critical)", start.elapsed().as_secs_f64());
    }
}
