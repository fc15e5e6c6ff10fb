//! True sentences about facts, in many wordings.

use stockops_agents::facts::Facts;

use super::words::{Words, grouped};

const NUMBERS: [&str; 6] = ["zero", "one", "two", "three", "four", "five"];
const FIELDS: [&str; 4] = ["open", "high", "low", "close"];

/// All of them.
pub(crate) fn paraphrases(facts: &Facts) -> Vec<String> {
    let words = Words(facts);
    let mut all = known(words);
    for h in 1..=5 {
        all.extend(ahead(words, h));
        all.extend(judged(words, h));
        all.extend(risks(words, h));
    }
    all.extend(derived(words));
    all.extend(tables(words));
    all.extend(stated(words));
    all
}

/// `5 sessions`, `1 session`.
fn sessions(h: usize) -> String {
    if h == 1 { "1 session".into() } else { format!("{h} sessions") }
}

/// `five sessions`.
fn spelled(h: usize) -> String {
    format!("{} session{}", NUMBERS[h], if h == 1 { "" } else { "s" })
}

/// The bars.
fn known(w: Words<'_>) -> Vec<String> {
    let mut all = Vec::new();
    for (id, name) in [("last_open", "opened"), ("last_close", "closed")] {
        all.push(format!("AMZN {name} at {} on {}.", w.price(id, 2), w.long_day("last_day")));
        all.push(format!("The stock {name} at ${} on {}.", w.price(id, 2), w.day("last_day")));
        all.push(format!("Shares {name} at {} USD.", w.price(id, 0)));
    }
    for name in ["open", "high", "low", "close"] {
        let id = format!("last_{name}");
        all.push(format!("The last {name} was {}.", w.price(&id, 2)));
        all.push(format!("On {} the {name} was {:.2} dollars.", w.american_day("last_day"), w.number(&id)));
        all.push(format!(
            "The {name} of the latest session stood at about {}.",
            grouped((w.number(&id) / 10.0).round() * 10.0, 0)
        ));
    }
    all.push(format!(
        "The last session had a high of {} and a low of {}.",
        w.price("last_high", 2),
        w.price("last_low", 2)
    ));
    all.push(format!(
        "In the last session it opened at {}, reached a high of {}, a low of {} and closed at {}.",
        w.price("last_open", 2),
        w.price("last_high", 2),
        w.price("last_low", 2),
        w.price("last_close", 2)
    ));
    all.push(format!("Volume was {} shares.", w.millions("last_volume", 2)));
    all.push(format!("About {} shares changed hands in the last session, by volume.", w.millions("last_volume", 0)));
    all.push(format!(
        "The last volume of {:.1}M is {:.2} times the mean of 20 sessions.",
        w.number("last_volume") / 1e6,
        w.number("volume_ratio_20")
    ));
    for (span, phrase) in [
        (1, "on the day"),
        (5, "over the last five sessions"),
        (5, "over the past week"),
        (21, "over the past 21 sessions"),
        (21, "over the last month"),
        (63, "over the last 63 sessions"),
        (250, "over the past 250 sessions"),
        (250, "over the past year"),
    ] {
        let id = format!("return_{span}");
        for decimals in [0, 1, 2] {
            all.push(format!("The stock {} {} {phrase}.", w.way(&id, "rose", "fell"), w.size(&id, decimals)));
            all.push(format!("It has {} {} {phrase}.", w.way(&id, "gained", "lost"), w.size(&id, decimals)));
        }
        all.push(format!("The return {phrase} is {}.", w.percent(&id, 1)));
        all.push(format!("It is {} about {} {phrase}.", w.way(&id, "up", "down"), w.size(&id, 0)));
        all.push(format!("A move of {} {phrase}.", w.percent(&id, 2).replace(" %", "%")));
    }
    all.push(format!("The 52-week high is {} and the 52-week low {}.", w.price("high_52w", 2), w.price("low_52w", 2)));
    all.push(format!(
        "Over 52 weeks the price moved between a low of {} and a high of {}.",
        w.price("low_52w", 2),
        w.price("high_52w", 2)
    ));
    all.push(format!(
        "The last close is {} below its 52-week high of {}.",
        w.size("under_high_52w", 1),
        w.price("high_52w", 2)
    ));
    for text in [
        "RSI14 stands at {}.",
        "The RSI (14) is {}.",
        "The 14-day RSI reads {}.",
        "Relative strength over 14 sessions is {}.",
        "With an RSI of {} the stock is not overbought.",
    ] {
        all.push(text.replace("{}", &format!("{:.1}", w.number("rsi_14"))));
        all.push(text.replace("{}", &format!("{:.0}", w.number("rsi_14"))));
    }
    all.push(format!("MACD is {:.2}, above zero.", w.number("macd")));
    all.push(format!("The MACD line (12, 26) stands at {:.1}.", w.number("macd")));
    for span in [20, 50, 200] {
        let id = format!("sma_{span}");
        all.push(format!("The {span}-day moving average is {}.", w.price(&id, 2)));
        all.push(format!("The simple mean of {span} closes stands at {}.", w.price(&id, 0)));
        all.push(format!("SMA{span}: {:.2}.", w.number(&id)));
        all.push(format!(
            "The stock trades {} its {span}-day average of {}.",
            if w.number("last_close") > w.number(&id) { "above" } else { "below" },
            w.price(&id, 2)
        ));
        let away = 100.0 * (w.number("last_close") / w.number(&id) - 1.0);
        all.push(format!(
            "The last close is {:.1} % {} its {span}-day average.",
            away.abs(),
            if away > 0.0 { "above" } else { "below" }
        ));
    }
    all.push(format!("Volatility over 20 sessions is {} a year.", w.size("volatility_20", 1)));
    all.push(format!("Annualised volatility runs at {}.", w.size("volatility_20", 0)));
    all
}

