//! Scales, ticks at round numbers, and days as labels.

use chrono::{Datelike, NaiveDate};

use crate::market::price_decimals;

/// Whether a number can be drawn; beyond it differences lose their cents.
pub(super) fn drawable(value: f64) -> bool {
    value.abs() < 1e15
}

/// A linear map from values to user units: `to.0 + (value - from.0) / (from.1 - from.0) * (to.1 - to.0)`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scale {
    from: (f64, f64),
    to: (f64, f64),
}

impl Scale {
    /// Map the range of `values`, with 4 % of room at both ends, to `to`; `None` without values.
    pub(super) fn over(values: impl IntoIterator<Item = f64>, to: (f64, f64)) -> Option<Self> {
        let ends = values.into_iter().fold(None, |ends: Option<(f64, f64)>, value| {
            Some(ends.map_or((value, value), |(low, high)| (low.min(value), high.max(value))))
        });
        let (low, high) = ends?;
        // A flat line gets a hundredth of its height as room, and zero gets one.
        let flat = if low == 0.0 { 1.0 } else { low.abs() * 0.01 };
        let room = if high > low { (high - low) * 0.04 } else { flat };
        Some(Self { from: (low - room, high + room), to })
    }

    /// The same map with zero in the middle.
    pub(super) fn around_zero(values: impl IntoIterator<Item = f64>, to: (f64, f64)) -> Option<Self> {
        Self::over(values.into_iter().flat_map(|value| [-value.abs(), value.abs()]), to)
    }

    pub(super) fn at(&self, value: f64) -> f64 {
        let share = (value - self.from.0) / (self.from.1 - self.from.0);
        self.to.0 + share * (self.to.1 - self.to.0)
    }

    /// Values mapped to the two ends.
    pub(super) fn ends(&self) -> (f64, f64) {
        self.from
    }

    /// Round numbers inside, about `count` of them, and their distance: 1, 2 or 5 times a power of ten.
    pub(super) fn ticks(&self, count: f64) -> (Vec<f64>, f64) {
        let rough = (self.from.1 - self.from.0) / count;
        let power = 10_f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0].map(|m| m * power).into_iter().find(|&s| s >= rough).unwrap_or(10.0 * power);
        let (first, last) = ((self.from.0 / step).ceil(), (self.from.1 / step).floor());
        // The cap holds where a narrow range far from zero has fewer numbers than ticks.
        let number = ((last - first) as usize).min(50);
        ((0..=number).map(|i| (first + i as f64) * step).collect(), step)
    }
}

/// `value` with commas at thousands and as many decimals as `step` asks for.
///
/// `12345.678` with a step of 0.5 is `12,345.7`.
pub(super) fn number(value: f64, step: f64) -> String {
    fixed(value, (-step.abs().log10().floor()).clamp(0.0, 12.0) as usize)
}

/// `value` with commas at thousands and so many decimals.
fn fixed(value: f64, decimals: usize) -> String {
    let plain = format!("{:.decimals$}", value.abs());
    let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, ""));
    let negative = value < 0.0 && plain.contains(|c: char| matches!(c, '1'..='9'));
    let mut text = String::from(if negative { "\u{2212}" } else { "" });
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    if !fraction.is_empty() {
        text.push('.');
        text.push_str(fraction);
    }
    text
}

/// A price for a tag or hover, with the decimals of its size; none where they would not fit.
pub(super) fn price(value: f64) -> String {
    let decimals = if value.abs() >= 1e5 { 0 } else { price_decimals(value) };
    fixed(value, decimals)
}

/// Place of a session among its days, and its label in one or two lines.
pub(super) type DayTick = (usize, String, Option<String>);

/// A tick every few sessions, at most `most`, as `03 Apr`; the year stands below the first and below its changes.
pub(super) fn session_ticks(days: &[NaiveDate], most: usize) -> Vec<DayTick> {
    let step = days.len().div_ceil(most.max(1)).max(1);
    let chosen = (0..days.len()).step_by(step);
    let label = |place: usize| days[place].format("%d %b").to_string();
    with_years(chosen.map(|place| (place, label(place), days[place])).collect())
}

