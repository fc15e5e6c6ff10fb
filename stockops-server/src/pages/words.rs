//! Numbers and days as a person reads them.

use chrono::{DateTime, NaiveDate, Utc};
use stockops_core::forecast::{Field, Forecast, Horizon, HorizonSkill, Rule, SkillTable, Stance};
use stockops_core::market::price_text;
use stockops_core::risk::{ByHorizon, RiskStatement};

/// A skill below this is within what chance gives, and nobody would notice it.
const WORTH_SAYING: f64 = 0.01;

/// Such as `31 Jul 2020`.
pub(super) fn day(date: NaiveDate) -> String {
    date.format("%-d %b %Y").to_string()
}

/// Such as `31 Jul 2020, 20:05 UTC`.
pub(super) fn moment(time: DateTime<Utc>) -> String {
    time.format("%-d %b %Y, %H:%M UTC").to_string()
}

/// Such as `3.1 %`, which no line breaks.
pub(super) fn percent(share: f64) -> String {
    format!("{:.1}\u{a0}%", 100.0 * share)
}

/// Such as `3,164.68`.
pub(super) fn price(value: f64) -> String {
    let text = price_text(value);
    let whole = text.find('.').unwrap_or(text.len());
    let comma = |place: usize| place > 0 && place < whole && (whole - place).is_multiple_of(3) && &text[..place] != "-";
    text.char_indices().flat_map(|(place, c)| comma(place).then_some(',').into_iter().chain([c])).collect()
}

/// A rule as one would say it.
fn rule(rule: Rule) -> String {
    match rule {
        Rule::Persistence => "\u{201c}tomorrow equals today\u{201d}".to_owned(),
        other => other.to_string().replace('_', " "),
    }
}

/// Such as `Neutral`.
pub(super) fn stance(stance: Stance) -> &'static str {
    match stance {
        Stance::Bullish => "Bullish",
        Stance::Bearish => "Bearish",
        Stance::Neutral => "Neutral",
    }
}

/// The interval of the close of session `index` at `level` percent, such as `80 %: 3,029.25 to 3,309.29`.
pub(super) fn interval(forecast: &Forecast, level: &str, index: usize) -> Option<String> {
    let [low, high] = forecast.intervals.get(level)?.get(index)?.close.map(price);
    Some(format!("{level}\u{a0}% between {low} and {high}"))
}

/// What may be lost until the last session, in the 1 in 20 of cases that are worst.
pub(super) fn loss(risk: &RiskStatement) -> Option<(String, String)> {
    let at = |losses: &ByHorizon| losses.last_key_value().map(|(_, loss)| *loss);
    let (level, losses) = risk.value_at_risk.first_key_value()?;
    let sessions = risk.sessions.len();
    let beyond = risk.expected_shortfall.get(level).and_then(at);
    let beyond = beyond.map_or(String::new(), |loss| format!("; if it is exceeded, {} on average", percent(loss)));
    let words = format!("not exceeded within {sessions} sessions in {} of 100 cases{beyond}", level.0);
    Some((percent(at(losses)?), words))
}

/// What the skill means for who looks at the line of the forecast first.
pub(super) fn verdict(skill: &SkillTable) -> String {
    let at_next = |field| skill.get(&field).and_then(|rows| rows.get(&Horizon::NEXT)).map(least);
    let close = match at_next(Field::Close) {
        Some(skill) if skill > WORTH_SAYING => {
            "The forecast of the next close has been better than simple rules on days that it had not seen."
        }
        Some(_) => {
            "The forecast of the close shows no skill: a simple rule does as well. Read the intervals rather than the line, and do \
             not act on its direction."
        }
        None => "It is not known whether the forecast of the close has any skill.",
    };
    let range = match at_next(Field::Range) {
        Some(skill) if skill > WORTH_SAYING => " What it can tell is how wide the next days will be, from low to high.",
        _ => "",
    };
    format!("{close}{range}")
}

/// Against the harder of the two rules.
fn least(skill: &HorizonSkill) -> f64 {
    skill.vs_persistence.min(skill.vs_best_rule)
}

/// One sentence a field, for the next session and the last.
pub(super) fn skills(skill: &SkillTable) -> Vec<String> {
    let rows = Field::JUDGED.into_iter().filter_map(|field| Some((field, skill.get(&field)?)));
    let ends = rows.flat_map(|(field, rows)| {
        let last = rows.last_key_value().filter(|(horizon, _)| **horizon != Horizon::NEXT);
        let next = rows.get_key_value(&Horizon::NEXT);
        next.into_iter().chain(last).map(move |(horizon, skill)| sentence(field, *horizon, skill))
    });
    ends.collect()
}

fn sentence(field: Field, horizon: Horizon, skill: &HorizonSkill) -> String {
    let name = match field {
        Field::Close => "Close",
        Field::Volume => "Volume",
        Field::Range => "Width of the day",
        Field::Open => "Open",
        Field::High => "High",
        Field::Low => "Low",
    };
    let when = match horizon.sessions() {
        1 => "next session".to_owned(),
        sessions => format!("{sessions} sessions ahead"),
    };
    let best = match skill.best_rule {
        Rule::Persistence => ", which is the best simple rule for it".to_owned(),
        other => {
            format!("; {}", compared(skill.vs_best_rule, &format!("the best simple rule for it, {}", rule(other))))
        }
    };
    format!("{name}, {when}: {}{best}.", compared(skill.vs_persistence, &rule(Rule::Persistence)))
}

/// How errors compare with those of `other`.
fn compared(skill: f64, other: &str) -> String {
    match skill {
        skill if skill > WORTH_SAYING => format!("{} better than {other}", percent(skill)),
        skill if skill < -10.0 => format!("far worse than {other}"),
        skill if skill < -WORTH_SAYING => format!("{} worse than {other}", percent(-skill)),
        _ => format!("no better and no worse than {other}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_have_commas_at_thousands() {
        assert_eq!([3164.68, 999.5, 1_234_567.0, 1.37].map(price), ["3,164.68", "999.50", "1,234,567.00", "1.3700"]);
    }

    fn skill(close: [f64; 2], rule: &str) -> SkillTable {
        let [persistence, best] = close;
        let cell = serde_json::json!({"vs_persistence": persistence, "vs_best_rule": best, "best_rule": rule});
        serde_json::from_value(serde_json::json!({"close": {"h1": cell}})).unwrap()
    }

    #[test]
    fn skill_is_claimed_only_over_the_harder_rule() {
        let claims = |close| verdict(&skill(close, "mean_20")).contains("has been better");
        assert!(claims([0.05, 0.02]));
        for none in [[0.05, 0.01], [0.05, -0.2], [0.0, 0.05]] {
            assert!(!claims(none), "{none:?}");
        }
    }

    #[test]
    fn a_skill_is_a_sentence() {
        assert_eq!(
            skills(&skill([0.124, -0.03], "mean_20")),
            [
                "Close, next session: 12.4\u{a0}% better than \u{201c}tomorrow equals today\u{201d}; 3.0\u{a0}% worse than the best simple \
              rule for it, mean 20."
            ]
        );
        assert_eq!(
            skills(&skill([0.004, 0.004], "persistence")),
            [
                "Close, next session: no better and no worse than \u{201c}tomorrow equals today\u{201d}, which is the best simple rule for it."
            ]
        );
    }
}
