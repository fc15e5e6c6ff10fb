//! The stacked LSTM as one differentiable operation of burn, on LibTorch's own fused `lstm`: cuDNN on a GPU.
//!
//! burn-tch never uses LibTorch's own gradients; this operation keeps LibTorch's graph of the one call in its state.
// burn marks LibTorch as deprecated; `burn` is pinned in Cargo.toml, so it does not vanish by itself.
#![allow(deprecated)]

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use burn::backend::Autodiff;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::NoCheckpointing;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::libtorch::{LibTorch, TchTensor};
use burn::tensor::Tensor;

use super::kernel::{LstmShape, dropout_mask};
use super::{Dropout, LstmLayer, Output, flat, shape_of};

type Tracked = Autodiff<LibTorch, NoCheckpointing>;

/// As [`lstm`](super::lstm) on `libtorch` and `libtorch:cuda`; `None` where the tensors live elsewhere.
pub(super) fn lstm(
    input: &Tensor<3>,
    layers: &[LstmLayer],
    output: Output,
    dropout: Option<Dropout>,
) -> Option<Tensor<3>> {
    let call = Call { shape: shape_of(layers), output, dropout };
    if let Ok(plain) = input.clone().try_into_primitive::<LibTorch>() {
        let weights = flat(layers).try_into_primitive::<LibTorch>().ok()?;
        let hidden = tch::no_grad(|| call.forward(&plain.tensor, &weights.tensor));
        return Some(Tensor::from_primitive::<LibTorch>(TchTensor::new(hidden)));
    }
    let (input, input_node) = input.clone().try_into_primitive::<Tracked>().ok()?.into_parts();
    let (weights, weights_node) = flat(layers).try_into_primitive::<Tracked>().ok()?.into_parts();
    let saved = Saved::forward(&call, input, weights);
    // A copy: burn may change what it is given in place, and LibTorch needs its own for the gradients.
    let hidden = TchTensor::new(saved.hidden.detach().copy());
    let state = State(Arc::new(Mutex::new(Some(saved))));
    let operation = TorchBackward.prepare::<NoCheckpointing>([input_node, weights_node]).compute_bound().stateful();
    Some(Tensor::from_primitive::<Tracked>(match operation {
        OpsKind::Tracked(prepared) => prepared.finish(state, hidden),
        OpsKind::UnTracked(prepared) => prepared.finish(hidden),
    }))
}

/// What one call computes.
struct Call {
    shape: LstmShape,
    output: Output,
    dropout: Option<Dropout>,
}

impl Call {
    /// Hidden states, shape [batch, 1 or steps, hidden].
    fn forward(&self, input: &tch::Tensor, weights: &tch::Tensor) -> tch::Tensor {
        let parameters = self.parameters(weights);
        let dropout = self.dropout.filter(|dropout| dropout.probability > 0.0);
        let sequence = match dropout {
            None => self.stacked(input, &parameters),
            Some(dropout) => self.with_dropout(input, &parameters, dropout),
        };
        match self.output {
            Output::LastStep => sequence.narrow(1, sequence.size()[1] - 1, 1),
            Output::AllSteps => sequence,
        }
    }

    /// `weights` cut into LibTorch's list: four a layer.
    fn parameters(&self, weights: &tch::Tensor) -> Vec<tch::Tensor> {
        let (rows, hidden) = (4 * self.shape.hidden as i64, self.shape.hidden as i64);
        let of_layer = |layer| {
            let width = if layer == 0 { self.shape.input as i64 } else { hidden };
            [vec![rows, width], vec![rows, hidden], vec![rows], vec![rows]]
        };
        let shapes: Vec<Vec<i64>> = (0..self.shape.layers).flat_map(of_layer).collect();
        let sizes: Vec<i64> = shapes.iter().map(|shape| shape.iter().product()).collect();
        weights.split_with_sizes(sizes, 0).iter().zip(shapes).map(|(part, shape)| part.view(&shape[..])).collect()
    }

    /// As many layers as there are `parameters` for, in one call.
    fn stacked(&self, input: &tch::Tensor, parameters: &[tch::Tensor]) -> tch::Tensor {
        let layers = parameters.len() as i64 / 4;
        let start =
            tch::Tensor::zeros([layers, input.size()[0], self.shape.hidden as i64], (input.kind(), input.device()));
        let start = [start.shallow_clone(), start];
        let (biases, no_dropout, bidirectional, batch_first) = (true, 0.0, false, true);
        // cuDNN keeps what the gradients need only where it is told that it trains.
        let train = parameters.iter().any(tch::Tensor::requires_grad);
        input.lstm(&start, parameters, biases, layers, no_dropout, train, bidirectional, batch_first).0
    }

    /// One call a layer and this crate's mask between them: LibTorch's own mask comes from a generator that all of the
    /// process shares, so that a seed would not give the same training twice.
    fn with_dropout(&self, input: &tch::Tensor, parameters: &[tch::Tensor], dropout: Dropout) -> tch::Tensor {
        let mut sequence = input.shallow_clone();
        for (layer, parameters) in parameters.chunks_exact(4).enumerate() {
            sequence = self.stacked(&sequence, parameters);
            if layer + 1 < self.shape.layers {
                let shape = sequence.size();
                let mask = dropout_mask(dropout, layer, shape[0] as usize, shape[1] as usize, shape[2] as usize);
                sequence = &sequence * tch::Tensor::from_slice(&mask).to_device(sequence.device()).view(&shape[..]);
            }
        }
        sequence
    }
}

/// The backward pass of [`lstm`]; its parents are the input and the flat weights.
#[derive(Debug)]
struct TorchBackward;

/// What the forward pass kept: spent once, by the backward pass. It holds no node of burn's graph.
#[derive(Clone)]
struct State(Arc<Mutex<Option<Saved>>>);

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State").finish_non_exhaustive()
    }
}

/// LibTorch's graph of one call, from its two leaves to its output.
struct Saved {
    leaves: [tch::Tensor; 2],
    hidden: tch::Tensor,
    /// burn's own handles of the leaves: while they live burn changes neither in place.
    _owners: [TchTensor; 2],
}

impl Saved {
    fn forward(call: &Call, input: TchTensor, weights: TchTensor) -> Self {
        let leaves = [&input, &weights].map(|owner| owner.tensor.detach().set_requires_grad(true));
        let hidden = tch::with_grad(|| call.forward(&leaves[0], &leaves[1]));
        Self { leaves, hidden, _owners: [input, weights] }
    }
}

impl Backward<LibTorch, 2> for TorchBackward {
    type State = State;

    fn backward(self, ops: Ops<State, 2>, grads: &mut Gradients, _: &mut Checkpointer) {
        let upstream = grads.consume::<LibTorch>(&ops.node).tensor;
        let saved = ops.state.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Saved { leaves, hidden, .. } = saved.expect("burn runs the backward pass of a node once");
        let wanted = || ops.parents.iter().zip(&leaves).filter_map(|(node, leaf)| Some((node.as_ref()?.id, leaf)));
        let inputs: Vec<&tch::Tensor> = wanted().map(|(_, leaf)| leaf).collect();
        // tch starts only from a number: this one has `upstream` as its gradient by the output.
        let start = tch::with_grad(|| (&hidden * &upstream).sum(hidden.kind()));
        let gradients = tch::Tensor::run_backward(&[start], &inputs, false, false);
        for ((node, _), gradient) in wanted().zip(gradients) {
            grads.register::<LibTorch>(node, TchTensor::new(gradient));
        }
    }
}
