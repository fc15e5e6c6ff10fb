//! What Prometheus reads: names, labels, and how many series there are at most.

use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;

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
    metrics.jobs(3, 1);
    metrics.redis(Some(12));
    metrics.kept(Kind::Prediction).0.inc();
    metrics.kept(Kind::Analysis).1.inc();
    metrics.answered("/status/{task_id}", "GET", 200, 0.003);
    metrics.refused(429);
    let quality =
        Quality { skill: Some(0.04), coverage_90: Some(0.91), drift: Some(0.7), health: Some(Health::Healthy) };
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
        metrics.judged(ticker, &Quality { skill: Some(0.1), coverage_90: Some(0.9), drift: Some(0.1), health });
    };
    for (n, ticker) in tickers[..50].iter().enumerate() {
        ask(ticker, n);
    }
    let after_fifty = series(&metrics.text()).len();
    for (n, ticker) in tickers.iter().enumerate() {
        ask(ticker, n);
    }
    let text = metrics.text();
    assert_eq!(series(&text).len(), after_fifty);
    assert!(after_fifty < 300, "{after_fifty}");
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
    let known = Quality { skill: Some(0.1), coverage_90: Some(0.9), drift: Some(0.1), health: Some(Health::Critical) };
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

#[tokio::test]
async fn the_machine_is_looked_at_beside_the_scrapes() {
    let metrics = Metrics::new(&[]);
    let home = tempfile::tempdir().unwrap();
    let watch = metrics.watch_machine(home.path(), Duration::from_millis(300));
    for _ in 0..100 {
        let text = metrics.text();
        let number = |name: &str| series(&text)[name].parse::<f64>().unwrap();
        if number("system_ram_used_mb") > 1.0 && number("process_resident_memory_bytes") > 1e6 {
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
