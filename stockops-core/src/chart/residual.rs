//! `residual_chart`: what came out less what was forecast, over time and by horizon.

mod panel;

use chrono::NaiveDate;

use super::svg::{Svg, caption_height};
use panel::Panel;

/// One forecast and what came out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ResidualPoint {
    /// The day that was forecast.
    pub date: NaiveDate,
    /// Forecast, in the unit of the chart.
    pub predicted: f64,
    /// What came out.
    pub actual: f64,
    /// Lower and upper bound that the forecast gave for the actual value, where it gave one.
    pub interval: Option<[f64; 2]>,
}

/// All forecasts of one horizon.
#[derive(Debug, Clone, PartialEq)]
pub struct ResidualPanel {
    /// Sessions ahead, such as 1 or 5.
    pub horizon: usize,
    /// In order of day.
    pub points: Vec<ResidualPoint>,
}

/// What [`residual_chart`] draws.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ResidualChart {
    /// Heading, such as `AMZN: residuals on held-out days`.
    pub title: String,
    /// A line at the foot.
    pub caption: String,
    /// Unit of the values, such as `% return`; may be empty.
    pub unit: String,
    /// Coverage that the intervals promise, in percent, such as 90.
    pub percent: u8,
    /// One panel for each horizon, drawn one below the other.
    pub panels: Vec<ResidualPanel>,
}

/// Residuals, actual less predicted, as one panel for each horizon with zero line, interval and histogram, as SVG.
///
/// Days outside of their interval are marked, and each panel says which share fell inside. Each panel has a scale of
/// its own with zero in the middle, as errors grow with the horizon.
///
/// # Example
///
/// ```
/// use stockops_core::chart::{ResidualChart, ResidualPanel, ResidualPoint, residual_chart};
///
/// let date = "2024-05-01".parse().unwrap();
/// let point = ResidualPoint { date, predicted: 0.1, actual: -0.4, interval: Some([-2.0, 2.2]) };
/// let svg = residual_chart(&ResidualChart {
///     title: "GOOG: residuals".into(),
///     unit: "% return".into(),
///     percent: 90,
///     panels: vec![ResidualPanel { horizon: 1, points: vec![point] }],
///     ..ResidualChart::default()
/// });
/// assert!(svg.contains("1 session ahead") && svg.contains("100 % of 1 day inside the 90 % interval"));
/// ```
pub fn residual_chart(chart: &ResidualChart) -> String {
    let panels: Vec<Panel> = chart.panels.iter().filter_map(Panel::of).collect();
    if panels.is_empty() {
        return Svg::no_data(&chart.title, &chart.caption);
    }
    let height = panel::TOP + panels.len() as f64 * panel::PITCH + caption_height(&chart.caption);
    let words: Vec<String> = panels.iter().map(|panel| panel.summary(chart.percent)).collect();
    let mut svg = Svg::new(height, &chart.title, &(words.join(". ") + "."));
    panel::draw_legend(&mut svg, chart, panels.iter().any(Panel::has_interval));
    for (i, panel) in panels.iter().enumerate() {
        panel.draw(&mut svg, panel::TOP + i as f64 * panel::PITCH, &words[i]);
    }
    svg.caption(height, &chart.caption);
    svg.finish()
}

#[cfg(test)]
mod tests;
