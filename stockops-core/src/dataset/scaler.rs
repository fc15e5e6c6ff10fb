//! `StandardScaler`: column-wise standardisation that only ever sees training rows.

use ndarray::{Array2, ArrayView1, ArrayView2, Axis};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result, check};

/// Rows that a scaler may learn from, shape (rows, columns).
///
/// A [`Split`](super::Split) makes it from its training part, so that validation, calibration and test rows cannot
/// reach [`StandardScaler::fit`] by accident.
#[derive(Debug, Clone, Copy)]
pub struct TrainingRows<'a>(ArrayView2<'a, f64>);

impl<'a> TrainingRows<'a> {
    /// State that all of `rows` are training rows.
    pub fn whole(rows: ArrayView2<'a, f64>) -> Self {
        Self(rows)
    }
}

/// Column-wise standardisation learned from training rows: `z = (x - mean) / scale`.
///
/// Mean and deviation are the biased estimates that scikit-learn's `StandardScaler` uses. A constant column gets scale
/// 1, so it maps to zero and comes back unchanged.
///
/// # Example
///
/// ```
/// use ndarray::array;
/// use stockops_core::dataset::{StandardScaler, TrainingRows};
///
/// let rows = array![[1.0, 10.0], [3.0, 10.0]]; // (rows, columns)
/// let scaler = StandardScaler::fit(&[TrainingRows::whole(rows.view())])?;
/// assert_eq!(scaler.transform(rows.view())?, array![[-1.0, 0.0], [1.0, 0.0]]);
/// # Ok::<(), stockops_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct StandardScaler {
    mean: Vec<f64>,
    scale: Vec<f64>,
}

/// The same fields before the check.
#[derive(Deserialize)]
struct Unchecked {
    mean: Vec<f64>,
    scale: Vec<f64>,
}

impl TryFrom<Unchecked> for StandardScaler {
    type Error = Error;

    fn try_from(Unchecked { mean, scale }: Unchecked) -> Result<Self> {
        check(mean.len() == scale.len(), "scale", "as long as `mean`", scale.len())?;
        check(mean.iter().all(|m| m.is_finite()), "mean", "finite", "a value that is not")?;
        check(scale.iter().all(|s| *s > 0.0 && s.is_finite()), "scale", "finite and above 0", "a value that is not")?;
        Ok(Self { mean, scale })
    }
}

