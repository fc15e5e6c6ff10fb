//! A hundred true sentences in the manner of a small language model or of an analyst, written before the checker had seen one of
//! them. 12 were false alarms at the first reading.

use stockops_agents::facts::Facts;

use super::words::Words;

/// All of them.
pub(crate) fn fourth_set(facts: &Facts) -> Vec<String> {
    let w = Words(facts);
    [session(w), history(w), outlook(w), intervals(w), risks(w), record(w), verdict(w)].concat()
}

fn session(w: Words<'_>) -> Vec<String> {
    let p = |id: &str| w.price(id, 2);
    vec![
        format!("Amazon shares finished Friday, July 31 at ${}.", p("last_close")),
        format!("AMZN's most recent close was ${}, a daily advance of {}.", p("last_close"), w.size("return_1", 2)),
        format!("The stock tacked on {} on the final day of July.", w.size("return_1", 1)),
        format!("Trading began at ${} and finished at ${}.", p("last_open"), p("last_close")),
        format!("During the session, the price moved between ${} and ${}.", p("last_low"), p("last_high")),
        format!("The day's peak was ${}; its trough was ${}.", p("last_high"), p("last_low")),
        format!(
            "Shares gave back some of their opening strength, ending at ${} after opening at ${}.",
            p("last_close"),
            p("last_open")
        ),
        format!(
            "At ${}, the stock sits {} beneath its one-year peak of ${}.",
            p("last_close"),
            w.size("under_high_52w", 1),
            p("high_52w")
        ),
        format!("Turnover came to {} shares.", w.millions("last_volume", 1)),
        format!(
            "Roughly {} shares traded hands, {:.2} times the 20-day norm.",
            w.millions("last_volume", 1),
            w.number("volume_ratio_20")
        ),
        format!(
            "Volume was heavy: {} shares against an average of {}.",
            w.millions("last_volume", 2),
            w.millions("volume_mean_20", 2)
        ),
        format!("The prior session ended at ${}.", p("previous_close")),
        format!("From ${} the day before, the stock advanced to ${}.", p("previous_close"), p("last_close")),
        format!("Intraday, the stock swung by {}.", w.size("last_range", 1)),
        format!("The latest quote we have is {} dollars, dated July 31, 2020.", p("last_close")),
        format!(
            "Price action on July 31: open {}, high {}, low {}, close {}.",
            p("last_open"),
            p("last_high"),
            p("last_low"),
            p("last_close")
        ),
    ]
}

fn history(w: Words<'_>) -> Vec<String> {
    let p = |id: &str| w.price(id, 2);
    vec![
        format!("Momentum has been positive, with a {} gain over the past five trading days.", w.size("return_5", 1)),
        format!("One-month performance stands at {}.", w.percent("return_21", 1)),
        format!("The three-month return is {}.", w.percent("return_63", 1)),
        format!("Year over year, the shares have appreciated {}.", w.size("return_250", 1)),
        format!(
            "Shares have climbed {} in a month and {} in a quarter.",
            w.size("return_21", 1),
            w.size("return_63", 1)
        ),
        format!("The 52-week high of ${} was set on {}.", p("high_52w"), day_of(w.0, "high_52w")),
        format!("Over the last year the stock has traded as low as ${}.", p("low_52w")),
        format!("The stock's yearly low is ${} and its yearly high ${}.", p("low_52w"), p("high_52w")),
        format!("With an RSI reading of {:.1}, the stock is not overbought.", w.number("rsi_14")),
        format!("The 14-day RSI sits at {:.0}.", w.number("rsi_14")),
        format!("MACD is positive at {:.1}, which points to upward momentum.", w.number("macd")),
        format!("The MACD reading of {:.2} confirms the uptrend.", w.number("macd")),
        format!("The shares trade well above their 200-day moving average of ${}.", p("sma_200")),
        format!(
            "All three moving averages (20-day: {}, 50-day: {}, 200-day: {}) lie below the current price.",
            p("sma_20"),
            p("sma_50"),
            p("sma_200")
        ),
        format!("Support may come from the 50-day average near {}.", w.price("sma_50", 0)),
        format!("The 20-day exponential moving average is ${}.", p("ema_20")),
        format!("Annualized volatility is running at {}.", w.size("volatility_20", 1)),
        format!("Realized volatility over the past 20 days works out to {} per year.", w.size("volatility_20", 0)),
    ]
}

