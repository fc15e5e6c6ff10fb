//! Questions that were asked before, and the evaluation of each report.

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::NaiveDate;
use common::desk::HouseDesk;
use stockops_agents::analyze::Event;
use stockops_agents::cache::{CacheConfig, MemoryAnswers, SemanticCache};
use stockops_agents::embed::LocalEmbedder;
use stockops_agents::evaluation::Status;
use stockops_agents::graph::Author;
use stockops_agents::llm::{ChatModel, Line, ScriptedModel};
use stockops_agents::{Analyst, AnalystReport, Kept, Request};
use stockops_core::Ticker;
use stockops_core::storage::MemoryStorage;

fn cache() -> SemanticCache {
    SemanticCache::new(Arc::new(MemoryAnswers::new()), Arc::new(LocalEmbedder::new()), CacheConfig::default()).unwrap()
}

fn ask(question: &str) -> Request {
    Request { question: Some(question.into()), ..Request::new(Ticker::new("AMZN").unwrap()) }
}

fn analyst(desk: HouseDesk, cache: &SemanticCache) -> Analyst {
    Analyst::builder(desk).cache(cache.clone()).storage(MemoryStorage::new()).build().unwrap()
}

async fn run(analyst: &Analyst, request: Request) -> Kept {
    analyst.analyze(request).finish().await.unwrap()
}

async fn report(analyst: &Analyst, request: Request) -> AnalystReport {
    run(analyst, request).await.report
}

async fn is_kept(analyst: &Analyst, request: Request) -> bool {
    report(analyst, request).await.kept_answer.is_some()
}

async fn count(cache: &SemanticCache) -> usize {
    cache.entries(None).await.unwrap().len()
}

fn streamed(events: &[Event]) -> String {
    let tokens = events.iter().filter(|event| event.node.as_deref() == Some("cache") && event.kind == "token");
    tokens.filter_map(|event| event.text("text")).collect()
}

#[tokio::test]
async fn a_question_that_was_asked_is_answered_by_the_same_report_which_says_so() {
    let (seconds, cache) = (Arc::new(AtomicI64::new(0)), cache());
    let analyst = analyst(HouseDesk { seconds: Arc::clone(&seconds), ..HouseDesk::default() }, &cache);
    let first = run(&analyst, ask("How sure are you?")).await.report;
    assert!(first.kept_answer.is_none());
    seconds.store(600, Ordering::SeqCst);
    let Kept { report, events, .. } = run(&analyst, ask("how sure are you")).await;
    let kept = report.kept_answer.as_ref().unwrap();
    assert_eq!((kept.question.as_str(), kept.seconds_old, &kept.run), ("How sure are you?", 600, &first.run));
    assert!(kept.similarity > 0.95, "{}", kept.similarity);
    assert_eq!(streamed(&events), first.final_report);
    // A task may take 128 steps of tokio at once; a run of more events is shown whole all the same.
    let mut again = analyst.replay(&report.ticker, &report.run).unwrap();
    let mut shown = Vec::new();
    while let Some(event) = again.next_event().await {
        shown.push(event);
    }
    assert!(shown.len() > 128 && shown == events, "{} of {}", shown.len(), events.len());
    let line = "> kept answer to \"How sure are you?\" (similarity 1.000, 10 min old, id ";
    assert!(report.final_report.lines().nth(2).is_some_and(|shown| shown.starts_with(line)), "{}", report.final_report);
    assert_eq!((report.facts, report.numbers, report.answer), (first.facts, first.numbers, first.answer));
    assert_eq!(report.question.as_deref(), Some("how sure are you"));
    assert_ne!(report.run, first.run);
    // It is a run of its own, and one report was evaluated.
    let (reports, evaluations) = (analyst.reports().unwrap(), analyst.evaluations().unwrap());
    assert_eq!(reports.runs(&report.ticker).unwrap().len(), 2);
    assert_eq!(evaluations.history(&report.ticker).unwrap().len(), 1);
}

