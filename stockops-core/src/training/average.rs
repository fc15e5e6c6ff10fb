//! `Average`: the exponential moving average of a module's weights while it is trained.

use std::collections::HashMap;

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param, ParamId};
use burn::tensor::{Tensor, TensorData};

/// Moving average of weights (Polyak and Juditsky 1992, in the exponential form): `average += (1 - d) (weights - average)`
/// after every step, where d grows from 0 to `decay` over the first steps, so that the start is forgotten.
///
/// The last steps of Adam wander about a minimum; their average lies nearer to it than any of them.
#[derive(Debug)]
pub(super) struct Average {
    decay: f64,
    steps: u32,
    values: HashMap<ParamId, Vec<f32>>,
}

impl Average {
    pub(super) fn new(decay: f64) -> Self {
        Self { decay, steps: 0, values: HashMap::new() }
    }

    /// Take in the weights after a step.
    pub(super) fn update<M: Module>(&mut self, module: &M) {
        self.steps += 1;
        let steps = f64::from(self.steps);
        let keep = self.decay.min(steps / (steps + 9.0)) as f32;
        module.visit(&mut Take { keep, values: &mut self.values });
    }

    /// `module` with the averaged weights in the place of its own.
    pub(super) fn of<M: Module>(&self, module: M) -> M {
        module.map(&mut Put { values: &self.values })
    }
}

struct Take<'a> {
    keep: f32,
    values: &'a mut HashMap<ParamId, Vec<f32>>,
}

impl ModuleVisitor for Take<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let Ok(own) = param.val().inner().into_data().try_into_vec::<f32>() else { return };
        match self.values.get_mut(&param.id) {
            Some(average) => average.iter_mut().zip(&own).for_each(|(a, w)| *a += (1.0 - self.keep) * (w - *a)),
            None => drop(self.values.insert(param.id, own)),
        }
    }
}

struct Put<'a> {
    values: &'a HashMap<ParamId, Vec<f32>>,
}

impl ModuleMapper for Put<'_> {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let (id, tensor, mapper) = param.consume();
        let Some(average) = self.values.get(&id) else { return Param::from_mapped_value(id, tensor, mapper) };
        let data = TensorData::new(average.clone(), tensor.dims());
        Param::from_mapped_value(id, Tensor::from_data(data, &tensor.device()), mapper)
    }
}
