//! `Rule`: what anyone could forecast without a model.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A simple rule; it sees the bars up to the day of the forecast alone.
///
/// Forecasts stand on the scale of [`Field`](super::Field); `h` is the sessions ahead, from 1.
///
/// | rule | open, close | high, low | volume, range |
/// | --- | --- | --- | --- |
/// | persistence | the last close | today's | today's |
/// | drift | the last close and the mean daily log move of all known days: h moves to a close, h - 1 to an open | today's, moved by h such moves | today's |
/// | mean_20 | mean price of 20 days | last close and the mean of log(high / close before) of 20 days, low likewise | mean of the logs of 20 days |
/// | seasonal_naive | the last close | last close and log(high / close before) of the same weekday last week, low likewise | that of the same weekday last week: 5 sessions before the day that is forecast, or 10 where that is not known yet |
/// | har | | | least squares on the last value and the means of 5 and 22 days, one regression for each horizon |
/// | ewma | | | mean of the logs of all days with weights 0.94^age |
/// | mean_20_calendar, har_calendar, ewma_calendar | | | that rule on days without the effects of the calendar, and the usual effect of the day that is forecast, both by [`DayEffects`](crate::dataset::DayEffects) fitted on what was known |
///
/// A rule has no forecast where its cell is empty, or where too little is known for it. Days of unknown volume count
/// as not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// Tomorrow equals today. Today's open is older than today's close, so a price is expected to open at the close.
    Persistence,
    /// What moved will move on.
    Drift,
    /// The mean of the last 20 days.
    #[serde(rename = "mean_20")]
    Mean20,
    /// A day is as the same weekday last week was.
    SeasonalNaive,
    /// Heterogeneous autoregression on day, week and month (Corsi 2009), fitted on what was known.
    Har,
    /// Exponentially weighted mean, decay 0.94 a day as RiskMetrics has it (J.P. Morgan 1996).
    Ewma,
    /// The mean of 20 days, times the usual factor of such a day: what a practitioner would take.
    #[serde(rename = "mean_20_calendar")]
    Mean20Calendar,
    /// `har` with the usual effects of days.
    HarCalendar,
    /// `ewma` with the usual effects of days.
    EwmaCalendar,
}

impl Rule {
    /// All rules.
    pub const ALL: &[Self] = &[
        Self::Persistence,
        Self::Drift,
        Self::Mean20,
        Self::SeasonalNaive,
        Self::Har,
        Self::Ewma,
        Self::Mean20Calendar,
        Self::HarCalendar,
        Self::EwmaCalendar,
    ];

    /// Those from which the best is chosen on days before the test.
    pub const CANDIDATES: &[Self] = &[
        Self::Persistence,
        Self::Mean20,
        Self::Har,
        Self::Ewma,
        Self::Mean20Calendar,
        Self::HarCalendar,
        Self::EwmaCalendar,
    ];

    /// The rules that know the calendar, each with the rule that it is without it.
    pub const OF_CALENDAR: &[(Self, Self)] =
        &[(Self::Mean20Calendar, Self::Mean20), (Self::HarCalendar, Self::Har), (Self::EwmaCalendar, Self::Ewma)];
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_tables_that_were_written_before_are_read() {
        for word in ["persistence", "drift", "mean_20", "seasonal_naive", "har", "ewma"] {
            let rule: Rule = serde_json::from_str(&format!("\"{word}\"")).unwrap();
            assert_eq!(rule.to_string(), word);
        }
    }

    #[test]
    fn no_variant_is_missing_among_all() {
        // The reader lists every variant where it meets a word that is none.
        let text = serde_json::from_str::<Rule>("\"none\"").unwrap_err().to_string();
        assert_eq!(text.matches('`').count() / 2 - 1, Rule::ALL.len(), "{text}");
    }
}
