//! The risk of a portfolio for people: the whole by session, and what each position contributes.

use super::Table;
use super::scores::days_ahead;
use crate::forecast::Horizon;
use crate::market::price_text;
use crate::risk::{ByHorizon, Holding, PortfolioStatement, PositionRisk, Threshold};

/// The level that words and shares are of.
const SAID: Threshold = Threshold(99.0);

/// Value at risk and shortfall of the whole, one row a horizon.
pub fn portfolio_table(risk: &PortfolioStatement) -> Table {
    let mut head = vec!["in".to_string()];
    head.extend(risk.value_at_risk.keys().map(|level| format!("VaR {level} %")));
    head.extend(risk.expected_shortfall.keys().map(|level| format!("ES {level} %")));
    let mut table = Table::new(head);
    for horizon in risk.value_at_risk.values().next().into_iter().flat_map(ByHorizon::keys) {
        let losses = risk.value_at_risk.values().chain(risk.expected_shortfall.values());
        let cells = losses.map(|losses| losses.get(horizon).map_or("-".into(), |loss| amount(risk.holding, *loss)));
        table.push(std::iter::once(days_ahead(*horizon)).chain(cells));
    }
    table
}

/// What each position is worth and contributes to the shortfall at 99 % of the last session.
pub fn position_table(risk: &PortfolioStatement) -> Table {
    let last = risk.expected_shortfall.get(&SAID).and_then(|losses| losses.keys().last()).copied();
    let last = last.unwrap_or(Horizon::NEXT);
    let head = ["position", "worth", "last close"].map(String::from).into_iter();
    let mut table = Table::new(head.chain([format!("part of ES 99 %, {}", days_ahead(last)), "share".into()]));
    let at = |by: &ByHorizon| by.get(&last).copied();
    for position in &risk.positions {
        let PositionRisk { ticker, value, last_price, expected_shortfall, share, .. } = position;
        let part = expected_shortfall.get(&SAID).and_then(at).map_or("-".into(), |part| amount(risk.holding, part));
        let share = share.get(&SAID).and_then(at).map_or("-".into(), |share| format!("{:.0} %", 100.0 * share));
        table.push([ticker.to_string(), amount(risk.holding, *value), price_text(*last_price), part, share]);
    }
    table
}

/// What the whole may lose, and how such statements were kept.
pub fn portfolio_words(risk: &PortfolioStatement) -> String {
    let of = |losses: Option<&ByHorizon>| Some((*losses?.last_key_value()?.0, *losses?.last_key_value()?.1));
    let (Some((horizon, at_risk)), Some((_, shortfall))) =
        (of(risk.value_at_risk.get(&SAID)), of(risk.expected_shortfall.get(&SAID)))
    else {
        return String::new();
    };
    let unit = if risk.holding == Holding::Weight { " of the capital" } else { "" };
    let record = risk.skill.get(&Horizon::NEXT).and_then(|levels| levels.get(&SAID)).map_or_else(
        || "Too few held-out days are common to all positions to say how such statements were kept.".to_string(),
        |score| {
            let test = &score.value_at_risk;
            format!(
                "On {} held-out days the loss of one day exceeded its 99 % value {} times where {:.1} were to be expected \
                 (Kupiec's p {:.2}).",
                test.n, test.exceeded, test.expected, test.kupiec_p
            )
        },
    );
    format!(
        "With 99 % probability no more than {}{unit} is lost within {}; in the 1 % of cases beyond, {} on average. {record}",
        amount(risk.holding, at_risk),
        days_ahead(horizon),
        amount(risk.holding, shortfall)
    )
}

fn amount(holding: Holding, value: f64) -> String {
    match holding {
        Holding::Weight => format!("{:.2} %", 100.0 * value),
        Holding::Shares => price_text(value),
    }
}
