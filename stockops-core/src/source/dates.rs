//! Cells to days and times: every form in which sources write them; the whole column decides what stays open in a cell.

use chrono::{DateTime, Duration, NaiveDate};

use super::DateOrder;
use super::date_parts::{self, Parts};
use super::stamp::Stamp;
use super::table::{Cells, is_missing};

/// How the dates of a column are written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Dates {
    order: DateOrder,
    count: Count,
    /// For people.
    pub(super) form: &'static str,
}

/// What a bare number in a date column counts.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Count {
    /// Days of a spreadsheet, 1 being 1900-01-01.
    Serial,
    Seconds,
    /// `20240501`.
    Digits,
}

/// Serials of spreadsheets between 1910 and 2119.
const SERIALS: std::ops::Range<f64> = 3_653.0..80_000.0;
/// From here on a count is milliseconds, microseconds, nanoseconds; below, seconds.
const MILLISECONDS: f64 = 1e11;
const MICROSECONDS: f64 = 1e14;
const NANOSECONDS: f64 = 1e17;

impl Dates {
    /// Understand a column. `given` is what the caller says of the order, `usual` what the source always writes.
    ///
    /// An order that some date of the column excludes is out; so is one under which rows are years apart, and one under which
    /// they run up and down where they run one way under another. Where more than one is left and `usual` is not among them, it is an error that
    /// asks, because half of the days would be false.
    pub(super) fn of(cells: &Cells, given: Option<DateOrder>, usual: Option<DateOrder>) -> Result<Self, String> {
        let present = || cells.iter().map(str::trim).filter(|cell| !is_missing(cell));
        let numbers: Vec<f64> = present().map_while(bare_number).collect();
        let count = counts(&numbers);
        let first = present().find(|cell| day_loosely(cell).is_some()).unwrap_or_default();
        if bare_number(first).is_some() {
            return Ok(Self { order: DateOrder::Ymd, count, form: count_form(count, &numbers) });
        }
        let Some(parts) = date_parts::split(first) else {
            return Ok(Self { order: given.unwrap_or(DateOrder::Ymd), count, form: "YYYY-MM-DD" });
        };
        let order =
            if parts.is_open() { open_order(cells, first, given, usual)? } else { given.unwrap_or(DateOrder::Dmy) };
        Ok(Self { order, count, form: form(first, &parts, order) })
    }

    /// The day or time of `cell`; `None` where it is none.
    pub(super) fn read(&self, cell: &str) -> Option<Stamp> {
        let cell = cell.trim().trim_matches('\'');
        if let Some(day) = date_parts::iso_day(cell) {
            return Some(Stamp::Day(day));
        }
        if let Some(number) = bare_number(cell) {
            return self.counted(number);
        }
        let parts = date_parts::split(cell)?;
        let day = parts.day(self.order)?;
        date_parts::with_time(day, parts.rest)
    }

    /// The day or time that a number counts.
    pub(super) fn counted(&self, number: f64) -> Option<Stamp> {
        counted(number, self.count)
    }

    /// The column of `numbers`, which are counts.
    pub(super) fn of_numbers(numbers: &[f64]) -> Self {
        let numbers: Vec<f64> = numbers.iter().copied().filter(|number| !number.is_nan()).collect();
        let count = counts(&numbers);
        Self { order: DateOrder::Ymd, count, form: count_form(count, &numbers) }
    }
}

/// The day of `cell` under any order, for telling rows from words.
pub(super) fn day_loosely(cell: &str) -> Option<NaiveDate> {
    let cell = cell.trim();
    if let Some(number) = bare_number(cell) {
        let count = counts(&[number]);
        return counted(number, count)
            .filter(|_| number >= 1e7 || count == Count::Serial && number > 20_000.0)
            .map(Stamp::date);
    }
    let parts = date_parts::split(cell)?;
    [DateOrder::Ymd, DateOrder::Dmy, DateOrder::Mdy].into_iter().find_map(|order| parts.day(order))
}

/// A cell that is a number and nothing else, such as `1714570200`, `45413.0` or `1.7145702E9`.
fn bare_number(cell: &str) -> Option<f64> {
    let bytes = cell.as_bytes();
    let is_number = bytes.first().is_some_and(|byte| byte.is_ascii_digit() || (*byte == b'-' && bytes.len() > 6))
        && bytes[1..].iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'E' | b'e' | b'+'))
        && bytes.iter().filter(|byte| **byte == b'.').count() < 2;
    if is_number { cell.parse().ok() } else { None }
}

fn digits_day(number: f64) -> Option<NaiveDate> {
    let number = if number.fract() == 0.0 && (19_000_101.0..22_000_000.0).contains(&number) {
        number as u32
    } else {
        return None;
    };
    NaiveDate::from_ymd_opt((number / 10_000) as i32, number / 100 % 100, number % 100)
}

/// What the numbers of a column count, judged together: seconds of 1970 look like small numbers alone.
fn counts(numbers: &[f64]) -> Count {
    let largest = numbers.iter().fold(0.0_f64, |largest, number| largest.max(number.abs()));
    match largest {
        _ if !numbers.is_empty() && numbers.iter().all(|number| digits_day(*number).is_some()) => Count::Digits,
        largest if largest < SERIALS.end => Count::Serial,
        _ => Count::Seconds,
    }
}