impl StandardScaler {
    /// Learn mean and scale from the training rows of one or several series, pooled.
    ///
    /// # Errors
    ///
    /// [`Error::TooShort`] without rows, [`Error::Shape`] where the series differ in columns, [`Error::Config`] where a value is
    /// not finite.
    pub fn fit(series: &[TrainingRows<'_>]) -> Result<Self> {
        let views: Vec<_> = series.iter().map(|rows| rows.0).collect();
        let columns = views.first().map_or(0, |rows| rows.ncols());
        let pooled = ndarray::concatenate(Axis(0), &views).map_err(|_| {
            Error::shape("scaler input", &[0, columns], &views.last().map_or([0, 0], |v| [v.nrows(), v.ncols()]))
        })?;
        check(pooled.iter().all(|value| value.is_finite()), "rows", "finite numbers", "a value that is not")?;
        let Some(mean) = pooled.mean_axis(Axis(0)) else {
            return Err(Error::TooShort { what: "a scaler".into(), needed: 1, got: 0 });
        };
        // A column is constant where it only holds rounding: relative to its size, not to zero.
        let tiny = |deviation: f64, mean: f64| deviation <= 10.0 * f64::EPSILON * mean.abs();
        let mut scale = pooled.std_axis(Axis(0), 0.0);
        scale.zip_mut_with(&mean, |s, &m| {
            if tiny(*s, m) {
                *s = 1.0;
            }
        });
        Ok(Self { mean: mean.to_vec(), scale: scale.to_vec() })
    }

    /// Number of columns.
    pub fn columns(&self) -> usize {
        self.mean.len()
    }

    /// Mean of each column.
    pub fn mean(&self) -> &[f64] {
        &self.mean
    }

    /// Scale of each column; above 0.
    pub fn scale(&self) -> &[f64] {
        &self.scale
    }

    /// Scale `rows`, shape (rows, columns); [`Error::Shape`] for another width.
    pub fn transform(&self, rows: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        self.check(rows)?;
        Ok((&rows - &ArrayView1::from(&self.mean)) / ArrayView1::from(&self.scale))
    }

    /// Undo [`transform`](Self::transform); [`Error::Shape`] for another width.
    pub fn inverse(&self, rows: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        self.check(rows)?;
        Ok(&rows * &ArrayView1::from(&self.scale) + ArrayView1::from(&self.mean))
    }

    fn check(&self, rows: ArrayView2<'_, f64>) -> Result<()> {
        let (got, wanted) = (rows.ncols(), self.columns());
        if got == wanted { Ok(()) } else { Err(Error::shape("scaler input", &[rows.nrows(), wanted], rows.shape())) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_abs_diff_eq;
    use ndarray::array;
    use proptest::prelude::*;

    fn fit(rows: &Array2<f64>) -> StandardScaler {
        StandardScaler::fit(&[TrainingRows::whole(rows.view())]).unwrap()
    }

    #[test]
    fn constant_column_maps_to_zero_and_back() {
        let rows = Array2::from_elem((7, 1), 0.1);
        let scaler = fit(&rows);
        // The mean of seven 0.1s may be off by one ulp, so not exactly zero.
        assert_abs_diff_eq!(scaler.transform(rows.view()).unwrap(), Array2::zeros((7, 1)), epsilon = 1e-15);
        assert_eq!(scaler.scale(), [1.0]);
    }

    #[test]
    fn pooled_series_are_one_table() {
        let whole = array![[1.0, 2.0], [3.0, 5.0], [8.0, 1.0], [2.0, 2.0]];
        let (a, b) = whole.view().split_at(Axis(0), 1);
        let pooled = StandardScaler::fit(&[TrainingRows::whole(a), TrainingRows::whole(b)]).unwrap();
        assert_eq!(pooled, fit(&whole));
    }

    #[test]
    fn errors_name_wanted_and_given() {
        let none = Array2::<f64>::zeros((0, 2));
        let error = StandardScaler::fit(&[TrainingRows::whole(none.view())]).unwrap_err();
        assert_eq!(error.to_string(), "a scaler needs at least 1 bars, got 0; give a longer history");
        let scaler = fit(&array![[1.0, 2.0], [3.0, 4.0]]);
        let error = scaler.transform(array![[1.0, 2.0, 3.0]].view()).unwrap_err();
        assert_eq!(error.to_string(), "scaler input: expected shape [1, 2], got [1, 3]");
    }

    #[test]
    fn what_was_written_is_read_back_and_checked() {
        let scaler = fit(&array![[1.0, 2.0], [3.0, 5.0]]);
        assert_eq!((scaler.mean(), scaler.scale(), scaler.columns()), (&[2.0, 3.5][..], &[1.0, 1.5][..], 2));
        let json = serde_json::to_string(&scaler).unwrap();
        assert_eq!(serde_json::from_str::<StandardScaler>(&json).unwrap(), scaler);
        for bad in [
            r#"{"mean":[1.0],"scale":[1.0,2.0]}"#,
            r#"{"mean":[1.0,2.0],"scale":[1.0,0.0]}"#,
            r#"{"mean":[1.0,2.0],"scale":[1.0,-1.0]}"#,
        ] {
            assert!(serde_json::from_str::<StandardScaler>(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn inverse_undoes_transform(values in prop::collection::vec(-1e6f64..1e6, 12)) {
            let rows = Array2::from_shape_vec((4, 3), values).unwrap();
            let scaler = fit(&rows);
            let back = scaler.inverse(scaler.transform(rows.view()).unwrap().view()).unwrap();
            // Values up to 1e6 with 16 digits, a few roundings each.
            assert_abs_diff_eq!(back, rows, epsilon = 1e-8);
        }
    }
}
