//! From bars to a dataset, and all of its windows visited.

use criterion::{Criterion, criterion_group, criterion_main};
use stockops_benches::index;
use stockops_core::dataset::{Dataset, DatasetConfig, Part};

fn windows(c: &mut Criterion) {
    let bars = index().expect("the bars of the crate");
    let config = DatasetConfig::default();
    c.bench_function("dataset of 5,357 days", |b| b.iter(|| Dataset::new(&bars, &config).expect("enough bars")));
    let dataset = Dataset::new(&bars, &config).expect("enough bars");
    let train = dataset.windows(Part::Train);
    c.bench_function("all training windows", |b| {
        b.iter(|| (0..train.len()).map(|i| train.context(i)[[59, 3]]).sum::<f32>());
    });
}

criterion_group!(benches, windows);
criterion_main!(benches);
