//! Promises that only a network and other processes can break.

use std::error::Error as _;
use std::io::ErrorKind;
use std::process::Command;

use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::{BackoffConfig, ClientOptions, RetryConfig};

use super::*;
use crate::storage::{Log, Sequence, conformance};
use standin::{Fault, Standin};

mod standin;

fn key(word: &str) -> Key {
    Key::new(word).unwrap()
}

fn storage_at(endpoint: &str, prefix: &str) -> BucketStorage {
    waiting(endpoint, prefix, Duration::from_secs(30))
}

/// A storage whose requests end after `limit`.
fn waiting(endpoint: &str, prefix: &str, limit: Duration) -> BucketStorage {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let [soon, later, patience] = [5, 40, 60_000].map(Duration::from_millis);
    let backoff = BackoffConfig { init_backoff: soon, max_backoff: later, base: 2.0 };
    let client = ClientOptions::new().with_allow_http(true).with_timeout(limit);
    let s3 = AmazonS3Builder::new()
        .with_config(AmazonS3ConfigKey::DisableBulkDelete, "true")
        .with_endpoint(endpoint)
        .with_bucket_name("models")
        .with_access_key_id("name")
        .with_secret_access_key("played-secret")
        .with_client_options(client)
        .with_retry(RetryConfig { backoff, max_retries: 4, retry_timeout: patience });
    BucketStorage::on(move || Ok(Arc::new(s3.clone().build()?)), &format!("s3://models/{prefix}"), prefix)
}

fn on(fault: Fault) -> (Standin, BucketStorage) {
    let server = Standin::start(fault);
    let is_quiet = matches!(fault, Fault::LostAnswers | Fault::Silent);
    let limit = Duration::from_millis(if is_quiet { 1_000 } else { 30_000 });
    let storage = waiting(&server.endpoint, "prod/one", limit);
    (server, storage)
}

#[test]
fn a_bucket_keeps_every_promise() {
    let (server, storage) = on(Fault::None);
    conformance(&storage);
    let keys = server.keys();
    assert!(keys.iter().all(|key| key.starts_with("prod/one/") && !key.contains("canary")), "{keys:?}");
    assert!(keys.contains(&"prod/one/objects/^GSPC/BRK-B@3_x=y.json".into()));
    assert_eq!(storage.place(&key("a/b")), PathBuf::from("s3://models/prod/one/a/b"));
}

/// Several writers at once change one value and add to one log; each change is in once, whatever the network does.
#[test]
fn no_change_is_lost_or_in_twice_where_answers_are() {
    for fault in [Fault::Busy, Fault::FailedAfterwards, Fault::LostAnswers, Fault::Met] {
        let (_server, storage) = on(fault);
        let rounds = if fault == Fault::LostAnswers { 1 } else { 4 };
        write_at_once(&storage, 3, rounds);
        written(&storage, 3 * rounds);
    }
}

/// Each of `writers` changes a value and adds to a log so often.
fn write_at_once(storage: &BucketStorage, writers: usize, rounds: usize) {
    std::thread::scope(|scope| {
        for writer in 0..writers {
            scope.spawn(move || write(storage, &format!("writer {writer}"), rounds));
        }
    });
}

fn write(storage: &BucketStorage, writer: &str, rounds: usize) {
    let count: Sequence<'_, Vec<String>> = Sequence::new(storage, key("count"));
    let log: Log<'_, String> = Log::new(storage, key("log"));
    for round in 0..rounds {
        let word = format!("{writer}, {round}");
        count.change(|all| Ok((Some([all.unwrap_or_default(), vec![word.clone()]].concat()), ()))).unwrap();
        log.add("2024-05-01", &word, |there| Ok(!there.values().any(|one| *one == word))).unwrap();
    }
}

fn written(storage: &BucketStorage, wanted: usize) {
    let mut all: Vec<String> = Sequence::new(storage, key("count")).newest().unwrap().unwrap();
    let log: Log<'_, String> = Log::new(storage, key("log"));
    assert_eq!((all.len(), log.entries().unwrap().len()), (wanted, wanted), "{all:?}");
    all.sort();
    all.dedup();
    assert_eq!(all.len(), wanted, "each change is in once");
}

/// Who created an object knows it, although the answer said otherwise; and so does who did not.
#[test]
fn who_created_knows_it_whatever_was_answered() {
    for fault in [Fault::Busy, Fault::FailedAfterwards, Fault::LostAnswers, Fault::Met] {
        let (server, storage) = on(fault);
        for round in 0..2 {
            let key = key(&format!("a/{round}"));
            assert!(storage.create(&key, b"one").unwrap(), "{fault:?}, {round}");
            assert!(!storage.create(&key, b"one").unwrap(), "{fault:?}: the same bytes of another writer are not ours");
        }
        assert_eq!(server.keys(), ["prod/one/a/0", "prod/one/a/1"], "{fault:?}");
    }
}

