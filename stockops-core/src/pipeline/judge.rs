//! Blend, calibration and judgement of a trained network on days that it did not learn from.

use chrono::NaiveDate;

use super::Parent;
use crate::dataset::{Dataset, DayEffects, Part, Windows};
use crate::drift::Reference;
use crate::error::Result;
use crate::evaluation::{Evaluation, Legacy};
use crate::feature_store::Definition;
use crate::forecast::{Case, Role};
use crate::forecaster::{About, Blend, Calibration, FORMAT, Forecaster};
use crate::market::Bars;
use crate::training::CancelFlag;

/// Windows of `part` over all `datasets`.
pub(super) fn windows_of(datasets: &[Dataset], part: Part) -> usize {
    datasets.iter().map(|dataset| dataset.windows(part).len()).sum()
}

/// Last day that training, validation or calibration of `dataset` saw; none where all of its days come later.
pub(super) fn last_known_day(dataset: &Dataset) -> Option<NaiveDate> {
    dataset.days()[..dataset.split().known_rows()].last().copied()
}

/// The forecaster with the blend that `validation`, forecasts of its network alone, speaks for, the share of the close
/// only where `close` says so.
pub(super) fn learned_blend(network: &Forecaster, prior: &Blend, validation: &[Case<'_>], close: bool) -> Forecaster {
    network.with_about(About { blend: prior.fitted(validation, close), ..network.about().clone() })
}

/// The forecaster with its intervals and its skill.
///
/// Intervals begin with `calibration` and adapt on the ticker's own calibration days; what they learn on its test days
/// belongs to the test. A network that learned nothing from the ticker (zero-shot) has not begun to adapt: all
/// days of a ticker are open to it.
pub(super) fn evaluated(
    forecaster: &Forecaster,
    calibration: Calibration,
    dataset: &Dataset,
    bars: &Bars,
    parent: Option<&Parent>,
    cancel: &CancelFlag,
) -> Result<Forecaster> {
    let mut about = forecaster.about().clone();
    let own = dataset.windows(Part::Calibration);
    about.calibration = calibration.afresh();
    if about.training.is_some() {
        let (_, state) = forecaster.with_about(about.clone()).cases_and_state(bars, &own, cancel)?;
        about.calibration.start = state;
        about.calibration.last_day = last_known_day(dataset);
    }
    let forecaster = forecaster.with_about(about.clone());
    let (test, note) = held_out(&forecaster, dataset, parent);
    let test = forecaster.cases(bars, &test, cancel)?;
    let before = forecaster.cases(bars, &dataset.windows(Part::Validation), cancel)?;
    about.evaluation = Evaluation::of(&test, &before, note);
    about.evaluation.legacy = legacy(&forecaster, dataset, cancel)?;
    if let Some(parent) = parent {
        about.last_seen_day = about.last_seen_day.max(parent.forecaster.about().last_seen_day);
        about.reference = about.reference.or_else(|| parent.forecaster.about().reference.clone());
    }
    Ok(forecaster.with_about(about))
}

/// Windows that nothing was learned from, and what is to be said of them.
fn held_out<'a>(forecaster: &Forecaster, dataset: &'a Dataset, parent: Option<&Parent>) -> (Windows<'a>, String) {
    let test = dataset.windows(Part::Test);
    let about = forecaster.about();
    if !test.is_empty() {
        let note = match parent {
            _ if dataset.split().leaked() => "leaked: the parent saw some of these days, so the skill is too good",
            Some(_) => "skill on days after all that the model and its parent saw",
            None => "skill on days after all that the model saw",
        };
        return (test, note.into());
    }
    match parent.filter(|_| about.training.is_none()) {
        Some(parent) => {
            let seen = parent.forecaster.about().last_seen_day;
            let unseen = dataset.windows_after(Some(seen));
            let note = match unseen.len() {
                0 => format!("no day of {} lies after {seen}, the parent's last: no skill can be stated", about.ticker),
                _ if parent.forecaster.about().trained_on.contains(&about.ticker) => {
                    let ticker = &about.ticker;
                    format!("the parent learned from {ticker} up to {seen}: skill on its days after that")
                }
                _ => format!("nothing was trained on {}: skill on its days after {seen}", about.ticker),
            };
            (unseen, note)
        }
        None => {
            let why = if dataset.config().split.to.is_some() { "ends with what it may see" } else { "is too short" };
            let note =
                format!("the history of {} {why}, so no days are held out and no skill can be stated", about.ticker);
            (test, note)
        }
    }
}

/// The original's metrics, on scaled Open, High, Low, Close and Volume over training and validation windows, of bars without
/// effects of days.
fn legacy(forecaster: &Forecaster, dataset: &Dataset, cancel: &CancelFlag) -> Result<Option<Legacy>> {
    let mut pairs = Vec::new();
    for part in [Part::Train, Part::Validation] {
        let windows = dataset.windows(part);
        let contexts: Vec<_> = (0..windows.len()).map(|index| windows.context(index)).collect();
        let outputs = forecaster.outputs(&contexts, cancel)?;
        for index in 0..windows.len() {
            let predicted = outputs.index_axis(ndarray::Axis(0), index);
            for ((row, column), actual) in windows.target(index).indexed_iter() {
                if forecaster.about().features.as_slice()[column].is_ohlcv() {
                    pairs.push((f64::from(predicted[[row, column]]), f64::from(*actual)));
                }
            }
        }
    }
    Ok(Legacy::of(pairs.into_iter()))
}

impl About {
    /// What a dataset says, before training, calibration and judgement.
    pub(super) fn blank(role: Role, dataset: &Dataset, bars: &Bars) -> Self {
        let (config, split) = (dataset.config(), dataset.split());
        let known = &dataset.days()[..split.known_rows()];
        Self {
            format: FORMAT,
            ticker: bars.ticker().clone(),
            trained_on: vec![bars.ticker().clone()],
            role,
            parent: None,
            features: config.features.clone(),
            definition: Some(Definition::of(&config.features)),
            encoding: config.encoding,
            days: DayEffects::default(),
            index: None,
            scaler: dataset.scaler().clone(),
            context: config.split.context,
            dropout: 0.0,
            blend: Blend::network_alone(config.split.horizon),
            calibration: Calibration::unknown(),
            evaluation: Evaluation::none("not judged yet".into()),
            first_day: bars.as_slice()[0].date,
            last_seen_day: known[known.len() - 1],
            reference: Reference::of(&bars.between(None, known.last().copied())).ok(),
            transfer: None,
            training_windows: 0,
            given_up: split.given_up(),
            leaked: split.leaked(),
            imported: false,
            data_sha256: bars.sha256().into(),
            training: None,
            best_epoch: 0,
            stockops: env!("CARGO_PKG_VERSION").into(),
        }
    }
}
