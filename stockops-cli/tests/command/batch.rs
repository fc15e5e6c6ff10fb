//! `stockops batch`: a line for each ticker, the same bytes however it is cut, and on from where it was killed.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::process::Stdio;

use serde_json::Value;
use stockops_core::Bars;

use crate::place::{Place, shipped};

/// Names of series that are made of the shipped ones.
const NAMES: [&str; 4] = ["AAA", "BBB", "CCC", "DDD"];

/// A place with a folder of bars for `names`, and their list with a comment.
fn place_with(names: &[&str]) -> Place {
    let place = Place::new();
    std::fs::create_dir(place.path().join("bars")).unwrap();
    for (number, name) in names.iter().enumerate() {
        place.write_bars(&format!("bars/{name}.csv"), &shipped(["MSFT", "GOOGL", "AMZN"][number % 3], 260 + number));
    }
    place.write("list.txt", format!("# ours\n{}\n", names.join("\n")).as_bytes());
    place
}

/// The lines of a call that ends with `code`, by ticker, and the last one.
fn lines(place: &Place, code: i32, words: &str) -> (BTreeMap<String, Value>, Value) {
    let output = place.run(&format!("{words} --json"));
    assert_eq!(output.status.code(), Some(code), "{words}: {}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let mut all: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let last = all.pop().unwrap();
    (all.into_iter().map(|line| (line["ticker"].as_str().unwrap().to_owned(), line)).collect(), last)
}

fn bundles(lines: &BTreeMap<String, Value>) -> BTreeMap<String, String> {
    let bundle = |line: &Value| line["bundle_sha256"].as_str().unwrap().to_owned();
    lines.iter().map(|(ticker, line)| (ticker.clone(), bundle(line))).collect()
}

const TRAIN: &str = "batch train --tickers list.txt --bars-dir bars --epochs 1";

#[test]
fn bundles_are_the_same_for_one_thread_two_threads_and_shards() {
    let place = place_with(&NAMES);
    let (one, last) = lines(&place, 0, &format!("{TRAIN} --threads 1 --home one"));
    assert_eq!((last["done"].as_array().unwrap().len(), &last["failed"]), (4, &Value::Array(Vec::new())));
    assert_eq!(last["done"], serde_json::json!(NAMES), "in the order of the list");
    assert_eq!(
        (&one["AAA"]["outcome"], &one["AAA"]["work"], &one["AAA"]["version"]),
        (&"done".into(), &"train".into(), &1.into())
    );
    let (two, _) = lines(&place, 0, &format!("{TRAIN} --threads 2 --home two"));
    assert_eq!(bundles(&one), bundles(&two));
    let mut parts = BTreeMap::new();
    for number in 0..3 {
        let mut command = place.command(&format!("{TRAIN} --shard job/3 --home parts --json"));
        let output = command.env("JOB_COMPLETION_INDEX", number.to_string()).output().unwrap();
        assert!(output.status.success());
        let text = String::from_utf8(output.stdout).unwrap();
        let all = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        parts.extend(all.filter_map(|line| Some((line["ticker"].as_str()?.to_owned(), line))));
    }
    assert_eq!(bundles(&one), bundles(&parts));
    // A comparison changes no weight: the child alone forecasts the same.
    let alone = place.json("train-child AAA --bars bars/AAA.csv --epochs 1 --home alone");
    let close =
        |home: &str| place.json(&format!("forecast AAA --bars bars/AAA.csv --home {home}"))["predictions"].clone();
    assert_eq!(alone["version"], 1);
    assert_eq!(close("alone"), close("one"));
    let plain = place.json("train-child AAA --bars bars/AAA.csv --epochs 1 --no-compare --home plain");
    assert_eq!(plain["bundle_sha256"], one["AAA"]["bundle_sha256"]);
    let (compared, _) = lines(&place, 0, &format!("{TRAIN} --compare --home compared"));
    assert_eq!(compared["AAA"]["bundle_sha256"], alone["bundle_sha256"]);
}

#[test]
fn threads_come_from_flag_then_environment_then_file() {
    let place = place_with(&NAMES[..1]);
    let words = "batch forecast --tickers list.txt --bars-dir bars --json";
    let used = |variable: Option<&str>, flag: &str| {
        let mut command = place.command(&format!("{words} {flag}"));
        let output = command.envs(variable.map(|threads| ("STOCKOPS_THREADS", threads))).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).unwrap();
        serde_json::from_str::<Value>(text.lines().last().unwrap()).unwrap()["threads"].clone()
    };
    // More than machines have, so that it is told from the number of processors.
    place.write("stockops.toml", b"threads = 61\n");
    assert_eq!((used(None, ""), used(Some("62"), "")), (61.into(), 62.into()));
    assert_eq!(used(Some("62"), "--threads 63"), 63);
    place.write("stockops.toml", b"threads = 1025\n");
    assert_eq!(place.fails(2, words.trim_end_matches(" --json")), "`threads` must be from 1 to 1024, got 1025");
}

