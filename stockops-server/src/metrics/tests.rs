//! What Prometheus reads: names, labels, and how many series there are at most.

use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;

use stockops_core::Calendar;
use stockops_core::drift::Health;

use super::*;

/// Something of everything.
fn busy() -> Metrics {
    let watch = ["GOOG", "AMZN"].map(|word| Ticker::new(word).unwrap());
    let metrics = Metrics::new(&watch);
    metrics.predicted("parent", 0.002);
    metrics.predicted("child", 0.2);
    metrics.trained(TaskKind::Parent, TaskState::Completed, 42.0, Some(0.25));
    metrics.trained(TaskKind::Child, TaskState::Failed, 2.0, None);
    metrics.training_is(TaskKind::Child, TaskState::Running);
    metrics.jobs(3, 1, Duration::from_secs(90));
    metrics.workers(2);
    metrics.job_ended("child", "failed");
    metrics.redis(Some(Usage { keys: 12, memory: 1000, memory_limit: 4000 }));
    metrics.changed(Change::Promoted);
    let standing =
        Standing { version: Some(3), created: Some(1_700_000_000), forecast_behind: Some(0), bars_behind: Some(2) };
    metrics.models_stand(&[(watch[0].clone(), standing), (watch[1].clone(), Standing::default())]);
    metrics.kept(Kind::Prediction).0.inc();
    metrics.kept(Kind::Analysis).1.inc();
    metrics.answered("/status/{task_id}", "GET", 200, 0.003);
    metrics.refused(429);
    let quality = Quality {
        skill: Some(0.04),
        coverage_90: Some(0.91),
        outcomes: 60,
        drift: Some(0.7),
        health: Some(Health::Healthy),
    };
    metrics.judged(&watch[0], &quality);
    metrics
}

fn series(text: &str) -> BTreeMap<&str, &str> {
    text.lines().filter(|line| !line.starts_with('#')).map(|line| line.rsplit_once(' ').unwrap()).collect()
}

#[test]
fn all_names_of_the_contract_are_there() {
    let text = busy().text();
    let series = series(&text);
    for (name, value) in [
        ("training_status{task_id=\"parent\"}", "2"),
        ("training_status{task_id=\"child\"}", "1"),
        ("training_mse_last", "0.25"),
        ("training_duration_seconds_count{task_id=\"parent\"}", "1"),
        ("training_duration_seconds_bucket{task_id=\"parent\",le=\"60\"}", "1"),
        ("training_duration_seconds_bucket{task_id=\"parent\",le=\"30\"}", "0"),
        ("prediction_latency_seconds_count{type=\"child\"}", "1"),
        ("prediction_latency_seconds_bucket{type=\"child\",le=\"0.25\"}", "1"),
        ("prediction_total{type=\"parent\"}", "1"),
        ("redis_cache_hit_total{key=\"prediction\"}", "1"),
        ("redis_cache_miss_total{key=\"analysis\"}", "1"),
        ("redis_up", "1"),
        ("redis_keys_total", "12"),
        ("http_requests_total{handler=\"/status/{task_id}\",method=\"GET\",status=\"200\"}", "1"),
        ("http_request_duration_seconds_count{handler=\"/status/{task_id}\",method=\"GET\"}", "1"),
        ("stockops_model_skill_ratio{ticker=\"GOOG\"}", "0.04"),
        ("stockops_models{health=\"healthy\"}", "1"),
        ("stockops_models{health=\"critical\"}", "0"),
        ("stockops_jobs_waiting", "3"),
        ("stockops_jobs_oldest_age_seconds", "90"),
        ("stockops_jobs_total{outcome=\"failed\",task_id=\"child\"}", "1"),
        ("stockops_jobs_total{outcome=\"cancelled\",task_id=\"report\"}", "0"),
        ("stockops_workers", "2"),
        ("stockops_redis_configured", "0"),
        ("stockops_redis_memory_used_bytes", "1000"),
        ("stockops_redis_memory_limit_bytes", "4000"),
        ("stockops_tickers_watched", "2"),
        ("stockops_tickers_fresh", "1"),
        ("stockops_champion_version{ticker=\"GOOG\"}", "3"),
        ("stockops_champion_created_timestamp_seconds{ticker=\"GOOG\"}", "1700000000"),
        ("stockops_forecast_sessions_behind{ticker=\"GOOG\"}", "0"),
        ("stockops_bars_sessions_behind{ticker=\"GOOG\"}", "2"),
        ("stockops_model_outcomes{ticker=\"GOOG\"}", "60"),
        ("stockops_model_health{ticker=\"GOOG\"}", "0"),
        ("stockops_promotions_total{how=\"promoted\"}", "1"),
        ("stockops_promotions_total{how=\"rolled_back\"}", "0"),
        ("system_cpu_percent", "0"),
        ("system_ram_used_mb", "0"),
        ("system_disk_used_mb", "0"),
    ] {
        assert_eq!(series.get(name), Some(&value), "{name} in\n{text}");
    }
}

#[test]
fn each_family_has_help_and_a_type_once() {
    let text = busy().text();
    for kind in ["# HELP ", "# TYPE "] {
        let mut names: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix(kind)?.split(' ').next()).collect();
        let count = names.len();
        names.dedup();
        assert!(names.len() == count && count > 20, "{names:?}");
    }
    assert!(text.ends_with('\n'));
}

