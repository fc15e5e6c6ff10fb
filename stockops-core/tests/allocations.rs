//! A warm forecast takes memory for its result, not for its steps.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use ndarray::Array2;
use stockops_core::model::Predictor;
use stockops_core::{Device, ModelConfig};

/// Times that memory was taken.
static TAKEN: AtomicUsize = AtomicUsize::new(0);

struct Counting;

// SAFETY: every call goes to the system's allocator unchanged; counting allocates nothing. `realloc` and `alloc_zeroed`
// are the provided ones, which call `alloc`.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        TAKEN.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: `pointer` came from `alloc` above with this layout.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const CALLS: usize = 50;

/// Times that `CALLS` warm forecasts of `batch` windows of `steps` rows take memory.
fn taken(predictor: &Predictor, batch: usize, steps: usize) -> usize {
    let window = Array2::from_elem((steps, 7), 0.1);
    let windows = vec![window.view(); batch];
    for _ in 0..10 {
        predictor.predict(&windows).unwrap();
    }
    let before = TAKEN.load(Ordering::Relaxed);
    for _ in 0..CALLS {
        predictor.predict(&windows).unwrap();
    }
    TAKEN.load(Ordering::Relaxed) - before
}

#[test]
fn a_warm_forecast_takes_no_memory_per_step() {
    let config = ModelConfig { hidden: 64, ..ModelConfig::default() };
    let predictor = config.init(Device::Cpu, 1).unwrap().predictor().unwrap();
    for batch in [1, 3, 40] {
        let (short, long) = (taken(&predictor, batch, 5), taken(&predictor, batch, 90));
        // Less than one more a call: the thread pool takes a block for its queue now and then.
        assert!(long < short + CALLS, "batch {batch}: {short} times for 5 steps, {long} for 90");
        assert!(long < 20 * CALLS, "batch {batch}: {long} times in {CALLS} forecasts");
    }
}
