//! `StandardScaler` against scikit-learn's: see `golden/README.md` for who made the numbers.

use ndarray::Array2;
use serde_json::Value;
use stockops_core::dataset::{StandardScaler, TrainingRows};

fn matrix(value: &Value) -> Array2<f64> {
    let rows: Vec<Vec<f64>> = serde_json::from_value(value.clone()).unwrap();
    Array2::from_shape_vec((rows.len(), rows[0].len()), rows.concat()).unwrap()
}

#[test]
fn fit_transform_and_inverse_equal_scikit_learns() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/scaler.json");
    let golden: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let rows = matrix(&golden["rows"]);
    let scaler = StandardScaler::fit(&[TrainingRows::whole(rows.view())]).unwrap();
    let list = |name: &str| serde_json::from_value::<Vec<f64>>(golden[name].clone()).unwrap();
    for (own, theirs) in [(scaler.mean(), list("mean")), (scaler.scale(), list("scale"))] {
        for (a, b) in own.iter().zip(theirs) {
            assert!((a / b - 1.0).abs() < 1e-9, "{a} {b}");
        }
    }
    for (input, transformed, inverse) in
        [("rows", "transformed", "inverse"), ("other_rows", "other_transformed", "other_inverse")]
    {
        let own = scaler.transform(matrix(&golden[input]).view()).unwrap();
        for (a, b) in own.iter().zip(&matrix(&golden[transformed])) {
            // Column 6 is about 50,000 with a spread of 0.01: one last bit of its mean moves a scaled value by 3e-9,
            // and one of its scale moves the unseen rows' values, which are far outside, in proportion.
            assert!((a - b).abs() <= 1e-8 * b.abs().max(1.0), "{a} {b}");
        }
        let back = scaler.inverse(own.view()).unwrap();
        for (a, b) in back.iter().zip(&matrix(&golden[inverse])) {
            assert!((a - b).abs() <= 1e-12 * b.abs().max(1.0), "{a} {b}");
        }
    }
}
