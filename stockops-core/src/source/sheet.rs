//! A spreadsheet to text: the one sheet that has bars, cell by cell; without the feature `xlsx` its sheets are named.

#[cfg(not(feature = "xlsx"))]
pub(super) use name::text;
#[cfg(feature = "xlsx")]
pub(super) use read::text;

#[cfg(not(feature = "xlsx"))]
mod name {
    use std::io::{Cursor, Read};

    use super::super::origin::Origin;
    use crate::error::Result;

    /// The longest list of sheets that is looked at.
    const MAX_BYTES: u64 = 1 << 20;

    /// An error that names the sheets and says what to do.
    pub(in crate::source) fn text(origin: Origin<'_>, bytes: Vec<u8>) -> Result<String> {
        let names = names(&bytes).unwrap_or_default();
        let listed = match names.is_empty() {
            true => String::new(),
            false => format!(" with the sheets {}", names.join(", ")),
        };
        Err(origin.file(format!(
            "a spreadsheet{listed}; save the one with the bars as CSV, or use a build with the feature `xlsx`, which reads it"
        )))
    }

    /// Names of the sheets in an xlsx.
    fn names(bytes: &[u8]) -> Option<Vec<String>> {
        let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).ok()?;
        let mut book = String::new();
        archive.by_name("xl/workbook.xml").ok()?.take(MAX_BYTES).read_to_string(&mut book).ok()?;
        let of_tag = |tag: &str| Some(tag.split_once("name=\"")?.1.split('"').next()?.to_owned());
        let names = book.split("<sheet ").skip(1).filter_map(of_tag).take(10);
        Some(names.map(|name| format!("`{name}`")).collect())
    }
}

#[cfg(feature = "xlsx")]
mod read {
    use std::io::Cursor;
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use calamine::{Data, DataType, Range, Reader, open_workbook_auto_from_rs};

    use super::super::layout::Layout;
    use super::super::origin::Origin;
    use crate::error::{Error, Result};

    /// The most cells of one sheet.
    const MAX_CELLS: usize = 50_000_000;

    /// The text, as CSV, of the only sheet of a workbook in which bars are found.
    pub(in crate::source) fn text(origin: Origin<'_>, bytes: Vec<u8>) -> Result<String> {
        // The reader reports damage as errors; should it ever panic on one, that is an error of the file as well.
        let read = catch_unwind(AssertUnwindSafe(|| sheets(origin, bytes)));
        let sheets = read.unwrap_or_else(|_| Err(damaged(origin)))?;
        let with_bars = |(_, text): &&(String, String)| Layout::of(text).is_some();
        let found: Vec<&(String, String)> = sheets.iter().filter(with_bars).collect();
        match found[..] {
            [(_, text)] => Ok(text.clone()),
            [] => {
                Err(origin
                    .file(format!("a spreadsheet without a table of bars; its sheets are {}", listed(sheets.iter()))))
            }
            _ => {
                let names = listed(found.iter().copied());
                Err(origin.file(format!(
                    "a spreadsheet with bars in {} sheets ({names}); save the one to read as CSV",
                    found.len()
                )))
            }
        }
    }

    fn listed<'a>(sheets: impl Iterator<Item = &'a (String, String)>) -> String {
        sheets.take(10).map(|(name, _)| format!("`{name}`")).collect::<Vec<_>>().join(", ")
    }

    fn damaged(origin: Origin<'_>) -> Error {
        origin.file("the spreadsheet is damaged, protected or of a kind that is not known; save the sheet as CSV")
    }

    /// Name and text of each sheet.
    fn sheets(origin: Origin<'_>, bytes: Vec<u8>) -> Result<Vec<(String, String)>> {
        let mut book = open_workbook_auto_from_rs(Cursor::new(bytes)).map_err(|_| damaged(origin))?;
        let mut sheets = Vec::new();
        for name in book.sheet_names() {
            let range = book.worksheet_range(&name).map_err(|_| damaged(origin))?;
            let (rows, columns) = range.get_size();
            if rows.saturating_mul(columns) > MAX_CELLS {
                return Err(
                    origin.file(format!("the sheet `{name}` has {rows} rows of {columns} cells; save it as CSV"))
                );
            }
            sheets.push((name, csv(&range).ok_or_else(|| damaged(origin))?));
        }
        Ok(sheets)
    }

    fn csv(range: &Range<Data>) -> Option<String> {
        let mut writer = ::csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
        // The rows above the first used one keep their place, so that a message names the row of the sheet.
        let above = range.start().map_or(0, |(row, _)| row as usize);
        (0..above.min(1000)).try_for_each(|_| writer.write_record([""])).ok()?;
        for row in range.rows() {
            writer.write_record(row.iter().map(cell)).ok()?;
        }
        String::from_utf8(writer.into_inner().ok()?).ok()
    }

    fn cell(cell: &Data) -> String {
        match cell {
            Data::DateTime(_) | Data::DateTimeIso(_) => {
                cell.as_datetime().map(|time| time.to_string()).unwrap_or_else(|| cell.to_string())
            }
            Data::Empty | Data::Error(_) => String::new(),
            other => other.to_string(),
        }
    }
}
