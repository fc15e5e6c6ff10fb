//! Numbers: each is a fact of the kind, day and level that is said, or follows from facts that stand beside it.

use chrono::Datelike;

use super::Page;
use super::claim::{Claim, is_field, shown};
use super::lexicon::{Meaning, Way};
use super::lists::{Placed, placed};
use super::number::{Num, Unit};
use super::reading::{Item, Reading, What};
use super::token::Partial;
use crate::facts::{Fact, Quantity, Value};

/// Read the numbers of a segment.
pub(super) fn read(page: &mut Page<'_>, reading: &Reading) {
    let mut beside: Vec<Fact> = Vec::new();
    let mut open = Vec::new();
    let lists = placed(reading);
    for (at, item) in reading.own_items() {
        let num = match &item.what {
            What::Number(num) => *num,
            What::When(count, way) => {
                sessions(page, reading, item, *count, *way);
                continue;
            }
            What::Level(level) => {
                level_stands(page, reading, item, *level);
                continue;
            }
            What::Said(said) => match said.first() {
                Some(Meaning::Share(share)) => {
                    share_stands(page, reading, at, item, *share);
                    continue;
                }
                _ => continue,
            },
            _ => continue,
        };
        let claim = Claim::of(reading, at, num, lists.get(&at).copied().unwrap_or_default());
        match best(page, &claim) {
            Some(fact) => {
                page.matched(reading.bytes(item), &fact.id);
                beside.push(fact);
            }
            None => open.push((item.clone(), claim)),
        }
    }
    for (item, claim) in open {
        if follows(page, &claim, &beside) || is_scale(page, reading, &claim) {
            continue;
        }
        let nearest = nearest(page, &claim);
        let why = match &nearest {
            Some(fact) => format!("no fact says this here; {} is {}", fact.words, shown(fact)),
            None => "no fact says this".to_owned(),
        };
        page.problem(reading.bytes(&item), why, nearest.as_ref());
    }
}

/// The fact that fits best: of those with this value, the one of which the most is said.
fn best(page: &Page<'_>, claim: &Claim<'_>) -> Option<Fact> {
    let scored = page.all().filter_map(|fact| Some((claim.fit(fact, page.facts)?, fact)));
    // The first of equals: facts stand before what is derived from them.
    let mut best: Option<(u32, &Fact)> = None;
    for (score, fact) in scored {
        if best.is_none_or(|(most, _)| score > most) {
            best = Some((score, fact));
        }
    }
    best.map(|(_, fact)| fact.clone())
}

/// The fact that is spoken of, whose value is another: the nearest by value.
fn nearest(page: &Page<'_>, claim: &Claim<'_>) -> Option<Fact> {
    let away = |fact: &&Fact| {
        let value = claim.printed(fact)?;
        claim.speaks_of(fact, page.facts)?;
        Some(((value.abs() - claim.num.value).abs(), (*fact).clone()))
    };
    let spoken = page.facts.facts.iter().filter_map(|fact| away(&fact));
    spoken.min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, fact)| fact)
}

/// Whether the number is a difference, a change or a bound of facts that stand beside it in the same segment.
fn follows(page: &Page<'_>, claim: &Claim<'_>, beside: &[Fact]) -> bool {
    if let Some(side) = claim.bound {
        let spoken: Vec<&Fact> = page
            .facts
            .facts
            .iter()
            .filter(|fact| {
                claim.printed(fact).is_some() && claim.speaks_of(fact, page.facts).is_some_and(|score| score >= 2)
            })
            .collect();
        let holds = |fact: &&Fact| claim.printed(fact).is_some_and(|value| (value - claim.num.signed()) * side > 0.0);
        // Bounds are for what is named: `skill is below 1 %`.
        // A loss beyond a value at risk is that value itself.
        let is_named = claim.measure.is_some_and(|measure| {
            matches!(measure.value, Quantity::Skill | Quantity::Coverage | Quantity::Accuracy | Quantity::Rsi14)
        });
        if is_named && !spoken.is_empty() && spoken.iter().all(holds) {
            return true;
        }
    }
    claim.num.value != 0.0
        && compared(page, claim, beside).iter().any(|fact| claim.is_value_of(fact) && claim.measures(fact).is_some())
}

