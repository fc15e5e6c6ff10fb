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
        text += &format!(" The chance of a day wider than {} % is {}.", 100.0 * width.0, percent(chance, last));
    }
    text + &record(risk)
}

/// How the value at risk of the next session was kept.
fn record(risk: &RiskStatement) -> String {
    let score = risk.skill.get(&Horizon::NEXT).and_then(|score| Some((score, score.tail.get(&SAID)?)));
    let Some((score, tail)) = score else {
        return " Too few days are held out to say how such statements were kept.".into();
    };
    let verdict = if tail.value_at_risk.kupiec_p > 0.05 {
        "as often as it should within chance"
    } else {
        "not as often as it should"
    };
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
