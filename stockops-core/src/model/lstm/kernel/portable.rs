//! [`Lanes`] for any processor: plain arrays that the compiler vectorises as it can.

use super::lanes::Lanes;
use super::line::{Line, WIDTH};

/// Sixteen floats as an array.
#[derive(Clone, Copy)]
pub(super) struct Portable([f32; WIDTH]);

impl Portable {
    #[inline(always)]
    fn zip(mut self, other: Self, operation: impl Fn(f32, f32) -> f32) -> Self {
        for (a, b) in self.0.iter_mut().zip(other.0) {
            *a = operation(*a, b);
        }
        self
    }
}

impl Lanes for Portable {
    const TILE_ROWS: usize = 2;
    const WIDE_ROWS: usize = 1;

    #[inline(always)]
    fn splat(value: f32) -> Self {
        Self([value; WIDTH])
    }

    #[inline(always)]
    fn load(line: &Line) -> Self {
        Self(line.0)
    }

    #[inline(always)]
    fn store(self, line: &mut Line) {
        line.0 = self.0;
    }

    #[inline(always)]
    fn prefetch(_: &Line) {}

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        self.zip(other, |a, b| a + b)
    }

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        self.zip(other, |a, b| a - b)
    }

    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        self.zip(other, |a, b| a * b)
    }

    #[inline(always)]
    fn div(self, other: Self) -> Self {
        self.zip(other, |a, b| a / b)
    }

    // Two roundings: without the instruction, `f32::mul_add` is a slow library call.
    #[inline(always)]
    fn mul_add(self, factor: Self, addend: Self) -> Self {
        self.mul(factor).add(addend)
    }

    #[inline(always)]
    fn neg_mul_add(self, factor: Self, addend: Self) -> Self {
        addend.sub(self.mul(factor))
    }

    #[inline(always)]
    fn clamp(mut self, limit: f32) -> Self {
        for value in &mut self.0 {
            *value = value.clamp(-limit, limit);
        }
        self
    }
}