fn outlook(w: Words<'_>) -> Vec<String> {
    let p = |id: &str| w.price(id, 2);
    vec![
        format!("Our model looks for AMZN to close at ${} on Monday, August 3.", p("close_h1")),
        format!("By {}, the model expects the stock to drift to ${}.", w.american_day("day_h5"), p("close_h5")),
        format!("That would be a decline of {} from Friday's close.", w.size("move_h5", 1)),
        format!("The five-day forecast calls for essentially flat trading, with the close at ${}.", p("close_h5")),
        format!("In other words, the model sees the price {} lower a week from now.", w.size("move_h5", 2)),
        format!("The predicted closes for the next five sessions run from ${} to ${}.", p("close_h1"), p("close_h5")),
        format!("Tomorrow's session is projected to open at ${} and close at ${}.", p("open_h1"), p("close_h1")),
        format!("For Tuesday, August 4, we project a high of ${} and a low of ${}.", p("high_h2"), p("low_h2")),
        format!("The forecast trading range for the week is ${} to ${}.", p("week_low"), p("week_high")),
        format!("Expect volume of around {} shares on Monday.", w.millions("volume_h1", 1)),
        format!("Next-day volume is estimated at {}.", w.millions("volume_h1", 2)),
        format!("The model's point estimate for August 7 is ${}.", p("close_h5")),
        format!(
            "The path is nearly flat: {} on day one, {} on day three and {} on day five.",
            p("close_h1"),
            p("close_h3"),
            p("close_h5")
        ),
        format!("Over the forecast window, the stock is expected to lose {}.", w.size("move_h5", 1)),
        format!(
            "Sessions are expected to be {} wide on average, compared with a usual {}.",
            w.size("range_forecast", 1),
            w.size("range_usual", 1)
        ),
        "Expect more turbulence than usual in the coming week.".into(),
        "Volatility should be higher than normal.".into(),
        format!("The model forecasts a high of ${} for Wednesday, August 5.", p("high_h3")),
        format!("By the end of the week we could see ${}, slightly below today's level.", p("close_h5")),
        format!("The projected change for the next session is just {}.", w.percent("move_h1", 2)),
    ]
}

fn intervals(w: Words<'_>) -> Vec<String> {
    let p = |id: &str| w.price(id, 2);
    vec![
        format!(
            "There is an 80 % chance that the close on August 7 falls between ${} and ${}.",
            p("close_h5_80_low"),
            p("close_h5_80_high")
        ),
        format!(
            "With 90% confidence, Monday's close should be between ${} and ${}.",
            p("close_h1_90_low"),
            p("close_h1_90_high")
        ),
        format!(
            "The 95% interval is wider still: ${} to ${} by August 7.",
            p("close_h5_95_low"),
            p("close_h5_95_high")
        ),
        format!(
            "In the downside scenario (80 %), the stock closes at ${} on August 7; in the upside scenario, at ${}.",
            p("close_h5_80_low"),
            p("close_h5_80_high")
        ),
        format!(
            "Uncertainty is large: the 80 % band for the five-day move spans {} to {}.",
            w.percent("move_h5_80_low", 1),
            w.percent("move_h5_80_high", 1)
        ),
        "Because the interval straddles zero, the direction is unclear.".into(),
        "The range of likely outcomes includes both gains and losses.".into(),
        format!("The 90 % prediction interval for August 4 is [{}, {}].", p("close_h2_90_low"), p("close_h2_90_high")),
        format!(
            "Nine times out of ten the close on Monday should land between {} and {}.",
            p("close_h1_90_low"),
            p("close_h1_90_high")
        ),
        format!("The lower bound of the 95 % interval for five sessions is ${}.", p("close_h5_95_low")),
        format!("A move to as much as ${} would still be inside the 80 % band for August 7.", p("close_h5_80_high")),
        format!(
            "The model's 80 % interval for volume on Monday runs from {} to {} shares.",
            w.millions("volume_h1_80_low", 1),
            w.millions("volume_h1_80_high", 1)
        ),
    ]
}

