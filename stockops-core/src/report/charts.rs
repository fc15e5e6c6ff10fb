//! Charts of a forecaster: its forecast over the last closes, and its residuals, skill and coverage on held-out days.

use super::scores::score_charts;
use crate::chart::{
    Band, ClosePoint, DriftChart, DriftDay, ForecastChart, ForecastPoint, ResidualChart, ResidualPanel, ResidualPoint,
    drift_chart, forecast_chart, residual_chart,
};
use crate::drift::{DriftReport, Health};
use crate::error::Result;
use crate::evaluation::Evaluation;
use crate::forecast::{Case, Field, Forecast, LEVELS};
use crate::forecaster::Forecaster;
use crate::market::Bars;

/// Closes before the forecast that are drawn.
const PAST_SESSIONS: usize = 60;

/// Place of the 90 % interval among the levels.
const NINETY: usize = 1;

/// Charts as (file name, SVG).
pub type Charts = Vec<(String, String)>;

/// All charts of a forecaster; those of its scores where there are any.
pub fn charts(forecaster: &Forecaster, bars: &Bars, test: &[Case<'_>]) -> Result<Charts> {
    let forecast = forecaster.forecast(bars)?;
    let residuals = residuals(forecaster, test);
    let mut charts = vec![("forecast.svg".into(), fan(&forecast, bars)), ("residuals.svg".into(), residuals)];
    let Evaluation { fields, forecasts, first_day, last_day, .. } = &forecaster.about().evaluation;
    if let Some((first, last)) = first_day.zip(*last_day).filter(|_| !fields.is_empty()) {
        let days = format!("{forecasts} forecasts of {first} to {last}");
        charts.extend(score_charts(&forecaster.about().ticker, fields, &days));
    }
    Ok(charts)
}

/// A forecast over the last closes of `bars`, as SVG.
pub fn fan(forecast: &Forecast, bars: &Bars) -> String {
    let past = bars.last(PAST_SESSIONS);
    fan_over(forecast, past.iter().map(|bar| ClosePoint { date: bar.date, close: bar.close }).collect())
}

/// A forecast over the closes of its own [`history`](Forecast::history), as SVG: for those who no longer have the bars.
pub fn own_fan(forecast: &Forecast) -> String {
    fan_over(forecast, forecast.history.iter().map(|past| ClosePoint { date: past.date, close: past.close }).collect())
}

fn fan_over(forecast: &Forecast, history: Vec<ClosePoint>) -> String {
    let days = &forecast.predictions.full_forecast;
    let point =
        |day: &crate::forecast::Day| ForecastPoint { date: day.date, close: day.close, high: day.high, low: day.low };
    let band = |(percent, level): (&String, &Vec<crate::forecast::IntervalDay>)| {
        Some(Band { percent: percent.parse().ok()?, bounds: level.iter().map(|day| day.close).collect() })
    };
    forecast_chart(&ForecastChart {
        title: format!("{}: {} sessions ahead", forecast.ticker, days.len()),
        caption: "the bands are to hold 80, 90 and 95 % of closes; the line is a forecast of the middle, not a promise"
            .into(),
        unit: String::new(),
        history,
        forecast: days.iter().map(point).collect(),
        bands: forecast.intervals.iter().filter_map(band).collect(),
    })
}

/// The days before a drift report, as SVG.
pub fn drift_svg(report: &DriftReport) -> String {
    let day = |day: &crate::drift::TrailDay| DriftDay {
        date: day.day,
        data: day.data,
        model: day.concept,
        unusual: day.health >= Health::Degraded,
        critical: day.health == Health::Critical,
    };
    drift_chart(&DriftChart {
        title: format!("{}: how far from alarm", report.ticker),
        caption:
            "each line is the largest of its tests over its threshold: alarm begins at 1 (dashed); shaded days are \
                  episodes of alarm"
                .into(),
        days: report.trail.iter().map(day).collect(),
    })
}

fn residuals(forecaster: &Forecaster, test: &[Case<'_>]) -> String {
    let about = forecaster.about();
    let last = forecaster.horizon() - 1;
    let mut horizons = vec![0, last];
    horizons.dedup();
    residual_chart(&ResidualChart {
        title: format!("{}: close, actual less forecast on held-out days", about.ticker),
        caption: about.evaluation.note.clone(),
        unit: "% of the last close".into(),
        percent: (LEVELS[NINETY] * 100.0) as u8,
        panels: horizons.into_iter().map(|horizon| panel(test, horizon)).collect(),
    })
}

fn panel(test: &[Case<'_>], horizon: usize) -> ResidualPanel {
    let percent = |log: f64| (log.exp() - 1.0) * 100.0;
    let point = |case: &Case<'_>| {
        let spread = case.spread(Field::Close, horizon);
        Some(ResidualPoint {
            date: case.actual[horizon].date,
            predicted: percent(case.predicted(Field::Close, horizon)?),
            actual: percent(case.actual(Field::Close, horizon)?),
            interval: spread.map(|spread| spread.intervals[NINETY].map(percent)),
        })
    };
    ResidualPanel { horizon: horizon + 1, points: test.iter().filter_map(point).collect() }
}
