//! A forecast for people: the sessions as a table, and what is said of direction and volatility.

use super::percent::width;
use super::{Table, list, skill_table};
use crate::forecast::{Forecast, Outlook, Stance, Volatility};
use crate::market::{price_text, volume_text};

/// The sessions with the 90 % interval of the close.
pub fn forecast_table(forecast: &Forecast) -> Table {
    let mut table = Table::new(["session", "open", "high", "low", "close", "90 % from", "to", "volume"]);
    for (index, day) in forecast.predictions.full_forecast.iter().enumerate() {
        let mut row = vec![day.date.to_string()];
        row.extend([day.open, day.high, day.low, day.close].map(price_text));
        match forecast.intervals.get("90").and_then(|level| level.get(index)) {
            Some(interval) => row.extend(interval.close.map(price_text)),
            None => row.extend(["-", "-"].map(String::from)),
        }
        row.push(volume_text(day.volume));
        table.push(row);
    }
    table
}

/// The forecast alone in Markdown: the sessions, the skill of who made it, and the notes.
pub fn forecast_markdown(forecast: &Forecast) -> String {
    let Forecast { ticker, last_date, skill, notes, .. } = forecast;
    let skill = skill.as_ref().map(|skill| format!("Skill on held-out days:\n\n{}", skill_table(skill).markdown()));
    let head = format!("**{ticker}** after {last_date}");
    let parts = [head, forecast_table(forecast).markdown(), skill.unwrap_or_default(), list(notes)];
    super::page::joined(parts)
}

/// What is said of direction and of volatility.
pub fn outlook_words(outlook: &Outlook) -> String {
    let Outlook { stance, reason, volatility, range, range_80: [low, high], usual_range } = outlook;
    let stance = match stance {
        Stance::Bullish => "bullish",
        Stance::Bearish => "bearish",
        Stance::Neutral => "neutral",
    };
    let volatility = match volatility {
        Volatility::Calmer => "calmer than usual",
        Volatility::Usual => "as usual",
        Volatility::Wilder => "wilder than usual",
    };
    let percent = |log: &f64| width((log.exp() - 1.0) * 100.0);
    format!(
        "Direction: {stance}; {reason}. Volatility: {volatility}; the days are forecast {} % wide from low to high \
         (80 %: {} to {} %), and half of the last 250 were wider than {} %.",
        percent(range),
        percent(low),
        percent(high),
        percent(usual_range)
    )
}
