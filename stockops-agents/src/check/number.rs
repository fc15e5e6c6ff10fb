//! `Num`: a number as it is printed, with its precision, sign and unit.

use crate::language::Language;

/// In which unit a number is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    /// Nothing stands beside it.
    Plain,
    Percent,
    /// Percentage points.
    Points,
    /// A currency stands beside it, or `points` of a price.
    Money,
    /// `1.5 times`, `1.5x`.
    Times,
    /// Scaled by a million and the like, or shares stand beside it.
    Many,
}

/// A printed number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Num {
    /// With its scale: `5.2M` is 5,200,000. Without its sign.
    pub(super) value: f64,
    /// -1 or 1 where a sign is printed.
    pub(super) sign: Option<f64>,
    /// Worth of one in the last printed digit.
    pub(super) ulp: f64,
    /// Worth of one in the last digit that is not 0.
    pub(super) coarse: f64,
    pub(super) unit: Unit,
    /// Printed as digits alone: neither decimals nor marks of thousands.
    pub(super) is_bare: bool,
    /// A word such as `five` or `a third`.
    pub(super) is_word: bool,
}

impl Num {
    /// A number that a word says.
    pub(super) fn said(value: f64) -> Self {
        Self { value, sign: None, ulp: 1.0, coarse: 1.0, unit: Unit::Plain, is_bare: true, is_word: true }
    }

    /// With its sign.
    pub(super) fn signed(&self) -> f64 {
        self.value * self.sign.unwrap_or(1.0)
    }

    /// Whether it is a whole number in one of these.
    pub(super) fn whole(&self) -> Option<usize> {
        (self.is_bare && self.value.fract() == 0.0 && self.value < 1e6).then_some(self.value as usize)
    }
}

/// What may follow a number at once or after a blank; longest first where one begins another.
const UNITS: [(&str, f64, Unit); 46] = [
    ("-%", 1.0, Unit::Percent),
    ("percentage points", 1.0, Unit::Points),
    ("percentage point", 1.0, Unit::Points),
    ("percent points", 1.0, Unit::Points),
    ("Prozentpunkte", 1.0, Unit::Points),
    ("points de pourcentage", 1.0, Unit::Points),
    ("puntos porcentuales", 1.0, Unit::Points),
    ("percent", 1.0, Unit::Percent),
    ("per cent", 1.0, Unit::Percent),
    ("Prozent", 1.0, Unit::Percent),
    ("pour cent", 1.0, Unit::Percent),
    ("por ciento", 1.0, Unit::Percent),
    ("pp", 1.0, Unit::Points),
    ("%", 1.0, Unit::Percent),
    ("mil millones", 1e9, Unit::Many),
    ("trillion", 1e12, Unit::Many),
    ("billion", 1e9, Unit::Many),
    ("milliards", 1e9, Unit::Many),
    ("milliard", 1e9, Unit::Many),
    ("Milliarden", 1e9, Unit::Many),
    ("Millionen", 1e6, Unit::Many),
    ("millions", 1e6, Unit::Many),
    ("millones", 1e6, Unit::Many),
    ("million", 1e6, Unit::Many),
    ("thousand", 1e3, Unit::Many),
    ("Tausend", 1e3, Unit::Many),
    ("Mrd.", 1e9, Unit::Many),
    ("Mio.", 1e6, Unit::Many),
    ("Mrd", 1e9, Unit::Many),
    ("Mio", 1e6, Unit::Many),
    ("bn", 1e9, Unit::Many),
    ("mn", 1e6, Unit::Many),
    ("shares", 1.0, Unit::Many),
    ("Aktien", 1.0, Unit::Many),
    ("actions", 1.0, Unit::Many),
    ("acciones", 1.0, Unit::Many),
    ("times", 1.0, Unit::Times),
    ("-mal", 1.0, Unit::Times),
    ("fois", 1.0, Unit::Times),
    ("veces", 1.0, Unit::Times),
    ("x", 1.0, Unit::Times),
    ("K", 1e3, Unit::Many),
    ("M", 1e6, Unit::Many),
    ("B", 1e9, Unit::Many),
    ("T", 1e12, Unit::Many),
    ("m", 1e6, Unit::Many),
];

