//! More true sentences: they were held out once, and 18 of 104 were false alarms before the checker learned from them.

use stockops_agents::facts::Facts;

use super::words::{Words, grouped};

/// All of them.
pub(crate) fn more_paraphrases(facts: &Facts) -> Vec<String> {
    let w = Words(facts);
    let mut all = prose(w);
    all.extend(per_session(w));
    all.extend(notes(w));
    all
}

fn prose(w: Words<'_>) -> Vec<String> {
    let p = |id: &str| w.price(id, 2);
    vec![
        format!("Amazon finished July at ${}.", p("last_close")),
        format!("At the end of the session on July 31, 2020, one share cost {} dollars.", p("last_close")),
        format!("The session's extremes were {} and {}.", p("last_low"), p("last_high")),
        format!("The day began at {} and ended at {}.", p("last_open"), p("last_close")),
        format!(
            "Traders exchanged {:.1} million shares, {:.1} times the 20-day average.",
            w.number("last_volume") / 1e6,
            w.number("volume_ratio_20")
        ),
        format!("Trading was heavy: {:.2}M shares.", w.number("last_volume") / 1e6),
        format!("That is {} more than a week earlier.", w.size("return_5", 1)),
        format!("The stock is {} higher than 21 sessions ago.", w.size("return_21", 1)),
        format!("Year on year the gain comes to {}.", w.size("return_250", 0)),
        format!("Over roughly three months (63 sessions) it has added {}.", w.size("return_63", 1)),
        format!("It sits {} short of its 52-week peak of {}.", w.size("under_high_52w", 1), p("high_52w")),
        format!("The past year's trading range runs from {} to {}.", p("low_52w"), p("high_52w")),
        format!("Momentum is moderate, with the 14-day RSI at {:.1}.", w.number("rsi_14")),
        format!("An RSI reading of {:.0} signals neither overbought nor oversold conditions.", w.number("rsi_14")),
        format!("The MACD remains positive at {:.2}.", w.number("macd")),
        format!(
            "Price remains above all three averages: {} (20 days), {} (50 days) and {} (200 days).",
            p("sma_20"),
            p("sma_50"),
            p("sma_200")
        ),
        format!("The 200-day line is at {}, far below the market.", w.price("sma_200", 0)),
        format!("The 20-day exponential average lies at {}.", p("ema_20")),
        format!("Realised volatility, annualised over 20 sessions, is {}.", w.size("volatility_20", 1)),
        format!(
            "Our model puts the close one week out at {}, i.e. {} versus the last close.",
            p("close_h5"),
            w.percent("move_h5", 1)
        ),
        format!("Tomorrow's close is seen at {}, essentially unchanged.", p("close_h1")),
        format!("We project {} for Monday, 3 August and {} for Friday, 7 August.", p("close_h1"), p("close_h5")),
        format!("By the end of next week the price is projected to ease to {}.", p("close_h5")),
        format!(
            "With 90 percent confidence, the close on August 7 falls between {} and {}.",
            p("close_h5_90_low"),
            p("close_h5_90_high")
        ),
        format!(
            "The 80% band for the close five sessions ahead spans {} to {}.",
            w.price("close_h5_80_low", 0),
            w.price("close_h5_80_high", 0)
        ),
        format!(
            "That band is about {:.0} % wide relative to the last close.",
            100.0 * (w.number("close_h5_80_high") - w.number("close_h5_80_low")) / w.number("last_close")
        ),
        format!(
            "In the 95 % interval, the move over five sessions ranges from {} to {}.",
            w.percent("move_h5_95_low", 1),
            w.percent("move_h5_95_high", 1)
        ),
        format!("The model expects next week's prices to stay between {} and {}.", p("week_low"), p("week_high")),
        format!("Expected volume for Monday is {:.1} million shares.", w.number("volume_h1") / 1e6),
        format!(
            "The average day ahead should span {} from low to high, against {} usually.",
            w.size("range_forecast", 1),
            w.size("range_usual", 1)
        ),
        "Days are expected to be wilder than usual.".into(),
        "Expect larger daily swings than usual.".into(),
        format!(
            "On unseen days the model's closes were {} better than persistence at five sessions.",
            w.size("skill_close_h5_persistence", 1)
        ),
        format!(
            "For volume, the error at one day is {} smaller than that of persistence.",
            w.size("skill_volume_h1_persistence", 0)
        ),
        format!("Against HAR, volume skill at one session is only {}.", w.size("skill_volume_h1", 1)),
        format!("Range skill over persistence reaches {} at five sessions.", w.size("skill_range_h5_persistence", 0)),
        format!(
            "Of {} held-out forecasts, {} of closes at five sessions landed inside the 90 % interval.",
            w.number("held_out"),
            w.size("coverage_close_h5_90", 1)
        ),
        format!(
            "The 80 % interval did its job: {} of closes five sessions ahead were inside.",
            w.size("coverage_close_h5_80", 0)
        ),
        format!(
            "It called the direction correctly {} of the time at five sessions, while always saying the same would have scored {}.",
            w.size("direction_h5", 1),
            w.size("majority_h5", 1)
        ),
        format!(
            "With 95 % probability the loss over five sessions does not exceed {} (value at risk).",
            w.size("var_95_h5", 1)
        ),
        format!("The 99 % one-day VaR is {}.", w.size("var_99_h1", 1)),
        format!(
            "If the VaR is breached, the average loss is {} (95 % expected shortfall, five sessions).",
            w.size("es_95_h5", 1)
        ),
        format!("The odds of a close above {} in five sessions are {}.", p("level_4"), w.size("above_4_h5", 0)),
        format!(
            "There is a {} chance that the stock touches {} within five sessions.",
            w.size("touch_1_h5", 0),
            p("level_1")
        ),
        format!("A close below {} on the next session has a probability of {}.", p("level_2"), w.size("below_2_h1", 1)),
        format!("The chance of a session wider than 3 % tomorrow is {}.", w.size("wider_2_h1", 0)),
        format!("Drift monitoring reports Healthy, with a drift score of {:.2}.", w.number("drift_score")),
        "No drift alarms are active.".into(),
        format!("{} past forecasts have been scored.", w.number("scored")),
        "Verdict: NEUTRAL (Hold), low confidence.".into(),
        "Our recommendation is Hold.".into(),
        "Confidence is Low because the close has shown no skill.".into(),
        "We are neither bullish nor bearish.".into(),
        "The data do not support a directional call.".into(),
        "A break above the 80 % interval would change our mind.".into(),
        "Should the RSI climb above 70, the stock would be overbought.".into(),
        "The forecast comes from AMZN@1.".into(),
        "Amazon shares are quoted in US dollars on the New York Stock Exchange.".into(),
        "Reuters wrote: “Amazon doubles quarterly profit to $5.2 billion”.".into(),
        "Bloomberg notes that \"Cloud revenue grew 29% as shoppers stayed home\" on 30 July 2020.".into(),
    ]
}

