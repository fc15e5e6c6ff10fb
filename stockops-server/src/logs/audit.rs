//! `audit`: a line for each deed that changes what is served.

use crate::guard::Caller;

/// The target of the lines.
pub(super) const TARGET: &str = "audit";

/// A deed that leaves a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Deed {
    /// Another version became the champion.
    Promote,
    /// The version before became the champion again.
    Rollback,
    /// What was kept was thrown away.
    Reset,
}

impl Deed {
    fn word(self) -> &'static str {
        match self {
            Self::Promote => "promote",
            Self::Rollback => "rollback",
            Self::Reset => "reset",
        }
    }
}

/// Write who did what, to what and with which end, with the target `audit`. The key stands there by its id.
pub fn audit(deed: Deed, caller: &Caller, subject: &str, outcome: &str) {
    let key = caller.key_id.as_deref().unwrap_or("none");
    tracing::info!(target: TARGET, deed = deed.word(), key, address = %caller.address, subject, outcome, "audit");
}
