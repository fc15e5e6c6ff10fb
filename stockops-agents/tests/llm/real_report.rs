//! The whole graph of the analysts through a real small model: `tests/llm.sh`. What it says does not matter: the report is
//! true and complete, whoever wrote it.

use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use stockops_agents::analysts::Asking;
use stockops_agents::analyze::{Analysis, Builder, Event, Settings};
use stockops_agents::error::ModelFault;
use stockops_agents::graph::Author;
use stockops_agents::llm::{self, ChatModel, Line, LlmSettings, OpenAiModel, ScriptedModel, tokens};
use stockops_agents::{Analyst, AnalystReport, Kept, Request};
use stockops_core::Ticker;

use crate::common::desk::{HouseDesk, Paper, house, is_complete};
use crate::real;

/// Most tokens of an answer: the model comes to no end by itself.
const ANSWER: u32 = 120;
/// Longer than a busy machine takes to read a briefing.
const LONG: Duration = Duration::from_secs(240);

/// What a report is made with. The server reads 4,096 tokens, and so does the model unless a test says less.
struct Setting {
    seed: u64,
    tokens: u64,
    silence: Duration,
    context: u32,
}

impl Default for Setting {
    fn default() -> Self {
        Self { seed: 42, tokens: 20_000, silence: LONG, context: 4_096 }
    }
}

fn analyst(setting: &Setting) -> Builder {
    let Setting { seed, tokens, silence, context } = *setting;
    let model = LlmSettings { context: Some(context), silence, tries: 1, ..real::settings() };
    asked_by(Arc::new(OpenAiModel::new(&model).unwrap()), seed, tokens)
}

fn asked_by(model: Arc<dyn ChatModel>, seed: u64, tokens: u64) -> Builder {
    let asking = Asking { max_tokens: ANSWER, seed, ..Asking::default() };
    let settings = Settings { tokens, timeout: LONG, asking, ..Settings::default() };
    Analyst::builder(HouseDesk::default()).settings(settings).model(model)
}

/// What the analysts send first, in full and short.
async fn briefings() -> [llm::Request; 2] {
    let cut = Line::fails(ModelFault::ContextTruncated { read: 1, sent: 2 });
    let model = Arc::new(ScriptedModel::new([cut]));
    begun(asked_by(model.clone(), 42, 20_000)).finish().await.unwrap();
    let mut seen = model.seen().into_iter();
    [seen.next().unwrap(), seen.next().unwrap()]
}

/// The budget of so many calls with a full briefing.
async fn budget_of(calls: u64) -> u64 {
    let [full, _] = briefings().await;
    calls * (tokens::at_most(&full) + u64::from(ANSWER))
}

/// Tokens that the server makes of the texts of `request`.
async fn counted(request: &llm::Request) -> u64 {
    let text: Vec<&str> = request.messages.iter().map(|message| message.text.as_str()).collect();
    // A model of ours has set up what calls are made with.
    let _ = OpenAiModel::new(&real::settings()).unwrap();
    let asked = reqwest::Client::new().post(format!("{}/tokenize", real::settings().url));
    let body = serde_json::json!({ "content": text.concat() }).to_string();
    let answer =
        asked.header("content-type", "application/json").body(body).send().await.unwrap().text().await.unwrap();
    let answer: serde_json::Value = serde_json::from_str(&answer).unwrap();
    answer["tokens"].as_array().unwrap_or_else(|| panic!("{answer}")).len() as u64
}

/// With headlines, so that both readers ask.
fn with_news(builder: Builder) -> Builder {
    builder.news(Arc::new(Paper(house().headlines.clone())))
}

fn begun(builder: Builder) -> Analysis {
    builder.build().unwrap().analyze(Request::new(Ticker::new("AMZN").unwrap()))
}

/// Go on to the end, with each event and the number of tokens so far shown to `see`.
async fn watched(mut analysis: Analysis, mut see: impl FnMut(&Event, usize)) -> Kept {
    let mut tokens = 0;
    while let Some(event) = analysis.next_event().await {
        tokens += usize::from(event.kind == "token");
        see(&event, tokens);
    }
    analysis.finish().await.unwrap()
}

/// Claim that `report` is whole, and that it says who wrote it: the model, whose prose the checker has passed, or the
/// template, and why.
fn is_true(report: &AnalystReport) {
    is_complete(report);
    match &report.written_by {
        Author::Model { name } => assert_eq!(name, "smollm2:135m"),
        Author::Template { why } => assert!(why.contains("smollm2:135m"), "{why}"),
    }
    let written = match &report.written_by {
        Author::Model { name } => format!("written by {name}"),
        Author::Template { why } => why.clone(),
    };
    println!("{written}; {} calls, {} drafts came back", report.cost.calls, report.rejected.len());
}

fn signal(name: &str) {
    let process = std::env::var("STOCKOPS_TEST_LLM_PROCESS").expect("the server's process: see tests/llm.sh");
    assert!(Command::new("kill").args([name, &process]).status().unwrap().success());
}

