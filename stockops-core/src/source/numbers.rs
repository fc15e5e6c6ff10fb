//! Cells to numbers: decimal point or comma, thousands, currencies, K and M, and marks for no value.

use super::Decimal;
use super::table::{Cells, is_missing};

/// How the numbers of a file are written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Style {
    pub(super) decimal: Decimal,
}

/// What a cell holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Cell {
    Number(f64),
    Missing,
    /// Neither a number nor a mark for no value.
    Bad,
}

/// Marks between thousands beside `,` and `.`: blanks of several widths, and Swiss apostrophes.
const THOUSANDS: [char; 7] = [' ', '\u{a0}', '\u{202f}', '\u{2009}', '\'', '\u{2019}', '_'];
/// Signs and words of money that may stand before or behind a price.
const MONEY: [&str; 25] = [
    "US$", "C$", "A$", "HK$", "R$", "$", "€", "£", "¥", "₹", "₩", "₽", "₺", "₫", "฿", "₪", "₿", "Rs.", "USD", "EUR",
    "GBP", "CHF", "zł", "kr", "GBX",
];
/// What stands behind a count, and the power of ten that it means.
const FACTORS: [(&str, u32); 13] = [
    ("bn", 9),
    ("mln", 6),
    ("mio", 6),
    ("mm", 6),
    ("mrd", 9),
    ("tsd", 3),
    ("k", 3),
    ("m", 6),
    ("b", 9),
    ("t", 12),
    ("g", 9),
    ("万", 4),
    ("億", 8),
];

impl Style {
    /// The style of the numbers in `columns`, all of one file; an error where they leave it open.
    ///
    /// A comma that is followed by other than three digits, or stands behind a point, is a decimal comma; one that stands
    /// before a point or more than once in a number divides thousands. Where every number has one comma and three digits
    /// behind it, cells that are separated by commas cannot be told from thousands, so they are; with another separator
    /// it stays open.
    pub(super) fn of(columns: &[&Cells], given: Option<Decimal>, separated_by_comma: bool) -> Result<Self, String> {
        if let Some(decimal) = given {
            return Ok(Self { decimal });
        }
        if columns.iter().all(|cells| !cells.joined().contains(',')) {
            let dots = |cell: &str| cell.matches('.').count() > 1;
            let is_comma = columns.iter().any(|cells| cells.joined().contains('.') && cells.iter().any(dots));
            return Ok(Self { decimal: if is_comma { Decimal::Comma } else { Decimal::Point } });
        }
        let (mut open, mut comma, mut point) = (None, None, None);
        for cell in columns.iter().flat_map(|cells| cells.iter()) {
            match evidence(cell.trim()) {
                Evidence::Comma => comma = comma.or(Some(cell)),
                Evidence::Point => point = point.or(Some(cell)),
                Evidence::Open => open = open.or(Some(cell)),
                Evidence::None => {}
            }
        }
        match (comma, point, open) {
            (Some(comma), Some(point), _) => {
                let (comma, point) = (comma.trim(), point.trim());
                Err(format!(
                    "`{comma}` has a decimal comma and `{point}` a decimal point; write all numbers in one way, or set `decimal` to point or comma"
                ))
            }
            (Some(_), None, _) => Ok(Self { decimal: Decimal::Comma }),
            (None, Some(_), _) | (None, None, None) => Ok(Self { decimal: Decimal::Point }),
            (None, None, Some(_)) if separated_by_comma => Ok(Self { decimal: Decimal::Point }),
            (None, None, Some(open)) => {
                let open = open.trim();
                Err(format!(
                    "the comma of `{open}` may stand before decimals or between thousands, and no other number tells; set `decimal` to point or comma"
                ))
            }
        }
    }

    /// Read a price.
    pub(super) fn price(self, cell: &str) -> Cell {
        self.read(cell, false)
    }

    /// Read a count, which may end in K, M or B.
    pub(super) fn count(self, cell: &str) -> Cell {
        self.read(cell, true)
    }

