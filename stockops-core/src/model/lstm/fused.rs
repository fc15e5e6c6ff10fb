//! The stacked LSTM as one differentiable operation of burn, on the kernel of this crate.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::NoCheckpointing;
use burn::backend::autodiff::grads::Gradients as BurnGradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::flex::FlexTensor;
use burn::backend::{Autodiff, Flex};
use burn::tensor::{Tensor, TensorData};

use super::kernel::{LstmShape, Output, PackedLstm, Saved, Sequences, forward_train};
use super::{Dropout, LstmLayer, flat, shape_of};

type Tracked = Autodiff<Flex, NoCheckpointing>;

/// As [`lstm`](super::lstm) on `cpu`; `None` where the tensors live elsewhere.
pub(super) fn lstm(
    input: &Tensor<3>,
    layers: &[LstmLayer],
    output: Output,
    dropout: Option<Dropout>,
) -> Option<Tensor<3>> {
    let (shape, dims) = (shape_of(layers), input.dims());
    if let Ok(plain) = input.clone().try_into_primitive::<Flex>() {
        let weights = flat(layers).try_into_primitive::<Flex>().ok()?;
        return plain_lstm(&shape, &sequences(&plain.to_contiguous(), dims), &weights.to_contiguous(), output);
    }
    let tracked = input.clone().try_into_primitive::<Tracked>().ok()?;
    let (values, input_node) = tracked.into_parts();
    let (weights, weights_node) = flat(layers).try_into_primitive::<Tracked>().ok()?.into_parts();
    let (values, weights) = (values.to_contiguous(), weights.to_contiguous());
    let x = sequences(&values, dims);
    let layers = shape.layers_of(weights.storage::<f32>());
    let (hidden, saved) = forward_train(&shape, &layers, &x, output, dropout).ok()?;
    let hidden = result(hidden, &x, &shape, output);
    let state = State { saved: Arc::new(Mutex::new(Some(saved))), x: dims };
    let operation = LstmBackward.prepare::<NoCheckpointing>([input_node, weights_node]).compute_bound().stateful();
    Some(Tensor::from_primitive::<Tracked>(match operation {
        OpsKind::Tracked(prepared) => prepared.finish(state, hidden),
        OpsKind::UnTracked(prepared) => prepared.finish(hidden),
    }))
}

/// Without gradients nothing is kept.
fn plain_lstm(shape: &LstmShape, x: &Sequences<'_>, weights: &FlexTensor, output: Output) -> Option<Tensor<3>> {
    let packed = PackedLstm::new(shape, &shape.layers_of(weights.storage::<f32>())).ok()?;
    let hidden = packed.forward(x, output).ok()?;
    Some(Tensor::from_primitive::<Flex>(result(hidden, x, shape, output)))
}

fn sequences(x: &FlexTensor, [batch, steps, _]: [usize; 3]) -> Sequences<'_> {
    Sequences { values: x.storage::<f32>(), batch, steps }
}

fn result(hidden: Vec<f32>, x: &Sequences<'_>, shape: &LstmShape, output: Output) -> FlexTensor {
    let steps = if output == Output::LastStep { 1 } else { x.steps };
    FlexTensor::from_data(TensorData::new(hidden, [x.batch, steps, shape.hidden]))
}

/// The backward pass of [`lstm`]; its parents are the input and the flat weights.
#[derive(Debug)]
struct LstmBackward;

/// What the forward pass kept: spent once, by the backward pass. It holds no node of the graph, which would keep the
/// graph alive for ever.
#[derive(Clone)]
struct State {
    saved: Arc<Mutex<Option<Saved>>>,
    /// Shape of the input.
    x: [usize; 3],
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State").field("x", &self.x).finish_non_exhaustive()
    }
}

impl Backward<Flex, 2> for LstmBackward {
    type State = State;

    fn backward(self, ops: Ops<State, 2>, grads: &mut BurnGradients, _: &mut Checkpointer) {
        let upstream = grads.consume::<Flex>(&ops.node).to_contiguous();
        let saved = ops.state.saved.lock().unwrap_or_else(PoisonError::into_inner).take();
        let saved = saved.expect("burn runs the backward pass of a node once");
        let [input, weights] = ops.parents;
        let gradients = saved
            .backward(upstream.storage::<f32>(), input.is_some())
            .expect("the gradient of an output has the shape of the output");
        if let (Some(node), Some(x)) = (input, gradients.x) {
            grads.register::<Flex>(node.id, FlexTensor::from_data(TensorData::new(x, ops.state.x)));
        }
        if let Some(node) = weights {
            let count = gradients.weights.len();
            grads.register::<Flex>(node.id, FlexTensor::from_data(TensorData::new(gradients.weights, [count])));
        }
    }
}
