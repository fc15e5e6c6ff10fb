//! `Documents`: everything that the desk was asked, of one ticker at one moment.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use stockops_core::drift::DriftReport;
use stockops_core::evaluation::Evaluation;
use stockops_core::report::{Charts, drift_svg, fan, risk_svg};
use stockops_core::risk::{RiskQuestion, RiskStatement};
use stockops_core::source::Sourced;
use stockops_core::{Bars, Forecast};

use super::Request;
use crate::desk::Desk;
use crate::error::{Error, Result};
use crate::facts::{Company, Facts, Gathered, Moment};
use crate::news::Headline;
use crate::reports::Sources;

/// What was asked, and what is to be said about it.
#[derive(Debug, Clone)]
pub(super) struct Documents {
    pub(super) company: Company,
    pub(super) moment: Moment,
    pub(super) bars_from: String,
    pub(super) fetched: DateTime<Utc>,
    pub(super) bars: Sourced,
    pub(super) forecast: Forecast,
    pub(super) evaluation: Evaluation,
    pub(super) risk: Option<RiskStatement>,
    pub(super) drift: DriftReport,
    pub(super) headlines: Vec<Headline>,
    /// Who gave them; none where nobody was asked.
    pub(super) news_from: Option<String>,
    pub(super) warnings: Vec<String>,
}

impl Documents {
    /// Ask `desk`. It takes a while: the caller is no async task.
    ///
    /// As of a past day the forecast is not kept, and bars after that day are not looked at.
    ///
    /// `known` hears how old the bars are as soon as they are read: news are asked for beside what takes longer.
    pub(super) fn ask(
        desk: &dyn Desk,
        request: &Request,
        bars_from: &str,
        known: impl FnOnce(DateTime<Utc>),
    ) -> Result<Self> {
        let (ticker, as_of) = (&request.ticker, request.as_of);
        let (now, mut warnings) = (desk.now(), Vec::new());
        let wrong = |rule| Error::Config { field: "as_of", rule, got: day(as_of) };
        if as_of.is_some_and(|day| day > now.date_naive()) {
            return Err(wrong("a day that has come"));
        }
        let mut bars = desk.bars(ticker)?;
        if as_of.is_some() {
            let index = bars.bars.index().map(|index| Arc::new(index.between(None, as_of)));
            bars.bars = bars.bars.between(None, as_of).with_index(index);
        }
        let last_bar = bars.bars.last_day().ok_or_else(|| wrong("a day from which on there are bars"))?;
        let moment = Moment::of(last_bar, decided(as_of, now), now);
        known(news_until(&bars.bars, moment));
        let mut forecast = if as_of.is_some() { desk.preview(&bars.bars)? } else { desk.forecast(&bars.bars)? };
        forecast.notes.extend(bars.quality.findings.iter().map(|finding| format!("bars: {finding}")));
        let risk = match desk.risk(&bars.bars, &RiskQuestion::default()) {
            Ok(risk) => Some(risk),
            Err(error) => {
                warnings.push(format!("no risk is stated: {}", error.without_path()));
                None
            }
        };
        Ok(Self {
            company: Company {
                ticker: ticker.clone(),
                name: request.named().map(String::from),
                exchange: bars.bars.calendar().name().into(),
                currency: bars.understood.currency().map(String::from),
            },
            moment,
            bars_from: bars_from.into(),
            fetched: now,
            evaluation: desk.evaluation(&bars.bars)?,
            drift: desk.drift(&bars.bars)?,
            headlines: Vec::new(),
            news_from: None,
            forecast,
            risk,
            bars,
            warnings,
        })
    }

    /// Headlines of after the session that follows the last bar are of another time than the bars, where these are old.
    pub(super) fn take_news(&mut self, headlines: Vec<Headline>) {
        let until = news_until(&self.bars.bars, self.moment);
        let of_the_time = |one: &Headline| one.published <= until;
        let (taken, later): (Vec<_>, Vec<_>) = headlines.into_iter().partition(of_the_time);
        if !later.is_empty() {
            let (count, last) = (later.len(), self.moment.last_bar);
            self.warnings
                .push(format!("{count} headlines are left out: they are newer than the bars, which end on {last}"));
        }
        self.headlines = taken;
    }

    /// The table of facts.
    pub(super) fn facts(&self) -> Facts {
        let Self { company, moment, bars_from, fetched, bars, forecast, evaluation, risk, drift, headlines, .. } = self;
        let mut facts = Facts::of(&Gathered {
            company,
            moment: *moment,
            source: bars_from,
            fetched: *fetched,
            bars,
            forecast,
            evaluation,
            risk: risk.as_ref(),
            drift,
            headlines,
        });
        let counted = facts.facts.iter_mut().find(|fact| fact.id == "headlines");
        if let Some((fact, name)) = counted.zip(self.news_from.as_ref()) {
            let until = news_until(&self.bars.bars, self.moment).date_naive();
            fact.origin.source = format!("headlines of {name}");
            fact.origin.window = until.checked_sub_days(chrono::Days::new(7)).map(|first| [first, until]);
        }
        facts
    }

    /// What the facts were read from, to be kept.
    pub(super) fn sources(&self) -> Sources {
        let Self { bars_from, fetched, news_from, bars, forecast, evaluation, risk, drift, .. } = self.clone();
        let bars = Sourced { bars: bars.bars.with_index(None), ..bars };
        Sources { bars_from, fetched, news_from, bars, forecast, evaluation, risk, drift }
    }

    /// The forecast, the risk and the drift as SVG.
    pub(super) fn charts(&self) -> Charts {
        let mut charts = vec![("forecast.svg".to_owned(), fan(&self.forecast, &self.bars.bars))];
        charts.extend(self.risk.as_ref().map(|risk| ("risk.svg".to_owned(), risk_svg(risk))));
        if !self.drift.trail.is_empty() {
            charts.push(("drift.svg".into(), drift_svg(&self.drift)));
        }
        charts
    }
}

/// Until when headlines are of the time of the bars: the decision, and of old bars the close of the session that follows the last.
fn news_until(bars: &Bars, moment: Moment) -> DateTime<Utc> {
    let next = bars.calendar().next_sessions(moment.last_bar, 1).first().map(|session| session.close_utc);
    next.filter(|_| moment.replayed).map_or(moment.decided, |close| close.min(moment.decided))
}

/// The end of a past day, or now.
pub(super) fn decided(as_of: Option<NaiveDate>, now: DateTime<Utc>) -> DateTime<Utc> {
    let end = as_of.and_then(|day| day.succ_opt()).map(|next| next.and_time(NaiveTime::MIN).and_utc());
    // The day itself is over where the next has begun.
    end.map_or(now, |end| (end - chrono::TimeDelta::seconds(1)).min(now))
}

fn day(day: Option<NaiveDate>) -> String {
    day.map_or("none".into(), |day| day.to_string())
}
