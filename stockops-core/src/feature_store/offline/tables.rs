//! `Tables`: bars and views of a store.

use super::table::Table;
use crate::error::{Error, Result};
use crate::feature_store::FeatureView;

/// The tables of a store.
pub(super) struct Tables<'a> {
    pub(super) bars: Table<'a>,
    pub(super) views: Vec<(FeatureView, Table<'a>)>,
}

impl<'a> Tables<'a> {
    /// The table of a view by its versioned name.
    pub(super) fn of_view(&self, name: &str) -> Result<&Table<'a>> {
        let found = self.views.iter().find(|(view, _)| view.versioned_name() == name);
        let missing =
            || Error::NotFound { kind: "feature view", name: name.to_owned(), hint: "apply it first".to_owned() };
        found.map(|(_, table)| table).ok_or_else(missing)
    }

    /// All of them, bars first.
    pub(super) fn all(&self) -> impl Iterator<Item = &Table<'a>> {
        std::iter::once(&self.bars).chain(self.views.iter().map(|(_, table)| table))
    }
}
