//! Prices and volumes as people write them.

/// Digits that a price below 10 shows: `1.3700`, `0.000010000`.
const SIGNIFICANT: i32 = 5;
/// No price has more decimals.
const MOST_DECIMALS: i32 = 12;

/// Decimals that a price of this size is written with: two from 10 on, below it as many as give five digits that count.
///
/// ```
/// use stockops_core::market::price_decimals;
///
/// assert_eq!([4011.5, 10.0, 1.37, 0.25, 0.00001].map(price_decimals), [2, 2, 4, 5, 9]);
/// assert_eq!([0.0, f64::NAN].map(price_decimals), [2, 2]);
/// ```
pub fn price_decimals(price: f64) -> usize {
    let size = price.abs();
    if !(size > 0.0 && size < 10.0) {
        return 2;
    }
    (SIGNIFICANT - 1 - size.log10().floor() as i32).clamp(2, MOST_DECIMALS) as usize
}

/// A price with the [decimals](price_decimals) of its size.
///
/// ```
/// use stockops_core::market::price_text;
///
/// assert_eq!([4011.5, 1.37, 0.00001].map(price_text), ["4011.50", "1.3700", "0.000010000"]);
/// ```
pub fn price_text(price: f64) -> String {
    let decimals = price_decimals(price);
    format!("{price:.decimals$}")
}

/// A volume with three digits and K, M, B or T; `-` where it is 0 and so unknown.
///
/// ```
/// use stockops_core::market::volume_text;
///
/// assert_eq!([0.0, 950.0, 12_345.0, 83_456_789.0, 4.2e9].map(volume_text), ["-", "950", "12.3K", "83.5M", "4.20B"]);
/// assert_eq!(volume_text(0.01234), "0.0123");
/// ```
pub fn volume_text(volume: f64) -> String {
    if volume == 0.0 || !volume.is_finite() {
        return "-".to_owned();
    }
    let three = |value: f64| {
        // A little more, so that 0.9996 counts as the 1.00 that it reads as.
        let decimals = (2 - (value.abs() * 1.0005).log10().floor() as i32).clamp(0, MOST_DECIMALS) as usize;
        format!("{value:.decimals$}")
    };
    // From 999.5 thousand on three digits are a million.
    let scaled = [(1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "K")];
    match scaled.into_iter().find(|(size, _)| volume.abs() >= size * 0.9995 && volume.abs() >= 9_999.5) {
        Some((size, letter)) => format!("{}{letter}", three(volume / size)),
        None if volume.abs() >= 100.0 => format!("{volume:.0}"),
        None => three(volume),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_price_that_is_not_zero_reads_as_zero() {
        for power in -9..9 {
            for first in [1.0, 1.37, 9.99] {
                let price = first * 10_f64.powi(power);
                let read: f64 = price_text(price).parse().unwrap();
                assert!((read / price - 1.0).abs() < 1e-3, "{price} reads as {read}");
            }
        }
    }

    #[test]
    fn volumes_at_the_border_of_a_letter_keep_three_digits() {
        assert_eq!([999_400.0, 999_600.0, 9_999.0, 10_000.0].map(volume_text), ["999K", "1.00M", "9999", "10.0K"]);
    }
}
