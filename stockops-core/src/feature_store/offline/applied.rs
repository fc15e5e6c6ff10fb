//! `Applied`: which views a store keeps, and in which layout.

use serde::{Deserialize, Serialize};

use super::layout::Layout;
use crate::error::{Error, Result, check};
use crate::feature_store::{Definition, FeatureView};

/// A view that a store keeps, and how its fields were computed when it was applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppliedView {
    /// The view.
    pub view: FeatureView,
    /// How its fields are computed.
    pub definition: Definition,
}

/// What was applied to a store: its views and the layout of its files.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    /// How rows are spread over files.
    pub layout: Layout,
    /// All versions of all views, in order of their names and versions.
    pub views: Vec<AppliedView>,
}

impl Applied {
    /// The newest version of the view `name`.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] where there is none.
    pub fn newest(&self, name: &str) -> Result<&FeatureView> {
        let found = self.views.iter().rfind(|applied| applied.view.name() == name);
        found.map(|applied| &applied.view).ok_or_else(|| self.missing(name))
    }

    /// The view of the [exact name](FeatureView::exact_name) `word`, or the newest version of the view of that name.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] where there is none.
    pub fn view(&self, word: &str) -> Result<&FeatureView> {
        let exact = |applied: &&AppliedView| applied.view.exact_name() == word;
        self.views.iter().find(exact).map_or_else(|| self.newest(word), |applied| Ok(&applied.view))
    }

    /// With `view`; `None` where it is there already.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] where that version has other fields.
    pub(super) fn with(&self, view: &FeatureView) -> Result<Option<Self>> {
        let is_version =
            |applied: &&AppliedView| applied.view.name() == view.name() && applied.view.version() == view.version();
        if let Some(there) = self.views.iter().find(is_version) {
            let rule = "higher than that of the view that is kept, since its fields are others";
            let is_same = there.view == *view && there.definition == view.definition();
            return check(is_same, "version", rule, view.version()).map(|()| None);
        }
        let mut all = self.clone();
        all.views.push(AppliedView { view: view.clone(), definition: view.definition() });
        all.views.sort_by(|one, other| key(one).cmp(&key(other)));
        Ok(Some(all))
    }

    /// Compare each view with how its fields are computed now.
    ///
    /// # Errors
    ///
    /// [`Error::Skew`] names the first view that differs and its fields.
    pub(super) fn check_current(&self) -> Result<()> {
        self.views.iter().try_for_each(|applied| {
            applied.definition.check_served(&applied.view.versioned_name(), &applied.view.definition())
        })
    }

    fn missing(&self, name: &str) -> Error {
        let names: Vec<String> = self.views.iter().map(|applied| applied.view.exact_name()).collect();
        let hint = if names.is_empty() { "apply one first".into() } else { format!("there is {}", names.join(", ")) };
        Error::NotFound { kind: "feature view", name: name.to_owned(), hint }
    }
}

fn key(applied: &AppliedView) -> (&str, u32) {
    (applied.view.name(), applied.view.version())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::FeatureSet;

    fn view(name: &str, version: u32, words: &[&str]) -> FeatureView {
        let features = FeatureSet::new(words.iter().map(|word| word.parse().unwrap()).collect()).unwrap();
        FeatureView::new(name, version, features, None).unwrap()
    }

    #[test]
    fn versions_are_added_and_never_changed() {
        let first = Applied::default().with(&view("a", 0, &["Close"])).unwrap().unwrap();
        assert_eq!(first.with(&view("a", 0, &["Close"])).unwrap(), None);
        let text = first.with(&view("a", 0, &["Open"])).unwrap_err().to_string();
        assert_eq!(
            text,
            "`version` must be higher than that of the view that is kept, since its fields are others, got 0"
        );
        let both = first.with(&view("a", 2, &["Open"])).unwrap().unwrap();
        assert_eq!(both.view("a").unwrap().version(), 2);
        assert_eq!((both.view("a_v2").unwrap().version(), both.view("a_v0").unwrap().version()), (2, 0));
        let text = both.view("b").unwrap_err().to_string();
        assert_eq!(text, "no feature view named b; there is a_v0, a_v2");
    }

    #[test]
    fn a_formula_that_changed_since_is_skew() {
        let mut applied = Applied::default().with(&view("a", 0, &["Close", "RSI14"])).unwrap().unwrap();
        applied.check_current().unwrap();
        applied.views[0].definition.fields[1].formula = 7;
        let text = applied.check_current().unwrap_err().to_string();
        assert!(text.contains("RSI14 was computed by version 7"), "{text}");
    }
}
