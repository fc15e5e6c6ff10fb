//! Risk for people: tables of losses and levels, what they mean in words, and a chart.

use super::page::joined;
use super::scores::days_ahead;
use super::{Table, escape, list};
use crate::chart::{RiskChart, RiskLevel, RiskLine, risk_chart};
use crate::forecast::Horizon;
use crate::market::price_text;
use crate::risk::{ByHorizon, RiskStatement, Threshold};

/// The level that words are about.
const SAID: Threshold = Threshold(99.0);

/// Value at risk, shortfall, and mean high and low, one row a session.
pub fn risk_table(risk: &RiskStatement) -> Table {
    let mut head = vec!["session".to_string()];
    head.extend(risk.value_at_risk.keys().map(|level| format!("VaR {level} %")));
    head.extend(risk.expected_shortfall.keys().map(|level| format!("ES {level} %")));
    head.extend(["mean high", "mean low"].map(String::from));
    let mut table = Table::new(head);
    for (at, session) in risk.sessions.iter().enumerate() {
        let mut row = vec![session.to_string()];
        row.extend(
            risk.value_at_risk.values().chain(risk.expected_shortfall.values()).map(|losses| percent(losses, at)),
        );
        row.extend(
            [&risk.expected_high, &risk.expected_low].map(|prices| value(prices, at).map_or("-".into(), price_text)),
        );
        table.push(row);
    }
    table
}

/// Probabilities of levels and of wide days until the last session, one row each.
pub fn level_table(risk: &RiskStatement) -> Table {
    let last = risk.sessions.len().saturating_sub(1);
    let until = days_ahead(Horizon::at(last));
    let mut table = Table::new([format!("in {until}"), "close above".into(), "close below".into(), "touched".into()]);
    let chances = &risk.probability;
    for (level, touched) in &chances.touch {
        let beyond = [&chances.close_above, &chances.close_below].map(|side| side.get(level));
        let cells = beyond.into_iter().chain([Some(touched)]);
        let cells = cells.map(|chance| chance.map_or("-".into(), |chance| percent(chance, last)));
        table.push(std::iter::once(price_text(level.0)).chain(cells));
    }
    table
}

/// What may be lost, how wide days may be, and how such statements were kept.
pub fn risk_words(risk: &RiskStatement) -> String {
    let last = risk.sessions.len().saturating_sub(1);
    let days = days_ahead(Horizon::at(last));
    let at = |losses: Option<&ByHorizon>| losses.map_or("-".into(), |losses| percent(losses, last));
    let mut text = format!(
        "With 99 % probability no more than {} is lost within {days}; in the 1 % of cases beyond, {} on average.",
        at(risk.value_at_risk.get(&SAID)),
        at(risk.expected_shortfall.get(&SAID))
    );
    if let Some((width, chance)) = risk.probability.any_wider.last_key_value() {
        text +=
            &format!(" The chance of at least one day wider than {} % is {}.", 100.0 * width.0, percent(chance, last));
    }
    text + &record(risk)
}

/// How the value at risk of the next session was kept.
fn record(risk: &RiskStatement) -> String {
    let score = risk.skill.get(&Horizon::NEXT).and_then(|score| Some((score, score.tail.get(&SAID)?)));
    let Some((score, tail)) = score else {
        return " Too few days are held out to say how such statements were kept.".into();
    };
    let verdict = if tail.value_at_risk.kupiec_p > 0.05 { "which chance allows" } else { "which chance hardly allows" };
    let touch = score.touch.as_ref().and_then(|touch| touch.skill).map_or(String::new(), |skill| {
        let side = if skill < 0.0 { "larger" } else { "smaller" };
        format!("; the Brier score of touches was {:.1} % {side} than that of a random walk", 100.0 * skill.abs())
    });
    format!(
        " On {} held-out days the loss of one day exceeded its 99 % value on {:.1} %, {verdict} (Kupiec's p {:.2}){touch}.",
        score.n,
        100.0 * tail.exceeded,
        tail.value_at_risk.kupiec_p
    )
}

/// All of it in Markdown.
pub fn risk_markdown(risk: &RiskStatement) -> String {
    joined([
        format!("# {}: risk", risk.ticker),
        format!("Made from daily bars up to {}, when {} closed at {}.", risk.last_date, risk.ticker, price_text(risk.last_price)),
        escape(&risk_words(risk)),
        risk_table(risk).markdown(),
        level_table(risk).markdown(),
        "VaR is the loss that is not exceeded, ES the mean loss of the cases beyond, both as shares of the last close: above 0 \
         something is lost."
            .into(),
        list(&risk.notes),
    ])
}

