//! Text to table: which character separates the cells, where the header is, and which lines are rows.

use ::csv::{ReaderBuilder, StringRecord};

use super::names::{Name, normal};
use super::{dates, numbers, vocabulary};

/// How the cells of a text are separated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Separator {
    Mark(u8),
    /// Runs of blanks.
    Blanks,
}

/// How a text is laid out.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Layout {
    pub(super) separator: Separator,
    pub(super) names: Vec<Name>,
    /// Records before the first row, the header among them.
    pub(super) skipped: usize,
    /// How many of these are titles and remarks above the header.
    pub(super) preamble: usize,
    pub(super) has_header: bool,
}

/// Characters at the start of a text that show its layout.
const SAMPLE: usize = 1 << 16;
/// Records of the sample that are looked at.
const SAMPLE_RECORDS: usize = 60;
/// More columns are no table of bars: ten thousand tickers in one are read.
const MOST_COLUMNS: usize = 100_000;
const MARKS: [u8; 4] = [b',', b';', b'\t', b'|'];
/// Columns of prices that a header must name at least.
const FEWEST: usize = 2;

impl Layout {
    /// Find the layout of `text`; `None` where no separator gives a header or rows of bars.
    pub(super) fn of(text: &str) -> Option<Self> {
        let sample = sample(text);
        let declared = declared(sample);
        let marks = declared.map_or(MARKS.to_vec(), |mark| vec![mark]);
        let separators = marks.into_iter().map(Separator::Mark).chain([Separator::Blanks]);
        let samples: Vec<(Separator, Vec<StringRecord>)> =
            separators.map(|separator| (separator, records(sample, separator))).collect();
        let mut best: Option<(usize, Self)> = None;
        for (separator, records) in &samples {
            if let Some((known, layout)) = with_header(*separator, records)
                && best.as_ref().is_none_or(|(most, _)| known > *most)
            {
                best = Some((known, layout));
            }
        }
        best.map(|(_, layout)| layout)
            .or_else(|| samples.iter().find_map(|(separator, records)| without_header(*separator, records)))
    }

    /// The names of the first line, for a message about a text whose layout is not known.
    pub(super) fn first_line(text: &str) -> Vec<Name> {
        let records = MARKS.map(|mark| records(sample(text), Separator::Mark(mark)));
        let widest = records.iter().filter_map(|records| records.first()).max_by_key(|record| record.len());
        widest.map(names_of).unwrap_or_default()
    }
}

/// `text` up to a line's end near the size of a sample.
fn sample(text: &str) -> &str {
    if text.len() <= SAMPLE {
        return text;
    }
    let mut end = SAMPLE;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[..end].rfind('\n').map_or(&text[..end], |line| &text[..line])
}

/// The mark of a first line `sep=;`, as spreadsheets write it.
fn declared(text: &str) -> Option<u8> {
    let first = text.trim_start().lines().next()?.trim().trim_matches('"').trim_end_matches([',', ';']);
    let mark = if first.len() < 5 { text.trim_start().get(4..5)? } else { first.get(4..5)? };
    let is_declared = text.trim_start().get(..4).is_some_and(|word| word.eq_ignore_ascii_case("sep="));
    is_declared.then(|| mark.as_bytes()[0]).filter(|mark| MARKS.contains(mark))
}

/// A reader of all records of `text`, which [`Separator::Blanks`] needs to have passed [`spaced`] first.
pub(super) fn reader(text: &str, separator: Separator) -> ::csv::Reader<&[u8]> {
    let mark = match separator {
        Separator::Mark(mark) => mark,
        Separator::Blanks => b'\t',
    };
    ReaderBuilder::new().flexible(true).has_headers(false).delimiter(mark).from_reader(text.as_bytes())
}

