//! Words.

use super::Entry;

pub(super) const WORDS: &[Entry] = &[];
