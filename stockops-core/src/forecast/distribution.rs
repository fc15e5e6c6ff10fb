//! `Distribution`: a forecast as location, scale and a shared empirical shape, with exact scores.

use std::f64::consts::{FRAC_1_SQRT_2, PI};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use statrs::function::erf::erfc;

use crate::error::{Error, Result, check};

/// An empirical distribution: each of its values is as likely as the others.
///
/// The values are kept as they are given, sorted: errors divided by a unit such as volatility, so that
/// `location + scale * value` is a possible outcome. Sums are kept beside them, so that a score takes O(log n).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<f64>", into = "Vec<f64>")]
pub struct Shape {
    sorted: Vec<f64>,
    /// `sums[i]` is the sum of the first i values.
    sums: Vec<f64>,
    /// Half the mean distance of two values that are drawn independently.
    half_distance: f64,
}

impl Shape {
    /// From at least two finite values in any order; [`Error::Config`] otherwise.
    pub fn new(mut values: Vec<f64>) -> Result<Self> {
        let finite = values.iter().filter(|value| value.is_finite()).count();
        check(finite >= 2 && finite == values.len(), "shape", "at least 2 values, all finite", finite)?;
        values.sort_by(f64::total_cmp);
        let running = values.iter().scan(0.0, |sum, value| {
            *sum += value;
            Some(*sum)
        });
        let sums = std::iter::once(0.0).chain(running).collect();
        let count = values.len() as f64;
        // Of all pairs the difference counts once: value i is the larger of i pairs and the smaller of n - 1 - i.
        let pairs = values.iter().enumerate().map(|(i, value)| (2.0 * i as f64 + 1.0 - count) * value);
        let half_distance = pairs.sum::<f64>() / (count * count);
        Ok(Self { sorted: values, sums, half_distance })
    }

    /// The values, ascending.
    pub fn values(&self) -> &[f64] {
        &self.sorted
    }

    /// Share of values at or below `value`.
    fn cdf(&self, value: f64) -> f64 {
        self.sorted.partition_point(|own| *own <= value) as f64 / self.sorted.len() as f64
    }

    /// The smallest value at or below which at least the share `p` lies.
    fn quantile(&self, p: f64) -> f64 {
        let count = self.sorted.len();
        // 1e-9 takes the rounding off p * n, which may lie a hair above a whole number.
        let rank = (p.clamp(0.0, 1.0) * count as f64 - 1e-9).ceil() as usize;
        self.sorted[rank.clamp(1, count) - 1]
    }

    fn crps(&self, value: f64) -> f64 {
        let (count, below) = (self.sorted.len(), self.sorted.partition_point(|own| *own <= value));
        let (lower, all) = (self.sums[below], self.sums[count]);
        let above = (count - below) as f64;
        let distance = (below as f64 * value - lower) + (all - lower - above * value);
        // Rounding may leave a hair below 0.
        (distance / count as f64 - self.half_distance).max(0.0)
    }
}

impl TryFrom<Vec<f64>> for Shape {
    type Error = Error;

    fn try_from(values: Vec<f64>) -> Result<Self> {
        Self::new(values)
    }
}

impl From<Shape> for Vec<f64> {
    fn from(shape: Shape) -> Self {
        shape.sorted
    }
}

/// A forecast distribution: `location + scale * Z`, with `Z` drawn from a shape that many forecasts share.
///
/// # Example
///
/// ```
/// use std::sync::Arc;
/// use stockops_core::forecast::{Distribution, Shape};
///
/// let shape = Arc::new(Shape::new(vec![-1.0, 0.0, 0.0, 1.0])?);
/// let forecast = Distribution { location: 10.0, scale: 2.0, shape };
/// assert_eq!(forecast.interval(0.5), [8.0, 10.0]);
/// assert_eq!(forecast.cdf(11.0), 0.75);
/// assert_eq!(forecast.crps(10.0), 0.25);
/// # Ok::<(), stockops_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Distribution {
    /// Where zero of the shape lies.
    pub location: f64,
    /// Unit of the shape; at least 0. At 0 all outcomes are the location.
    pub scale: f64,
    /// The shape.
    pub shape: Arc<Shape>,
}

impl Distribution {
    /// The smallest outcome at or below which at least the share `p` lies, `p` from 0 to 1.
    pub fn quantile(&self, p: f64) -> f64 {
        self.location + self.scale * self.shape.quantile(p)
    }

    /// Share of outcomes at or below `y`.
    pub fn cdf(&self, y: f64) -> f64 {
        if self.scale > 0.0 { self.shape.cdf(self.standardised(y)) } else { f64::from(y >= self.location) }
    }

    /// The interval between the quantiles `(1 - level) / 2` and `(1 + level) / 2`.
    pub fn interval(&self, level: f64) -> [f64; 2] {
        [self.quantile((1.0 - level) / 2.0), self.quantile((1.0 + level) / 2.0)]
    }

    /// Continuous ranked probability score of the outcome `y`: `E|X - y| - E|X - X'| / 2`, in the unit of `y`; lower is
    /// better.
    ///
    /// That of the empirical distribution itself, where X and X' may be the same value (Gneiting and Raftery 2007), not
    /// the "fair" estimate for the distribution that the values were drawn from.
    pub fn crps(&self, y: f64) -> f64 {
        if self.scale > 0.0 { self.scale * self.shape.crps(self.standardised(y)) } else { (y - self.location).abs() }
    }

    fn standardised(&self, y: f64) -> f64 {
        (y - self.location) / self.scale
    }
}

/// Continuous ranked probability score of the outcome `y` under a normal distribution with standard deviation `sd`.
///
/// With `z = (y - mean) / sd`: `sd (z (2 Phi(z) - 1) + 2 phi(z) - 1 / sqrt(pi))` (Gneiting et al. 2005); `|y - mean|`
/// where `sd` is 0.
pub fn gaussian_crps(mean: f64, sd: f64, y: f64) -> f64 {
    if sd <= 0.0 {
        return (y - mean).abs();
    }
    let z = (y - mean) / sd;
    let below = 0.5 * erfc(-z * FRAC_1_SQRT_2);
    let density = (-0.5 * z * z).exp() / (2.0 * PI).sqrt();
    sd * (z * (2.0 * below - 1.0) + 2.0 * density - 1.0 / PI.sqrt())
}

#[cfg(test)]
mod tests;