/// Differences, changes and multiples of two facts that the segment says, or names in words such as `its 52-week high`, and of one of
/// these and the last close; those alone that go the way that is said.
fn compared(page: &Page<'_>, claim: &Claim<'_>, beside: &[Fact]) -> Vec<Fact> {
    let named: Vec<&Fact> = claim
        .reading
        .own_items()
        .flat_map(|(_, item)| item.meanings())
        .filter_map(|said| if let Meaning::Against(id) = said { page.facts.get(id) } else { None })
        .collect();
    let ahead = horizons(page, claim);
    let is_last = |fact: &&Fact| fact.id == "last_close";
    let said = beside.iter().chain(named.iter().copied()).chain(ahead.iter().copied());
    let said: Vec<&Fact> = said.filter(|fact| !is_last(fact)).collect();
    let last = page.facts.get("last_close");
    // `1 % from the last open` is held against that and nothing else.
    let held = claim.against.map(|against| against.value).filter(|id| named.iter().any(|fact| fact.id == *id));
    let of_time = |fact: &Fact| {
        [&named, &ahead].iter().any(|all| all.iter().any(|one| one.id == fact.id))
            || claim.is_of_time(fact, page.facts).is_some()
    };
    let mut pairs: Vec<(&Fact, &Fact)> = said.iter().flat_map(|a| said.iter().map(move |b| (*a, *b))).collect();
    // The last close is the newest that is known: what is ahead is held against it, and it against what is past.
    pairs.extend(last.iter().flat_map(|last| {
        said.iter().map(move |fact| {
            let is_base = fact.horizon.is_some() || fact.level.is_some() || held == Some("last_close");
            if is_base { (*last, *fact) } else { (*fact, *last) }
        })
    }));
    let is_meant = |(a, b): &(&Fact, &Fact)| {
        let holds = held.is_none_or(|id| id == "last_close" || a.id == id || b.id == id);
        let is_of_time = [a, b].into_iter().any(|fact| !is_last(fact) && of_time(fact));
        a.id != b.id && holds && is_of_time
    };
    pairs.into_iter().filter(is_meant).flat_map(|(a, b)| compare(a, b)).filter(|fact| claim.goes_with(fact)).collect()
}

/// The facts of the field that is spoken of, of each of the two sessions that are said: `between Monday and Friday`.
fn horizons<'p>(page: &'p Page<'_>, claim: &Claim<'_>) -> Vec<&'p Fact> {
    let of_day = |options: &[Partial]| {
        let mut days = page.facts.facts.iter().filter(|fact| fact.id.starts_with("day_h"));
        days.find(|fact| fact.day.is_some_and(|day| options.iter().any(|option| option.holds(day))))?.horizon
    };
    let said = claim.reading.own_items().filter_map(|(_, item)| match &item.what {
        What::Date(options) => of_day(options),
        What::When(count, way) if *way != Way::Back => Some(*count),
        _ => None,
    });
    let field = claim.field.map_or("close", |field| match field.value {
        Quantity::Open => "open",
        Quantity::High => "high",
        Quantity::Low => "low",
        Quantity::Volume => "volume",
        _ => "close",
    });
    let found: Vec<&Fact> = said.filter_map(|horizon| page.facts.get(&format!("{field}_h{horizon}"))).collect();
    let is_way = claim.reading.says(|said| matches!(said, Meaning::Between | Meaning::From));
    if is_way && found.len() == 2 { found } else { Vec::new() }
}

/// The difference, the change and the multiple from `a` to `b`, where both are in one unit.
fn compare(a: &Fact, b: &Fact) -> Vec<Fact> {
    let (Some(x), Some(y)) = (a.number(), b.number()) else { return Vec::new() };
    if std::mem::discriminant(&a.value) != std::mem::discriminant(&b.value) {
        return Vec::new();
    }
    let made = |id: String, quantity: Quantity, value: Value| Fact {
        id,
        quantity,
        value,
        against: None,
        level: None,
        end: None,
        span: None,
        ..b.clone()
    };
    vec![
        made(format!("{} - {}", b.id, a.id), Quantity::Return, in_unit(&b.value, y - x)),
        made(format!("{} / {} - 1", b.id, a.id), Quantity::Return, Value::Fraction(y / x - 1.0)),
        made(format!("{} / {}", b.id, a.id), Quantity::Ratio, Value::Number(y / x)),
    ]
}

fn in_unit(like: &Value, number: f64) -> Value {
    match like {
        Value::Price(_) => Value::Price(number),
        Value::Shares(_) => Value::Shares(number),
        Value::Fraction(_) => Value::Fraction(number),
        _ => Value::Number(number),
    }
}

