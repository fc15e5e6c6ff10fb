//! `Har`: heterogeneous autoregression, least squares on the last value and the means of a week and a month.

use crate::least_squares::LeastSquares;

/// Days of a week and of a month of trading.
const WEEK: usize = 5;
const MONTH: usize = 22;

/// Fewest rows that the four coefficients are fitted on.
const MIN_ROWS: usize = 30;

/// `x(t+h) = a + b x(t) + c mean5(t) + d mean22(t)` (Corsi 2009, there of realised variance), direct: the future day
/// itself is the target, not the path to it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Har {
    intercept: f64,
    slopes: [f64; 3],
}

impl Har {
    /// Fit on a series, oldest first, in which unknown days are `None`; `ahead` in days from 1.
    ///
    /// `None` with fewer than 30 rows or where the regressors do not tell the slopes apart, as for a constant series.
    pub(super) fn fit(series: &[Option<f64>], ahead: usize) -> Option<Self> {
        let mut fit = LeastSquares::new(4);
        // Around the first value, so that a large level does not drown what little may vary.
        let level = series.iter().flatten().next()?;
        let mut known: Vec<f64> = Vec::with_capacity(series.len());
        for (day, value) in series.iter().enumerate() {
            let Some(value) = value else { continue };
            known.push(*value);
            let target = series.get(day + ahead).copied().flatten();
            if let Some(([last, week, month], target)) = regressors(&known).zip(target) {
                fit.add(&[1.0, last - level, week - level, month - level], target - level);
            }
        }
        let found = fit.solve().filter(|_| fit.rows() >= MIN_ROWS)?;
        let slopes = [found[1], found[2], found[3]];
        Some(Self { intercept: found[0] + level * (1.0 - slopes.iter().sum::<f64>()), slopes })
    }

    /// Forecast after the `known` values, of which the last 22 count; `None` with fewer.
    pub(super) fn forecast(&self, known: &[f64]) -> Option<f64> {
        let products = regressors(known)?.into_iter().zip(self.slopes).map(|(x, slope)| x * slope);
        Some(self.intercept + products.sum::<f64>())
    }
}

/// Days that a forecast looks at.
pub(super) const LOOKBACK: usize = MONTH;

fn regressors(known: &[f64]) -> Option<[f64; 3]> {
    let mean = |days: usize| known[known.len() - days..].iter().sum::<f64>() / days as f64;
    (known.len() >= MONTH).then(|| [mean(1), mean(WEEK), mean(MONTH)])
}
