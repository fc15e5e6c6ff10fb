//! tanh and sigmoid of sixteen floats: one rational function, absolute error below 4e-7.

use super::lanes::Lanes;
#[cfg(test)]
use super::line::Line;

/// Beyond this tanh is one to within a rounding of `f32`.
const SATURATED: f32 = 7.905_311;

/// Numerator of tanh over x, lowest power of x squared last; a minimax fit over `-SATURATED..=SATURATED`.
const NUMERATOR: [f32; 7] =
    [-2.760_768_5e-16, 2.000_188e-13, -8.604_672e-11, 5.122_297_1e-8, 1.485_722_4e-5, 6.372_619_3e-4, 4.893_524_6e-3];

/// Denominator to [`NUMERATOR`].
const DENOMINATOR: [f32; 4] = [1.198_258_4e-6, 1.185_347_1e-4, 2.268_434_6e-3, 4.893_525e-3];

/// Hyperbolic tangent; constant beyond [`SATURATED`], NaN for NaN.
#[inline(always)]
pub(super) fn tanh<V: Lanes>(x: V) -> V {
    let x = x.clamp(SATURATED);
    let square = x.mul(x);
    x.mul(polynomial(square, &NUMERATOR)).div(polynomial(square, &DENOMINATOR))
}

/// Logistic sigmoid, `1 / (1 + exp(-x))`, as `(1 + tanh(x / 2)) / 2`.
#[inline(always)]
pub(super) fn sigmoid<V: Lanes>(x: V) -> V {
    let half = V::splat(0.5);
    tanh(x.mul(half)).mul_add(half, half)
}

/// Horner's rule, highest power first.
#[inline(always)]
fn polynomial<V: Lanes>(x: V, coefficients: &[f32]) -> V {
    let mut sum = V::splat(coefficients[0]);
    for &coefficient in &coefficients[1..] {
        sum = sum.mul_add(x, V::splat(coefficient));
    }
    sum
}

/// Both functions of one line, for the tests of each processor.
#[cfg(test)]
#[inline(always)]
pub(super) fn both<V: Lanes>(x: &Line, tanh_out: &mut Line, sigmoid_out: &mut Line) {
    tanh(V::load(x)).store(tanh_out);
    sigmoid(V::load(x)).store(sigmoid_out);
}