fn per_session(w: Words<'_>) -> Vec<String> {
    let mut all = Vec::new();
    for h in 1..=5 {
        let id = |field: &str| format!("{field}_h{h}");
        let p = |id: String| w.price(&id, 2);
        all.push(format!(
            "Session {h}: open {}, high {}, low {}, close {}.",
            p(id("open")),
            p(id("high")),
            p(id("low")),
            p(id("close"))
        ));
        all.push(format!(
            "{}: {} / {} / {} / {} (O/H/L/C).",
            w.day(&id("day")),
            p(id("open")),
            p(id("high")),
            p(id("low")),
            p(id("close"))
        ));
        all.push(format!(
            "On {} we look for a close of roughly {}.",
            w.american_day(&id("day")),
            grouped((w.number(&id("close")) / 10.0).round() * 10.0, 0)
        ));
        all.push(format!(
            "The projected low for day {h} is {}, while the projected high is {}.",
            p(id("low")),
            p(id("high"))
        ));
        all.push(
            format!(
                "{} ± is not given; instead the 80 % interval for session {h} goes from {} to {}.",
                "A symmetric",
                p(format!("close_h{h}_80_low")),
                p(format!("close_h{h}_80_high"))
            )
            .replace("A symmetric ± is not given; instead the", "The"),
        );
        all.push(format!("- **{}**: close {} ({})", w.long_day(&id("day")), p(id("close")), w.percent(&id("move"), 2)));
        all.push(format!(
            "The upper end of the 95 % interval of the close at {h} session{} is {}.",
            if h == 1 { "" } else { "s" },
            p(format!("close_h{h}_95_high"))
        ));
        all.push(format!(
            "Volume on {} should be close to {:.1} million.",
            w.american_day(&id("day")),
            w.number(&id("volume")) / 1e6
        ));
    }
    all
}

/// Whole notes.
fn notes(w: Words<'_>) -> Vec<String> {
    let p = |id: &str| w.price(id, 2);
    vec![
        format!(
            "# AMZN: neutral, low confidence\n\n**Price.** AMZN closed at {} on {}, {} on the day and {} over five sessions.\n\n**Outlook.** The model's close for {} is {} ({}). \
             The 90 % interval runs from {} to {}.\n\n**Risk.** VaR (95 %, five sessions) is {}.",
            p("last_close"),
            w.long_day("last_day"),
            w.percent("return_1", 1),
            w.percent("return_5", 1),
            w.long_day("day_h5"),
            p("close_h5"),
            w.percent("move_h5", 1),
            p("close_h5_90_low"),
            p("close_h5_90_high"),
            w.size("var_95_h5", 1)
        ),
        format!(
            "| | Next session | Five sessions |\n| --- | ---: | ---: |\n| Close | {} | {} |\n| Move | {} | {} |\n| 90 % low | {} | {} |\n| 90 % high | {} | {} |\n",
            p("close_h1"),
            p("close_h5"),
            w.percent("move_h1", 2),
            w.percent("move_h5", 2),
            p("close_h1_90_low"),
            p("close_h5_90_low"),
            p("close_h1_90_high"),
            p("close_h5_90_high")
        ),
        format!(
            "| Level | Chance of closing above in 5 sessions |\n| --- | --- |\n| {} | {} |\n| {} | {} |\n",
            p("level_3"),
            w.size("above_3_h5", 1),
            p("level_4"),
            w.size("above_4_h5", 1)
        ),
        format!(
            "| Coverage of the close | 80 % | 90 % | 95 % |\n| --- | --- | --- | --- |\n| 1 session | {} | {} | {} |\n| 5 sessions | {} | {} | {} |\n",
            w.size("coverage_close_h1_80", 1),
            w.size("coverage_close_h1_90", 1),
            w.size("coverage_close_h1_95", 1),
            w.size("coverage_close_h5_80", 1),
            w.size("coverage_close_h5_90", 1),
            w.size("coverage_close_h5_95", 1)
        ),
    ]
}
