//! A network as an ONNX file, for runtimes that know neither this crate nor PyTorch.

mod parts;
mod protobuf;

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use parts::{Length, list, node, number, numbers, value, weights};
use protobuf::Message;

use super::{LSTMModel, StateDict};
use crate::error::{Error, Result, check};

/// Version of the file format; every runtime since 2022 reads it.
const FORMAT: i64 = 8;
/// Version of the set of operations.
const OPERATIONS: i64 = 17;

/// How much of a forecaster an ONNX file holds.
///
/// | word | goes in | comes out |
/// | --- | --- | --- |
/// | `network` | `rows`, shape (batch, time, features), of any length | `targets`, shape (batch, horizon x features) |
/// | `forecaster` | `scaled_rows`, shape (batch, context, features), oldest first | `scaled_forecast`, shape (batch, horizon, features) |
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OnnxGraph {
    /// The layers of the LSTM and the head.
    Network,
    /// The same from the scaled rows of a context to the scaled rows of the forecast.
    #[default]
    Forecaster,
}

impl FromStr for OnnxGraph {
    type Err = Error;

    fn from_str(word: &str) -> Result<Self> {
        check(matches!(word, "network" | "forecaster"), "part", "network or forecaster", word)?;
        Ok(if word == "network" { Self::Network } else { Self::Forecaster })
    }
}

impl fmt::Display for OnnxGraph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Network => "network",
            Self::Forecaster => "forecaster",
        })
    }
}

impl LSTMModel {
    /// The network as an ONNX file (format 8, operations 17), with `metadata` in its properties. `context` is the number of rows
    /// that a forecaster sees.
    ///
    /// # Example
    ///
    /// ```
    /// use stockops_core::model::OnnxGraph;
    /// use stockops_core::{Device, ModelConfig};
    ///
    /// let model = ModelConfig { hidden: 8, ..ModelConfig::default() }.init(Device::Cpu, 42)?;
    /// let file = model.to_onnx(OnnxGraph::Forecaster, 60, &Default::default())?;
    /// assert!(file.len() > 4 * model.parameter_count(), "the weights, four bytes each, and the graph");
    /// # Ok::<(), stockops_core::Error>(())
    /// ```
    pub fn to_onnx(&self, graph: OnnxGraph, context: usize, metadata: &BTreeMap<String, String>) -> Result<Vec<u8>> {
        let property = |(key, value): (&String, &String)| Message::default().text(1, key).text(2, value);
        let properties: Vec<Message> = metadata.iter().map(property).collect();
        let model = Message::default()
            .number(1, FORMAT)
            .text(2, "stockops")
            .text(3, env!("CARGO_PKG_VERSION"))
            .message(7, &self.graph(graph, context)?)
            .message(8, &Message::default().text(1, "").number(2, OPERATIONS))
            .messages(14, &properties);
        Ok(model.into_bytes())
    }

    fn graph(&self, graph: OnnxGraph, context: usize) -> Result<Message> {
        let config = self.config();
        let (features, horizon) = (config.features, config.horizon);
        let (input, output, time, shape) = match graph {
            OnnxGraph::Network => ("rows", "targets", Length::Any("time"), vec![Length::Of(horizon * features)]),
            OnnxGraph::Forecaster => {
                let shape = vec![Length::Of(horizon), Length::Of(features)];
                ("scaled_rows", "scaled_forecast", Length::Of(context), shape)
            }
        };
        let batch = || Length::Any("batch");
        let (mut nodes, mut initializers) = self.layers_of(input)?;
        let mut head = |output: &str| {
            nodes.push(node("Gemm", &["hidden", "fc.weight", "fc.bias"], &[output], &[number("transB", 1)]));
        };
        match graph {
            OnnxGraph::Network => head(output),
            OnnxGraph::Forecaster => {
                head("targets");
                // 0 leaves the batch as it is.
                initializers.push(numbers("forecast_shape", &[0, horizon as i64, features as i64]));
                nodes.push(node("Reshape", &["targets", "forecast_shape"], &[output], &[]));
            }
        }
        Ok(Message::default()
            .messages(1, &nodes)
            .text(2, &graph.to_string())
            .messages(5, &initializers)
            .message(11, &value(input, &[batch(), time, Length::Of(features)]))
            .message(12, &value(output, &std::iter::once(batch()).chain(shape).collect::<Vec<_>>())))
    }

