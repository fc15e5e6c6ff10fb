//! `Head`: the linear layer from the last hidden state to all targets, named `fc` in PyTorch.

use burn::module::{Module, Param};
use burn::tensor::Tensor;

/// `y = x W^T + b` in PyTorch's layout: weight `[outputs, hidden]`, bias `[outputs]`.
#[derive(Module, Debug)]
pub struct Head {
    pub(crate) weight: Param<Tensor<2>>,
    pub(crate) bias: Param<Tensor<1>>,
}

impl Head {
    /// Outputs of shape [batch, outputs] for hidden states of shape [batch, hidden].
    pub fn forward(&self, hidden: Tensor<2>) -> Tensor<2> {
        hidden.matmul(self.weight.val().transpose()) + self.bias.val().unsqueeze::<2>()
    }
}
