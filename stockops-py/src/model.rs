//! `LSTMModel`: the network, its weights as numpy, to and from PyTorch.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::OnceLock;

use ndarray::{ArrayD, Axis, IxDyn};
use numpy::{IntoPyArray, PyArray3, PyReadonlyArrayDyn};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyType};
use stockops_core::files::write_atomically;
use stockops_core::model::{NamedTensor, Predictor, StateDict};
use stockops_core::training::TrainConfig;
use stockops_core::{Device, Error, LSTMModel, ModelConfig, Result};

use crate::arrays::contexts;
use crate::error::to_py;
use crate::words::{Word, or_default};
use crate::work::tried;

/// Stacked LSTM layers, the last step, a linear layer: the network of a forecaster.
///
/// Weights have PyTorch's layout and names (``lstm.weight_ih_l0`` to ``fc.bias``).
///
/// Args:
///     features (int | None): columns of a row; 7 in the library.
///     hidden_dim (int | None): width of each layer; 128.
///     n_layers (int | None): stacked layers; 3.
///     horizon (int | None): rows that are predicted; 5.
///     dropout (float | None): between layers while training; 0.2.
///     random_state (int | None): seed of the weights; 42.
///     device (str | None): ``"cpu"``; other words need a build with their feature.
///
/// Raises:
///     ConfigError: a setting outside its range.
///     DeviceError: an unknown device, or one that was not built in.
///
/// >>> import numpy, stockops
/// >>> model = stockops.LSTMModel()
/// >>> model
/// LSTMModel(features=7, hidden_dim=128, n_layers=3, horizon=5, dropout=0.2, 338851 parameters on cpu)
/// >>> model(numpy.zeros((2, 60, 7), "float32")).shape  # (batch, horizon, features)
/// (2, 5, 7)
#[pyclass(name = "LSTMModel", module = "stockops", frozen)]
#[derive(Debug)]
pub(crate) struct PyLSTMModel {
    pub(crate) model: LSTMModel,
    /// Weights packed for prediction, when first asked for.
    predictor: OnceLock<Predictor>,
}

impl PyLSTMModel {
    pub(crate) fn new(model: LSTMModel) -> Self {
        Self { model, predictor: OnceLock::new() }
    }

    fn predictor(&self) -> Result<&Predictor> {
        if let Some(made) = self.predictor.get() {
            return Ok(made);
        }
        let made = self.model.predictor()?;
        Ok(self.predictor.get_or_init(|| made))
    }
}

