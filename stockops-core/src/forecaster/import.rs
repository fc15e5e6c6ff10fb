//! A network of the original system, with its scaler, as a forecaster.

use std::path::Path;

use chrono::NaiveDate;
use ndarray::Array2;
use serde::Deserialize;

use super::{About, Blend, Calibration, FORMAT, Forecaster};
use crate::dataset::{DayEffects, Encoding, StandardScaler};
use crate::error::{Error, Result, check};
use crate::evaluation::Evaluation;
use crate::features::{Feature, FeatureSet};
use crate::files::sha256_hex;
use crate::forecast::{Role, Strategy};
use crate::market::Ticker;
use crate::model::{Device, LSTMModel, StateDict};

/// Dropout of the original, which a `.pt` file does not hold.
const DROPOUT: f64 = 0.2;
/// Standard deviations from the mean that a scaled output may be away from it.
const MOST_DEVIATIONS: f32 = 100.0;

/// What is said of a network that comes from elsewhere.
///
/// # Example
///
/// ```
/// use stockops_core::forecaster::Import;
///
/// let import = Import::new("GOOG".parse()?, "2025-06-30".parse().unwrap());
/// assert_eq!((import.context, import.is_parent), (60, false));
/// # Ok::<(), stockops_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// Whose network.
    pub ticker: Ticker,
    /// Last day that it may have seen in training: forecasts of days after it are tests of it, others are not.
    pub last_seen_day: NaiveDate,
    /// Rows that it sees. Default 60, as in the original.
    pub context: usize,
    /// Whether it is a parent, which children may come from.
    pub is_parent: bool,
    /// Where it runs.
    pub device: Device,
}

impl Import {
    /// A network of the original for `ticker`.
    pub fn new(ticker: Ticker, last_seen_day: NaiveDate) -> Self {
        Self { ticker, last_seen_day, context: 60, is_parent: false, device: Device::Cpu }
    }
}

/// A scaler as `docs/scaler_to_json.py` writes it.
#[derive(Deserialize)]
struct ScalerFile {
    /// Columns in their order; those of the original where there is none.
    columns: Option<Vec<String>>,
    #[serde(flatten)]
    scaler: StandardScaler,
}

impl Forecaster {
    /// Read a network of the original: the `.pt` file of its state_dict, and its scaler as JSON.
    ///
    /// Its rows are levels ([`Encoding::Levels`]), as the original has them. It states no intervals and no skill before it was
    /// judged. Of the `.pt` file tensors alone are read, and no pickled code is run.
    ///
    /// # Errors
    ///
    /// [`Error::File`] where a file is not what it should be; [`Error::Shape`] where network and scaler have different columns;
    /// [`Error::Bundle`] where a weight is missing or no finite number.
    pub fn from_pt(weights: &Path, scaler: &Path, import: &Import) -> Result<Self> {
        let model = LSTMModel::from_state(&StateDict::from_pt(weights)?, DROPOUT, import.device)
            .map_err(|error| in_file(weights, error))?;
        let (features, scaler) = read_scaler(scaler)?;
        let horizon = model.config().horizon;
        let note = "it was imported, and has not been judged: no skill can be stated";
        let bytes = std::fs::read(weights).map_err(Error::unread(weights))?;
        let about = About {
            format: FORMAT,
            ticker: import.ticker.clone(),
            trained_on: vec![import.ticker.clone()],
            role: if import.is_parent { Role::Parent } else { Role::Child(Strategy::Scratch) },
            parent: None,
            features,
            // How the original computes them is not known to be as we do.
            definition: None,
            encoding: Encoding::Levels,
            days: DayEffects::default(),
            index: None,
            scaler,
            context: import.context,
            dropout: DROPOUT,
            blend: Blend::network_alone(horizon),
            calibration: Calibration::unknown(),
            evaluation: Evaluation::none(note.into()),
            first_day: import.last_seen_day,
            last_seen_day: import.last_seen_day,
            reference: None,
            transfer: None,
            training_windows: 0,
            given_up: Vec::new(),
            leaked: false,
            imported: true,
            data_sha256: sha256_hex(&bytes),
            training: None,
            best_epoch: 0,
            stockops: env!("CARGO_PKG_VERSION").into(),
        };
        let network = Self::new(model, about)?;
        check_size(&network).map_err(|error| in_file(weights, error))?;
        Ok(network)
    }
}

/// What a network makes of a context at the mean of all columns must be near it: weights that were trained are not so large that
/// it is hundreds of standard deviations away.
fn check_size(network: &Forecaster) -> Result<()> {
    let about = network.about();
    let mean = Array2::<f32>::zeros((about.context, about.features.len()));
    let outputs = network.model().predict(&[mean.view()])?;
    let largest = outputs.iter().fold(0.0f32, |largest, value| largest.max(value.abs()));
    // A value that is no number is not below any limit.
    if largest < MOST_DEVIATIONS && outputs.iter().all(|value| value.is_finite()) {
        return Ok(());
    }
    let problem = format!(
        "of rows at the mean it makes values {largest:.0} standard deviations away, where a trained network stays below {MOST_DEVIATIONS}"
    );
    Err(Error::Bundle { name: about.ticker.to_string(), problem })
}

