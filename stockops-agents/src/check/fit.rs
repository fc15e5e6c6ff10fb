//! Whether a fact is what a claim says: its value, and all that is said around it.

use chrono::NaiveDate;

use super::around::Found;
use super::claim::{Claim, When, is_field};
use super::lexicon::{Event, Meaning, Way};
use super::number::Unit;
use super::reading::What;
use crate::facts::{Fact, Facts, Quantity, Value};

impl Claim<'_> {
    /// How well `fact` fits all that is said: the more is said and true, the more. None where the value or anything said is
    /// another's.
    pub(super) fn fit(&self, fact: &Fact, facts: &Facts) -> Option<u32> {
        if !self.is_value_of(fact) {
            return None;
        }
        self.speaks_of(fact, facts)
    }

    /// Whether nothing that is said speaks against `fact`; the value is not looked at.
    pub(super) fn speaks_of(&self, fact: &Fact, facts: &Facts) -> Option<u32> {
        if let Some(id) =
            self.named.filter(|id| facts.get(id).is_some_and(|fact| matches!(fact.value, Value::Price(_))))
        {
            return (fact.id == id).then_some(6);
        }
        let parts = [
            self.measures(fact),
            self.is_of_field(fact),
            self.is_of_time(fact, facts),
            self.has_level(fact),
            self.is_held_against(fact),
            self.is_of_event(fact),
            self.has_direction(fact, facts),
            self.counts(fact),
        ];
        parts.into_iter().sum()
    }

    /// Whether the value of `fact` reads as this number, within its printed precision.
    pub(super) fn is_value_of(&self, fact: &Fact) -> bool {
        let Some(value) = self.printed(fact) else { return false };
        let is_beyond = match (self.bound, self.num.whole()) {
            (Some(1.0), Some(99)) => value >= 99.0,
            (Some(-1.0), Some(1)) => value <= 1.0,
            _ => false,
        };
        (is_beyond && fact.quantity == Quantity::Probability) || self.is_near(value)
    }

    fn is_near(&self, value: f64) -> bool {
        let num = &self.num;
        let (size, said) = if num.sign.is_some() { (value, num.signed()) } else { (value.abs(), num.value) };
        let mut tolerance = 0.5 * num.ulp * (1.0 + 1e-9) + 1e-9 * size.abs();
        if self.is_approx && !num.is_word {
            let one_sided = if self.bound.is_some() { num.coarse } else { 0.5 * num.coarse };
            tolerance = tolerance.max(one_sided.min(0.02 * size.abs()));
        }
        let bounded = self.bound.filter(|_| self.is_approx).is_none_or(|side| (size - said) * side > -0.5 * num.ulp);
        (size - said).abs() <= tolerance && bounded
    }

    /// The value of `fact` in the unit in which this number is printed; none where it cannot be printed so.
    pub(super) fn printed(&self, fact: &Fact) -> Option<f64> {
        let is_named_share =
            matches!(fact.quantity, Quantity::Probability | Quantity::Skill | Quantity::Coverage | Quantity::Accuracy);
        match (&fact.value, self.num.unit) {
            (Value::Fraction(share), Unit::Percent) => Some(100.0 * share),
            (Value::Fraction(share), Unit::Points) if fact.id.contains(" - ") => Some(100.0 * share),
            (Value::Fraction(share), Unit::Plain) if is_named_share && self.num.ulp < 0.1 && self.num.value < 1.0 => {
                Some(*share)
            }
            (Value::Fraction(share), Unit::Times) if fact.quantity == Quantity::Return => Some(1.0 + share),
            (Value::Number(ratio), Unit::Times) if fact.quantity == Quantity::Ratio => Some(*ratio),
            (Value::Number(number), Unit::Plain) => Some(*number),
            (Value::Price(price), Unit::Money | Unit::Plain) => Some(*price),
            (Value::Shares(shares), Unit::Many | Unit::Plain) => Some(*shares),
            (Value::Count(count), Unit::Plain) => Some(*count as f64),
            _ => None,
        }
    }

    /// Whether what is said to be measured is what `fact` is.
    pub(super) fn measures(&self, fact: &Fact) -> Option<u32> {
        use Quantity::{
            Accuracy, Average, Count, Coverage, Drift, ExpectedShortfall, Macd, Probability, Ratio, Return, Rsi14,
            Skill, Threshold, ValueAtRisk,
        };
        let own = (!is_field(fact.quantity)).then_some(fact.quantity);
        let is_named = own.is_some_and(|own| {
            matches!(
                own,
                Accuracy
                    | Average
                    | Coverage
                    | Drift
                    | ExpectedShortfall
                    | Macd
                    | Probability
                    | Rsi14
                    | Skill
                    | ValueAtRisk
            )
        });
        match (self.measure, own) {
            (_, Some(Count | Threshold | Ratio)) => Some(0),
            (Some(said), Some(own)) if said.value == own => Some(2),
            // "52-week high" and "the mean" of a price are of bars too, `direction` is a word of many.
            (Some(said), Some(Return)) if matches!(said.value, Average | Accuracy) => Some(0),
            (Some(_), Some(_)) => None,
            (Some(said), None)
                if said.is_tight
                    && said.cost <= 6
                    && fact.against.is_none()
                    && !(said.value == Return && self.num.unit != Unit::Percent) =>
            {
                (said.value == Probability && fact.quantity == Quantity::Range).then_some(0)
            }
            (Some(_), None) => Some(0),
            (None, Some(own)) if is_named => self.reading.heading.contains(&Meaning::Measure(own)).then_some(1),
            (None, _) => Some(0),
        }
    }

    fn is_of_field(&self, fact: &Fact) -> Option<u32> {
        use Quantity::{Average, Close, Count, High, Low, Open, Volume};
        let own = if is_field(fact.quantity) { Some(fact.quantity) } else { fact.of };
        let counts_shares = self.num.unit == Unit::Many;
        if self.is_touched() {
            let of_bars = fact.horizon.is_none() && fact.level.is_none() && fact.span.is_none();
            return (matches!(fact.quantity, High | Low) && of_bars).then_some(1);
        }
        if fact.id.starts_with("week_") && !self.speaks_of_week() {
            return None;
        }
        if fact.id.ends_with("_width") {
            // `the interval of the close is 1 wide`: what is wide says the field.
            let of_field = self.field.is_none_or(|said| {
                fact.of == Some(said.value)
                    || (said.value == Quantity::Range
                        && self.reading.says(|meaning| fact.of.is_some_and(|of| *meaning == Meaning::Field(of))))
            });
            return (of_field && self.reading.says(|meaning| *meaning == Meaning::Field(Quantity::Range))).then_some(1);
        }
        // A session trades between its low and its high.
        let is_side = |is_low| (fact.quantity == if is_low { Low } else { High }) && fact.level.is_none();
        let is_own = self.field.is_some_and(|field| field.is_tight && field.cost <= 3);
        if self.level.is_none() && !is_own && self.pair.is_some_and(|(_, is_low)| is_side(is_low)) {
            return Some(1);
        }
        match (self.field, own) {
            (Some(said), Some(own)) if said.value == own => Some(2),
            (Some(said), Some(_)) => {
                let is_reference = fact.against.as_deref().is_some_and(|against| {
                    (against == "average" && said.value == Close)
                        || (matches!(against, "high_52w" | "high_known") && said.value == High)
                });
                let of_reach = matches!(fact.quantity, Quantity::Probability) && said.value == Close;
                (is_reference || of_reach).then_some(0)
            }
            (Some(said), None) if fact.quantity == Average || fact.quantity == Count => {
                Some(u32::from(said.value == Close))
            }
            (_, None) => Some(0),
            (None, Some(Open | High | Low)) if is_field(fact.quantity) => None,
            (None, Some(Volume)) if is_field(fact.quantity) => counts_shares.then_some(0),
            (None, Some(Volume)) if matches!(fact.quantity, Quantity::Return | Quantity::Ratio) => self
                .reading
                .items
                .iter()
                .any(|item| item.number().is_some_and(|num| num.unit == Unit::Many))
                .then_some(0),
            (None, Some(Quantity::Range)) if matches!(fact.quantity, Quantity::Return | Quantity::Ratio) => self
                .reading
                .says(|meaning| matches!(meaning, Meaning::Volatility(_) | Meaning::Against("usual")))
                .then_some(0),
            (None, Some(_)) => Some(0),
        }
    }

    /// `touched 1`: the high or the low of a session, where no chance is spoken of.
    fn is_touched(&self) -> bool {
        let touched = self
            .event
            .is_some_and(|event| event.value == Event::Touch && event.is_tight && !event.is_after && event.cost <= 1);
        touched
            && self.num.unit == Unit::Money
            && !self.reading.says(|meaning| matches!(meaning, Meaning::Measure(Quantity::Probability) | Meaning::Modal))
    }

    /// Whether the time that is said is that of `fact`.
    pub(super) fn is_of_time(&self, fact: &Fact, facts: &Facts) -> Option<u32> {
        // `from 1 to 2 in five sessions`: the first is of the start.
        if self.is_after_from && self.pair.is_some_and(|(_, is_first)| is_first) && fact.id == "last_close" {
            return Some(1);
        }
        let is_of_bars = fact.origin.source.starts_with("bars of") && !fact.id.contains("_h");
        let is_ahead = fact.horizon.is_some() || fact.id.starts_with("week_");
        // `below Friday's 1` is of that Friday, whatever is expected.
        let is_owned = self.when.is_some_and(|when| {
            matches!(when.value, When::Day(_)) && when.is_tight && !when.is_after && when.cost <= 2
        });
        if let Some(tense) =
            self.is_known.filter(|tense| !is_owned && tense.is_tight && tense.cost <= 6 && is_field(fact.quantity))
            && ((tense.value && is_ahead && !is_of_bars)
                || (!tense.value && is_of_bars && self.when.is_some_and(|when| when.is_tight)))
        {
            return None;
        }
        let Some(when) = self.when else { return Some(0) };
        match when.value {
            When::Sessions(count, way) => {
                let ahead = way != Way::Back
                    && (fact.horizon == Some(count)
                        || (is_ahead && fact.horizon.is_none() && fact.span == Some(count)));
                let back = way != Way::Ahead && !is_ahead && fact.span == Some(count);
                if ahead || back {
                    return Some(2);
                }
                if fact.quantity == Quantity::Count && fact.horizon.is_none() {
                    return Some(0);
                }
                // What has no time of its own is not spoken of by a time that stands further off.
                let timeless = fact.horizon.is_none() && fact.span.is_none();
                (timeless
                    && !(when.is_tight && when.cost <= 4 && is_field(fact.quantity) && !fact.id.starts_with("range")))
                .then_some(0)
            }
            When::Day(_) => self.is_of_day(fact, facts, when),
        }
    }

    /// All sessions of the forecast together, and not the last of them.
    fn speaks_of_week(&self) -> bool {
        const WORDS: [&str; 13] = [
            "week",
            "weeks",
            "weekly",
            "next",
            "coming",
            "over",
            "all",
            "woche",
            "nächsten",
            "semaine",
            "prochaines",
            "semana",
            "próximas",
        ];
        self.reading.tokens.iter().any(|token| WORDS.contains(&token.word()))
    }

    fn is_of_day(&self, fact: &Fact, facts: &Facts, when: Found<When>) -> Option<u32> {
        let holds = |day: NaiveDate| self.days.iter().flatten().any(|partial| partial.holds(day));
        let base = [facts.moment.last_bar, facts.moment.decided.date_naive()].into_iter().any(holds);
        let day_of_horizon =
            fact.horizon.and_then(|horizon| facts.get(&format!("day_h{horizon}"))).and_then(|fact| fact.day);
        match fact.day.or(day_of_horizon) {
            Some(day) if holds(day) => Some(2),
            // A forecast made on that day, and what is known up to it.
            Some(day) if base && day > facts.moment.last_bar => (!(when.is_tight && when.cost <= 3)).then_some(0),
            Some(_) if base && fact.span.is_some() => Some(0),
            Some(_) if fact.horizon.is_none() && !is_field(fact.quantity) && !when.is_tight => Some(0),
            Some(_) => None,
            None => Some(0),
        }
    }

    fn has_level(&self, fact: &Fact) -> Option<u32> {
        let level = match (self.level, fact.level) {
            // Of a single number every level in the sentence speaks.
            (Some(_), Some(own)) if self.is_alone() => self.levels().all(|level| level == own).then_some(2)?,
            (Some(said), Some(own)) => (said == own).then_some(2)?,
            _ => 0,
        };
        let Some(end) = fact.end.as_deref() else {
            // The ends of an interval are no points: `1 to 2` with a level is one.
            let in_interval = self.pair.is_some()
                && self.level.is_some()
                && fact.level.is_none()
                && self.reading.says(|meaning| *meaning == Meaning::Interval);
            return (!in_interval).then_some(level);
        };
        let is_low = self.pair.map(|(_, is_low)| if is_low { "low" } else { "high" });
        match self.end.filter(|_| self.pair.is_none()).or(is_low) {
            Some(said) if said == end => Some(level + 2),
            Some(_) => None,
            None => {
                let is_named = self.level.is_some()
                    || self.reading.says(|meaning| matches!(meaning, Meaning::Interval | Meaning::Modal));
                (self.direction.is_some() && is_named).then_some(level)
            }
        }
    }

    fn is_alone(&self) -> bool {
        self.reading.items.iter().filter(|item| item.number().is_some()).count() == 1
    }

    fn levels(&self) -> impl Iterator<Item = u32> {
        self.reading.items.iter().filter_map(|item| if let What::Level(level) = item.what { Some(level) } else { None })
    }

    fn is_held_against(&self, fact: &Fact) -> Option<u32> {
        let Some(own) = fact.against.as_deref() else {
            let of_other = |said: &Found<&str>| {
                fact.quantity == Quantity::Return && ["last_open", "last_high", "last_low"].contains(&said.value)
            };
            if self.against.as_ref().is_some_and(of_other) {
                return None;
            }
            let drift = fact.quantity == Quantity::Drift;
            return match self.against.filter(|_| drift) {
                Some(said) => (said.value == fact.id).then_some(2),
                None => Some(0),
            };
        };
        if fact.quantity == Quantity::Accuracy {
            return self.against.is_some_and(|said| said.value == own).then_some(2);
        }
        if own == "mean" {
            return self
                .reading
                .says(|meaning| matches!(meaning, Meaning::Measure(Quantity::Average) | Meaning::Ahead))
                .then_some(0);
        }
        let Some(said) = self.against else {
            return Some(u32::from(fact.quantity == Quantity::Skill && !fact.id.ends_with("_hardest")));
        };
        if fact.quantity != Quantity::Skill {
            let of_another = |family: fn(&str) -> bool| family(said.value) && own != said.value;
            let is_far = said.value.ends_with("_52w") && !said.is_tight;
            let of_other_price = of_another(|word| word.starts_with("last_")) && own.starts_with("last_");
            let of_other_end = of_another(|word| word.ends_with("_52w")) && !is_far;
            let clashes = fact.quantity == Quantity::Return && (of_other_price || of_other_end);
            return (!clashes).then(|| 2 * u32::from(said.value == own));
        }
        match said.value {
            "best" => (!fact.id.ends_with("_persistence") && !fact.id.ends_with("_hardest")).then_some(2),
            "hardest" => fact.id.ends_with("_hardest").then_some(2),
            "last_close" | "usual" | "majority" | "drift_score" | "volatility_index" => Some(0),
            rule => (own == rule).then_some(2),
        }
    }

    fn is_of_event(&self, fact: &Fact) -> Option<u32> {
        match fact.quantity {
            Quantity::Threshold => {
                let of_width = matches!(fact.value, Value::Fraction(_));
                let is_asked =
                    self.event.is_some_and(|event| of_width == matches!(event.value, Event::Wider | Event::AnyWider));
                let is_chance =
                    self.measure.is_some_and(|measure| measure.value == Quantity::Probability && measure.cost <= 3);
                let is_level = !of_width
                    && self
                        .reading
                        .tokens
                        .iter()
                        .any(|token| ["level", "threshold", "barrier"].contains(&token.word()));
                ((is_asked || is_level) && !(of_width && is_chance)).then_some(if is_asked { 3 } else { 1 })
            }
            Quantity::Probability => {
                let (event, threshold) = fact.against.as_deref()?.split_once(' ')?;
                let said = self.event?.value;
                let name = match said {
                    Event::Above => "above",
                    Event::Below => "below",
                    Event::Touch => "touch",
                    Event::Wider => "wider",
                    Event::AnyWider => "any_wider",
                };
                let threshold: f64 = threshold.parse().ok()?;
                let num = self.threshold?;
                let shown = if num.unit == Unit::Percent { 100.0 * threshold } else { threshold };
                (name == event && (num.value - shown).abs() <= 0.5 * num.ulp + 1e-9).then_some(3)
            }
            _ => Some(0),
        }
    }

    fn has_direction(&self, fact: &Fact, facts: &Facts) -> Option<u32> {
        let better = self.better.filter(|_| fact.quantity == Quantity::Skill);
        let Some(direction) = better.or(self.direction) else { return Some(0) };
        let value = fact.number()?;
        let sign_fits = |moved: f64| (moved * direction > 0.0).then_some(1);
        match fact.quantity {
            Quantity::Return
                if fact.of == Some(Quantity::Close) || fact.against.is_some() || fact.id.contains(" / ") =>
            {
                sign_fits(value)
            }
            Quantity::Return => sign_fits(value),
            Quantity::Skill => sign_fits(value),
            // `the value at risk rises to 1` tells of the risk, not of the price.
            Quantity::ValueAtRisk | Quantity::ExpectedShortfall if self.is_after_to => Some(0),
            Quantity::ValueAtRisk | Quantity::ExpectedShortfall => (direction < 0.0).then_some(1),
            Quantity::Close | Quantity::Open | Quantity::High | Quantity::Low
                if self.is_after_to && fact.horizon.is_some() && self.pair.is_none() =>
            {
                let last = facts.get("last_close")?.number()?;
                sign_fits(value - last)
            }
            _ => Some(0),
        }
    }

    /// Whether a difference or a change goes the way that is said: `1 % above` is no fall.
    pub(super) fn goes_with(&self, fact: &Fact) -> bool {
        let side = self.direction.filter(|_| fact.quantity == Quantity::Return);
        side.is_none_or(|side| fact.number().is_none_or(|moved| moved * side > 0.0))
    }

    fn counts(&self, fact: &Fact) -> Option<u32> {
        const MISSED: [&str; 7] = ["missed", "miss", "misses", "outside", "beyond", "verfehlte", "außerhalb"];
        if fact.id.starts_with("1 - ") && !self.reading.tokens.iter().any(|token| MISSED.contains(&token.word())) {
            return None;
        }
        if fact.quantity != Quantity::Count {
            return Some(0);
        }
        if fact.id.ends_with("of held_out") {
            return self
                .reading
                .says(|meaning| matches!(meaning, Meaning::Measure(Quantity::Coverage | Quantity::Accuracy)))
                .then_some(1);
        }
        self.counted.is_some_and(|ids| ids.contains(&fact.id.as_str())).then_some(2)
    }
}
