//! The network: stacked LSTM and linear head in PyTorch's layout and names, on a device named by a word.

mod device;
#[cfg(test)]
mod golden;
mod head;
mod lstm;
mod lstm_model;
mod onnx;
mod predictor;
mod sizes;
mod state_dict;
mod tensors;

pub use device::Device;
pub use head::Head;
pub use lstm_model::{LSTMModel, ModelConfig};
pub use onnx::OnnxGraph;
pub use predictor::Predictor;
pub use sizes::NetworkSizes;
pub use state_dict::{NamedTensor, StateDict};

pub(crate) use tensors::matrix;
