//! Text to table: the records of a layout as columns.

use ::csv::StringRecord;

use super::ReadOptions;
use super::columns::Columns;
use super::layout::{self, Layout, Separator};
use super::names::normal;
use super::origin::{Bad, Origin};
use super::table::{Cells, Column, Found, Table};
use super::{dates, numbers};
use crate::error::Result;
use crate::market::Ticker;

/// The table in `text`, with the columns that bars need.
pub(super) fn table(origin: Origin<'_>, text: &str, ticker: &Ticker, options: &ReadOptions) -> Result<Found> {
    let Some(layout) = Layout::of(text) else {
        let problem = Columns::find(&Layout::first_line(text), ticker, false).err();
        return Err(origin
            .error(first_line(text), problem.unwrap_or_else(|| "there is no header and no row of bars".to_owned())));
    };
    let columns = Columns::find(&layout.names, ticker, options.any_series);
    let columns = columns.map_err(|problem| match problem.starts_with("no row of") {
        true => origin.file(problem),
        false => origin.error(header_line(text, &layout), problem),
    })?;
    let spaced = (layout.separator == Separator::Blanks).then(|| layout::spaced(text));
    let mut filling = Filling::new(&layout, columns);
    filling.fill(origin, spaced.as_deref().unwrap_or(text), !text.ends_with(['\n', '\r']))?;
    let found = filling.found;
    if found.table.places.is_empty() && found.bad.is_empty() {
        return Err(origin.file("there is a header but no row; it needs at least one"));
    }
    Ok(found)
}

/// Rows that the end of the last one is compared with.
const COMPARED: usize = 20;

fn is_day(cell: &str) -> bool {
    dates::day_loosely(cell).is_some()
}

/// The first line that is not blank.
fn first_line(text: &str) -> usize {
    1 + text.lines().take_while(|line| line.trim().is_empty()).count()
}

/// The line on which the header begins.
fn header_line(text: &str, layout: &Layout) -> usize {
    let mut reader = layout::reader(text, layout.separator);
    let header = reader.records().map_while(std::result::Result::ok).nth(layout.preamble);
    header.map_or(1, |record| line_of(text, &record))
}

/// The line on which `record` begins: the reader's own position lies before blank lines.
pub(super) fn line_of(text: &str, record: &StringRecord) -> usize {
    let Some(position) = record.position() else { return 0 };
    let rest = text.as_bytes().get(position.byte() as usize..).unwrap_or_default();
    let blank = rest.iter().take_while(|byte| matches!(byte, b'\n' | b'\r')).filter(|byte| **byte == b'\n').count();
    position.line() as usize + blank
}

/// A table while it is filled.
struct Filling {
    found: Found,
    /// Places of the columns that are read.
    wanted: Vec<usize>,
    cells: Vec<Cells>,
    separator: Separator,
    skipped: usize,
    preamble: usize,
    has_header: bool,
    /// The last of these places.
    needed: usize,
    width: usize,
    /// The least cells that a row had.
    narrowest: usize,
    /// The header's name of the date, which stands in a repeated header.
    date_name: String,
}

impl Filling {
    fn new(layout: &Layout, columns: Columns) -> Self {
        // Adj Close, volume and ticker may miss at the end of a row.
        let needed = columns.prices.into_iter().chain([columns.date]).max().unwrap_or(0);
        let wanted = columns.wanted();
        Self {
            cells: wanted.iter().map(|_| Cells::default()).collect(),
            wanted,
            separator: layout.separator,
            skipped: layout.skipped,
            preamble: layout.preamble,
            has_header: layout.has_header,
            needed,
            width: layout.names.len(),
            narrowest: usize::MAX,
            date_name: layout.names.get(columns.date).map(|name| normal(&name.text)).unwrap_or_default(),
            found: Found {
                table: Table { names: layout.names.clone(), ..Table::default() },
                columns,
                separated_by_comma: layout.separator == Separator::Mark(b','),
                ..Found::default()
            },
        }
    }

    /// Take all records. `is_open` is whether the text ends without a line break, so that its last record may be cut.
    fn fill(&mut self, origin: Origin<'_>, text: &str, is_open: bool) -> Result<()> {
        let mut reader = layout::reader(text, self.separator);
        let mut record = StringRecord::new();
        let mut count = 0;
        while reader.read_record(&mut record).map_err(|error| origin.file(error.to_string()))? {
            count += 1;
            if count > self.skipped {
                let is_last = is_open && reader.position().byte() as usize >= text.len();
                if is_last && self.is_cut(&record) {
                    self.cut_off(text, &record);
                } else {
                    self.take(text, &record);
                    if is_last && self.ends_short(&record) {
                        self.found.cut = Some(line_of(text, &record));
                    }
                }
            } else if count <= self.preamble {
                self.found.not_rows.push(line_of(text, &record));
            }
        }
        let mut columns: Vec<Option<Column>> = (0..self.width).map(|_| None).collect();
        for (place, cells) in self.wanted.iter().zip(self.cells.drain(..)) {
            columns[*place] = Some(Column::Text(cells));
        }
        self.found.table.columns = columns;
        Ok(())
    }

    /// Whether the last record has fewer cells than any row before it.
    fn is_cut(&self, record: &StringRecord) -> bool {
        let rows = self.found.table.places.len();
        rows > 0 && record.len() < self.narrowest && record.get(self.found.columns.date).is_some_and(is_day)
    }

    fn cut_off(&mut self, text: &str, record: &StringRecord) {
        let problem = format!(
            "the file ends within this row: {} fields where all others have {} or more",
            record.len(),
            self.narrowest
        );
        self.found.bad.push(Bad { place: line_of(text, record), problem });
    }

    /// Whether the last cell of the last row is shorter than that of each of many rows before it.
    fn ends_short(&self, record: &StringRecord) -> bool {
        let cells = self.wanted.iter().position(|place| place + 1 == record.len()).map(|place| &self.cells[place]);
        let Some((cells, last)) = cells.and_then(|cells| Some((cells, cells.len().checked_sub(1)?))) else {
            return false;
        };
        let before = last.saturating_sub(COMPARED)..last;
        let length = |i: usize| cells.get(i).trim().len();
        before.len() >= COMPARED / 2 && before.into_iter().all(|i| length(last) < length(i))
    }

    fn take(&mut self, text: &str, record: &StringRecord) {
        let is_wide = record.len() > self.width && record.iter().skip(self.width).any(|cell| !cell.trim().is_empty());
        if record.len() > self.needed && !is_wide {
            let date = record.get(self.found.columns.date).unwrap_or_default();
            if self.has_header && date.starts_with(|c: char| !c.is_ascii_digit()) && normal(date) == self.date_name {
                return self.found.not_rows.push(line_of(text, record));
            }
            if record.len() == 1 || !record.iter().all(|cell| cell.trim().is_empty()) {
                for (place, cells) in self.wanted.iter().zip(&mut self.cells) {
                    cells.push(record.get(*place).unwrap_or_default());
                }
                self.found.table.places.push(line_of(text, record));
                self.narrowest = self.narrowest.min(record.len());
            }
            return;
        }
        let line = line_of(text, record);
        if record.iter().all(|cell| cell.trim().is_empty()) {
            return;
        }
        // A note has words; a row has a day and numbers.
        let has_day = record.iter().any(is_day);
        let count_of_numbers = record.iter().filter(|cell| numbers::loosely(cell.trim()).is_some()).count();
        if !has_day || count_of_numbers < 2 {
            return self.found.not_rows.push(line);
        }
        let problem = format!("{} fields where the header has {}", record.len(), self.width);
        self.found.bad.push(Bad { place: line, problem });
    }
}
