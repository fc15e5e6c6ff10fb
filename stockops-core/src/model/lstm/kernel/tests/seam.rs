//! What the seam refuses, and the words it says.

use super::super::{LayerWeights, LstmShape, Output, PackedLstm, Saved, Sequences, forward_train};
use super::cases::Case;

#[test]
fn wrong_sizes_are_errors_that_name_them() {
    let case = Case::new(2, 3, 2, 4, 5);
    let (weights, x) = (case.weights(), case.x());
    let error = |shape: &LstmShape, weights: &[LayerWeights<'_>], x: &Sequences<'_>| {
        let error = forward_train(shape, weights, x, Output::LastStep, None).unwrap_err();
        assert!(
            PackedLstm::new(shape, weights).and_then(|lstm| lstm.forward(x, Output::LastStep)) == Err(error.clone())
        );
        error.to_string()
    };
    let shape = case.shape;
    assert_eq!(error(&LstmShape { hidden: 0, ..shape }, &weights, &x), "LSTM hidden: expected at least 1, got 0");
    assert_eq!(error(&shape, &weights[..1], &x), "LSTM layers of weights: expected 2, got 1");
    assert_eq!(error(&LstmShape { input: 3, ..shape }, &weights, &x), "LSTM weight_ih: expected 36, got 24");
    assert_eq!(error(&shape, &weights, &Sequences { batch: 5, ..x }), "LSTM input values: expected 50, got 40");
    assert_eq!(error(&shape, &weights, &Sequences { steps: 0, ..x }), "LSTM steps: expected at least 1, got 0");
}

#[test]
fn values_may_cross_threads() {
    fn assert_send_sync<T: Send + Sync>() {}
    assert_send_sync::<Saved>();
    assert_send_sync::<PackedLstm>();
}

#[test]
fn gradient_of_another_size_is_an_error() {
    let case = Case::new(1, 3, 2, 4, 5);
    let (_, saved) = forward_train(&case.shape, &case.weights(), &case.x(), Output::AllSteps, None).unwrap();
    let error = saved.backward(&[0.0; 12], false).unwrap_err();
    assert_eq!(error.to_string(), "LSTM gradient of the output: expected 60, got 12");
}

#[test]
fn a_nan_in_one_sequence_stays_in_it() {
    let case = Case::new(2, 20, 7, 40, 6);
    let clean = forward_train(&case.shape, &case.weights(), &case.x(), case.output, None).unwrap().0;
    let mut values = case.x().values.to_vec();
    values[3 * 6 * 7 + 5] = f32::NAN;
    let x = Sequences { values: &values, ..case.x() };
    let output = forward_train(&case.shape, &case.weights(), &x, case.output, None).unwrap().0;
    for (row, (got, clean)) in output.chunks(20).zip(clean.chunks(20)).enumerate() {
        assert!(if row == 3 { got.iter().all(|value| value.is_nan()) } else { got == clean }, "row {row}");
    }
}

/// Panels go from network to network. What is not a number in the units of a wider one, which diverged, must not stay in the padding of
/// the next.
#[test]
fn a_wider_network_that_diverged_leaves_nothing_in_the_next() {
    let gradients = |case: &Case, weights: &[LayerWeights<'_>]| {
        let (output, saved) = forward_train(&case.shape, weights, &case.x(), Output::LastStep, None).unwrap();
        saved.backward(&vec![output[0]; output.len()], false).unwrap().weights
    };
    let (wider, case) = (Case::new(1, 16, 7, 1, 20), Case::new(1, 8, 7, 1, 20));
    let broken = vec![f32::NAN; wider.shape.weights()];
    for _ in 0..20 {
        assert!(gradients(&wider, &wider.shape.layers_of(&broken)).iter().any(|value| value.is_nan()));
        assert!(gradients(&case, &case.weights()).iter().all(|value| value.is_finite()));
    }
}
