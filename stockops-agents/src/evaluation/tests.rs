use super::*;

/// The evaluation of a report that nothing is known of.
pub(super) fn evaluation() -> AgentEval {
    AgentEval {
        ticker: "GOOG".parse().unwrap(),
        timestamp: "2026-01-02T22:00:00Z".parse().unwrap(),
        last_bar: "2026-01-02".parse().unwrap(),
        replayed: false,
        relevance: Some(0.75),
        trustworthiness: Some(1.0),
        has_recommendation: true,
        recommendation: Some(1.0),
        coherence: None,
        accuracy: None,
        recency: Some(1.0),
        calibration: None,
        overall_score: Some(0.9230769230769231),
        status: Status::Trustworthy,
        duration: Some(1.5),
        preview: "# GOOG".into(),
        findings: vec!["nothing is said of an interval".into()],
        said: None,
        judge: None,
    }
}
