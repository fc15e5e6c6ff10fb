//! What is kept: threads, runs that are shown again, facts that are followed, the report before.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::json;
use stockops_agents::analyze::Settings;
use stockops_agents::graph::Author;
use stockops_agents::llm::{ChatModel, Line, ScriptedModel};
use stockops_agents::{Analyst, Desk, Error, Request};
use stockops_core::drift::DriftReport;
use stockops_core::evaluation::Evaluation;
use stockops_core::risk::{RiskQuestion, RiskStatement};
use stockops_core::source::Sourced;
use stockops_core::storage::MemoryStorage;
use stockops_core::{Bars, Forecast, Ticker};

use crate::common::desk::HouseDesk;
use crate::script::{Answer, WRITER, amzn, approves, draft, mood, paper, prose, quick, reading, report, run, scripted};

#[tokio::test]
async fn a_thread_goes_on_and_belongs_to_one_ticker() {
    let storage = MemoryStorage::new();
    let model = scripted([
        reading(),
        mood(),
        draft(),
        approves(),
        reading().to("AMZN closed at 3164.68"),
        mood(),
        Line::answers(&{
            let mut prose = prose("{{ticker}} closed at {{last_close}}.");
            prose["answer"] = json!("An interval on one side of zero.");
            prose
        })
        .to(WRITER),
        approves(),
    ]);
    let chat: Arc<dyn ChatModel> = Arc::clone(&model) as _;
    let analyst = Analyst::builder(HouseDesk::default())
        .news(paper())
        .model(chat)
        .settings(quick())
        .storage(storage.clone())
        .build()
        .unwrap();
    let thread =
        |question: Option<&str>| Request { thread: Some("t1".into()), question: question.map(String::from), ..amzn() };
    report(&analyst, thread(None)).await;
    let second = report(&analyst, thread(Some("what would change your mind?"))).await;
    assert_eq!(second.answer.as_deref(), Some("An interval on one side of zero."));
    assert_eq!(model.left(), 0);
    let other = Request { ticker: Ticker::new("GOOG").unwrap(), ..thread(None) };
    let error = analyst.analyze(other).finish().await.unwrap_err();
    assert!(matches!(error, Error::Config { field: "thread", .. }), "{error}");
    assert_eq!(error.to_string(), "`thread` must be a thread of the ticker that is asked about, got t1");
}

#[tokio::test]
async fn a_turn_that_was_killed_goes_on_where_it_was() {
    let storage = MemoryStorage::new();
    let slow = draft().after(Duration::from_secs(60));
    let analyst = |model: &Arc<ScriptedModel>| {
        let chat: Arc<dyn ChatModel> = Arc::clone(model) as _;
        Analyst::builder(HouseDesk::default()).news(paper()).model(chat).storage(storage.clone()).build().unwrap()
    };
    let request = || Request { thread: Some("t1".into()), ..amzn() };
    let first = scripted([reading(), mood(), slow]);
    let mut dropped = analyst(&first).analyze(request());
    while let Some(event) = dropped.next_event().await {
        if event.node.as_deref() == Some("report_generator") {
            break;
        }
    }
    drop(dropped);
    // The readers are not asked again.
    let second = scripted([draft(), approves()]);
    let done = report(&analyst(&second), request()).await;
    assert_eq!(done.written_by, Author::Model { name: "scripted".into() }, "{:?}", done.rejected);
    assert_eq!((second.seen().len(), done.cost.calls), (2, 4));
    // About another question it begins anew, and nothing of it is left.
    let third = scripted([reading(), mood(), draft(), approves()]);
    report(&analyst(&third), request()).await;
    assert_eq!(third.seen().len(), 4);
}

#[tokio::test]
async fn a_run_is_shown_again_and_nobody_is_called() {
    let storage = MemoryStorage::new();
    let model = scripted([reading(), mood(), draft(), approves()]);
    let chat: Arc<dyn ChatModel> = Arc::clone(&model) as _;
    let analyst = Analyst::builder(HouseDesk::default())
        .news(paper())
        .model(chat)
        .settings(Settings { kept: 2, ..quick() })
        .storage(storage)
        .build()
        .unwrap();
    let first = run(&analyst, amzn()).await;
    let mut again = analyst.replay(&first.report.ticker, &first.report.run).unwrap();
    let mut events = Vec::new();
    while let Some(event) = again.next_event().await {
        events.push(event);
    }
    assert_eq!(events, first.events);
    assert_eq!(again.finish().await.unwrap(), first);
    let latest = analyst.replay(&first.report.ticker, "latest").unwrap();
    assert_eq!(latest.finish().await.unwrap(), first);
    assert_eq!(model.seen().len(), 4);
    // The script is at its end, so the template writes these; the oldest run goes.
    run(&analyst, amzn()).await;
    run(&analyst, amzn()).await;
    let reports = analyst.reports().unwrap();
    assert_eq!(reports.runs(&first.report.ticker).unwrap().len(), 2);
    let error = analyst.replay(&first.report.ticker, &first.report.run).unwrap_err().to_string();
    assert!(error.contains("run of the analysts") && error.contains("the newest of AMZN is"), "{error}");
}

