//! Charts of a forecast and of a drift report.

use crate::chart::sessions as counted;
use crate::chart::{
    Band, Candle, CandleChart, ClosePoint, DriftChart, DriftDay, ForecastChart, ForecastPoint, candle_chart,
    drift_chart, forecast_chart,
};
use crate::drift::{DriftReport, Health, TrailDay};
use crate::forecast::{Day, Forecast, IntervalDay};
use crate::market::{Bar, Bars};

/// Closes before the forecast that are drawn.
const PAST_SESSIONS: usize = 60;

/// Charts as (file name, SVG).
pub type Charts = Vec<(String, String)>;

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
    let point = |day: &Day| ForecastPoint { date: day.date, close: day.close, high: day.high, low: day.low };
    let band = |(percent, level): (&String, &Vec<IntervalDay>)| {
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

/// The last `sessions` of `bars` as candles over their volume, as SVG.
pub fn candles(bars: &Bars, sessions: usize) -> String {
    let last = bars.last(sessions);
    let candle = |bar: &Bar| {
        let Bar { date, open, high, low, close, volume } = *bar;
        Candle { date, open, high, low, close, volume }
    };
    candle_chart(&CandleChart {
        title: format!("{}: the last {}", bars.ticker(), counted(last.len())),
        caption: "hollow: the close is above the open; filled: it is below".into(),
        sessions: last.iter().map(candle).collect(),
    })
}

/// The days before a drift report, as SVG.
pub fn drift_svg(report: &DriftReport) -> String {
    let day = |day: &TrailDay| DriftDay {
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