#[test]
fn what_was_done_is_left_out_until_bars_model_or_settings_change() {
    let place = place_with(&NAMES[..2]);
    let resume = format!("{TRAIN} --resume");
    lines(&place, 0, &resume);
    let (all, last) = lines(&place, 0, &resume);
    assert_eq!((&last["skipped"], &all["AAA"]["version"]), (&serde_json::json!(["AAA", "BBB"]), &1.into()));
    assert_eq!(all["AAA"]["outcome"], "skipped");
    place.write_bars("bars/AAA.csv", &shipped("MSFT", 261));
    let (_, last) = lines(&place, 0, &resume);
    assert_eq!((&last["done"], &last["skipped"]), (&serde_json::json!(["AAA"]), &serde_json::json!(["BBB"])));
    let (_, last) = lines(&place, 0, &format!("{resume} --seed 7"));
    assert_eq!(last["done"].as_array().unwrap().len(), 2);

    // A forecast depends on who is champion.
    let forecast = "batch forecast --tickers list.txt --bars-dir bars --resume";
    let (all, _) = lines(&place, 0, forecast);
    assert_eq!((&all["BBB"]["model_version"], all["BBB"]["close"].as_array().unwrap().len()), (&"BBB@1".into(), 5));
    assert_eq!(
        place.json("forecast BBB --bars bars/BBB.csv")["predictions"]["next_day"]["close"],
        all["BBB"]["close"][0]
    );
    assert_eq!(lines(&place, 0, forecast).1["skipped"].as_array().unwrap().len(), 2);
    place.json("models promote BBB 2");
    assert_eq!(lines(&place, 0, forecast).1["done"], serde_json::json!(["BBB"]));
    let (all, _) = lines(&place, 0, "batch monitor --tickers list.txt --bars-dir bars");
    assert_eq!((&all["AAA"]["work"], &all["AAA"]["verdict"]), (&"monitor".into(), &"keep".into()));
}

/// A process that is killed has its pages, and whatever it had published is not made again.
#[cfg(unix)]
#[test]
fn a_batch_that_is_killed_goes_on_and_every_ticker_has_one_version() {
    let names: Vec<String> = (0..24).map(|number| format!("K{number}")).collect();
    let words: Vec<&str> = names.iter().map(String::as_str).collect();
    let place = place_with(&words);
    let mut child = place.command(&format!("{TRAIN} --json")).stdout(Stdio::piped()).spawn().unwrap();
    let mut heard = BufReader::new(child.stdout.take().unwrap()).lines();
    (0..6).for_each(|_| drop(heard.next().unwrap().unwrap()));
    child.kill().unwrap();
    child.wait().unwrap();
    // A version takes its number by its bundle.
    let versions = |name: &str| {
        let shelf = place.path().join("stockops-home/registry").join(name);
        (1..5).filter(|number| shelf.join(format!("{number}/bundle.safetensors")).exists()).count()
    };
    let before = names.iter().filter(|name| versions(name) > 0).count();
    assert!((6..24).contains(&before), "killed in the middle: {before}");

    let (_, last) = lines(&place, 0, &format!("{TRAIN} --resume"));
    let count = |key: &str| last[key].as_array().unwrap().len();
    assert_eq!((count("done") + count("skipped"), count("failed")), (24, 0));
    let listed = place.json("models list");
    assert_eq!(listed["versions"].as_array().unwrap().len(), 24, "none was made twice");
    let fresh = place_with(&words);
    let (fresh, _) = lines(&fresh, 0, TRAIN);
    let (all, _) = lines(&place, 0, &format!("{TRAIN} --resume"));
    assert_eq!(bundles(&all), bundles(&fresh), "and they are those of a batch that nobody killed");
}