/// A tick at the first session of a month, quarter, half-year, year or more, at most `most`, as `Apr` over its year.
pub(super) fn month_ticks(days: &[NaiveDate], most: usize) -> Vec<DayTick> {
    for months in [1, 3, 6, 12, 24, 60, 120, 240] {
        let period = |day: &NaiveDate| (day.year() * 12 + day.month0() as i32).div_euclid(months);
        let starts: Vec<usize> = (1..days.len()).filter(|&i| period(&days[i - 1]) != period(&days[i])).collect();
        if starts.len() < 2 {
            break;
        }
        if starts.len() <= most {
            let label = |place: usize| days[place].format("%b").to_string();
            return with_years(starts.into_iter().map(|place| (place, label(place), days[place])).collect());
        }
    }
    session_ticks(days, most)
}

fn with_years(ticks: Vec<(usize, String, NaiveDate)>) -> Vec<DayTick> {
    let mut known = None;
    let year = |day: NaiveDate| (known.replace(day.year()) != Some(day.year())).then(|| day.year().to_string());
    let years: Vec<Option<String>> = ticks.iter().map(|tick| tick.2).map(year).collect();
    ticks.into_iter().zip(years).map(|((place, label, _), year)| (place, label, year)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_inside() {
        let scale = Scale::over([4011.0, 4189.0], (0.0, 1.0)).unwrap();
        let (ticks, step) = scale.ticks(5.0);
        assert_eq!((ticks, step), (vec![4050.0, 4100.0, 4150.0], 50.0));
        let (ticks, step) = Scale::over([0.0101, 0.0159], (0.0, 1.0)).unwrap().ticks(6.0);
        assert_eq!(step, 0.002);
        assert_eq!(ticks.iter().map(|&t| number(t, step)).collect::<Vec<_>>(), ["0.010", "0.012", "0.014", "0.016"]);
    }

    #[test]
    fn flat_and_tiny_ranges_still_have_a_scale() {
        for values in [[5.0, 5.0], [0.0, 0.0], [1e14, 1e14 + 1.0], [1e-12, 2e-12], [-3.0, -3.0]] {
            let scale = Scale::over(values, (100.0, 0.0)).unwrap();
            assert!(scale.at(values[0]).is_finite() && (0.0..=100.0).contains(&scale.at(values[1])), "{values:?}");
            let (ticks, _) = scale.ticks(5.0);
            assert!((1..=51).contains(&ticks.len()), "{values:?}: {ticks:?}");
        }
        assert!(Scale::over([], (0.0, 1.0)).is_none());
    }

    #[test]
    fn numbers_have_commas_and_the_decimals_of_their_step() {
        let cases = [(1234567.0, 1000.0), (1234.5, 0.5), (999.0, 1.0), (-1234.5, 0.01), (-0.001, 0.1), (0.0, 0.5)];
        let texts = cases.map(|(value, step)| number(value, step));
        assert_eq!(texts, ["1,234,567", "1,234.5", "999", "\u{2212}1,234.50", "0.0", "0.0"]);
        assert_eq!([182.104, 1.08427, 623_015.5].map(price), ["182.10", "1.0843", "623,016"]);
        assert_eq!([0.00001, 0.25, 9.5].map(price), ["0.000010000", "0.25000", "9.5000"]);
    }

    fn days(from: &str, count: usize) -> Vec<NaiveDate> {
        let from: NaiveDate = from.parse().unwrap();
        from.iter_days().filter(|day| day.weekday().number_from_monday() < 6).take(count).collect()
    }

    #[test]
    fn days_are_labelled_with_their_year_where_it_changes() {
        let ticks = session_ticks(&days("2023-12-18", 15), 3);
        let texts: Vec<_> = ticks.iter().map(|(i, label, year)| (*i, label.as_str(), year.as_deref())).collect();
        assert_eq!(texts, [(0, "18 Dec", Some("2023")), (5, "25 Dec", None), (10, "01 Jan", Some("2024"))]);
    }

    #[test]
    fn long_spans_are_labelled_by_month_or_year_and_never_too_often() {
        for count in [1, 2, 30, 300, 3000, 9000] {
            let days = days("1999-01-04", count);
            let ticks = month_ticks(&days, 8);
            assert!((1..=8).contains(&ticks.len()), "{count}: {ticks:?}");
        }
        assert_eq!(month_ticks(&[], 8), []);
    }
}
