//! Whether two forecasts differ by more than chance: the test of Diebold and Mariano.

use serde::{Deserialize, Serialize};
use statrs::function::beta::beta_reg;

/// The mean difference of the squared errors of two forecasts, and how sure it is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// Mean of `a^2 - b^2`: below 0 the first forecast is better.
    pub mean: f64,
    /// Its standard error, autocorrelation and the small sample allowed for.
    pub standard_error: f64,
    /// Mean over standard error.
    pub statistic: f64,
    /// Two-sided p-value: how often chance alone gives a difference so large where there is none.
    pub p: f64,
}

/// Diebold and Mariano's test (1995) of equal mean squared error, in the small-sample form of Harvey, Leybourne and
/// Newbold (1997).
///
/// `a` and `b` are the errors of two forecasts of the same days, in order of time, `horizon` days ahead (from 1). The
/// long-run variance takes in `horizon - 1` autocovariances with equal weights, as theirs does; where that is not
/// positive, with Bartlett's falling weights. p is of Student's t with n - 1 degrees of freedom.
///
/// `None` where the lengths differ, with fewer than 2 days or no more days than the horizon, and where the errors do not
/// differ at all.
///
/// # Example
///
/// ```
/// use stockops_core::evaluation::diebold_mariano;
///
/// let small: Vec<f64> = (0..50).map(|i| f64::from(i).sin()).collect();
/// let large: Vec<f64> = (0..50).map(|i| 2.0 * f64::from(i).cos()).collect();
/// let difference = diebold_mariano(&small, &large, 1).unwrap();
/// assert!(difference.mean < 0.0 && difference.p < 0.01);
/// assert!(diebold_mariano(&small, &small, 1).is_none());
/// ```
pub fn diebold_mariano(a: &[f64], b: &[f64], horizon: usize) -> Option<Difference> {
    let n = a.len();
    if n != b.len() || n < 2 || n <= horizon || horizon == 0 {
        return None;
    }
    let losses: Vec<f64> = a.iter().zip(b).map(|(a, b)| a * a - b * b).collect();
    let (count, h) = (n as f64, horizon as f64);
    let mean = losses.iter().sum::<f64>() / count;
    let centred: Vec<f64> = losses.iter().map(|loss| loss - mean).collect();
    let variance = long_run_variance(&centred, horizon)?;
    // Above 0, since n is larger than h.
    let correction = (count + 1.0 - 2.0 * h + h * (h - 1.0) / count) / count;
    let standard_error = (variance / count / correction).sqrt();
    let statistic = mean / standard_error;
    let p = two_sided_p(statistic, count - 1.0);
    p.is_finite().then_some(Difference { mean, standard_error, statistic, p })
}

/// `None` where the series does not vary.
fn long_run_variance(centred: &[f64], horizon: usize) -> Option<f64> {
    let n = centred.len() as f64;
    let autocovariance = |lag: usize| centred[lag..].iter().zip(centred).map(|(a, b)| a * b).sum::<f64>() / n;
    let covariances: Vec<f64> = (0..horizon).map(autocovariance).collect();
    let sum = |weight: &dyn Fn(usize) -> f64| {
        covariances[0] + 2.0 * (1..horizon).map(|lag| weight(lag) * covariances[lag]).sum::<f64>()
    };
    let bartlett = |lag: usize| 1.0 - lag as f64 / horizon as f64;
    [sum(&|_| 1.0), sum(&bartlett)].into_iter().find(|variance| *variance > 0.0)
}

/// Two-sided tail of Student's t: the regularised incomplete beta function of `df / 2` and `1 / 2` at `df / (df + t^2)`.
fn two_sided_p(t: f64, df: f64) -> f64 {
    beta_reg(0.5 * df, 0.5, df / (df + t * t))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_has_no_answer_without_days_or_where_nothing_varies() {
        let [a, b]: [Vec<f64>; 2] = [1.0, 2.0].map(|size| (0..8).map(|i| size * f64::from(i + i % 3)).collect());
        assert!(diebold_mariano(&a, &b, 7).is_some());
        for (n, horizon) in [(8, 8), (8, 9), (8, 0), (1, 1), (0, 1)] {
            assert_eq!(diebold_mariano(&a[..n], &b[..n], horizon), None, "{n} days, {horizon} ahead");
        }
        assert!(diebold_mariano(&a[..2], &b[..2], 1).is_some());
        assert_eq!(diebold_mariano(&a, &b[..7], 1), None);
        assert_eq!(diebold_mariano(&[1.0; 8], &[2.0; 8], 1), None, "always the same difference");
    }
}