/// `text` with each run of blanks as one tab.
pub(super) fn spaced(text: &str) -> String {
    let line = |line: &str| line.split_whitespace().collect::<Vec<_>>().join("\t");
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

fn records(sample: &str, separator: Separator) -> Vec<StringRecord> {
    let spaced = if separator == Separator::Blanks { spaced(sample) } else { String::new() };
    let text = if separator == Separator::Blanks { &spaced } else { sample };
    reader(text, separator).records().take(SAMPLE_RECORDS).map_while(Result::ok).collect()
}

fn names_of(record: &StringRecord) -> Vec<Name> {
    record.iter().take(MOST_COLUMNS).map(Name::new).collect()
}

/// The layout by the first record that names columns of bars, and how many it names.
fn with_header(separator: Separator, records: &[StringRecord]) -> Option<(usize, Layout)> {
    let known = |record: &StringRecord| {
        let has_numbers =
            record.iter().any(|cell| cell.trim().starts_with(|c: char| c.is_ascii_digit()) && is_number(cell));
        if has_numbers { 0 } else { names_of(record).iter().filter(|name| vocabulary::knows(&name.field)).count() }
    };
    let counts: Vec<usize> = records.iter().map(known).collect();
    let (at, most) = counts.iter().copied().enumerate().max_by_key(|(at, count)| (*count, usize::MAX - at))?;
    if most < FEWEST {
        return None;
    }
    let mut names = names_of(&records[at]);
    let (above, below) = other_lines(records, at, &mut names);
    // R writes the names of rows without a name for their column.
    let rows = &records[(at + 1 + below).min(records.len())..];
    if !rows.is_empty() && rows.iter().all(|row| row.len() == names.len() + 1 && !row[row.len() - 1].is_empty()) {
        names.insert(0, Name::default());
    }
    let preamble = at - above;
    Some((most, Layout { separator, names, skipped: at + 1 + below, preamble, has_header: true }))
}

/// Read the lines above and below the names that pandas writes for columns of columns: tickers, and the name of the index.
/// How many lines of the header stand above and below.
fn other_lines(records: &[StringRecord], at: usize, names: &mut [Name]) -> (usize, usize) {
    let mut above = 0;
    if let Some(line) = at.checked_sub(1).map(|above| &records[above])
        && is_line_of_tickers(line, names)
    {
        take_tickers(line, names);
        above = 1;
    }
    let mut below = 0;
    while let Some(line) = records.get(at + 1 + below) {
        let is_index =
            line.iter().skip(1).all(str::is_empty) && vocabulary::knows(&normal(&line[0])) && names.len() > 1;
        if is_index {
            names[0] = Name::new(&line[0]);
        } else if is_line_of_tickers(line, names) {
            take_tickers(line, names);
        } else {
            break;
        }
        below += 1;
    }
    (above, below)
}

fn is_line_of_tickers(line: &StringRecord, names: &[Name]) -> bool {
    let first = line.get(0).map(normal).unwrap_or_default();
    let words = || line.iter().skip(1);
    line.len() == names.len()
        && names.len() > 1
        && (first == "ticker" || first == "tickers" || first == "symbol" || first.is_empty())
        && words().all(|cell| !cell.trim().is_empty() && !is_number(cell) && !vocabulary::knows(&normal(cell)))
}

fn take_tickers(line: &StringRecord, names: &mut [Name]) {
    for (name, cell) in names.iter_mut().zip(line).skip(1) {
        name.ticker = Some(cell.trim().to_owned());
    }
    // Above the index stands the name of the levels.
    names[0] = Name::default();
}

fn is_number(cell: &str) -> bool {
    numbers::loosely(cell.trim()).is_some()
}

/// The layout of rows without a header: perhaps a ticker, a date, perhaps a time, then open, high, low, close, perhaps a
/// volume, as MetaTrader, Binance and Stooq write them. The prices of all rows of the sample must agree with that order.
fn without_header(separator: Separator, records: &[StringRecord]) -> Option<Layout> {
    let first = records.iter().position(|record| order_of(record).is_some())?;
    let rows = &records[first..];
    let roles = order_of(&rows[0])?;
    let consistent =
        rows.iter().filter(|row| order_of(row).is_some_and(|other| other == roles && is_bar(row, &roles))).count();
    if consistent * 10 < rows.len() * 9 {
        return None;
    }
    let named = |place: usize| roles.iter().find(|(at, _)| *at == place).map_or("", |(_, name)| *name);
    let name = |place: usize| Name { text: String::new(), field: named(place).to_owned(), ticker: None };
    let names = (0..rows[0].len())
        .map(|place| if named(place).is_empty() { Name { field: "-".into(), ..name(place) } } else { name(place) });
    Some(Layout { separator, names: names.collect(), skipped: first, preamble: first, has_header: false })
}

/// Places and roles of the cells of a row without a header.
fn order_of(record: &StringRecord) -> Option<Vec<(usize, &'static str)>> {
    let mut roles = Vec::new();
    let mut at = 0;
    let cell = |at: usize| record.get(at).map(str::trim).unwrap_or_default();
    if dates::day_loosely(cell(0)).is_none() && !cell(0).is_empty() && !is_number(cell(0)) {
        roles.push((0, "ticker"));
        at = 1;
        // Stooq's second column is the period.
        if cell(1).len() == 1 && !is_number(cell(1)) {
            at = 2;
        }
    }
    dates::day_loosely(cell(at))?;
    roles.push((at, "date"));
    at += 1;
    if is_time(cell(at)) {
        roles.push((at, "time"));
        at += 1;
    }
    for name in ["open", "high", "low", "close"] {
        numbers::loosely(cell(at))?;
        roles.push((at, name));
        at += 1;
    }
    if record.len() > at && numbers::loosely(cell(at)).is_some() {
        roles.push((at, "volume"));
    }
    Some(roles)
}

fn is_time(cell: &str) -> bool {
    cell.contains(':')
        || (matches!(cell.len(), 4 | 6) && cell.starts_with('0') && cell.bytes().all(|b| b.is_ascii_digit()))
}

fn is_bar(record: &StringRecord, roles: &[(usize, &str)]) -> bool {
    let value = |name: &str| {
        let place = roles.iter().find(|(_, role)| *role == name)?.0;
        numbers::loosely(record.get(place)?.trim())
    };
    let prices = ["open", "high", "low", "close"].map(value);
    let [Some(open), Some(high), Some(low), Some(close)] = prices else { return false };
    low <= open.min(close) * 1.000_001 && high * 1.000_001 >= open.max(close)
}
