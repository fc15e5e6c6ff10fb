//! The dropout mask: its rate, its scale, its independence; that the kernel uses it is checked with the gradients.

use super::super::{Dropout, Output, dropout_mask, forward_train};
use super::cases::Case;

#[test]
fn rate_and_scale_are_those_of_the_probability() {
    for probability in [0.1_f32, 0.5, 0.9] {
        let mask = dropout_mask(Dropout { probability, seed: 5 }, 0, 32, 60, 128);
        let scale = 1.0 / (1.0 - probability);
        assert!(mask.iter().all(|&value| value == 0.0 || value == scale));
        let rate = mask.iter().filter(|&&value| value == 0.0).count() as f64 / mask.len() as f64;
        // Five standard deviations of a rate over 245,760 values.
        assert!((rate - f64::from(probability)).abs() < 5e-3, "rate {rate} for {probability}");
    }
}

#[test]
fn neighbours_along_every_axis_are_independent() {
    let masks: Vec<_> =
        (0..2).map(|layer| dropout_mask(Dropout { probability: 0.5, seed: 1 }, layer, 8, 16, 64)).collect();
    let other_seed = dropout_mask(Dropout { probability: 0.5, seed: 2 }, 0, 8, 16, 64);
    let mask = &masks[0];
    let pairs = [
        ("unit", &mask[..], &mask[1..]),
        ("step", &mask[..], &mask[64..]),
        ("row", &mask[..], &mask[16 * 64..]),
        ("layer", &mask[..], &masks[1][..]),
        ("seed", &mask[..], &other_seed[..]),
    ];
    for (axis, a, b) in pairs {
        let pairs = a.iter().zip(b);
        let equal = pairs.clone().filter(|(a, b)| a == b).count() as f64 / pairs.count() as f64;
        // Five standard deviations of a rate of one half over 7,000 pairs.
        assert!((equal - 0.5).abs() < 0.03, "{axis}: {equal} of the neighbours are equal");
    }
}

#[test]
fn mask_of_a_row_does_not_depend_on_the_batch() {
    let dropout = Dropout { probability: 0.3, seed: 9 };
    let (small, large) = (dropout_mask(dropout, 1, 3, 5, 20), dropout_mask(dropout, 1, 40, 5, 20));
    assert_eq!(small, large[..small.len()]);
}

#[test]
fn probability_one_drops_everything_and_zero_nothing() {
    let case = Case::new(2, 20, 7, 3, 4).with_output(Output::AllSteps);
    let run = |dropout| forward_train(&case.shape, &case.weights(), &case.x(), case.output, dropout).unwrap().0;
    assert_eq!(run(Some(Dropout { probability: 0.0, seed: 1 })), run(None));
    let mask = dropout_mask(Dropout { probability: 1.0, seed: 1 }, 0, 3, 4, 20);
    assert!(mask.iter().all(|&value| value == 0.0));
    // The upper layer then sees zeros only, so all rows of the batch give the same.
    let output = run(Some(Dropout { probability: 1.0, seed: 1 }));
    let (first, rest) = output.split_at(4 * 20);
    assert!(rest.chunks(4 * 20).all(|row| row == first));
}
