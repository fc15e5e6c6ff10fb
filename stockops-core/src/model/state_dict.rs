//! `StateDict`: named weights, in and out of safetensors and PyTorch's `.pt`.

use std::collections::HashMap;
use std::path::Path;

use pytorch_reader::{DType, PytorchReader};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};

use super::ModelConfig;
use crate::error::{Error, Result};

/// One named array of weights.
#[derive(Debug, Clone, PartialEq)]
pub struct NamedTensor {
    /// PyTorch's name, such as `lstm.weight_ih_l0`.
    pub name: String,
    /// Its shape.
    pub shape: Vec<usize>,
    /// Values row by row.
    pub values: Vec<f32>,
}

impl NamedTensor {
    fn check_finite(&self) -> Result<()> {
        match self.values.iter().find(|value| !value.is_finite()) {
            Some(value) => Err(StateDict::bad(format!("{} holds {value}, not a finite number", self.name))),
            None => Ok(()),
        }
    }
}

/// All weights of a network under PyTorch's names.
#[derive(Debug, Clone, PartialEq)]
pub struct StateDict(pub Vec<NamedTensor>);

/// Most stacked layers that are looked for.
const MAX_LAYERS: usize = 64;

impl StateDict {
    /// Read a PyTorch `.pt` file of a state_dict, bare or under the key `model_state_dict` or `state_dict`.
    ///
    /// Only tensors are read; no pickled code is ever run.
    ///
    /// # Errors
    ///
    /// [`Error::File`] where the file is not such a file.
    pub fn from_pt(path: &Path) -> Result<Self> {
        let bad = |problem: String| Error::file(path, problem);
        if !path.is_file() {
            return Err(bad("there is no such file".into()));
        }
        let keys = [None, Some("model_state_dict"), Some("state_dict")];
        let open = |key: &Option<&str>| match key {
            None => PytorchReader::new(path),
            Some(key) => PytorchReader::with_top_level_key(path, key),
        };
        let readers = keys.iter().filter_map(|key| open(key).ok());
        let reader = readers
            .into_iter()
            .find(|reader| reader.get("fc.weight").is_some())
            .ok_or_else(|| bad("not a PyTorch state_dict with lstm.* and fc.* weights".into()))?;
        let wanted = |name: &str| name.starts_with("lstm.") || name.starts_with("fc.");
        let mut all: Vec<_> = reader.tensors().iter().filter(|(name, _)| wanted(name)).collect();
        all.sort_by_key(|(name, _)| name.as_str());
        let read = |(name, tensor): (&String, &pytorch_reader::Tensor)| read_pt_tensor(name, tensor).map_err(&bad);
        Ok(Self(all.into_iter().map(read).collect::<Result<_>>()?))
    }

    /// The array called `name`.
    pub fn get(&self, name: &str) -> Option<&NamedTensor> {
        self.0.iter().find(|tensor| tensor.name == name)
    }

    /// A safetensors file in memory, with `metadata` in its header.
    pub fn to_safetensors(&self, metadata: HashMap<String, String>) -> Result<Vec<u8>> {
        let bad = |error: safetensors::SafeTensorError| Error::Bundle {
            name: "in memory".into(),
            problem: error.to_string(),
        };
        let bytes: Vec<Vec<u8>> =
            self.0.iter().map(|tensor| tensor.values.iter().flat_map(|v| v.to_le_bytes()).collect()).collect();
        let views = self.0.iter().zip(&bytes).map(|(tensor, bytes)| {
            Ok((tensor.name.as_str(), TensorView::new(Dtype::F32, tensor.shape.clone(), bytes).map_err(bad)?))
        });
        let views = views.collect::<Result<Vec<_>>>()?;
        safetensors::serialize(views, Some(metadata)).map_err(bad)
    }

    /// Weights and metadata of a safetensors file in memory; `name` stands in messages.
    ///
    /// # Errors
    ///
    /// [`Error::Bundle`] where the bytes are truncated, not safetensors, or not f32.
    pub fn from_safetensors(name: &str, bytes: &[u8]) -> Result<(Self, HashMap<String, String>)> {
        let bad = |problem: String| Error::Bundle { name: name.into(), problem };
        let (_, header) =
            SafeTensors::read_metadata(bytes).map_err(|error| bad(format!("not a whole safetensors file: {error}")))?;
        let file =
            SafeTensors::deserialize(bytes).map_err(|error| bad(format!("not a whole safetensors file: {error}")))?;
        let mut tensors = Vec::new();
        for (name, view) in file.tensors() {
            if view.dtype() != Dtype::F32 {
                return Err(bad(format!("{name} is {:?}, and weights are F32", view.dtype())));
            }
            let values = view.data().chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
            tensors.push(NamedTensor { name, shape: view.shape().to_vec(), values });
        }
        tensors.sort_by(|a, b| a.name.cmp(&b.name));
        Ok((Self(tensors), header.metadata().clone().unwrap_or_default()))
    }

    /// Sizes of the network that these weights belong to.
    pub(crate) fn model_config(&self, dropout: f64) -> Result<ModelConfig> {
        let layers = (0..MAX_LAYERS).take_while(|l| self.get(&format!("lstm.weight_ih_l{l}")).is_some()).count();
        let shape = |name: &str| match self.get(name).map(|tensor| tensor.shape.as_slice()) {
            Some([rows, columns]) if *rows > 0 && *columns > 0 => Ok((*rows, *columns)),
            Some(other) => Err(Self::bad(format!("{name} has shape {other:?}, and a table is wanted"))),
            None => Err(Self::bad(format!("it has no weights named {name}"))),
        };
        let (_, features) = shape("lstm.weight_ih_l0")?;
        let (_, hidden) = shape("lstm.weight_hh_l0")?;
        let (outputs, _) = shape("fc.weight")?;
        if outputs % features != 0 {
            return Err(Self::bad(format!("fc.weight gives {outputs} outputs, no multiple of {features} features")));
        }
        Ok(ModelConfig { features, hidden, layers, horizon: outputs / features, dropout })
    }

    /// The values called `name`, of shape `shape` and finite.
    pub(crate) fn checked(&self, name: &str, shape: &[usize]) -> Result<&[f32]> {
        let tensor = self.get(name).ok_or_else(|| Self::bad(format!("it has no weights named {name}")))?;
        if tensor.shape != shape {
            return Err(Self::bad(format!("{name} has shape {:?}, and {shape:?} is wanted", tensor.shape)));
        }
        tensor.check_finite()?;
        Ok(&tensor.values)
    }

    /// Whether all values are finite; [`Error::Bundle`] names the first that is not.
    pub(crate) fn check_finite(&self) -> Result<()> {
        self.0.iter().try_for_each(NamedTensor::check_finite)
    }

    fn bad(problem: String) -> Error {
        Error::Bundle { name: "of weights".into(), problem }
    }
}

/// The bytes of one tensor of a `.pt` file as f32.
fn read_pt_tensor(name: &str, tensor: &pytorch_reader::Tensor) -> Result<NamedTensor, String> {
    let bytes = tensor.read().map_err(|error| error.to_string())?;
    let values = match tensor.dtype() {
        DType::F32 => bytes.chunks_exact(4).map(|b| f32::from_ne_bytes([b[0], b[1], b[2], b[3]])).collect(),
        DType::F64 => bytes
            .chunks_exact(8)
            .map(|b| f64::from_ne_bytes([b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]]) as f32)
            .collect(),
        other => return Err(format!("{name} is {other:?}; save the state_dict in float32")),
    };
    Ok(NamedTensor { name: name.to_string(), shape: tensor.shape().to_vec(), values })
}
