//! A stacked LSTM in `f64` as the textbook has it: loops over single numbers, nothing shared with the kernel.

use super::super::{LstmShape, Output};

/// Weights of one layer in PyTorch's layout.
#[derive(Clone, Debug)]
pub(crate) struct Layer {
    pub(crate) weight_ih: Vec<f64>,
    pub(crate) weight_hh: Vec<f64>,
    pub(crate) bias_ih: Vec<f64>,
    pub(crate) bias_hh: Vec<f64>,
}

/// A network, its input and what is multiplied with the output of each layer.
#[derive(Clone, Debug)]
pub(crate) struct Reference {
    pub(crate) shape: LstmShape,
    pub(crate) batch: usize,
    pub(crate) steps: usize,
    pub(crate) output: Output,
    pub(crate) layers: Vec<Layer>,
    /// `(batch, steps, input)`.
    pub(crate) x: Vec<f64>,
    /// Dropout masks `(batch, steps, hidden)` of all layers but the last; none without dropout.
    pub(crate) masks: Vec<Vec<f64>>,
}

/// What a layer computed for one sequence, `(steps, hidden)` each.
#[derive(Default)]
struct Trace {
    /// i, f, g, o.
    gates: [Vec<f64>; 4],
    cell: Vec<f64>,
    hidden: Vec<f64>,
    /// Hidden states after the mask, which the layer above reads.
    passed_on: Vec<f64>,
}

impl Reference {
    /// `(batch, hidden)` or `(batch, steps, hidden)`.
    pub(crate) fn forward(&self) -> Vec<f64> {
        let mut out = Vec::new();
        for row in 0..self.batch {
            let traces = self.run(row);
            let hidden = &traces.last().unwrap().hidden;
            out.extend_from_slice(&hidden[self.first_wanted() * self.shape.hidden..]);
        }
        out
    }

    /// Gradients of the weights and of the input, by back-propagation through time.
    pub(crate) fn backward(&self, d_output: &[f64]) -> (Vec<Layer>, Vec<f64>) {
        let zero = |values: &Vec<f64>| vec![0.0; values.len()];
        let mut gradients: Vec<_> = self
            .layers
            .iter()
            .map(|l| Layer {
                weight_ih: zero(&l.weight_ih),
                weight_hh: zero(&l.weight_hh),
                bias_ih: zero(&l.bias_ih),
                bias_hh: zero(&l.bias_hh),
            })
            .collect();
        let mut dx = Vec::new();
        let wanted = (self.steps - self.first_wanted()) * self.shape.hidden;
        for row in 0..self.batch {
            let traces = self.run(row);
            let mut d_hidden = vec![0.0; self.first_wanted() * self.shape.hidden];
            d_hidden.extend_from_slice(&d_output[row * wanted..(row + 1) * wanted]);
            for index in (0..self.shape.layers).rev() {
                let input = if index == 0 { self.x_of(row).to_vec() } else { traces[index - 1].passed_on.clone() };
                d_hidden = self.layer_backward(index, &traces[index], &input, &d_hidden, &mut gradients[index]);
                if index > 0 {
                    self.mask(index - 1, row, &mut d_hidden);
                }
            }
            dx.extend(d_hidden);
        }
        (gradients, dx)
    }

    fn first_wanted(&self) -> usize {
        if self.output == Output::LastStep { self.steps - 1 } else { 0 }
    }

    fn x_of(&self, row: usize) -> &[f64] {
        let width = self.steps * self.shape.input;
        &self.x[row * width..(row + 1) * width]
    }

    fn mask(&self, layer: usize, row: usize, values: &mut [f64]) {
        if let Some(mask) = self.masks.get(layer) {
            for (value, factor) in values.iter_mut().zip(&mask[row * self.steps * self.shape.hidden..]) {
                *value *= factor;
            }
        }
    }

    fn run(&self, row: usize) -> Vec<Trace> {
        let mut traces: Vec<Trace> = Vec::new();
        for index in 0..self.shape.layers {
            let input = traces.last().map_or(self.x_of(row), |below| &below.passed_on);
            let mut trace = self.layer_forward(index, input);
            trace.passed_on = trace.hidden.clone();
            self.mask(index, row, &mut trace.passed_on);
            traces.push(trace);
        }
        traces
    }

    fn layer_forward(&self, index: usize, input: &[f64]) -> Trace {
        let (layer, hidden) = (&self.layers[index], self.shape.hidden);
        let width = input.len() / self.steps;
        let mut trace = Trace::default();
        let (mut h, mut c) = (vec![0.0; hidden], vec![0.0; hidden]);
        for step in 0..self.steps {
            let x = &input[step * width..(step + 1) * width];
            let before = h.clone();
            for unit in 0..hidden {
                let gate = |gate: usize| {
                    let row = gate * hidden + unit;
                    layer.bias_ih[row]
                        + layer.bias_hh[row]
                        + dot(&layer.weight_ih[row * width..], x)
                        + dot(&layer.weight_hh[row * hidden..], &before)
                };
                let (i, f, g, o) = (sigmoid(gate(0)), sigmoid(gate(1)), gate(2).tanh(), sigmoid(gate(3)));
                c[unit] = f * c[unit] + i * g;
                h[unit] = o * c[unit].tanh();
                for (values, value) in trace.gates.iter_mut().zip([i, f, g, o]) {
                    values.push(value);
                }
            }
            trace.cell.extend_from_slice(&c);
            trace.hidden.extend_from_slice(&h);
        }
        trace
    }

    /// Adds to `gradient` and returns the gradient of `input`.
    fn layer_backward(
        &self,
        index: usize,
        trace: &Trace,
        input: &[f64],
        d_hidden: &[f64],
        gradient: &mut Layer,
    ) -> Vec<f64> {
        let (layer, hidden) = (&self.layers[index], self.shape.hidden);
        let width = input.len() / self.steps;
        let mut d_input = vec![0.0; input.len()];
        let (mut d_h_next, mut d_c) = (vec![0.0; hidden], vec![0.0; hidden]);
        for step in (0..self.steps).rev() {
            let mut d_h_before = vec![0.0; hidden];
            for unit in 0..hidden {
                let at = step * hidden + unit;
                let [i, f, g, o] = [0, 1, 2, 3].map(|gate| trace.gates[gate][at]);
                let t = trace.cell[at].tanh();
                let c_before = if step > 0 { trace.cell[at - hidden] } else { 0.0 };
                let d_h = d_hidden[at] + d_h_next[unit];
                let d_cell = d_c[unit] + d_h * o * (1.0 - t * t);
                d_c[unit] = d_cell * f;
                let d_gates = [
                    d_cell * g * i * (1.0 - i),
                    d_cell * c_before * f * (1.0 - f),
                    d_cell * i * (1.0 - g * g),
                    d_h * t * o * (1.0 - o),
                ];
                for (gate, d) in d_gates.into_iter().enumerate() {
                    let row = gate * hidden + unit;
                    gradient.bias_ih[row] += d;
                    gradient.bias_hh[row] += d;
                    for k in 0..width {
                        gradient.weight_ih[row * width + k] += d * input[step * width + k];
                        d_input[step * width + k] += d * layer.weight_ih[row * width + k];
                    }
                    for (k, d_h_before) in d_h_before.iter_mut().enumerate() {
                        if step > 0 {
                            gradient.weight_hh[row * hidden + k] += d * trace.hidden[(step - 1) * hidden + k];
                        }
                        *d_h_before += d * layer.weight_hh[row * hidden + k];
                    }
                }
            }
            d_h_next = d_h_before;
        }
        d_input
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}
