//! How long the offline store takes: ingestion of many tickers with twenty years each, a new day for all of them, joins at a
//! point in time, and reading one ticker. Bars are made up; a folder is given, and left for others to read.
//!
//! cargo run --profile dist -p stockops-benches --bin feature-store -- FOLDER [TICKERS] [tickers|buckets]

use std::path::Path;
use std::time::Instant;

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use stockops_core::feature_store::{EntityRow, FeatureView, Known, Layout, OfflineStore};
use stockops_core::{Bar, Bars, Calendar, Result, Ticker};

/// Twenty years of sessions.
const DAYS: usize = 5_040;
/// Tickers that are made and ingested at a time.
const PART: usize = 500;
/// Rows of a join.
const ENTITIES: usize = 100_000;

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().unwrap_or_else(|| "feature-store".into());
    let count: usize = arguments.next().and_then(|word| word.parse().ok()).unwrap_or(5_000);
    let layout: Layout = arguments.next().unwrap_or_else(|| "tickers".into()).parse()?;
    let store = OfflineStore::open(&folder);
    let now: DateTime<Utc> = "2026-01-10T00:00:00Z".parse().unwrap_or_default();
    store.apply(&FeatureView::default(), Some(layout), now)?;

    let calendar: Calendar = "XNYS".parse()?;
    let days: Vec<NaiveDate> =
        calendar.next_sessions(day("2005-12-20"), DAYS + 1).iter().map(|session| session.date).collect();
    println!("{count} tickers x {DAYS} sessions, layout {layout}, {} threads", rayon::current_num_threads());
    ingest(&store, "first ingestion", count, &days[..DAYS], now)?;
    ingest(&store, "nothing new", count, &days[..DAYS], now)?;
    ingest(&store, "one day more", count, &days[DAYS - 5..], now + TimeDelta::days(1))?;
    sizes(Path::new(&folder));

    let entities: Vec<EntityRow> = (0..ENTITIES).map(|i| entity(i, count, &days)).collect::<Result<_>>()?;
    let begin = Instant::now();
    let rows = store.historical("stock_stats", &entities, Known::Now)?;
    let found = rows.iter().flatten().count();
    println!("join of {ENTITIES} rows over all tickers: {:.2} s, {found} found", begin.elapsed().as_secs_f64());
    let mut times: Vec<f64> = Vec::new();
    for i in 0..50 {
        let begin = Instant::now();
        store.newest_of("stock_stats", &ticker(i * 97 % count)?)?;
        times.push(begin.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    println!("newest row of one ticker: median {:.2} ms", times[25]);
    let begin = Instant::now();
    println!("newest row of all: {} in {:.2} s", store.newest("stock_stats")?.len(), begin.elapsed().as_secs_f64());
    Ok(())
}

fn day(word: &str) -> NaiveDate {
    word.parse().unwrap_or_default()
}

fn ticker(i: usize) -> Result<Ticker> {
    Ticker::new(&format!("T{i}.N"))
}

/// A path of its own for each ticker, with the same values for the same day whenever it is asked for.
fn bars(i: usize, days: &[NaiveDate]) -> Result<Bars> {
    let bar = |date: &NaiveDate| {
        let t = date.signed_duration_since(day("2005-12-20")).num_days() as f64;
        let wave = |period: f64, phase: f64| ((t / period) + phase).sin();
        let close =
            50.0 * (0.3 * wave(700.0, i as f64) + 0.05 * wave(11.3, i as f64 * 0.7) + 0.02 * wave(1.7, i as f64)).exp();
        let open = close * (1.0 + 0.004 * wave(0.9, i as f64));
        let (top, bottom) = (open.max(close) * 1.006, open.min(close) * 0.993);
        Bar {
            date: *date,
            open,
            high: top,
            low: bottom,
            close,
            volume: (1e6 * (1.0 + 0.5 * wave(3.1, i as f64))).round(),
        }
    };
    Ok(Bars::new(ticker(i)?, days.iter().map(bar).collect())?.with_calendar(Some("XNYS".parse()?)))
}

fn ingest(store: &OfflineStore, what: &str, count: usize, days: &[NaiveDate], now: DateTime<Utc>) -> Result<()> {
    let (mut seconds, mut rows) = (0.0, 0);
    for part in (0..count).step_by(PART) {
        let series = (part..count.min(part + PART)).map(|i| bars(i, days)).collect::<Result<Vec<_>>>()?;
        let begin = Instant::now();
        let ingestion = store.ingest(&series, now)?;
        seconds += begin.elapsed().as_secs_f64();
        assert!(ingestion.failed.is_empty(), "{:?}", ingestion.failed.first());
        rows += ingestion.written.iter().map(|written| written.rows).sum::<usize>();
    }
    println!("{what}: {seconds:.1} s, {rows} rows written");
    Ok(())
}

fn entity(i: usize, count: usize, days: &[NaiveDate]) -> Result<EntityRow> {
    let date = days[i * 7_919 % days.len()].checked_add_days(Days::new(i as u64 % 3)).unwrap_or_default();
    let event_timestamp = date.and_hms_opt(15, i as u32 % 60, 0).unwrap_or_default().and_utc();
    Ok(EntityRow { ticker: ticker(i * 31 % count)?, event_timestamp })
}

/// Megabytes and files of bars and rows.
fn sizes(folder: &Path) {
    for table in ["bars", "rows/stock_stats"] {
        let files = std::fs::read_dir(folder.join("features").join(table)).into_iter().flatten().flatten();
        let sizes: Vec<u64> = files.filter_map(|file| Some(file.metadata().ok()?.len())).collect();
        println!("{table}: {} files, {} MB", sizes.len(), sizes.iter().sum::<u64>() / 1_000_000);
    }
}
