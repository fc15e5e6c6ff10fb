//! One epoch of the contract's network, batch 32, on 320 windows: ten steps.

use criterion::{Criterion, criterion_group, criterion_main};
use stockops_benches::index;
use stockops_core::TransferTrainer;
use stockops_core::dataset::{Dataset, DatasetConfig, Part};
use stockops_core::training::{TrainConfig, Watch};

fn training(c: &mut Criterion) {
    // 536 days leave 320 windows to train on.
    let bars = index().expect("the bars of the crate").last(563);
    let dataset = Dataset::new(&bars, &DatasetConfig::default()).expect("enough bars");
    let name = format!("one epoch of {} windows", dataset.windows(Part::Train).len());
    let (trainer, config) = (TransferTrainer::default(), TrainConfig { epochs: 1, ..TrainConfig::default() });
    let mut group = c.benchmark_group("training");
    group.sample_size(10);
    group.bench_function(name, |b| {
        b.iter(|| {
            trainer.parent(std::slice::from_ref(&dataset), &config, &mut Watch::silent()).expect("enough windows")
        });
    });
    group.finish();
}

criterion_group!(benches, training);
criterion_main!(benches);
