//! [`Lanes`] in AVX2 and FMA: two registers of eight floats.

use std::arch::x86_64::{
    __m256, _MM_HINT_T0, _mm_prefetch, _mm256_add_ps, _mm256_div_ps, _mm256_fmadd_ps, _mm256_fnmadd_ps, _mm256_load_ps,
    _mm256_max_ps, _mm256_min_ps, _mm256_mul_ps, _mm256_set1_ps, _mm256_store_ps, _mm256_sub_ps,
};

use super::lanes::Lanes;
use super::line::Line;

/// Sixteen floats in two registers.
///
/// Only `processor.rs` names this type, in functions that are compiled for AVX2 and FMA and called after both were
/// detected. That is what every `unsafe` block below leans on: a value of this type exists only where the
/// instructions do.
#[derive(Clone, Copy)]
pub(super) struct Avx2(__m256, __m256);

impl Lanes for Avx2 {
    // Twelve sums, two registers of the panel and one broadcast fill 15 of 16 registers.
    const TILE_ROWS: usize = 6;
    // Eight sums, as many registers of the panels: this shape does not pay here.
    const WIDE_ROWS: usize = 1;

    #[inline(always)]
    fn splat(value: f32) -> Self {
        // SAFETY: AVX is there, see the type.
        let both = unsafe { _mm256_set1_ps(value) };
        Self(both, both)
    }

    #[inline(always)]
    fn load(line: &Line) -> Self {
        let start = line.0.as_ptr();
        // SAFETY: AVX is there, see the type; a line is 16 floats, aligned to 64 bytes.
        unsafe { Self(_mm256_load_ps(start), _mm256_load_ps(start.add(8))) }
    }

    #[inline(always)]
    fn store(self, line: &mut Line) {
        let start = line.0.as_mut_ptr();
        // SAFETY: AVX is there, see the type; a line is 16 floats, aligned to 64 bytes.
        unsafe {
            _mm256_store_ps(start, self.0);
            _mm256_store_ps(start.add(8), self.1);
        }
    }

    #[inline(always)]
    fn prefetch(line: &Line) {
        // SAFETY: a prefetch reads nothing, and SSE is there.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(line.0.as_ptr().cast()) }
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        // SAFETY: AVX is there, see the type.
        unsafe { Self(_mm256_add_ps(self.0, other.0), _mm256_add_ps(self.1, other.1)) }
    }

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        // SAFETY: AVX is there, see the type.
        unsafe { Self(_mm256_sub_ps(self.0, other.0), _mm256_sub_ps(self.1, other.1)) }
    }

    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        // SAFETY: AVX is there, see the type.
        unsafe { Self(_mm256_mul_ps(self.0, other.0), _mm256_mul_ps(self.1, other.1)) }
    }

    #[inline(always)]
    fn div(self, other: Self) -> Self {
        // SAFETY: AVX is there, see the type.
        unsafe { Self(_mm256_div_ps(self.0, other.0), _mm256_div_ps(self.1, other.1)) }
    }

    #[inline(always)]
    fn mul_add(self, factor: Self, addend: Self) -> Self {
        // SAFETY: FMA is there, see the type.
        unsafe { Self(_mm256_fmadd_ps(self.0, factor.0, addend.0), _mm256_fmadd_ps(self.1, factor.1, addend.1)) }
    }

    #[inline(always)]
    fn neg_mul_add(self, factor: Self, addend: Self) -> Self {
        // SAFETY: FMA is there, see the type.
        unsafe { Self(_mm256_fnmadd_ps(self.0, factor.0, addend.0), _mm256_fnmadd_ps(self.1, factor.1, addend.1)) }
    }

    // `min` and `max` return their second operand when one is NaN, so the value stands second.
    #[inline(always)]
    fn clamp(self, limit: f32) -> Self {
        let (low, high) = (Self::splat(-limit), Self::splat(limit));
        // SAFETY: AVX is there, see the type.
        unsafe {
            Self(
                _mm256_min_ps(high.0, _mm256_max_ps(low.0, self.0)),
                _mm256_min_ps(high.1, _mm256_max_ps(low.1, self.1)),
            )
        }
    }
}