#[tokio::test]
#[ignore = "needs a real model: tests/llm.sh"]
async fn a_report_is_true_and_its_tokens_are_told_as_unchecked() {
    // The model reads as much as the server makes of the short briefing, and some tokens for who speaks; the full one is longer.
    let [full, short] = briefings().await;
    let read = counted(&short).await + 60;
    let (most, least) = (counted(&full).await, tokens::at_least(&full));
    println!("the full briefing has {most} tokens, at least {least}; the model reads {read}");
    assert!(most > read && least > read, "{most} {least} {read}");
    let setting = Setting { context: read as u32 + ANSWER, tokens: 6_000, ..Setting::default() };
    let kept = watched(begun(with_news(analyst(&setting))), |_, _| {}).await;
    is_true(&kept.report);
    let cut = |told: &String| {
        told.starts_with("context_truncated: smollm2:135m") && told.ends_with("it got a shorter briefing")
    };
    assert!(kept.report.warnings.iter().any(cut), "{:?}", kept.report.warnings);
    assert!(kept.report.cost.calls > 0);
    let tokens: Vec<_> = kept.events.iter().filter(|event| event.kind == "token").collect();
    assert!(tokens.len() > 1 && tokens.iter().all(|token| token.details["unchecked"] == true), "{tokens:?}");
    // The checked text has their place: it comes after all of them.
    let last = kept.events.last().unwrap();
    assert!(last.kind == "done" && last.sequence > tokens.last().unwrap().sequence);
}

/// Whatever the model says: each run has a seed of its own, and one answer.
#[tokio::test]
#[ignore = "needs a real model: tests/llm.sh"]
async fn five_runs_are_equal_in_stance_confidence_and_numbers() {
    let (mut seen, tokens) = (Vec::new(), budget_of(1).await);
    for seed in 1..=5 {
        let mut told = 0;
        let kept =
            watched(begun(analyst(&Setting { seed, tokens, ..Setting::default() })), |_, tokens| told = tokens).await;
        assert!(told > 1, "the model has said nothing");
        let report = kept.report;
        is_true(&report);
        let facts: Vec<_> = report.facts.iter().map(|fact| (fact.id.clone(), fact.value.clone())).collect();
        let verdict = (report.recommendation, report.action, report.confidence, report.reasons);
        seen.push((verdict, report.last_price, report.predictions, facts));
    }
    assert!(seen.windows(2).all(|two| two[0] == two[1]));
}

#[tokio::test]
#[ignore = "needs a real model: tests/llm.sh"]
async fn a_budget_of_1000_tokens_ends_in_the_template_and_no_call() {
    let analyst = with_news(analyst(&Setting { tokens: 1_000, ..Setting::default() }));
    let kept = watched(begun(analyst), |event, _| assert_ne!(event.kind, "token")).await;
    is_true(&kept.report);
    assert!(matches!(kept.report.written_by, Author::Template { .. }) && kept.report.cost.calls == 0);
}

#[tokio::test]
#[ignore = "stops a real model: tests/llm.sh"]
async fn a_server_that_stops_in_the_middle_of_an_answer_is_left_and_asked_again() {
    // It has read the briefing once, so that its silence is short from now on.
    let mut first = begun(analyst(&Setting::default()));
    while first.next_event().await.is_some_and(|event| event.kind != "token") {}
    drop(first);
    assert!(real::is_free().await);
    let (mut is_stopped, mut problems) = (false, Vec::new());
    let setting = Setting { tokens: budget_of(2).await, silence: Duration::from_secs(8), ..Setting::default() };
    let kept = watched(begun(analyst(&setting)), |event, tokens| {
        if tokens == 5 && !is_stopped {
            is_stopped = true;
            signal("-STOP");
        }
        if matches!(event.kind.as_str(), "retried" | "fell_back" | "failed") {
            problems.push(event.text("problem").unwrap_or_default().to_owned());
            signal("-CONT");
        }
    })
    .await;
    signal("-CONT");
    is_true(&kept.report);
    assert!(is_stopped && problems.iter().any(|problem| problem.contains("no answer within")), "{problems:?}");
    let again = |event: &Event| event.kind == "started" && event.attempt == 2;
    assert!(kept.events.iter().any(again), "{:?}", kept.events);
    assert!(real::is_free().await);
}

/// Its name says that it comes last: `tests/llm.sh` runs it alone.
#[tokio::test]
#[ignore = "kills a real model: tests/llm.sh"]
async fn killed_after_20_tokens() {
    let mut is_killed = false;
    let kept = watched(begun(with_news(analyst(&Setting::default()))), |_, tokens| {
        if tokens == 20 && !is_killed {
            is_killed = true;
            signal("-KILL");
        }
    })
    .await;
    assert!(is_killed);
    is_true(&kept.report);
    assert!(matches!(kept.report.written_by, Author::Template { .. }));
}
