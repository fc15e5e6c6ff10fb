//! Statements without a number: directions, stance, action, confidence, skill, volatility, health.

use stockops_core::forecast::Stance;

use super::Page;
use super::around::Around;
use super::lexicon::{Meaning, Way};
use super::reading::{Item, Reading, What};
use super::segment::Segment;
use crate::facts::{Fact, Quantity, Value};
use crate::language::Language;
use crate::verdict::{Action, Confidence, MIN_SKILL};

/// Read what a segment states in words.
pub(super) fn read(page: &mut Page<'_>, segment: &Segment, reading: &Reading) {
    let statement = Statements { reading, segment };
    for (at, item) in reading.own_items() {
        let why = item.meanings().iter().find_map(|meaning| statement.problem(page, at, item, meaning));
        if let Some(why) = why {
            page.problem(reading.bytes(item), why, None);
        }
    }
}

struct Statements<'a> {
    reading: &'a Reading,
    segment: &'a Segment,
}

impl Statements<'_> {
    /// Why `meaning` of the item `at` is not true; none where it is, or states nothing.
    fn problem(&self, page: &Page<'_>, at: usize, item: &Item, meaning: &Meaning) -> Option<String> {
        match meaning {
            Meaning::Stance(stance) => self.stance(page, at, *stance),
            Meaning::Action(action) => self.action(page, at, item, *action),
            Meaning::Confidence => self.confidence(page, at),
            Meaning::Direction(sign) => self.direction(page, at, *sign),
            Meaning::Beats(claimed) => self.skill(page, at, *claimed),
            Meaning::Volatility(word) => self.word(page, at, "volatility", word),
            Meaning::Health(word) => self.word(page, at, "health", word),
            Meaning::Stretched(side) => self.stretched(page, at, *side),
            Meaning::Side(side) => self.side(page, at, *side),
            Meaning::Busy(side) => self.busy(page, at, *side),
            Meaning::Promise => (!self.is_denied(at)).then(|| "no forecast is certain".into()),
            _ => None,
        }
    }

    /// Whether a word that denies stands within a few tokens before.
    fn is_denied(&self, at: usize) -> bool {
        let start = self.reading.items[at].tokens.start;
        let near = self.reading.items[..at]
            .iter()
            .rev()
            .take_while(|item| item.tokens.end + 6 > start && !matches!(item.what, What::Mark(',' | ';' | ':')));
        near.into_iter().any(|item| item.says(Meaning::Not))
    }

    /// Whether the item `at` is only possible: so says its own clause, or a condition anywhere in the sentence.
    fn is_possible(&self, at: usize) -> bool {
        let start = self.reading.items[at].tokens.start;
        self.reading.own_items().any(|(_, item)| {
            let opens = item.says(Meaning::Modal) || item.says(Meaning::Measure(Quantity::Probability));
            opens
                && (self.is_condition(item)
                    || self.is_one_clause(item.tokens.start.min(start), item.tokens.start.max(start)))
        })
    }

    /// `if`, `unless` and their like: what follows from them may stand before and behind.
    fn is_condition(&self, item: &Item) -> bool {
        const WORDS: [&str; 8] = ["if", "unless", "whether", "wenn", "ob", "falls", "si", "should"];
        let word = self.reading.tokens[item.tokens.start].word();
        // `Should it rise, ...` is a condition, `it should rise` is none.
        WORDS.contains(&word) && (word != "should" || item.tokens.start == self.reading.own)
    }

    /// Whether no new clause begins between two tokens.
    fn is_one_clause(&self, from: usize, to: usize) -> bool {
        const BETWEEN: [&str; 16] = [
            "but", "while", "although", "though", "because", "whereas", "since", "yet", "aber", "während", "obwohl",
            "weil", "mais", "pero", "porque", "car",
        ];
        const SUBJECTS: [&str; 20] = [
            "it", "its", "the", "this", "that", "these", "we", "they", "our", "shares", "prices", "der", "die", "das",
            "es", "wir", "le", "la", "el", "los",
        ];
        let tokens = &self.reading.tokens;
        let begins = |place: usize| {
            let next = tokens.get(place + 1).map_or("", |token| token.word());
            let word = tokens[place].word();
            match () {
                () if tokens[place].is_mark(';') || BETWEEN.contains(&word) => true,
                () if tokens[place].is_mark(',') => {
                    SUBJECTS.contains(&next) || ["and", "und", "et", "y", "so"].contains(&next)
                }
                () => ["and", "und"].contains(&word) && SUBJECTS.contains(&next),
            }
        };
        !(from..to).any(begins)
    }

    fn says(&self, meaning: Meaning) -> bool {
        self.reading.own_items().any(|(_, item)| item.says(meaning))
    }

    fn around(&self, at: usize) -> Around<'_> {
        Around { reading: self.reading, at }
    }

    fn stance(&self, page: &Page<'_>, at: usize, said: Stance) -> Option<String> {
        let of_indicator =
            self.reading.says(|meaning| matches!(meaning, Meaning::Measure(Quantity::Rsi14 | Quantity::Macd)));
        let capital =
            page.text[self.reading.bytes(&self.reading.items[at])].chars().nth(1).is_some_and(char::is_uppercase);
        if self.is_possible(at) && !capital || (of_indicator && said == Stance::Neutral) {
            return None;
        }
        let agrees = (said == page.verdict.stance) != self.is_denied(at);
        (!agrees).then(|| format!("the stance is {}", page.verdict.stance_word()))
    }

    /// Buy, Sell and Hold count where they are written large or beside a word of recommending.
    fn action(&self, page: &Page<'_>, at: usize, item: &Item, said: Action) -> Option<String> {
        let text = &page.text[self.reading.bytes(item)];
        let is_large = text.starts_with(char::is_uppercase) && page.language != Language::GERMAN;
        let begins = item.tokens.start == self.reading.own && self.reading.tokens.len() > item.tokens.end + 1;
        let recommended = self.reading.says(|meaning| *meaning == Meaning::Recommend);
        let verb = said == Action::Hold && !recommended && !is_large;
        if verb
            || (begins && said == Action::Hold && !recommended)
            || (!is_large && !recommended && self.is_possible(at) && said == Action::Hold)
        {
            return None;
        }
        let agrees = (said == page.verdict.action) != self.is_denied(at);
        let denies_another = self.is_denied(at) && said != page.verdict.action;
        (!agrees && !denies_another).then(|| format!("the action is {}", page.verdict.action))
    }

    fn confidence(&self, page: &Page<'_>, at: usize) -> Option<String> {
        let start = self.reading.items[at].tokens.start;
        let grade = |item: &Item| {
            let near = item.tokens.start.abs_diff(start) <= 5;
            let grade = item.meanings().iter().find_map(|meaning| match meaning {
                Meaning::Grade(grade) => Some(*grade),
                Meaning::Field(Quantity::High) => Some(Confidence::High),
                Meaning::Field(Quantity::Low) => Some(Confidence::Low),
                _ => None,
            });
            grade.filter(|_| near)
        };
        let is_asked = |item: &Item| item.says(Meaning::Modal) && item.tokens.start.abs_diff(start) <= 3;
        if self.reading.own_items().any(|(_, item)| is_asked(item)) {
            return None;
        }
        let said = self.around(at).nearest(grade)?.value;
        (said != page.verdict.confidence).then(|| format!("the confidence is {}", page.verdict.confidence))
    }

    /// A verb of rising or falling: that of the forecast, or of the past where it is of the past.
    fn direction(&self, page: &Page<'_>, at: usize, sign: f64) -> Option<String> {
        let item = &self.reading.items[at];
        let numbered = self.reading.own_items().any(|(_, other)| {
            let near = other.tokens.start.abs_diff(item.tokens.end) <= 5;
            near && other.number().is_some_and(|num| num.unit == super::number::Unit::Percent)
        });
        let of_loss = self.reading.says(|meaning| {
            matches!(
                meaning,
                Meaning::Measure(
                    Quantity::ValueAtRisk
                        | Quantity::ExpectedShortfall
                        | Quantity::Skill
                        | Quantity::Drift
                        | Quantity::Coverage
                        | Quantity::Rsi14
                )
            )
        });
        if numbered
            || of_loss
            || self.is_possible(at)
            || self.is_denied(at)
            || self.segment.is_heading
            || self.says(Meaning::Measure(Quantity::Accuracy))
        {
            return None;
        }
        if self.says(Meaning::Interval) && !self.says(Meaning::Ahead) {
            return None;
        }
        if let Some([from, to]) = self.way() {
            return ((to - from) * sign <= 0.0).then(|| format!("from {from} to {to} is the other way"));
        }
        let of_macd = self.reading.says(|meaning| *meaning == Meaning::Measure(Quantity::Macd));
        let fact = if of_macd { page.facts.get("macd")? } else { self.moved(page, at)? };
        let moved = fact.number().filter(|moved| moved.abs() > 0.0)?;
        (moved * sign < 0.0).then(|| format!("{} is {}", fact.words, super::claim::shown(fact)))
    }

    /// The numbers of `from 1 on Friday to 2`: which way that goes needs no fact.
    fn way(&self) -> Option<[f64; 2]> {
        let items = &self.reading.items;
        let behind = |word: usize| {
            let next = items.get(word + 1).filter(|next| next.tokens.start <= items[word].tokens.end + 1)?;
            let next = if next.number().is_none() { items.get(word + 2)? } else { next };
            next.number().map(|num| num.signed())
        };
        let from = items.iter().position(|item| item.says(Meaning::From))?;
        let to = (from + 2..items.len()).take(4).find(|place| items[*place].says(Meaning::To))?;
        Some([behind(from)?, behind(to)?])
    }

    /// The fact that a word of direction is about.
    fn moved<'p>(&self, page: &'p Page<'_>, at: usize) -> Option<&'p Fact> {
        let around = self.around(at);
        let field = around.meant(|meaning| if let Meaning::Field(field) = meaning { Some(*field) } else { None });
        let field = field.filter(|field| field.cost < 12).map_or(Quantity::Close, |field| field.value);
        let time = |item: &Item| match &item.what {
            What::When(count, way) => Some((*count, *way)),
            What::Date(options) => page.facts.facts.iter().find_map(|fact| {
                let day = fact.day.filter(|_| fact.id.starts_with("day_h"))?;
                options.iter().any(|option| option.holds(day)).then_some((fact.horizon?, Way::Ahead))
            }),
            _ => None,
        };
        // `from 1 tomorrow to 2 in five sessions` moves until then.
        let last = self
            .says(Meaning::From)
            .then(|| self.reading.own_items().filter_map(|(_, item)| time(item)).last())
            .flatten();
        let when = last.or_else(|| around.nearest(time).map(|found| found.value));
        let is_known = self.reading.items[at].says(Meaning::Known)
            || when.is_some_and(|when| when.1 == Way::Back)
            || (self.says(Meaning::Known)
                && !self.says(Meaning::Ahead)
                && when.is_none_or(|when| when.1 != Way::Ahead));
        let count = when.map(|when| when.0);
        let id = match (field, is_known) {
            (Quantity::Close, true) => format!("return_{}", count.unwrap_or(1)),
            (Quantity::Close, false) => format!("move_h{}", count.unwrap_or_else(|| self.last(page))),
            (Quantity::High | Quantity::Low, false) => {
                let name = if field == Quantity::High { "high" } else { "low" };
                format!("move_{name}_h{}", count?)
            }
            (Quantity::Volume, false) => {
                let id = format!("volume_h{} / last_volume - 1", count.unwrap_or_else(|| self.last(page)));
                return page.derived.iter().find(|fact| fact.id == id);
            }
            _ => return None,
        };
        page.facts.get(&id)
    }

    fn last(&self, page: &Page<'_>) -> usize {
        page.facts
            .facts
            .iter()
            .filter(|fact| fact.id.starts_with("move_h"))
            .filter_map(|fact| fact.horizon)
            .max()
            .unwrap_or(1)
    }

    /// Above or below a mean, the last close or the usual, said of what stands before.
    fn side(&self, page: &Page<'_>, at: usize, side: f64) -> Option<String> {
        let item = &self.reading.items[at];
        if self.is_possible(at) || self.is_denied(at) {
            return None;
        }
        let next: Vec<&Item> = self.reading.items[at + 1..]
            .iter()
            .take(3)
            .filter(|next| next.tokens.start <= item.tokens.end + 4)
            .collect();
        if let Some(why) = self.side_of_all(page, at, side) {
            return Some(why);
        }
        let of_average = next.iter().any(|next| next.says(Meaning::Measure(Quantity::Average)));
        let span = next.iter().find_map(|next| if let What::When(count, _) = next.what { Some(count) } else { None });
        if of_average && let Some(span) = span {
            let mean = page.facts.get(&format!("sma_{span}"))?.number()?;
            let last = page.facts.get("last_close")?.number()?;
            let of_volume = self.says(Meaning::Field(Quantity::Volume));
            return (!of_volume && (last - mean) * side < 0.0)
                .then(|| format!("the last close is {last:.2}, that mean {mean:.2}"));
        }
        let of_market = self.reading.tokens[item.tokens.end..]
            .iter()
            .take(2)
            .any(|token| ["market", "price"].contains(&token.word()));
        let mean = self.reading.own_items().find_map(|(_, other)| match other.what {
            What::When(span, _) => page.facts.get(&format!("sma_{span}")),
            _ => None,
        });
        if of_market && let (Some(mean), Some(last)) = (mean, page.facts.get("last_close")) {
            let away = mean.number()? - last.number()?;
            return (away * side < 0.0).then(|| format!("{} is {}", mean.words, super::claim::shown(mean)));
        }
        let against_last = item.says(Meaning::Against("last_close"));
        if !against_last {
            return None;
        }
        let percent = self
            .reading
            .own_items()
            .any(|(_, other)| other.number().is_some_and(|num| num.unit == super::number::Unit::Percent));
        let fact = if percent { None } else { self.moved(page, at) }?;
        (fact.number()? * side < 0.0).then(|| format!("{} is {}", fact.words, super::claim::shown(fact)))
    }

    /// `above its 20-day (1), 50-day (2) and 200-day (3) averages`: the last close is on that side of each.
    fn side_of_all(&self, page: &Page<'_>, at: usize, side: f64) -> Option<String> {
        let behind = &self.reading.items[at + 1..];
        let is_part = |item: &&Item| {
            let is_said =
                item.says(Meaning::And) || item.meanings().iter().all(|said| matches!(said, Meaning::Currency(_)));
            matches!(item.what, What::When(..) | What::Number(_) | What::Mark(',' | '(' | ')' | '$' | '€' | '£' | '-'))
                || is_said
        };
        let listed: Vec<&Item> = behind.iter().take_while(is_part).collect();
        let ends = behind.get(listed.len()).is_some_and(|item| item.says(Meaning::Measure(Quantity::Average)));
        let spans =
            listed.iter().filter_map(|item| if let What::When(span, _) = item.what { Some(span) } else { None });
        let last = page.facts.get("last_close")?.number()?;
        let away = |span: usize| {
            let mean = page.facts.get(&format!("sma_{span}"))?;
            ((last - mean.number()?) * side < 0.0).then(|| format!("{} is {}", mean.words, super::claim::shown(mean)))
        };
        let is_list = ends && listed.len() > 1 && !self.says(Meaning::Field(Quantity::Volume));
        spans.filter(|_| is_list).find_map(away)
    }

    /// Whether the model is better than a rule at what is spoken of; of the close where nothing is.
    fn skill(&self, page: &Page<'_>, at: usize, claimed: bool) -> Option<String> {
        // A number says how much better, and is checked itself.
        let is_counted = self
            .reading
            .own_items()
            .any(|(_, item)| item.number().is_some_and(|num| num.unit == super::number::Unit::Percent));
        if is_counted || self.is_possible(at) {
            return None;
        }
        let around = self.around(at);
        let field = around
            .meant(|meaning| if let Meaning::Field(field) = meaning { Some(*field) } else { None })
            .map(|found| found.value);
        let sessions = around
            .nearest(|item| if let What::When(count, _) = item.what { Some(count) } else { None })
            .map(|found| found.value);
        let against = around
            .meant(|meaning| if let Meaning::Against(rule) = meaning { Some(*rule) } else { None })
            .map(|found| found.value);
        let of = field.unwrap_or(Quantity::Close);
        let suffix = match against {
            Some("persistence") => "_persistence",
            Some("hardest") => "_hardest",
            _ => "",
        };
        let is_meant = |fact: &&Fact| {
            let over = fact.id.ends_with(suffix)
                && (!suffix.is_empty() || (!fact.id.ends_with("_persistence") && !fact.id.ends_with("_hardest")));
            fact.quantity == Quantity::Skill
                && fact.of == Some(of)
                && over
                && sessions.is_none_or(|count| fact.horizon == Some(count))
        };
        let last = self.last(page);
        let meant: Vec<&Fact> = page
            .facts
            .facts
            .iter()
            .filter(is_meant)
            .filter(|fact| sessions.is_some() || of != Quantity::Close || fact.horizon == Some(last))
            .collect();
        let claimed = claimed != self.is_denied_strictly(at);
        let agrees = |fact: &&Fact| fact.number().is_some_and(|skill| (skill >= MIN_SKILL) == claimed);
        let fact = *meant.first()?;
        (!meant.iter().any(agrees)).then(|| format!("{} is {}", fact.words, super::claim::shown(fact)))
    }

    /// Denied by a word that is not part of the phrase itself.
    fn is_denied_strictly(&self, at: usize) -> bool {
        let start = self.reading.items[at].tokens.start;
        self.reading.items[..at].iter().rev().take(2).any(|item| item.says(Meaning::Not) && item.tokens.end + 3 > start)
    }

    /// A word that a fact says otherwise.
    fn word(&self, page: &Page<'_>, at: usize, id: &str, said: &str) -> Option<String> {
        let fact = page.facts.get(id)?;
        let Value::Word(word) = &fact.value else { return None };
        if self.is_possible(at) {
            return None;
        }
        // `went from Critical to Healthy`: the first is what the last report said.
        let is_first = at.checked_sub(1).is_some_and(|before| self.reading.items[before].says(Meaning::From));
        let before = page.facts.get(&format!("before_{id}")).map(super::claim::shown);
        if is_first && self.says(Meaning::To) && before.as_deref() == Some(said) {
            return None;
        }
        let agrees = (word == said) != self.is_denied(at);
        let denies_another = self.is_denied(at) && word != said;
        (!agrees && !denies_another).then(|| format!("{} is {word}", fact.words))
    }

    /// Heavy or light volume: of the last session.
    fn busy(&self, page: &Page<'_>, at: usize, side: f64) -> Option<String> {
        let fact = page.facts.get("volume_ratio_20").filter(|_| !self.is_possible(at) && !self.says(Meaning::Ahead))?;
        let is_so = (fact.number()? - 1.0) * side > 0.0;
        (is_so == self.is_denied(at)).then(|| format!("{} is {}", fact.words, super::claim::shown(fact)))
    }

    fn stretched(&self, page: &Page<'_>, at: usize, side: f64) -> Option<String> {
        let strength = page.facts.get("rsi_14")?.number()?;
        if self.is_possible(at) {
            return None;
        }
        let is_so = if side > 0.0 { strength >= 70.0 } else { strength <= 30.0 };
        let between = self.says(Meaning::Stretched(-side));
        (is_so == self.is_denied(at) && !between)
            .then(|| format!("the RSI is {strength:.1}; overbought is from 70, oversold up to 30"))
    }
}
