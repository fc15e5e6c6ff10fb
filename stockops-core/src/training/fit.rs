//! The training loop: epochs, shuffling, Adam, clipping, plateau, early stop; the best epoch is kept.

use std::time::Instant;

use burn::module::{ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::Tensor;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use super::average::Average;
use super::learner::Learner;
use super::loss::Loss;
use super::optimizer::Optimizer;
use super::samples::{Samples, Task};
use super::{Epoch, Event, TrainConfig, Watch};
use crate::error::{Error, Result};
use crate::model::{Device, matrix};

/// What happened in a training.
#[derive(Debug, Clone, PartialEq)]
pub struct History {
    /// One entry an epoch.
    pub epochs: Vec<Epoch>,
    /// The epoch whose weights were kept, from 1: the best on validation, or the last without validation; 0 where the
    /// weights from before training were best.
    pub best: usize,
}

/// Samples that are evaluated at once.
const EVALUATION_BATCH: usize = 512;

/// Fit `learner` to the training samples of `task`; choose the epoch on those of validation, where there are some.
///
/// The weights before the first epoch take part in the choice, so that training never makes the validation loss worse.
///
/// # Errors
///
/// [`Error::Diverged`] names the epoch whose loss is not finite, or which left a weight that is not.
pub(crate) fn fit<L: Learner>(
    learner: L,
    device: Device,
    task: &Task<'_>,
    config: &TrainConfig,
    watch: &mut Watch<'_>,
) -> Result<(L, History)> {
    config.check()?;
    let Task { train, validation, features } = *task;
    if train.len() == 0 {
        return Err(Error::TooShort { what: "training (windows)".into(), needed: 1, got: 0 });
    }
    let mut run = Run::new(learner, device, config, Loss::new(&config.column_weights, features)?)?;
    let validated = validation.len() > 0;
    let mut best = (run.current(), 0, if validated { run.loss_over(validation)? } else { f64::INFINITY });
    let mut plateau = Plateau::new(config);
    let mut epochs = Vec::new();
    watch.tell(Event::Begin { epochs: config.epochs, batches: train.len().div_ceil(config.batch) })?;
    for epoch in 1..=config.epochs {
        let (started, lr) = (Instant::now(), plateau.lr);
        let train_loss = run.epoch(epoch, lr, train, watch)?;
        let val_loss = if validated { Some(run.loss_over(validation)?) } else { None };
        let seconds = started.elapsed().as_secs_f64();
        epochs.push(Epoch { epoch, train_loss, val_loss, lr, seconds });
        watch.tell(Event::Epoch(&epochs[epoch - 1]))?;
        run.check(epoch, [Some(train_loss), val_loss])?;
        if val_loss.is_none_or(|loss| loss < best.2) {
            best = (run.current(), epoch, val_loss.unwrap_or(f64::INFINITY));
        }
        if val_loss.is_some_and(|loss| plateau.stop(loss)) {
            break;
        }
    }
    Ok((best.0, History { epochs, best: best.1 }))
}

/// Halves the rate, and in the end stops, when the validation loss no longer falls.
struct Plateau<'a> {
    config: &'a TrainConfig,
    lr: f64,
    best: f64,
    /// Epochs since the best loss, for the rate and for the stop.
    bad: usize,
    worse: usize,
}

impl<'a> Plateau<'a> {
    fn new(config: &'a TrainConfig) -> Self {
        Self { config, lr: config.lr, best: f64::INFINITY, bad: 0, worse: 0 }
    }

    /// Take the loss of an epoch; whether training should stop. A loss that is NaN is never better.
    fn stop(&mut self, loss: f64) -> bool {
        if loss < self.best {
            (self.best, self.bad, self.worse) = (loss, 0, 0);
            return false;
        }
        (self.bad, self.worse) = (self.bad + 1, self.worse + 1);
        if self.bad >= self.config.patience {
            (self.lr, self.bad) = (self.lr / 2.0, 0);
        }
        self.worse >= self.config.stop_after
    }
}

