//! Features of all tickers at all times: kept with when they were known, joined at a point in time, served at once.
//!
//! A [`FeatureView`] says which features there are, and its [`Definition`] how each is computed. A [`FeatureRow`] is what a view
//! says of one ticker at the end of one session.

mod definition;
mod row;
mod view;

pub use definition::{Definition, Field, FieldType};
pub use row::FeatureRow;
pub use view::{ENTITY, FeatureView};
