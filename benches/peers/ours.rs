//! Our side of `peers/run.sh`: one item of work in a fresh process, its seconds and its peak of memory.
//!
//! usage: `RAYON_NUM_THREADS=2 peer start|first|T|I1|I512|F_cached [DEVICE] [BATCH]`. `pytorch.py` does the same work. A device is a word such as
//! `libtorch:cuda`; a batch is that of T, 32, and of I512, 512, where nothing else is said.

mod fma_peak;

use std::time::Instant;

use stockops_benches::index;
use stockops_core::dataset::{Dataset, DatasetConfig, Encoding, Part, SplitConfig};
use stockops_core::training::{Event, TrainConfig, Watch};
use stockops_core::{Device, FeatureSet, ModelConfig, Result, Strategy, TransferTrainer};

fn main() -> Result<()> {
    let item = std::env::args().nth(1).unwrap_or_default();
    let device = std::env::args().nth(2).map_or(Ok(Device::Cpu), |word| word.parse())?;
    let batch: Option<usize> = std::env::args().nth(3).and_then(|word| word.parse().ok());
    let seconds = match item.as_str() {
        "start" => return Ok(()),
        "first" => forecasts(device, 1, 0, 1)?,
        "T" => epoch(device, 4_000, batch)?,
        "I1" => forecasts(device, 1, 50, 300)?,
        "I512" => forecasts(device, batch.unwrap_or(512), 3, 8)?,
        "F_cached" => frozen(1_000, 10)?,
        _ => {
            eprintln!("usage: peer start|first|T|I1|I512|F_cached [DEVICE] [BATCH]");
            std::process::exit(2);
        }
    };
    println!("seconds {seconds:.6}");
    if let Some(mib) = peak_memory() {
        println!("peak_mib {mib:.1}");
    }
    if item != "first" && device == Device::Cpu {
        // Right after the work, so that both met the same clock and the same neighbours.
        println!("fma_gflops {:.1}", fma_peak::gflops(rayon_threads()));
    }
    Ok(())
}

/// Exactly `count` training windows of the index, and nothing held out.
fn windows(count: usize) -> Result<Dataset> {
    let split = SplitConfig { min_windows: 1_000_000, ..SplitConfig::default() };
    let warm_up = Encoding::warm_up(&FeatureSet::default());
    let bars = index()?.last(warm_up + count + split.context + split.horizon - 1);
    let dataset = Dataset::new(&bars, &DatasetConfig { split, ..DatasetConfig::default() })?;
    assert_eq!(dataset.windows(Part::Train).len(), count);
    Ok(dataset)
}

/// T: the second epoch of training the default network, as `stockops train-parent` does it.
fn epoch(device: Device, count: usize, batch: Option<usize>) -> Result<f64> {
    let data = windows(count)?;
    let mut seconds = 0.0;
    let mut watch = Watch::new(|event| {
        if let Event::Epoch(epoch) = event {
            seconds = epoch.seconds;
        }
    });
    let plain = TrainConfig::default();
    let config = TrainConfig { epochs: 2, batch: batch.unwrap_or(plain.batch), ..plain };
    let trainer = TransferTrainer { device, ..TransferTrainer::default() };
    trainer.parent(&[data], &config, &mut watch)?;
    drop(watch);
    Ok(seconds)
}

/// I: the median of `repeats` forecasts of `batch` windows, after `warm` that do not count.
fn forecasts(device: Device, batch: usize, warm: usize, repeats: usize) -> Result<f64> {
    let data = windows(batch)?;
    let train = data.windows(Part::Train);
    let contexts: Vec<_> = (0..batch).map(|index| train.context(index)).collect();
    let predictor = ModelConfig::default().init(device, 1)?.predictor()?;
    let mut seconds = Vec::with_capacity(repeats);
    for turn in 0..warm + repeats {
        let start = Instant::now();
        std::hint::black_box(predictor.predict(&contexts)?);
        if turn >= warm {
            seconds.push(start.elapsed().as_secs_f64());
        }
    }
    seconds.sort_by(f64::total_cmp);
    Ok(seconds[seconds.len() / 2])
}

/// F: `epochs` of training the head of a frozen network, with the hidden states that this takes.
fn frozen(count: usize, epochs: usize) -> Result<f64> {
    let data = windows(count)?;
    let parent = ModelConfig::default().init(Device::Cpu, 1)?;
    let trainer = TransferTrainer::default();
    let config = TrainConfig { epochs, ..TrainConfig::default() };
    let train = || trainer.child(Some(&parent), &data, Strategy::Freeze, &config, &mut Watch::silent());
    train()?;
    let start = Instant::now();
    train()?;
    Ok(start.elapsed().as_secs_f64())
}

fn rayon_threads() -> usize {
    let told = std::env::var("RAYON_NUM_THREADS").ok().and_then(|count| count.parse().ok());
    told.or_else(|| std::thread::available_parallelism().ok().map(usize::from)).unwrap_or(1)
}

/// Most memory this process ever held, in MiB, where the system tells.
fn peak_memory() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").parse::<f64>().ok().map(|kib| kib / 1024.0)
}
