//! Lines as they are written, and what must not stand in them.

use serde_json::Value;
use tempfile::TempDir;
use tracing::subscriber::with_default;

use super::*;
use crate::guard::Caller;

fn logs(config: LogConfig) -> (TempDir, Logs) {
    let folder = tempfile::tempdir().unwrap();
    let config = LogConfig { folder: Some(folder.path().join("logs")), to_stderr: false, ..config };
    let logs = Logs::open(config).unwrap();
    (folder, logs)
}

fn lines(logs: &Logs) -> Vec<Value> {
    logs.tail(1000).unwrap().logs.lines().map(|line| serde_json::from_str(line).expect(line)).collect()
}

#[test]
fn a_line_is_an_object_with_the_id_of_its_request() {
    let (_folder, logs) = logs(LogConfig::default());
    with_default(logs.subscriber(), || {
        let span = tracing::info_span!("request", request_id = "mine-1", route = "/risk/{ticker}");
        span.in_scope(|| tracing::info_span!("inner").in_scope(|| tracing::info!(status = 200, "answered")));
        tracing::debug!("not asked for");
    });
    let lines = lines(&logs);
    assert_eq!(lines.len(), 1);
    let line = &lines[0];
    assert_eq!(
        (&line["level"], &line["fields"]["message"], &line["fields"]["status"]),
        (&"INFO".into(), &"answered".into(), &200.into())
    );
    let span = &line["spans"][0];
    assert_eq!((&span["request_id"], &span["route"]), (&"mine-1".into(), &"/risk/{ticker}".into()));
    assert!(line["timestamp"].as_str().unwrap().ends_with('Z'));
}

#[test]
fn a_newline_in_a_field_begins_no_line() {
    let (_folder, logs) = logs(LogConfig::default());
    let forged = "GOOG\n{\"level\":\"INFO\",\"fields\":{\"message\":\"forged\"}}\r\u{2028}\u{1b}[31m";
    with_default(logs.subscriber(), || tracing::info!(ticker = forged, other = %forged, "asked {forged}"));
    let tail = logs.tail(1000).unwrap().logs;
    assert_eq!(tail.lines().count(), 1, "{tail}");
    assert!(!tail.contains('\u{1b}') && !tail.contains('\r'), "{tail:?}");
    assert_eq!(lines(&logs)[0]["fields"]["ticker"], forged);
}

#[test]
fn secrets_stand_in_no_line() {
    let secrets = vec!["s3cret-key".to_owned(), "qu\"ote\\d-key".to_owned(), "abc".to_owned(), String::new()];
    let (_folder, logs) = logs(LogConfig { secrets, ..LogConfig::default() });
    with_default(logs.subscriber(), || {
        tracing::info!(key = "s3cret-key", "sent s3cret-key, qu\"ote\\d-key and abc");
        tracing::info!(header = "Authorization: Bearer eyJhb.GciOi-J_9+/=, next", "BEARER other-token");
        tracing::info!(url = "redis://ann:pass%20word@cache:6379/0", "and https://x:y@h/a?api_key=k123&b=1");
        tracing::info!(debug = ?LogConfig { secrets: vec!["s3cret-key".into()], ..LogConfig::default() }, "settings");
    });
    let text = logs.tail(1000).unwrap().logs;
    for secret in
        ["s3cret-key", "qu\\\"ote", "d-key", "eyJhb", "GciOi", "other-token", "ann", "pass%20word", "x:y", "k123"]
    {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    for kept in ["[redacted]", "and abc", ", next", "@cache:6379/0", "@h/a?api_key=", "&b=1"] {
        assert!(text.contains(kept), "{kept} in {text}");
    }
    assert_eq!(lines(&logs).len(), 4, "each line is JSON still");
}

#[test]
fn a_filter_says_what_is_written_and_deeds_always_are() {
    let (_folder, logs) = logs(LogConfig { filter: "error,stockops_server::logs=warn".into(), ..LogConfig::default() });
    let caller = Caller { key_id: Some("0a1b2c3d".into()), address: [192, 0, 2, 1].into(), is_admin: true };
    let nobody = Caller { key_id: None, address: [127, 0, 0, 1].into(), is_admin: false };
    with_default(logs.subscriber(), || {
        tracing::info!("too low");
        tracing::warn!("high enough");
        tracing::warn!(target: "hyper", "another's");
        audit(Deed::Promote, &caller, "GOOG@4", "done");
        audit(Deed::Reset, &nobody, "all", "refused");
    });
    let lines = lines(&logs);
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert_eq!(lines[0]["fields"]["message"], "high enough");
    assert_eq!(lines[1]["target"], "audit");
    let fields = |n: usize, name: &str| lines[n]["fields"][name].as_str().unwrap().to_owned();
    assert_eq!(
        ["deed", "key", "address", "subject", "outcome"].map(|name| fields(1, name)),
        ["promote", "0a1b2c3d", "192.0.2.1", "GOOG@4", "done"]
    );
    assert_eq!(["deed", "key"].map(|name| fields(2, name)), ["reset", "none"]);
}

#[test]
fn what_is_no_filter_is_said() {
    let error = Logs::open(LogConfig { filter: "stockops=loud".into(), ..LogConfig::default() }).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
    assert_eq!(
        error.to_string(),
        "RUST_LOG must be such as `info` or `stockops_server=debug,warn`, got `stockops=loud`"
    );
}

#[test]
fn files_are_of_bounded_size_and_number() {
    let (folder, logs) = logs(LogConfig { bytes: 2000, files: 3, ..LogConfig::default() });
    with_default(logs.subscriber(), || (0..200).for_each(|n| tracing::info!(n, "a line of some length")));
    let mut sizes: Vec<(String, u64)> = std::fs::read_dir(folder.path().join("logs"))
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name().into_string().unwrap(), entry.metadata().unwrap().len()))
        .collect();
    sizes.sort();
    let names: Vec<&str> = sizes.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["stockops.log", "stockops.log.1", "stockops.log.2"]);
    assert!(sizes.iter().all(|(_, bytes)| *bytes <= 2000), "{sizes:?}");
    // The newest line is the last, and a tail may reach into the file before.
    let tail = logs.tail(12).unwrap();
    assert_eq!(tail.filename, "stockops.log");
    let numbers: Vec<u64> = tail
        .logs
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["fields"]["n"].as_u64().unwrap())
        .collect();
    assert_eq!(numbers, (188..200).collect::<Vec<_>>());
    assert_eq!(logs.tail(0).unwrap().logs, "");
}

#[test]
fn a_file_that_is_there_is_continued() {
    let folder = tempfile::tempdir().unwrap();
    let config = LogConfig { folder: Some(folder.path().to_owned()), to_stderr: false, ..LogConfig::default() };
    for word in ["before", "after"] {
        let logs = Logs::open(config.clone()).unwrap();
        with_default(logs.subscriber(), || tracing::info!(word, "started"));
    }
    let logs = Logs::open(config).unwrap();
    let words: Vec<Value> = lines(&logs).iter().map(|line| line["fields"]["word"].clone()).collect();
    assert_eq!(words, ["before", "after"]);
}

#[test]
fn without_a_folder_there_is_no_tail() {
    let logs = Logs::open(LogConfig { to_stderr: false, ..LogConfig::default() }).unwrap();
    assert_eq!(logs.tail(10).unwrap(), Tail { logs: String::new(), filename: String::new() });
}
