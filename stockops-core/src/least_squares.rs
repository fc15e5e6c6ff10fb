//! Least squares by the normal equations, for regressions with a handful of coefficients.

/// Sums over the rows of a regression; rows need not be kept.
#[derive(Debug, Clone)]
pub(crate) struct LeastSquares {
    gram: Vec<Vec<f64>>,
    right: Vec<f64>,
    rows: usize,
}

impl LeastSquares {
    /// A regression with `width` regressors, the constant among them where one is wanted.
    pub(crate) fn new(width: usize) -> Self {
        Self { gram: vec![vec![0.0; width]; width], right: vec![0.0; width], rows: 0 }
    }

    /// Take in one row.
    pub(crate) fn add(&mut self, regressors: &[f64], target: f64) {
        self.rows += 1;
        for (i, x) in regressors.iter().enumerate() {
            self.right[i] += x * target;
            for (j, y) in regressors[..=i].iter().enumerate() {
                self.gram[i][j] += x * y;
            }
        }
    }

    /// Draw the coefficient at `place` to `value`, as if that had been seen on `rows` rows of a regressor of size 1.
    pub(crate) fn draw(&mut self, place: usize, value: f64, rows: f64) {
        self.gram[place][place] += rows;
        self.right[place] += rows * value;
    }

    /// Rows that were taken in.
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// The coefficients, by Cholesky; `None` where the rows do not tell them apart, rounding allowed for.
    pub(crate) fn solve(&self) -> Option<Vec<f64>> {
        let width = self.right.len();
        // A regressor that is 0 but for rounding says nothing.
        let least = 1e-18 * self.rows as f64;
        let mut lower = vec![vec![0.0; width]; width];
        for i in 0..width {
            for j in 0..=i {
                let rest = self.gram[i][j] - (0..j).map(|k| lower[i][k] * lower[j][k]).sum::<f64>();
                if i != j {
                    lower[i][j] = rest / lower[j][j];
                } else if rest > 1e-10 * self.gram[i][i] && rest > least {
                    lower[i][i] = rest.sqrt();
                } else {
                    return None;
                }
            }
        }
        let mut solution = vec![0.0; width];
        for i in 0..width {
            let known: f64 = (0..i).map(|k| lower[i][k] * solution[k]).sum();
            solution[i] = (self.right[i] - known) / lower[i][i];
        }
        for i in (0..width).rev() {
            let known: f64 = (i + 1..width).map(|k| lower[k][i] * solution[k]).sum();
            solution[i] = (solution[i] - known) / lower[i][i];
        }
        Some(solution)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    #[test]
    fn a_line_is_found_exactly() {
        let mut fit = LeastSquares::new(2);
        (0..9).map(f64::from).for_each(|x| fit.add(&[1.0, x], 3.0 - 2.0 * x));
        let line = fit.solve().unwrap();
        assert_relative_eq!(line[0], 3.0, epsilon = 1e-12);
        assert_relative_eq!(line[1], -2.0, epsilon = 1e-12);
    }

    #[test]
    fn the_residual_is_orthogonal_to_every_regressor() {
        let rows: Vec<([f64; 3], f64)> =
            (0..40).map(f64::from).map(|x| ([1.0, x.sin(), (x * 0.7).cos()], (x * x).sin())).collect();
        let mut fit = LeastSquares::new(3);
        rows.iter().for_each(|(x, y)| fit.add(x, *y));
        let slopes = fit.solve().unwrap();
        for i in 0..3 {
            let residual = |(x, y): &([f64; 3], f64)| x.iter().zip(&slopes).map(|(x, b)| x * b).sum::<f64>() - y;
            assert!(rows.iter().map(|row| residual(row) * row.0[i]).sum::<f64>().abs() < 1e-10);
        }
    }

    /// Ridge regression: the same as rows of its own, each with one regressor.
    #[test]
    fn a_drawn_coefficient_lies_between_what_was_seen_and_the_value() {
        let with = |extra: &dyn Fn(&mut LeastSquares)| {
            let mut fit = LeastSquares::new(2);
            (0..9).map(f64::from).for_each(|x| fit.add(&[1.0, x], 3.0 - 2.0 * x));
            extra(&mut fit);
            fit.solve().unwrap()
        };
        let drawn = with(&|fit| fit.draw(1, -1.0, 50.0));
        let rows = with(&|fit| (0..50).for_each(|_| fit.add(&[0.0, 1.0], -1.0)));
        assert_relative_eq!(drawn[1], rows[1], epsilon = 1e-12);
        assert!((-2.0..-1.0).contains(&drawn[1]));
    }

    #[test]
    fn regressors_that_are_alike_have_no_answer() {
        let mut fit = LeastSquares::new(2);
        (0..9).map(f64::from).for_each(|x| fit.add(&[x, 2.0 * x], x));
        assert!(fit.solve().is_none());
        assert_eq!(fit.rows(), 9);
    }
}
