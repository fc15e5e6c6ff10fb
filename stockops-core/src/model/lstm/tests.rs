//! The fused operation against the one composed of burn's own: outputs, gradients, dropout.

use burn::module::Module;
use burn::tensor::Tensor;

use super::*;
use crate::model::tensors::{tensor, values};
use crate::model::{Device, ModelConfig};
use crate::testing::hashed;

/// Output and the gradients of input and weights under a loss that weighs every output differently.
fn run(fused: bool, config: &ModelConfig, x: [usize; 3], output: Output, dropout: Option<Dropout>) -> Vec<Vec<f32>> {
    let place = burn::tensor::Device::flex().autodiff();
    let model = config.init(Device::Cpu, 3).unwrap().train();
    let input = tensor(hashed(1, 2.0, x.iter().product()), x, &place).require_grad();
    let hidden = if fused {
        fused::lstm(&input, &model.layers, output, dropout).expect("tensors on flex")
    } else {
        composed::lstm(input.clone(), &model.layers, output, dropout)
    };
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

fn assert_equal(config: &ModelConfig, x: [usize; 3], output: Output, dropout: Option<Dropout>) {
    let (own, composed) = (run(true, config, x, output, dropout), run(false, config, x, output, dropout));
    for (index, (a, b)) in own.iter().zip(&composed).enumerate() {
        assert_eq!(a.len(), b.len());
        let largest = b.iter().fold(1e-30f32, |m, v| m.max(v.abs()));
        let error = a.iter().zip(b).fold(0f32, |m, (a, b)| m.max((a - b).abs())) / largest;
        // float32 over up to 60 steps and two orders of summation.
        assert!(error < 2e-5, "{config:?} {x:?} {output:?} part {index}: {error:e}");
    }
}

fn sizes(features: usize, hidden: usize, layers: usize) -> ModelConfig {
    ModelConfig { features, hidden, layers, ..ModelConfig::default() }
}

#[test]
fn every_size_gives_the_outputs_and_gradients_of_burns_operations() {
    for output in [Output::LastStep, Output::AllSteps] {
        assert_equal(&sizes(7, 128, 3), [33, 60, 7], output, None);
        assert_equal(&sizes(7, 16, 1), [1, 5, 7], output, None);
        assert_equal(&sizes(3, 5, 2), [3, 1, 3], output, None);
        assert_equal(&sizes(1, 1, 4), [2, 3, 1], output, None);
    }
}

#[test]
fn dropout_is_the_same_mask_on_both_paths() {
    let dropout = Some(Dropout { probability: 0.4, seed: 9 });
    assert_equal(&sizes(7, 20, 3), [5, 12, 7], Output::LastStep, dropout);
    let of = |dropout| run(true, &sizes(7, 20, 3), [5, 12, 7], Output::LastStep, dropout)[0].clone();
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
