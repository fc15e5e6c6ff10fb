//! A dataset of n rows takes a small multiple of n x features x 4 bytes: its windows are views.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use stockops_core::dataset::{Dataset, DatasetConfig, Part};
use stockops_core::source::builtin_bars;

/// Bytes that are in use.
static LIVE: AtomicUsize = AtomicUsize::new(0);

struct Counting;

// SAFETY: every call goes to the system's allocator unchanged; counting allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LIVE.fetch_add(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: `pointer` came from `alloc` above with this layout.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[test]
fn windows_share_one_buffer() {
    let bars = builtin_bars(&"^GSPC".parse().unwrap()).unwrap().bars;
    let before = LIVE.load(Ordering::Relaxed);
    let dataset = Dataset::new(&bars, &DatasetConfig::default()).unwrap();
    let windows = Part::ALL.map(|part| dataset.windows(part));
    let views: usize = windows.iter().map(|part| (0..part.len()).map(|i| part.context(i).nrows()).sum::<usize>()).sum();
    let held = LIVE.load(Ordering::Relaxed) - before;
    let rows = dataset.rows().nrows();
    assert!(rows > 5_000 && views > 55 * rows);
    let numbers = rows * 7 * 4;
    // The buffer itself, the days, and little more; copies of the windows would be 60 times the buffer.
    assert!(held >= numbers && held < 2 * numbers, "{held} bytes for {rows} rows");
}
