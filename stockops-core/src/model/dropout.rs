//! Dropout masks from a counter: the same on every device and for any number of threads.

/// Dropout of one training step: with probability `p` a value between layers becomes 0, the others grow by 1/(1 - p).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Dropout {
    /// Probability, 0 up to but not including 1.
    pub(crate) p: f64,
    /// Names the step: another seed gives another mask.
    pub(crate) seed: u64,
}

impl Dropout {
    /// The mask behind layer `layer`, shape [batch, steps, hidden], row by row.
    pub(crate) fn mask(self, layer: usize, len: usize) -> Vec<f32> {
        let keep = (1.0 / (1.0 - self.p)) as f32;
        let threshold = (self.p * 2f64.powi(64)) as u64;
        let stream = mix(self.seed ^ mix(layer as u64));
        (0..len as u64).map(|i| if mix(stream.wrapping_add(i)) < threshold { 0.0 } else { keep }).collect()
    }
}

/// SplitMix64's finaliser (Steele, Lea and Flood 2014).
fn mix(x: u64) -> u64 {
    let x = x.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fifth_falls_out_and_the_mean_stays() {
        let mask = Dropout { p: 0.2, seed: 1 }.mask(0, 100_000);
        let mean: f32 = mask.iter().sum::<f32>() / 1e5;
        // Four standard errors: 4 * sqrt(0.2 * 0.8 / 1e5) / 0.8.
        assert!((mean - 1.0).abs() < 0.0064, "{mean}");
        assert_ne!(mask, Dropout { p: 0.2, seed: 1 }.mask(1, 100_000));
        assert_ne!(mask, Dropout { p: 0.2, seed: 2 }.mask(0, 100_000));
    }
}
