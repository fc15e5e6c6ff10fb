//! Still more true sentences: they were held out once, and 13 of 94 were false alarms before the checker learned from them.

use stockops_agents::facts::Facts;

use super::words::Words;

/// All of them.
pub(crate) fn learned_paraphrases(facts: &Facts) -> Vec<String> {
    let w = Words(facts);
    let mut all = prose(w);
    for h in 1..=5 {
        all.extend(per_session(w, h));
    }
    all.extend(notes(w));
    all
}

fn prose(w: Words<'_>) -> Vec<String> {
    let p = |id: &str| w.price(id, 2);
    vec![
        format!("The most recent settlement price is {} USD.", p("last_close")),
        format!(
            "After opening at {}, the shares retreated to {} by the closing bell on 31 July.",
            p("last_open"),
            p("last_close")
        ),
        format!("Intraday the price swung from a low of {} up to a high of {}.", p("last_low"), p("last_high")),
        format!("A total of {:.2} million shares were traded.", w.number("last_volume") / 1e6),
        format!("Volume came in at {:.1} times its 20-day mean.", w.number("volume_ratio_20")),
        format!("Week over week, the stock advanced {}.", w.size("return_5", 1)),
        format!("One-month performance (21 sessions): {}.", w.percent("return_21", 1)),
        format!("Three-month performance (63 sessions): {}.", w.percent("return_63", 1)),
        format!("Twelve-month performance: {}.", w.percent("return_250", 1)),
        format!(
            "Compared with the previous close of {}, Friday's close was {} higher.",
            p("previous_close"),
            w.size("return_1", 1)
        ),
        format!("The highest price of the last 52 weeks was {}, reached on {}.", p("high_52w"), "13 July 2020"),
        format!("The RSI14 of {:.1} is in the middle of its range.", w.number("rsi_14")),
        format!("With MACD at {:.2} the trend measure is positive.", w.number("macd")),
        format!("The 50-day simple moving average stands at {}; the last close is well above it.", p("sma_50")),
        format!("Its 20-day mean is {} and its 200-day mean {}.", p("sma_20"), p("sma_200")),
        format!("Annual volatility, estimated from 20 sessions, amounts to {}.", w.size("volatility_20", 0)),
        format!("For the five-session horizon the point forecast is {}.", p("close_h5")),
        format!(
            "The forecast calls for a close of {} on Friday, August 7, 2020, which is {} under the last close.",
            p("close_h5"),
            w.size("move_h5", 1)
        ),
        format!("The central forecast slips from {} tomorrow to {} in five sessions.", p("close_h1"), p("close_h5")),
        format!(
            "The one-day forecast is {} with an 80 % interval from {} to {}.",
            p("close_h1"),
            p("close_h1_80_low"),
            p("close_h1_80_high")
        ),
        format!(
            "Five sessions ahead, nine out of ten outcomes should fall between {} and {}.",
            p("close_h5_90_low"),
            p("close_h5_90_high")
        ),
        format!("The 95 % interval for Friday's close is [{}, {}].", p("close_h5_95_low"), p("close_h5_95_high")),
        format!(
            "At the 80 % level the five-session move lies between {} and {}.",
            w.percent("move_h5_80_low", 1),
            w.percent("move_h5_80_high", 1)
        ),
        "Because this interval includes zero, we make no call on direction.".into(),
        format!("The highest high we forecast for the coming week is {}.", p("week_high")),
        format!("The lowest low of the next five sessions is put at {}.", p("week_low")),
        format!(
            "Daily ranges are forecast at {} on average, compared with a usual {}.",
            w.size("range_forecast", 1),
            w.size("range_usual", 1)
        ),
        "We expect a wilder week than usual.".into(),
        format!(
            "In the back-test the five-session close forecast had {} less error than persistence.",
            w.size("skill_close_h5_persistence", 1)
        ),
        format!(
            "Volume forecasts have real skill over persistence: {} at one session.",
            w.size("skill_volume_h1_persistence", 1)
        ),
        format!(
            "Skill for the range at five sessions: {} vs persistence, {} vs the best simple rule.",
            w.percent("skill_range_h5_persistence", 1),
            w.percent("skill_range_h5", 1)
        ),
        format!("Coverage of the 90 % interval for closes at one session was {}.", w.size("coverage_close_h1_90", 1)),
        format!(
            "The evaluation rests on {} forecasts between {} and {}.",
            w.number("held_out"),
            w.long_day("held_out_first_day"),
            w.long_day("held_out_last_day")
        ),
        format!("Directional accuracy at one session is {}.", w.size("direction_h1", 1)),
        format!(
            "Value at risk: {} at 95 % and {} at 99 % over five sessions.",
            w.size("var_95_h5", 1),
            w.size("var_99_h5", 1)
        ),
        format!(
            "In the worst 5 % of cases, the mean loss over five sessions is {} (expected shortfall, 95 %).",
            w.size("es_95_h5", 1)
        ),
        format!(
            "The model gives a {} chance of closing below {} in five sessions.",
            w.size("below_1_h5", 1),
            p("level_1")
        ),
        format!(
            "Probability of closing above {}: {} after one session, {} after five sessions.",
            p("level_3"),
            w.size("above_3_h1", 1),
            w.size("above_3_h5", 1)
        ),
        format!("Touching {} within five sessions has odds of {}.", p("level_4"), w.size("touch_4_h5", 1)),
        format!("The drift score of {:.2} looks large, but the tests raise no alarm.", w.number("drift_score")),
        "Model health: Healthy.".into(),
        "Both data and model look healthy.".into(),
        "Rating: Hold. Stance: NEUTRAL. Confidence: Low.".into(),
        "We have low confidence in this view.".into(),
        "The neutral stance follows from the interval, not from mood.".into(),
        "On the close the model does not beat the best simple rule.".into(),
        "Its volume forecasts beat persistence.".into(),
        "A rise above the interval would make us bullish; a fall below it would make us bearish.".into(),
        "Amazon.com, Inc. (AMZN) is listed as XNYS here; prices are in USD.".into(),
        "As Reuters put it, \"Amazon doubles quarterly profit to $5.2 billion\".".into(),
        "Two headlines appeared on 30 July 2020.".into(),
        "The main risk is a larger move than the interval allows.".into(),
        "This note was made with the version AMZN@1.".into(),
        "Sources: shipped bars up to 2020-07-31; two headlines.".into(),
        "We would revisit this view if the model showed skill at the close.".into(),
    ]
}

