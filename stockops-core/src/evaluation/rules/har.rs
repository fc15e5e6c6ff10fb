//! `Har`: heterogeneous autoregression, least squares on the last value and the means of a week and a month.

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
        let mut rows: Vec<([f64; 3], f64)> = Vec::new();
        let mut known: Vec<f64> = Vec::with_capacity(series.len());
        for (day, value) in series.iter().enumerate() {
            let Some(value) = value else { continue };
            known.push(*value);
            let target = series.get(day + ahead).copied().flatten();
            rows.extend(regressors(&known).zip(target));
        }
        if rows.len() < MIN_ROWS { None } else { least_squares(&rows) }
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

/// Least squares by the normal equations of centred regressors, solved by Cholesky.
fn least_squares(rows: &[([f64; 3], f64)]) -> Option<Har> {
    let count = rows.len() as f64;
    let mean = |of: &dyn Fn(&([f64; 3], f64)) -> f64| rows.iter().map(of).sum::<f64>() / count;
    let centre: [f64; 3] = std::array::from_fn(|i| mean(&|row| row.0[i]));
    let middle = mean(&|row| row.1);
    let covariance = |i: usize, of: &dyn Fn(&([f64; 3], f64)) -> f64| mean(&|row| (row.0[i] - centre[i]) * of(row));
    let matrix = std::array::from_fn(|i| std::array::from_fn(|j| covariance(i, &|row| row.0[j] - centre[j])));
    let right = std::array::from_fn(|i| covariance(i, &|row| row.1 - middle));
    let slopes = solve(matrix, right)?;
    let explained: f64 = slopes.iter().zip(centre).map(|(slope, mean)| slope * mean).sum();
    Some(Har { intercept: middle - explained, slopes })
}

/// `x` with `a x = b` for a symmetric positive definite `a`; `None` for one that is not, rounding allowed for.
fn solve(a: [[f64; 3]; 3], b: [f64; 3]) -> Option<[f64; 3]> {
    let mut lower = [[0.0; 3]; 3];
    for i in 0..3 {
        for j in 0..=i {
            let rest = a[i][j] - (0..j).map(|k| lower[i][k] * lower[j][k]).sum::<f64>();
            if i != j {
                lower[i][j] = rest / lower[j][j];
            } else if rest > 1e-12 * a[i][i] {
                lower[i][i] = rest.sqrt();
            } else {
                return None;
            }
        }
    }
    let (mut y, mut x) = ([0.0; 3], [0.0; 3]);
    for i in 0..3 {
        y[i] = (b[i] - (0..i).map(|k| lower[i][k] * y[k]).sum::<f64>()) / lower[i][i];
    }
    for i in (0..3).rev() {
        x[i] = (y[i] - (i + 1..3).map(|k| lower[k][i] * x[k]).sum::<f64>()) / lower[i][i];
    }
    Some(x)
}
