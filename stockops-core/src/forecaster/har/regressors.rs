//! What the linear rule regresses on: numbers of one day, from the bars up to that day alone.

use chrono::{Days, NaiveDate};

use crate::dataset::{MONTH, Past, QUARTER, WEEK};
use crate::forecast::Field;
use crate::market::Bar;

/// Days of trading in two years.
const TWO_YEARS: usize = 500;

/// Companies report each quarter, which is 13 weeks on the same weekday; a year is looked back.
const WEEKS_OF_A_QUARTER: u64 = 13;
const QUARTERS: u64 = 4;

/// Largest distance of one day's log volume from its month that counts.
const MOST_APART: f64 = 2.0;

/// Fewest bars that a forecast looks at.
const MIN_BARS: usize = 14;

/// Place of the constant among the regressors.
const CONSTANT: usize = 4;

/// Bounds of the range's regressors where they are multiplied, and what they are divided by before: a product of two wild
/// ones would be wilder than both.
const BOUNDS: [(f64, f64, f64); 11] = [
    // Last day, week, quarter and two years against the month.
    (1.0, -1.5, 1.5),
    (1.0, -1.5, 1.5),
    (1.0, -1.5, 1.5),
    (1.0, -1.5, 1.5),
    // Move of the day and its size, of the week and its size, of the month.
    (1.0, -2.0, 2.0),
    (1.0, -0.5, 2.0),
    (2.0, -2.0, 2.0),
    (2.0, -1.0, 2.0),
    (4.0, -2.0, 2.0),
    // Volume of the last day and of the week against its month.
    (1.0, -1.5, 1.5),
    (1.0, -1.0, 1.0),
];

/// Numbers of one day.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Regressors {
    /// Mean of the month, which the others are relative to.
    pub(super) level: f64,
    /// The regressors themselves: those of volume last.
    pub(super) past: Vec<f64>,
    /// Products of each two of them and their squares, those of volume last; none but for the range.
    pub(super) products: Vec<f64>,
}

/// The bars of `history` that regressors look back at.
pub(super) fn looked_back(history: &[Bar]) -> &[Bar] {
    &history[history.len().saturating_sub(TWO_YEARS)..]
}

impl Regressors {
    /// Those of `field` after `history`; `None` where that is too short or the volume is not known.
    pub(super) fn of(history: Past<'_>, field: Field) -> Option<Self> {
        if history.len() < MIN_BARS {
            return None;
        }
        let means = Means::of(history, field)?;
        let mut past = vec![means.last - means.month, means.week - means.month, means.quarter - means.month];
        past.extend([means.years - means.month, 1.0]);
        if field != Field::Range {
            return Some(Self { level: means.month, past, products: Vec::new() });
        }
        past.extend(moves(history.bars(), means.month.exp()));
        let volume = Means::of(history, Field::Volume);
        past.extend(volume.map_or([0.0; 2], |v| [v.last - v.month, v.week - v.month]));
        let products = products(&past);
        Some(Self { level: means.month, past, products })
    }
}

/// Products of each two of the range's regressors, the constant left out.
fn products(past: &[f64]) -> Vec<f64> {
    let varying = past.iter().enumerate().filter(|(place, _)| *place != CONSTANT).map(|(_, x)| x);
    let bounded: Vec<f64> = varying.zip(BOUNDS).map(|(x, (unit, low, high))| (x / unit).clamp(low, high)).collect();
    let pairs = bounded.iter().enumerate().flat_map(|(place, x)| bounded[..=place].iter().map(move |y| x * y));
    pairs.collect()
}

/// Mean distance of log volume from the month before, on the days 13, 26, 39 and 52 weeks before `date`, as many as are
/// known; 0 where none is.
pub(super) fn quarters(history: Past<'_>, date: NaiveDate) -> f64 {
    let apart = |quarter: u64| {
        let day = date.checked_sub_days(Days::new(7 * WEEKS_OF_A_QUARTER * quarter))?;
        let place = history.bars().partition_point(|bar| bar.date < day);
        let volume = history.log(place)?.volume?;
        let month = (place.checked_sub(MONTH)?..place).filter_map(|place| history.log(place)?.volume);
        let (sum, count) = month.fold((0.0, 0usize), |(sum, count), value| (sum + value, count + 1));
        (count > 0).then(|| (volume - sum / count as f64).clamp(-MOST_APART, MOST_APART))
    };
    let known: Vec<f64> = (1..=QUARTERS).filter_map(apart).collect();
    if known.is_empty() { 0.0 } else { known.iter().sum::<f64>() / known.len() as f64 }
}

/// The last value and means over growing spans, of the days that are known.
struct Means {
    last: f64,
    week: f64,
    month: f64,
    quarter: f64,
    years: f64,
}

impl Means {
    fn of(history: Past<'_>, field: Field) -> Option<Self> {
        let newest_first = history.last(TWO_YEARS).logs().rev().filter_map(|day| field.of_logs(day));
        let (mut sum, mut count) = (0.0, 0usize);
        let mut sums = [0.0; 4];
        for value in newest_first {
            sum += value;
            count += 1;
            for (kept, span) in sums.iter_mut().zip([1, WEEK, MONTH, QUARTER]) {
                if count <= span {
                    *kept = sum / count as f64;
                }
            }
        }
        let [last, week, month, quarter] = sums;
        (count > 0).then(|| Self { last, week, month, quarter, years: sum / count as f64 })
    }
}

/// The last move and its size, those of a week, and the move of a month, in `usual` widths of a day.
fn moves(history: &[Bar], usual: f64) -> [f64; 5] {
    let last = history.len() - 1;
    let since = |days: usize| (history[last].close / history[last.saturating_sub(days)].close).ln() / usual;
    let (day, week, month) = (since(1).clamp(-3.0, 3.0), since(WEEK).clamp(-6.0, 6.0), since(MONTH).clamp(-12.0, 12.0));
    [day, day.abs() - 0.5, week, week.abs() - 1.0, month]
}
