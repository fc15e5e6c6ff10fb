//! `Table`: columns of cells, wherever they came from.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime};

use super::columns::Columns;
use super::names::Name;
use super::origin::Bad;

/// A table before its cells mean anything.
#[derive(Debug, Default)]
pub(super) struct Table {
    /// Names of all columns, also of those that were not read.
    pub(super) names: Vec<Name>,
    /// The columns that were read, by their place in `names`; the others are `None`.
    pub(super) columns: Vec<Option<Column>>,
    /// Line or row of each record, from 1.
    pub(super) places: Vec<usize>,
}

/// The cells of one column; all but text come from Arrow alone.
#[derive(Debug)]
#[cfg_attr(not(feature = "parquet"), allow(dead_code, reason = "without Parquet there is text alone"))]
pub(super) enum Column {
    /// As written.
    Text(Cells),
    /// NaN where there is none.
    Numbers(Vec<f64>),
    Days(Vec<Option<NaiveDate>>),
    /// Times without a zone.
    Times(Vec<Option<NaiveDateTime>>),
    Instants(Vec<Option<DateTime<FixedOffset>>>),
}

/// A table, what its columns are for, and what was left out of it.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) table: Table,
    pub(super) columns: Columns,
    /// Lines that are no rows: titles, notes, the header once more.
    pub(super) not_rows: Vec<usize>,
    /// Rows whose cells cannot be told apart.
    pub(super) bad: Vec<Bad>,
    /// The line within which the text ends, where its last number is shorter than those before.
    pub(super) cut: Option<usize>,
    /// Whether commas separate the cells, so that one inside a cell was quoted.
    pub(super) separated_by_comma: bool,
}

/// Many small texts in one buffer.
#[derive(Debug, Default)]
pub(super) struct Cells {
    text: String,
    ends: Vec<usize>,
}

impl Cells {
    pub(super) fn push(&mut self, cell: &str) {
        self.text.push_str(cell);
        self.ends.push(self.text.len());
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn get(&self, i: usize) -> &str {
        let start = if i == 0 { 0 } else { self.ends[i - 1] };
        &self.text[start..self.ends[i]]
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|i| self.get(i))
    }

    /// All cells as one text, for a quick look whether a mark occurs at all.
    pub(super) fn joined(&self) -> &str {
        &self.text
    }
}

/// How sources write that there is no value.
const MISSING: [&str; 22] = [
    "", "-", "--", "---", "\u{2013}", "\u{2014}", "null", "nan", "n/a", "#n/a", "#n/a n/a", "na", "none", "nil",
    "n.a.", "nat", "<na>", "#value!", "#ref!", "\\n", ".", "unch",
];

/// Whether `cell`, trimmed, stands for no value.
pub(super) fn is_missing(cell: &str) -> bool {
    match cell.as_bytes().first() {
        None => true,
        Some(first) if first.is_ascii_digit() || cell.len() > 8 => false,
        Some(_) => MISSING.iter().any(|word| word.eq_ignore_ascii_case(cell)),
    }
}
