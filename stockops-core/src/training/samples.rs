//! Samples: inputs and targets as flat rows, whatever they are windows of.

use crate::dataset::Windows;
use crate::features::FeatureSet;

/// What a learner is fitted to.
#[derive(Clone, Copy)]
pub(crate) struct Task<'a> {
    /// Samples that it learns from.
    pub(crate) train: &'a dyn Samples,
    /// Samples that the epoch is chosen on; there may be none.
    pub(crate) validation: &'a dyn Samples,
    /// Columns of the rows that it predicts.
    pub(crate) features: &'a FeatureSet,
}

/// Inputs and targets that a learner can be fitted to.
pub(crate) trait Samples {
    /// Number of samples.
    fn len(&self) -> usize;

    /// Append input `index`, row by row.
    fn push_input(&self, index: usize, to: &mut Vec<f32>);

    /// Append target `index`, row by row.
    fn push_target(&self, index: usize, to: &mut Vec<f32>);
}

/// The windows of one or several tickers, one after the other.
#[derive(Debug)]
pub(crate) struct Pool<'a> {
    windows: Vec<Windows<'a>>,
    /// First sample of each ticker, and the count of all.
    starts: Vec<usize>,
}

impl<'a> Pool<'a> {
    pub(crate) fn new(windows: Vec<Windows<'a>>) -> Self {
        let mut starts = vec![0];
        for part in &windows {
            starts.push(starts[starts.len() - 1] + part.len());
        }
        Self { windows, starts }
    }

    fn locate(&self, index: usize) -> (&Windows<'a>, usize) {
        let ticker = self.starts.partition_point(|start| *start <= index) - 1;
        (&self.windows[ticker], index - self.starts[ticker])
    }
}

impl Samples for Pool<'_> {
    fn len(&self) -> usize {
        self.starts[self.windows.len()]
    }

    fn push_input(&self, index: usize, to: &mut Vec<f32>) {
        let (windows, index) = self.locate(index);
        to.extend(windows.context(index).iter());
    }

    fn push_target(&self, index: usize, to: &mut Vec<f32>) {
        let (windows, index) = self.locate(index);
        to.extend(windows.target(index).iter());
    }
}

/// Hidden states of a frozen network, computed once, with the targets of their windows.
#[derive(Debug)]
pub(crate) struct Cached<'a> {
    /// Row by row, `width` values a sample.
    pub(crate) hidden: Vec<f32>,
    pub(crate) width: usize,
    pub(crate) targets: Pool<'a>,
}

impl Samples for Cached<'_> {
    fn len(&self) -> usize {
        self.targets.len()
    }

    fn push_input(&self, index: usize, to: &mut Vec<f32>) {
        to.extend_from_slice(&self.hidden[index * self.width..(index + 1) * self.width]);
    }

    fn push_target(&self, index: usize, to: &mut Vec<f32>) {
        self.targets.push_target(index, to);
    }
}
