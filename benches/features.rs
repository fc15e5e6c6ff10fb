//! Features of 5,000 tickers x 20 years in one go.

use criterion::{Criterion, criterion_group, criterion_main};
use stockops_benches::index;
use stockops_core::{Bars, FeatureSet};

/// Tickers of one call; the frames of all 5,000 at once would take 2.6 GB.
const PART: usize = 500;

fn features(c: &mut Criterion) {
    let twenty_years = index().expect("the bars of the crate").last(5_040);
    let part: Vec<Bars> = std::iter::repeat_n(twenty_years, PART).collect();
    let set = FeatureSet::default();
    let mut group = c.benchmark_group("features");
    group.sample_size(10);
    group.bench_function("5,000 tickers x 5,040 days, 500 at a time", |b| {
        b.iter(|| (0..5_000 / PART).map(|_| set.frames(&part).len()).sum::<usize>());
    });
    group.finish();
}

criterion_group!(benches, features);
criterion_main!(benches);
