//! `Claim`: a number with what the words around it say, held against one fact.

use stockops_core::market::price_decimals;

use super::around::{Around, Found};
use super::lexicon::{Event, Meaning, Way};
use super::lists::Placed;
use super::number::{Num, Unit};
use super::reading::{Reading, What};
use super::token::Partial;
use crate::facts::{Fact, Quantity, Value};

/// When a value is of, as it is said.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum When {
    Sessions(usize, Way),
    Day(usize),
}

/// A number and all that is said of it.
#[derive(Debug)]
pub(super) struct Claim<'a> {
    pub(super) num: Num,
    pub(super) reading: &'a Reading,
    pub(super) field: Option<Found<Quantity>>,
    pub(super) measure: Option<Found<Quantity>>,
    pub(super) when: Option<Found<When>>,
    pub(super) days: Vec<Vec<Partial>>,
    pub(super) level: Option<u32>,
    pub(super) end: Option<&'static str>,
    pub(super) against: Option<Found<&'static str>>,
    /// The fact that the words right beside the number name: `the 52-week high of 1`, `1 a day earlier`.
    pub(super) named: Option<&'static str>,
    pub(super) event: Option<Found<Event>>,
    pub(super) is_known: Option<Found<bool>>,
    pub(super) direction: Option<f64>,
    pub(super) is_after_to: bool,
    pub(super) is_after_from: bool,
    pub(super) counted: Option<&'static [&'static str]>,
    pub(super) threshold: Option<Num>,
    pub(super) is_approx: bool,
    /// -1 for less than, 1 for more than, where that stands right before the number.
    pub(super) bound: Option<f64>,
    /// Of errors: 1 where the number says how much smaller they are, -1 for how much larger.
    pub(super) better: Option<f64>,
    /// The other number of an interval, and whether this is its low end.
    pub(super) pair: Option<(Num, bool)>,
}

pub(super) fn is_field(quantity: Quantity) -> bool {
    use Quantity::{Close, High, Low, Open, Range, Volume};
    matches!(quantity, Open | High | Low | Close | Volume | Range)
}

/// Whether a value of `quantity` is a share of one, in percent.
fn is_share(quantity: Quantity) -> bool {
    use Quantity::{Accuracy, Coverage, ExpectedShortfall, Probability, Range, Return, Skill, ValueAtRisk, Volatility};
    matches!(
        quantity,
        Accuracy | Coverage | ExpectedShortfall | Probability | Range | Return | Skill | ValueAtRisk | Volatility
    )
}

