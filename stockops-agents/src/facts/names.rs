//! Facts of who and when: ticker, name, exchange, currency, unit, days.

use stockops_core::AssetClass;

use super::{Fact, Gathered, Origin, Quantity, Value};

/// Who the ticker is, in which unit, on which days.
pub(super) fn facts(gathered: &Gathered<'_>) -> Vec<Fact> {
    let company = gathered.company;
    let named = |id: &str, words: &str, name: &str| {
        Fact::new(id, words, Quantity::Word, Value::Word(name.into()), told(gathered, "the request"))
    };
    let mut facts = vec![named("ticker", "ticker", company.ticker.as_str())];
    facts.extend(is_market(&company.exchange).then(|| named("exchange", "exchange", &company.exchange)));
    facts.extend(company.name.as_deref().map(|name| named("company", "company", name)));
    facts.extend(company.currency.as_deref().map(|currency| named("currency", "currency of prices", currency)));
    facts.push(named("unit", "what a volume counts", unit(company.ticker.asset_class())));
    facts.extend(
        gathered
            .forecast
            .model_version
            .as_deref()
            .map(|version| named("model_version", "version that forecasts", version)),
    );
    facts.push(named("strategy", "how the model was made", &gathered.forecast.strategy.to_string()));
    facts.extend(days(gathered));
    facts.push(Fact::new(
        "headlines",
        "headlines before the decision",
        Quantity::Count,
        Value::Count(gathered.headlines.len() as u64),
        told(gathered, "the sources of news"),
    ));
    facts
}

/// Whether it is the code of a market in ISO 10383, such as `XNYS`, and no other word for days, such as `24/7`.
fn is_market(exchange: &str) -> bool {
    exchange.len() == 4 && exchange.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
}

/// What a volume counts.
fn unit(class: AssetClass) -> &'static str {
    match class {
        AssetClass::Equity => "shares",
        AssetClass::Currency | AssetClass::Crypto => "units",
    }
}

fn days(gathered: &Gathered<'_>) -> Vec<Fact> {
    let moment = gathered.moment;
    let day = |id: String, words: String, day| {
        let fact = Fact::new(id, words, Quantity::Day, Value::Day(day), told(gathered, "the calendar"));
        Fact { day: Some(day), ..fact }
    };
    let mut days = vec![
        day("last_day".into(), "last day of the bars".into(), moment.last_bar),
        day("decided".into(), "day of the decision".into(), moment.decided.date_naive()),
    ];
    days.extend(
        gathered.bars.bars.first_day().map(|first| day("first_day".into(), "first day of the bars".into(), first)),
    );
    let ahead = gathered.forecast.next_business_days.iter().enumerate();
    days.extend(ahead.map(|(index, date)| Fact {
        horizon: Some(index + 1),
        ..day(format!("day_h{}", index + 1), format!("session {} of the forecast", index + 1), *date)
    }));
    days
}

fn told(gathered: &Gathered<'_>, by: &str) -> Origin {
    Origin { source: by.into(), window: None, fetched: gathered.fetched, path: String::new() }
}
