//! `Table`: words in columns, for a terminal, for Markdown and by it for HTML.

use std::fmt;

use super::escape;

/// A small table of words. The first column stands to the left and the others to the right.
///
/// `to_string` gives columns for a terminal; a short row leaves its last cells empty.
///
/// # Example
///
/// ```
/// use stockops_core::report::Table;
///
/// let mut table = Table::new(["field", "skill"]);
/// table.push(["range".to_string(), "+8.1 %".to_string()]);
/// assert_eq!(table.to_string(), "field   skill\nrange  +8.1 %");
/// assert_eq!(table.markdown(), "| field | skill |\n| --- | ---: |\n| range | +8.1 % |");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// The head is the first of them.
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table that has only its head.
    pub fn new<S: Into<String>>(head: impl IntoIterator<Item = S>) -> Self {
        Self { rows: vec![head.into_iter().map(Into::into).collect()] }
    }

    /// Add a row.
    pub fn push(&mut self, row: impl IntoIterator<Item = String>) {
        self.rows.push(row.into_iter().collect());
    }

    /// Whether it has a head and nothing else.
    pub fn is_empty(&self) -> bool {
        self.rows.len() == 1
    }

    /// The same in Markdown; cells are text and cannot become markup.
    pub fn markdown(&self) -> String {
        let cell = |cell: &String| escape(cell).replace('|', "\\|");
        let line = |row: &Vec<String>| format!("| {} |", row.iter().map(cell).collect::<Vec<_>>().join(" | "));
        let mut lines: Vec<String> = self.rows.iter().map(line).collect();
        lines.insert(1, format!("| --- |{}", " ---: |".repeat(self.rows[0].len().saturating_sub(1))));
        lines.join("\n")
    }
}

impl Extend<Vec<String>> for Table {
    fn extend<T: IntoIterator<Item = Vec<String>>>(&mut self, rows: T) {
        self.rows.extend(rows);
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width =
            |column: usize| self.rows.iter().filter_map(move |row| row.get(column)).map(|cell| cell.chars().count());
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let widths: Vec<usize> = (0..columns).map(|column| width(column).max().unwrap_or(0)).collect();
        let line = |row: &Vec<String>| {
            let cells = row.iter().zip(&widths).enumerate().map(|(column, (cell, width))| match column {
                0 => format!("{cell:<width$}"),
                _ => format!("{cell:>width$}"),
            });
            cells.collect::<Vec<_>>().join("  ").trim_end().to_string()
        };
        f.write_str(&self.rows.iter().map(line).collect::<Vec<_>>().join("\n"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_cannot_break_the_table_or_become_markup() {
        let mut table = Table::new(["a", "b"]);
        table.push(["x | y".to_string(), "<b>*bold*</b>".to_string()]);
        let html = crate::report::html(&table.markdown());
        assert_eq!(html.matches("<td").count(), 2, "{html}");
        assert!(html.contains("x | y") && html.contains("&lt;b&gt;*bold*&lt;/b&gt;"), "{html}");
    }

    #[test]
    fn a_short_row_keeps_its_columns() {
        let mut table = Table::new(["one", "two", "three"]);
        table.push(["1".to_string(), "22222".to_string()]);
        assert_eq!(table.to_string(), "one    two  three\n1    22222");
    }
}
