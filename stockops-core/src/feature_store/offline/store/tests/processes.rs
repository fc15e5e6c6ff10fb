//! Other processes: this test binary runs itself with a job in its environment.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::*;

const HOME: &str = "STOCKOPS_TEST_FEATURES";
const JOB: &str = "STOCKOPS_TEST_FEATURES_JOB";
const DAYS: u64 = 40;

fn spawn(job: &str, home: &Path) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "feature_store::offline::store::tests::processes::job_of_a_child_process", "--nocapture"]);
    command.env(HOME, home).env(JOB, job).stdout(Stdio::piped()).spawn().unwrap()
}

/// Does nothing in an ordinary run.
#[test]
fn job_of_a_child_process() {
    let (Ok(home), Ok(job)) = (std::env::var(HOME), std::env::var(JOB)) else { return };
    let store = OfflineStore::open(home);
    if job == "for ever" {
        for round in 1.. {
            store.ingest(&of_round(round), later(round)).unwrap();
            println!("written");
        }
    }
    for days in 1..=DAYS {
        let given = [bars(BTC, 0..days, |_| 50.0), bars(&format!("{job}-USD"), 0..days, |_| 7.0)];
        let ingestion = store.ingest(&given, later(days)).unwrap();
        assert!(ingestion.failed.is_empty(), "{ingestion:?}");
    }
}

fn later(round: u64) -> DateTime<Utc> {
    at(NOW) + chrono::TimeDelta::seconds(round as i64)
}

/// Four tickers, with the number of the round as their price.
fn of_round(round: u64) -> Vec<Bars> {
    (0..4).map(|i| bars(&format!("T{i}-USD"), 0..60, |_| round as f64)).collect()
}

fn applied(layout: Layout) -> (tempfile::TempDir, OfflineStore) {
    let home = tempfile::tempdir().unwrap();
    let store = OfflineStore::open(home.path());
    store.apply(&FeatureView::default(), Some(layout), at(NOW)).unwrap();
    (home, store)
}

#[test]
fn processes_that_ingest_at_once_lose_nothing() {
    for layout in [Layout::Tickers, Layout::Buckets] {
        let (home, store) = applied(layout);
        for mut child in ["A", "B", "C"].map(|job| spawn(job, home.path())) {
            assert!(child.wait().unwrap().success());
        }
        for word in [BTC, "A-USD", "B-USD", "C-USD"] {
            let rows = store.rows("stock_stats", Bucket::of(&ticker(word)), &BTreeSet::from([ticker(word)])).unwrap();
            assert_eq!(rows[&ticker(word)].len(), DAYS as usize, "{word}: each row has one version");
        }
    }
}

#[test]
fn a_process_that_is_killed_while_it_writes_leaves_whole_versions() {
    for layout in [Layout::Tickers, Layout::Buckets] {
        let (home, store) = applied(layout);
        for round in 0..6 {
            let mut child = spawn("for ever", home.path());
            let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
            assert!(lines.any(|line| line.unwrap().contains("written")));
            std::thread::sleep(Duration::from_millis(11 * round));
            child.kill().unwrap();
            child.wait().unwrap();
            for i in 0..4 {
                let closes = closes(&store.history("stock_stats", &ticker(&format!("T{i}-USD")), None).unwrap());
                assert!(closes.len() == 60 && closes.iter().all(|close| *close == closes[0]), "{closes:?}");
            }
        }
        // What is left of the dead is no obstacle, and rows that miss behind their bars are made.
        store.ingest(&of_round(9_999), at("2030-01-01T00:00:00Z")).unwrap();
        assert!(store.newest("stock_stats").unwrap().iter().all(|row| row.values[3] == Some(9_999.0)));
    }
}
