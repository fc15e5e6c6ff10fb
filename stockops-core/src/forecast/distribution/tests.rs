//! What every distribution promises beside the golden values of `evaluation/golden.rs`.

use proptest::prelude::*;

use super::*;

fn values() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(-1e3f64..1e3, 2..60)
}

fn of(values: Vec<f64>, location: f64, scale: f64) -> Distribution {
    Distribution { location, scale, shape: Arc::new(Shape::new(values).unwrap()) }
}

proptest! {
    #[test]
    fn crps_is_what_the_definition_says(values in values(), y in -1e3f64..1e3, scale in 0.01f64..10.0) {
        let n = values.len() as f64;
        let outcomes: Vec<f64> = values.iter().map(|value| 0.5 + scale * value).collect();
        let to_y: f64 = outcomes.iter().map(|x| (x - y).abs()).sum();
        let between: f64 = outcomes.iter().flat_map(|a| outcomes.iter().map(move |b| (a - b).abs())).sum();
        let crps = of(values, 0.5, scale).crps(y);
        prop_assert!(crps >= 0.0);
        // Sums of 60 numbers up to 1e4.
        prop_assert!((crps - (to_y / n - between / (2.0 * n * n))).abs() < 1e-8);
    }

    #[test]
    fn crps_of_a_point_is_the_absolute_error(point in -1e3f64..1e3, y in -1e3f64..1e3) {
        // Sums of two and a division: a few last bits of 1e3.
        prop_assert!((of(vec![point, point], 0.0, 1.0).crps(y) - (point - y).abs()).abs() < 1e-11);
        prop_assert_eq!(of(vec![-1.0, 1.0], point, 0.0).crps(y), (point - y).abs());
        prop_assert_eq!(gaussian_crps(point, 0.0, y), (point - y).abs());
        let sure = of(vec![-1.0, 1.0], point, 0.0);
        prop_assert_eq!([sure.cdf(point - 1.0), sure.cdf(point), sure.cdf(point + 1.0)], [0.0, 1.0, 1.0]);
    }

    #[test]
    fn quantile_and_cdf_belong_together(values in values(), p in 0.001f64..1.0) {
        let distribution = of(values, 0.0, 1.0);
        let quantile = distribution.quantile(p);
        prop_assert!(distribution.cdf(quantile) >= p - 1e-9);
        prop_assert!(distribution.cdf(quantile - 1e-9) < p);
        let [low, high] = distribution.interval(0.9);
        prop_assert!(low <= high);
    }

    #[test]
    fn a_normal_score_is_near_that_of_its_quantiles(mean in -2.0f64..2.0, sd in 0.1f64..3.0, y in -9.0f64..9.0) {
        // 2,000 quantiles of the normal stand for it.
        let normal = |p: f64| -std::f64::consts::SQRT_2 * statrs::function::erf::erfc_inv(2.0 * p);
        let sample: Vec<f64> = (0..2000).map(|i| normal((f64::from(i) + 0.5) / 2000.0)).collect();
        prop_assert!((of(sample, mean, sd).crps(y) - gaussian_crps(mean, sd, y)).abs() < 1e-3 * sd);
    }
}

#[test]
fn too_few_or_infinite_values_are_refused() {
    for values in [vec![], vec![1.0], vec![1.0, f64::NAN], vec![1.0, 2.0, f64::INFINITY]] {
        assert!(Shape::new(values).is_err());
    }
    let text = Shape::new(vec![1.0]).unwrap_err().to_string();
    assert_eq!(text, "`shape` must be at least 2 values, all finite, got 1");
}

#[test]
fn json_is_the_list_of_values_and_is_checked() {
    let shape = Shape::new(vec![2.0, 1.0]).unwrap();
    assert_eq!(serde_json::to_string(&shape).unwrap(), "[1.0,2.0]");
    assert_eq!(serde_json::from_str::<Shape>("[2.0,1.0]").unwrap(), shape);
    assert!(serde_json::from_str::<Shape>("[2.0]").is_err());
}

#[test]
fn quantiles_of_whole_ranks_do_not_slip() {
    // 0.7 * 10 is 7.000000000000001 to a computer.
    let tenths = of((1..=10).map(f64::from).collect(), 0.0, 1.0);
    assert_eq!(
        (0..=10).map(|i| tenths.quantile(f64::from(i) / 10.0)).collect::<Vec<_>>()[1..],
        tenths.shape.values()[..]
    );
    assert_eq!(tenths.interval(0.8), [1.0, 9.0]);
}
