//! Facts: what is known before anybody writes, each with where it comes from.
//!
//! A report says numbers, days, names and directions. Each is a fact of this table or the report does not pass.
//!
//! [`Gathered`] holds what was asked of the house, [`Facts::of`] makes the table, and [`Gathered::follow`] goes back from a
//! fact to where it comes from and finds its value again.

mod fact;
mod table;

// makers, one for each document
mod ahead;
mod computed;
mod dated;
mod drifted;
mod gathered;
mod judged;
mod market;
mod masked;
mod names;
mod risks;

pub use fact::{Fact, Origin, Quantity, Value};
pub use gathered::Gathered;
pub use masked::Masked;
pub use table::{Company, Facts, Moment};
