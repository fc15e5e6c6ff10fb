//! Facts of the risk: losses, and chances of prices and widths.

use std::collections::BTreeMap;

use stockops_core::risk::{ByHorizon, RiskStatement, Threshold};

use super::gathered::Document;
use super::{Fact, Gathered, Quantity, Value};

/// What may be lost and reached; nothing where no risk was stated.
pub(super) fn facts(gathered: &Gathered<'_>) -> Vec<Fact> {
    let Some(risk) = gathered.risk else { return Vec::new() };
    let risks = Risks { gathered, risk };
    [risks.losses(), risks.thresholds(), risks.chances(), risks.extremes()].concat()
}

struct Risks<'a> {
    gathered: &'a Gathered<'a>,
    risk: &'a RiskStatement,
}

type Table = BTreeMap<Threshold, ByHorizon>;

impl Risks<'_> {
    fn fact(&self, id: String, words: String, quantity: Quantity, value: Value, path: String) -> Fact {
        Fact::new(id, words, quantity, value, self.gathered.from_document(Document::Risk, path))
    }

    /// A fact for each horizon, its id and words without the horizon.
    fn ahead(
        &self,
        id: &str,
        words: &str,
        quantity: Quantity,
        values: &ByHorizon,
        value: fn(f64) -> Value,
        path: &str,
    ) -> Vec<Fact> {
        let of = |(index, (horizon, number)): (usize, (&stockops_core::forecast::Horizon, &f64))| {
            let words = format!("{words}, {} sessions ahead", horizon.sessions());
            let fact =
                self.fact(format!("{id}_{horizon}"), words, quantity, value(*number), format!("{path}/{horizon}"));
            Fact { day: self.risk.sessions.get(index).copied(), horizon: Some(horizon.sessions()), ..fact }
        };
        values.iter().enumerate().map(of).collect()
    }

    fn losses(&self) -> Vec<Fact> {
        let of = |short: &str, words: &str, quantity, name: &str, table: &Table| {
            let rows = table.iter().flat_map(|(level, values)| {
                let facts = self.ahead(
                    &format!("{short}_{level}"),
                    &format!("{words} at {level} %"),
                    quantity,
                    values,
                    Value::Fraction,
                    &format!("/{name}/{level}"),
                );
                facts.into_iter().map(|fact| Fact { level: Some(level.0 as u32), ..fact })
            });
            rows.collect::<Vec<_>>()
        };
        let (at_risk, shortfall) = (&self.risk.value_at_risk, &self.risk.expected_shortfall);
        let mut facts = of("var", "value at risk", Quantity::ValueAtRisk, "value_at_risk", at_risk);
        facts.extend(of("es", "expected shortfall", Quantity::ExpectedShortfall, "expected_shortfall", shortfall));
        facts
    }

    /// The prices and widths that are asked about: they are named, not found, so their origin is the statement.
    fn thresholds(&self) -> Vec<Fact> {
        let named = |id: &str, words: &str, table: &Table, value: fn(f64) -> Value| {
            let of = |(index, threshold): (usize, &Threshold)| {
                self.fact(
                    format!("{id}_{}", index + 1),
                    words.into(),
                    Quantity::Threshold,
                    value(threshold.0),
                    String::new(),
                )
            };
            table.keys().enumerate().map(of).collect::<Vec<_>>()
        };
        let chances = &self.risk.probability;
        let mut facts = named("level", "price that is asked about", &chances.close_above, Value::Price);
        facts.extend(named("width", "width of a session that is asked about", &chances.wider, Value::Fraction));
        facts
    }

    fn chances(&self) -> Vec<Fact> {
        let chances = &self.risk.probability;
        let of = |id: &str, words: &str, name: &str, of: Quantity, table: &Table| {
            let rows = table.iter().enumerate().flat_map(|(index, (threshold, values))| {
                let path = format!("/probability/{name}/{threshold}");
                let shown =
                    if of == Quantity::Range { format!("{} %", 100.0 * threshold.0) } else { threshold.to_string() };
                let facts = self.ahead(
                    &format!("{id}_{}", index + 1),
                    &format!("chance that {words} {shown}"),
                    Quantity::Probability,
                    values,
                    Value::Fraction,
                    &path,
                );
                facts.into_iter().map(move |fact| Fact {
                    of: Some(of),
                    against: Some(format!("{id} {threshold}")),
                    ..fact
                })
            });
            rows.collect::<Vec<_>>()
        };
        [
            of("above", "the session closes above", "close_above", Quantity::Close, &chances.close_above),
            of("below", "the session closes below", "close_below", Quantity::Close, &chances.close_below),
            of("touch", "the price touches", "touch", Quantity::Close, &chances.touch),
            of("wider", "the session is wider than", "wider", Quantity::Range, &chances.wider),
            of("any_wider", "some session until then is wider than", "any_wider", Quantity::Range, &chances.any_wider),
        ]
        .concat()
    }

    fn extremes(&self) -> Vec<Fact> {
        let mut facts = self.ahead(
            "expected_high",
            "mean of the highest price until then",
            Quantity::High,
            &self.risk.expected_high,
            Value::Price,
            "/expected_high",
        );
        facts.extend(self.ahead(
            "expected_low",
            "mean of the lowest price until then",
            Quantity::Low,
            &self.risk.expected_low,
            Value::Price,
            "/expected_low",
        ));
        let count = Value::Count(self.risk.paths as u64);
        facts.push(self.fact(
            "paths".into(),
            "possible paths that were counted".into(),
            Quantity::Count,
            count,
            "/paths".into(),
        ));
        facts
            .into_iter()
            .map(|fact| Fact { against: (fact.quantity != Quantity::Count).then(|| "mean".into()), ..fact })
            .collect()
    }
}