/// Ends of scales, zero, and years: numbers that are no values.
fn is_scale(page: &Page<'_>, reading: &Reading, claim: &Claim<'_>) -> bool {
    let num = &claim.num;
    let says = |is: fn(&Meaning) -> bool| reading.says(is);
    let of_strength = says(|meaning| *meaning == Meaning::Measure(Quantity::Rsi14));
    let of_zero = says(|meaning| {
        matches!(
            meaning,
            Meaning::Interval
                | Meaning::Side(_)
                | Meaning::Action(_)
                | Meaning::Measure(Quantity::Macd)
                | Meaning::Measure(Quantity::Coverage)
        )
    });
    match num.whole() {
        Some(0) => {
            (of_zero || of_strength) && claim.measure.is_none_or(|measure| measure.value != Quantity::Probability)
        }
        Some(30 | 50 | 70 | 100) if of_strength && num.unit == Unit::Plain => {
            const SCALE: [&str; 8] = ["mark", "level", "threshold", "line", "midpoint", "scale", "100", "marke"];
            let of_scale = reading.tokens.iter().any(|token| SCALE.contains(&token.word()));
            claim.bound.is_some() || claim.pair.is_some() || of_scale
        }
        Some(year @ 1900..2200) if num.unit == Unit::Plain && num.sign.is_none() => {
            claim.field.is_none_or(|field| !field.is_tight || field.cost > 3)
                && page.facts.facts.iter().filter_map(|fact| fact.day).any(|day| day.year() == year as i32)
        }
        _ => false,
    }
}

/// A number of sessions must be one that facts look over.
fn sessions(page: &mut Page<'_>, reading: &Reading, item: &Item, count: usize, way: Way) {
    let known = page.facts.facts.iter().any(|fact| {
        let ahead = way != Way::Back
            && (fact.horizon == Some(count) || (fact.id == "sessions_ahead" && fact.number() == Some(count as f64)));
        let back = way != Way::Ahead
            && (fact.span == Some(count) || (fact.id == "sessions" && fact.number() == Some(count as f64)));
        ahead || back || (way != Way::Ahead && count == 1)
    });
    if !known {
        let which =
            if way == Way::Ahead { "no forecast looks so far ahead" } else { "no fact looks over so many sessions" };
        page.problem(reading.bytes(item), which, None);
    }
}

fn level_stands(page: &mut Page<'_>, reading: &Reading, item: &Item, level: u32) {
    if !page.facts.facts.iter().any(|fact| fact.level == Some(level)) {
        page.problem(reading.bytes(item), "no interval and no loss has this level", None);
    }
}

/// `a third`, `doubled`, `one in five`: a share or a multiple in words.
fn share_stands(page: &mut Page<'_>, reading: &Reading, at: usize, item: &Item, share: f64) {
    let num = Num { ulp: 0.0, ..Num::said(share.abs()) };
    let as_share =
        Claim::of(reading, at, Num { unit: Unit::Percent, value: 100.0 * share.abs(), ..num }, Placed::default());
    let is_approx = reading.own_items().any(|(_, item)| item.says(Meaning::Approx));
    let slack = if is_approx { 0.1 } else { 0.06 };
    let reads_as = |fact: &Fact| {
        let value = fact.number()?;
        let said = match (fact.quantity, share) {
            (Quantity::Return, share) if share > 1.0 => share - 1.0,
            (Quantity::Return, share) if share < 0.0 => share,
            (Quantity::Ratio, share) if share < 0.0 => 1.0 + share,
            (Quantity::Ratio, share) if share < 1.0 => 1.0 + share,
            _ => share,
        };
        let fits = matches!(fact.value, Value::Fraction(_)) || fact.quantity == Quantity::Ratio;
        let scale = if share > 1.0 { share } else { said.abs() };
        let off = (value.abs() - said.abs()) / scale.max(0.2);
        // `more than a third` may be as much as a quarter more.
        let near = match as_share.bound {
            Some(side) => (-0.01..0.25).contains(&(off * side)),
            None => off.abs() <= slack,
        };
        (fits && !is_field(fact.quantity) && near).then_some(())?;
        as_share.speaks_of(fact, page.facts)
    };
    let of_interval = reading.says(|meaning| matches!(meaning, Meaning::Interval | Meaning::Between));
    if of_interval && let Some(fact) = page.facts.facts.iter().find(|fact| fact.level == Some((100.0 * share) as u32)) {
        let id = fact.id.clone();
        return page.matched(reading.bytes(item), &id);
    }
    let found = page.all().filter_map(|fact| Some((reads_as(fact)?, fact.id.clone()))).max_by_key(|(score, _)| *score);
    let beside: Vec<Fact> = reading
        .own_items()
        .filter_map(|(at, item)| best(page, &Claim::of(reading, at, *item.number()?, Placed::default())))
        .collect();
    let found = found
        .or_else(|| compared(page, &as_share, &beside).into_iter().find_map(|fact| Some((reads_as(&fact)?, fact.id))));
    match found {
        Some((_, id)) => page.matched(reading.bytes(item), &id),
        None => page.problem(reading.bytes(item), "no fact is so large or so small a part or a multiple", None),
    }
}
