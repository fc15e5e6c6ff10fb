//! Sixty true sentences, written before the rules of the checker were looked at: modal words beside plain claims, weekdays, unknown
//! proper nouns, and the manner of newsletters. How many were false alarms at the first reading stands in `docs/checker.md`.

use stockops_agents::facts::Facts;

use super::words::Words;

/// All of them.
pub(crate) fn fifth_set(facts: &Facts) -> Vec<String> {
    let w = Words(facts);
    [market(w), forecast(w), bands(w), losses(w), trust(w), people(w)].concat()
}

fn market(w: Words<'_>) -> Vec<String> {
    let p = |id: &str| w.price(id, 2);
    vec![
        format!("July ended with the stock at ${}, up {} on its last day.", p("last_close"), w.size("return_1", 1)),
        format!("On Friday the shares closed {} higher than on Thursday.", w.size("return_1", 2)),
        format!("Thursday's close had been ${}.", p("previous_close")),
        format!("Buyers lifted the price to ${} before it settled at ${}.", p("last_high"), p("last_close")),
        format!("Sellers pushed the shares as low as ${} during the day.", p("last_low")),
        format!("In five sessions the stock has put on {}.", w.size("return_5", 1)),
        format!("The month brought a gain of {} (21 sessions).", w.size("return_21", 1)),
        format!("Twelve months of trading have added {} to the share price.", w.size("return_250", 0)),
        format!("A relative strength of {:.0} over 14 days is neither hot nor cold.", w.number("rsi_14")),
        format!("The share price is comfortably above the 200-day line, which is at {}.", p("sma_200")),
        format!("Friday's volume, {} shares, was well above the 20-day average.", w.millions("last_volume", 1)),
        format!("The stock remains {} short of its 52-week high.", w.size("under_high_52w", 1)),
    ]
}

fn forecast(w: Words<'_>) -> Vec<String> {
    let p = |id: &str| w.price(id, 2);
    vec![
        format!("For Monday the model has ${} pencilled in as the close.", p("close_h1")),
        format!("A week out, on Friday, August 7, it puts the close at ${}.", p("close_h5")),
        format!("The model thinks the close could be ${} on August 7, but it has no skill there.", p("close_h5")),
        format!("The stock rose {} on Friday, and it may give some of that back.", w.size("return_1", 1)),
        format!(
            "Although the price may still swing widely, the central forecast is a close of ${} on Monday.",
            p("close_h1")
        ),
        format!("Five sessions from now the model sees a close {} below the last one.", w.size("move_h5", 2)),
        format!("Midweek, on Wednesday, August 5, the projected close is ${}.", p("close_h3")),
        format!("The forecast for the low on Monday is ${}, that for the high ${}.", p("low_h1"), p("high_h1")),
        format!("Trading volume on August 7 is projected at {} shares.", w.millions("volume_h5", 1)),
        format!(
            "The five forecast sessions start on {} and end on {}.",
            w.american_day("day_h1"),
            w.american_day("day_h5")
        ),
    ]
}

fn bands(w: Words<'_>) -> Vec<String> {
    let p = |id: &str| w.price(id, 2);
    vec![
        format!(
            "Four times in five, Monday's close should lie from ${} to ${}.",
            p("close_h1_80_low"),
            p("close_h1_80_high")
        ),
        format!(
            "The model is 95 % sure of a close above ${} and below ${} on August 7.",
            p("close_h5_95_low"),
            p("close_h5_95_high")
        ),
        format!("The 80 % band for August 7 reaches from ${} up to ${}.", p("close_h5_80_low"), p("close_h5_80_high")),
        format!(
            "At the 90 % level the five-session close is bracketed by {} and {}.",
            p("close_h5_90_low"),
            p("close_h5_90_high")
        ),
        format!(
            "The five-day move may be anything from {} to {} (80 %).",
            w.percent("move_h5_80_low", 1),
            w.percent("move_h5_80_high", 1)
        ),
        "Zero lies inside the 80 % interval of the move, so we take no side.".into(),
        format!(
            "The floor of the 80 % interval for Monday is ${}, its ceiling ${}.",
            p("close_h1_80_low"),
            p("close_h1_80_high")
        ),
        "The band leaves room for gains as well as for losses.".into(),
        format!("The week's high may well be near ${}, its low near ${}.", p("week_high"), p("week_low")),
    ]
}

fn losses(w: Words<'_>) -> Vec<String> {
    let p = |id: &str| w.price(id, 2);
    vec![
        format!("On one day in twenty, the loss is {} or more (VaR 95 %, one session).", w.size("var_95_h1", 1)),
        format!("The 99 % value at risk for five sessions stands at {}.", w.size("var_99_h5", 1)),
        format!(
            "Should the worst 5 % of outcomes occur, the mean loss over five sessions is {}.",
            w.size("es_95_h5", 1)
        ),
        format!("The odds that the close on August 7 is below ${} are {}.", p("level_1"), w.size("below_1_h5", 1)),
        format!("A close above ${} in five sessions has a chance of {}.", p("level_2"), w.size("above_2_h5", 1)),
        format!("The probability of touching ${} within five sessions is {}.", p("level_1"), w.size("touch_1_h5", 1)),
        "The main risk is that earnings or news move the price in a way that no model of past prices can know.".into(),
        "Risk cuts both ways here.".into(),
        format!("Swings are large: annualised volatility is {}.", w.size("volatility_20", 1)),
    ]
}

fn trust(w: Words<'_>) -> Vec<String> {
    vec![
        format!("The model has been tried on {} held-out forecasts.", w.number("held_out")),
        "Its close forecasts have not beaten a forecast of no change.".into(),
        format!(
            "For the close in five sessions the skill is {}, which is none to speak of.",
            w.percent("skill_close_h5", 1)
        ),
        format!(
            "Against persistence, the one-day volume forecast is {} better.",
            w.size("skill_volume_h1_persistence", 1)
        ),
        format!("Of the five-session closes, {} fell into the 80 % interval.", w.size("coverage_close_h5_80", 1)),
        format!("It called the five-day direction correctly in {} of cases.", w.size("direction_h5", 1)),
        "Nothing in the monitoring suggests that the model has gone stale.".into(),
        format!("All {} drift checks are quiet.", w.number("tests")),
        "The model's health is Healthy.".into(),
        format!("Testing covered {} to {}.", w.long_day("held_out_first_day"), w.long_day("held_out_last_day")),
    ]
}

fn people(w: Words<'_>) -> Vec<String> {
    let p = |id: &str| w.price(id, 2);
    vec![
        "We stay on the sidelines: Hold, with low confidence.".into(),
        "Neutral is the only stance that these facts support.".into(),
        "Neither Buy nor Sell is warranted.".into(),
        "Bloomberg writes that \"Cloud revenue grew 29% as shoppers stayed home\".".into(),
        "Reuters tells of a doubled quarterly profit, which may have helped the shares on Friday.".into(),
        format!("Jeff Bezos's company ended July at ${} a share.", p("last_close")),
        "The Seattle retailer's shares trade in U.S. dollars.".into(),
        "Wall Street was closed over the weekend.".into(),
        format!("Readers in Europe should note that ${} is a price in dollars.", p("last_close")),
        format!("In short, AMZN is a Hold at ${}, and the week ahead may bring either direction.", p("last_close")),
    ]
}
