//! The fused operation against the one composed of burn's own: outputs, gradients, dropout.

use burn::module::Module;
use burn::tensor::Tensor;

use super::*;
use crate::model::tensors::{tensor, values};
use crate::model::{Device, ModelConfig};
use crate::testing::hashed;

/// One of the paths behind [`lstm`] and the device whose tensors it takes.
type Path = (Device, fn(&Tensor<3>, &[LstmLayer], Output, Option<Dropout>) -> Option<Tensor<3>>);

const FUSED: Path = (Device::Cpu, fused::lstm);
const COMPOSED: Path =
    (Device::Cpu, |x, layers, output, dropout| Some(composed::lstm(x.clone(), layers, output, dropout)));

/// Output and the gradients of input and weights under a loss that weighs every output differently.
fn run(path: Path, config: &ModelConfig, x: [usize; 3], output: Output, dropout: Option<Dropout>) -> Vec<Vec<f32>> {
    let (device, path) = path;
    let place = device.burn().unwrap().autodiff();
    let model = config.init(device, 3).unwrap().train();
    let input = tensor(hashed(1, 2.0, x.iter().product()), x, &place).require_grad();
    let hidden = path(&input, &model.layers, output, dropout).expect("tensors of the path's device");
    let weigh: Tensor<3> = tensor(hashed(2, 1.0, hidden.dims().iter().product()), hidden.dims(), &place);
    let grads = (hidden.clone() * weigh).sum().backward();
    let mut all = vec![values(hidden).unwrap(), values(input.grad(&grads).unwrap()).unwrap()];
    for layer in &model.layers {
        all.push(values(layer.weight_ih.val().grad(&grads).unwrap()).unwrap());
        all.push(values(layer.weight_hh.val().grad(&grads).unwrap()).unwrap());
        all.push(values(layer.bias_ih.val().grad(&grads).unwrap()).unwrap());
        all.push(values(layer.bias_hh.val().grad(&grads).unwrap()).unwrap());
    }
    all
}

fn assert_equal(paths: [Path; 2], config: &ModelConfig, x: [usize; 3], output: Output, dropout: Option<Dropout>) {
    let [own, other] = paths.map(|path| run(path, config, x, output, dropout));
    for (index, (a, b)) in own.iter().zip(&other).enumerate() {
        assert_eq!(a.len(), b.len());
        let largest = b.iter().fold(1e-30f32, |m, v| m.max(v.abs()));
        let error = a.iter().zip(b).fold(0f32, |m, (a, b)| m.max((a - b).abs())) / largest;
        // float32 over up to 60 steps and two orders of summation.
        assert!(error < 2e-5, "{config:?} {x:?} {output:?} part {index}: {error:e}");
    }
}

/// Both outputs, partial batches, one step, one unit.
fn assert_equal_at_every_size(paths: [Path; 2]) {
    for output in [Output::LastStep, Output::AllSteps] {
        assert_equal(paths, &sizes(7, 128, 3), [33, 60, 7], output, None);
        assert_equal(paths, &sizes(7, 16, 1), [1, 5, 7], output, None);
        assert_equal(paths, &sizes(3, 5, 2), [3, 1, 3], output, None);
        assert_equal(paths, &sizes(1, 1, 4), [2, 3, 1], output, None);
    }
}

fn sizes(features: usize, hidden: usize, layers: usize) -> ModelConfig {
    ModelConfig { features, hidden, layers, ..ModelConfig::default() }
}

#[test]
fn every_size_gives_the_outputs_and_gradients_of_burns_operations() {
    assert_equal_at_every_size([FUSED, COMPOSED]);
}

#[test]
fn dropout_is_the_same_mask_on_both_paths() {
    let dropout = Some(Dropout { probability: 0.4, seed: 9 });
    assert_equal([FUSED, COMPOSED], &sizes(7, 20, 3), [5, 12, 7], Output::LastStep, dropout);
    let of = |dropout| run(FUSED, &sizes(7, 20, 3), [5, 12, 7], Output::LastStep, dropout)[0].clone();
    assert_ne!(of(dropout), of(None));
    assert_ne!(of(dropout), of(Some(Dropout { probability: 0.4, seed: 10 })));
}

#[test]
fn plain_tensors_give_the_same_as_tracked_ones() {
    let model = sizes(7, 24, 2).init(Device::Cpu, 4).unwrap();
    let of = |place: &burn::tensor::Device, layers: &[LstmLayer]| {
        values(lstm(tensor(hashed(1, 2.0, 3 * 9 * 7), [3, 9, 7], place), layers, Output::AllSteps, None)).unwrap()
    };
    let plain = of(&burn::tensor::Device::flex(), &model.layers);
    let tracked = of(&burn::tensor::Device::flex().autodiff(), &model.train().layers);
    assert_eq!(plain, tracked);
}

/// LibTorch against the kernel of this crate: `benches/peers/libtorch.sh` runs these.
#[cfg(feature = "tch")]
mod libtorch {
    use super::*;

    const TORCH: Path = (Device::Libtorch, torch::lstm);

    #[test]
    fn every_size_gives_the_outputs_and_gradients_of_cpu() {
        assert_equal_at_every_size([TORCH, FUSED]);
    }

    #[test]
    fn dropout_is_the_same_mask_as_on_cpu() {
        let dropout = Some(Dropout { probability: 0.4, seed: 9 });
        assert_equal([TORCH, FUSED], &sizes(7, 20, 3), [5, 12, 7], Output::LastStep, dropout);
    }

    #[test]
    fn predictions_are_those_of_cpu() {
        let window = ndarray::Array2::from_shape_vec((60, 7), hashed(1, 2.0, 420)).unwrap();
        let of = |device| ModelConfig::default().init(device, 3).unwrap().predict(&[window.view()]).unwrap();
        for (torch, cpu) in of(Device::Libtorch).iter().zip(&of(Device::Cpu)) {
            // float32 on values below 1.
            assert!((torch - cpu).abs() < 1e-5, "{torch} {cpu}");
        }
    }
}
