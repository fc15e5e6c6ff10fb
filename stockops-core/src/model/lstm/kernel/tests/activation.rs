//! tanh and sigmoid on every processor: error, order, extremes.

use super::super::Processor;
use super::super::line::{Line, WIDTH};

/// `(tanh, sigmoid)` of each value.
fn evaluate(processor: Processor, values: &[f32]) -> Vec<(f32, f32)> {
    let mut results = Vec::new();
    for part in values.chunks(WIDTH) {
        let (mut x, mut tanh, mut sigmoid) = (Line::ZERO, Line::ZERO, Line::ZERO);
        x.0[..part.len()].copy_from_slice(part);
        processor.activations(&x, &mut tanh, &mut sigmoid);
        results.extend(tanh.0.into_iter().zip(sigmoid.0).take(part.len()));
    }
    results
}

#[test]
fn error_is_below_four_in_ten_million() {
    let values: Vec<f32> = (-200_000..=200_000).map(|i| i as f32 * 1e-4).collect();
    for processor in Processor::available() {
        for (&x, (tanh, sigmoid)) in values.iter().zip(evaluate(processor, &values)) {
            let x = f64::from(x);
            assert!((f64::from(tanh) - x.tanh()).abs() < 4e-7, "{processor:?}: tanh({x}) = {tanh}");
            let expected = 1.0 / (1.0 + (-x).exp());
            assert!((f64::from(sigmoid) - expected).abs() < 4e-7, "{processor:?}: sigmoid({x}) = {sigmoid}");
        }
    }
}

#[test]
fn values_rise_with_x_and_stay_in_their_range() {
    // Near one, two roundings of one may turn the order round.
    const ROUNDINGS: f32 = 2.0 * f32::EPSILON;
    let values: Vec<f32> = (-2000..=2000).map(|i| i as f32 * 1e-2).collect();
    for processor in Processor::available() {
        let results = evaluate(processor, &values);
        for (before, after) in results.iter().zip(&results[1..]) {
            assert!(
                before.0 <= after.0 + ROUNDINGS && before.1 <= after.1 + ROUNDINGS,
                "{processor:?}: {before:?}, {after:?}"
            );
        }
        assert!(results.iter().all(|(tanh, sigmoid)| tanh.abs() <= 1.0 && (0.0..=1.0).contains(sigmoid)));
    }
}

#[test]
fn extremes_saturate_and_nan_stays() {
    for processor in Processor::available() {
        let results = evaluate(processor, &[f32::INFINITY, f32::NEG_INFINITY, f32::MAX, f32::NAN, 0.0]);
        for (value, expected) in results.iter().zip([(1.0, 1.0), (-1.0, 0.0), (1.0, 1.0)]) {
            let near = |a: f32, b: f32| (a - b).abs() < 4e-7;
            assert!(near(value.0, expected.0) && near(value.1, expected.1), "{processor:?}: {value:?}");
        }
        assert!(results[3].0.is_nan() && results[3].1.is_nan(), "{processor:?}");
        assert_eq!(results[4], (0.0, 0.5), "{processor:?}");
    }
}
