//! [`Lanes`] in AVX-512: one register of sixteen floats.

use std::arch::x86_64::{
    __m512, _MM_HINT_T0, _mm_prefetch, _mm512_add_ps, _mm512_div_ps, _mm512_fmadd_ps, _mm512_fnmadd_ps, _mm512_load_ps,
    _mm512_max_ps, _mm512_min_ps, _mm512_mul_ps, _mm512_set1_ps, _mm512_store_ps, _mm512_sub_ps,
};

use super::lanes::Lanes;
use super::line::Line;

/// Sixteen floats in one register.
///
/// Only `processor.rs` names this type, in functions that are compiled for AVX-512F and called after it was detected.
/// That is what every `unsafe` block below leans on: a value of this type exists only where the instructions do.
#[derive(Clone, Copy)]
pub(super) struct Avx512(__m512);

impl Lanes for Avx512 {
    // Sixteen of 32 registers hold sums; a taller tile gains nothing, since a shard has sixteen rows.
    const TILE_ROWS: usize = 16;
    // 24 sums, four registers of the panels and one broadcast fill 29 of 32 registers.
    const WIDE_ROWS: usize = 6;

    #[inline(always)]
    fn splat(value: f32) -> Self {
        // SAFETY: AVX-512F is there, see the type.
        Self(unsafe { _mm512_set1_ps(value) })
    }

    #[inline(always)]
    fn load(line: &Line) -> Self {
        // SAFETY: AVX-512F is there, see the type; a line is 16 floats, aligned to 64 bytes.
        Self(unsafe { _mm512_load_ps(line.0.as_ptr()) })
    }

    #[inline(always)]
    fn store(self, line: &mut Line) {
        // SAFETY: AVX-512F is there, see the type; a line is 16 floats, aligned to 64 bytes.
        unsafe { _mm512_store_ps(line.0.as_mut_ptr(), self.0) }
    }

    #[inline(always)]
    fn prefetch(line: &Line) {
        // SAFETY: a prefetch reads nothing, and SSE is there.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(line.0.as_ptr().cast()) }
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        // SAFETY: AVX-512F is there, see the type.
        Self(unsafe { _mm512_add_ps(self.0, other.0) })
    }

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        // SAFETY: AVX-512F is there, see the type.
        Self(unsafe { _mm512_sub_ps(self.0, other.0) })
    }

    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        // SAFETY: AVX-512F is there, see the type.
        Self(unsafe { _mm512_mul_ps(self.0, other.0) })
    }

    #[inline(always)]
    fn div(self, other: Self) -> Self {
        // SAFETY: AVX-512F is there, see the type.
        Self(unsafe { _mm512_div_ps(self.0, other.0) })
    }

    #[inline(always)]
    fn mul_add(self, factor: Self, addend: Self) -> Self {
        // SAFETY: AVX-512F is there, see the type.
        Self(unsafe { _mm512_fmadd_ps(self.0, factor.0, addend.0) })
    }

    #[inline(always)]
    fn neg_mul_add(self, factor: Self, addend: Self) -> Self {
        // SAFETY: AVX-512F is there, see the type.
        Self(unsafe { _mm512_fnmadd_ps(self.0, factor.0, addend.0) })
    }

    // `min` and `max` return their second operand when one is NaN, so the value stands second.
    #[inline(always)]
    fn clamp(self, limit: f32) -> Self {
        let (low, high) = (Self::splat(-limit), Self::splat(limit));
        // SAFETY: AVX-512F is there, see the type.
        Self(unsafe { _mm512_min_ps(high.0, _mm512_max_ps(low.0, self.0)) })
    }
}
