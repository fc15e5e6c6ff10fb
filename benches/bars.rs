//! Reading 21 years of daily bars from CSV.gz.

use criterion::{Criterion, criterion_group, criterion_main};
use stockops_core::{ReadOptions, read_bars};

fn bars(c: &mut Criterion) {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../stockops-core/data/GSPC.csv.gz");
    let ticker = "^GSPC".parse().expect("a ticker");
    c.bench_function("read_bars csv.gz 5,357 days", |b| {
        b.iter(|| read_bars(file, &ticker, &ReadOptions::default()).expect("the file of the crate"));
    });
}

criterion_group!(benches, bars);
criterion_main!(benches);
