//! The scores of a report: a true one is trustworthy, and a broken one is not, by the real facts and the real checker.

mod common;

use std::time::Duration;

use common::House;
use common::words::Words;
use stockops_agents::check::check;
use stockops_agents::evaluation::{AgentEval, Calibration, Reviewed, Stated, Status, sessions_missed};
use stockops_agents::{Action, Confidence, Facts, Verdict};
use stockops_core::Calendar;
use stockops_core::forecast::Stance;

/// A report whose every number is a fact, of the four things that a report speaks of.
fn true_report(facts: &Facts) -> String {
    let w = Words(facts);
    format!(
        "# AMZN\n\nThe stance is NEUTRAL.\n\nAMZN closed at {} on {}.\n\nThe forecast for the close on {} is {}. The 80 % interval \
         of the close on {} is {} to {}.\n\nAgainst the best simple rule the skill for close five sessions ahead is {}.\n",
        w.price("last_close", 2),
        w.day("last_day"),
        w.day("day_h5"),
        w.price("close_h5", 2),
        w.day("day_h5"),
        w.price("close_h5_80_low", 2),
        w.price("close_h5_80_high", 2),
        w.percent("skill_close_h5", 1),
    )
}

/// What the verdict of the facts states.
fn stated(verdict: &Verdict) -> Stated {
    Stated { stance: verdict.stance, action: verdict.action, confidence: verdict.confidence }
}

/// A report, what its JSON states, how many sessions it lacks, and the scores of the analysts' agreement with it.
struct Case<'a> {
    text: String,
    stated: Option<Stated>,
    missed: usize,
    opinions: &'a [Stance],
}

fn scored(facts: &Facts, case: &Case<'_>) -> AgentEval {
    let verdict = Verdict::of(facts);
    let checked = check(&case.text, facts, &verdict);
    let report = Reviewed {
        text: &case.text,
        stated: case.stated,
        facts,
        verdict: &verdict,
        checked: Some(&checked),
        opinions: case.opinions,
        sessions_missed: Some(case.missed),
        duration: Some(Duration::from_millis(1_500)),
    };
    AgentEval::of(&report, &Calibration::default())
}

fn right(facts: &Facts) -> Case<'static> {
    let stated = Some(stated(&Verdict::of(facts)));
    Case { text: true_report(facts), stated, missed: 0, opinions: &[Stance::Neutral, Stance::Neutral] }
}

#[test]
fn a_true_report_is_trustworthy() {
    let facts = House::amzn().facts();
    let eval = scored(&facts, &right(&facts));
    assert_eq!(eval.findings, [""; 0]);
    let scores =
        [eval.relevance, eval.trustworthiness, eval.recommendation, eval.coherence, eval.accuracy, eval.recency];
    assert_eq!(scores, [Some(1.0); 6]);
    assert_eq!((eval.calibration, eval.overall_score, eval.status), (None, Some(1.0), Status::Trustworthy));
    assert!(eval.has_recommendation && eval.duration == Some(1.5) && eval.preview.starts_with("# AMZN"));
    let said = eval.said.unwrap();
    assert!(said.sessions == 5 && said.move_80[0] < 0.0 && said.move_80[1] > 0.0);
}

/// One score of an evaluation.
type Score = fn(&AgentEval) -> Option<f64>;