/// The forecast.
fn ahead(w: Words<'_>, h: usize) -> Vec<String> {
    let mut all = Vec::new();
    let day = format!("day_h{h}");
    for field in FIELDS {
        let id = format!("{field}_h{h}");
        all.push(format!("The {field} is forecast at {} in {}.", w.price(&id, 2), sessions(h)));
        all.push(format!("For {} the model sees a {field} of {}.", w.long_day(&day), w.price(&id, 2)));
        all.push(format!("The forecast {field} for {} is ${}.", w.day(&day), w.price(&id, 0)));
        all.push(format!(
            "In {} the {field} is expected near {}.",
            spelled(h),
            grouped((w.number(&id) / 10.0).round() * 10.0, 0)
        ));
        for level in [80, 90, 95] {
            let (low, high) = (format!("{id}_{level}_low"), format!("{id}_{level}_high"));
            all.push(format!(
                "The {level} % interval of the {field} in {} is {} to {}.",
                sessions(h),
                w.price(&low, 2),
                w.price(&high, 2)
            ));
            if field == "close" {
                all.push(format!(
                    "With {level} % confidence the close of {} lies between {} and {}.",
                    w.american_day(&day),
                    w.price(&low, 0),
                    w.price(&high, 0)
                ));
                all.push(format!(
                    "The {field} in {} is {} ({level} % interval {}–{}).",
                    spelled(h),
                    w.price(&id, 2),
                    w.price(&low, 2),
                    w.price(&high, 2)
                ));
                all.push(format!(
                    "The lower end of the {level} % interval of the close on {} is {}, the upper end {}.",
                    w.long_day(&day),
                    w.price(&low, 2),
                    w.price(&high, 2)
                ));
            }
        }
    }
    let (id, close) = (format!("move_h{h}"), format!("close_h{h}"));
    for decimals in [1, 2] {
        let decimals = if w.number(&id).abs() < 0.0005 { 2 } else { decimals };
        all.push(format!(
            "The close is expected to {} {} within {}.",
            w.way(&id, "rise", "fall"),
            w.size(&id, decimals),
            spelled(h)
        ));
        all.push(format!("The forecast move to the close of {} is {}.", w.long_day(&day), w.percent(&id, decimals)));
    }
    all.push(format!(
        "The model sees the close {} to {} by {}.",
        w.way(&id, "climb", "slip"),
        w.price(&close, 2),
        w.long_day(&day)
    ));
    all.push(format!(
        "At {}, the close of {} is {} % {} the last close.",
        w.price(&close, 2),
        w.american_day(&day),
        format_args!("{:.2}", 100.0 * w.number(&id).abs()),
        w.way(&id, "above", "below")
    ));
    all.push(format!(
        "High and low of {} are forecast at {} and {}.",
        w.long_day(&day),
        w.price(&format!("high_h{h}"), 2),
        w.price(&format!("low_h{h}"), 2)
    ));
    all.push(format!(
        "On {} the stock is forecast to open at {}, trade between {} and {}, and close at {}.",
        w.american_day(&day),
        w.price(&format!("open_h{h}"), 2),
        w.price(&format!("low_h{h}"), 2),
        w.price(&format!("high_h{h}"), 2),
        w.price(&close, 2)
    ));
    all.push(format!("Forecast volume in {} is {} shares.", spelled(h), w.millions(&format!("volume_h{h}"), 1)));
    all
}

