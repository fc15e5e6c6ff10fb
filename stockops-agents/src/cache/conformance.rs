//! What every store of answers promises.

use chrono::{DateTime, Utc};
use serde_json::json;
use stockops_core::forecast::Stance;

use super::{AnswerStore, CacheEntry, CachedReport, ContentWords, Purge, Scope, Wanted};
use crate::verdict::Confidence;

/// Check every promise of [`AnswerStore`] on an empty store; it is left empty.
pub(super) async fn conformance(store: &dyn AnswerStore) {
    an_empty_store_has_nothing(store).await;
    an_entry_comes_back_as_it_was_put(store).await;
    the_closest_that_is_as_wanted_is_given(store).await;
    one_field_that_differs_is_no_match(store).await;
    the_same_question_takes_the_place_of_the_earlier_one(store).await;
    one_entry_can_be_removed(store).await;
    each_purge_removes_what_it_says(store).await;
    entries_at_once_are_all_in(store).await;
    assert_eq!(store.entries(None).await.unwrap(), []);
}

pub(super) fn moment(second: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_767_400_000 + second, 0).unwrap()
}

pub(super) fn scope() -> Scope {
    Scope {
        ticker: "^GSPC".parse().unwrap(),
        last_bar: "2026-01-02".parse().unwrap(),
        model_version: "^GSPC@3".into(),
        prompt_version: "2".into(),
    }
}

pub(super) fn report(summary: &str) -> CachedReport {
    CachedReport {
        summary: summary.into(),
        recommendation: Stance::Neutral,
        confidence: Confidence::Low,
        last_price: 315.32000732421875,
        predictions: json!({"next_day": {"close": 316.25, "volume": 0}, "full_forecast": []}),
        report: json!({"sources": ["x"], "none": null}),
    }
}

/// An answer to `question`, whose content words are `words`.
pub(super) fn entry(question: &str, words: &str, vector: &[f32]) -> CacheEntry {
    CacheEntry {
        id: CacheEntry::id_of(&scope(), "played", question),
        question: question.into(),
        content_words: ContentWords::of(words, "^GSPC", &[] as &[&str]),
        scope: scope(),
        embedder: "played".into(),
        report: report("# Report\n\nÜber alles: 5 %, \"quoted\" 'text'; DROP TABLE answers; -- 東京"),
        created: moment(0),
        vector: vector.to_vec(),
    }
}

pub(super) fn wanted(words: &str, vector: &[f32]) -> Wanted {
    Wanted {
        scope: scope(),
        embedder: "played".into(),
        content_words: ContentWords::of(words, "^GSPC", &[] as &[&str]),
        vector: vector.to_vec(),
        created: [moment(-3_600), moment(3_600)],
    }
}

/// What a list says of an entry.
fn listed(entry: &CacheEntry) -> CacheEntry {
    CacheEntry { vector: Vec::new(), ..entry.clone() }
}

async fn found(store: &dyn AnswerStore, wanted: &Wanted) -> Option<(String, f32)> {
    store.nearest(wanted).await.unwrap().map(|(entry, cosine)| (entry.question, cosine))
}

async fn emptied(store: &dyn AnswerStore) {
    store.purge(&Purge::All).await.unwrap();
}

async fn an_empty_store_has_nothing(store: &dyn AnswerStore) {
    assert_eq!(store.entries(None).await.unwrap(), []);
    assert_eq!(store.nearest(&wanted("up", &[1.0, 0.0, 0.0])).await.unwrap(), None);
    assert!(!store.remove(&entry("a", "up", &[1.0]).id).await.unwrap());
    assert_eq!(store.purge(&Purge::All).await.unwrap(), 0);
}

async fn an_entry_comes_back_as_it_was_put(store: &dyn AnswerStore) {
    let kept = entry("Will ^GSPC rise?", "up", &[3.0, 4.0, 0.0]);
    store.put(&kept).await.unwrap();
    assert_eq!(store.entries(None).await.unwrap(), [listed(&kept)]);
    let (back, cosine) = store.nearest(&wanted("up", &[4.0, 3.0, 0.0])).await.unwrap().unwrap();
    assert_eq!(listed(&back), listed(&kept));
    // Vectors are kept as f32, and Qdrant keeps them at length 1.
    assert!((cosine - 0.96).abs() < 1e-6, "{cosine}");
    emptied(store).await;
}

async fn the_closest_that_is_as_wanted_is_given(store: &dyn AnswerStore) {
    for (question, words, vector) in
        [("far", "up", [0.0, 1.0, 0.0]), ("near", "up", [1.0, 0.5, 0.0]), ("other", "down", [1.0, 0.0, 0.0])]
    {
        store.put(&entry(question, words, &vector)).await.unwrap();
    }
    let (question, cosine) = found(store, &wanted("up", &[1.0, 0.0, 0.0])).await.unwrap();
    assert_eq!(question, "near");
    assert!((cosine - 1.0 / 1.25_f32.sqrt()).abs() < 1e-6, "{cosine}");
    assert_eq!(
        found(store, &wanted("down", &[-1.0, 0.0, 0.0])).await.unwrap().0,
        "other",
        "the caller has a threshold"
    );
    emptied(store).await;
}

