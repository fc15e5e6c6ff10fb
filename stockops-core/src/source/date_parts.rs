//! The parts of a date as it is written: three numbers, or two and the name of a month, and what stands behind them.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime};

use super::DateOrder;
use super::stamp::Stamp;

/// The three parts of a date, and the rest of the cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Parts<'a> {
    parts: [Part; 3],
    pub(super) rest: &'a str,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Part {
    /// Value and number of digits.
    Number(u32, u8),
    /// From 1.
    Month(u32),
}

/// Beginnings of names of months in English, German, French, Spanish, Italian, Portuguese, Dutch, Polish, Turkish and
/// Russian; the longer ones first where one begins another.
const MONTHS: [&[&str]; 12] = [
    &["jan", "ene", "gen", "sty", "oca", "янв"],
    &["feb", "fév", "fev", "lut", "şub", "фев"],
    &["mar", "mär", "mrz", "mrt", "maa", "мар"],
    &["apr", "avr", "abr", "kwi", "nis", "апр"],
    &["may", "mai", "mag", "mei", "maj", "май", "мая"],
    &["jun", "juin", "giu", "cze", "haz", "июн"],
    &["jul", "juil", "lug", "lip", "tem", "июл"],
    &["aug", "aoû", "aou", "ago", "sie", "ağu", "авг"],
    &["sep", "set", "wrz", "eyl", "сен"],
    &["oct", "okt", "ott", "out", "paź", "paz", "eki", "окт"],
    &["nov", "lis", "kas", "ноя"],
    &["dec", "dez", "déc", "dic", "gru", "ara", "дек"],
];

/// Two-digit years from here on are of the last century, as POSIX has it.
const PIVOT: u32 = 69;

/// Whether bars can stand on the day: no market is older, and a damaged day may lie a hundred thousand years away.
pub(super) fn is_possible(day: NaiveDate) -> bool {
    use chrono::Datelike;
    (1700..2300).contains(&day.year())
}

/// `YYYY-MM-DD` and nothing else: most files, and the fastest way.
pub(super) fn iso_day(cell: &str) -> Option<NaiveDate> {
    let bytes = cell.as_bytes();
    if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    let number = |bytes: &[u8]| {
        bytes.iter().try_fold(0u32, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + u32::from(byte - b'0')))
    };
    let day = NaiveDate::from_ymd_opt(number(&bytes[..4])? as i32, number(&bytes[5..7])?, number(&bytes[8..])?)?;
    is_possible(day).then_some(day)
}

/// `YYYYMMDDhhmmss` or `YYYYMMDDhhmm` as a number.
pub(super) fn long_digits(number: f64) -> Option<NaiveDateTime> {
    if number.fract() != 0.0 || !(1.9e11..2.2e13 * 1e1).contains(&number) {
        return None;
    }
    let number = number as u64;
    let (day, time) = match number {
        190_001_010_000..=219_912_312_359 => (number / 10_000, number % 10_000 * 100),
        19_000_101_000_000..=21_991_231_235_959 => (number / 1_000_000, number % 1_000_000),
        _ => return None,
    };
    let date = NaiveDate::from_ymd_opt((day / 10_000) as i32, (day / 100 % 100) as u32, (day % 100) as u32)?;
    date.and_hms_opt((time / 10_000) as u32, (time / 100 % 100) as u32, (time % 100) as u32)
}

/// The parts of `cell`; `None` where it has not three.
pub(super) fn split(cell: &str) -> Option<Parts<'_>> {
    let mut parts = [Part::Number(0, 0); 3];
    let (mut found, mut at) = (0, 0);
    while found < 3 {
        let rest = &cell[at..];
        let first = rest.chars().next()?;
        let length = |is: fn(&char) -> bool| rest.chars().take_while(is).map(char::len_utf8).sum::<usize>();
        if first.is_ascii_digit() {
            let digits = length(char::is_ascii_digit);
            // `20240501` in front of a time.
            if found == 0 && digits == 8 {
                let number: u32 = rest[..8].parse().ok()?;
                let parts = [
                    Part::Number(number / 10_000, 4),
                    Part::Number(number / 100 % 100, 2),
                    Part::Number(number % 100, 2),
                ];
                return Some(Parts { parts, rest: &rest[8..] });
            }
            parts[found] = Part::Number(rest[..digits].parse().ok().filter(|_| digits <= 4)?, digits as u8);
            (found, at) = (found + 1, at + digits);
        } else if first.is_alphabetic() {
            let letters = length(|c| c.is_alphabetic());
            if let Some(month) = month(&rest[..letters]) {
                // "Mar" may be a Tuesday before the month.
                let is_second = parts[..found].iter().any(|part| matches!(part, Part::Month(_)));
                if is_second {
                    found -= 1;
                }
                parts[found] = Part::Month(month);
                found += 1;
            } else if rest[..letters].eq_ignore_ascii_case("t") && found > 0 {
                return None;
            }
            at += letters;
        } else if matches!(first, '-' | '/' | '.' | ',' | ' ' | '\u{a0}') {
            at += first.len_utf8();
        } else {
            return None;
        }
    }
    let rest = &cell[at..];
    // A fourth number that is joined by the same marks belongs to something else than a date.
    let rest = rest.strip_prefix(['日', '일', '.']).unwrap_or(rest);
    Some(Parts { parts, rest })
}

fn month(word: &str) -> Option<u32> {
    let lower = word.to_lowercase();
    let found = MONTHS.iter().position(|names| names.iter().any(|name| lower.starts_with(name)));
    found.map(|place| place as u32 + 1)
}

