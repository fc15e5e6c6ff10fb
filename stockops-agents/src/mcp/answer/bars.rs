//! The answer of `check_bars`.

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;
use stockops_core::market::{Finding, QualityReport};
use stockops_core::source::Understood;

use super::Answer;

/// How bars are understood, and what was found in them.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::mcp) struct BarsAnswer {
    ticker: String,
    /// Rows as read.
    rows_read: usize,
    /// Rows that became bars.
    rows_kept: usize,
    first_day: Option<NaiveDate>,
    last_day: Option<NaiveDate>,
    /// What was found; empty for a series without fault.
    findings: Vec<Found>,
    /// How dates are written, such as YYYY-MM-DD.
    dates: String,
    /// How numbers are written.
    numbers: String,
    /// Units of prices and of volume.
    unit: String,
    /// What was done with an Adj Close column.
    adjustment: String,
    /// Days of trading: the code of a market, 24/7, weekdays, currencies or unknown.
    calendar: String,
}

/// One finding.
#[derive(Debug, Serialize, JsonSchema)]
struct Found {
    /// What kind, such as zero_volume.
    kind: String,
    /// How many rows or days.
    count: usize,
    /// The first few of these days.
    days: Vec<NaiveDate>,
    /// kept, dropped, sorted, adjusted or repaired.
    action: String,
    /// The same in words.
    words: String,
}

impl BarsAnswer {
    pub(in crate::mcp) fn answer(quality: &QualityReport, understood: &Understood) -> Answer {
        let Understood { dates, numbers, unit, adjustment, calendar, .. } = understood.clone();
        let answer = Self {
            ticker: quality.ticker.to_string(),
            rows_read: quality.rows_read,
            rows_kept: quality.rows_kept,
            first_day: quality.first_day,
            last_day: quality.last_day,
            findings: quality.findings.iter().map(Found::of).collect(),
            dates,
            numbers,
            unit,
            adjustment,
            calendar,
        };
        let understood = understood.to_string().replace('\n', "\n  ");
        Answer::new(format!("{quality}\nunderstood as\n  {understood}"), &answer)
    }
}

impl Found {
    fn of(finding: &Finding) -> Self {
        let word = |value: serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        Self {
            kind: word(json!(finding.kind)),
            count: finding.count,
            days: finding.days.clone(),
            action: word(json!(finding.action)),
            words: finding.text.clone(),
        }
    }
}