/// Lines of losses and levels with their probability of a touch, as SVG.
pub fn risk_svg(risk: &RiskStatement) -> String {
    let floor = |(name, losses): (String, &ByHorizon)| RiskLine {
        name,
        prices: losses.values().map(|loss| risk.last_price * (1.0 - loss)).collect(),
    };
    let mean =
        |(name, prices): (&str, &ByHorizon)| RiskLine { name: name.into(), prices: prices.values().copied().collect() };
    let worst = risk.value_at_risk.iter().map(|(level, losses)| (format!("value at risk {level} %"), losses));
    let beyond = risk.expected_shortfall.last_key_value();
    let beyond = beyond.into_iter().map(|(level, losses)| (format!("shortfall {level} %"), losses));
    let means = [("mean high", &risk.expected_high), ("mean low", &risk.expected_low)];
    let level = |(price, chance): (&Threshold, &ByHorizon)| {
        Some(RiskLevel { price: price.0, touched: 100.0 * chance.last_key_value()?.1 })
    };
    risk_chart(&RiskChart {
        title: format!("{}: what may be lost and reached", risk.ticker),
        caption: format!("counted over {} possible paths; dashed: levels, and how likely they are touched", risk.paths),
        last_close: risk.last_price,
        days: risk.sessions.clone(),
        lines: worst.chain(beyond).map(floor).chain(means.map(mean)).collect(),
        levels: risk.probability.touch.iter().filter_map(level).collect(),
    })
}

fn value(values: &ByHorizon, at: usize) -> Option<f64> {
    values.get(&Horizon::at(at)).copied()
}

fn percent(values: &ByHorizon, at: usize) -> String {
    value(values, at).map_or("-".into(), |share| format!("{:.1} %", 100.0 * share))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// One session, whose value at risk was exceeded on 1.5 % of 200 days with this p.
    fn statement(kupiec_p: f64, touch_skill: f64) -> RiskStatement {
        let score = |level: f64| {
            let test = json!({"n": 200, "exceeded": 3, "expected": 2.0, "kupiec_p": kupiec_p, "independence_p": 0.5, "conditional_p": 0.5});
            let shortfall = json!({"z1": 0.0, "z1_p": 0.5, "z2": level / 100.0, "z2_p": 0.5});
            json!({"exceeded": 0.015, "value_at_risk": test, "expected_shortfall": shortfall})
        };
        let touch = json!({"n": 1600, "brier": 0.1, "brier_walk": 0.1, "skill": touch_skill, "reliability": []});
        let level = |chance: f64| json!({"150": {"h1": chance}});
        serde_json::from_value(json!({
            "ticker": "GOOG", "last_date": "2024-05-01", "last_price": 145.0, "sessions": ["2024-05-02"], "paths": 1000,
            "value_at_risk": {"95": {"h1": 0.02}, "99": {"h1": 0.0341}},
            "expected_shortfall": {"95": {"h1": 0.03}, "99": {"h1": 0.05}},
            "probability": {"close_above": level(0.1), "close_below": level(0.9), "touch": level(0.25),
                "wider": {"0.03": {"h1": 0.2}}, "any_wider": {"0.03": {"h1": 0.2}}},
            "expected_high": {"h1": 147.5}, "expected_low": {"h1": 143.0},
            "skill": {"h1": {"n": 200, "tail": {"95": score(95.0), "99": score(99.0)}, "touch": touch}},
            "model_version": "GOOG@1", "notes": ["a note"]
        }))
        .unwrap()
    }

    #[test]
    fn words_say_what_may_be_lost_and_how_that_was_kept() {
        let words = risk_words(&statement(0.49, 0.043));
        let wanted = "With 99 % probability no more than 3.4 % is lost within 1 day; in the 1 % of cases beyond, 5.0 % on average. \
                      The chance of at least one day wider than 3 % is 20.0 %. On 200 held-out days the loss of one day exceeded its 99 % \
                      value on 1.5 %, which chance allows (Kupiec's p 0.49); the Brier score of touches was 4.3 % smaller than that \
                      of a random walk.";
        assert_eq!(words, wanted);
        let words = risk_words(&statement(0.01, -0.02));
        assert!(
            words.contains("which chance hardly allows (Kupiec's p 0.01); the Brier score of touches was 2.0 % larger")
        );
        let blank = RiskStatement { skill: Default::default(), ..statement(0.5, 0.0) };
        assert!(risk_words(&blank).ends_with("Too few days are held out to say how such statements were kept."));
    }

    #[test]
    fn tables_and_chart_have_the_same_numbers() {
        let risk = statement(0.49, 0.043);
        let row = "2024-05-02     2.0 %     3.4 %    3.0 %    5.0 %     147.50    143.00";
        assert_eq!(risk_table(&risk).to_string().lines().nth(1), Some(row));
        let row = "150.00         10.0 %       90.0 %   25.0 %";
        assert_eq!(level_table(&risk).to_string().lines().nth(1), Some(row));
        let svg = risk_svg(&risk);
        assert!(
            svg.contains("150.00: touched 25.0 %") && svg.contains("value at risk 99 %, 2024-05-02: 140.06"),
            "{svg}"
        );
        let page = risk_markdown(&risk);
        assert!(page.starts_with("# GOOG: risk\n") && page.contains("- a note"), "{page}");
    }
}
