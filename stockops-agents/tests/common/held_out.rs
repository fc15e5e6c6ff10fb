//! True sentences that were written after the checker was finished, for an honest rate of false alarms. The checker is not
//! changed for the sake of these; a case that it should learn goes to `learned_paraphrases.rs` first.

use stockops_agents::facts::Facts;

use super::words::Words;

/// All of them.
pub(crate) fn held_out(facts: &Facts) -> Vec<String> {
    let w = Words(facts);
    let mut all = market(w);
    all.extend(outlook(w));
    all.extend(record(w));
    for h in 1..=5 {
        all.extend(per_session(w, h));
    }
    all.extend(notes(w));
    all
}

fn market(w: Words<'_>) -> Vec<String> {
    let p = |id: &str| w.price(id, 2);
    vec![
        format!("AMZN last traded at {} USD.", p("last_close")),
        format!("Friday's session closed at {}, having opened at {}.", p("last_close"), p("last_open")),
        format!("The closing price on 2020-07-31 was USD {}.", p("last_close")),
        format!(
            "On its last day of data the stock printed a high of ${} and a low of ${}.",
            p("last_high"),
            p("last_low")
        ),
        format!("Shares changed hands {:.1} million times in volume terms.", w.number("last_volume") / 1e6)
            .replace(" times in volume terms", " by volume"),
        format!(
            "Volume of {:.2} million compares with a 20-session mean of {:.2} million.",
            w.number("last_volume") / 1e6,
            w.number("volume_mean_20") / 1e6
        ),
        format!("Since the previous close the price is up {}.", w.size("return_1", 2)),
        format!(
            "In the last 5 sessions the share price gained {}, in the last 21 sessions {}.",
            w.size("return_5", 1),
            w.size("return_21", 1)
        ),
        format!(
            "Returns: {} (5 sessions), {} (21 sessions), {} (63 sessions).",
            w.percent("return_5", 1),
            w.percent("return_21", 1),
            w.percent("return_63", 1)
        ),
        format!(
            "Measured over 250 sessions the stock is up by more than three quarters, {} to be exact.",
            w.size("return_250", 1)
        )
        .replace("by more than three quarters, ", "")
        .replace(" to be exact", ""),
        format!("Its 52-week range is {} to {}.", p("low_52w"), p("high_52w")),
        format!("Currently {} under the 52-week high.", w.size("under_high_52w", 1)),
        format!("RSI: {:.1}; MACD: {:.2}.", w.number("rsi_14"), w.number("macd")),
        format!(
            "The relative strength index has a value of {:.1}, so it is neither overbought nor oversold.",
            w.number("rsi_14")
        ),
        format!("Averages over 20, 50 and 200 sessions are {}, {} and {}.", p("sma_20"), p("sma_50"), p("sma_200")),
        format!("The stock is above its 200-day average ({}).", p("sma_200")),
        format!("Volatility (20 sessions, annualised): {}.", w.size("volatility_20", 1)),
        format!("The last day was {} wide from low to high.", w.size("last_range", 1)),
    ]
}

fn outlook(w: Words<'_>) -> Vec<String> {
    let p = |id: &str| w.price(id, 2);
    vec![
        format!("Base case: a close of {} in five sessions.", p("close_h5")),
        format!("The model forecasts a decline of {} to {} over five sessions.", w.size("move_h5", 1), p("close_h5")),
        format!("We see the close at {} on Monday and at {} on Friday, August 7.", p("close_h1"), p("close_h5")),
        format!("From today's {} the forecast path leads to {} five sessions later.", p("last_close"), p("close_h5")),
        format!(
            "The path of closes is {}, {}, {}, {}, {} for the next five sessions.",
            p("close_h1"),
            p("close_h2"),
            p("close_h3"),
            p("close_h4"),
            p("close_h5")
        ),
        format!(
            "An 80 % prediction interval of {}-{} surrounds the five-session close.",
            p("close_h5_80_low"),
            p("close_h5_80_high")
        ),
        format!(
            "At 95 % the interval widens to {} to {} in five sessions.",
            p("close_h5_95_low"),
            p("close_h5_95_high")
        ),
        format!(
            "The low end of the 80 % interval, {}, and its high end, {}, are for the close in five sessions.",
            p("close_h5_80_low"),
            p("close_h5_80_high")
        ),
        format!("Weekly high and low are forecast at {} and {}.", p("week_high"), p("week_low")),
        format!(
            "Its forecast volume for the next session, {:.2} million, is below the last volume.",
            w.number("volume_h1") / 1e6
        ),
        format!(
            "Typical sessions are {} wide; those ahead are forecast {} wide.",
            w.size("range_usual", 1),
            w.size("range_forecast", 1)
        ),
        "Volatility is expected to be wilder than usual.".into(),
        "The interval holds zero, hence the neutral stance.".into(),
        "The model does not take a side.".into(),
        format!(
            "There is roughly a {:.0} % chance of a close above {} in one session.",
            100.0 * w.number("above_3_h1"),
            p("level_3")
        ),
        format!(
            "{} would be touched within five sessions with a probability of {}.",
            p("level_1"),
            w.size("touch_1_h5", 1)
        ),
        format!(
            "The probability that a session wider than 5 % occurs within five sessions is {}.",
            w.size("any_wider_3_h5", 1)
        )
        .replace("a session wider", "some session wider"),
        format!("VaR 95: {} (one session), {} (five sessions).", w.size("var_95_h1", 1), w.size("var_95_h5", 1))
            .replace("VaR 95", "VaR 95 %"),
        format!(
            "Losses beyond {} in five sessions are expected in only 1 % of cases (VaR 99 %).",
            w.size("var_99_h5", 1)
        ),
        format!("Expected shortfall for one session at the 95 % level: {}.", w.size("es_95_h1", 1)),
    ]
}

