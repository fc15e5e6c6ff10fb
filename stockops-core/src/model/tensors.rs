//! The border between arrays and tensors: numbers go in and come out in this file alone.

use burn::tensor::{Tensor, TensorData};

use crate::error::Error;

/// A tensor of shape `shape` from values row by row.
pub(crate) fn tensor<const D: usize>(values: Vec<f32>, shape: [usize; D], device: &burn::tensor::Device) -> Tensor<D> {
    Tensor::from_data(TensorData::new(values, shape), device)
}

/// A table of `rows` rows from values row by row.
pub(crate) fn matrix(values: Vec<f32>, rows: usize, device: &burn::tensor::Device) -> Tensor<2> {
    let width = values.len().checked_div(rows).unwrap_or(0);
    tensor(values, [rows, width], device)
}

/// The values of a tensor, row by row.
pub(crate) fn values<const D: usize>(tensor: Tensor<D>) -> crate::Result<Vec<f32>> {
    tensor.try_into_vec_as::<f32>().map_err(|error| Error::Device {
        word: "the device of a tensor".into(),
        problem: format!("values could not be read back: {error:?}"),
    })
}