    /// From `input`, shape (batch, time, features), to `hidden`, shape (batch, hidden), and the weights of it and of the head.
    fn layers_of(&self, input: &str) -> Result<(Vec<Message>, Vec<Message>)> {
        let (state, config) = (self.state()?, self.config());
        // Runtimes want the time first.
        let mut nodes = vec![node("Transpose", &[input], &["steps_0"], &[list("perm", &[1, 0, 2])])];
        let mut initializers = vec![numbers("direction_of_states", &[0])];
        if config.layers > 1 {
            initializers.push(numbers("direction_of_steps", &[1]));
        }
        for layer in 0..config.layers {
            let [w, r, b] = ["W", "R", "B"].map(|name| format!("{name}_{layer}"));
            initializers.extend(layer_weights(&state, layer, config.hidden, [&w, &r, &b])?);
            let hidden = [number("hidden_size", config.hidden as i64)];
            let (steps, next) = (format!("steps_{layer}"), format!("steps_{}", layer + 1));
            let inputs = [steps.as_str(), w.as_str(), r.as_str(), b.as_str()];
            if layer + 1 == config.layers {
                nodes.push(node("LSTM", &inputs, &["", "last_state"], &hidden));
                nodes.push(node("Squeeze", &["last_state", "direction_of_states"], &["hidden"], &[]));
            } else {
                let all = format!("states_{layer}");
                nodes.push(node("LSTM", &inputs, &[&all], &hidden));
                nodes.push(node("Squeeze", &[&all, "direction_of_steps"], &[&next], &[]));
            }
        }
        for name in ["fc.weight", "fc.bias"] {
            let tensor = state.get(name).ok_or_else(|| missing(name))?;
            initializers.push(weights(name, &tensor.shape, &tensor.values));
        }
        Ok((nodes, initializers))
    }
}

/// The weights of one layer: of the input, of the state, and both biases, in one direction.
fn layer_weights(state: &StateDict, layer: usize, hidden: usize, names: [&str; 3]) -> Result<[Message; 3]> {
    let of = |part: &str| -> Result<(Vec<f32>, usize)> {
        let name = format!("lstm.{part}_l{layer}");
        let tensor = state.get(&name).ok_or_else(|| missing(&name))?;
        Ok((in_order_of_onnx(&tensor.values), tensor.values.len() / (4 * hidden)))
    };
    let ((input, width), (recurrent, _)) = (of("weight_ih")?, of("weight_hh")?);
    let biases = [of("bias_ih")?.0, of("bias_hh")?.0].concat();
    let [w, r, b] = names;
    Ok([
        weights(w, &[1, 4 * hidden, width], &input),
        weights(r, &[1, 4 * hidden, hidden], &recurrent),
        weights(b, &[1, 8 * hidden], &biases),
    ])
}

/// Gates i, f, g, o of PyTorch as ONNX has them: i, o, f, c (which is g).
fn in_order_of_onnx(gates: &[f32]) -> Vec<f32> {
    let gate = |place: usize| &gates[place * gates.len() / 4..(place + 1) * gates.len() / 4];
    [gate(0), gate(3), gate(1), gate(2)].concat()
}

fn missing(name: &str) -> Error {
    Error::Bundle { name: "of weights".into(), problem: format!("it has no weights named {name}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gates_change_their_order() {
        assert_eq!(
            in_order_of_onnx(&[1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5]),
            [1.0, 1.5, 4.0, 4.5, 2.0, 2.5, 3.0, 3.5]
        );
    }

    #[test]
    fn words_are_those_of_the_table() {
        for graph in [OnnxGraph::Network, OnnxGraph::Forecaster] {
            assert_eq!(graph.to_string().parse::<OnnxGraph>().unwrap(), graph);
        }
        assert_eq!(
            "head".parse::<OnnxGraph>().unwrap_err().to_string(),
            "`part` must be network or forecaster, got head"
        );
    }
}
