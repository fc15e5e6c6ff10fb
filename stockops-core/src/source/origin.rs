//! `Origin`: the file that is being read, for its errors.

use std::path::Path;

use crate::error::Error;

/// Bad rows that an error lists.
const LISTED: usize = 20;
/// Characters of a cell that an error shows.
const SHOWN: usize = 40;

/// A file that is being read, for its errors.
#[derive(Debug, Clone, Copy)]
pub(super) struct Origin<'a> {
    pub(super) path: &'a Path,
    /// Whether places are lines of a text, not rows of a table.
    pub(super) is_text: bool,
}

/// A row that cannot be used, and why.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Bad {
    /// Line of a text file or row of a table, from 1.
    pub(super) place: usize,
    pub(super) problem: String,
}

impl Origin<'_> {
    /// An error about the file as a whole.
    pub(super) fn file(&self, problem: impl Into<String>) -> Error {
        Error::file(self.path, problem)
    }

    /// An error about the line or row at `place`.
    pub(super) fn error(&self, place: usize, problem: impl Into<String>) -> Error {
        let problem = problem.into();
        if self.is_text {
            Error::File { path: self.path.to_path_buf(), line: Some(place), problem }
        } else {
            self.file(format!("row {place}: {problem}"))
        }
    }

    /// An error about a file that holds more than `most` bytes.
    pub(super) fn too_long(&self, most: u64) -> Error {
        self.file(format!("more than {} MiB once it is unpacked; split it by ticker", most >> 20))
    }

    /// One error that lists `bad` rows, of which there is at least one, of `all` rows.
    pub(super) fn bad_rows(&self, mut bad: Vec<Bad>, all: usize) -> Error {
        bad.sort_by_key(|row| row.place);
        if let [only] = &bad[..] {
            return self
                .error(only.place, format!("{}; correct or remove this row, or set `drop_bad_rows`", only.problem));
        }
        let what = if self.is_text { "line" } else { "row" };
        let listed: Vec<String> =
            bad.iter().take(LISTED).map(|row| format!("{what} {}: {}", row.place, row.problem)).collect();
        let more = if bad.len() > LISTED { format!("; and {} more", bad.len() - LISTED) } else { String::new() };
        let advice = "correct or remove these rows, or set `drop_bad_rows`";
        self.file(format!("{} of {all} rows cannot be used: {}{more}; {advice}", bad.len(), listed.join("; ")))
    }
}

/// A cell at a readable length.
pub(super) fn shown(text: &str) -> String {
    text.trim().chars().take(SHOWN).collect()
}
