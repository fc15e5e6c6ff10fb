//! The machine's peak of fused multiply-adds, measured: independent chains in registers and nothing else.

use std::hint::black_box;
use std::time::{Duration, Instant};

/// Chains that do not wait for each other: two units times a latency of four to five steps, and some to spare.
const CHAINS: usize = 12;

/// Steps of each chain between two looks at the clock.
const STEPS: usize = 100_000;

/// How long each instruction set is measured.
const TIME: Duration = Duration::from_millis(300);

/// Billions of floating-point operations a second on `threads` threads, with the best instructions that were found;
/// NaN where this file knows none.
pub(crate) fn gflops(threads: usize) -> f64 {
    kernels().into_iter().map(|(run, lanes)| on_threads(threads, run, lanes)).fold(f64::NAN, f64::max)
}

type Kernel = fn() -> f32;

/// The kernels that this machine can run, with the floats of one register.
#[cfg(target_arch = "x86_64")]
fn kernels() -> Vec<(Kernel, usize)> {
    let mut all: Vec<(Kernel, usize)> = Vec::new();
    if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
        // SAFETY: AVX2 and FMA were detected just above.
        all.push((|| unsafe { avx2() }, 8));
    }
    if is_x86_feature_detected!("avx512f") {
        // SAFETY: AVX-512F was detected just above.
        all.push((|| unsafe { avx512() }, 16));
    }
    all
}

#[cfg(not(target_arch = "x86_64"))]
fn kernels() -> Vec<(Kernel, usize)> {
    Vec::new()
}

/// All threads at once; the rate of each is its own work over its own time.
fn on_threads(threads: usize, run: Kernel, lanes: usize) -> f64 {
    let rate = move || {
        let (start, mut rounds) = (Instant::now(), 0);
        while start.elapsed() < TIME {
            black_box(run());
            rounds += 1;
        }
        let operations = 2 * lanes * CHAINS * STEPS * rounds;
        operations as f64 / start.elapsed().as_secs_f64() / 1e9
    };
    let workers: Vec<_> = (0..threads).map(|_| std::thread::spawn(rate)).collect();
    workers.into_iter().map(|worker| worker.join().expect("a loop that cannot panic")).sum()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn avx2() -> f32 {
    use std::arch::x86_64::{_mm256_add_ps, _mm256_cvtss_f32, _mm256_fmadd_ps, _mm256_set1_ps};
    let (factor, addend) = (_mm256_set1_ps(black_box(0.999)), _mm256_set1_ps(black_box(1e-3)));
    let mut sums = [_mm256_set1_ps(black_box(0.5)); CHAINS];
    for _ in 0..STEPS {
        for sum in &mut sums {
            *sum = _mm256_fmadd_ps(*sum, factor, addend);
        }
    }
    _mm256_cvtss_f32(sums.into_iter().fold(addend, |a, b| _mm256_add_ps(a, b)))
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f")]
fn avx512() -> f32 {
    use std::arch::x86_64::{_mm512_add_ps, _mm512_cvtss_f32, _mm512_fmadd_ps, _mm512_set1_ps};
    let (factor, addend) = (_mm512_set1_ps(black_box(0.999)), _mm512_set1_ps(black_box(1e-3)));
    let mut sums = [_mm512_set1_ps(black_box(0.5)); CHAINS];
    for _ in 0..STEPS {
        for sum in &mut sums {
            *sum = _mm512_fmadd_ps(*sum, factor, addend);
        }
    }
    _mm512_cvtss_f32(sums.into_iter().fold(addend, |a, b| _mm512_add_ps(a, b)))
}
