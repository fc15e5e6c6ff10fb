//! `forecast_chart`: the last sessions, and the fan of the next ones.

mod view;
mod words;

use chrono::NaiveDate;

use super::svg::{Svg, caption_height};
use view::{HEIGHT, View};
pub(crate) use words::sessions;

/// One past session.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClosePoint {
    /// Its day.
    pub date: NaiveDate,
    /// Its close, in the unit of the chart.
    pub close: f64,
}

/// One session to come.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ForecastPoint {
    /// Its day.
    pub date: NaiveDate,
    /// Forecast close.
    pub close: f64,
    /// Forecast high.
    pub high: f64,
    /// Forecast low.
    pub low: f64,
}

/// Intervals of the close at one level.
#[derive(Debug, Clone, PartialEq)]
pub struct Band {
    /// Coverage in percent, such as 90.
    pub percent: u8,
    /// Lower and upper bound of each session to come, as many as the forecast has.
    pub bounds: Vec<[f64; 2]>,
}

/// What [`forecast_chart`] draws.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ForecastChart {
    /// Heading, such as `AMZN: five sessions ahead`.
    pub title: String,
    /// A line at the foot, such as the skill and the version of the model.
    pub caption: String,
    /// Unit of the prices, such as `USD`; may be empty.
    pub unit: String,
    /// Past sessions, oldest first; the last 60 are drawn.
    pub history: Vec<ClosePoint>,
    /// Sessions to come, nearest first.
    pub forecast: Vec<ForecastPoint>,
    /// Intervals in any order; one of another length than the forecast is left out.
    pub bands: Vec<Band>,
}

/// Closes of the last 60 sessions, forecast closes with high and low, and a fan of their intervals, as SVG.
///
/// The axis has sessions only, so weekends leave no holes, and those to come stand further apart than the past ones.
/// Tags on the right give the last close and the last forecast close.
///
/// # Example
///
/// ```
/// use stockops_core::chart::{Band, ClosePoint, ForecastChart, ForecastPoint, forecast_chart};
///
/// let day = |text: &str| text.parse().unwrap();
/// let svg = forecast_chart(&ForecastChart {
///     title: "GOOG: one session ahead".into(),
///     history: vec![ClosePoint { date: day("2024-05-01"), close: 165.6 }],
///     forecast: vec![ForecastPoint { date: day("2024-05-02"), close: 166.0, high: 167.5, low: 164.2 }],
///     bands: vec![Band { percent: 90, bounds: vec![[161.0, 171.0]] }],
///     ..ForecastChart::default()
/// });
/// assert!(svg.starts_with("<svg") && svg.contains("90 %"));
/// ```
pub fn forecast_chart(chart: &ForecastChart) -> String {
    let Some(view) = View::of(chart) else {
        return Svg::no_data(&chart.title, &chart.caption);
    };
    let height = HEIGHT + caption_height(&chart.caption);
    let mut svg = Svg::new(height, &chart.title, &view.description());
    view.draw_grid(&mut svg, &chart.unit);
    view.draw_days(&mut svg);
    view.draw_fan(&mut svg);
    view.draw_past(&mut svg);
    view.draw_future(&mut svg);
    view.draw_tags(&mut svg);
    view.draw_legend(&mut svg);
    view.draw_hovers(&mut svg);
    svg.caption(height, &chart.caption);
    svg.finish()
}

#[cfg(test)]
mod tests;
