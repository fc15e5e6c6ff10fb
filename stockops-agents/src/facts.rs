//! Facts: what is known before anybody writes, each with where it comes from.
//!
//! A report says numbers, days, names and directions. Each is a fact of this table or the report does not pass.

mod fact;
mod table;

pub use fact::{Fact, Origin, Quantity, Value};
pub use table::{Company, Facts, Moment};