/// Skill, coverage, direction.
fn judged(w: Words<'_>, h: usize) -> Vec<String> {
    let mut all = Vec::new();
    for field in ["close", "volume", "range", "open", "high", "low"] {
        let id = format!("skill_{field}_h{h}");
        all.push(format!(
            "Skill at the {field} over persistence at {} is {}.",
            sessions(h),
            w.percent(&format!("{id}_persistence"), 1)
        ));
        all.push(format!(
            "Against the best simple rule the skill for {field} {} ahead is {}.",
            spelled(h),
            w.percent(&id, 1)
        ));
        for level in [80, 90, 95] {
            let covered = format!("coverage_{field}_h{h}_{level}");
            all.push(format!(
                "The {level} % interval of the {field} at {} held {} of outcomes.",
                sessions(h),
                w.size(&covered, 1)
            ));
        }
        all.push(format!(
            "{} out of {} outcomes of the {field} {} ahead lay inside the 90 % interval, a coverage of {}.",
            (w.number(&format!("coverage_{field}_h{h}_90")) * w.number("held_out")).round(),
            w.number("held_out"),
            spelled(h),
            w.size(&format!("coverage_{field}_h{h}_90"), 0)
        ));
    }
    all.push(format!(
        "The direction was right in {} of forecasts at {}.",
        w.size(&format!("direction_h{h}"), 1),
        sessions(h)
    ));
    all
}

fn risks(w: Words<'_>, h: usize) -> Vec<String> {
    let mut all = Vec::new();
    for level in [95, 99] {
        let (var, es) = (format!("var_{level}_h{h}"), format!("es_{level}_h{h}"));
        all.push(format!("The {level} % value at risk over {} is {}.", spelled(h), w.size(&var, 1)));
        all.push(format!("VaR ({level} %) in {}: {}.", sessions(h), w.size(&var, 2)));
        all.push(format!("Expected shortfall at {level} % over {} is {}.", sessions(h), w.size(&es, 1)));
        all.push(
            format!(
                "At 1 in {} the loss over {} exceeds {}.",
                if level == 95 { 20 } else { 100 },
                spelled(h),
                w.size(&var, 1)
            )
            .replace("At 1 in 20 the loss", "The 95 % VaR says that the loss")
            .replace("At 1 in 100 the loss", "The 99 % VaR says that the loss"),
        );
    }
    for (event, phrase) in [("above", "closing above"), ("below", "closing below"), ("touch", "touching")] {
        for level in 1..=4 {
            let id = format!("{event}_{level}_h{h}");
            let price = w.price(&format!("level_{level}"), 2);
            all.push(format!("The chance of {phrase} {price} in {} is {}.", spelled(h), w.size(&id, 1)));
            all.push(format!(
                "There is a {} probability of {phrase} {price} within {}.",
                w.size(&id, 0).replace(' ', ""),
                sessions(h)
            ));
        }
    }
    all
}