    fn read(self, cell: &str, may_have_factor: bool) -> Cell {
        let cell = cell.trim();
        if is_plain(cell) && (self.decimal == Decimal::Point || !cell.contains('.')) {
            return cell.parse().map_or(Cell::Bad, Cell::Number);
        }
        if is_missing(cell) {
            return Cell::Missing;
        }
        let (text, is_negative, power) = bare(cell, may_have_factor);
        let number = |digits: String| match power {
            0 => digits.parse::<f64>().ok(),
            // Not a product, which would be a little off.
            power => format!("{digits}e{power}").parse::<f64>().ok(),
        };
        match self.digits(text).and_then(number) {
            Some(number) => Cell::Number(if is_negative { -number } else { number }),
            None => Cell::Bad,
        }
    }

    /// The digits of a number with a decimal point and nothing between thousands.
    fn digits(self, text: &str) -> Option<String> {
        let (decimal, thousands) = match self.decimal {
            Decimal::Point => ('.', ','),
            Decimal::Comma => (',', '.'),
        };
        let (whole, part) = match text.split_once(decimal) {
            Some((whole, part)) => (whole, Some(part)),
            None => (text, None),
        };
        let is_divided = whole.contains(thousands) || whole.contains(THOUSANDS);
        if is_divided && !groups(whole, thousands) {
            return None;
        }
        let mut digits: String = whole.chars().filter(|c| *c != thousands && !THOUSANDS.contains(c)).collect();
        if let Some(part) = part {
            digits.push('.');
            digits.push_str(part);
        }
        let good = digits.starts_with(|c: char| c.is_ascii_digit() || c == '.')
            && digits.bytes().any(|byte| byte.is_ascii_digit())
            && digits.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'-' | b'+'));
        good.then_some(digits)
    }
}

/// Whether `whole` is divided as people do: three digits in the last group, two or three in those before (India).
fn groups(whole: &str, thousands: char) -> bool {
    let parts: Vec<&str> = whole.split(|c| c == thousands || THOUSANDS.contains(&c)).collect();
    let Some(((first, rest), last)) = parts.split_first().zip(parts.last()) else { return false };
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let four = |part: &str| part.len() == 4;
    // Japan and China divide by ten thousands at times.
    let is_even = last.len() == 3 && rest.iter().all(|part| matches!(part.len(), 2 | 3));
    (1..=4).contains(&first.len())
        && parts.iter().all(|part| digits(part))
        && (is_even || rest.iter().all(|part| four(part)))
}

/// A number as Rust reads it, with nothing else about it.
fn is_plain(cell: &str) -> bool {
    let start = cell.strip_prefix('-').unwrap_or(cell);
    start.bytes().next().is_some_and(|byte| byte.is_ascii_digit() || byte == b'.')
        && start.len() > 1 - usize::from(!start.starts_with('.'))
        && start.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'-' | b'+'))
}

/// A number without money, sign and factor: its digits, whether it is below 0, and the power of ten of the factor.
fn bare(cell: &str, may_have_factor: bool) -> (&str, bool, u32) {
    let mut text = cell.trim();
    let mut negative = false;
    if let Some(inside) = text.strip_prefix('(').and_then(|text| text.strip_suffix(')')) {
        (text, negative) = (inside, true);
    }
    text = without_money(text.trim());
    if let Some(rest) = text.strip_prefix(['-', '\u{2212}']) {
        (text, negative) = (without_money(rest), !negative);
    }
    text = text.strip_prefix('+').unwrap_or(text);
    if may_have_factor && text.chars().next_back().is_some_and(char::is_alphabetic) {
        let lower = |length: usize| text.get(text.len().checked_sub(length)?..).map(str::to_lowercase);
        if let Some((word, factor)) = FACTORS.iter().find(|(word, _)| lower(word.len()).as_deref() == Some(*word)) {
            return (text[..text.len() - word.len()].trim_end(), negative, *factor);
        }
    }
    (text, negative, 0)
}

fn without_money(text: &str) -> &str {
    let mut text = text.trim();
    for sign in MONEY {
        text = text.strip_prefix(sign).unwrap_or(text);
        text = text.strip_suffix(sign).unwrap_or(text);
    }
    text.trim()
}

/// What one number says of the style of all.
enum Evidence {
    None,
    Open,
    Comma,
    Point,
}

fn evidence(cell: &str) -> Evidence {
    let (Some(comma), last_point) = (cell.rfind(','), cell.rfind('.')) else {
        return if cell.matches('.').count() == 1 && has_other_than_three_behind(cell, '.') {
            Evidence::Point
        } else {
            Evidence::None
        };
    };
    match last_point {
        Some(point) if point > comma => Evidence::Point,
        Some(_) => Evidence::Comma,
        None if cell.matches(',').count() > 1 => Evidence::Point,
        None if has_other_than_three_behind(cell, ',') || cell.trim_start_matches(['-', '+']).starts_with("0,") => {
            Evidence::Comma
        }
        None => Evidence::Open,
    }
}

