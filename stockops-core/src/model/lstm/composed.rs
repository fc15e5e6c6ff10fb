//! The stacked LSTM, composed of burn's operations: for every device without a path of its own.

use burn::tensor::{Tensor, activation};

use super::kernel::dropout_mask;
use super::{Dropout, LstmLayer, Output};
use crate::model::tensors::tensor;

/// As [`lstm`](super::lstm), on any device.
pub(super) fn lstm(input: Tensor<3>, layers: &[LstmLayer], output: Output, dropout: Option<Dropout>) -> Tensor<3> {
    let mut sequence = input;
    for (index, layer) in layers.iter().enumerate() {
        sequence = layer.forward(sequence);
        if let Some(dropout) = dropout.filter(|dropout| index + 1 < layers.len() && dropout.probability > 0.0) {
            let shape = sequence.dims();
            let mask = dropout_mask(dropout, index, shape[0], shape[1], shape[2]);
            sequence = sequence.clone() * tensor(mask, shape, &sequence.device().inner());
        }
    }
    let [batch, steps, hidden] = sequence.dims();
    match output {
        Output::LastStep => sequence.slice([0..batch, steps - 1..steps, 0..hidden]),
        Output::AllSteps => sequence,
    }
}

impl LstmLayer {
    /// Hidden states of all steps, shape [batch, steps, hidden].
    fn forward(&self, input: Tensor<3>) -> Tensor<3> {
        let [batch, steps, width] = input.dims();
        let hidden = self.weight_hh.dims()[1];
        let bias = (self.bias_ih.val() + self.bias_hh.val()).unsqueeze::<2>();
        // All steps' input products at once; a step then adds only its recurrent product.
        let rows = input.swap_dims(0, 1).reshape([steps * batch, width]);
        let projected = (rows.matmul(self.weight_ih.val().transpose()) + bias).reshape([steps, batch, 4 * hidden]);
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
