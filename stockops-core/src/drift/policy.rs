//! `RetrainPolicy`: when a report is a reason to train again, and when it is not.

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

use super::Health;
use super::report::{DriftReport, Kind, Retrain, Status};

/// When to train again: the model has lost coverage or skill, and has for some days; not too often.
///
/// Unusual data alone are no reason: what is learned in a wild month is not true of the next calm one, and intervals
/// follow volatility by themselves. Broken data are a reason to look at the bars.
///
/// # Example
///
/// ```
/// use stockops_core::drift::RetrainPolicy;
///
/// let patient = RetrainPolicy { cool_down: 60, ..RetrainPolicy::default() };
/// assert_eq!((patient.confirm, patient.budget), (3, 2));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RetrainPolicy {
    /// Sessions that a loss must have stood, the first one counted. Default 3.
    pub confirm: usize,
    /// Sessions after a retraining or a rollback in which there is none. Default 20.
    pub cool_down: usize,
    /// Retrainings in `budget_days` calendar days, at most. Default 2.
    pub budget: usize,
    /// Calendar days of the budget. Default 90.
    pub budget_days: u64,
}

impl Default for RetrainPolicy {
    fn default() -> Self {
        Self { confirm: 3, cool_down: 20, budget: 2, budget_days: 90 }
    }
}

impl RetrainPolicy {
    /// Decide on `report`, made after the last of `sessions` (ascending days of the bars).
    ///
    /// `retrained` are the days of earlier retrainings, `rolled_back` those of rollbacks.
    pub fn decide(
        &self,
        report: &DriftReport,
        sessions: &[NaiveDate],
        retrained: &[NaiveDate],
        rolled_back: &[NaiveDate],
    ) -> Retrain {
        let no = |reason: String| Retrain { wanted: false, reason };
        if report.status == Status::Skipped {
            return no("nothing was tested".into());
        }
        let Some(since) = report.lost_since() else { return no(without_loss(report)) };
        let (Some(today), lost) = (sessions.last(), losses(report)) else { return no("there are no bars".into()) };
        let after = |day: NaiveDate| sessions.len() - sessions.partition_point(|session| *session <= day);
        let stood = after(since) + 1;
        if stood < self.confirm {
            return no(format!("{lost} for {stood} of the {} sessions that are waited for", self.confirm));
        }
        if let Some(last) = retrained.iter().chain(rolled_back).max().filter(|day| after(**day) < self.cool_down) {
            let (word, passed) = (if rolled_back.contains(last) { "rollback" } else { "retraining" }, after(*last));
            return no(format!(
                "{lost}, but the last {word}, of {last}, is {passed} sessions ago: {} are waited for",
                self.cool_down
            ));
        }
        let from = *today - Days::new(self.budget_days);
        let spent = retrained.iter().filter(|day| **day > from).count();
        if spent >= self.budget {
            return no(format!("{lost}, but {spent} retrainings in {} days are all that is allowed", self.budget_days));
        }
        Retrain { wanted: true, reason: format!("{lost} since {since}") }
    }
}

fn losses(report: &DriftReport) -> String {
    let names: Vec<String> = report.alarms(Kind::Concept).map(|test| test.name.replacen('_', " of ", 1)).collect();
    format!("{} lost", names.join(" and "))
}

fn without_loss(report: &DriftReport) -> String {
    match report.health {
        Some(Health::Critical) => "the bars look broken: check them; training on them would learn the fault".into(),
        Some(Health::Degraded) => "the data are unusual, but the model has lost neither coverage nor skill".into(),
        _ => "nothing was lost".into(),
    }
}
