//! Inference gives the numbers of training, whatever the batch, the path and the threads.

use super::super::duet::Duet;
use super::super::single::Single;
use super::super::{Output, PackedLstm, Processor, forward_train_on};
use super::cases::{Case, all, difference};
use super::reproducible::in_pool;

#[test]
fn inference_equals_training_bit_for_bit() {
    for case in all() {
        for output in [Output::LastStep, Output::AllSteps] {
            let processor = Processor::detect();
            let trained = forward_train_on(processor, &case.shape, &case.weights(), &case.x(), output, None).unwrap().0;
            let lstm = PackedLstm::new(&case.shape, &case.weights()).unwrap();
            assert!(lstm.forward(&case.x(), output).unwrap() == trained, "{:?}, batch {}", case.shape, case.batch);
        }
    }
}

#[test]
fn every_processor_matches_the_reference() {
    let case = Case::new(2, 70, 7, 3, 9).with_output(Output::AllSteps);
    let expected = case.reference().forward();
    for processor in Processor::available() {
        let lstm = PackedLstm::new_on(processor, &case.shape, &case.weights()).unwrap();
        let error = difference(&lstm.forward(&case.x(), case.output).unwrap(), &expected);
        // As for training.
        assert!(error < 3e-6, "{processor:?}: off by {error}");
    }
}

#[test]
fn a_row_alone_equals_the_row_in_a_batch() {
    for hidden in [20, 128, 200] {
        let case = Case::new(2, hidden, 7, 45, 13);
        let lstm = PackedLstm::new(&case.shape, &case.weights()).unwrap();
        let whole = lstm.forward(&case.x(), Output::LastStep).unwrap();
        for (row, expected) in whole.chunks(hidden).enumerate() {
            assert!(lstm.forward(&case.row(row), Output::LastStep).unwrap() == expected, "hidden {hidden}, row {row}");
        }
    }
}

#[test]
fn one_packed_network_serves_changing_sizes() {
    let cases: Vec<_> = [(33, 12), (1, 60), (4, 3), (1, 2), (100, 7)].map(|(b, s)| Case::new(2, 72, 7, b, s)).into();
    let lstm = PackedLstm::new(&cases[0].shape, &cases[0].weights()).unwrap();
    for case in cases.iter().chain(&cases) {
        let fresh = PackedLstm::new(&case.shape, &cases[0].weights()).unwrap();
        for output in [Output::LastStep, Output::AllSteps] {
            assert!(lstm.forward(&case.x(), output).unwrap() == fresh.forward(&case.x(), output).unwrap());
        }
    }
}

#[test]
fn two_threads_on_one_sequence_give_the_bits_of_one() {
    // Three blocks have unequal halves; 20 and 200 units leave the last block partly empty.
    for hidden in [20, 40, 128, 200] {
        let mut single = Single::default();
        for steps in [1, 2, 7] {
            let case = Case::new(3, hidden, 7, 1, steps);
            let lstm = PackedLstm::new(&case.shape, &case.weights()).unwrap();
            let expected = in_pool(1, || lstm.forward(&case.x(), Output::AllSteps).unwrap());
            let mut out = vec![0.0; steps * hidden];
            single.forward_with_helper(&lstm, &case.x(), Output::AllSteps, &mut out);
            assert!(out == expected, "hidden {hidden}, steps {steps}");
        }
    }
}

#[test]
fn a_panic_on_one_side_ends_the_other() {
    let mut duet = Duet::default();
    let [first, second] = duet.sides(2);
    std::thread::scope(|scope| {
        let waiting = scope.spawn(move || first.receive(0, &mut []));
        let panicking = scope.spawn(move || {
            let _side = second;
            panic!("as a kernel never should");
        });
        assert!(panicking.join().is_err() && waiting.join().unwrap().is_err());
    });
}

/// Neither a pool of one thread, nor calls from within it, nor more calls than threads may wait for a helper that
/// never comes.
#[test]
fn single_sequences_never_hang() {
    let case = Case::new(2, 128, 7, 1, 30);
    let lstm = PackedLstm::new(&case.shape, &case.weights()).unwrap();
    let forward = || lstm.forward(&case.x(), Output::LastStep).unwrap();
    let expected = forward();
    for threads in [1, 2, 3] {
        in_pool(threads, || {
            for _ in 0..50 {
                assert!(forward() == expected);
            }
            rayon::scope(|scope| {
                for _ in 0..20 {
                    scope.spawn(|_| assert!(forward() == expected));
                }
            });
        });
    }
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| (0..20).for_each(|_| assert!(forward() == expected)));
        }
    });
}