#[tokio::test]
async fn another_question_age_model_version_or_language_is_no_hit() {
    let (seconds, cache) = (Arc::new(AtomicI64::new(0)), cache());
    let desk = |version| HouseDesk { seconds: Arc::clone(&seconds), version, ..HouseDesk::default() };
    let house = analyst(desk(None), &cache);
    report(&house, ask("Will it rise?")).await;
    assert!(is_kept(&house, ask("Will it rise?")).await, "the same question is");
    assert!(!is_kept(&house, ask("Will it fall?")).await);
    assert!(!is_kept(&house, Request { language: "de".parse().unwrap(), ..ask("Will it rise?") }).await);
    assert!(!is_kept(&house, Request { name: Some("Amazon.com".into()), ..ask("Will it rise?") }).await);
    assert!(!is_kept(&house, Request { fresh: true, ..ask("Will it rise?") }).await);
    assert_eq!(count(&cache).await, 4, "the fresh answer takes the place of the kept one");
    // Answers of the version before go with the first of the next.
    assert!(!is_kept(&analyst(desk(Some("AMZN@7")), &cache), ask("Will it rise?")).await);
    assert_eq!(count(&cache).await, 1);
    seconds.store(24 * 60 * 60, Ordering::SeqCst);
    assert!(!is_kept(&analyst(desk(Some("AMZN@7")), &cache), ask("Will it rise?")).await);
}

#[tokio::test]
async fn past_days_conversations_and_reports_without_a_question_have_no_part_in_it() {
    let cache = cache();
    let analyst = analyst(HouseDesk::default(), &cache);
    let past = || Request { as_of: NaiveDate::from_ymd_opt(2020, 7, 30), ..ask("why?") };
    report(&analyst, past()).await;
    report(&analyst, Request { question: None, ..ask("") }).await;
    assert_eq!(count(&cache).await, 0);
    assert_eq!(analyst.evaluations().unwrap().history(&past().ticker).unwrap().len(), 1, "of the report of today");
    report(&analyst, ask("why?")).await;
    assert!(!is_kept(&analyst, past()).await);
    let thread = |question: &str| Request { thread: Some("t".into()), ..ask(question) };
    assert!(is_kept(&analyst, thread("why?")).await, "nothing was said in it before");
    assert!(!is_kept(&analyst, thread("why?")).await, "now it goes on");
}

/// A dead model, and one whose drafts come back: the template writes, and is not what was asked for.
#[tokio::test]
async fn what_a_model_failed_to_write_is_not_kept() {
    let cache = cache();
    let draft = serde_json::json!({
        "summary": "It will rise by 77 %.", "moved": "Up.", "outlook": "Up.", "risks": "None.", "answer": "Yes.",
    });
    let wrong = || Line::answers(&draft).to("report generator of a research desk");
    for lines in [vec![], vec![wrong(), wrong(), wrong()]] {
        let model: Arc<dyn ChatModel> = Arc::new(ScriptedModel::new(lines).in_any_order());
        let analyst = Analyst::builder(HouseDesk::default()).cache(cache.clone()).model(model).build().unwrap();
        let report = report(&analyst, ask("why?")).await;
        assert!(matches!(report.written_by, Author::Template { .. }));
        assert_eq!(count(&cache).await, 0);
    }
}

#[test]
fn the_cache_of_a_home_outlives_the_process_and_one_answer_can_be_removed() {
    let home = tempfile::tempdir().unwrap();
    let analyst = || {
        let cache = SemanticCache::of_home(home.path().join("deep"), CacheConfig::default(), |_| None).unwrap();
        Analyst::builder(HouseDesk::default()).cache(cache).build().unwrap()
    };
    let asked = |analyst: &Analyst| analyst.analyze(ask("why?")).wait(|_| {}).unwrap().report.kept_answer;
    let cache = SemanticCache::of_home(home.path().join("deep"), CacheConfig::default(), |_| None).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let now = std::time::SystemTime::now().into();
    assert_eq!(
        runtime.block_on(async { (cache.count_old(now).await.unwrap(), cache.purge_old(now).await.unwrap()) }),
        (0, 0)
    );
    assert!(!home.path().join("deep").exists(), "who removes makes nothing");
    let house = analyst();
    assert_eq!(asked(&house), None);
    let kept = asked(&house).unwrap();
    assert!(home.path().join("deep/answers.sqlite").is_file());
    assert_eq!(asked(&analyst()).map(|again| again.id), Some(kept.id.clone()));
    assert!(house.forget(&kept.id).unwrap() && !house.forget(&kept.id).unwrap());
    assert_eq!(asked(&house), None);
}