/// The table of broken reports: what is broken, and the score that has to be 0 or low.
#[test]
fn a_broken_report_is_questionable() {
    let facts = House::amzn().facts();
    let w = Words(&facts);
    let text = true_report(&facts);
    let with = |from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        Case { text: text.replace(from, to), ..right(&facts) }
    };
    let said = |text: &str| Case { text: text.into(), ..right(&facts) };
    let stating = |change: fn(&mut Stated), word: &str| {
        let mut case = with("NEUTRAL", word);
        case.stated.iter_mut().for_each(change);
        case
    };
    let (close, ahead) = (w.price("last_close", 2), w.price("close_h5", 2));
    let cases: Vec<(&str, Case<'_>, Score, f64)> = vec![
        ("wrong price", with(&close, "2,345.67"), |eval| eval.trustworthiness, 0.0),
        ("wrong forecast", with(&ahead, "3,999.00"), |eval| eval.trustworthiness, 0.0),
        ("fields exchanged", with(&close, &w.price("last_high", 2)), |eval| eval.trustworthiness, 0.0),
        (
            "wrong direction in the JSON",
            stating(|stated| stated.stance = Stance::Bullish, "BULLISH"),
            |eval| eval.accuracy,
            0.0,
        ),
        (
            "wrong direction in the text",
            with("The stance is NEUTRAL.", "The stance is BULLISH."),
            |eval| eval.recommendation,
            0.0,
        ),
        ("a day that is no fact", with(&w.day("last_day").to_string(), "2019-07-31"), |eval| eval.trustworthiness, 0.0),
        ("old bars", Case { missed: 10, ..right(&facts) }, |eval| eval.recency, 1.0 / 11.0),
        ("another ticker", with("AMZN", "TSLA"), |eval| eval.relevance, 0.0),
        ("empty", said(""), |eval| eval.relevance, 0.0),
        ("error text", said("Error 500: the language model cannot be reached"), |eval| eval.relevance, 0.0),
        ("error text that names it", said("AMZN: Internal Server Error. NEUTRAL"), |eval| eval.trustworthiness, 0.0),
        ("digits and good words", said("AMZN is a strong, reliable, excellent NEUTRAL."), |eval| eval.relevance, 0.0),
        ("no stance", Case { stated: None, ..right(&facts) }, |eval| eval.recommendation, 0.0),
    ];
    println!("{:<28} relevance trust recomm. cohere accuracy recency overall", "broken");
    for (name, case, low, score) in cases {
        let eval = scored(&facts, &case);
        let all = [
            eval.relevance,
            eval.trustworthiness,
            eval.recommendation,
            eval.coherence,
            eval.accuracy,
            eval.recency,
            eval.overall_score,
        ];
        let words = all.map(|score| score.map_or("-".into(), |score| format!("{score:.2}")));
        println!("{name:<28} {}", words.join("  "));
        assert!(low(&eval).is_some_and(|found| found <= score), "{name}: {eval:?}");
        assert_eq!(eval.status, Status::Questionable, "{name}: {eval:?}");
        assert!(eval.overall_score.unwrap() < 0.6 && !eval.findings.is_empty(), "{name}: {eval:?}");
    }
}

#[test]
fn what_is_wrong_in_part_is_scored_in_part() {
    let facts = House::amzn().facts();
    let mut case = right(&facts);
    case.stated.as_mut().unwrap().confidence =
        if Verdict::of(&facts).confidence == Confidence::High { Confidence::Low } else { Confidence::High };
    assert_eq!(scored(&facts, &case).recommendation, Some(0.5));
    case.stated.as_mut().unwrap().action = Action::Buy;
    assert_eq!(scored(&facts, &case).recommendation, Some(0.0));
    let split = Case { opinions: &[Stance::Neutral, Stance::Bullish], ..right(&facts) };
    assert_eq!(scored(&facts, &split).coherence, Some(0.75));
    assert_eq!(scored(&facts, &Case { missed: 1, ..right(&facts) }).recency, Some(0.5));
    let short =
        Case { text: format!("AMZN closed at {}. NEUTRAL.", Words(&facts).price("last_close", 2)), ..right(&facts) };
    assert_eq!(scored(&facts, &short).relevance, Some(0.25));
}

#[test]
fn what_nobody_knows_is_missing_and_a_report_that_nobody_checked_is_not_trusted() {
    let mut facts = House::amzn().facts();
    facts.facts.retain(|fact| fact.level.is_none());
    let (text, verdict) = (true_report(&House::amzn().facts()), Verdict::of(&facts));
    let report = Reviewed {
        text: &text,
        stated: Some(stated(&verdict)),
        facts: &facts,
        verdict: &verdict,
        checked: None,
        opinions: &[],
        sessions_missed: None,
        duration: None,
    };
    let eval = AgentEval::of(&report, &Calibration::default());
    let missing = [eval.relevance, eval.trustworthiness, eval.coherence, eval.accuracy, eval.recency, eval.calibration];
    assert_eq!(missing, [None; 6]);
    assert_eq!((eval.recommendation, eval.overall_score), (Some(1.0), Some(1.0)));
    assert_eq!((eval.status, eval.said, eval.duration), (Status::Questionable, None, None));
}

#[test]
fn sessions_are_missed_once_they_are_over() {
    let calendar = Calendar::of(&"AMZN".parse().unwrap());
    let missed = |last_bar: &str, decided: &str| {
        let decided = decided.parse().unwrap();
        let moment = stockops_agents::facts::Moment { last_bar: last_bar.parse().unwrap(), decided, replayed: false };
        sessions_missed(&calendar, &moment)
    };
    // 2026-01-02 was a Friday; weekdays close at 17:00 in New York where the exchange is not known.
    assert_eq!(missed("2026-01-02", "2026-01-04T12:00:00Z"), 0, "a weekend");
    assert_eq!(missed("2026-01-02", "2026-01-05T15:00:00Z"), 0, "a session that is not over");
    assert_eq!(missed("2026-01-02", "2026-01-05T23:00:00Z"), 1);
    assert_eq!(missed("2026-01-02", "2026-01-09T23:00:00Z"), 5);
    assert_eq!(missed("2026-01-02", "2030-01-09T23:00:00Z"), 30, "as many as are counted");
    assert_eq!(missed("2026-01-02", "2025-12-01T00:00:00Z"), 0);
}