fn count_form(count: Count, numbers: &[f64]) -> &'static str {
    let largest = numbers.iter().fold(0.0_f64, |largest, number| largest.max(number.abs()));
    match count {
        Count::Serial => "serial days of a spreadsheet",
        Count::Digits => "YYYYMMDD",
        Count::Seconds if date_parts::long_digits(largest).is_some() => "YYYYMMDDhhmmss",
        Count::Seconds if largest >= NANOSECONDS => "epoch nanoseconds",
        Count::Seconds if largest >= MICROSECONDS => "epoch microseconds",
        Count::Seconds if largest >= MILLISECONDS => "epoch milliseconds",
        Count::Seconds => "epoch seconds",
    }
}

fn counted(number: f64, count: Count) -> Option<Stamp> {
    match count {
        Count::Digits => digits_day(number).map(Stamp::Day),
        Count::Serial => serial(number),
        Count::Seconds => {
            if let Some(time) = date_parts::long_digits(number) {
                return Some(Stamp::Local(time));
            }
            let seconds = match number.abs() {
                size if size >= NANOSECONDS => number / 1e9,
                size if size >= MICROSECONDS => number / 1e6,
                size if size >= MILLISECONDS => number / 1e3,
                _ => number,
            };
            let instant = DateTime::from_timestamp(seconds.floor() as i64, 0)?;
            date_parts::is_possible(instant.date_naive()).then(|| Stamp::Instant(instant.fixed_offset()))
        }
    }
}

/// A day of a spreadsheet, with the time in its fraction.
fn serial(number: f64) -> Option<Stamp> {
    if !SERIALS.contains(&number) {
        return None;
    }
    // The 30th and not the 31st, because spreadsheets count a 29th of February in 1900.
    let day = NaiveDate::from_ymd_opt(1899, 12, 30)? + Duration::days(number.floor() as i64);
    match (number.fract() * 86_400.0).round() as i64 {
        0 => Some(Stamp::Day(day)),
        seconds => Some(Stamp::Local(day.and_hms_opt(0, 0, 0)? + Duration::seconds(seconds))),
    }
}

/// The order of a column of three numbers.
fn open_order(
    cells: &Cells,
    first: &str,
    given: Option<DateOrder>,
    usual: Option<DateOrder>,
) -> Result<DateOrder, String> {
    if let Some(order) = given {
        return Ok(order);
    }
    let all: Vec<Parts<'_>> =
        cells.iter().filter_map(|cell| date_parts::split(cell.trim())).filter(Parts::is_open).collect();
    let orders = [DateOrder::Mdy, DateOrder::Dmy, DateOrder::Ymd];
    let possible: Vec<DateOrder> =
        orders.into_iter().filter(|order| all.iter().all(|parts| parts.day(*order).is_some())).collect();
    let near = narrowed(&possible, |order| !are_years_apart(&all, order));
    let left = narrowed(&near, |order| runs_one_way(&all, order));
    match (&left[..], usual) {
        ([only], _) => Ok(*only),
        (left, Some(usual)) if left.contains(&usual) => Ok(usual),
        ([], _) => Err(format!(
            "the dates are written as `{first}`, and no order of day, month and year fits all of them; write them as YYYY-MM-DD"
        )),
        _ => Err(format!(
            "the dates are written as `{first}`, and the column does not tell day from month; set `dates` to dmy, mdy or ymd"
        )),
    }
}

/// The orders of which `holds`; all of them where it holds of none.
fn narrowed(orders: &[DateOrder], holds: impl Fn(DateOrder) -> bool) -> Vec<DateOrder> {
    let held: Vec<DateOrder> = orders.iter().copied().filter(|order| holds(*order)).collect();
    if held.is_empty() { orders.to_vec() } else { held }
}

/// Whether rows lie a year apart, as days do that are taken for years of two digits: nobody's bars are such.
fn are_years_apart(all: &[Parts<'_>], order: DateOrder) -> bool {
    let days: Vec<NaiveDate> = all.iter().filter_map(|parts| parts.day(order)).collect();
    let far = days.windows(2).filter(|pair| (pair[1] - pair[0]).num_days().abs() > 300).count();
    far * 2 > days.len().saturating_sub(1)
}

fn runs_one_way(all: &[Parts<'_>], order: DateOrder) -> bool {
    let days: Vec<NaiveDate> = all.iter().filter_map(|parts| parts.day(order)).collect();
    days.windows(2).all(|pair| pair[0] <= pair[1]) || days.windows(2).all(|pair| pair[0] >= pair[1])
}

fn form(first: &str, parts: &Parts<'_>, order: DateOrder) -> &'static str {
    let is_iso = first.as_bytes().get(4) == Some(&b'-') && first.as_bytes().get(7) == Some(&b'-');
    match (parts.has_month_name(), parts.begins_with_year(), order) {
        (true, ..) => "day, name of the month, year",
        (_, true, _) if is_iso => "YYYY-MM-DD",
        (_, true, _) => "year, month, day",
        (.., DateOrder::Dmy) => "day, month, year",
        (.., DateOrder::Mdy) => "month, day, year",
        (.., DateOrder::Ymd) => "year, month, day",
    }
}
