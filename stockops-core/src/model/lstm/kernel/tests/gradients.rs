//! Forward and backward pass against the reference, and the reference against finite differences.

use super::super::{Output, Processor, forward_train_on};
use super::cases::{Case, all, difference, widen};
use super::reference::{Layer, Reference};

/// Of an output in -1..1: the activations are exact to 4e-7, and an error grows from layer to layer.
const OUTPUT_TOLERANCE: f64 = 3e-6;

/// Of a gradient, relative to its largest value: sums of up to 2,000 terms, each as exact as the activations.
const GRADIENT_TOLERANCE: f64 = 1e-5;

fn check(processor: Processor, case: &Case) {
    let what = format!(
        "{processor:?}, {:?}, batch {}, steps {}, {:?}, {:?}",
        case.shape, case.batch, case.steps, case.output, case.dropout
    );
    let reference = case.reference();
    let (output, saved) =
        forward_train_on(processor, &case.shape, &case.weights(), &case.x(), case.output, case.dropout).unwrap();
    let error = difference(&output, &reference.forward());
    assert!(error < OUTPUT_TOLERANCE, "{what}: output off by {error}");

    let gradients = saved.backward(&case.d_output(), true).unwrap();
    let (layers, dx) = reference.backward(&widen(&case.d_output()));
    let error = difference(&gradients.x.unwrap(), &dx);
    assert!(error < GRADIENT_TOLERANCE, "{what}: gradient of the input off by {error}");
    for (index, (got, expected)) in case.shape.layers_of(&gradients.weights).iter().zip(&layers).enumerate() {
        let errors = [
            difference(got.weight_ih, &expected.weight_ih),
            difference(got.weight_hh, &expected.weight_hh),
            difference(got.bias_ih, &expected.bias_ih),
            difference(got.bias_hh, &expected.bias_hh),
        ];
        assert!(errors.iter().all(|&error| error < GRADIENT_TOLERANCE), "{what}: layer {index} off by {errors:?}");
    }
}

#[test]
fn all_sizes_match_the_reference() {
    for case in all() {
        check(Processor::detect(), &case);
    }
}

#[test]
fn all_steps_and_dropout_match_the_reference() {
    for case in all() {
        check(Processor::detect(), &case.with_output(Output::AllSteps).with_dropout(0.3));
    }
}

#[test]
fn every_processor_matches_the_reference() {
    for processor in Processor::available() {
        for (layers, hidden, input, batch, steps) in [(1, 1, 1, 1, 1), (3, 20, 7, 33, 5), (2, 48, 18, 16, 11)] {
            let case = Case::new(layers, hidden, input, batch, steps);
            check(processor, &case);
            check(processor, &case.clone().with_dropout(0.5));
            check(processor, &case.with_output(Output::AllSteps));
        }
    }
}

#[test]
fn gradient_of_the_input_is_left_out_unless_wanted() {
    let case = Case::new(2, 20, 7, 9, 4);
    let run = |want_dx| {
        let (_, saved) =
            forward_train_on(Processor::detect(), &case.shape, &case.weights(), &case.x(), case.output, case.dropout)
                .unwrap();
        saved.backward(&case.d_output(), want_dx).unwrap()
    };
    let (with, without) = (run(true), run(false));
    assert_eq!(without.x, None);
    assert_eq!(with.weights, without.weights);
}

/// Picks one part of a layer's weights.
type Part = fn(&mut Layer) -> &mut Vec<f64>;

/// The sum of the output times `d_output`.
fn loss(reference: &Reference, d_output: &[f64]) -> f64 {
    reference.forward().iter().zip(d_output).map(|(a, b)| a * b).sum()
}

/// Compares `gradient` with differences of the loss when `values` of the reference are moved a little.
fn check_differences(
    reference: &Reference,
    d_output: &[f64],
    gradient: &[f64],
    values: impl Fn(&mut Reference) -> &mut Vec<f64>,
) {
    const MOVE: f64 = 1e-5;
    for (index, gradient) in gradient.iter().enumerate() {
        let moved = |by: f64| {
            let mut reference = reference.clone();
            values(&mut reference)[index] += by;
            loss(&reference, d_output)
        };
        let slope = (moved(MOVE) - moved(-MOVE)) / (2.0 * MOVE);
        // The third derivative times MOVE squared, and rounding over MOVE.
        assert!((slope - gradient).abs() < 1e-8, "value {index}: slope {slope}, gradient {gradient}");
    }
}

#[test]
fn reference_matches_finite_differences() {
    for output in [Output::LastStep, Output::AllSteps] {
        let case = Case::new(2, 3, 2, 2, 4).with_output(output).with_dropout(0.4);
        let (reference, d_output) = (case.reference(), widen(&case.d_output()));
        let (layers, dx) = reference.backward(&d_output);
        check_differences(&reference, &d_output, &dx, |reference| &mut reference.x);
        for (index, gradients) in layers.iter().enumerate() {
            let parts: [(&Vec<f64>, Part); 4] = [
                (&gradients.weight_ih, |layer| &mut layer.weight_ih),
                (&gradients.weight_hh, |layer| &mut layer.weight_hh),
                (&gradients.bias_ih, |layer| &mut layer.bias_ih),
                (&gradients.bias_hh, |layer| &mut layer.bias_hh),
            ];
            for (gradient, part) in parts {
                check_differences(&reference, &d_output, gradient, |reference| part(&mut reference.layers[index]));
            }
        }
    }
}