impl<'a> Claim<'a> {
    /// The claim of the number `at` of `reading`.
    pub(super) fn of(reading: &'a Reading, at: usize, num: Num, placed: Placed) -> Self {
        let around = Around { reading, at };
        // `-7.0 to +6.9 %`: what stands behind the second is said of both.
        let second =
            around.partner().filter(|(_, is_before)| !is_before).and_then(|(place, _)| reading.items[place].number());
        let in_percent = reading.in_percent || second.is_some_and(|second| second.unit == Unit::Percent);
        let unit = if num.unit == Unit::Plain && in_percent && !num.is_word { Unit::Percent } else { num.unit };
        let num = Num { unit, ..num };
        let fits = |quantity: Quantity| match unit {
            Unit::Percent | Unit::Points => is_share(quantity),
            Unit::Money => !matches!(
                quantity,
                Quantity::Probability
                    | Quantity::Skill
                    | Quantity::Coverage
                    | Quantity::Accuracy
                    | Quantity::Rsi14
                    | Quantity::Drift
            ),
            Unit::Times => true,
            Unit::Many => !is_share(quantity) && !matches!(quantity, Quantity::Macd | Quantity::Rsi14),
            Unit::Plain => true,
        };
        let is_counted = reading.items.iter().any(|item| item.says(Meaning::OutOf));
        let may_be_wide = matches!(unit, Unit::Percent | Unit::Times | Unit::Points) || (is_counted && num.is_bare);
        let field = around.meant(|meaning| match meaning {
            Meaning::Field(quantity) if *quantity != Quantity::Range || may_be_wide => Some(*quantity),
            _ => None,
        });
        let measure = around.meant(|meaning| match meaning {
            Meaning::Measure(quantity) if fits(*quantity) => Some(*quantity),
            _ => None,
        });
        let certain = |value| Found { value, is_tight: true, is_after: false, cost: 0 };
        let field = field.filter(|found| !found.is_after || found.cost <= 12);
        let measure = measure.filter(|found| !found.is_after || found.cost <= 16);
        let measure = placed.measure.map(certain).or(measure);
        // A table whose labels name no field is of that of its heading.
        let in_heading = || {
            reading
                .heading
                .iter()
                .find_map(|meaning| if let Meaning::Field(field) = meaning { Some(*field) } else { None })
        };
        let of_heading = || {
            in_heading().filter(|_| reading.own > 0).map(|value| Found {
                value,
                is_tight: false,
                is_after: false,
                cost: 20,
            })
        };
        let field = field.or_else(of_heading);
        let field = placed.field.map(certain).or(field);
        let has = |meaning: Meaning| {
            let start = reading.items[at].tokens.start;
            reading.items[..at].iter().rev().take(3).any(|item| item.says(meaning) && item.tokens.end + 3 > start)
        };
        let mut days = Vec::new();
        let when = around.time(has(Meaning::To), |item| match &item.what {
            What::When(count, way) => Some(When::Sessions(*count, *way)),
            What::Date(_) => Some(When::Day(item.tokens.start)),
            What::Said(said) => said.iter().find_map(|meaning| match meaning {
                Meaning::Sessions(count, way) => Some(When::Sessions(*count, *way)),
                _ => None,
            }),
            _ => None,
        });
        let when = placed.when.map(|value| Found { value, is_tight: true, is_after: false, cost: 0 }).or(when);
        if let Some(When::Day(start)) = when.map(|found| found.value) {
            days.extend(reading.items.iter().filter(|item| item.tokens.start == start).filter_map(|item| {
                match &item.what {
                    What::Date(options) => Some(options.clone()),
                    _ => None,
                }
            }));
        }
        let partner =
            around.partner().and_then(|(place, is_before)| Some((reading.items[place].number().copied()?, !is_before)));
        let level = around.nearest(|item| if let What::Level(level) = item.what { Some(level) } else { None });
        let end = around.nearest(|item| {
            let low = item.says(Meaning::Low).then_some("low");
            low.or_else(|| item.says(Meaning::High).then_some("high"))
        });
        let tense = |item: &super::reading::Item| {
            let known = item.says(Meaning::Known).then_some(true);
            known.or_else(|| {
                (item.says(Meaning::Ahead) || matches!(item.what, What::When(_, Way::Ahead))).then_some(false)
            })
        };
        let near = |found: &Found<f64>| found.is_tight && found.cost <= 8;
        let direction = around.meant(|meaning| match meaning {
            Meaning::Direction(sign) | Meaning::Side(sign) => Some(*sign),
            _ => None,
        });
        // A gain is no loss that is named further off: `the VaR of 1 exceeds the gain of 2`.
        let is_gain = direction.filter(near).is_some_and(|found| found.value > 0.0);
        let of_loss = |found: &Found<Quantity>| {
            matches!(found.value, Quantity::ValueAtRisk | Quantity::ExpectedShortfall) && !found.is_tight
        };
        let measure = measure.filter(|found| !(is_gain && of_loss(found)));
        let against = around.meant(|meaning| if let Meaning::Against(what) = meaning { Some(*what) } else { None });
        let is_price = matches!(unit, Unit::Money | Unit::Plain) && !num.is_word;
        let named = against
            .filter(|found| is_price && found.is_tight && found.cost <= if found.is_after { 1 } else { 2 })
            .filter(|found| found.value == "previous_close" || !found.is_after)
            .map(|found| found.value);
        let previous = at
            .checked_sub(1)
            .map(|before| &reading.items[before])
            .filter(|item| item.tokens.end + 2 > reading.items[at].tokens.start);
        let bound = previous.and_then(|item| {
            let less = item.says(Meaning::Less).then_some(-1.0);
            less.or_else(|| item.says(Meaning::More).then_some(1.0))
        });
        let event = around.meant(|meaning| if let Meaning::Event(event) = meaning { Some(*event) } else { None });
        let of_width = event.is_some_and(|event| matches!(event.value, Event::Wider | Event::AnyWider));
        let may_be_asked = |num: &Num| (num.unit == Unit::Percent) == of_width;
        let other = |item: &super::reading::Item| item.tokens.start != reading.items[at].tokens.start;
        let threshold = around.nearest(|item| item.number().copied().filter(|num| other(item) && may_be_asked(num)));
        let threshold = threshold.map(|found| found.value);
        Self {
            num,
            reading,
            field,
            measure,
            when,
            days,
            level: placed.level.or(level.map(|found| found.value)),
            end: end.filter(|found| found.cost <= 14).map(|found| found.value),
            against,
            named,
            event,
            is_known: around.nearest(tense),
            direction: direction
                .filter(near)
                .filter(|found| bound.is_none() || found.cost > 1)
                .map(|found| found.value),
            is_after_to: has(Meaning::To),
            is_after_from: has(Meaning::From),
            counted: around
                .meant(|meaning| if let Meaning::Counted(ids) = meaning { Some(*ids) } else { None })
                .filter(|found| found.cost <= 14)
                .map(|found| found.value),
            threshold,
            is_approx: has(Meaning::Approx)
                || reading.tokens[..reading.items[at].tokens.start]
                    .last()
                    .is_some_and(|token| token.is_mark('~') || token.is_mark('≈')),
            bound,
            better: reading.tokens.get(reading.items[at].tokens.end).and_then(|next| match next.word() {
                "smaller" | "kleiner" => Some(1.0),
                "larger" | "größer" => Some(-1.0),
                _ => None,
            }),
            pair: partner,
        }
    }
}

/// A number as people write it in a report, for what is said of a fact.
pub(super) fn shown(fact: &Fact) -> String {
    match &fact.value {
        Value::Price(price) => format!("{price:.*}", price_decimals(*price)),
        Value::Shares(shares) => stockops_core::market::volume_text(*shares),
        Value::Fraction(share) => format!("{:.1} %", 100.0 * share),
        Value::Number(number) => format!("{number:.2}"),
        Value::Count(count) => count.to_string(),
        Value::Day(day) => day.to_string(),
        Value::Word(word) => word.clone(),
    }
}