#[pymethods]
impl PyLSTMModel {
    #[new]
    #[pyo3(signature = (
        *, features = None, hidden_dim = None, n_layers = None, horizon = None, dropout = None, random_state = None,
        device = None,
    ))]
    #[expect(clippy::too_many_arguments, reason = "keyword-only options of Python")]
    fn create(
        py: Python<'_>,
        features: Option<usize>,
        hidden_dim: Option<usize>,
        n_layers: Option<usize>,
        horizon: Option<usize>,
        dropout: Option<f64>,
        random_state: Option<u64>,
        device: Option<Word<Device>>,
    ) -> PyResult<Self> {
        let default = ModelConfig::default();
        let config = ModelConfig {
            features: features.unwrap_or(default.features),
            hidden: hidden_dim.unwrap_or(default.hidden),
            layers: n_layers.unwrap_or(default.layers),
            horizon: horizon.unwrap_or(default.horizon),
            dropout: dropout.unwrap_or(default.dropout),
        };
        let seed = random_state.unwrap_or(TrainConfig::default().seed);
        tried(py, || config.init(or_default(device), seed)).map(Self::new)
    }

    /// Make a network from named weights; its sizes are read off their shapes.
    ///
    /// Args:
    ///     state (Mapping[str, Any]): PyTorch's names to arrays of float32: numpy arrays, or tensors on the CPU.
    ///     dropout (float | None): between layers in later training; 0.2 in the library.
    ///     device (str | None): where it runs.
    ///
    /// Returns:
    ///     LSTMModel: with these weights.
    ///
    /// Raises:
    ///     BundleError: a name misses, or a shape does not fit the others.
    ///
    /// >>> import stockops
    /// >>> model = stockops.LSTMModel(hidden_dim=8, n_layers=1)
    /// >>> stockops.LSTMModel.from_state_dict(model.state_dict())
    /// LSTMModel(features=7, hidden_dim=8, n_layers=1, horizon=5, dropout=0.2, 859 parameters on cpu)
    #[classmethod]
    #[pyo3(signature = (state, *, dropout = None, device = None))]
    fn from_state_dict(
        _class: &Bound<'_, PyType>,
        py: Python<'_>,
        state: &Bound<'_, PyAny>,
        dropout: Option<f64>,
        device: Option<Word<Device>>,
    ) -> PyResult<Self> {
        let arrays = py.import("stockops._frames")?.getattr("weights")?.call1((state,))?;
        let arrays: Vec<(String, PyReadonlyArrayDyn<'_, f32>)> = arrays.extract()?;
        let tensor = |(name, array): &(String, PyReadonlyArrayDyn<'_, f32>)| {
            let array = array.as_array();
            NamedTensor { name: name.clone(), shape: array.shape().to_vec(), values: array.iter().copied().collect() }
        };
        let state = StateDict(arrays.iter().map(tensor).collect());
        made(py, state, dropout, device)
    }

    /// Read weights from the bytes of a safetensors file, such as ``safetensors.torch.save(module.state_dict())``.
    ///
    /// Args:
    ///     data (bytes): the file.
    ///     dropout (float | None): between layers in later training; 0.2 in the library.
    ///     device (str | None): where it runs.
    ///
    /// Returns:
    ///     LSTMModel: with these weights.
    ///
    /// Raises:
    ///     BundleError: the bytes are damaged, not float32, or do not fit together.
    #[classmethod]
    #[pyo3(signature = (data, *, dropout = None, device = None))]
    fn from_safetensors(
        _class: &Bound<'_, PyType>,
        py: Python<'_>,
        data: &[u8],
        dropout: Option<f64>,
        device: Option<Word<Device>>,
    ) -> PyResult<Self> {
        let (state, _) = tried(py, || StateDict::from_safetensors("of weights", data))?;
        made(py, state, dropout, device)
    }

    /// Read weights from a file: safetensors, or PyTorch's ``.pt`` of a state_dict, of which no code is ever run.
    ///
    /// Args:
    ///     path (str | os.PathLike[str]): the file; one whose name ends in ``.pt`` or ``.pth`` is PyTorch's.
    ///     dropout (float | None): between layers in later training; 0.2 in the library.
    ///     device (str | None): where it runs.
    ///
    /// Returns:
    ///     LSTMModel: with these weights.
    ///
    /// Raises:
    ///     BundleError: the file is damaged or its weights do not fit together.
    ///     FileError: it is no PyTorch file.
    ///     StorageError: there is no such safetensors file.
    #[classmethod]
    #[pyo3(signature = (path, *, dropout = None, device = None))]
    fn load(
        _class: &Bound<'_, PyType>,
        py: Python<'_>,
        path: PathBuf,
        dropout: Option<f64>,
        device: Option<Word<Device>>,
    ) -> PyResult<Self> {
        let state = tried(py, || {
            if path.extension().is_some_and(|end| end == "pt" || end == "pth") {
                return StateDict::from_pt(&path);
            }
            let read = |source| Error::Storage { action: "read", path: path.clone(), source };
            let bytes = std::fs::read(&path).map_err(read)?;
            Ok(StateDict::from_safetensors(&path.display().to_string(), &bytes)?.0)
        })?;
        made(py, state, dropout, device)
    }

    /// dict[str, int | float]: the sizes, under the names of the arguments.
    #[getter]
    fn config<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let ModelConfig { features, hidden, layers, horizon, dropout } = *self.model.config();
        let sizes = PyDict::new(py);
        let named = [("features", features), ("hidden_dim", hidden), ("n_layers", layers), ("horizon", horizon)];
        named.into_iter().try_for_each(|(name, size)| sizes.set_item(name, size))?;
        sizes.set_item("dropout", dropout)?;
        Ok(sizes)
    }

    /// str: where it runs.
    #[getter]
    fn device(&self) -> &'static str {
        self.model.device().as_str()
    }

    /// int: number of weights.
    #[getter]
    fn parameter_count(&self) -> usize {
        self.model.parameter_count()
    }

    /// The weights as new numpy arrays.
    ///
    /// Returns:
    ///     dict[str, numpy.typing.NDArray[numpy.float32]]: under PyTorch's names, in the order of its state_dict.
    ///
    /// >>> import stockops
    /// >>> {name: array.shape for name, array in stockops.LSTMModel(hidden_dim=8, n_layers=1).state_dict().items()}
    /// {'lstm.weight_ih_l0': (32, 7), 'lstm.weight_hh_l0': (32, 8), 'lstm.bias_ih_l0': (32,), 'lstm.bias_hh_l0': (32,), 'fc.weight': (35, 8), 'fc.bias': (35,)}
    fn state_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let state = tried(py, || self.model.state())?;
        let weights = PyDict::new(py);
        for NamedTensor { name, shape, values } in state.0 {
            let array =
                ArrayD::from_shape_vec(IxDyn(&shape), values).expect("a tensor has as many values as its shape");
            weights.set_item(name, array.into_pyarray(py))?;
        }
        Ok(weights)
    }

    /// The weights as the bytes of a safetensors file, which ``safetensors.torch.load`` reads.
    ///
    /// Returns:
    ///     bytes: the file.
    fn to_safetensors<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        Ok(PyBytes::new(py, &tried(py, || self.model.state()?.to_safetensors(HashMap::new()))?))
    }

    /// Write the weights to a safetensors file, whole or not at all.
    ///
    /// Args:
    ///     path (str | os.PathLike[str]): where to.
    ///
    /// Raises:
    ///     StorageError: the disk refuses.
    fn save(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        tried(py, || write_atomically(&path, &self.model.state()?.to_safetensors(HashMap::new())?))
    }

    /// Predict scaled rows from scaled rows, without dropout. A NaN in a window gives NaN for that window.
    ///
    /// Args:
    ///     x (numpy.typing.NDArray[numpy.float32]): contexts (batch, context, features), such as those of
    ///         :meth:`Dataset.windows`; strided and read-only arrays are fine.
    ///
    /// Returns:
    ///     numpy.typing.NDArray[numpy.float32]: targets (batch, horizon, features).
    ///
    /// Raises:
    ///     DtypeError: not a numpy array of float32.
    ///     ShapeError: another number of dimensions or features.
    fn forward<'py>(&self, py: Python<'py>, x: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyArray3<f32>>> {
        let x = contexts(x, self.model.config().features)?;
        let view = x.as_array();
        let predicted = tried(py, || self.predictor()?.predict(&view.axis_iter(Axis(0)).collect::<Vec<_>>()))?;
        Ok(predicted.into_pyarray(py))
    }

    /// The same as :meth:`forward`.
    ///
    /// Args:
    ///     x (numpy.typing.NDArray[numpy.float32]): contexts (batch, context, features).
    ///
    /// Returns:
    ///     numpy.typing.NDArray[numpy.float32]: targets (batch, horizon, features).
    fn __call__<'py>(&self, py: Python<'py>, x: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyArray3<f32>>> {
        self.forward(py, x)
    }

    fn __repr__(&self) -> String {
        let ModelConfig { features, hidden, layers, horizon, dropout } = self.model.config();
        format!(
            "LSTMModel(features={features}, hidden_dim={hidden}, n_layers={layers}, horizon={horizon}, \
             dropout={dropout}, {} parameters on {})",
            self.model.parameter_count(),
            self.model.device()
        )
    }

    /// Returns:
    ///     tuple[Any, ...]: how to make it anew.
    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let maker = py.import("stockops._stockops")?.getattr("_model")?;
        let rest = (self.to_safetensors(py)?, self.model.config().dropout, self.device());
        Ok((maker, rest).into_pyobject(py)?.into_any())
    }
}

fn made(py: Python<'_>, state: StateDict, dropout: Option<f64>, device: Option<Word<Device>>) -> PyResult<PyLSTMModel> {
    let dropout = dropout.unwrap_or(ModelConfig::default().dropout);
    let device = or_default(device);
    tried(py, || LSTMModel::from_state(&state, dropout, device)).map(PyLSTMModel::new)
}

/// A network from what a pickle holds.
///
/// Args:
///     data (bytes): safetensors.
///     dropout (float): between layers in later training.
///     device (str | None): where it runs.
///
/// Returns:
///     LSTMModel: the same.
#[pyfunction]
pub(crate) fn _model(py: Python<'_>, data: &[u8], dropout: f64, device: Word<Device>) -> PyResult<PyLSTMModel> {
    let (state, _) = StateDict::from_safetensors("of weights", data).map_err(to_py)?;
    made(py, state, Some(dropout), Some(device))
}
