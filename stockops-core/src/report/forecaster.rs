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
    let mut charts = vec![("forecast.svg".into(), forecast), ("residuals.svg".into(), residual_svg(forecaster, bars)?)];
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Device;
    use crate::pipeline::{ChildConfig, find_parent, train_child, zero_shot};
    use crate::registry::MemoryRegistry;
    use crate::source::builtin_bars;
    use crate::training::{CancelFlag, Watch};

    /// The replayed cases have the errors that the evaluation states.
    fn same_errors(forecaster: &Forecaster, bars: &Bars) {
        let cases = held_out(forecaster, bars).unwrap();
        let evaluation = &forecaster.about().evaluation;
        assert!(evaluation.forecasts > 20);
        assert_eq!(cases.len(), evaluation.forecasts);
        let last = forecaster.horizon() - 1;
        let score = evaluation.fields[&Field::Close].values().last().unwrap();
        let squares: f64 = cases.iter().map(|case| case.error(Field::Close, last).unwrap().powi(2)).sum();
        // The network works in f32, and how windows are batched may change its last digits.
        approx::assert_relative_eq!((squares / cases.len() as f64).sqrt(), score.rmse, max_relative = 1e-5);
        let held = |case: &Case<'_>| {
            let [low, high] = case.spread(Field::Close, last).unwrap().intervals[NINETY];
            (low..=high).contains(&case.actual(Field::Close, last).unwrap())
        };
        let held = cases.iter().filter(|case| held(case)).count() as f64 / cases.len() as f64;
        assert_eq!(Some(held), score.coverage_90);
    }

    #[test]
    fn what_is_drawn_later_is_what_was_judged() {
        let parent = find_parent(&MemoryRegistry::new(), Device::Cpu).unwrap();
        let bars = builtin_bars(&"MSFT".parse().unwrap()).unwrap().bars.last(500);
        same_errors(&zero_shot(&parent, &bars, &CancelFlag::default()).unwrap(), &bars);
        let config = ChildConfig { epochs: Some(1), no_comparison: true, ..ChildConfig::default() };
        let child = train_child(&bars, Some(&parent), &config, &mut Watch::silent()).unwrap().forecaster;
        same_errors(&child, &bars);
        // Days that came since are no part of the judgement.
        let mut more = bars.as_slice().to_vec();
        let last = *bars.as_slice().last().unwrap();
        more.extend((1..30).map(|day| crate::Bar { date: last.date + chrono::Days::new(day), ..last }));
        same_errors(&child, &Bars::new(bars.ticker().clone(), more).unwrap());
    }

    #[test]
    fn without_a_judgement_there_are_no_charts_of_scores() {
        let parent = find_parent(&MemoryRegistry::new(), Device::Cpu).unwrap();
        let bars = builtin_bars(&"MSFT".parse().unwrap()).unwrap().bars.last(90);
        let drawn = charts(&zero_shot(&parent, &bars, &CancelFlag::default()).unwrap(), &bars).unwrap();
        let names: Vec<&str> = drawn.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["forecast.svg", "residuals.svg"]);
        assert!(drawn[1].1.contains("no data"));
    }
}