fn per_session(w: Words<'_>, h: usize) -> Vec<String> {
    let p = |id: &str| w.price(&format!("{id}_h{h}"), 2);
    let ends =
        |level: u32| (w.price(&format!("close_h{h}_{level}_low"), 2), w.price(&format!("close_h{h}_{level}_high"), 2));
    let day = format!("day_h{h}");
    let ((low_80, high_80), (low_95, high_95)) = (ends(80), ends(95));
    vec![
        format!("h{h}: close {}, 80 % interval {low_80} to {high_80}.", p("close")),
        format!("{} brings a forecast close of {} after an open of {}.", w.american_day(&day), p("close"), p("open")),
        format!(
            "The forecast for {} has a low of {}, a high of {} and a close of {}.",
            w.day(&day),
            p("low"),
            p("high"),
            p("close")
        ),
        format!("For session {h}, the model's range is {} to {}.", p("low"), p("high")),
        format!("By {} the close should be between {low_95} and {high_95} with 95 % confidence.", w.long_day(&day)),
        format!(
            "* {}: {} ({} from the last close), volume {:.2} million",
            w.day(&day),
            p("close"),
            w.percent(&format!("move_h{h}"), 2),
            w.number(&format!("volume_h{h}")) / 1e6
        ),
        format!("{} is the expected high {h} session{} ahead.", p("high"), if h == 1 { "" } else { "s" }),
    ]
}

fn notes(w: Words<'_>) -> Vec<String> {
    let p = |id: &str| w.price(id, 2);
    let row = |h: usize| {
        format!(
            "| {} | {} | {} – {} | {} – {} |\n",
            w.long_day(&format!("day_h{h}")),
            p(&format!("close_h{h}")),
            p(&format!("close_h{h}_80_low")),
            p(&format!("close_h{h}_80_high")),
            p(&format!("close_h{h}_90_low")),
            p(&format!("close_h{h}_90_high"))
        )
    };
    vec![
        format!(
            "### Forecast of the close\n\n| Day | Point | 80 % | 90 % |\n| --- | ---: | --- | --- |\n{}{}{}",
            row(1),
            row(3),
            row(5)
        ),
        format!(
            "| Risk over five sessions | 95 % | 99 % |\n| --- | --- | --- |\n| Value at risk | {} | {} |\n| Expected shortfall | {} | {} |\n",
            w.size("var_95_h5", 1),
            w.size("var_99_h5", 1),
            w.size("es_95_h5", 1),
            w.size("es_99_h5", 1)
        ),
        format!(
            "| Indicator | Value |\n| --- | --- |\n| RSI (14) | {:.1} |\n| MACD | {:.2} |\n| SMA 20 | {} |\n| SMA 50 | {} |\n| SMA 200 | {} |\n| Volatility (20 sessions, annualised) | {} |\n",
            w.number("rsi_14"),
            w.number("macd"),
            p("sma_20"),
            p("sma_50"),
            p("sma_200"),
            w.size("volatility_20", 1)
        ),
        format!(
            "The picture is mixed. The stock closed at {}, up {} over the last 21 sessions, and stands {} below the 52-week high. The model nevertheless expects a close of {} on 7 August, and its 80 % interval, {} to {}, leaves room for either direction. We stay neutral.",
            p("last_close"),
            w.size("return_21", 1),
            w.size("under_high_52w", 1),
            p("close_h5"),
            p("close_h5_80_low"),
            p("close_h5_80_high")
        ),
    ]
}
