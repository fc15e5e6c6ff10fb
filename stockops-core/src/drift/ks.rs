//! The two-sample Kolmogorov-Smirnov test: its statistic, and its exact p value.

/// The largest distance between the distribution functions of two samples, each ascending; 0 without values.
///
/// # Example
///
/// ```
/// use stockops_core::drift::ks_statistic;
///
/// assert_eq!(ks_statistic(&[1.0, 2.0], &[3.0, 4.0]), 1.0);
/// assert_eq!(ks_statistic(&[1.0, 2.0], &[1.0, 2.0]), 0.0);
/// ```
pub fn ks_statistic(a: &[f64], b: &[f64]) -> f64 {
    let (mut i, mut j, mut widest) = (0, 0, 0.0f64);
    while i < a.len() && j < b.len() {
        let value = a[i].min(b[j]);
        // Both step over ties before they are compared.
        while i < a.len() && a[i] <= value {
            i += 1;
        }
        while j < b.len() && b[j] <= value {
            j += 1;
        }
        widest = widest.max((i as f64 / a.len() as f64 - j as f64 / b.len() as f64).abs());
    }
    widest
}

/// The chance that two samples of one continuous distribution, of `n` and `m` values, differ by `statistic` or more.
///
/// Exact and two-sided: the share of lattice paths from (0, 0) to (n, m) that leave the band
/// `|i / n - j / m| < statistic` (Hodges 1958), by `n m` additions; scipy's `ks_2samp(method="exact")`.
/// Values must be independent: of days in a row they are not, and then this p is far too small.
pub fn ks_p_value(statistic: f64, n: usize, m: usize) -> f64 {
    if n == 0 || m == 0 {
        return 1.0;
    }
    let [width, height] = [n, m].map(|count| count as f64);
    // A distance is a multiple of 1 / nm; half of one keeps rounding away from the border.
    let inside = |i: usize, j: usize| (i as f64 / width - j as f64 / height).abs() < statistic - 0.5 / (width * height);
    // Chance of a path to (i, j) that has stayed inside, where each step is drawn as from an urn of what is left.
    let mut row = vec![0.0; m + 1];
    for i in 0..=n {
        for j in 0..=m {
            let left = |i: usize, j: usize| (n - i + m - j) as f64;
            let up = if i > 0 { row[j] * (n - i + 1) as f64 / left(i - 1, j) } else { 0.0 };
            let right = if j > 0 { row[j - 1] * (m - j + 1) as f64 / left(i, j - 1) } else { 0.0 };
            let reached = if i == 0 && j == 0 { 1.0 } else { up + right };
            row[j] = if inside(i, j) { reached } else { 0.0 };
        }
    }
    (1.0 - row[m]).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::golden_json;
    use approx::assert_abs_diff_eq;

    #[test]
    fn statistic_and_p_are_scipys() {
        let golden = golden_json("drift.json");
        let cases = golden["ks"].as_array().unwrap();
        assert!(cases.len() >= 10);
        for case in cases {
            let sample = |name: &str| -> Vec<f64> { serde_json::from_value(case[name].clone()).unwrap() };
            let (a, b) = (sample("a"), sample("b"));
            let (statistic, p) = (case["statistic"].as_f64().unwrap(), case["p"].as_f64().unwrap());
            let ours = ks_statistic(&a, &b);
            assert_abs_diff_eq!(ours, statistic, epsilon = 1e-12);
            // Sums of products of a few thousand roundings.
            assert_abs_diff_eq!(ks_p_value(ours, a.len(), b.len()), p, epsilon = 1e-9);
        }
    }

    #[test]
    fn no_distance_is_certain_and_full_distance_is_one_path_of_many() {
        assert_eq!(ks_p_value(0.0, 5, 7), 1.0);
        // Of the 10 orders of 3 and 2 values, two keep the samples apart.
        assert_abs_diff_eq!(ks_p_value(1.0, 3, 2), 0.2, epsilon = 1e-12);
    }
}