fn has_other_than_three_behind(cell: &str, mark: char) -> bool {
    let behind = cell.rsplit(mark).next().unwrap_or_default();
    behind.chars().take_while(char::is_ascii_digit).count() != 3
}

/// The number in `cell` in any style, for telling rows from words.
pub(super) fn loosely(cell: &str) -> Option<f64> {
    [Decimal::Point, Decimal::Comma].into_iter().find_map(|decimal| match (Style { decimal }).count(cell) {
        Cell::Number(number) => Some(number),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(texts: &[&str]) -> Cells {
        let mut cells = Cells::default();
        texts.iter().for_each(|text| cells.push(text));
        cells
    }

    fn style(texts: &[&str], separated_by_comma: bool) -> Result<Decimal, String> {
        Style::of(&[&cells(texts)], None, separated_by_comma).map(|style| style.decimal)
    }

    #[test]
    fn the_whole_column_decides_what_a_comma_is() {
        for (texts, decimal) in [
            (&["10", "11.5"][..], Decimal::Point),
            (&["1,010.50", "999.00"], Decimal::Point),
            (&["1.010,50", "999,00"], Decimal::Comma),
            (&["10,00", "1,234"], Decimal::Comma),
            (&["1,234,567", "1,234"], Decimal::Point),
            (&["0,123", "1,234"], Decimal::Comma),
            (&["1.234.567", "900"], Decimal::Comma),
            (&["1,23,456.5", "1,234"], Decimal::Point),
            (&["-", "1.25M"], Decimal::Point),
        ] {
            assert_eq!(style(texts, false), Ok(decimal), "{texts:?}");
        }
        assert_eq!(style(&["1,234", "71,000"], true), Ok(Decimal::Point));
        assert!(style(&["1,234", "71,000"], false).unwrap_err().contains("set `decimal` to point or comma"));
        assert!(style(&["1,5", "1.5"], false).unwrap_err().starts_with("`1,5` has a decimal comma and `1.5`"));
    }

    #[test]
    fn numbers_are_read_as_people_write_them() {
        let (point, comma) = (Style { decimal: Decimal::Point }, Style { decimal: Decimal::Comma });
        for (style, text, number) in [
            (point, "10.5", 10.5),
            (point, " $1,010.50 ", 1010.5),
            (point, "-1.5", -1.5),
            (point, "(1.5)", -1.5),
            (point, "\u{2212}1.5", -1.5),
            (point, "1.7145702E9", 1_714_570_200.0),
            (point, "1,23,456.5", 123_456.5),
            (point, "1'234.5", 1234.5),
            (point, "1\u{a0}234", 1234.0),
            (point, "Rs. 12.5", 12.5),
            (comma, "1.010,50", 1010.5),
            (comma, "10,5 €", 10.5),
            (comma, "10", 10.0),
            (comma, "1 234,5", 1234.5),
        ] {
            assert_eq!(style.price(text), Cell::Number(number), "{text}");
        }
        for (text, number) in [
            ("1.25M", 1.25e6),
            ("3K", 3e3),
            ("2.5B", 2.5e9),
            ("1,200", 1200.0),
            ("12 k", 12e3),
            ("1.5bn", 1.5e9),
            ("32.300M", 32.3e6),
        ] {
            assert_eq!(point.count(text), Cell::Number(number), "{text}");
        }
        assert_eq!(comma.count("1,25M"), Cell::Number(1.25e6));
    }

    #[test]
    fn what_is_no_number_is_not_made_one() {
        let point = Style { decimal: Decimal::Point };
        for text in ["", "-", "null", "NaN", "N/A", "#N/A", "None", "\u{2014}", "."] {
            assert_eq!(point.price(text), Cell::Missing, "{text}");
        }
        for text in ["ten", "1,5", "1.2.3", "12,34,5", "inf", "1.5M", "10 11", "0x10", "12%", "e", "--5", "1,2345.0x"] {
            assert_eq!(point.price(text), Cell::Bad, "{text}");
        }
    }
}
