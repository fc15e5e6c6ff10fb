//! The training loop against PyTorch's numbers: see `tests/golden/README.md` for who made them.

use burn::module::{Module, Param};
use burn::tensor::TensorData;
use serde_json::Value;

use super::*;
use crate::features::FeatureSet;
use crate::model::ModelConfig;
use crate::testing::{golden_json, hashed, hashed_model};
use crate::training::optimizer::Settings;

/// Parameters of the shapes in `adam.json`.
#[derive(Module, Debug)]
struct Four {
    a: Param<Tensor<2>>,
    b: Param<Tensor<1>>,
    c: Param<Tensor<2>>,
    d: Param<Tensor<1>>,
}

impl Four {
    /// Every tensor of `numbers` with its bound, flat, in order.
    fn hashed(first: u32, bound: f64, device: &burn::tensor::Device) -> Self {
        let data = |number: u32, shape: &[usize]| {
            TensorData::new(hashed(first + number, bound, shape.iter().product()), shape.to_vec())
        };
        Self {
            a: Param::from_data(data(0, &[8, 7]), device),
            b: Param::from_data(data(1, &[8]), device),
            c: Param::from_data(data(2, &[5, 8]), device),
            d: Param::from_data(data(3, &[5]), device),
        }
    }

    /// A loss whose gradient is `other`.
    fn dot(&self, other: &Self) -> Tensor<1> {
        let table = |a: &Param<Tensor<2>>, b: &Param<Tensor<2>>| (a.val() * b.val().detach()).sum();
        let list = |a: &Param<Tensor<1>>, b: &Param<Tensor<1>>| (a.val() * b.val().detach()).sum();
        table(&self.a, &other.a) + list(&self.b, &other.b) + table(&self.c, &other.c) + list(&self.d, &other.d)
    }

    fn values(&self) -> Vec<Vec<f32>> {
        let read = |data: TensorData| data.try_into_vec::<f32>().unwrap();
        vec![
            read(self.a.val().into_data()),
            read(self.b.val().into_data()),
            read(self.c.val().into_data()),
            read(self.d.val().into_data()),
        ]
    }
}

fn follows_pytorch(case: &str, optimizer: fn(Settings) -> Optimizer) {
    let golden = golden_json("adam.json");
    let bounds: Vec<f64> = serde_json::from_value(golden["gradient_bounds"].clone()).unwrap();
    let case = &golden[case];
    let number = |name: &str| case[name].as_f64().unwrap();
    let wanted: Vec<Vec<Vec<f32>>> = serde_json::from_value(case["values_after_step"].clone()).unwrap();
    let device = burn::tensor::Device::flex().autodiff();
    let mut module = Four::hashed(0, 0.5, &device);
    let (weight_decay, epsilon, clip) = (number("weight_decay"), number("eps"), number("max_norm"));
    let mut optimizer = optimizer(Settings { weight_decay, epsilon, clip });
    for (step, wanted) in wanted.iter().enumerate() {
        let gradient = Four::hashed(1000 + 100 * step as u32, bounds[step % 4], &device);
        let grads = GradientsParams::from_grads(module.dot(&gradient).backward(), &module);
        module = optimizer.step(module, grads, number("lr"));
        for (own, theirs) in module.values().iter().flatten().zip(wanted.iter().flatten()) {
            // float32 on values below 1; per-tensor clipping would be off by 3e-3, another epsilon by 5e-5.
            assert!((own - theirs).abs() < 1e-6, "step {step}: {own} {theirs}");
        }
    }
}

#[test]
fn adam_and_the_global_clip_follow_pytorch_step_by_step() {
    // In the case `strong` the weight decay can be seen.
    for case in ["contract", "strong"] {
        follows_pytorch(case, |settings| Optimizer::with(Device::Cpu, settings));
        follows_pytorch(case, Optimizer::burn);
    }
}

/// Windows of a table of rows: 60 rows in, 5 out.
struct Table(Vec<Vec<f32>>);

impl Samples for Table {
    fn len(&self) -> usize {
        300
    }

    fn push_input(&self, index: usize, to: &mut Vec<f32>) {
        to.extend(self.0[index..index + 60].iter().flatten());
    }

    fn push_target(&self, index: usize, to: &mut Vec<f32>) {
        to.extend(self.0[index + 60..index + 65].iter().flatten());
    }
}

#[test]
fn a_whole_training_run_follows_pytorchs_loss_curve() {
    let golden = golden_json("training_curve.json");
    let list = |value: &Value| serde_json::from_value::<Vec<Vec<f32>>>(value.clone()).unwrap();
    let (table, wanted) = (Table(list(&golden["rows"])), list(&golden["batch_losses"]));
    let model = hashed_model(&ModelConfig { hidden: 16, layers: 2, dropout: 0.0, ..ModelConfig::default() });
    let config = TrainConfig::default();
    let loss = Loss::new(&config.column_weights, &FeatureSet::default()).unwrap();
    let mut run = Run::new(model, Device::Cpu, &config, loss).unwrap();
    let order: Vec<usize> = (0..table.len()).collect();
    for (epoch, wanted) in wanted.iter().enumerate() {
        for (batch, (indices, wanted)) in order.chunks(32).zip(wanted).enumerate() {
            let loss = run.step(config.lr, &table, indices);
            let error = (loss / f64::from(*wanted) - 1.0).abs();
            // PyTorch in float32 is 1e-7 from float64; another epsilon would be off by 1.5e-3.
            assert!(error < 1e-5, "epoch {epoch}, batch {batch}: {loss} {wanted}");
        }
    }
}
