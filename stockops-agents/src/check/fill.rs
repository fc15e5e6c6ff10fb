//! Slots: a writer may put `{{close_h5}}`, and code puts the number there.

use stockops_core::market::{price_decimals, price_text, volume_text};

use super::Problem;
use crate::facts::{Fact, Facts, Quantity, Value};
use crate::language::Language;

/// A text with its slots filled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filled {
    /// The text; slots that name no fact stay.
    pub text: String,
    /// Slots that name no fact.
    pub problems: Vec<Problem>,
}

/// Put the values of facts where `text` has their ids in `{{` and `}}`, formatted by kind: prices with the decimals of their
/// size, shares of one in percent, moves and skills with their sign, volumes with K, M or B.
///
/// # Example
///
/// ```
/// # use stockops_agents::facts::Facts;
/// use stockops_agents::check::fill;
/// # let facts: Facts = serde_json::from_value(serde_json::json!({
/// #     "company": {"ticker": "GOOG", "name": null, "exchange": "XNAS", "currency": "USD"},
/// #     "moment": {"last_bar": "2026-01-08", "decided": "2026-01-09T00:00:00Z", "replayed": false},
/// #     "model_version": null, "headlines": [], "notes": [],
/// #     "facts": [{"id": "return_5", "words": "", "quantity": "return", "value": {"unit": "fraction", "value": -0.0312},
/// #         "day": null, "horizon": null, "level": null, "end": null,
/// #         "origin": {"source": "", "window": null, "fetched": "2026-01-09T00:00:00Z"}}],
/// # })).unwrap();
///
/// assert_eq!(fill("It moved {{return_5}}.", &facts).text, "It moved -3.1 %.");
/// assert_eq!(fill("{{return_9}}", &facts).problems[0].why, "no fact has the id return_9");
/// ```
pub fn fill(text: &str, facts: &Facts) -> Filled {
    fill_in(Language::ENGLISH, text, facts)
}

/// [`fill`] with the decimals of another language; one that is not in [`Language::CHECKED`] has those of English.
pub fn fill_in(language: Language, text: &str, facts: &Facts) -> Filled {
    let mut filled = Filled { text: String::new(), problems: Vec::new() };
    let close = facts.get("last_close").and_then(Fact::number).unwrap_or_default();
    let mut at = 0;
    while let Some(start) = text[at..].find("{{").map(|start| at + start) {
        filled.text.push_str(&text[at..start]);
        let Some(end) = text[start..].find("}}").map(|end| start + end + 2) else {
            at = start;
            break;
        };
        let id = text[start + 2..end - 2].trim();
        match facts.get(id) {
            Some(fact) => filled.text.push_str(&written(fact, language, close)),
            None => {
                filled.text.push_str(&text[start..end]);
                let line = 1 + text[..start].matches('\n').count();
                let why = format!("no fact has the id {id}");
                filled.problems.push(Problem {
                    place: start..end,
                    line,
                    text: text[start..end].into(),
                    why,
                    nearest: None,
                });
            }
        }
        at = end;
    }
    filled.text.push_str(&text[at..]);
    filled
}

/// The value of `fact` as a report writes it.
fn written(fact: &Fact, language: Language, close: f64) -> String {
    let signed = matches!(fact.quantity, Quantity::Return | Quantity::Skill);
    let percent = |share: f64| {
        // 0.04 % is not 0.0 %.
        let decimals = if share.abs() < 0.001 { 2 } else { 1 };
        let size = format!("{:.decimals$} %", 100.0 * share.abs());
        // What rounds to nothing has no sign.
        let is_nothing = !size.contains(|digit: char| ('1'..='9').contains(&digit));
        match (signed && !is_nothing, share < 0.0 && !is_nothing) {
            (_, true) => format!("-{size}"),
            (true, false) => format!("+{size}"),
            (false, false) => size,
        }
    };
    // A thousand paths do not tell a chance of 0.2 % from one of 0.4 %.
    let [less, more] = language.less_and_more();
    let chance = |share: f64| match share {
        ..0.01 => format!("{less} 1 %"),
        _ if share > 0.99 => format!("{more} 99 %"),
        _ => percent(share),
    };
    let text = match &fact.value {
        Value::Price(line) if fact.quantity == Quantity::Macd => price_text_like(*line, close),
        Value::Price(price) => price_text(*price),
        Value::Shares(shares) => volume_text(*shares),
        Value::Fraction(share) if fact.quantity == Quantity::Probability => chance(*share),
        Value::Fraction(share) => percent(*share),
        Value::Number(number) if fact.quantity == Quantity::Rsi14 => format!("{number:.1}"),
        Value::Number(number) => format!("{number:.2}"),
        Value::Count(count) => return count.to_string(),
        Value::Day(day) if language == Language::GERMAN => return language.date(*day),
        Value::Day(day) => return day.to_string(),
        Value::Word(word) => return word.clone(),
    };
    if language.has_decimal_comma() { text.replace('.', ",") } else { text }
}

/// A difference of prices with the decimals of `price`; what rounds to nothing has no sign.
fn price_text_like(difference: f64, price: f64) -> String {
    let decimals = price_decimals(price);
    let text = format!("{difference:.decimals$}");
    if text.contains(|digit: char| ('1'..='9').contains(&digit)) { text } else { text.replace('-', "") }
}
