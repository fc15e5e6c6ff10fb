//! What is kept, over memory and over a real Redis.

#[cfg(feature = "redis")]
mod away;

use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::NaiveDate;
use futures_util::future::join_all;
use tokio::sync::Notify;

use super::*;
use crate::Fault;

type Answers = Kept<String>;

fn kept() -> Answers {
    Kept::new(KeptConfig::default(), &Metrics::new(&[]))
}

fn day(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 1, day).unwrap()
}

fn ticker(word: &str) -> Ticker {
    Ticker::new(word).unwrap()
}

fn key(of: &str) -> Key {
    Key::new(Kind::Prediction, ticker(of), day(2), "GOOG@3", "")
}

/// Computes `text` and counts how often.
fn counted(count: &Arc<AtomicUsize>, text: &'static str) -> impl Future<Output = Result<Bytes, String>> + Send + use<> {
    let count = count.clone();
    async move {
        count.fetch_add(1, Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(50)).await;
        Ok(Bytes::from_static(text.as_bytes()))
    }
}

async fn answer(kept: &Answers, key: &Key, text: &'static str) -> String {
    let answer = kept.get_or(key, move || async move { Ok(Bytes::from_static(text.as_bytes())) }).await.unwrap();
    String::from_utf8(answer.body.to_vec()).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_at_once_compute_once() {
    let (kept, count) = (kept(), Arc::new(AtomicUsize::new(0)));
    let key = key("GOOG");
    let answers = join_all((0..100).map(|_| {
        let (kept, key, work) = (kept.clone(), key.clone(), counted(&count, "{}"));
        tokio::spawn(async move { kept.get_or(&key, || work).await })
    }))
    .await;
    let answers: Vec<Answer> = answers.into_iter().map(|answer| answer.unwrap().unwrap()).collect();
    assert!(answers.iter().all(|answer| *answer == answers[0] && answer.body == "{}"));
    assert_eq!(count.load(Ordering::SeqCst), 1);
    assert_eq!(kept.counts(Kind::Prediction), (99, 1));
    assert_eq!(kept.counts(Kind::Risk), (0, 0));
}

#[tokio::test]
async fn a_failure_reaches_all_who_wait_and_is_not_kept() {
    let (kept, count) = (kept(), Arc::new(AtomicUsize::new(0)));
    let key = key("GOOG");
    let failed = join_all((0..20).map(|_| {
        let work = counted(&count, "");
        kept.get_or(&key, || async move { work.await.and_then(|_| Err("no bars".to_owned())) })
    }))
    .await;
    assert!(failed.iter().all(|answer| answer.as_ref().unwrap_err() == "no bars"));
    assert_eq!(count.load(Ordering::SeqCst), 1, "one failure for all of them");
    assert_eq!(kept.counts(Kind::Prediction), (0, 20));
    assert_eq!(answer(&kept, &key, "better").await, "better");
}

#[tokio::test]
async fn who_goes_away_stops_nobody_and_loses_no_work() {
    let (kept, count, go) = (kept(), Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
    let work = |count: Arc<AtomicUsize>, go: Arc<Notify>| async move {
        count.fetch_add(1, Ordering::SeqCst);
        go.notified().await;
        Ok(Bytes::from_static(b"done"))
    };
    let key = key("GOOG");
    let first = tokio::spawn({
        let (kept, key, work) = (kept.clone(), key.clone(), work(count.clone(), go.clone()));
        async move { kept.get_or(&key, || work).await }
    });
    while count.load(Ordering::SeqCst) == 0 {
        tokio::task::yield_now().await;
    }
    let second = tokio::spawn({
        let (kept, key, work) = (kept.clone(), key.clone(), work(count.clone(), go.clone()));
        async move { kept.get_or(&key, || work).await }
    });
    tokio::task::yield_now().await;
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    go.notify_one();
    assert_eq!(second.await.unwrap().unwrap().body, "done");
    assert_eq!(count.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_panic_reaches_who_asked_and_nothing_stays_behind() {
    let kept = kept();
    let asked = tokio::spawn({
        let kept = kept.clone();
        async move { kept.get_or(&key("GOOG"), || async { panic!("in the work") }).await }
    });
    assert!(asked.await.unwrap_err().is_panic());
    assert_eq!(answer(&kept, &key("GOOG"), "again").await, "again");
}

#[tokio::test]
async fn another_bar_model_question_or_kind_is_another_answer() {
    let kept = kept();
    let of = |kind, last_bar, model: &str, details: &str| Key::new(kind, ticker("GOOG"), last_bar, model, details);
    let keys = [
        of(Kind::Prediction, day(2), "GOOG@3", ""),
        of(Kind::Prediction, day(5), "GOOG@3", ""),
        of(Kind::Prediction, day(2), "GOOG@4", ""),
        of(Kind::Prediction, day(2), "GOOG@3", "level=90"),
        of(Kind::Risk, day(2), "GOOG@3", ""),
        Key::new(Kind::Prediction, ticker("AMZN"), day(2), "GOOG@3", ""),
    ];
    for (key, text) in keys.iter().zip(["a", "b", "c", "d", "e", "f"]) {
        assert_eq!(answer(&kept, key, text).await, text);
        assert_eq!(answer(&kept, key, "computed again").await, text);
    }
    assert_eq!(kept.tickers().await, ["AMZN", "GOOG"]);
    assert_eq!(kept.newest(Kind::Prediction, &ticker("GOOG")).await.unwrap().body, "b", "of the latest bar");
    assert_eq!(kept.newest(Kind::Chart, &ticker("GOOG")).await, None);
}

#[tokio::test]
async fn what_is_over_is_computed_again() {
    let brief = KeptConfig { ttl: Duration::from_millis(50), ..KeptConfig::default() };
    let kept = Answers::new(brief, &Metrics::new(&[]));
    assert_eq!(answer(&kept, &key("GOOG"), "old").await, "old");
    tokio::time::sleep(Duration::from_millis(80)).await;
    assert!(kept.tickers().await.is_empty());
    assert_eq!(answer(&kept, &key("GOOG"), "new").await, "new");
}

#[tokio::test]
async fn so_many_bytes_are_kept_and_no_more() {
    let small = KeptConfig { bytes: 1 << 20, ..KeptConfig::default() };
    let kept = Answers::new(small, &Metrics::new(&[]));
    for n in 0..3000 {
        let key = Key { details: n.to_string(), ..key("GOOG") };
        kept.get_or(&key, || async { Ok(Bytes::from(vec![b'x'; 4000])) }).await.unwrap();
    }
    let held = kept.0.memory.of(&ticker("GOOG")).len();
    assert!(held * 4000 <= 1 << 20 && held > 50, "{held}");
}

#[tokio::test]
async fn a_purge_takes_one_ticker_and_what_is_on_its_way() {
    let (kept, go) = (kept(), Arc::new(Notify::new()));
    answer(&kept, &key("AMZN"), "of Amazon").await;
    answer(&kept, &key("GOOG"), "of Google").await;
    let late = Key { details: "late".into(), ..key("GOOG") };
    let flying = tokio::spawn({
        let (kept, late, go) = (kept.clone(), late.clone(), go.clone());
        async move {
            let work = async move {
                go.notified().await;
                Ok(Bytes::from_static(b"before the purge"))
            };
            kept.get_or(&late, || work).await
        }
    });
    while kept.counts(Kind::Prediction).1 < 2 || kept.0.flights.is_empty() {
        tokio::task::yield_now().await;
    }
    kept.purge(&ticker("GOOG")).await;
    go.notify_one();
    assert_eq!(flying.await.unwrap().unwrap().body, "before the purge", "who waits gets it");
    assert_eq!(kept.tickers().await, ["AMZN"], "but it is not kept");
    assert_eq!(answer(&kept, &late, "after").await, "after");
    assert!(kept.clear().await);
    assert!(kept.tickers().await.is_empty());
}

#[tokio::test]
async fn a_tag_is_that_of_the_bytes() {
    let [one, same, other] = ["{}", "{}", "{} "].map(Answer::new);
    assert_eq!(one.etag, same.etag);
    assert_ne!(one.etag, other.etag);
    // The first 16 digits of what `printf '{}' | sha256sum` says.
    assert_eq!(one.etag, "\"44136fa355b3678a\"");
}

#[test]
fn the_error_of_the_server_may_be_kept_with() {
    fn shared<T: Send + Sync + 'static>() {}
    shared::<Kept<Fault>>();
}
