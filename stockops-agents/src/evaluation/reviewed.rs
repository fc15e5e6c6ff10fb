//! `Reviewed`: a report, and what is known of it without believing it.

use std::time::Duration;

use stockops_core::forecast::Stance;
use stockops_core::market::Calendar;

use super::Said;
use crate::check::Checked;
use crate::facts::{Facts, Moment};
use crate::verdict::{Action, Confidence, Verdict};

/// What a report concludes, as its JSON says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stated {
    /// Its stance.
    pub stance: Stance,
    /// What it calls it.
    pub action: Action,
    /// How far it trusts that.
    pub confidence: Confidence,
}

/// A report that is to be scored.
#[derive(Debug, Clone, Copy)]
pub struct Reviewed<'a> {
    /// The text; Markdown.
    pub text: &'a str,
    /// What it concludes; `None` where it concludes nothing.
    pub stated: Option<Stated>,
    /// What was known.
    pub facts: &'a Facts,
    /// What the facts allow to conclude.
    pub verdict: &'a Verdict,
    /// What the checker found in the text; `None` where nobody checked.
    pub checked: Option<&'a Checked>,
    /// Stances of the analysts who wrote, where they took one.
    pub opinions: &'a [Stance],
    /// Sessions that were over and whose bars it lacks, as [`sessions_missed`] counts them; `None` where nobody counted.
    pub sessions_missed: Option<usize>,
    /// How long it took; `None` where nobody looked.
    pub duration: Option<Duration>,
}

impl Reviewed<'_> {
    /// The last session that is forecast, as sessions ahead, and the 80 % interval of the move until then; `None` where
    /// nothing was calibrated.
    pub(super) fn move_80(&self) -> Option<(usize, [f64; 2])> {
        let number = |id: &str| self.facts.get(id)?.number();
        let sessions = self
            .facts
            .facts
            .iter()
            .filter(|fact| fact.id.starts_with("close_h"))
            .filter_map(|fact| fact.horizon)
            .max()?;
        let end = |end: &str| number(&format!("move_h{sessions}_80_{end}"));
        Some((sessions, [end("low")?, end("high")?]))
    }

    /// What it said, so that it can be held against what comes.
    pub(super) fn said(&self) -> Option<Said> {
        let (stated, (sessions, move_80)) = (self.stated?, self.move_80()?);
        Some(Said { stance: stated.stance, confidence: stated.confidence, sessions, move_80 })
    }
}

/// Most sessions that are counted: a report that lacks more is of another time.
const MOST_MISSED: usize = 30;

/// Sessions of `calendar` that were over at `moment` and have no bar: 0 for the newest bar that there can be, 30 at most.
///
/// # Example
///
/// ```
/// use stockops_agents::evaluation::sessions_missed;
/// use stockops_agents::facts::Moment;
/// use stockops_core::Calendar;
///
/// let calendar = Calendar::of(&"BTC-USD".parse()?);
/// let last_bar = "2026-01-02".parse().unwrap();
/// let moment = Moment { last_bar, decided: "2026-01-05T12:00:00Z".parse().unwrap(), replayed: false };
/// assert_eq!(sessions_missed(&calendar, &moment), 2); // the 3rd and the 4th
/// # Ok::<(), stockops_core::Error>(())
/// ```
pub fn sessions_missed(calendar: &Calendar, moment: &Moment) -> usize {
    let after = calendar.next_sessions(moment.last_bar, MOST_MISSED);
    after.iter().take_while(|session| session.close_utc <= moment.decided).count()
}