/// The same vector, and all but one field as wanted.
async fn one_field_that_differs_is_no_match(store: &dyn AnswerStore) {
    let vector = [0.0, 0.0, 1.0];
    store.put(&entry("asked", "not up 5", &vector)).await.unwrap();
    let right = || wanted("not up 5", &vector);
    let of = |scope: Scope| Wanted { scope, ..right() };
    assert!(found(store, &right()).await.is_some());
    let wrong = [
        of(Scope { ticker: "GSPC".parse().unwrap(), ..scope() }),
        of(Scope { last_bar: "2026-01-05".parse().unwrap(), ..scope() }),
        of(Scope { model_version: "^GSPC@4".into(), ..scope() }),
        of(Scope { prompt_version: "22".into(), ..scope() }),
        Wanted { embedder: "played-2".into(), ..right() },
        wanted("up 5", &vector),
        wanted("not down 5", &vector),
        wanted("not up 6", &vector),
        Wanted { created: [moment(1), moment(9)], ..right() },
        Wanted { created: [moment(-9), moment(-1)], ..right() },
    ];
    for wanted in wrong {
        assert_eq!(found(store, &wanted).await, None, "{wanted:?}");
    }
    assert!(found(store, &Wanted { created: [moment(0), moment(0)], ..right() }).await.is_some(), "both ends count");
    emptied(store).await;
}

async fn the_same_question_takes_the_place_of_the_earlier_one(store: &dyn AnswerStore) {
    let first = entry("asked", "up", &[1.0, 0.0, 0.0]);
    let second = CacheEntry { report: report("second"), created: moment(60), ..first.clone() };
    store.put(&first).await.unwrap();
    store.put(&second).await.unwrap();
    assert_eq!(store.entries(None).await.unwrap(), [listed(&second)]);
    emptied(store).await;
}

async fn one_entry_can_be_removed(store: &dyn AnswerStore) {
    let (one, other) = (entry("one", "up", &[1.0, 0.0, 0.0]), entry("other", "up", &[1.0, 0.0, 0.0]));
    store.put(&one).await.unwrap();
    store.put(&other).await.unwrap();
    assert!(store.remove(&one.id).await.unwrap());
    assert!(!store.remove(&one.id).await.unwrap(), "it is gone");
    assert!(!store.remove("no id").await.unwrap());
    assert_eq!(store.entries(None).await.unwrap(), [listed(&other)]);
    emptied(store).await;
}

/// Four entries: of two tickers, two versions and two moments.
async fn four(store: &dyn AnswerStore) {
    for (ticker, version, second) in
        [("^GSPC", "^GSPC@3", 0), ("^GSPC", "^GSPC@2", 1), ("TSLA", "^GSPC@3", 2), ("TSLA", "TSLA@1", 3)]
    {
        let scope = Scope { ticker: ticker.parse().unwrap(), model_version: version.into(), ..scope() };
        let id = CacheEntry::id_of(&scope, "played", "asked");
        let entry = CacheEntry { id, scope, created: moment(second), ..entry("asked", "up", &[1.0, 0.0, 0.0]) };
        store.put(&entry).await.unwrap();
    }
}

async fn each_purge_removes_what_it_says(store: &dyn AnswerStore) {
    let superseded =
        |ticker: &str, current: &str| Purge::Superseded { ticker: ticker.parse().unwrap(), current: current.into() };
    for (purge, left) in [
        (Purge::Before(moment(2)), "TSLA TSLA@1, TSLA ^GSPC@3"),
        (superseded("TSLA", "TSLA@1"), "TSLA TSLA@1, ^GSPC ^GSPC@2, ^GSPC ^GSPC@3"),
        (superseded("^GSPC", "^GSPC@4"), "TSLA TSLA@1, TSLA ^GSPC@3"),
        (Purge::Version("^GSPC@3".into()), "TSLA TSLA@1, ^GSPC ^GSPC@2"),
        (Purge::All, ""),
    ] {
        four(store).await;
        let removed = store.purge(&purge).await.unwrap();
        let entries = store.entries(None).await.unwrap();
        let words: Vec<String> =
            entries.iter().map(|entry| format!("{} {}", entry.scope.ticker, entry.scope.model_version)).collect();
        assert_eq!(words.join(", "), left, "newest first: {purge:?}");
        assert_eq!(removed as usize, 4 - entries.len(), "{purge:?}");
        emptied(store).await;
    }
    four(store).await;
    let of_tesla = store.entries(Some(&"TSLA".parse().unwrap())).await.unwrap();
    assert!(of_tesla.len() == 2 && of_tesla.iter().all(|entry| entry.scope.ticker.as_str() == "TSLA"));
    emptied(store).await;
}

async fn entries_at_once_are_all_in(store: &dyn AnswerStore) {
    let entries: Vec<CacheEntry> = (0..20).map(|i| entry(&format!("question {i}"), "up", &[1.0, 0.0, 0.0])).collect();
    let written = futures_util::future::join_all(entries.iter().map(|entry| store.put(entry))).await;
    written.into_iter().for_each(|result| result.unwrap());
    assert_eq!(store.entries(None).await.unwrap().len(), 20);
    assert_eq!(store.purge(&Purge::All).await.unwrap(), 20);
}
