//! `Losses` and `Chance`: what may be lost and reached until a session, and how such statements were kept.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stockops_core::forecast::Horizon;
use stockops_core::risk::{ByHorizon, RiskScore, RiskStatement, Threshold};

use super::number::{price, share};

/// Losses until one session, as shares of the last close: 0.05 is a loss of 5 %.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Losses {
    /// Day of the session.
    pub date: NaiveDate,
    /// 1 for the next session.
    pub sessions_ahead: usize,
    /// Loss that is not exceeded with 95 %.
    pub value_at_risk_95: Option<f64>,
    /// Loss that is not exceeded with 99 %.
    pub value_at_risk_99: Option<f64>,
    /// Mean loss of the 5 % of cases beyond.
    pub expected_shortfall_95: Option<f64>,
    /// Mean loss of the 1 % of cases beyond.
    pub expected_shortfall_99: Option<f64>,
    /// Mean of the highest price until then.
    pub expected_high: Option<f64>,
    /// Mean of the lowest price until then.
    pub expected_low: Option<f64>,
    /// How such statements were kept on held-out days; null where too few are held out.
    pub kept: Option<KeptLosses>,
}

/// How statements of one horizon were kept on held-out days.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct KeptLosses {
    /// Statements that were judged.
    pub judged_forecasts: usize,
    /// Share of days that lost more than the value at risk of 95 %: to be 0.05.
    pub exceeded_95: Option<f64>,
    /// Share of days that lost more than the value at risk of 99 %: to be 0.01.
    pub exceeded_99: Option<f64>,
    /// How often chance strays as far from 0.01 (Kupiec): below 0.05 the statement is doubtful.
    pub kupiec_p_99: Option<f64>,
    /// Skill of the chances of a touch over a random walk, by Brier score: at or below 0 the walk is as good.
    pub touch_skill: Option<f64>,
}

/// Chances of one price until a session, from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Chance {
    /// The price.
    pub price: f64,
    /// 1 for the next session.
    pub sessions_ahead: usize,
    /// That the session closes above it.
    pub close_above: f64,
    /// That the session closes below it.
    pub close_below: f64,
    /// That it is traded at until then.
    pub touch: f64,
    /// Skill of such chances of a touch over a random walk on held-out days; null where too few were held out.
    pub touch_skill: Option<f64>,
}

impl Losses {
    /// Losses until the session `horizon`; none for one that is not stated.
    pub(crate) fn until(horizon: Horizon, risk: &RiskStatement) -> Option<Self> {
        let of = |table: &BTreeMap<Threshold, ByHorizon>, level: f64| {
            table.get(&Threshold(level))?.get(&horizon).copied().map(share)
        };
        Some(Self {
            date: *risk.sessions.get(horizon.sessions() - 1)?,
            sessions_ahead: horizon.sessions(),
            value_at_risk_95: of(&risk.value_at_risk, 95.0),
            value_at_risk_99: of(&risk.value_at_risk, 99.0),
            expected_shortfall_95: of(&risk.expected_shortfall, 95.0),
            expected_shortfall_99: of(&risk.expected_shortfall, 99.0),
            expected_high: risk.expected_high.get(&horizon).copied().map(price),
            expected_low: risk.expected_low.get(&horizon).copied().map(price),
            kept: risk.skill.get(&horizon).map(KeptLosses::of),
        })
    }
}

impl KeptLosses {
    fn of(score: &RiskScore) -> Self {
        let tail = |level: f64| score.tail.get(&Threshold(level));
        Self {
            judged_forecasts: score.n,
            exceeded_95: tail(95.0).map(|tail| share(tail.exceeded)),
            exceeded_99: tail(99.0).map(|tail| share(tail.exceeded)),
            kupiec_p_99: tail(99.0).map(|tail| share(tail.value_at_risk.kupiec_p)),
            touch_skill: touch_skill(score),
        }
    }
}

impl Chance {
    /// Chances of all prices until the session `horizon`.
    pub(crate) fn until(horizon: Horizon, risk: &RiskStatement) -> Vec<Self> {
        let chances = &risk.probability;
        let touch_skill = risk.skill.get(&horizon).and_then(touch_skill);
        let chance = |(level, touch): (&Threshold, &ByHorizon)| {
            Some(Self {
                price: price(level.0),
                sessions_ahead: horizon.sessions(),
                close_above: share(*chances.close_above.get(level)?.get(&horizon)?),
                close_below: share(*chances.close_below.get(level)?.get(&horizon)?),
                touch: share(*touch.get(&horizon)?),
                touch_skill,
            })
        };
        chances.touch.iter().filter_map(chance).collect()
    }
}

fn touch_skill(score: &RiskScore) -> Option<f64> {
    score.touch.as_ref()?.skill.map(share)
}
