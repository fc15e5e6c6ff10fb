//! Promises of the cache of answers.

use std::sync::Mutex;

use futures_util::future::{BoxFuture, FutureExt, ready};

use super::*;
use crate::cache::MemoryAnswers;
use crate::cache::conformance::{moment, report};
use crate::cache::corpus::{NAMES, pairs};
use crate::embed::LocalEmbedder;

/// Every text is the same to it.
#[derive(Debug)]
struct Blind(&'static str);

impl Embedder for Blind {
    fn name(&self) -> &str {
        self.0
    }

    fn embed<'a>(&'a self, texts: &'a [String]) -> BoxFuture<'a, Result<Vec<Vec<f32>>>> {
        ready(Ok(vec![vec![1.0, 0.0]; texts.len()])).boxed()
    }
}

/// It is not there.
#[derive(Debug)]
struct Gone;

impl Embedder for Gone {
    fn name(&self) -> &str {
        "gone"
    }

    fn embed<'a>(&'a self, _: &'a [String]) -> BoxFuture<'a, Result<Vec<Vec<f32>>>> {
        ready(Err(Error::Store { what: "the embedder gone".into(), problem: "nobody answers".into() })).boxed()
    }
}

fn cache(embedder: impl Embedder + 'static, threshold: f32) -> SemanticCache {
    let config = CacheConfig { threshold, ..CacheConfig::default() };
    SemanticCache::new(Arc::new(MemoryAnswers::new()), Arc::new(embedder), config).unwrap()
}

fn asked(question: &str) -> Inquiry {
    Inquiry {
        question: question.into(),
        names: NAMES.iter().map(|name| (*name).to_owned()).collect(),
        ticker: "GOOG".parse().unwrap(),
        last_bar: "2026-01-02".parse().unwrap(),
        model_version: "GOOG@3".into(),
        prompt_version: "1".into(),
        fresh: false,
    }
}

const DAY: i64 = 24 * 60 * 60;

async fn is_hit(cache: &SemanticCache, inquiry: &Inquiry) -> bool {
    cache.find(inquiry, moment(60)).await.unwrap().is_some()
}

#[tokio::test]
async fn a_hit_shows_the_original_question_its_similarity_and_its_age() {
    let cache = cache(LocalEmbedder::new(), 0.5);
    let id = cache.keep(&asked("Will GOOG rise tomorrow?"), report("It may."), moment(0)).await.unwrap();
    let hit = cache.find(&asked("will goog RISE tomorrow"), moment(121)).await.unwrap().unwrap();
    assert_eq!((hit.entry.question.as_str(), &hit.entry.report), ("Will GOOG rise tomorrow?", &report("It may.")));
    assert!(hit.similarity > 0.999 && hit.age == Duration::from_secs(121));
    let wanted = format!("kept answer to \"Will GOOG rise tomorrow?\" (similarity 1.000, 2 min old, id {id})");
    assert_eq!(hit.words(), wanted);
}

/// To an embedder to which everything is equal, at the lowest threshold that there is, either way round.
#[tokio::test]
async fn the_opposite_question_is_no_hit_at_any_threshold() {
    for [one, other] in pairs("opposite").into_iter().flat_map(|[a, b]| [[a.clone(), b.clone()], [b, a]]) {
        let cache = cache(Blind("blind"), -1.0);
        cache.keep(&asked(&one), report("x"), moment(0)).await.unwrap();
        assert!(is_hit(&cache, &asked(&one)).await, "{one}");
        assert!(!is_hit(&cache, &asked(&other)).await, "{one} / {other}");
    }
}

#[tokio::test]
async fn another_bar_version_prompt_ticker_or_embedder_is_no_hit() {
    let store: Arc<dyn AnswerStore> = Arc::new(MemoryAnswers::new());
    let config = CacheConfig::default();
    let cache = SemanticCache::new(Arc::clone(&store), Arc::new(Blind("one")), config.clone()).unwrap();
    let right = asked("Will it rise?");
    cache.keep(&right, report("x"), moment(0)).await.unwrap();
    assert!(is_hit(&cache, &right).await);
    for wrong in [
        Inquiry { ticker: "TSLA".parse().unwrap(), ..right.clone() },
        Inquiry { last_bar: "2026-01-05".parse().unwrap(), ..right.clone() },
        Inquiry { model_version: "GOOG@4".into(), ..right.clone() },
        Inquiry { prompt_version: "2".into(), ..right.clone() },
        Inquiry { fresh: true, ..right.clone() },
    ] {
        assert!(!is_hit(&cache, &wrong).await, "{wrong:?}");
    }
    let other = SemanticCache::new(store, Arc::new(Blind("other")), config).unwrap();
    assert!(!is_hit(&other, &right).await, "vectors of two embedders are not compared");
}

#[tokio::test]
async fn an_answer_lives_as_long_as_is_said() {
    let cache = cache(Blind("blind"), 0.95);
    cache.keep(&asked("Will it rise?"), report("x"), moment(0)).await.unwrap();
    for (second, is_young) in [(0, true), (DAY - 1, true), (DAY, false), (-1, false)] {
        let hit = cache.find(&asked("Will it rise?"), moment(second)).await.unwrap();
        assert_eq!(hit.is_some(), is_young, "after {second} s");
    }
    assert_eq!((cache.count_old(moment(DAY - 1)).await.unwrap(), cache.count_old(moment(DAY)).await.unwrap()), (0, 1));
    assert_eq!(cache.purge_old(moment(DAY - 1)).await.unwrap(), 0);
    cache.keep(&asked("Will it fall?"), report("x"), moment(DAY)).await.unwrap();
    let left = cache.entries(None).await.unwrap();
    assert_eq!(
        left.iter().map(|entry| entry.question.as_str()).collect::<Vec<_>>(),
        ["Will it fall?"],
        "the old one went"
    );
}

#[tokio::test]
async fn a_cosine_has_to_be_above_the_threshold_of_its_embedder() {
    let at = |threshold: f32, own: Option<f32>| {
        let thresholds = own.map(|own| ("blind".to_owned(), own)).into_iter().collect();
        let config = CacheConfig { threshold, thresholds, ..CacheConfig::default() };
        SemanticCache::new(Arc::new(MemoryAnswers::new()), Arc::new(Blind("blind")), config).unwrap()
    };
    for (cache, is_above) in
        [(at(0.95, None), true), (at(1.0, None), false), (at(1.0, Some(0.9)), true), (at(0.5, Some(1.0)), false)]
    {
        cache.keep(&asked("Will it rise?"), report("x"), moment(0)).await.unwrap();
        assert_eq!(is_hit(&cache, &asked("Will it rise?")).await, is_above, "1 is above no more than what is below 1");
    }
}

#[tokio::test]
async fn a_fresh_answer_takes_the_place_of_the_kept_one() {
    let cache = cache(Blind("blind"), 0.95);
    cache.keep(&asked("Will it rise?"), report("old"), moment(0)).await.unwrap();
    let fresh = Inquiry { fresh: true, ..asked("Will it rise?") };
    assert_eq!(cache.find(&fresh, moment(1)).await.unwrap(), None);
    cache.keep(&fresh, report("new"), moment(1)).await.unwrap();
    let hit = cache.find(&asked("Will it rise?"), moment(2)).await.unwrap().unwrap();
    assert_eq!((hit.entry.report.summary.as_str(), cache.entries(None).await.unwrap().len()), ("new", 1));
}

#[tokio::test]
async fn one_answer_can_be_removed_and_a_training_removes_its_own() {
    let cache = cache(Blind("blind"), 0.95);
    let id = cache.keep(&asked("Will it rise?"), report("x"), moment(0)).await.unwrap();
    cache.keep(&asked("Will it fall?"), report("x"), moment(0)).await.unwrap();
    assert!(cache.remove(&id).await.unwrap() && !cache.remove(&id).await.unwrap());
    assert!(!is_hit(&cache, &asked("Will it rise?")).await && is_hit(&cache, &asked("Will it fall?")).await);
    let superseded = |current: &str| Purge::Superseded { ticker: "GOOG".parse().unwrap(), current: current.into() };
    assert_eq!(cache.purge(&superseded("GOOG@3")).await.unwrap(), 0);
    assert_eq!(cache.purge(&superseded("GOOG@4")).await.unwrap(), 1);
}

#[tokio::test]
async fn a_kept_text_streams_in_pieces_that_make_it_up() {
    let cache = cache(Blind("blind"), 0.95);
    let text = "# GOOG\n\nNothing is said  of direction.\n\n| day | close |\n";
    cache.keep(&asked("Will it rise?"), report(text), moment(0)).await.unwrap();
    let hit = cache.find(&asked("Will it rise?"), moment(1)).await.unwrap().unwrap();
    let pieces = Mutex::new(Vec::new());
    hit.stream(&|piece| pieces.lock().unwrap().push(piece.to_owned())).await;
    let pieces = pieces.into_inner().unwrap();
    assert!(pieces.len() > 8 && pieces.iter().all(|piece| !piece.is_empty()));
    assert_eq!(pieces.concat(), text);
}

/// Who stops listening hears no more.
#[tokio::test]
async fn a_stream_can_be_dropped() {
    let cache = cache(Blind("blind"), 0.95);
    cache.keep(&asked("Will it rise?"), report(&"word ".repeat(100)), moment(0)).await.unwrap();
    let hit = cache.find(&asked("Will it rise?"), moment(1)).await.unwrap().unwrap();
    let count = Mutex::new(0);
    let token = |_: &str| *count.lock().unwrap() += 1;
    assert_eq!(hit.stream(&token).now_or_never(), None);
    assert_eq!(*count.lock().unwrap(), 1);
}

#[tokio::test]
async fn the_embedders_error_is_told() {
    let text = cache(Gone, 0.95).find(&asked("Will it rise?"), moment(0)).await.unwrap_err().to_string();
    assert_eq!(text, "the embedder gone: nobody answers");
}

#[test]
fn settings_outside_their_range_are_refused() {
    let made = |config: CacheConfig| SemanticCache::new(Arc::new(MemoryAnswers::new()), Arc::new(Gone), config);
    let text = |config: CacheConfig| made(config).unwrap_err().to_string();
    assert_eq!(
        text(CacheConfig { threshold: 95.0, ..CacheConfig::default() }),
        "`threshold` must be a cosine, from -1 to 1, got 95"
    );
    let nan = BTreeMap::from([("e5".to_owned(), f32::NAN)]);
    assert_eq!(
        text(CacheConfig { thresholds: nan, ..CacheConfig::default() }),
        "`threshold` must be a cosine, from -1 to 1, got NaN"
    );
    assert_eq!(
        text(CacheConfig { seconds_to_live: 0, ..CacheConfig::default() }),
        "`seconds_to_live` must be from 1 to 4294967295, got 0"
    );
    assert!(made(CacheConfig::default()).is_ok());
}
