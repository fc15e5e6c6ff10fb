//! Clipping of the global gradient norm in burn's operations, for devices other than the CPU.

use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::Tensor;

use super::optimizer::clip_factor;

/// Scale all gradients of `module` so that their common norm is at most `max_norm`.
///
/// burn's own clipping is per tensor; the contract's is over all of them.
pub(crate) fn clip_global_norm<M: Module>(grads: GradientsParams, module: &M, max_norm: f64) -> GradientsParams {
    let mut norm = SquaredNorm { grads: &grads, sum: None };
    module.visit(&mut norm);
    let Some(sum) = norm.sum else { return grads };
    let total = f64::from(sum.sqrt().into_scalar::<f32>());
    let factor = clip_factor(total, max_norm);
    if factor >= 1.0 {
        return grads;
    }
    let mut scaled = Scaled { grads, factor };
    module.visit(&mut scaled);
    scaled.grads
}

struct SquaredNorm<'a> {
    grads: &'a GradientsParams,
    sum: Option<Tensor<1>>,
}

impl ModuleVisitor for SquaredNorm<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(grad) = self.grads.get::<D>(param.id) {
            let own = grad.square().sum();
            self.sum = Some(match self.sum.take() {
                Some(sum) => sum + own,
                None => own,
            });
        }
    }
}

struct Scaled {
    grads: GradientsParams,
    factor: f64,
}

impl ModuleVisitor for Scaled {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(grad) = self.grads.remove::<D>(param.id) {
            self.grads.register(param.id, grad.mul_scalar(self.factor));
        }
    }
}
