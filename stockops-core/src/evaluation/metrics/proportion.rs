//! A share with its interval.

/// The 97.5 % quantile of the normal distribution.
const Z: f64 = 1.959_963_984_540_054;

/// Wilson's 95 % interval of a share (Wilson 1927), where `hits` of `n` trials succeeded; [0, 1] without trials.
///
/// Neither has to be whole, so that dependent trials may count as fewer.
///
/// # Example
///
/// ```
/// let [low, high] = stockops_core::evaluation::wilson(5.0, 10.0);
/// assert!((low - 0.2366).abs() < 1e-4 && (high - 0.7634).abs() < 1e-4);
/// ```
pub fn wilson(hits: f64, n: f64) -> [f64; 2] {
    if n <= 0.0 {
        return [0.0, 1.0];
    }
    let (share, z2) = (hits / n, Z * Z);
    let centre = (share + z2 / (2.0 * n)) / (1.0 + z2 / n);
    let half = Z / (1.0 + z2 / n) * (share * (1.0 - share) / n + z2 / (4.0 * n * n)).sqrt();
    // At no hit, and at hits alone, rounding may leave a hair outside.
    [(centre - half).max(0.0), (centre + half).min(1.0)]
}