/// What follows from facts in one step.
fn derived(w: Words<'_>) -> Vec<String> {
    let mut all = Vec::new();
    let moved = w.number("close_h5") - w.number("last_close");
    all.push(format!(
        "The close {} {:.2} points to {} in five sessions.",
        if moved > 0.0 { "gains" } else { "loses" },
        moved.abs(),
        w.price("close_h5", 2)
    ));
    all.push(format!(
        "The forecast goes from {} to {} in five sessions.",
        w.price("last_close", 2),
        w.price("close_h5", 2)
    ));
    let width = w.number("close_h5_80_high") - w.number("close_h5_80_low");
    all.push(format!("The 80 % interval of the close in five sessions is {} wide.", grouped(width, 2)));
    all.push(format!(
        "The 90 % interval missed {:.1} % of closes at five sessions.",
        100.0 * (1.0 - w.number("coverage_close_h5_90"))
    ));
    all.push(format!(
        "At five sessions the coverage of the 90 % interval of the close is {:.1} percentage points {} its level.",
        100.0 * (w.number("coverage_close_h5_90") - 0.9).abs(),
        if w.number("coverage_close_h5_90") > 0.9 { "above" } else { "below" }
    ));
    all.push(format!("Over the past year the price gained {:.0} percent.", 100.0 * w.number("return_250")));
    all.push(format!(
        "Volume was {:.0} % higher than the mean of 20 sessions.",
        100.0 * (w.number("volume_ratio_20") - 1.0)
    ));
    all.push(format!(
        "Sessions are forecast {:.1} % wide against a usual width of {:.1} %.",
        100.0 * w.number("range_forecast"),
        100.0 * w.number("range_usual")
    ));
    all.push(format!(
        "The forecast width is {:.1} times the usual.",
        w.number("range_forecast") / w.number("range_usual")
    ));
    all.push("The outlook is for wilder sessions than usual.".into());
    all.push("Sessions ahead are forecast about half as wide again as usual.".into());
    all.push(format!(
        "The week's high is forecast at {} and the week's low at {}.",
        w.price("week_high", 2),
        w.price("week_low", 2)
    ));
    all.push(format!(
        "Next week the high reaches {}, {} above the last close.",
        w.price("week_high", 2),
        w.size("week_high_move", 1)
    ));
    all.push(format!(
        "A loss at the 95 % VaR of five sessions is some {} dollars a share.",
        grouped(w.number("var_95_h5") * w.number("last_close"), 0)
    ));
    all.push(
        format!(
            "Skill at volume is {:.1} %, error for error, over persistence at one day; that is well above 1 %.",
            100.0 * w.number("skill_volume_h1_persistence")
        )
        .replace(", error for error,", ""),
    );
    all.push("The skill at the close over the best simple rule at five sessions is below 1 %.".into());
    all.push(format!(
        "Closes over the next five sessions are forecast at {}, {}, {}, {} and {}.",
        w.price("close_h1", 2),
        w.price("close_h2", 2),
        w.price("close_h3", 2),
        w.price("close_h4", 2),
        w.price("close_h5", 2)
    ));
    all.push(format!(
        "Open, high, low and close of {} are forecast at {}, {}, {} and {}.",
        w.long_day("day_h1"),
        w.price("open_h1", 2),
        w.price("high_h1", 2),
        w.price("low_h1", 2),
        w.price("close_h1", 2)
    ));
    all.push(format!(
        "The close is forecast at {} in one session and at {} in five sessions.",
        w.price("close_h1", 2),
        w.price("close_h5", 2)
    ));
    all.push("Only about one in five paths closes above 3,322.91 in five sessions.".into());
    all.push(format!(
        "The drift score is {:.2} and the volatility index {:.2}.",
        w.number("drift_score"),
        w.number("volatility_index")
    ));
    all.push(format!("There are no alarms; {} forecasts were scored.", w.number("scored")));
    all.push(format!(
        "The model was judged on {} held-out forecasts from {} to {}.",
        w.number("held_out"),
        w.day("held_out_first_day"),
        w.day("held_out_last_day")
    ));
    all
}

