//! `Event`: what may happen until a session, and how likely it is is asked.

use crate::error::{Result, check};

/// Something that may happen until the end of a session.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Event {
    /// The session closes above this price.
    CloseAbove(f64),
    /// The session closes below this price.
    CloseBelow(f64),
    /// This price is traded at on the way: a high reaches it from below, or a low from above. The last close has been reached
    /// already, so its probability is 1.
    Touch(f64),
    /// The session is wider than this: its high lies above `1 + width` times its low, with 0.03 for 3 %.
    Wider(f64),
    /// Some session on the way is wider than this.
    AnyWider(f64),
}

impl Event {
    /// [`Error::Config`](crate::Error::Config) for a price that is not above 0 and for a width below 0.
    pub(super) fn check(self) -> Result<Self> {
        match self {
            Self::CloseAbove(price) | Self::CloseBelow(price) | Self::Touch(price) => {
                check(price > 0.0 && price.is_finite(), "level", "a price above 0", price)?;
            }
            Self::Wider(width) | Self::AnyWider(width) => {
                check(width >= 0.0 && width.is_finite(), "width", "at least 0, such as 0.03 for 3 %", width)?;
            }
        }
        Ok(self)
    }
}
