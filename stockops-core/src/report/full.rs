//! The whole report on a ticker: what is forecast, how far to trust it, and why.

use chrono::NaiveDate;

use super::page::joined;
use super::{escape, forecast_table, list, outlook_words, risk_table, risk_words, skill_table, skill_words};
use crate::chart::sessions;
use crate::drift::DriftReport;
use crate::evaluation::Evaluation;
use crate::forecast::Forecast;
use crate::market::price_text;
use crate::risk::RiskStatement;

/// What the report is written from.
#[derive(Debug, Clone, Copy)]
pub struct Report<'a> {
    /// The next sessions.
    pub forecast: &'a Forecast,
    /// What its forecaster did on held-out days.
    pub evaluation: &'a Evaluation,
    /// The version that its forecaster comes from, such as `^GSPC@0`.
    pub parent: &'a str,
    /// Last day that the parent saw.
    pub parent_last_seen_day: NaiveDate,
    /// Whether it still holds.
    pub drift: &'a DriftReport,
    /// What may be lost and reached; none where nothing was calibrated.
    pub risk: Option<&'a RiskStatement>,
}

impl Report<'_> {
    /// The report in Markdown.
    pub fn markdown(&self) -> String {
        let Forecast { ticker, last_date, last_price, strategy, notes, .. } = self.forecast;
        let outlook = self.forecast.outlook.as_ref().map(outlook_words).unwrap_or_default();
        joined([
            format!("# {ticker}: the next {}", sessions(self.forecast.future_window_days)),
            format!("Made from daily bars up to {last_date}, when {ticker} closed at {}.", price_text(*last_price)),
            "## Forecast".into(),
            forecast_table(self.forecast).markdown(),
            escape(&outlook),
            self.risk.map(|_| "## Risk".into()).unwrap_or_default(),
            self.risk.map(|risk| escape(&risk_words(risk))).unwrap_or_default(),
            self.risk.map(|risk| risk_table(risk).markdown()).unwrap_or_default(),
            "## How far to trust it".into(),
            escape(&skill_words(self.evaluation)),
            self.evaluation.skill.as_ref().map(|skill| skill_table(skill).markdown()).unwrap_or_default(),
            "Skill is 1 - RMSE / RMSE of the rule: above 0 the model is better, below 0 the rule is. Errors are of \
             log(price / last close), log(volume) and log(log(high / low)). The rules are \"tomorrow equals today\", \
             the mean of 20 days and, for volume and range, HAR and an exponentially weighted mean; the best is chosen \
             on days before the test."
                .into(),
            "## Whether it still holds".into(),
            escape(&self.drift.summary),
            "## Where it comes from".into(),
            format!(
                "Model {} by {} from parent {}, which saw no day after {}.",
                self.forecast.model_version.as_deref().unwrap_or("without a version"),
                strategy.to_string().replace('_', "-"),
                self.parent,
                self.parent_last_seen_day
            ),
            list(notes),
            "This is a forecast of statistics, not advice.".into(),
        ])
    }
}
