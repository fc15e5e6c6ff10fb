//! Days of trading in a week, a month and a quarter, over which means of range and volume are taken.

pub(crate) const WEEK: usize = 5;
pub(crate) const MONTH: usize = 22;
pub(crate) const QUARTER: usize = 66;
