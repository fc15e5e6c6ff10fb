//! Derived figures: what follows from facts in one step, and may be said as well.

use crate::facts::{Fact, Facts, Quantity, Value};

/// Differences, changes, widths and complements of facts that belong together. Their ids say how they come about.
pub(super) fn derived(facts: &Facts) -> Vec<Fact> {
    let maker = Maker { facts };
    let mut all = maker.moves();
    all.extend(maker.distances());
    all.extend(maker.widths());
    all.extend(maker.shares());
    all.extend(maker.volumes());
    all.extend(maker.losses());
    all
}

struct Maker<'a> {
    facts: &'a Facts,
}

impl Maker<'_> {
    fn number(&self, id: &str) -> Option<f64> {
        self.facts.get(id)?.number()
    }

    /// `fact` with another value, measured as `quantity`.
    fn from(&self, fact: &Fact, id: String, quantity: Quantity, value: Value) -> Fact {
        let of = fact.of.or(Some(fact.quantity));
        Fact { id, quantity, value, of, ..fact.clone() }
    }

    /// Moves in the currency: of prices ahead against the last close, and of the past.
    fn moves(&self) -> Vec<Fact> {
        let Some(last) = self.number("last_close") else { return Vec::new() };
        let of = |fact: &Fact| match (&fact.value, fact.quantity) {
            (Value::Price(price), Quantity::Open | Quantity::High | Quantity::Low | Quantity::Close)
                if (fact.horizon.is_some() || fact.id.starts_with("week_")) =>
            {
                let id = format!("{} - last_close", fact.id);
                let moved = self.from(fact, id, Quantity::Return, Value::Price(price - last));
                let share = self.from(
                    fact,
                    format!("{} / last_close - 1", fact.id),
                    Quantity::Return,
                    Value::Fraction(price / last - 1.0),
                );
                Some(vec![moved, share])
            }
            (Value::Fraction(share), Quantity::Return) if fact.span.is_some() && fact.id.starts_with("return") => {
                let moved = self.from(
                    fact,
                    format!("{} in the currency", fact.id),
                    Quantity::Return,
                    Value::Price(last - last / (1.0 + share)),
                );
                Some(vec![moved])
            }
            _ => None,
        };
        self.facts.facts.iter().filter_map(of).flatten().collect()
    }

    /// How far the last close stands from means.
    fn distances(&self) -> Vec<Fact> {
        let Some(last) = self.number("last_close") else { return Vec::new() };
        let means = self.facts.facts.iter().filter(|fact| fact.quantity == Quantity::Average);
        let of = |fact: &Fact| {
            let mean = fact.number()?;
            let share = self.from(
                fact,
                format!("last_close / {} - 1", fact.id),
                Quantity::Return,
                Value::Fraction(last / mean - 1.0),
            );
            let points =
                self.from(fact, format!("last_close - {}", fact.id), Quantity::Return, Value::Price(last - mean));
            Some([share, points].map(|fact| Fact {
                of: Some(Quantity::Close),
                against: Some("average".into()),
                ..fact
            }))
        };
        means.filter_map(of).flatten().collect()
    }

    /// Widths of intervals.
    fn widths(&self) -> Vec<Fact> {
        let last = self.number("last_close");
        let lows = self.facts.facts.iter().filter(|fact| fact.end.as_deref() == Some("low"));
        let of = |low: &Fact| {
            let high = self.number(&low.id.replace("_low", "_high"))?;
            let width = high - low.number()?;
            let value = match low.value {
                Value::Price(_) => Value::Price(width),
                Value::Shares(_) => Value::Shares(width),
                _ => Value::Fraction(width),
            };
            let fact = self.from(low, low.id.replace("_low", "_width"), Quantity::Range, value);
            let fact = Fact { end: None, ..fact };
            let against = last.filter(|_| matches!(fact.value, Value::Price(_)));
            let share = against.map(|last| Fact { value: Value::Fraction(width / last), ..fact.clone() });
            Some(share.into_iter().chain([fact]))
        };
        lows.filter_map(of).flatten().collect()
    }

    /// Misses of intervals, how far coverage strays, how much better than the majority, hits in numbers.
    fn shares(&self) -> Vec<Fact> {
        let count = self.number("held_out");
        let of = |fact: &Fact| {
            let share = fact.number()?;
            let aim = fact.level.map(|level| f64::from(level) / 100.0);
            let hits = count.map(|count| {
                self.from(
                    fact,
                    format!("{} of held_out", fact.id),
                    Quantity::Count,
                    Value::Count((share * count).round() as u64),
                )
            });
            Some(match fact.quantity {
                Quantity::Coverage => {
                    let missed =
                        self.from(fact, format!("1 - {}", fact.id), Quantity::Coverage, Value::Fraction(1.0 - share));
                    let off = aim.map(|aim| {
                        self.from(
                            fact,
                            format!("{} - level", fact.id),
                            Quantity::Coverage,
                            Value::Fraction(share - aim),
                        )
                    });
                    [Some(missed), off, hits].into_iter().flatten().collect::<Vec<_>>()
                }
                Quantity::Accuracy => {
                    let majority = self.number(&fact.id.replace("direction", "majority"));
                    let over = majority.map(|majority| {
                        self.from(
                            fact,
                            format!("{} - majority", fact.id),
                            Quantity::Accuracy,
                            Value::Fraction(share - majority),
                        )
                    });
                    [over, hits].into_iter().flatten().collect::<Vec<_>>()
                }
                _ => return None,
            })
        };
        self.facts.facts.iter().filter_map(of).flatten().collect()
    }

    /// Volumes ahead against the last and the usual one, widths against the usual, and multiples of changes.
    fn volumes(&self) -> Vec<Fact> {
        let mut all = Vec::new();
        for fact in self
            .facts
            .facts
            .iter()
            .filter(|fact| fact.quantity == Quantity::Volume && fact.horizon.is_some() && fact.level.is_none())
        {
            for base in ["last_volume", "volume_mean_20"] {
                let Some((volume, base_value)) = fact.number().zip(self.number(base)) else { continue };
                all.extend(self.change(fact, base, volume / base_value));
            }
        }
        if let Some((fact, ratio)) = self.facts.get("volume_ratio_20").and_then(|fact| Some((fact, fact.number()?))) {
            let share = self.from(fact, "volume_ratio_20 - 1".into(), Quantity::Return, Value::Fraction(ratio - 1.0));
            all.push(share);
        }
        if let Some((fact, usual)) = self.facts.get("range_forecast").zip(self.number("range_usual")) {
            let ratio = fact.number().unwrap_or(0.0) / usual;
            all.extend(
                self.change(fact, "range_usual", ratio).map(|fact| Fact { against: Some("usual".into()), ..fact }),
            );
        }
        all
    }

    fn change(&self, fact: &Fact, base: &str, ratio: f64) -> [Fact; 2] {
        let share =
            self.from(fact, format!("{} / {base} - 1", fact.id), Quantity::Return, Value::Fraction(ratio - 1.0));
        [share, self.from(fact, format!("{} / {base}", fact.id), Quantity::Ratio, Value::Number(ratio))]
    }

    /// Losses in the currency.
    fn losses(&self) -> Vec<Fact> {
        let Some(last) = self.number("last_close") else { return Vec::new() };
        let losses = self
            .facts
            .facts
            .iter()
            .filter(|fact| matches!(fact.quantity, Quantity::ValueAtRisk | Quantity::ExpectedShortfall));
        losses
            .filter_map(|fact| {
                Some(self.from(
                    fact,
                    format!("{} in the currency", fact.id),
                    fact.quantity,
                    Value::Price(fact.number()? * last),
                ))
            })
            .collect()
    }
}