/// A training under way.
struct Run<'a, L> {
    learner: L,
    optimizer: Optimizer,
    rng: ChaCha8Rng,
    config: &'a TrainConfig,
    loss: Loss,
    device: burn::tensor::Device,
    /// Where the weights of the whole training are averaged.
    average: Option<Average>,
    steps: u64,
}

impl<'a, L: Learner> Run<'a, L> {
    fn new(learner: L, device: Device, config: &'a TrainConfig, loss: Loss) -> Result<Self> {
        Ok(Self {
            loss,
            learner: learner.train(),
            optimizer: Optimizer::new(device, config),
            rng: ChaCha8Rng::seed_from_u64(config.seed),
            config,
            device: device.burn()?,
            average: (config.average > 0.0).then(|| Average::new(config.average)),
            steps: 0,
        })
    }

    /// One pass over `train` in an order of its own; the mean loss over its samples.
    fn epoch(&mut self, epoch: usize, lr: f64, train: &dyn Samples, watch: &mut Watch<'_>) -> Result<f64> {
        let mut order: Vec<usize> = (0..train.len()).collect();
        order.shuffle(&mut self.rng);
        let mut sum = 0.0;
        for (batch, indices) in order.chunks(self.config.batch).enumerate() {
            sum += self.step(lr, train, indices) * indices.len() as f64;
            watch.tell(Event::Batch { epoch, batch: batch + 1 })?;
        }
        Ok(sum / train.len() as f64)
    }

    /// One step of Adam on the samples `indices`; their mean loss before it.
    fn step(&mut self, lr: f64, samples: &dyn Samples, indices: &[usize]) -> f64 {
        self.steps += 1;
        let seed = self.config.seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(self.steps);
        let (inputs, targets) = batch(samples, indices, &self.device.clone().autodiff());
        let loss = self.loss.mean_square(self.learner.outputs(inputs, Some(seed)), targets);
        let grads = GradientsParams::from_grads(loss.backward(), &self.learner);
        self.learner = self.optimizer.step(self.learner.clone(), grads, lr);
        if let Some(average) = &mut self.average {
            average.update(&self.learner);
        }
        f64::from(loss.into_scalar::<f32>())
    }

    /// What would be kept now: the averaged weights, or the weights as they are.
    fn current(&self) -> L {
        let learner = self.learner.valid();
        match &self.average {
            Some(average) => average.of(learner),
            None => learner,
        }
    }

    /// Mean loss over `samples` without dropout or gradients.
    fn loss_over(&self, samples: &dyn Samples) -> Result<f64> {
        let learner = self.current();
        let all: Vec<usize> = (0..samples.len()).collect();
        let of = |indices: &[usize]| {
            let (inputs, targets) = batch(samples, indices, &self.device);
            f64::from(self.loss.mean_square(learner.outputs(inputs, None), targets).into_scalar::<f32>())
                * indices.len() as f64
        };
        Ok(all.chunks(EVALUATION_BATCH).map(of).sum::<f64>() / samples.len() as f64)
    }

    /// [`Error::Diverged`] where a loss of `epoch`, or a weight that would be kept after it, is not a finite number.
    fn check(&self, epoch: usize, losses: [Option<f64>; 2]) -> Result<()> {
        let mut weights = AllFinite(true);
        self.current().visit(&mut weights);
        if weights.0 && losses.into_iter().flatten().all(f64::is_finite) {
            Ok(())
        } else {
            Err(Error::Diverged { epoch })
        }
    }
}

/// Whether every weight of a module is a finite number.
struct AllFinite(bool);

impl ModuleVisitor for AllFinite {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let values = param.val().into_data().try_into_vec::<f32>();
        self.0 &= values.is_ok_and(|values| values.iter().all(|value| value.is_finite()));
    }
}

fn batch(samples: &dyn Samples, indices: &[usize], device: &burn::tensor::Device) -> (Tensor<2>, Tensor<2>) {
    let (mut inputs, mut targets) = (Vec::new(), Vec::new());
    for index in indices {
        samples.push_input(*index, &mut inputs);
        samples.push_target(*index, &mut targets);
    }
    (matrix(inputs, indices.len(), device), matrix(targets, indices.len(), device))
}

#[cfg(test)]
#[path = "golden.rs"]
mod golden;
