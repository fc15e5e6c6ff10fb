//! Ratios of splits, as companies choose them.

/// New shares for one old in common splits, as fractions; their inverses are reverse splits.
const RATIOS: [(u32, u32); 17] = [
    (3, 2),
    (2, 1),
    (5, 2),
    (3, 1),
    (4, 1),
    (5, 1),
    (6, 1),
    (7, 1),
    (8, 1),
    (10, 1),
    (15, 1),
    (20, 1),
    (25, 1),
    (30, 1),
    (40, 1),
    (50, 1),
    (100, 1),
];

/// The split, as (new, old) shares, whose ratio lies nearest to `log_ratio` and within `tolerance` of it, both in log units.
pub(crate) fn split_near(log_ratio: f64, tolerance: f64) -> Option<(u32, u32)> {
    split_by(|ratio| (log_ratio - ratio).abs(), tolerance)
}

/// The split that is nearest by `distance`, a function of the log of its ratio, and within `tolerance`.
pub(super) fn split_by(distance: impl Fn(f64) -> f64, tolerance: f64) -> Option<(u32, u32)> {
    let both_ways = RATIOS.iter().flat_map(|&(new, old)| [(new, old), (old, new)]);
    let measured = both_ways.map(|(new, old)| (distance((f64::from(new) / f64::from(old)).ln()), (new, old)));
    let nearest = measured.min_by(|a, b| a.0.total_cmp(&b.0))?;
    (nearest.0 < tolerance).then_some(nearest.1)
}