#[tokio::test]
async fn each_number_is_found_again_from_the_kept_run_alone() {
    let storage = MemoryStorage::new();
    let analyst = Analyst::builder(HouseDesk::default()).news(paper()).storage(storage).build().unwrap();
    let made = run(&analyst, amzn()).await;
    let kept = analyst.reports().unwrap().run(&made.report.ticker, &made.report.run).unwrap();
    assert_eq!(kept, made);
    let sources = kept.sources.as_ref().unwrap();
    assert_eq!((sources.bars_from.as_str(), sources.news_from.as_deref()), ("the desk", Some("paper")));
    let mut followed = 0;
    for fact in kept.report.facts.iter().filter(|fact| !fact.origin.path.is_empty()) {
        let Some(value) = fact.number() else { continue };
        assert_eq!(kept.follow(&fact.id), Some(value), "{} of {:?}", fact.id, fact.origin);
        followed += 1;
    }
    assert!(followed > 500, "{followed}");
    // A number of the text names its fact, and the fact says of which days it is and when it was fetched.
    let number = kept.report.numbers.iter().find(|number| number.fact == "last_close").unwrap();
    let origin = &kept.report.fact(&number.fact).unwrap().origin;
    assert!(origin.window.is_some() && origin.fetched == sources.fetched, "{origin:?}");
    let headlines = kept.report.fact("headlines").unwrap();
    assert_eq!(headlines.origin.source, "headlines of paper");
    assert!(
        kept.report.final_report.contains("headlines of paper, 2020-07-24 to 2020-07-31"),
        "{}",
        kept.report.final_report
    );
}

#[tokio::test]
async fn the_next_report_says_what_changed_since_the_last() {
    let storage = MemoryStorage::new();
    let house = |desk| Analyst::builder(desk).storage(storage.clone()).build().unwrap();
    let day_before = NaiveDate::from_ymd_opt(2020, 7, 30);
    let first = report(&house(HouseDesk { until: day_before, ..HouseDesk::default() }), amzn()).await;
    assert!(!first.final_report.contains("## Since"));
    let analyst = house(HouseDesk::default());
    // A run as of a past day is none of those that a reader has seen.
    report(&analyst, Request { as_of: NaiveDate::from_ymd_opt(2020, 7, 29), ..amzn() }).await;
    let second = report(&analyst, amzn()).await;
    assert!(
        second.final_report.contains("## Since the last report\n\nSince the last report the close rose from"),
        "{}",
        second.final_report
    );
    let third = report(&analyst, amzn()).await;
    assert!(third.final_report.contains("There is no newer bar than in the last report"), "{}", third.final_report);
    assert_eq!(third.fact("before_last_close").unwrap().origin.source, format!("report {}", second.run));
}

#[tokio::test]
async fn a_run_as_of_a_past_day_is_marked_and_keeps_no_forecast() {
    let desk = Arc::new(HouseDesk::default());
    #[derive(Debug)]
    struct Shared(Arc<HouseDesk>);
    impl Desk for Shared {
        fn now(&self) -> DateTime<Utc> {
            self.0.now()
        }
        fn bars(&self, ticker: &Ticker) -> Answer<Sourced> {
            self.0.bars(ticker)
        }
        fn forecast(&self, bars: &Bars) -> Answer<Forecast> {
            self.0.forecast(bars)
        }
        fn preview(&self, bars: &Bars) -> Answer<Forecast> {
            self.0.preview(bars)
        }
        fn evaluation(&self, bars: &Bars) -> Answer<Evaluation> {
            self.0.evaluation(bars)
        }
        fn risk(&self, bars: &Bars, question: &RiskQuestion) -> Answer<RiskStatement> {
            self.0.risk(bars, question)
        }
        fn drift(&self, bars: &Bars) -> Answer<DriftReport> {
            self.0.drift(bars)
        }
    }
    let analyst = Analyst::builder(Shared(Arc::clone(&desk))).news(paper()).build().unwrap();
    let day = NaiveDate::from_ymd_opt(2020, 7, 29).unwrap();
    let past = report(&analyst, Request { as_of: Some(day), ..amzn() }).await;
    assert!(past.replayed && past.as_of == day && past.headlines.is_empty());
    assert!(past.final_report.contains("This report is of a past day."));
    assert_eq!(desk.kept.load(Ordering::SeqCst), 0);
    let now = report(&analyst, amzn()).await;
    assert!(!now.replayed && now.headlines.len() == 2);
    assert_eq!(desk.kept.load(Ordering::SeqCst), 1);
    let early = Request { as_of: NaiveDate::from_ymd_opt(1990, 1, 1), ..amzn() };
    let error = analyst.analyze(early).finish().await.unwrap_err().to_string();
    assert_eq!(error, "`as_of` must be a day from which on there are bars, got 1990-01-01");
}
