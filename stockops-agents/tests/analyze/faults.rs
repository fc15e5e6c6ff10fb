//! Models that die, hang, break off, cut their prompt or cost too much: the report is complete all the same.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde_json::Value;
use stockops_agents::analyze::Settings;
use stockops_agents::error::ModelFault;
use stockops_agents::graph::Author;
use stockops_agents::llm::{ChatModel, Line};
use stockops_agents::{Analyst, Kept};

use crate::common::desk::{HouseDesk, is_complete};
use crate::script::{
    Answer, PERFORMANCE, WRITER, amzn, approves, draft, mood, of, paper, quick, reading, report, run, scripted, why,
    with,
};

#[tokio::test]
async fn a_dead_model_ends_in_a_complete_report() {
    let dead = || Line::fails(ModelFault::Unreachable("connection refused".into()));
    let model = scripted((0..20).map(|_| dead()));
    let Kept { report, events, .. } = run(&with(&model), amzn()).await;
    is_complete(&report);
    assert!(why(&report).contains("gave no answer"), "{}", why(&report));
    assert_eq!(of(&events, "report_generator", "fell_back").len(), 1);
    // Calls that reached nobody cost nothing, and the template is not sent back.
    assert!(report.rejected.is_empty() && report.cost.calls == 0, "{:?}", report.rejected);
    assert!(events.iter().all(|event| event.kind != "retried"), "the client has tried again already");
}

#[tokio::test]
async fn a_model_that_hangs_is_given_up() {
    let hangs = || Line::says("{}").after(Duration::from_secs(60));
    let model = scripted((0..20).map(|_| hangs()));
    let settings = Settings { timeout: Duration::from_millis(50), ..Settings::default() };
    let chat: Arc<dyn ChatModel> = Arc::clone(&model) as _;
    let analyst = Analyst::builder(HouseDesk::default()).model(chat).settings(settings).build().unwrap();
    is_complete(&report(&analyst, amzn()).await);
}

#[tokio::test]
async fn a_model_that_dies_before_the_critic_leaves_the_checked_draft() {
    let model = scripted([reading(), mood(), draft()]);
    let report = report(&with(&model), amzn()).await;
    is_complete(&report);
    assert_eq!(report.written_by, Author::Model { name: "scripted".into() }, "{:?}", report.rejected);
}

#[tokio::test]
async fn an_attempt_that_broke_off_is_void_and_the_second_alone_counts() {
    let broken = Line::breaks_off("{\"summary\": \"It will").to(WRITER);
    let model = scripted([reading(), mood(), broken, draft(), approves()]);
    let Kept { report, events, .. } = run(&with(&model), amzn()).await;
    assert_eq!(report.written_by, Author::Model { name: "scripted".into() }, "{:?}", report.rejected);
    let tokens = of(&events, "report_generator", "token");
    let text = |attempt| {
        tokens.iter().filter(|event| event.attempt == attempt).filter_map(|e| e.text("text")).collect::<String>()
    };
    assert_eq!(text(1), "{\"summary\": \"It will");
    let second: Value = serde_json::from_str(&text(2)).unwrap();
    assert_eq!(second["summary"], "{{ticker}} closed at {{last_close}}.");
    assert_eq!(of(&events, "report_generator", "retried").len(), 1);
}

#[tokio::test]
async fn a_budget_of_1000_tokens_ends_in_the_template_and_no_call() {
    let model = scripted([reading(), mood(), draft(), approves()]);
    let chat: Arc<dyn ChatModel> = Arc::clone(&model) as _;
    let settings = Settings { tokens: 1000, ..quick() };
    let analyst = Analyst::builder(HouseDesk::default()).news(paper()).model(chat).settings(settings).build().unwrap();
    let Kept { report, events, .. } = run(&analyst, amzn()).await;
    is_complete(&report);
    assert!(model.seen().is_empty());
    assert!(of(&events, "report_generator", "retried").is_empty(), "a budget is not asked twice");
    assert_eq!(report.cost.calls, 0);
}

#[tokio::test]
async fn a_model_that_cuts_its_prompt_gets_a_shorter_one_and_the_report_says_so() {
    let cut = Line::fails(ModelFault::ContextTruncated { read: 100, sent: 2000 }).to(PERFORMANCE);
    let model = scripted([cut, reading(), mood(), draft(), approves()]);
    let report = report(&with(&model), amzn()).await;
    assert_eq!(report.written_by, Author::Model { name: "scripted".into() }, "{:?}", report.rejected);
    assert!(
        report.warnings.iter().any(|warning| warning.starts_with("context_truncated: scripted")),
        "{:?}",
        report.warnings
    );
    let asked: Vec<_> = model
        .seen()
        .iter()
        .filter(|r| r.messages[0].text.contains(PERFORMANCE))
        .map(|r| r.messages[1].text.len())
        .collect();
    assert!(asked.len() == 2 && asked[1] < asked[0] * 2 / 3, "{asked:?}");
}

/// A model that says when it was dropped.
#[derive(Debug, Default)]
struct Endless {
    begun: AtomicUsize,
    dropped: Arc<AtomicUsize>,
}

struct OnDrop(Arc<AtomicUsize>);

impl Drop for OnDrop {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl ChatModel for Endless {
    fn name(&self) -> &str {
        "endless"
    }

    fn chat<'a>(
        &'a self,
        _: &'a stockops_agents::llm::Request,
        token: &'a (dyn Fn(&str) + Send + Sync),
    ) -> BoxFuture<'a, Answer<stockops_agents::llm::Answer>> {
        self.begun.fetch_add(1, Ordering::SeqCst);
        let guard = OnDrop(Arc::clone(&self.dropped));
        async move {
            let _guard = guard;
            loop {
                token("word ");
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        }
        .boxed()
    }
}

#[tokio::test]
async fn who_leaves_lets_nothing_run_on() {
    let model = Arc::new(Endless::default());
    let chat: Arc<dyn ChatModel> = Arc::clone(&model) as _;
    let analyst = Analyst::builder(HouseDesk::default()).news(paper()).model(chat).build().unwrap();
    let mut analysis = analyst.analyze(amzn());
    let mut tokens = 0;
    while tokens < 20 {
        tokens += usize::from(analysis.next_event().await.unwrap().kind == "token");
    }
    drop(analysis);
    // Both readers were under way, and both are gone with the run.
    assert_eq!((model.begun.load(Ordering::SeqCst), model.dropped.load(Ordering::SeqCst)), (2, 2));
}
