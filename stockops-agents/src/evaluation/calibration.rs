//! `Calibration`: what reports stated, against what came.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use stockops_core::Bars;

use super::{AgentEval, Said};
use crate::verdict::Confidence;

/// Least reports that came of age, so that a share says something.
const LEAST: usize = 10;

/// What an 80 % interval states.
const STATED: f64 = 0.8;

/// Reports of one confidence.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Level {
    /// Reports whose last session has come.
    pub reports: usize,
    /// Those of them that came true.
    pub came_true: usize,
}

/// Whether reports were right as often as they said.
///
/// A stance is where the 80 % interval of the move lies, so a report came true where the move lay within that interval: one
/// that was bullish was then right about the direction too. High and Medium confidence state that intervals hold, so 80 % of
/// such reports should come true; Low confidence states nothing, and is counted without being scored.
///
/// `score = 1 - |share that came true - 0.8| / 0.8`, from 10 reports on. Reports whose sessions overlap have one outcome, so
/// each begins where the one counted before it ended. Replayed runs stay out: who writes them may know what came.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// By confidence.
    pub levels: BTreeMap<Confidence, Level>,
    /// 0 to 1; `None` while too few reports with High or Medium confidence have come of age.
    pub score: Option<f64>,
}

impl Calibration {
    /// Of the reports of a ticker, whose bars are now `bars`.
    pub fn of(history: &[AgentEval], bars: &Bars) -> Self {
        let mut calibration = Self::default();
        let mut known: Vec<(usize, Said)> =
            history.iter().filter(|report| !report.replayed).filter_map(|report| placed(report, bars)).collect();
        // Of several reports on one bar the last one counts.
        known.reverse();
        known.sort_by_key(|(place, _)| *place);
        let mut free_from = 0;
        for (place, said) in known {
            let Some(moved) = moved(bars, place, said.sessions).filter(|_| place >= free_from) else { continue };
            free_from = place + said.sessions;
            let level = calibration.levels.entry(said.confidence).or_default();
            level.reports += 1;
            level.came_true += usize::from((said.move_80[0]..=said.move_80[1]).contains(&moved));
        }
        calibration.score = calibration.scored();
        calibration
    }

    fn scored(&self) -> Option<f64> {
        let stated = [Confidence::High, Confidence::Medium].map(|confidence| self.levels.get(&confidence));
        let count = |of: fn(&Level) -> usize| stated.iter().flatten().map(|level| of(level)).sum::<usize>();
        let (reports, came_true) = (count(|level| level.reports), count(|level| level.came_true));
        let gap = (came_true as f64 / reports as f64 - STATED).abs();
        (reports >= LEAST).then(|| 1.0 - gap / STATED)
    }
}

impl fmt::Display for Calibration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = |(name, level): (&Confidence, &Level)| {
            format!("{} of {} with {name} confidence", level.came_true, level.reports)
        };
        let levels: Vec<String> = self.levels.iter().map(level).collect();
        write!(
            f,
            "of earlier reports came true: {}",
            if levels.is_empty() { "none yet".into() } else { levels.join(", ") }
        )
    }
}

/// The place of a report's last bar in `bars`, and what it said.
fn placed(report: &AgentEval, bars: &Bars) -> Option<(usize, Said)> {
    let place = bars.as_slice().binary_search_by_key(&report.last_bar, |bar| bar.date).ok()?;
    Some((place, report.said?))
}

/// The move of the close over `sessions` from `place` on; `None` while it has not come. Both closes are as they are known
/// now, so a split between them moves nothing.
fn moved(bars: &Bars, place: usize, sessions: usize) -> Option<f64> {
    let close = |place: usize| bars.as_slice().get(place).map(|bar| bar.close);
    Some(close(place + sessions)? / close(place)? - 1.0)
}

#[cfg(test)]
mod tests;
