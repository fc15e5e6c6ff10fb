//! A stand-in for the network: HAR of range and volume with conformal intervals, fitted once and then left alone.

use std::collections::BTreeMap;

use stockops_core::drift::{Outcome, TrackRecord};
use stockops_core::forecast::{Case, Field};
use stockops_core::market::Bar;
use stockops_core::{Bars, dataset};

/// Rows that fit it; those that calibrate its intervals follow, and those that tell how its errors spread.
pub(crate) const FITTED: usize = 1_000;
pub(crate) const CALIBRATED: usize = 1_250;

/// Last value, mean of 5 and mean of 22 days, by least squares.
#[derive(Debug)]
struct Har([f64; 4]);

impl Har {
    fn fit(series: &[f64]) -> Self {
        let mut normal = [[0.0; 5]; 4];
        for end in 22..series.len() {
            let x = regressors(&series[..end]);
            for (i, row) in normal.iter_mut().enumerate() {
                for j in 0..4 {
                    row[j] += x[i] * x[j];
                }
                row[4] += x[i] * series[end];
            }
        }
        Self(solve(normal))
    }

    fn forecast(&self, known: &[f64]) -> f64 {
        regressors(known).iter().zip(self.0).map(|(x, weight)| x * weight).sum()
    }
}

fn regressors(known: &[f64]) -> [f64; 4] {
    let mean = |days: usize| known[known.len() - days..].iter().sum::<f64>() / days as f64;
    [1.0, mean(1), mean(5), mean(22)]
}

/// Gauss elimination of four equations.
fn solve(mut rows: [[f64; 5]; 4]) -> [f64; 4] {
    for pivot in 0..4 {
        let own = rows[pivot].map(|value| value / rows[pivot][pivot]);
        rows[pivot] = own;
        for (i, row) in rows.iter_mut().enumerate() {
            if i != pivot {
                let factor = row[pivot];
                row.iter_mut().zip(own).for_each(|(value, own)| *value -= factor * own);
            }
        }
    }
    rows.map(|row| row[4])
}

/// What the stand-in forecast for each bar from [`FITTED`] on, beside what came; watched after bar `since`.
pub(crate) fn track(bars: &Bars, since: usize) -> TrackRecord {
    let all = bars.as_slice();
    let ranges: Vec<f64> = all.iter().map(|bar| dataset::log_range(bar).ln()).collect();
    let volumes: Vec<f64> = all.iter().map(|bar| bar.volume.max(1.0).ln()).collect();
    let (range, volume) = (Har::fit(&ranges[..FITTED]), Har::fit(&volumes[..FITTED]));
    let case = |i: usize| {
        let last = all[i - 1];
        let half = range.forecast(&ranges[..i]).exp() / 2.0;
        let (high, low) = (last.close * half.exp(), last.close * (-half).exp());
        let volume = volume.forecast(&volumes[..i]).exp();
        let predicted = vec![Bar { open: last.close, high, low, volume, date: all[i].date, ..last }];
        let known = &all[..i];
        Case { history: known, actual: &all[i..=i], predicted, unit: dataset::usual_range(known), ..Case::default() }
    };
    let size = |case: &Case<'_>, field: Field| {
        Some(case.error(field, 0)?.abs() / if field.is_price() { case.unit } else { 1.0 })
    };
    let width = |field: Field| {
        let mut sizes: Vec<f64> = (FITTED..CALIBRATED).filter_map(|i| size(&case(i), field)).collect();
        sizes.sort_by(f64::total_cmp);
        (field, sizes[((sizes.len() + 1) as f64 * 0.9).ceil() as usize - 1])
    };
    let widths: BTreeMap<Field, f64> = Field::ALL.into_iter().map(width).collect();
    let outcome = |i: usize| {
        let case = case(i);
        Outcome::with(&case, 1, |field, _| Some(size(&case, field)? <= widths[&field]))
    };
    TrackRecord { since: all[since - 1].date, outcomes: (CALIBRATED..all.len()).filter_map(outcome).collect() }
}
