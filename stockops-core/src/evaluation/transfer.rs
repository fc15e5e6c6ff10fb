//! `Transfer`: whether a child is better for having a parent, on days that neither learned from.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::rmse;
use crate::forecast::{Case, Field};

/// Skill of a child over two others on the same held-out days: the parent's network as it is, and a network that learned
/// from the child's bars alone.
///
/// Each is `1 - RMSE of the child / RMSE of the other` at one day ahead, by field; above 0 the child is better.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transfer {
    /// Over the parent's network, zero-shot; empty for a child that is zero-shot itself.
    pub vs_zero_shot: BTreeMap<Field, f64>,
    /// Over a network trained from random weights on the same bars of the child: what the parent is worth.
    pub vs_scratch: BTreeMap<Field, f64>,
    /// Forecasts that were compared.
    pub forecasts: usize,
}

/// Skill of `own` over `other` at one day ahead, forecasts of the same days.
pub(crate) fn skill_over(own: &[Case<'_>], other: &[Case<'_>]) -> BTreeMap<Field, f64> {
    let error = |cases: &[Case<'_>], field| {
        let errors: Vec<f64> = cases.iter().filter_map(|case| case.error(field, 0)).collect();
        rmse(&errors).filter(|rmse| *rmse > 0.0)
    };
    let of = |field: Field| Some((field, 1.0 - error(own, field)? / error(other, field)?));
    [Field::Close, Field::Volume, Field::Range].into_iter().filter_map(of).collect()
}