#[test]
fn what_fails_is_told_and_touches_no_other() {
    let place = place_with(&NAMES[..2]);
    place.write_bars("short.csv", &Bars::new("CCC".parse().unwrap(), shipped("MSFT", 40).as_slice().to_vec()).unwrap());
    place.write("list.csv", b"ticker,bars\nAAA,\nCCC,short.csv\nNONE,\nBBB,\n");
    let words = "batch train --tickers list.csv --bars-dir bars --epochs 1";
    let (all, last) = lines(&place, 2, words);
    assert_eq!(last["done"], serde_json::json!(["AAA", "BBB"]));
    let kinds: Vec<_> = last["failed"].as_array().unwrap().iter().map(|one| (&one["ticker"], &one["kind"])).collect();
    assert_eq!(kinds, [(&"CCC".into(), &"too_short".into()), (&"NONE".into(), &"not_found".into())]);
    assert_eq!(all["CCC"]["outcome"], "failed");
    let message = last["error"]["message"].as_str().unwrap();
    assert!(
        message.starts_with("2 of 4 tickers failed; the first: training on CCC needs at least 78 bars"),
        "{message}"
    );
    let (_, last) = lines(&place, 0, &format!("{words} --resume --keep-going"));
    assert_eq!((&last["skipped"], last["failed"].as_array().unwrap().len()), (&serde_json::json!(["AAA", "BBB"]), 2));

    // What may pass by itself is worth another try: here somebody else has the right to train.
    let lock = place.path().join("stockops-home/registry/BBB/training.lock");
    let held = std::fs::File::open(lock).unwrap();
    held.lock().unwrap();
    let (_, last) = lines(&place, 1, &format!("{words} --seed 1"));
    assert_eq!(last["failed"][2]["kind"].as_str().or(last["failed"][1]["kind"].as_str()), Some("busy"));
}

/// A link to itself is a file that the system refuses to open, whoever asks.
#[cfg(target_os = "linux")]
#[test]
fn what_fails_is_told_with_its_cause() {
    let place = place_with(&[]);
    std::os::unix::fs::symlink("loop.csv", place.path().join("loop.csv")).unwrap();
    place.write("list.csv", b"ticker,bars\nLOOP,loop.csv\n");
    let (all, last) = lines(&place, 1, "batch forecast --tickers list.csv");
    let cure = "check that the folder exists, is writable and has room";
    let wanted = format!("could not read loop.csv; {cure}: Too many levels of symbolic links (os error 40)");
    assert_eq!((&all["LOOP"]["kind"], &all["LOOP"]["message"]), (&"storage".into(), &wanted.as_str().into()));
    assert_eq!(last["failed"][0]["message"], wanted);
    let line = String::from_utf8(place.run("batch forecast --tickers list.csv").stdout).unwrap();
    assert!(line.starts_with(&format!("LOOP: failed: {wanted}\n")), "{line}");
}

#[test]
fn two_batches_of_one_shard_do_not_run_at_once() {
    let place = place_with(&NAMES[..1]);
    lines(&place, 0, TRAIN);
    let folder = std::fs::read_dir(place.path().join("stockops-home/batch")).unwrap().next().unwrap().unwrap().path();
    let held = std::fs::File::open(folder.join("1-of-1/batch.lock")).unwrap();
    held.lock().unwrap();
    let text = place.fails(1, TRAIN);
    assert!(text.starts_with("batch train of shard 1/1 is busy: another process holds "), "{text}");
}

#[test]
fn wrong_calls_are_refused() {
    let place = place_with(&NAMES[..1]);
    let text = place.fails(2, "batch train --tickers none.txt");
    assert_eq!(text, "none.txt: no such file; check the path");
    place.write("bad.txt", b"AAA\n../x\n");
    assert!(place.fails(2, "batch forecast --tickers bad.txt").starts_with("bad.txt, line 2: `../x` is not a ticker"));
    let text = place.fails(2, "batch forecast --tickers list.txt --shard 0/3");
    assert!(text.contains("`shard` must be K/N with K from 1 to N, got 0/3"), "{text}");
    let text = place.fails(2, "batch forecast --tickers list.txt --shard job/3");
    assert!(text.contains("`job` wants JOB_COMPLETION_INDEX to be set"), "{text}");
    let text = place.fails(2, "batch forecast --tickers list.txt --bars-dir nowhere");
    assert_eq!(text, "nowhere: no such file; check the path");
}
