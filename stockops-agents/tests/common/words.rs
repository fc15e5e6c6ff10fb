//! Numbers and days of facts in the many ways in which people write them.

use chrono::{Datelike, NaiveDate};
use stockops_agents::facts::{Facts, Value};

/// A table that is asked for numbers by id and form.
#[derive(Clone, Copy)]
pub(crate) struct Words<'a>(pub(crate) &'a Facts);

impl Words<'_> {
    pub(crate) fn number(self, id: &str) -> f64 {
        self.0.get(id).and_then(|fact| fact.number()).unwrap_or_else(|| panic!("no number {id}"))
    }

    /// `3,154.59` with so many decimals.
    pub(crate) fn price(self, id: &str, decimals: usize) -> String {
        grouped(self.number(id), decimals)
    }

    /// `-0.3 %`.
    pub(crate) fn percent(self, id: &str, decimals: usize) -> String {
        format!("{:+.decimals$} %", 100.0 * self.number(id))
    }

    /// `0.3 %`, whatever the sign.
    pub(crate) fn size(self, id: &str, decimals: usize) -> String {
        format!("{:.decimals$} %", 100.0 * self.number(id).abs())
    }

    /// One of two words, by the sign of a number.
    pub(crate) fn way<'w>(self, id: &str, up: &'w str, down: &'w str) -> &'w str {
        if self.number(id) > 0.0 { up } else { down }
    }

    /// `6.02 million`.
    pub(crate) fn millions(self, id: &str, decimals: usize) -> String {
        format!("{:.decimals$} million", self.number(id) / 1e6)
    }

    pub(crate) fn day(self, id: &str) -> NaiveDate {
        match self.0.get(id).map(|fact| &fact.value) {
            Some(Value::Day(day)) => *day,
            _ => panic!("no day {id}"),
        }
    }

    /// `7 August 2020`.
    pub(crate) fn long_day(self, id: &str) -> String {
        let day = self.day(id);
        format!("{} {} {}", day.day(), MONTHS[day.month0() as usize], day.year())
    }

    /// `August 7`.
    pub(crate) fn american_day(self, id: &str) -> String {
        let day = self.day(id);
        format!("{} {}", MONTHS[day.month0() as usize], day.day())
    }
}

pub(crate) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// With commas between thousands.
pub(crate) fn grouped(number: f64, decimals: usize) -> String {
    let text = format!("{:.decimals$}", number.abs());
    let (whole, rest) = text.split_once('.').map_or((text.as_str(), None), |(whole, rest)| (whole, Some(rest)));
    let mut out = String::new();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    let sign = if number < 0.0 { "-" } else { "" };
    rest.map_or_else(|| format!("{sign}{out}"), |rest| format!("{sign}{out}.{rest}"))
}
