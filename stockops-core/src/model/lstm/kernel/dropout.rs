//! Dropout between layers, from a hash of the position: the same mask for any number of threads and any cut of the
//! batch.

use super::lanes::Lanes;
use super::line::{Line, WIDTH};

/// Dropout on the output of every layer but the last, at every step, as PyTorch's `nn.LSTM` has it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Dropout {
    /// Share of the values that become zero, `0 <= probability <= 1`; the others are scaled by `1 / (1 - probability)`.
    pub(crate) probability: f32,
    /// Another mask for another seed: take a new one for every batch.
    pub(crate) seed: u64,
}

impl Dropout {
    /// A value is dropped when its hash is below this.
    fn threshold(self) -> u64 {
        (f64::from(self.probability) * 2f64.powi(32)) as u64
    }

    fn scale(self) -> f32 {
        if self.probability < 1.0 { 1.0 / (1.0 - self.probability) } else { 0.0 }
    }
}

/// Seed, layer, step and row mixed into one number; the unit is mixed in for each value.
#[derive(Clone, Copy, Debug)]
pub(super) struct RowKey(u32);

impl RowKey {
    pub(super) fn new(seed: u64, layer: usize, step: usize, row: usize) -> Self {
        let place = mix64(mix64(seed).wrapping_add(layer as u64));
        let place = mix64(place.wrapping_add(step as u64));
        Self((mix64(place.wrapping_add(row as u64)) >> 32) as u32)
    }

    #[inline(always)]
    fn hash(self, unit: u32) -> u32 {
        mix32(self.0.wrapping_add(unit.wrapping_mul(0x9e37_79b9)))
    }
}

/// Finaliser of SplitMix64 (Steele, Lea, Flood 2014) after its increment.
fn mix64(value: u64) -> u64 {
    let value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

/// A bijection of 32 bits with low bias (Wellons, "Prospecting for hash functions"): multiplications that vectorise.
#[inline(always)]
fn mix32(value: u32) -> u32 {
    let value = (value ^ (value >> 16)).wrapping_mul(0x7feb_352d);
    let value = (value ^ (value >> 15)).wrapping_mul(0x846c_a68b);
    value ^ (value >> 16)
}

/// The mask of one layer, `(batch, steps, hidden)`, each value 0 or `1 / (1 - probability)`.
///
/// It is what [`forward_train`](super::forward_train) multiplies the output of `layer` with, for implementations that
/// compose the LSTM from other operations.
#[must_use]
pub(crate) fn dropout_mask(dropout: Dropout, layer: usize, batch: usize, steps: usize, hidden: usize) -> Vec<f32> {
    let mut mask = Vec::with_capacity(batch * steps * hidden);
    let (threshold, scale) = (dropout.threshold(), dropout.scale());
    for row in 0..batch {
        for step in 0..steps {
            let key = RowKey::new(dropout.seed, layer, step, row);
            mask.extend((0..hidden as u32).map(|unit| if u64::from(key.hash(unit)) < threshold { 0.0 } else { scale }));
        }
    }
    mask
}

/// Multiplies lines `(rows, 16)` of unit block `block` with their mask.
#[inline(always)]
pub(super) fn scale<V: Lanes>(lines: &mut [Line], rows: &[RowKey], block: usize, dropout: Dropout) {
    // Above the largest 32-bit number only for probability 1, where every value is dropped by its scale.
    let threshold = u32::try_from(dropout.threshold()).unwrap_or(u32::MAX);
    let scale = dropout.scale();
    let first_unit = (block * WIDTH) as u32;
    for (line, key) in lines.iter_mut().zip(rows) {
        let mut mask = Line::ZERO;
        for (unit, value) in mask.0.iter_mut().enumerate() {
            *value = if key.hash(first_unit + unit as u32) < threshold { 0.0 } else { scale };
        }
        V::load(line).mul(V::load(&mask)).store(line);
    }
}
