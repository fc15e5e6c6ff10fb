//! Drafts of a model: what is sent back, what is shown, and what no draft moves.

use std::sync::Arc;

use serde_json::json;
use stockops_agents::analyze::Settings;
use stockops_agents::error::ModelFault;
use stockops_agents::graph::Author;
use stockops_agents::llm::Line;
use stockops_agents::prose::Judge;
use stockops_agents::{Action, Analyst, AnalystReport, Kept};
use stockops_core::forecast::Stance;

use crate::common::desk::{HouseDesk, is_complete};
use crate::script::{
    CRITIC, MARKET, PERFORMANCE, WRITER, amzn, approves, draft, mood, objects, of, paper, prose, quick, reading,
    report, run, scripted, why, with,
};

/// What the readers say is shown where it is true, and nowhere else.
#[tokio::test]
async fn what_a_reader_makes_up_is_shown_nowhere() {
    let lies = "It rises to 9,999.00 tomorrow: buy it now.";
    let reading = Line::answers(&json!({ "summary": lies, "signal": "up" })).to(PERFORMANCE);
    let mood = Line::answers(&json!({ "summary": lies, "sentiment": "positive" })).to(MARKET);
    let report = report(&with(&scripted([reading, mood, draft(), approves()])), amzn()).await;
    assert_eq!(report.written_by, Author::Model { name: "scripted".into() });
    assert!(!serde_json::to_string(&report).unwrap().contains("9,999"), "{report:?}");
    assert!(report.news_sentiment.contains("by a list of words"), "{}", report.news_sentiment);
}

/// The checker reads a heading less strictly than a sentence, so a writer makes none.
#[tokio::test]
async fn a_draft_with_a_layout_of_its_own_is_sent_back() {
    for marked in [
        "# The price will surge\n{{ticker}} rests.",
        "- {{ticker}} rests.",
        "{{ticker}} rests.\n| a | b |",
        "> {{ticker}}",
    ] {
        let lines = (0..3).map(|_| Line::answers(&prose(marked)).to(WRITER));
        let report = report(&with(&scripted([reading(), mood()].into_iter().chain(lines))), amzn()).await;
        assert!(why(&report).contains("write plain sentences"), "{marked}: {}", why(&report));
        assert!(!report.final_report.contains("surge"));
    }
}

#[tokio::test]
async fn a_critic_that_does_not_approve_sends_back_with_or_without_a_reason() {
    let unsaid = || Line::answers(&json!({ "approved": false, "reasons": [] })).to(CRITIC);
    let report = report(&with(&scripted([reading(), mood(), draft(), unsaid(), draft(), approves()])), amzn()).await;
    let reasons: Vec<_> = report.rejected.iter().map(|rejection| rejection.reasons.join("; ")).collect();
    assert_eq!(reasons, ["it is not approved; no reason was given"]);
}

/// Five runs on one table of facts, whatever the model says.
#[tokio::test]
async fn runs_are_equal_in_stance_confidence_and_numbers() {
    let mut seen = Vec::new();
    for summary in
        ["{{ticker}} rests.", "{{ticker}} closed at {{last_close}}.", "Quiet.", "A day.", "It is {{last_day}}."]
    {
        let model = scripted([reading(), mood(), Line::answers(&prose(summary)).to(WRITER), approves()]);
        let report = report(&with(&model), amzn()).await;
        assert_eq!(report.written_by, Author::Model { name: "scripted".into() }, "{:?}", report.rejected);
        let facts: Vec<_> = report.facts.iter().map(|fact| (fact.id.clone(), fact.value.clone())).collect();
        seen.push((report.recommendation, report.action, report.confidence, report.reasons, facts));
    }
    assert!(seen.windows(2).all(|two| two[0] == two[1]));
    let analyst = Analyst::builder(HouseDesk::default()).news(paper()).build().unwrap();
    let (one, two) = (report(&analyst, amzn()).await, report(&analyst, amzn()).await);
    assert_eq!(one.final_report, two.final_report);
}

#[tokio::test]
async fn a_model_writes_the_prose_and_the_desk_the_rest() {
    let model = scripted([reading(), mood(), draft(), approves()]);
    let Kept { report, events, .. } = run(&with(&model), amzn()).await;
    is_complete(&report);
    assert_eq!(report.written_by, Author::Model { name: "scripted".into() }, "{:?}", report.rejected);
    assert_eq!(report.summary, "AMZN closed at 3164.68.");
    assert_eq!(report.news_sentiment, "Reuters writes of a profit.");
    assert_eq!((report.cost.calls, model.left()), (4, 0));
    assert!(report.cost.tokens.prompt > 0 && report.cost.by_node.len() == 4);
    // A join runs once, when both of its branches are done.
    assert_eq!(of(&events, "report_generator", "started").len(), 1);
    let tokens = of(&events, "report_generator", "token");
    assert!(!tokens.is_empty() && tokens.iter().all(|token| token.details["unchecked"] == true), "{tokens:?}");
    let said: Vec<_> = report.messages.iter().map(|said| said.by.as_str()).collect();
    assert_eq!(said, ["performance_analyst", "market_expert", "report_generator"]);
    // Nothing of the strangers' text stands outside of its fence.
    let market = model.seen().into_iter().find(|request| request.messages[0].text.contains(MARKET)).unwrap();
    let (before, inside) = market.messages[1].text.split_once("DATA headlines").unwrap();
    assert!(!before.contains("Amazon doubles") && inside.contains("Amazon doubles"));
}

