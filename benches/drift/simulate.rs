//! Simulated truth: how often alarms begin where nothing has changed, and how soon after a change.
//!
//! usage: `drift-simulate [--paths N] [--dump DIR --dumped N]`; `run.sh` adds the columns of Evidently.

#[path = "../../stockops-core/tests/simulated/market.rs"]
mod market;
#[path = "../../stockops-core/tests/simulated/model.rs"]
mod model;

use std::path::Path;

use market::{Change, Process, simulate};
use rayon::prelude::*;
use stockops_core::Bars;
use stockops_core::drift::{
    BEFORE_ROWS, CURRENT_ROWS, DriftMonitor, Health, LegacyDrift, Reference, ks_p_value, ks_statistic,
};

/// Bars of training; then so many of watching before the change, and after.
const HISTORY: usize = 1_500;
const QUIET: usize = 250;
const AFTER: usize = 63;

/// Watched bars where nothing changes.
const UNCHANGED: usize = 1_500;

const CHANGES: [(&str, Change); 8] = [
    ("mean of returns +0.5 deviations", Change::Mean(0.5)),
    ("mean of returns +1 deviation", Change::Mean(1.0)),
    ("volatility x 1.5", Change::Volatility(1.5)),
    ("volatility x 2", Change::Volatility(2.0)),
    ("volatility x 3", Change::Volatility(3.0)),
    ("volume x 2", Change::Volume(2.0)),
    ("tail: Student t of 3", Change::Tail),
    ("the relation is gone", Change::Relation),
];

const PROCESSES: [(&str, Process); 3] =
    [("i.i.d.", Process::Iid), ("GARCH", Process::Garch), ("stochastic volatility", Process::Stochastic)];

/// One way to alarm: whether it does on each watched day.
const METHODS: [&str; 5] = [
    "ours, Degraded or Critical",
    "ours, Critical",
    "contract, Critical",
    "KS on closes, p < .05",
    "KS on returns, p < .05",
];

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let value = |flag: &str| args.iter().position(|arg| arg == flag).and_then(|place| args.get(place + 1));
    let paths: u64 = value("--paths").and_then(|word| word.parse().ok()).unwrap_or(200);
    if let Some(folder) = value("--dump") {
        let dumped = value("--dumped").and_then(|word| word.parse().ok()).unwrap_or(20);
        return dump(Path::new(folder), dumped);
    }
    println!("{paths} paths each; {HISTORY} bars of training\n");
    println!("| nothing changes | {} |", METHODS.join(" | "));
    println!("| --- |{}", " ---: |".repeat(METHODS.len()));
    for (name, process) in PROCESSES {
        let quiet = |seed| alarms(&simulate(seed, process, Change::None, HISTORY + UNCHANGED, usize::MAX));
        let all: Vec<_> = (0..paths).into_par_iter().map(quiet).collect();
        let cell = |method: usize| {
            let days: Vec<&Vec<bool>> = all.iter().map(|methods| &methods[method]).collect();
            let begun = days.iter().map(|days| begins(days)).sum::<usize>() as f64;
            let alarming = days.iter().map(|days| days.iter().filter(|day| **day).count()).sum::<usize>() as f64;
            let watched = (days.len() * UNCHANGED) as f64;
            format!("{:.2} a year, {:.1} % of days", begun / watched * 250.0, 100.0 * alarming / watched)
        };
        println!("| {name} | {} |", (0..METHODS.len()).map(cell).collect::<Vec<_>>().join(" | "));
    }
    println!("\n| change | {} |", METHODS.join(" | "));
    println!("| --- |{}", " ---: |".repeat(METHODS.len()));
    for (name, process) in PROCESSES {
        for (what, change) in CHANGES.into_iter().filter(|(_, change)| fits(process, *change)) {
            let from = HISTORY + QUIET;
            let path = |seed| alarms(&simulate(1_000_000 + seed, process, change, from + AFTER, from));
            let all: Vec<_> = (0..paths).into_par_iter().map(path).collect();
            let cell = |method: usize| {
                let days = all.iter().map(|methods| &methods[method]).filter(|days| !days[QUIET - 1]);
                let delays: Vec<Option<usize>> = days.map(|days| days[QUIET..].iter().position(|day| *day)).collect();
                found(&delays)
            };
            println!("| {name}: {what} | {} |", (0..METHODS.len()).map(cell).collect::<Vec<_>>().join(" | "));
        }
    }
}