#[test]
fn a_store_that_takes_a_condition_and_overwrites_is_refused() {
    for fault in [Fault::Deaf, Fault::NoConditions] {
        let (server, storage) = on(fault);
        let error = storage.create(&key("a/b"), b"x").unwrap_err();
        let text = error.to_string();
        assert!(
            text.starts_with("`home` must be a bucket whose store keeps to the condition `If-None-Match: *`"),
            "{text}"
        );
        assert!(text.ends_with("got s3://models/prod/one") && error.is_input(), "{text}");
        assert!(server.keys().is_empty(), "nothing was written, and the canary is gone");
        assert!(storage.lock(&key("a.lock")).is_err(), "a lock stands on the same condition");
    }
}

#[test]
fn the_store_is_looked_at_once_and_only_before_a_creation() {
    let (server, storage) = on(Fault::None);
    storage.get(&key("a")).unwrap();
    storage.put(&key("a"), b"x").unwrap();
    assert_eq!(server.seen().len(), 2, "{:?}", server.seen());
    for name in ["b", "c"] {
        assert!(storage.clone().create(&key(name), b"x").unwrap());
    }
    let canaries = server.seen().iter().filter(|line| line.contains("canary")).count();
    assert_eq!(canaries, 3, "two writes and a removal: {:?}", server.seen());
}

/// In bounded time, in words that hold no credentials.
#[test]
fn a_store_that_is_away_is_said_with_its_cause() {
    for (fault, kind, cause) in [
        (Fault::Down, ErrorKind::Other, "HTTP 503 Service Unavailable, SlowDown: in the words of the store"),
        (Fault::Forbidden, ErrorKind::PermissionDenied, "HTTP 403 Forbidden, AccessDenied: in the words of the store"),
        (Fault::Silent, ErrorKind::TimedOut, "operation timed out"),
    ] {
        let (_server, storage) = on(fault);
        let error = storage.put(&key("a/b"), b"x").unwrap_err();
        let cure = "check that the bucket exists, can be reached and lets these credentials in";
        assert_eq!(error.to_string(), format!("could not write s3://models/prod/one/a/b; {cure}"));
        let Error::Storage { source, .. } = &error else { panic!("{error:?}") };
        assert_eq!((source.kind(), source.to_string()), (kind, cause.into()), "{fault:?}");
        let all = format!("{error:?} {:?} {storage:?}", error.source());
        assert!(!all.contains("played-secret") && !all.contains("Signature"), "{all}");
    }
    let gone = storage_at("http://127.0.0.1:9", "prod").get(&key("a")).unwrap_err();
    let Error::Storage { source, .. } = &gone else { panic!("{gone:?}") };
    assert_eq!(source.kind(), ErrorKind::NotConnected, "{source}");
}

#[test]
fn a_runtime_may_call_it_on_its_own_threads() {
    let (_server, storage) = on(Fault::None);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        storage.put(&key("a"), b"x").unwrap();
        assert_eq!(storage.get(&key("a")).unwrap().unwrap(), b"x");
    });
}

// Against a real server, by `tests/buckets.sh`, which names its address and the bucket `models`.

const ENDPOINT: &str = "STOCKOPS_S3";
const PREFIX: &str = "STOCKOPS_S3_PREFIX";

#[test]
#[ignore = "wants a server"]
fn a_real_server_keeps_every_promise() {
    conformance(&storage_at(&std::env::var(ENDPOINT).unwrap(), "conformance"));
}

#[test]
#[ignore = "wants a server"]
fn two_processes_at_once_write_to_a_real_server() {
    let run = |writer: &str| {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--ignored", "--exact", "storage::bucket::tests::job_of_a_process"]);
        command.env(PREFIX, "processes").env("STOCKOPS_S3_WRITER", writer).spawn().unwrap()
    };
    for mut process in ["one", "two"].map(run) {
        assert!(process.wait().unwrap().success());
    }
    written(&storage_at(&std::env::var(ENDPOINT).unwrap(), "processes"), 20);
}

/// Does nothing where no other test started it.
#[test]
#[ignore = "wants a server"]
fn job_of_a_process() {
    let (Ok(prefix), Ok(writer)) = (std::env::var(PREFIX), std::env::var("STOCKOPS_S3_WRITER")) else { return };
    write(&storage_at(&std::env::var(ENDPOINT).unwrap(), &prefix), &writer, 10);
}

#[test]
#[ignore = "wants a server"]
fn a_bucket_that_is_not_there_is_an_error_and_no_empty_home() {
    let endpoint = std::env::var(ENDPOINT).unwrap();
    let _ = rustls::crypto::ring::default_provider().install_default();
    let s3 = AmazonS3Builder::new().with_endpoint(endpoint).with_bucket_name("nobodys").with_allow_http(true);
    let s3 = s3.with_access_key_id("name").with_secret_access_key("word");
    let storage = BucketStorage::on(move || Ok(Arc::new(s3.clone().build()?)), "s3://nobodys", "");
    let error = storage.get(&key("a")).unwrap_err();
    assert!(error.source().unwrap().to_string().contains("NoSuchBucket"), "{:?}", error.source());
}