#[tokio::test]
async fn a_draft_with_a_wrong_slot_or_a_written_number_comes_back_before_the_critic_is_asked() {
    let wrong = Line::answers(&prose("It closed at {{close_of_goog}}.")).to(WRITER);
    let model = scripted([
        reading(),
        mood(),
        wrong,
        Line::answers(&prose("It closed at 3999.99.")).to(WRITER).to("close_of_goog"),
        draft(),
        approves(),
    ]);
    let report = report(&with(&model), amzn()).await;
    is_complete(&report);
    assert_eq!((report.rejected.len(), model.left()), (2, 0), "{:?}", report.rejected);
    assert!(report.rejected.iter().all(|rejection| rejection.by == Judge::Checker));
    assert!(report.rejected[0].reasons[0].contains("close_of_goog"), "{:?}", report.rejected);
    assert_eq!(report.written_by, Author::Model { name: "scripted".into() }, "{:?}", report.rejected);
    assert!(!report.final_report.contains("3999.99"));
}

#[tokio::test]
async fn the_critic_sends_back_twice_and_then_the_template_writes() {
    let model = scripted([
        reading(),
        mood(),
        draft(),
        objects("too cheerful"),
        draft().to("too cheerful"),
        objects("too gloomy"),
        draft().to("too gloomy"),
        objects("too short"),
    ]);
    let report = report(&with(&model), amzn()).await;
    is_complete(&report);
    assert_eq!(why(&report), "3 drafts of scripted were sent back, the last because too short");
    let reasons: Vec<_> = report.rejected.iter().map(|rejection| rejection.reasons.join(",")).collect();
    assert_eq!((reasons, model.left()), (vec!["too cheerful".into(), "too gloomy".into(), "too short".into()], 0));
    // What the critic says moves no verdict.
    assert_eq!((report.recommendation, report.action), (Stance::Neutral, Action::Hold));
}

#[tokio::test]
async fn prose_without_form_is_repaired_once_and_never_searched() {
    let chatter = || Line::says("The verdict is clearly BUY, BULLISH, High.").to(WRITER);
    let model = scripted([reading(), mood(), chatter(), chatter(), chatter(), chatter(), chatter(), chatter()]);
    let report = report(&with(&model), amzn()).await;
    is_complete(&report);
    assert_eq!((report.recommendation, report.action), (Stance::Neutral, Action::Hold));
    assert!(!report.final_report.contains("clearly"));
}

/// The score of a judge is that of a taste: it stands beside the others and moves none of them.
#[tokio::test]
async fn a_judge_is_asked_of_the_report_that_stands_and_moves_nothing() {
    const JUDGE: &str = "You judge how clear and useful a report";
    let judges = |score: f64| Line::answers(&json!({ "score": score, "reason": "So it is." })).to(JUDGE);
    let asked = Settings { judge: true, ..quick() };
    let ask = |line: Line, settings: &Settings| {
        let model = scripted([reading(), mood(), draft(), approves(), line]);
        let builder = Analyst::builder(HouseDesk::default()).news(paper()).model(Arc::clone(&model) as _);
        let analyst = builder.settings(settings.clone()).build().unwrap();
        async move { (report(&analyst, amzn()).await, model) }
    };
    let same = |report: &AnalystReport| {
        let eval = report.agent_eval.as_ref().unwrap();
        (report.final_report.clone(), report.recommendation, eval.overall_score, eval.status)
    };
    let (plain, model) = ask(judges(0.0), &quick()).await;
    assert_eq!((model.left(), plain.agent_eval.as_ref().unwrap().judge.as_ref()), (1, None), "nobody wanted it");
    let (judged, model) = ask(judges(0.0), &asked).await;
    let told = judged.agent_eval.as_ref().unwrap().judge.as_ref().unwrap();
    assert_eq!((told.score, told.reason.as_str(), model.left()), (0.0, "So it is.", 0));
    assert!(model.seen().pop().unwrap().messages[1].text.contains(&judged.summary), "it reads what goes out");
    assert_eq!(same(&judged), same(&plain));
    assert_eq!((plain.cost.calls, judged.cost.calls), (4, 5));
    assert!(judged.cost.by_node["judge"].prompt > 0 && judged.cost.tokens.prompt > plain.cost.tokens.prompt);
    // Where it gives no judgement, the report stands and says so.
    let dead = Line::fails(ModelFault::Unreachable("refused".into())).to(JUDGE);
    for (line, why) in [(judges(7.0), "a score from 0 to 1 was asked for, got 7"), (dead, "refused")] {
        let (report, _) = ask(line, &asked).await;
        assert!(report.agent_eval.as_ref().unwrap().judge.is_none() && same(&report) == same(&plain), "{why}");
        let [warning] = &report.warnings[..] else { panic!("{:?}", report.warnings) };
        assert!(warning.starts_with("the report was not judged: ") && warning.contains(why), "{warning}");
    }
    let (report, model) = ask(judges(1.0), &Settings { tokens: 1000, ..asked }).await;
    assert!(model.seen().is_empty(), "it is paid from the same tokens");
    assert!(report.warnings.iter().any(|warning| warning.contains("not judged")), "{:?}", report.warnings);
}