/// Volatility that does not move has no relation to lose.
fn fits(process: Process, change: Change) -> bool {
    (change == Change::Relation) == (process == Process::Stochastic) || change == Change::Volatility(2.0)
}

/// Share of paths with an alarm in the days after, and the median of the delays.
fn found(delays: &[Option<usize>]) -> String {
    let mut known: Vec<usize> = delays.iter().flatten().map(|delay| delay + 1).collect();
    known.sort_unstable();
    let share = 100.0 * known.len() as f64 / delays.len().max(1) as f64;
    match known.get(known.len() / 2) {
        Some(median) => format!("{share:.0} %, {median}"),
        None => "0 %".into(),
    }
}

fn begins(days: &[bool]) -> usize {
    usize::from(days[0]) + days.windows(2).filter(|pair| !pair[0] && pair[1]).count()
}

/// Whether each method alarms on each bar after the history.
fn alarms(bars: &Bars) -> [Vec<bool>; METHODS.len()] {
    let watched = bars.len() - HISTORY;
    let known = Bars::new(bars.ticker().clone(), bars.as_slice()[..HISTORY].to_vec()).expect("good bars");
    let monitor = DriftMonitor::new(Reference::of(&known).expect("enough bars")).with_trail(watched);
    let trail = monitor.report(bars, Some(&model::track(bars, HISTORY)), Default::default()).trail;
    assert_eq!(trail.len(), watched);
    let ends = || HISTORY + 1..=bars.len();
    let contract = |end: usize| {
        let recent = bars.as_slice()[end - 140..end].to_vec();
        LegacyDrift::of(&Bars::new(bars.ticker().clone(), recent).expect("good bars"))
            .is_some_and(|rule| rule.health == Health::Critical)
    };
    let closes = bars.closes();
    let returns: Vec<f64> =
        std::iter::once(0.0).chain(closes.windows(2).map(|pair| (pair[1] / pair[0]).ln())).collect();
    [
        trail.iter().map(|day| day.health >= Health::Degraded).collect(),
        trail.iter().map(|day| day.health == Health::Critical).collect(),
        ends().map(contract).collect(),
        ends().map(|end| is_ks_alarm(&closes[..end])).collect(),
        ends().map(|end| is_ks_alarm(&returns[..end])).collect(),
    ]
}

fn is_ks_alarm(known: &[f64]) -> bool {
    let sorted = |values: &[f64]| {
        let mut values = values.to_vec();
        values.sort_by(f64::total_cmp);
        values
    };
    let (before, current) = known[known.len() - CURRENT_ROWS - BEFORE_ROWS..].split_at(BEFORE_ROWS);
    ks_p_value(ks_statistic(&sorted(current), &sorted(before)), CURRENT_ROWS, BEFORE_ROWS) < 0.05
}

/// Bars of the first paths as CSV, for `evidently_columns.py`: the same as in the table.
fn dump(folder: &Path, paths: u64) {
    std::fs::create_dir_all(folder).expect("a folder to write to");
    let write = |name: String, bars: &Bars| {
        let tail = &bars.as_slice()[HISTORY - CURRENT_ROWS - BEFORE_ROWS - 1..];
        let row = |bar: &stockops_core::Bar| {
            format!("{},{},{},{},{},{}\n", bar.date, bar.open, bar.high, bar.low, bar.close, bar.volume)
        };
        let text = "Date,Open,High,Low,Close,Volume\n".to_string() + &tail.iter().map(row).collect::<String>();
        std::fs::write(folder.join(name), text).expect("room to write");
    };
    for (name, process) in PROCESSES {
        for seed in 0..paths {
            let quiet = simulate(seed, process, Change::None, HISTORY + QUIET, usize::MAX);
            write(format!("{name}: none;{seed}.csv"), &quiet);
            for (what, change) in CHANGES.into_iter().filter(|(_, change)| fits(process, *change)) {
                let from = HISTORY + QUIET;
                let bars = simulate(1_000_000 + seed, process, change, from + AFTER, from);
                write(format!("{name}: {what};{seed}.csv"), &bars);
            }
        }
    }
}