fn record(w: Words<'_>) -> Vec<String> {
    vec![
        format!("Across {} forecasts the 80 % interval of the close covered {} of outcomes five sessions ahead.", w.number("held_out"), w.size("coverage_close_h5_80", 1)),
        format!("Empirical coverage at five sessions: {} (80 %), {} (90 %), {} (95 %).", w.size("coverage_close_h5_80", 1), w.size("coverage_close_h5_90", 1), w.size("coverage_close_h5_95", 1)),
        format!("The model's error for volume is {} below that of persistence at five sessions.", w.size("skill_volume_h5_persistence", 1)),
        format!("Skill at the close is a mere {} over persistence five sessions ahead.", w.size("skill_close_h5_persistence", 1)),
        format!("Versus the best simple rule, range skill at one session is {}.", w.percent("skill_range_h1", 1)),
        "The close shows no skill.".into(),
        "The volume forecast beats persistence at one session.".into(),
        format!("Direction was called right {} of the time at one session.", w.size("direction_h1", 1)),
        format!("The model was tested from {} until {}.", w.long_day("held_out_first_day"), w.long_day("held_out_last_day")),
        format!("Drift: Healthy (score {:.2}).", w.number("drift_score")),
        "The monitor finds the market and the model healthy.".into(),
        "Not one of the drift tests raises an alarm.".into(),
        "Stance NEUTRAL, action Hold, confidence Low.".into(),
        "Recommendation: **Hold** with low confidence.".into(),
        "We neither recommend to buy nor to sell.".into(),
        "It is not a Buy.".into(),
        "Confidence remains low, since no skill at the close could be shown.".into(),
        "Should skill appear, confidence could rise to medium.".into(),
        "A bullish reading would need an interval that lies above zero.".into(),
        "The company is Amazon.com, Inc., ticker AMZN.".into(),
        "Amounts are in USD, volumes in shares.".into(),
        "Reuters (30 July 2020): \"Amazon doubles quarterly profit to $5.2 billion\"".into(),
        "News from Bloomberg – \"Cloud revenue grew 29% as shoppers stayed home\" – came out on the evening of 30 July.".into(),
    ]
}

fn per_session(w: Words<'_>, h: usize) -> Vec<String> {
    let p = |id: &str| w.price(&format!("{id}_h{h}"), 2);
    let end = |end: &str| w.price(&format!("close_h{h}_90_{end}"), 2);
    let day = format!("day_h{h}");
    vec![
        format!("Forecast for {}: O {} H {} L {} C {}.", w.day(&day), p("open"), p("high"), p("low"), p("close")),
        format!("Close on {}: {} (90 %: {} to {}).", w.american_day(&day), p("close"), end("low"), end("high")),
        format!("{h}-session forecast: {}, change {}.", p("close"), w.percent(&format!("move_h{h}"), 2)),
        format!("We expect trading between {} and {} on {}.", p("low"), p("high"), w.long_day(&day)),
        format!(
            "On {}, volume is forecast at {:.2} million shares.",
            w.long_day(&day),
            w.number(&format!("volume_h{h}")) / 1e6
        ),
        format!(
            "The 90 % interval for the close on {} starts at {} and ends at {}.",
            w.american_day(&day),
            end("low"),
            end("high")
        ),
    ]
}

fn notes(w: Words<'_>) -> Vec<String> {
    let p = |id: &str| w.price(id, 2);
    let row = |h: usize| {
        format!(
            "| {h} | {} | {} | {} | {} |\n",
            p(&format!("close_h{h}")),
            p(&format!("close_h{h}_90_low")),
            p(&format!("close_h{h}_90_high")),
            w.percent(&format!("move_h{h}"), 2)
        )
    };
    vec![
        format!(
            "| Sessions ahead | Close | 90 % low | 90 % high | Move |\n|---:|---:|---:|---:|---:|\n{}{}{}{}{}",
            row(1),
            row(2),
            row(3),
            row(4),
            row(5)
        ),
        format!(
            "| Field | vs persistence, 1 session | vs best rule, 1 session |\n| --- | --- | --- |\n| Skill at close | {} | {} |\n| Skill at volume | {} | {} |\n",
            w.percent("skill_close_h1_persistence", 1),
            w.percent("skill_close_h1", 1),
            w.percent("skill_volume_h1_persistence", 1),
            w.percent("skill_volume_h1", 1)
        ),
        format!(
            "| Price | Above in 1 session | Above in 5 sessions |\n| --- | --- | --- |\n| {} | {} | {} |\n",
            p("level_2"),
            w.size("above_2_h1", 1),
            w.size("above_2_h5", 1)
        ),
        format!(
            "**Summary.** AMZN ended July at {}. The forecast for the next five sessions is {}, {} from here, but the 80 % interval of {} to {} is wide. With no skill at the close, our confidence is low and the stance neutral.\n\n**What to watch.** A close above {} within five sessions has a probability of {}; a close below {} has one of {}.",
            p("last_close"),
            p("close_h5"),
            w.percent("move_h5", 1),
            p("close_h5_80_low"),
            p("close_h5_80_high"),
            p("level_4"),
            w.size("above_4_h5", 1),
            p("level_1"),
            w.size("below_1_h5", 1)
        ),
    ]
}
