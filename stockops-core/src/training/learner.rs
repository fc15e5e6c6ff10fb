//! Learner: what the training loop can fit, a whole network or a head alone.

use burn::module::Module;
use burn::tensor::Tensor;

use crate::model::{Head, LSTMModel};

/// A module from flat inputs [batch, width] to flat outputs [batch, outputs].
pub(crate) trait Learner: Module {
    /// Outputs; `dropout_seed` turns dropout on.
    fn outputs(&self, inputs: Tensor<2>, dropout_seed: Option<u64>) -> Tensor<2>;
}

impl Learner for LSTMModel {
    fn outputs(&self, inputs: Tensor<2>, dropout_seed: Option<u64>) -> Tensor<2> {
        let [batch, width] = inputs.dims();
        let features = self.config().features;
        let windows = inputs.reshape([batch, width / features, features]);
        self.head().forward(self.hidden(windows, dropout_seed))
    }
}

impl Learner for Head {
    fn outputs(&self, inputs: Tensor<2>, _: Option<u64>) -> Tensor<2> {
        self.forward(inputs)
    }
}