impl Parts<'_> {
    /// Whether the order of the three has to be told from other dates: three numbers, the first of them no year.
    pub(super) fn is_open(&self) -> bool {
        !self.has_month_name() && !self.begins_with_year()
    }

    pub(super) fn has_month_name(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::Month(_)))
    }

    pub(super) fn begins_with_year(&self) -> bool {
        matches!(self.parts[0], Part::Number(_, 4))
    }

    /// The day under `order`, which matters where the parts leave it open.
    pub(super) fn day(&self, order: DateOrder) -> Option<NaiveDate> {
        use Part::{Month, Number};
        let (year, month, day) = match self.parts {
            [year @ Number(_, 4), Month(month), Number(day, 1 | 2)] => (year, month, day),
            [year @ Number(_, 4), Number(month, 1 | 2), Number(day, 1 | 2)] => (year, month, day),
            [year @ Number(..), Month(month), Number(day, 1 | 2)] if order == DateOrder::Ymd => (year, month, day),
            [Number(day, 1 | 2), Month(month), year @ Number(..)] => (year, month, day),
            [Month(month), Number(day, 1 | 2), year @ Number(..)] => (year, month, day),
            [Number(a, 1 | 2), Number(b, 1 | 2), year @ Number(_, digits)] => match order {
                DateOrder::Dmy => (year, b, a),
                DateOrder::Mdy => (year, a, b),
                DateOrder::Ymd if digits <= 2 => {
                    let Number(day, _) = year else { return None };
                    (self.parts[0], b, day)
                }
                DateOrder::Ymd => return None,
            },
            _ => return None,
        };
        let year = match year {
            Number(year, 4) => year,
            Number(year, 2) => year + if year < PIVOT { 2000 } else { 1900 },
            _ => return None,
        };
        NaiveDate::from_ymd_opt(year as i32, month, day).filter(|day| is_possible(*day))
    }
}

/// `day` with the time that `rest` says, if it says one; `None` where it says something else.
pub(super) fn with_time(day: NaiveDate, rest: &str) -> Option<Stamp> {
    let rest = rest.trim_start_matches(['T', 't', ',', ' ', '-', '_', '\u{a0}']).trim();
    let rest = rest.split('[').next().unwrap_or_default().trim();
    if rest.is_empty() {
        return Some(Stamp::Day(day));
    }
    let end = rest.find(|c: char| !(c.is_ascii_digit() || c == ':' || c == '.')).unwrap_or(rest.len());
    let (clock, behind) = rest.split_at(end);
    let behind = behind.trim();
    let (half, zone) = half_of_day(behind);
    let time = time_of_day(clock, half)?;
    let local = day.and_time(time);
    let zone = zone.trim();
    if zone.is_empty() {
        return Some(Stamp::Local(local));
    }
    local.and_local_timezone(offset(zone)?).single().map(Stamp::Instant)
}

/// AM or PM at the start of `text`, and the rest.
fn half_of_day(text: &str) -> (Option<bool>, &str) {
    let word = text.get(..2).map(str::to_ascii_lowercase);
    match word.as_deref() {
        Some("am") => (Some(false), &text[2..]),
        Some("pm") => (Some(true), &text[2..]),
        _ => (None, text),
    }
}

/// `09:30`, `09:30:00.000`, `0930`, `093000`, `9`; `half` is whether PM stands behind it.
pub(super) fn time_of_day(clock: &str, half: Option<bool>) -> Option<NaiveTime> {
    let number = |text: &str| text.parse::<u32>().ok().filter(|_| text.len() <= 2);
    let (hour, minute, second) = if clock.contains(':') {
        let mut parts = clock.splitn(3, ':');
        let (hour, minute) = (number(parts.next()?)?, number(parts.next()?)?);
        let second = parts.next().map_or(Some(0), |text| number(text.split('.').next().unwrap_or_default()))?;
        (hour, minute, second)
    } else {
        match clock.len() {
            1 | 2 if half.is_some() => (number(clock)?, 0, 0),
            4 | 6 => (number(clock.get(..2)?)?, number(clock.get(2..4)?)?, clock.get(4..6).map_or(Some(0), number)?),
            _ => return None,
        }
    };
    let hour = match half {
        Some(afternoon) if (1..=12).contains(&hour) => hour % 12 + if afternoon { 12 } else { 0 },
        Some(_) => return None,
        None => hour,
    };
    // A day may end at 24:00 or with a leap second.
    NaiveTime::from_hms_opt(hour, minute, second.min(59))
}

/// `Z`, `UTC`, `+00:00`, `-0400`, `-04`, `GMT+0200`, `EST`.
fn offset(zone: &str) -> Option<FixedOffset> {
    let upper = zone.to_ascii_uppercase();
    let hours = |hours: i32| FixedOffset::east_opt(hours * 3600);
    let rest = ["UTC", "GMT", "Z"].iter().find_map(|word| upper.strip_prefix(word)).unwrap_or(&upper).trim();
    match rest {
        "" => hours(0),
        "EST" => hours(-5),
        "EDT" => hours(-4),
        "CET" => hours(1),
        "CEST" => hours(2),
        "JST" => hours(9),
        _ => {
            // `GMT+0200 (Central European Summer Time)`
            let signed = rest.split(' ').next().unwrap_or_default();
            let form = DateTime::parse_from_str(&format!("2000-01-01T00:00:00{signed}"), "%Y-%m-%dT%H:%M:%S%#z");
            form.ok().map(|time| *time.offset())
        }
    }
}
