//! The stacked LSTM: weights in PyTorch's layout, and one seam that picks the fastest path of the device.
//!
//! ```text
//! lstm()  ──►  cpu         fused.rs      one differentiable operation on kernel/, plain Rust on slices
//!         ──►  libtorch    torch.rs      LibTorch's own fused lstm, cuDNN on a GPU (feature `tch`)
//!         ──►  the others  composed.rs   burn's operations
//! ```

mod composed;
mod fused;
pub(super) mod kernel;
#[cfg(test)]
mod tests;
#[cfg(feature = "tch")]
mod torch;

use burn::module::{Module, Param};
use burn::tensor::Tensor;

use kernel::LstmShape;

pub(crate) use kernel::{Dropout, Output};

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

/// Hidden states of the last layer, shape [batch, 1 or steps, hidden], for `input` of shape [batch, steps, input].
///
/// Dropout, where given, falls between layers, as in `torch.nn.LSTM`. All paths draw the same mask from its seed.
pub(crate) fn lstm(input: Tensor<3>, layers: &[LstmLayer], output: Output, dropout: Option<Dropout>) -> Tensor<3> {
    if let Some(hidden) = fused::lstm(&input, layers, output, dropout) {
        return hidden;
    }
    #[cfg(feature = "tch")]
    if let Some(hidden) = torch::lstm(&input, layers, output, dropout) {
        return hidden;
    }
    composed::lstm(input, layers, output, dropout)
}

/// Sizes of stacked `layers`.
pub(super) fn shape_of(layers: &[LstmLayer]) -> LstmShape {
    let [rows, input] = layers[0].weight_ih.dims();
    LstmShape { input, hidden: rows / 4, layers: layers.len() }
}

/// All weights one after the other: an operation of burn has a fixed number of parents, a network any number of layers.
fn flat(layers: &[LstmLayer]) -> Tensor<1> {
    let parts = layers.iter().flat_map(|layer| {
        [
            layer.weight_ih.val().flatten(0, 1),
            layer.weight_hh.val().flatten(0, 1),
            layer.bias_ih.val(),
            layer.bias_hh.val(),
        ]
    });
    Tensor::cat(parts.collect(), 0)
}