#[test]
fn ten_thousand_tickers_have_no_more_series_than_fifty() {
    let tickers: Vec<Ticker> = (0..10_000).map(|n| Ticker::new(&format!("T{n}")).unwrap()).collect();
    let metrics = Metrics::new(&tickers);
    let ask = |ticker: &Ticker, n: usize| {
        metrics.predicted(ticker.as_str(), 0.01);
        metrics.answered("/risk/{ticker}", "GET", 200, 0.01);
        let health = [Some(Health::Healthy), Some(Health::Degraded), None][n % 3];
        metrics.judged(
            ticker,
            &Quality { skill: Some(0.1), coverage_90: Some(0.9), outcomes: 60, drift: Some(0.1), health },
        );
    };
    for (n, ticker) in tickers[..50].iter().enumerate() {
        ask(ticker, n);
    }
    let standing = Standing { version: Some(1), created: Some(1), forecast_behind: Some(0), bars_behind: Some(0) };
    let standings: Vec<_> = tickers.iter().map(|ticker| (ticker.clone(), standing)).collect();
    metrics.models_stand(&standings[..50]);
    let after_fifty = series(&metrics.text()).len();
    for (n, ticker) in tickers.iter().enumerate() {
        ask(ticker, n);
    }
    metrics.models_stand(&standings);
    let text = metrics.text();
    assert_eq!(series(&text).len(), after_fifty);
    assert_eq!(series(&text)["stockops_tickers_fresh"], "50", "of the watch list alone");
    // Nine gauges of 50 tickers, and a hundred that are always there.
    assert!(after_fifty < 600, "{after_fifty}");
    let judged: u32 = ["healthy", "degraded", "critical", "unknown"]
        .map(|word| series(&text)[format!("stockops_models{{health=\"{word}\"}}").as_str()].parse::<u32>().unwrap())
        .iter()
        .sum();
    assert_eq!(judged, 10_000, "each ticker counts once, however often it is judged");
}

#[test]
fn a_number_that_is_no_longer_known_goes() {
    let ticker = Ticker::new("GOOG").unwrap();
    let metrics = Metrics::new(std::slice::from_ref(&ticker));
    let known = Quality {
        skill: Some(0.1),
        coverage_90: Some(0.9),
        outcomes: 60,
        drift: Some(0.1),
        health: Some(Health::Critical),
    };
    metrics.judged(&ticker, &known);
    metrics.judged(&ticker, &Quality { skill: None, drift: Some(f64::NAN), health: None, ..known });
    let text = metrics.text();
    assert!(!text.contains("stockops_model_skill_ratio{") && !text.contains("stockops_model_drift_score{"), "{text}");
    assert!(text.contains("stockops_model_coverage_90_ratio{ticker=\"GOOG\"} 0.9"));
    assert_eq!(
        (series(&text)["stockops_models{health=\"critical\"}"], series(&text)["stockops_models{health=\"unknown\"}"]),
        ("0", "1")
    );
}

#[test]
fn a_session_is_missed_six_hours_after_its_close_and_a_weekend_never() {
    let behind = |last: &str, now: &str| {
        let calendar = Calendar::of(&Ticker::new("GOOG").unwrap());
        sessions_behind(&calendar, last.parse().unwrap(), now.parse().unwrap())
    };
    // Friday's bar on Sunday, and on Monday until 16:00 in New York and six hours more.
    assert_eq!(behind("2024-05-03", "2024-05-05T23:00:00Z"), 0);
    assert_eq!(behind("2024-05-03", "2024-05-07T01:59:59Z"), 0);
    assert_eq!(behind("2024-05-03", "2024-05-07T02:00:00Z"), 1);
    // 4 July 2024 is a holiday, and the day before it closes early.
    assert_eq!(behind("2024-07-02", "2024-07-05T12:00:00Z"), 1);
    assert_eq!(behind("2010-01-04", "2024-05-05T23:00:00Z"), 30);
}

#[tokio::test]
async fn the_machine_is_looked_at_beside_the_scrapes() {
    let metrics = Metrics::new(&[]);
    let home = tempfile::tempdir().unwrap();
    let watch = metrics.watch_machine(home.path(), Duration::from_millis(300));
    for _ in 0..100 {
        let text = metrics.text();
        let number = |name: &str| series(&text)[name].parse::<f64>().unwrap();
        if number("system_ram_used_mb") > 1.0 && number("process_resident_memory_bytes") > 1e6 {
            assert!(number("stockops_disk_size_bytes") >= number("stockops_disk_free_bytes"), "{text}");
            assert!((0.0..=100.0).contains(&number("system_cpu_percent")), "{text}");
            return watch.abort();
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("nobody looked: {}", metrics.text());
}

#[test]
#[ignore = "it needs promtool"]
fn promtool_finds_fault_with_names_of_the_contract_alone() {
    let mut promtool = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("promtool is on the path");
    promtool.stdin.take().unwrap().write_all(busy().text().as_bytes()).unwrap();
    let said = promtool.wait_with_output().unwrap();
    let words = String::from_utf8_lossy(&[said.stdout, said.stderr].concat()).into_owned();
    // These names are the contract's: `_total` on a gauge, and megabytes by their short word.
    let contract = ["redis_keys_total ", "system_disk_used_mb ", "system_ram_used_mb "];
    let others: Vec<&str> =
        words.lines().filter(|line| !line.is_empty() && !contract.iter().any(|name| line.starts_with(name))).collect();
    assert!(others.is_empty(), "{words}");
}