fn tables(w: Words<'_>) -> Vec<String> {
    let mut all = Vec::new();
    let row = |h: usize| {
        format!(
            "| {} | {} | {} | {} | {} | {} |\n",
            w.day(&format!("day_h{h}")),
            w.price(&format!("open_h{h}"), 2),
            w.price(&format!("high_h{h}"), 2),
            w.price(&format!("low_h{h}"), 2),
            w.price(&format!("close_h{h}"), 2),
            w.percent(&format!("move_h{h}"), 2)
        )
    };
    let rows: String = (1..=5).map(row).collect();
    all.push(format!(
        "## Forecast\n\n| Date | Open | High | Low | Close | Move |\n| --- | --- | --- | --- | --- | --- |\n{rows}"
    ));
    let interval = |h: usize| {
        format!(
            "| {h} | {} | {} to {} | {} to {} |\n",
            w.price(&format!("close_h{h}"), 2),
            w.price(&format!("close_h{h}_80_low"), 2),
            w.price(&format!("close_h{h}_80_high"), 2),
            w.price(&format!("close_h{h}_95_low"), 2),
            w.price(&format!("close_h{h}_95_high"), 2)
        )
    };
    let rows: String = (1..=5).map(interval).collect();
    all.push(format!("| Session | Close | 80 % interval | 95 % interval |\n| --- | --- | --- | --- |\n{rows}"));
    let skill = |field: &str| {
        format!(
            "| {field} | {} | {} |\n",
            w.percent(&format!("skill_{field}_h1_persistence"), 1),
            w.percent(&format!("skill_{field}_h5_persistence"), 1)
        )
    };
    all.push(format!(
        "### Skill over persistence\n\n| Field | 1 day | 5 days |\n| --- | --- | --- |\n{}{}{}",
        skill("close"),
        skill("volume"),
        skill("range")
    ));
    let risk = |h: usize| {
        format!("| {h} | {} | {} |\n", w.size(&format!("var_95_h{h}"), 1), w.size(&format!("es_95_h{h}"), 1))
    };
    all.push(format!("| Sessions | VaR 95 % | Expected shortfall 95 % |\n| --- | --- | --- |\n{}{}", risk(1), risk(5)));
    all.push(format!(
        "| Item | Value |\n|---|---|\n| Last close | {} |\n| RSI14 | {:.1} |\n| 52-week high | {} |\n",
        w.price("last_close", 2),
        w.number("rsi_14"),
        w.price("high_52w", 2)
    ));
    all
}

/// Without numbers, or with those of others.
fn stated(w: Words<'_>) -> Vec<String> {
    let mut all: Vec<String> = [
        "**Stance: NEUTRAL.** Action: Hold. Confidence: Low.",
        "We stay neutral and recommend to hold; confidence is low.",
        "The stance is neutral because the 80 % interval holds zero.",
        "This is not a bullish call, nor a bearish one.",
        "Nothing is said of direction.",
        "The model has no skill at the close over the best simple rule at five sessions.",
        "The model does not beat persistence at the close.",
        "It beats persistence at volume.",
        "Market and model are healthy.",
        "The price may rise or fall; the model cannot tell.",
        "A fall is as possible as a rise.",
        "Amazon.com, Inc. trades on the NYSE in USD.",
        "Prices are in US dollars.",
        "Reuters reports \"Amazon doubles quarterly profit to $5.2 billion\".",
        "According to Bloomberg, “Cloud revenue grew 29% as shoppers stayed home”.",
        "- 2020-07-30, Reuters: Amazon doubles quarterly profit to $5.2 billion",
        "There are two headlines.",
        "The data are from the shipped bars up to 31 July 2020.",
        "Three things would change this view.",
        "The model AMZN@1 was made by freezing the layers of its parent.",
    ]
    .map(str::to_owned)
    .into();
    all.push(format!("The forecast starts {} and ends {}.", w.long_day("day_h1"), w.long_day("day_h5")));
    all.push(format!("The bars end on Friday, {}.", w.long_day("last_day")));
    all.push(format!(
        "The close is forecast to {} slightly over the next five sessions.",
        w.way("move_h5", "rise", "fall")
    ));
    all.push(format!("Over the last five sessions the price {}.", w.way("return_5", "climbed", "dropped")));
    all
}