fn risks(w: Words<'_>) -> Vec<String> {
    let p = |id: &str| w.price(id, 2);
    vec![
        format!("One-day value at risk at the 95% level is {}.", w.size("var_95_h1", 1)),
        format!(
            "Investors should be prepared for a loss of {} over five days at the 99 % level (VaR).",
            w.size("var_99_h5", 1)
        ),
        format!("In the worst 1 % of cases, the five-session loss averages {}.", w.size("es_99_h5", 1)),
        format!("The expected shortfall (95 %, five sessions) comes in at {}.", w.size("es_95_h5", 1)),
        format!(
            "There is a {} probability that the stock trades at ${} at some point in the next five sessions.",
            w.size("touch_1_h5", 1),
            p("level_1")
        ),
        format!("Odds of closing above ${} five sessions out: {}.", p("level_4"), w.size("above_4_h5", 1)),
        format!("The chance of finishing below ${} on August 7 is {}.", p("level_2"), w.size("below_2_h5", 1)),
        format!(
            "The model puts the likelihood of a close above ${} in five sessions at {}.",
            p("level_3"),
            w.size("above_3_h5", 1)
        ),
        format!(
            "A touch of ${} within five sessions has a {:.0} % probability.",
            p("level_4"),
            100.0 * w.number("touch_4_h5")
        ),
        format!(
            "Losses could exceed {} over five sessions in 5 % of cases, according to the 95 % VaR.",
            w.size("var_95_h5", 1)
        ),
        format!("On average, the highest price over the next five sessions is {}.", p("expected_high_h5")),
        format!("On average, the lowest price over the next five sessions is {}.", p("expected_low_h5")),
        "The forecast does not know about earnings or news.".into(),
        "Upcoming headlines could move the stock in either direction.".into(),
    ]
}

fn record(w: Words<'_>) -> Vec<String> {
    vec![
        format!("The model was validated on {} out-of-sample forecasts.", w.number("held_out")),
        "In backtests the model's close forecasts were no better than assuming no change.".into(),
        format!(
            "For volume, it was {} more accurate than the persistence benchmark one day ahead.",
            w.size("skill_volume_h1_persistence", 1)
        ),
        format!("Its skill in forecasting the close five days out is only {}.", w.percent("skill_close_h5", 1)),
        format!(
            "The one-day 90 % intervals for the close captured {} of actual outcomes.",
            w.size("coverage_close_h1_90", 1)
        ),
        format!(
            "Historically, {} of five-day closes landed inside the 80 % interval.",
            w.size("coverage_close_h5_80", 1)
        ),
        format!(
            "It got the direction right {} of the time five days ahead, less often than the {} that always betting on the more frequent direction would have got.",
            w.size("direction_h5", 1),
            w.size("majority_h5", 1)
        ),
        "Calibration looks sound, but there is little evidence of skill in the close.".into(),
        format!("None of the {} drift checks has been triggered.", w.number("tests")),
        "Model health is good: the monitor reports Healthy.".into(),
        format!(
            "The evaluation period ran from {} to {}.",
            w.long_day("held_out_first_day"),
            w.long_day("held_out_last_day")
        ),
    ]
}

fn verdict(w: Words<'_>) -> Vec<String> {
    let p = |id: &str| w.price(id, 2);
    vec![
        "We rate the stock a Hold with low confidence.".into(),
        "Our stance on AMZN is neutral.".into(),
        "Given the lack of demonstrated skill, we keep confidence at Low.".into(),
        "We would turn bullish if the entire 80 % interval moved above zero.".into(),
        "There is no strong case for either buying or selling at this point.".into(),
        format!("Bottom line: at ${} the shares are a Hold, with the model seeing ${} by August 7.", p("last_close"), p("close_h5")),
        "Investors who already own the stock can sit tight.".into(),
        "Reuters reported that \"Amazon doubles quarterly profit to $5.2 billion\", which helps explain Friday's strength.".into(),
        "Prices are quoted in U.S. dollars.".into(),
    ]
}

/// The day of a fact that is none itself: `July 13, 2020`.
fn day_of(facts: &Facts, id: &str) -> String {
    facts.get(id).and_then(|fact| fact.day).map(|day| day.format("%B %-d, %Y").to_string()).unwrap_or_default()
}
