//! The same bits for any number of threads, for AVX2 and AVX-512 with each shape of tile, and whatever ran before.

use super::super::{Gradients, Output, PackedLstm, Processor, forward_train_on};
use super::cases::{Case, difference, widen};

/// Runs `work` in a rayon pool of `threads` threads.
pub(crate) fn in_pool<R: Send>(threads: usize, work: impl FnOnce() -> R + Send) -> R {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(work)
}

fn train(processor: Processor, case: &Case) -> (Vec<f32>, Gradients) {
    let (output, saved) =
        forward_train_on(processor, &case.shape, &case.weights(), &case.x(), case.output, case.dropout).unwrap();
    (output, saved.backward(&case.d_output(), true).unwrap())
}

fn cases() -> [Case; 4] {
    [
        Case::new(3, 128, 7, 32, 20).with_dropout(0.2),
        Case::new(2, 20, 9, 33, 7).with_output(Output::AllSteps),
        Case::new(2, 40, 7, 100, 5).with_dropout(0.5),
        Case::new(1, 128, 7, 1, 60),
    ]
}

#[test]
fn threads_do_not_change_a_bit() {
    for case in cases() {
        let one = in_pool(1, || train(Processor::detect(), &case));
        for threads in [2, 3, 8] {
            assert!(
                in_pool(threads, || train(Processor::detect(), &case)) == one,
                "{threads} threads, {:?}",
                case.shape
            );
        }
        let lstm = PackedLstm::new(&case.shape, &case.weights()).unwrap();
        let one = in_pool(1, || lstm.forward(&case.x(), case.output).unwrap());
        assert!(in_pool(2, || lstm.forward(&case.x(), case.output).unwrap()) == one);
    }
}

#[test]
fn earlier_batches_do_not_change_a_bit() {
    for case in cases() {
        let first = train(Processor::detect(), &case);
        for other in cases() {
            train(Processor::detect(), &other);
        }
        assert!(train(Processor::detect(), &case) == first, "{:?}", case.shape);
    }
}

#[test]
fn vector_processors_agree_bit_for_bit_and_the_portable_one_nearly() {
    for case in cases() {
        let results: Vec<_> = Processor::available().map(|processor| train(processor, &case)).collect();
        for pair in results[1..].windows(2) {
            assert!(pair[0] == pair[1], "{:?}", case.shape);
        }
        let (portable, fastest) = (&results[0], &results[results.len() - 1]);
        // One rounding more for each product.
        assert!(difference(&portable.0, &widen(&fastest.0)) < 2e-6);
        let layers = [portable, fastest].map(|result| case.shape.layers_of(&result.1.weights));
        for (portable, fastest) in layers[0].iter().zip(&layers[1]) {
            assert!(difference(portable.weight_hh, &widen(fastest.weight_hh)) < 1e-5);
        }
    }
}