const CURRENCIES: &str = "$€£¥";

/// A number at the start of `text`, and its length in bytes with sign and unit; `before` is the character in front.
pub(super) fn read_number(text: &str, before: Option<char>, language: Language) -> Option<(Num, usize)> {
    let joined = before.is_some_and(|c| c.is_alphanumeric() || CURRENCIES.contains(c));
    let (sign, mut at) = match text.chars().next()? {
        '+' => (Some(1.0), 1),
        '-' if !joined && before != Some(')') => (Some(-1.0), 1),
        '−' if !joined => (Some(-1.0), '−'.len_utf8()),
        _ => (None, 0),
    };
    let symbol = text[at..].chars().next().filter(|c| sign.is_some() && CURRENCIES.contains(*c));
    at += symbol.map_or(0, char::len_utf8);
    let (body, len) = read_body(&text[at..], language)?;
    if before.is_some_and(char::is_alphabetic) {
        return None;
    }
    at += len;
    let mut num = Num { sign, unit: Unit::Plain, ..body };
    if symbol.is_some() || before.is_some_and(|c| CURRENCIES.contains(c)) {
        num.unit = Unit::Money;
    }
    let (scale, unit, len) = read_unit(&text[at..]);
    if len > 0 {
        num = Num { value: num.value * scale, ulp: num.ulp * scale, coarse: num.coarse * scale, unit, ..num };
    }
    Some((num, at + len))
}

/// Digits with marks of thousands and of decimals.
fn read_body(text: &str, language: Language) -> Option<(Num, usize)> {
    let comma = language.has_decimal_comma();
    let mut digits = String::new();
    let (mut at, mut decimals, mut marked) = (0, None, false);
    while let Some(c) = text[at..].chars().next() {
        let behind = &text[at + c.len_utf8()..];
        let run = behind.bytes().take_while(u8::is_ascii_digit).count();
        let groups = run == 3 && decimals.is_none() && !digits.is_empty() && (marked || digits.len() <= 3);
        let is_decimal = if comma { c == ',' || (c == '.' && run != 3) } else { c == '.' };
        let is_thousand = match c {
            ',' => !comma,
            '.' => comma,
            '\u{a0}' | '\u{202f}' | '\'' | '’' => true,
            ' ' => language == Language::FRENCH,
            _ => false,
        };
        if c.is_ascii_digit() {
            digits.push(c);
            decimals = decimals.map(|count: i32| count + 1);
        } else if is_thousand && groups {
            marked = true;
        } else if is_decimal && run > 0 && decimals.is_none() && !digits.is_empty() {
            decimals = Some(0);
        } else {
            break;
        }
        at += c.len_utf8();
    }
    let decimals = decimals.unwrap_or(0);
    let value = digits.parse::<f64>().ok()? / 10f64.powi(decimals);
    let zeros = digits.bytes().rev().take_while(|digit| *digit == b'0').count().min(digits.len() - 1);
    let ulp = 10f64.powi(-decimals);
    let coarse = ulp * 10f64.powi(zeros as i32);
    let is_bare = decimals == 0 && !marked;
    Some((Num { value, sign: None, ulp, coarse, unit: Unit::Plain, is_bare, is_word: false }, at))
}

/// Scale, unit and length in bytes of what follows a number.
fn read_unit(text: &str) -> (f64, Unit, usize) {
    let behind = text.trim_start_matches([' ', '\u{a0}', '\u{202f}']);
    let blanks = text.len() - behind.len();
    let fits = |(word, ..): &&(&str, f64, Unit)| {
        behind.starts_with(word)
            && (blanks == 0 || word.len() > 1 || *word == "%")
            && (*word == "%" || !behind[word.len()..].starts_with(|c: char| c.is_alphanumeric()))
    };
    UNITS.iter().find(fits).map_or((1.0, Unit::Plain, 0), |(word, scale, unit)| (*scale, *unit, blanks + word.len()))
}
