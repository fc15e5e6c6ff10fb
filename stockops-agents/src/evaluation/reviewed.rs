//! `Reviewed`: a report, and what is known of it without believing it.

use std::collections::BTreeSet;
use std::time::Duration;

use stockops_core::Ticker;
use stockops_core::forecast::Stance;
use stockops_core::market::Calendar;

use crate::facts::Moment;
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

/// What a checker found in the text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checked {
    /// Numbers, days, names and directions that it read.
    pub claims: usize,
    /// Ids of the facts that they are, such as `last_close` and `close_h5`.
    pub used: BTreeSet<String>,
    /// What is no fact, in a line each.
    pub faults: Vec<String>,
}

/// A report that is to be scored.
#[derive(Debug, Clone, PartialEq)]
pub struct Reviewed {
    /// Whose report it is to be.
    pub ticker: Ticker,
    /// The text; Markdown.
    pub text: String,
    /// What it concludes; `None` where it concludes nothing.
    pub stated: Option<Stated>,
    /// What the facts allow to conclude.
    pub verdict: Verdict,
    /// What the checker found; `None` where nobody checked.
    pub checked: Option<Checked>,
    /// Stances of the analysts who wrote, where they took one.
    pub opinions: Vec<Stance>,
    /// When it was made, and on which bars.
    pub moment: Moment,
    /// Sessions that were over at that moment and whose bars it lacks, as [`sessions_missed`] counts them; `None` where
    /// nobody counted.
    pub sessions_missed: Option<usize>,
    /// Sessions ahead of the last one that is forecast.
    pub sessions: usize,
    /// 80 % interval of the move of the close until then, as fractions; `None` where nothing was calibrated.
    pub move_80: Option<[f64; 2]>,
    /// How long it took; `None` where nobody looked.
    pub duration: Option<Duration>,
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
