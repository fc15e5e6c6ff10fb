//! A forecaster for people: charts of its forecast and of its held-out days, and what it is in words.

use super::page::joined;
use super::scores::score_charts;
use super::{Charts, escape, fan, list, skill_table, skill_words, transfer_words};
use crate::chart::{ResidualChart, ResidualPanel, ResidualPoint, residual_chart};
use crate::error::Result;
use crate::evaluation::Evaluation;
use crate::forecast::{Case, Field, LEVELS};
use crate::forecaster::Forecaster;
use crate::market::Bars;

/// Place of the 90 % interval among the levels.
const NINETY: usize = 1;

/// Charts of `forecaster` on `bars`, which hold its held-out days: `forecast.svg`, `residuals.svg`, and where it was judged
/// `skill.svg` and `coverage.svg`.
///
/// # Errors
///
/// Those of [`Forecaster::forecast`] and [`Forecaster::past`].
pub fn charts(forecaster: &Forecaster, bars: &Bars) -> Result<Charts> {
    let forecast = fan(&forecaster.forecast(bars)?, bars);
    let mut charts =
        vec![("forecast.svg".into(), forecast), ("residuals.svg".into(), residual_svg(forecaster, bars)?)];
    let Evaluation { fields, forecasts, first_day, last_day, .. } = &forecaster.about().evaluation;
    if let Some((first, last)) = first_day.zip(*last_day).filter(|_| !fields.is_empty()) {
        let days = format!("{forecasts} forecasts of {first} to {last}");
        charts.extend(score_charts(&forecaster.about().ticker, fields, &days));
    }
    Ok(charts)
}

/// What the closes of its held-out days were beside what it forecast, as SVG; the forecasts are made again from `bars`.
///
/// # Errors
///
/// Those of [`Forecaster::past`].
pub fn residual_svg(forecaster: &Forecaster, bars: &Bars) -> Result<String> {
    let cases = held_out(forecaster, bars)?;
    let about = forecaster.about();
    let mut horizons = vec![0, forecaster.horizon() - 1];
    horizons.dedup();
    Ok(residual_chart(&ResidualChart {
        title: format!("{}: close, actual less forecast on held-out days", about.ticker),
        caption: about.evaluation.note.clone(),
        unit: "% of the last close".into(),
        percent: (LEVELS[NINETY] * 100.0) as u8,
        panels: horizons.into_iter().map(|horizon| panel(&cases, horizon)).collect(),
    }))
}

/// Its forecasts of the days that it was judged on; none where it was not.
fn held_out<'a>(forecaster: &Forecaster, bars: &'a Bars) -> Result<Vec<Case<'a>>> {
    let Evaluation { first_day, last_day, .. } = forecaster.about().evaluation;
    let Some((first, last)) = first_day.zip(last_day) else { return Ok(Vec::new()) };
    let mut cases = forecaster.past(bars, first.pred_opt(), usize::MAX)?;
    cases.retain(|case| case.actual.last().is_some_and(|bar| bar.date <= last));
    Ok(cases)
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

/// What a forecaster is, how far to trust it, and where its skill comes from, in Markdown for a notebook.
pub fn forecaster_markdown(forecaster: &Forecaster) -> String {
    let about = forecaster.about();
    let (windows, day) = (about.training_windows, about.last_seen_day);
    let head = format!("**{}**: {}, {windows} training windows, saw days up to {day}", about.ticker, about.role);
    let skill = about.evaluation.skill.as_ref();
    let skill = skill.map(|skill| format!("Skill on held-out days:\n\n{}", skill_table(skill).markdown()));
    joined([head, skill.unwrap_or_default(), list([&about.evaluation.note])])
}

/// What came of a training, in Markdown.
pub fn training_markdown(forecaster: &Forecaster) -> String {
    let about = forecaster.about();
    let (windows, epoch, day) = (about.training_windows, about.best_epoch, about.last_seen_day);
    let what = format!("{}, {windows} training windows, weights of epoch {epoch}, saw days up to {day}.", about.role);
    joined([
        format!("# {}: what came of the training", about.ticker),
        escape(&what),
        escape(&skill_words(&about.evaluation)),
        about.evaluation.skill.as_ref().map(|skill| skill_table(skill).markdown()).unwrap_or_default(),
        about.transfer.as_ref().map(|transfer| escape(&transfer_words(transfer))).unwrap_or_default(),
    ])
}
