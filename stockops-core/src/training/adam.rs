//! Adam on the CPU: clipping, weight decay, moments and weights in one pass over memory.

use std::collections::HashMap;

use burn::backend::Flex;
use burn::backend::flex::FlexTensor;
use burn::module::{Module, ModuleMapper, ModuleVisitor, Param, ParamId};
use burn::optim::GradientsParams;
use burn::tensor::Tensor;
use rayon::prelude::*;

use super::optimizer::{BETA_1, BETA_2, Settings, clip_factor};

/// Values that one thread treats at a time. The cut depends on sizes alone, so the result does not on the threads.
const CHUNK: usize = 1 << 14;

/// State of `torch.optim.Adam` for the weights of a module on `cpu`.
#[derive(Debug)]
pub(super) struct Adam {
    settings: Settings,
    steps: i32,
    /// First and second moment by weight.
    moments: HashMap<ParamId, [Vec<f32>; 2]>,
}

impl Adam {
    pub(super) fn new(settings: Settings) -> Self {
        Self { settings, steps: 0, moments: HashMap::new() }
    }

    /// One step with rate `lr`; weights without a gradient stay as they are.
    pub(super) fn step<M: Module>(&mut self, module: M, grads: GradientsParams, lr: f64) -> M {
        // On a thread of the pool: from outside, every tensor would wake the others anew.
        rayon::scope(|_| self.step_here(module, grads, lr))
    }

    fn step_here<M: Module>(&mut self, module: M, grads: GradientsParams, lr: f64) -> M {
        self.steps += 1;
        let mut norm = SquaredNorm { grads: &grads, sum: 0.0 };
        module.visit(&mut norm);
        let factor = clip_factor(norm.sum.sqrt(), self.settings.clip);
        let pass = Pass {
            factor: factor as f32,
            decay: self.settings.weight_decay as f32,
            rate: (lr / (1.0 - BETA_1.powi(self.steps))) as f32,
            root: (1.0 - BETA_2.powi(self.steps)).sqrt() as f32,
            epsilon: self.settings.epsilon as f32,
        };
        module.map(&mut Update { grads, pass, moments: &mut self.moments })
    }
}

struct SquaredNorm<'a> {
    grads: &'a GradientsParams,
    sum: f64,
}

impl ModuleVisitor for SquaredNorm<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(grad) = self.grads.get::<D>(param.id) {
            let chunks = flex(grad).storage::<f32>().par_chunks(CHUNK).map(sum_of_squares).collect::<Vec<_>>();
            self.sum += chunks.iter().sum::<f64>();
        }
    }
}

/// Eight sums side by side, since one alone would wait for each addition.
fn sum_of_squares(values: &[f32]) -> f64 {
    let mut sums = [0.0; 8];
    let (eights, rest) = values.as_chunks::<8>();
    for values in eights.iter().map(<[f32; 8]>::as_slice).chain([rest]) {
        for (sum, value) in sums.iter_mut().zip(values) {
            *sum += f64::from(*value) * f64::from(*value);
        }
    }
    sums.iter().sum()
}

/// Numbers of one step.
#[derive(Clone, Copy)]
struct Pass {
    /// What clipping leaves of a gradient.
    factor: f32,
    decay: f32,
    /// Learning rate with the first moment's bias corrected.
    rate: f32,
    /// Bias correction of the second moment's root.
    root: f32,
    epsilon: f32,
}

impl Pass {
    /// As `torch.optim.Adam` without amsgrad: Kingma and Ba (2015), weight decay added to the gradient.
    fn update(self, weights: &mut [f32], grad: &[f32], first: &mut [f32], second: &mut [f32]) {
        let (beta_1, beta_2) = (BETA_1 as f32, BETA_2 as f32);
        for (((w, g), m), v) in weights.iter_mut().zip(grad).zip(first).zip(second) {
            let g = g * self.factor + self.decay * *w;
            *m += (g - *m) * (1.0 - beta_1);
            *v = *v * beta_2 + g * g * (1.0 - beta_2);
            *w -= self.rate * *m / (v.sqrt() / self.root + self.epsilon);
        }
    }
}

struct Update<'a> {
    grads: GradientsParams,
    pass: Pass,
    moments: &'a mut HashMap<ParamId, [Vec<f32>; 2]>,
}

impl ModuleMapper for Update<'_> {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let (id, tensor, mapper) = param.consume();
        let Some(grad) = self.grads.remove::<D>(id) else { return Param::from_mapped_value(id, tensor, mapper) };
        let (mut weights, grad) = (flex(tensor), flex(grad));
        let count = grad.storage::<f32>().len();
        let moments = self.moments.entry(id).or_insert_with(|| [vec![0.0; count], vec![0.0; count]]);
        let [first, second] = moments;
        let chunks = weights.storage_mut::<f32>().par_chunks_mut(CHUNK).zip(grad.storage::<f32>().par_chunks(CHUNK));
        let moments = first.par_chunks_mut(CHUNK).zip(second.par_chunks_mut(CHUNK));
        chunks.zip(moments).for_each(|((w, g), (m, v))| self.pass.update(w, g, m, v));
        let tensor = Tensor::from_primitive::<Flex>(weights).autodiff().require_grad();
        Param::from_mapped_value(id, tensor, mapper)
    }
}

/// The memory of a tensor on `cpu`, row by row.
fn flex<const D: usize>(tensor: Tensor<D>) -> FlexTensor {
    tensor.inner().try_into_primitive::<Flex>().expect("tensors of the device `cpu`").to_contiguous()
}
