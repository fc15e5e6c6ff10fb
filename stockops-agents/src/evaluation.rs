//! Whether a report is worth reading: scores from facts, verdict and the checker's outcome, never from words that sound good.
//!
//! [`Reviewed`] is a report and what is known of it, [`AgentEval`] its scores, [`Calibration`] what came of earlier reports,
//! [`Evaluations`] the latest evaluation and the history. A [`Judgement`] of a language model may stand beside the scores.

mod calibration;
mod judge;
mod kept;
mod reviewed;
mod scores;

pub use calibration::{Calibration, Level};
pub use judge::{Judgement, judge};
pub use kept::Evaluations;
pub use reviewed::{Reviewed, Stated, sessions_missed};
pub use scores::{AgentEval, Said, Status};

#[cfg(test)]
mod tests;
