//! Har: heterogeneous autoregression, least squares on the last value and the means of a week and a month.

use std::collections::BTreeMap;

use super::{SimpleRule, last_values};
use crate::dataset::Past;
use crate::forecast::Field;
use crate::least_squares::LeastSquares;
use crate::market::Bar;

/// Days of a week and of a month of trading; a forecast looks at no more than a month.
const WEEK: usize = 5;
const MONTH: usize = 22;

/// Fewest rows that the four coefficients are fitted on.
const MIN_ROWS: usize = 30;

/// One regression a horizon for volume and range; `None` where it could not be fitted.
#[derive(Debug)]
pub(super) struct Har(BTreeMap<Field, Vec<Option<Regression>>>);

impl Har {
    /// Fit on `history`, one regression for each of so many horizons.
    pub(super) fn fit(history: &[Bar], horizons: usize) -> Self {
        let of_field = |field: Field| {
            let series: Vec<Option<f64>> = history.iter().map(|bar| field.value(bar, 1.0)).collect();
            (field, (1..=horizons).map(|ahead| Regression::fit(&series, ahead)).collect())
        };
        Self([Field::Volume, Field::Range].into_iter().map(of_field).collect())
    }
}

impl SimpleRule for Har {
    fn forecast(&self, history: Past<'_>, field: Field, horizon: usize) -> Option<f64> {
        self.forecasts(history, field, horizon + 1)[horizon]
    }

    fn forecasts(&self, history: Past<'_>, field: Field, horizons: usize) -> Vec<Option<f64>> {
        let Some(regressions) = self.0.get(&field) else { return vec![None; horizons] };
        let values = last_values(history, field, MONTH);
        (0..horizons).map(|horizon| regressions.get(horizon)?.as_ref()?.forecast(&values)).collect()
    }
}

/// `x(t+h) = a + b x(t) + c mean5(t) + d mean22(t)` (Corsi 2009, there of realised variance), direct: the future day
/// itself is the target, not the path to it.
#[derive(Debug)]
struct Regression {
    intercept: f64,
    slopes: [f64; 3],
}

impl Regression {
    /// Fit on a series, oldest first, in which unknown days are `None`; `ahead` in days from 1.
    ///
    /// `None` with fewer than 30 rows or where the regressors do not tell the slopes apart, as for a constant series.
    fn fit(series: &[Option<f64>], ahead: usize) -> Option<Self> {
        let mut fit = LeastSquares::new(4);
        // Around the first value, so that a large level does not drown what little may vary.
        let level = series.iter().flatten().next()?;
        let mut values: Vec<f64> = Vec::with_capacity(series.len());
        for (day, value) in series.iter().enumerate() {
            let Some(value) = value else { continue };
            values.push(*value);
            let target = series.get(day + ahead).copied().flatten();
            if let Some(([last, week, month], target)) = regressors(&values).zip(target) {
                fit.add(&[1.0, last - level, week - level, month - level], target - level);
            }
        }
        let found = fit.solve().filter(|_| fit.rows() >= MIN_ROWS)?;
        let slopes = [found[1], found[2], found[3]];
        Some(Self { intercept: found[0] + level * (1.0 - slopes.iter().sum::<f64>()), slopes })
    }

    /// Forecast after the last `values`; `None` with fewer than 22.
    fn forecast(&self, values: &[f64]) -> Option<f64> {
        let products = regressors(values)?.into_iter().zip(self.slopes).map(|(x, slope)| x * slope);
        Some(self.intercept + products.sum::<f64>())
    }
}

/// The last value and the means of a week and of a month.
fn regressors(values: &[f64]) -> Option<[f64; 3]> {
    let mean = |days: usize| values[values.len() - days..].iter().sum::<f64>() / days as f64;
    (values.len() >= MONTH).then(|| [mean(1), mean(WEEK), mean(MONTH)])
}
