//! A forecast of one ticker, and 512 windows through the network at once.

use criterion::{Criterion, criterion_group, criterion_main};
use stockops_benches::index;
use stockops_core::Device;
use stockops_core::dataset::{Dataset, DatasetConfig, Part};
use stockops_core::pipeline::shipped_parent;

fn forecast(c: &mut Criterion) {
    let bars = index().expect("the bars of the crate");
    let parent = shipped_parent(Device::Cpu).expect("the bundle of the crate");
    let recent = bars.last(200);
    c.bench_function("forecast from 200 bars", |b| b.iter(|| parent.forecast(&recent).expect("enough bars")));
    let dataset = Dataset::new(&bars, &DatasetConfig::default()).expect("enough bars");
    let train = dataset.windows(Part::Train);
    let windows: Vec<_> = (0..512).map(|i| train.context(i)).collect();
    let mut group = c.benchmark_group("network");
    group.sample_size(10);
    group.bench_function("512 windows", |b| b.iter(|| parent.model().predict(&windows).expect("right shapes")));
    group.finish();
}

criterion_group!(benches, forecast);
criterion_main!(benches);
