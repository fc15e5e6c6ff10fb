//! The optimiser of the contract: Adam after clipping of the global norm, as PyTorch has them.

use burn::module::Module;
use burn::optim::decay::WeightDecayConfig;
use burn::optim::{AdamConfig, GradientsParams, ModuleOptimizer};

use super::TrainConfig;
use super::adam::Adam;
use super::clip::clip_global_norm;
use crate::model::Device;

/// Decay of the first moment.
pub(super) const BETA_1: f64 = 0.9;

/// Decay of the second moment.
pub(super) const BETA_2: f64 = 0.999;

/// PyTorch's and the contract's; burn's own default is 1e-5.
const EPSILON: f64 = 1e-8;

/// Settings that do not change from step to step.
#[derive(Debug, Clone, Copy)]
pub(super) struct Settings {
    pub(super) weight_decay: f64,
    pub(super) epsilon: f64,
    /// Largest global norm of a gradient.
    pub(super) clip: f64,
}

/// Adam on a device.
pub(super) enum Optimizer {
    /// One pass over memory, on `cpu`.
    Fused(Adam),
    /// burn's operations, anywhere.
    Burn { adam: Box<ModuleOptimizer>, clip: f64 },
}

impl Optimizer {
    /// With the settings of a training.
    pub(super) fn new(device: Device, config: &TrainConfig) -> Self {
        let TrainConfig { weight_decay, clip, .. } = *config;
        Self::with(device, Settings { weight_decay, epsilon: EPSILON, clip })
    }

    pub(super) fn with(device: Device, settings: Settings) -> Self {
        if device == Device::Cpu { Self::Fused(Adam::new(settings)) } else { Self::burn(settings) }
    }

    pub(super) fn burn(settings: Settings) -> Self {
        let decay = WeightDecayConfig::new(settings.weight_decay as f32);
        let config = AdamConfig::new().with_epsilon(settings.epsilon as f32).with_weight_decay(Some(decay));
        Self::Burn { adam: Box::new(config.init()), clip: settings.clip }
    }

    /// Clip, and take one step with rate `lr`.
    pub(super) fn step<M: Module>(&mut self, module: M, grads: GradientsParams, lr: f64) -> M {
        match self {
            Self::Fused(adam) => adam.step(module, grads, lr),
            Self::Burn { adam, clip } => {
                let grads = clip_global_norm(grads, &module, *clip);
                adam.step(lr, module, grads)
            }
        }
    }
}

/// What `torch.nn.utils.clip_grad_norm_` multiplies gradients of the global norm `norm` by.
pub(super) fn clip_factor(norm: f64, max_norm: f64) -> f64 {
    (max_norm / (norm + 1e-6)).min(1.0)
}
