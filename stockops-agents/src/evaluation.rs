//! Whether a report is worth reading: scores from facts, verdict and the checker's outcome, never from words that sound good.
//!
//! [`Reviewed`] is a report and what is known of it, [`AgentEval`] its scores, [`Calibration`] what came of earlier reports,
//! [`Evaluations`] the latest evaluation and the history. A [`Judgement`] of a language model may stand beside the scores.

mod agent_eval;
mod calibration;
mod judge;
mod kept;
mod reviewed;
mod scores;

pub use agent_eval::{AgentEval, Said, Status};
pub use calibration::{Calibration, Level};
pub use judge::{Judgement, judge};
pub use kept::Evaluations;
pub use reviewed::{Reviewed, Stated, sessions_missed};

#[cfg(test)]
mod tests;