#[tokio::test]
async fn a_cache_that_fails_is_a_warning() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let cache = SemanticCache::of_home(file.path(), CacheConfig::default(), |_| None).unwrap();
    let report = report(&analyst(HouseDesk::default(), &cache), ask("why?")).await;
    assert_eq!(report.warnings.len(), 2, "{:?}", report.warnings);
    assert!(report.warnings[0].starts_with("no answer was looked up: "), "{:?}", report.warnings);
    assert!(report.answer.is_some_and(|answer| !answer.is_empty()));
}

#[test]
fn the_environment_names_store_and_embedder_and_a_wrong_name_is_told() {
    let of = |name: &'static str, value: &'static str| {
        SemanticCache::of_home("home", CacheConfig::default(), move |asked| (asked == name).then(|| value.to_owned()))
    };
    assert!(format!("{:?}", of("STOCKOPS_QDRANT_URL", "http://127.0.0.1:6333").unwrap()).contains("QdrantAnswers"));
    assert!(format!("{:?}", of("STOCKOPS_QDRANT_URL", " ").unwrap()).contains("answers.sqlite"));
    assert!(of("STOCKOPS_QDRANT_URL", "nowhere").is_err());
    let error = of("STOCKOPS_EMBED_URL", "http://127.0.0.1:9").unwrap_err().to_string();
    assert!(error.contains("STOCKOPS_EMBED_MODEL"), "{error}");
}

#[tokio::test]
async fn each_report_is_evaluated_and_the_latest_is_kept() {
    let analyst = analyst(HouseDesk::default(), &cache());
    let report = report(&analyst, Request { question: None, ..ask("") }).await;
    let eval = report.agent_eval.unwrap();
    assert_eq!((eval.status, eval.overall_score), (Status::Trustworthy, Some(1.0)), "{:?}", eval.findings);
    assert_eq!((eval.coherence, eval.calibration), (None, None), "no model has read, and no report has come of age");
    assert!(eval.said.is_some() && eval.duration.is_some());
    assert_eq!(analyst.evaluations().unwrap().latest(&report.ticker).unwrap(), Some(eval));
}

#[tokio::test]
async fn currency_name_and_exchange_are_facts_where_they_are_known() {
    let of = async |unit, name: Option<&str>| {
        let desk = HouseDesk { unit: Some(unit), ..HouseDesk::default() };
        let request = Request { name: name.map(String::from), ..Request::new(Ticker::new("AMZN").unwrap()) };
        let report = report(&Analyst::builder(desk).build().unwrap(), request).await;
        let word = |id: &str| report.fact(id).map(|fact| serde_json::to_value(&fact.value).unwrap()["value"].clone());
        ["currency", "company", "exchange"].map(|id| word(id).map(|word| word.as_str().unwrap().to_owned()))
    };
    let known = of("prices in USD; volume in shares or contracts", Some("Amazon.com, Inc.")).await;
    assert_eq!(known, ["USD", "Amazon.com, Inc.", "XNYS"].map(|word| Some(word.to_owned())));
    let pence = of("prices in pence (GBp), as quoted; volume in shares or contracts", Some(" ")).await;
    assert_eq!(pence[..2], [Some("GBp".to_owned()), None]);
    assert_eq!(of("prices as quoted; volume in shares or contracts", None).await[..2], [None, None]);
}
