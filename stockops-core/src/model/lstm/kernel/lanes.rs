//! Arithmetic on sixteen floats at once: the one interface that the kernels are written against.

use super::line::Line;

/// Sixteen `f32` in registers.
///
/// The kernels are generic over this trait and are compiled once for each processor (see `processor.rs`), so each of
/// them is written once. Every method is `#[inline(always)]`: it takes the instruction set of the function that it
/// ends up in.
pub(super) trait Lanes: Copy {
    /// Rows of a tall tile: as many as keep their sums in registers.
    const TILE_ROWS: usize;
    /// Rows of a wide tile.
    const WIDE_ROWS: usize;

    /// `value` in every lane.
    fn splat(value: f32) -> Self;
    fn load(line: &Line) -> Self;
    fn store(self, line: &mut Line);
    /// Tells the processor that `line` will be read soon; changes nothing.
    fn prefetch(line: &Line);
    fn add(self, other: Self) -> Self;
    fn sub(self, other: Self) -> Self;
    fn mul(self, other: Self) -> Self;
    fn div(self, other: Self) -> Self;
    /// `self * factor + addend`.
    fn mul_add(self, factor: Self, addend: Self) -> Self;
    /// `addend - self * factor`.
    fn neg_mul_add(self, factor: Self, addend: Self) -> Self;
    /// Each lane brought into `-limit..=limit`; NaN stays NaN.
    fn clamp(self, limit: f32) -> Self;
}