/// Columns and scaler of a file.
fn read_scaler(path: &Path) -> Result<(FeatureSet, StandardScaler)> {
    let bytes = std::fs::read(path).map_err(Error::unread(path))?;
    let wanted =
        "{\"columns\": [..], \"mean\": [..], \"scale\": [..]} is wanted; docs/scaler_to_json.py makes it of the pickle";
    let file: ScalerFile = serde_json::from_slice(&bytes)
        .map_err(|error| Error::file(path, format!("it is no scaler ({error}): {wanted}")))?;
    let features = match file.columns {
        None => FeatureSet::default(),
        Some(names) => {
            let columns = names.iter().map(|name| name.parse::<Feature>()).collect::<Result<Vec<_>>>();
            columns.and_then(FeatureSet::new).map_err(|error| in_file(path, error))?
        }
    };
    let rule = "as many as the columns of the scaler";
    check(features.len() == file.scaler.columns(), "columns", rule, features.len())
        .map_err(|error| in_file(path, error))?;
    Ok((features, file.scaler))
}

/// What is wrong with a file's content.
fn in_file(path: &Path, error: Error) -> Error {
    let problem = match error {
        Error::Bundle { problem, .. } => problem,
        other => other.to_string(),
    };
    Error::file(path, problem)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::builtin_bars;
    use crate::testing::golden;

    const SCALER: &str =
        r#"{"mean": [40.0, 41.0, 39.0, 40.0, 1e8, 50.0, 0.0], "scale": [9.0, 9.0, 9.0, 9.0, 5e7, 20.0, 1.0]}"#;

    fn imported(json: &str) -> Result<Forecaster> {
        let folder = tempfile::tempdir().unwrap();
        let scaler = folder.path().join("scaler.json");
        std::fs::write(&scaler, json).unwrap();
        let import = Import::new("GOOG".parse().unwrap(), "2016-12-30".parse().unwrap());
        Forecaster::from_pt(&golden("small.pt"), &scaler, &import)
    }

    /// The original's way, step by step: raw columns, its scaler, the network, the scaler back.
    #[test]
    fn an_imported_network_forecasts_as_the_original_does() {
        let bars = builtin_bars(&"MSFT".parse().unwrap()).unwrap().bars;
        let forecaster = imported(SCALER).unwrap();
        let forecast = forecaster.forecast(&bars).unwrap();
        let rows = FeatureSet::default().frame(&bars).unwrap();
        let rows = rows.values();
        let context = rows.slice(ndarray::s![rows.nrows() - 60.., ..]);
        let scaler: StandardScaler = serde_json::from_str(SCALER).unwrap();
        let scaled = scaler.transform(context).unwrap().mapv(|value| value as f32);
        let state = StateDict::from_pt(&golden("small.pt")).unwrap();
        let network = LSTMModel::from_state(&state, 0.0, Device::Cpu).unwrap();
        let outputs = network.predict(&[scaled.view()]).unwrap();
        let outputs = outputs.index_axis(ndarray::Axis(0), 0).mapv(f64::from);
        let rows = scaler.inverse(outputs.view()).unwrap();
        for (day, row) in forecast.predictions.full_forecast.iter().zip(rows.rows()) {
            assert_eq!((day.open, day.close), (row[0], row[3]));
            assert!(day.high >= row[1] && day.low <= row[2], "a bar is possible, whatever the network says");
        }
        assert!(forecast.skill.is_none() && forecast.intervals.is_empty());
        let again = Forecaster::from_bytes("again", &forecaster.to_bytes().unwrap(), Device::Cpu).unwrap();
        assert_eq!(again.about(), forecaster.about());
    }

    #[test]
    fn weights_that_no_training_gives_are_refused() {
        let network = imported(SCALER).unwrap();
        let mut state = network.model().state().unwrap();
        state.0.last_mut().unwrap().values.iter_mut().for_each(|value| *value = 1e6);
        let model = LSTMModel::from_state(&state, DROPOUT, Device::Cpu).unwrap();
        let absurd = Forecaster::new(model, network.about().clone()).unwrap();
        let text = check_size(&absurd).unwrap_err().to_string();
        assert!(text.contains("of rows at the mean it makes values 1000000 standard deviations away, where a trained network stays below 100"), "{text}");
        check_size(&network).unwrap();
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let text = |json: &str| {
            let text = imported(json).unwrap_err().to_string();
            text.split_once("scaler.json: ").map_or(text.clone(), |(_, text)| text.to_owned())
        };
        let no_scaler = text("{}");
        assert!(
            no_scaler.starts_with("it is no scaler (") && no_scaler.ends_with("makes it of the pickle"),
            "{no_scaler}"
        );
        let columns = text(r#"{"columns": ["Open", "High"], "mean": [1.0], "scale": [1.0]}"#);
        assert_eq!(columns, "`columns` must be as many as the columns of the scaler, got 2");
        assert!(
            text(r#"{"columns": ["Open", "Nonsense"], "mean": [1.0, 1.0], "scale": [1.0, 1.0]}"#).contains("Nonsense")
        );
        let width = text(
            r#"{"columns": ["Open", "High", "Low", "Close", "Volume"], "mean": [1,1,1,1,1], "scale": [1,1,1,1,1]}"#,
        );
        assert_eq!(width, "features of a forecaster: expected shape [5, 5], got [7, 5]");
        let folder = tempfile::tempdir().unwrap();
        let none = folder.path().join("none.pt");
        let import = Import::new("GOOG".parse().unwrap(), NaiveDate::default());
        assert!(Forecaster::from_pt(&none, &none, &import).unwrap_err().to_string().ends_with("there is no such file"));
    }
}
