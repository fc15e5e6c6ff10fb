//! The network against PyTorch's numbers: see `tests/golden/README.md` for who made them.

use burn::module::Module;
use burn::tensor::Tensor;
use ndarray::ArrayView2;

use super::tensors::{tensor, values};
use super::{Device, LSTMModel, ModelConfig, StateDict};
use crate::testing::{golden, hashed, hashed_model};

/// max |a - b| / max |b|.
fn relative_error(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    let largest = |values: &mut dyn Iterator<Item = f32>| values.fold(0.0, f32::max);
    largest(&mut a.iter().zip(b).map(|(a, b)| (a - b).abs())) / largest(&mut b.iter().map(|b| b.abs()))
}

#[test]
fn forward_and_all_gradients_equal_pytorchs() {
    let bytes = std::fs::read(golden("network.safetensors")).unwrap();
    let (wanted, _) = StateDict::from_safetensors("golden", &bytes).unwrap();
    let close = |name: &str, got: &[f32]| {
        let error = relative_error(got, &wanted.get(name).unwrap().values);
        // float32 with 60 steps; PyTorch's own distance from float64 is 7e-7.
        assert!(error < 1e-5, "{name}: {error:e}");
    };
    let place = burn::tensor::Device::flex().autodiff();
    let model = hashed_model(&ModelConfig::default()).train();
    let input = tensor(hashed(100, 2.0, 5 * 60 * 7), [5, 60, 7], &place).require_grad();
    let target: Tensor<3> = tensor(hashed(101, 1.0, 5 * 5 * 7), [5, 5, 7], &place);
    let output = model.forward(input.clone());
    close("out", &values(output.clone()).unwrap());
    let loss = (output - target).square().mean();
    close("loss", &values(loss.clone()).unwrap());
    let grads = loss.backward();
    close("grad.x", &values(input.grad(&grads).unwrap()).unwrap());
    for (index, layer) in model.layers.iter().enumerate() {
        let grad2 = |param: &burn::module::Param<Tensor<2>>| values(param.val().grad(&grads).unwrap()).unwrap();
        let grad1 = |param: &burn::module::Param<Tensor<1>>| values(param.val().grad(&grads).unwrap()).unwrap();
        close(&format!("grad.lstm.weight_ih_l{index}"), &grad2(&layer.weight_ih));
        close(&format!("grad.lstm.weight_hh_l{index}"), &grad2(&layer.weight_hh));
        close(&format!("grad.lstm.bias_ih_l{index}"), &grad1(&layer.bias_ih));
        close(&format!("grad.lstm.bias_hh_l{index}"), &grad1(&layer.bias_hh));
    }
    close("grad.fc.weight", &values(model.fc.weight.val().grad(&grads).unwrap()).unwrap());
    close("grad.fc.bias", &values(model.fc.bias.val().grad(&grads).unwrap()).unwrap());
}

#[test]
fn a_state_dict_written_by_torch_reads_back_with_equal_outputs() {
    let io: serde_json::Value = serde_json::from_slice(&std::fs::read(golden("small_io.json")).unwrap()).unwrap();
    let flat = |value: &serde_json::Value| -> Vec<f32> {
        let mut all = Vec::new();
        let mut open = vec![value];
        while let Some(value) = open.pop() {
            match value.as_array() {
                Some(items) => open.extend(items.iter().rev()),
                None => all.push(value.as_f64().unwrap() as f32),
            }
        }
        all
    };
    let (input, wanted) = (flat(&io["input"]), flat(&io["output"]));
    for file in ["small.pt", "small_checkpoint.pt"] {
        let model = LSTMModel::from_state(&StateDict::from_pt(&golden(file)).unwrap(), 0.0, Device::Cpu).unwrap();
        let window = |i: usize| ArrayView2::from_shape((60, 7), &input[i * 420..(i + 1) * 420]).unwrap();
        let outputs = model.predict(&[window(0), window(1), window(2)]).unwrap();
        let error = relative_error(outputs.as_slice().unwrap(), &wanted);
        assert!(error < 1e-5, "{file}: {error:e}");
    }
}

/// `ours.safetensors` was written by [`StateDict::to_safetensors`] and read by torch, which wrote `ours_io.json`.
#[test]
fn our_safetensors_load_in_torch_with_equal_outputs() {
    let small = ModelConfig { hidden: 16, layers: 2, ..ModelConfig::default() };
    let model = small.init(Device::Cpu, 5).unwrap();
    let bytes = model.state().unwrap().to_safetensors(std::collections::HashMap::new()).unwrap();
    if std::env::var_os("STOCKOPS_WRITE_GOLDEN").is_some() {
        std::fs::write(golden("ours.safetensors"), &bytes).unwrap();
    }
    assert!(std::fs::read(golden("ours.safetensors")).unwrap() == bytes, "the layout of weights changed: make again");
    let io: serde_json::Value = serde_json::from_slice(&std::fs::read(golden("ours_io.json")).unwrap()).unwrap();
    let wanted: Vec<f32> =
        serde_json::from_value::<Vec<Vec<Vec<f32>>>>(io["output"].clone()).unwrap().concat().concat();
    let input = hashed(100, 2.0, 3 * 420);
    let window = |i: usize| ArrayView2::from_shape((60, 7), &input[i * 420..(i + 1) * 420]).unwrap();
    let outputs = model.predict(&[window(0), window(1), window(2)]).unwrap();
    let error = relative_error(outputs.as_slice().unwrap(), &wanted);
    assert!(error < 1e-5, "{error:e}");
}
