//! What a run spends: failed calls count, tries have a seed and a time of their own, and a thread goes on with what it has paid.

mod common;

use std::sync::Arc;
use std::time::Duration;

use common::desk::{HouseDesk, is_complete};
use serde_json::json;
use stockops_agents::analyze::Settings;
use stockops_agents::error::ModelFault;
use stockops_agents::llm::{ChatModel, Line, Prices, ScriptedModel};
use stockops_agents::{Analyst, AnalystReport, Error, Request};
use stockops_core::Ticker;
use stockops_core::storage::MemoryStorage;

const PERFORMANCE: &str = "performance analyst of a research desk";
const WRITER: &str = "report generator of a research desk";

fn amzn() -> Request {
    Request::new(Ticker::new("AMZN").unwrap())
}

fn on_thread() -> Request {
    Request { thread: Some("t1".into()), ..amzn() }
}

fn scripted(lines: impl IntoIterator<Item = Line>) -> Arc<ScriptedModel> {
    Arc::new(ScriptedModel::new(lines).in_any_order())
}

fn analyst(model: &Arc<ScriptedModel>, settings: Settings, storage: Option<MemoryStorage>) -> Analyst {
    let model: Arc<dyn ChatModel> = Arc::clone(model) as _;
    let builder = Analyst::builder(HouseDesk::default()).model(model).settings(settings);
    let builder = storage.into_iter().fold(builder, |builder, storage| builder.storage(storage));
    builder.build().unwrap()
}

async fn report(analyst: &Analyst, request: Request) -> AnalystReport {
    analyst.analyze(request).finish().await.unwrap().report
}

fn reading() -> Line {
    Line::answers(&json!({ "summary": "It closed at {{last_close}}.", "signal": "flat" })).to(PERFORMANCE)
}

#[tokio::test]
async fn calls_that_failed_are_counted_and_each_try_has_a_seed_of_its_own() {
    let broken = || Line::breaks_off("{").to(PERFORMANCE);
    let model = scripted([broken(), broken(), broken()]);
    let report = report(&analyst(&model, Settings::default(), None), amzn()).await;
    is_complete(&report);
    let read: Vec<u64> = model.seen().iter().take(3).map(|request| request.seed).collect();
    assert_eq!(read, [42, 43, 44]);
    // The writer was refused, which is no call.
    assert_eq!((report.cost.calls, report.cost.uncounted), (3, 3));
    assert!(report.cost.tokens.prompt > 0);
    assert_eq!(report.cost.by_node["performance_analyst"], report.cost.tokens);
}

#[tokio::test]
async fn what_a_failed_node_has_met_is_told() {
    let cut = Line::fails(ModelFault::ContextTruncated { read: 100, sent: 2000 }).to(PERFORMANCE);
    let report = report(&analyst(&scripted([cut]), Settings::default(), None), amzn()).await;
    assert!(
        report.warnings.iter().any(|told| told.starts_with("context_truncated: scripted")),
        "{:?}",
        report.warnings
    );
}

#[tokio::test]
async fn a_node_that_hangs_has_one_time_for_all_of_its_tries() {
    let model = scripted((0..9).map(|_| Line::says("{}").after(Duration::from_secs(3_600))));
    let settings = Settings { timeout: Duration::from_millis(300), ..Settings::default() };
    let kept = analyst(&model, settings, None).analyze(amzn()).finish().await.unwrap();
    is_complete(&kept.report);
    let tries = |node: &str| {
        kept.events.iter().filter(|event| event.node.as_deref() == Some(node) && event.kind == "started").count()
    };
    assert_eq!((tries("performance_analyst"), tries("report_generator")), (1, 1));
    assert_eq!((kept.report.cost.calls, kept.report.cost.uncounted), (2, 2), "who hangs may have read it all");
}

#[tokio::test]
async fn a_resumed_thread_has_spent_what_it_spent_before() {
    let storage = MemoryStorage::new();
    // A call with a full briefing is some 3,000 tokens: at 1 for each the money is enough for two calls and no third.
    let money = |money| Settings {
        prices: Some(Prices { prompt: 1e6, answer: 1e6 }),
        money: Some(money),
        ..Settings::default()
    };
    let slow = Line::says("{}").to(WRITER).after(Duration::from_secs(3_600));
    let first = scripted([reading(), slow]);
    let mut dropped = analyst(&first, money(20_000.0), Some(storage.clone())).analyze(on_thread());
    while dropped.next_event().await.is_some_and(|event| event.node.as_deref() != Some("report_generator")) {}
    drop(dropped);
    let spent = |model: &ScriptedModel| model.seen().len();
    assert!(spent(&first) >= 1);
    let second = scripted([Line::says("{}").to(WRITER)]);
    // What the first call has cost is more than nothing: with money for one more call alone there is none.
    let done = report(&analyst(&second, money(4_500.0), Some(storage.clone())), on_thread()).await;
    is_complete(&done);
    assert_eq!(spent(&second), 0, "{:?}", done.cost);
    // Anew, on another thread, the same money is enough for a call.
    let third = scripted([reading()]);
    report(&analyst(&third, money(4_500.0), Some(storage)), Request { thread: Some("t2".into()), ..amzn() }).await;
    assert_eq!(spent(&third), 1);
}

#[tokio::test]
async fn two_runs_on_a_thread_at_a_time_do_not_take_one_turn() {
    let storage = MemoryStorage::new();
    let model = scripted([]);
    let analyst = analyst(&model, Settings::default(), Some(storage));
    let mut first = analyst.analyze(on_thread());
    first.next_event().await;
    let error = analyst.analyze(on_thread()).finish().await.unwrap_err();
    assert!(matches!(error, Error::Core(stockops_core::Error::Busy { .. })), "{error}");
    first.finish().await.unwrap();
    // The turn is over, and the next may come.
    report(&analyst, on_thread()).await;
}
