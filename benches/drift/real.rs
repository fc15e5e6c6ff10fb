//! When the monitor would have spoken on real bars: a parent on the index and its children, trained up to a day, then watched.
//!
//! usage: `drift-real [--to DATE] [TICKER=FILE ...]`; without files the bars that ship with the crate.

use chrono::{Datelike, NaiveDate};
use stockops_core::drift::{DriftMonitor, Health, LegacyDrift, Reference, TrackRecord, TrailDay};
use stockops_core::pipeline::{ChildConfig, ParentConfig, publish, replayed, train_child, train_parent};
use stockops_core::source::builtin_bars;
use stockops_core::training::Watch;
use stockops_core::{
    BarSource, Bars, Device, FileSource, Forecaster, MemoryRegistry, ReadOptions, Result, Ticker, pipeline,
};

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (to, files) = match args.split_first() {
        Some((flag, rest)) if flag == "--to" && !rest.is_empty() => (rest[0].clone(), rest[1..].to_vec()),
        _ => ("2006-12-31".into(), args),
    };
    let to: Option<NaiveDate> = to.parse().ok();
    let mut all: Vec<Bars> = Vec::new();
    for file in &files {
        let ticker = Ticker::new(file.rsplit_once('=').map_or("", |(ticker, _)| ticker))?;
        all.push(FileSource::parse(&files, None, ReadOptions::default())?.bars(&ticker)?.bars);
    }
    if all.is_empty() {
        for word in ["^GSPC", "AMZN", "IBM"] {
            all.push(builtin_bars(&Ticker::new(word)?)?.bars);
        }
    }
    let registry = MemoryRegistry::new();
    let config = ParentConfig { to, ..ParentConfig::default() };
    let parent = train_parent(&all[..1], &config, &mut Watch::silent())?;
    publish(&registry, &parent)?;
    watch(&all[0], &parent.forecaster)?;
    let parent = pipeline::find_parent(&registry, Device::Cpu)?;
    for bars in &all[1..] {
        let config = ChildConfig { to, ..ChildConfig::default() };
        let child = train_child(bars, Some(&parent), &config, &mut Watch::silent())?;
        watch(bars, &child.forecaster)?;
    }
    Ok(())
}

/// The episodes of all days after the last that the forecaster saw.
fn watch(bars: &Bars, forecaster: &Forecaster) -> Result<()> {
    let since = forecaster.about().last_seen_day;
    let known = bars.between(None, Some(since));
    let days = bars.len() - known.len();
    let track = TrackRecord { since, outcomes: replayed(forecaster, bars, known.last(250).first_day())? };
    let monitor = DriftMonitor::new(Reference::of(&known)?).with_trail(days);
    let trail = monitor.report(bars, Some(&track), Default::default()).trail;
    let years = days as f64 / 250.0;
    println!("\n## {} after {since}: {days} days\n", bars.ticker());
    for (name, health) in [("Degraded or Critical", Health::Degraded), ("Critical", Health::Critical)] {
        let begins = episodes(&trail, health);
        let alarming = trail.iter().filter(|day| day.health >= health).count();
        let share = 100.0 * alarming as f64 / days as f64;
        println!(
            "{name}: {} episodes, {:.2} in 250 days, {share:.1} % of days",
            begins.len(),
            begins.len() as f64 / years
        );
    }
    let contract = (known.len()..bars.len()).filter(|end| {
        let recent = Bars::new(bars.ticker().clone(), bars.as_slice()[end.saturating_sub(150)..=*end].to_vec());
        recent.ok().and_then(|recent| LegacyDrift::of(&recent)).is_some_and(|rule| rule.health == Health::Critical)
    });
    println!("contract's rule Critical: {:.1} % of days", 100.0 * contract.count() as f64 / days as f64);
    println!(
        "\n| episode | days | Critical from | data | model | what it said, on the first day and on the first Critical one |"
    );
    println!("| --- | ---: | --- | ---: | ---: | --- |");
    for (from, to) in episodes(&trail, Health::Degraded) {
        let own = &trail[from..=to];
        let critical = own.iter().find(|day| day.health == Health::Critical).map(|day| day.day);
        let data = own.iter().map(|day| day.data).fold(0.0, f64::max);
        let model = own.iter().filter_map(|day| day.concept).fold(0.0, f64::max);
        let (first, last) = (own[0].day, own[own.len() - 1].day);
        let mut words = summary(&monitor, bars, &track, first);
        if let Some(day) = critical.filter(|day| *day != first) {
            words += &format!(" / {}", summary(&monitor, bars, &track, day));
        }
        let critical = critical.map_or("-".into(), |day| day.to_string());
        println!("| {first} to {last} | {} | {critical} | {data:.2} | {model:.2} | {words} |", own.len());
    }
    let year = |day: &TrailDay| day.day.year();
    println!();
    for own in trail.chunk_by(|a, b| year(a) == year(b)) {
        let count = |health: Health| own.iter().filter(|day| day.health == health).count();
        println!(
            "{}: {} Degraded, {} Critical of {} days",
            year(&own[0]),
            count(Health::Degraded),
            count(Health::Critical),
            own.len()
        );
    }
    Ok(())
}

/// First and last place of each stretch of days that are at least as bad.
fn episodes(trail: &[TrailDay], health: Health) -> Vec<(usize, usize)> {
    let places: Vec<usize> = (0..trail.len()).filter(|place| trail[*place].health >= health).collect();
    places.chunk_by(|a, b| a + 1 == *b).map(|stretch| (stretch[0], stretch[stretch.len() - 1])).collect()
}

/// What the report of `day` said.
fn summary(monitor: &DriftMonitor, bars: &Bars, track: &TrackRecord, day: NaiveDate) -> String {
    let outcomes = track.outcomes.iter().filter(|outcome| outcome.day <= day).cloned().collect();
    let known = TrackRecord { since: track.since, outcomes };
    monitor.report(&bars.between(None, Some(day)), Some(&known), Default::default()).summary
}
