//! The stacked LSTM, composed of burn's operations.

use burn::module::{Module, Param};
use burn::tensor::{Tensor, activation};

use super::dropout::Dropout;
use super::tensors::tensor;

/// Weights of one layer in PyTorch's layout, gates in the order input, forget, cell, output.
#[derive(Module, Debug)]
pub(crate) struct LstmLayer {
    /// Shape [4 hidden, input].
    pub(crate) weight_ih: Param<Tensor<2>>,
    /// Shape [4 hidden, hidden].
    pub(crate) weight_hh: Param<Tensor<2>>,
    /// Shape [4 hidden].
    pub(crate) bias_ih: Param<Tensor<1>>,
    /// Shape [4 hidden].
    pub(crate) bias_hh: Param<Tensor<1>>,
}

/// Hidden state of the last layer at the last step, shape [batch, hidden], for `input` of shape [batch, steps, input].
///
/// Dropout, where given, falls between layers, as in `torch.nn.LSTM`.
pub(crate) fn last_hidden(input: Tensor<3>, layers: &[LstmLayer], dropout: Option<Dropout>) -> Tensor<2> {
    let mut sequence = input;
    for (index, layer) in layers.iter().enumerate() {
        sequence = layer.forward(sequence);
        if let Some(dropout) = dropout.filter(|dropout| index + 1 < layers.len() && dropout.p > 0.0) {
            let shape = sequence.dims();
            let mask = dropout.mask(index, shape.iter().product());
            sequence = sequence.clone() * tensor(mask, shape, &sequence.device().inner());
        }
    }
    let [batch, steps, hidden] = sequence.dims();
    sequence.slice([0..batch, steps - 1..steps, 0..hidden]).reshape([batch, hidden])
}

impl LstmLayer {
    /// Hidden states of all steps, shape [batch, steps, hidden].
    fn forward(&self, input: Tensor<3>) -> Tensor<3> {
        let [batch, steps, width] = input.dims();
        let hidden = self.weight_hh.dims()[1];
        let bias = (self.bias_ih.val() + self.bias_hh.val()).unsqueeze::<2>();
        // All steps' input products at once; a step then adds only its recurrent product.
        let projected =
            input.swap_dims(0, 1).reshape([steps * batch, width]).matmul(self.weight_ih.val().transpose()) + bias;
        let projected = projected.reshape([steps, batch, 4 * hidden]);
        let recurrent = self.weight_hh.val().transpose();
        let mut h = Tensor::<2>::zeros([batch, hidden], &projected.device());
        let mut c = h.clone();
        let mut outputs = Vec::with_capacity(steps);
        for step in 0..steps {
            let now = projected.clone().slice([step..step + 1, 0..batch, 0..4 * hidden]).reshape([batch, 4 * hidden]);
            let gates = now + h.matmul(recurrent.clone());
            let gate = |index: usize| gates.clone().slice([0..batch, index * hidden..(index + 1) * hidden]);
            c = activation::sigmoid(gate(1)) * c + activation::sigmoid(gate(0)) * gate(2).tanh();
            h = activation::sigmoid(gate(3)) * c.clone().tanh();
            outputs.push(h.clone());
        }
        Tensor::stack(outputs, 1)
    }
}
