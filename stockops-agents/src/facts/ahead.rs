//! Facts of the forecast: sessions, moves, intervals, the week, the outlook.

use stockops_core::forecast::{Day, IntervalDay, Volatility};

use super::gathered::Document;
use super::market::YEAR;
use super::{Fact, Gathered, Quantity, Value};

/// Quantity, its word, its value in a session and its interval.
type Column = (Quantity, &'static str, fn(&Day) -> f64, fn(&IntervalDay) -> [f64; 2]);

const COLUMNS: [Column; 5] = [
    (Quantity::Open, "open", |day| day.open, |day| day.open),
    (Quantity::High, "high", |day| day.high, |day| day.high),
    (Quantity::Low, "low", |day| day.low, |day| day.low),
    (Quantity::Close, "close", |day| day.close, |day| day.close),
    (Quantity::Volume, "volume", |day| day.volume, |day| day.volume),
];

/// What is said of the sessions ahead.
pub(super) fn facts(gathered: &Gathered<'_>) -> Vec<Fact> {
    let ahead = Ahead { gathered, last_close: gathered.forecast.last_price };
    let mut facts = ahead.sessions();
    facts.extend(ahead.intervals());
    facts.extend(ahead.week());
    facts.extend(ahead.outlook());
    facts
}

struct Ahead<'a> {
    gathered: &'a Gathered<'a>,
    last_close: f64,
}

impl Ahead<'_> {
    fn fact(&self, id: String, words: String, quantity: Quantity, value: Value, path: String) -> Fact {
        Fact::new(id, words, quantity, value, self.gathered.of_document(Document::Forecast, path))
    }

    /// A move of `price` from the last close.
    fn moved(&self, id: String, words: String, of: Quantity, price: f64, path: &str) -> Fact {
        let value = Value::Fraction(price / self.last_close - 1.0);
        let fact = self.fact(id, words, Quantity::Return, value, format!("{path} / last close - 1"));
        Fact { of: Some(of), against: Some("last_close".into()), ..fact }
    }

    fn sessions(&self) -> Vec<Fact> {
        let days = &self.gathered.forecast.predictions.full_forecast;
        let count = self.gathered.forecast.future_window_days as u64;
        let ahead = self.fact(
            "sessions_ahead".into(),
            "sessions that are forecast".into(),
            Quantity::Count,
            Value::Count(count),
            "/future_window_days".into(),
        );
        let of_days = days.iter().enumerate().flat_map(|(index, day)| self.session(index, day));
        std::iter::once(ahead).chain(of_days).collect()
    }

    fn session(&self, index: usize, day: &Day) -> Vec<Fact> {
        let horizon = index + 1;
        let at = |fact| Fact { day: Some(day.date), horizon: Some(horizon), ..fact };
        let path = |name: &str| format!("/predictions/full_forecast/{index}/{name}");
        let column = |(quantity, name, value, _): Column| {
            let value = priced(quantity, value(day))?;
            Some(at(self.fact(
                format!("{name}_h{horizon}"),
                format!("{name} forecast for {}", day.date),
                quantity,
                value,
                path(name),
            )))
        };
        let words = |name: &str| format!("move from the last close to the {name} of {}", day.date);
        let moves = [
            self.moved(format!("move_h{horizon}"), words("close"), Quantity::Close, day.close, &path("close")),
            self.moved(format!("move_high_h{horizon}"), words("high"), Quantity::High, day.high, &path("high")),
            self.moved(format!("move_low_h{horizon}"), words("low"), Quantity::Low, day.low, &path("low")),
        ];
        COLUMNS.into_iter().filter_map(column).chain(moves.map(at)).collect()
    }

    /// Both ends of each field at each level, and of the move to the close.
    fn intervals(&self) -> Vec<Fact> {
        let levels = self.gathered.forecast.intervals.iter();
        let numbered = levels.filter_map(|(level, days)| Some((level.parse().ok()?, days)));
        numbered
            .flat_map(|(level, days): (u32, _)| {
                days.iter().enumerate().flat_map(move |(index, day)| self.ends(level, index, day))
            })
            .collect()
    }

    fn ends(&self, level: u32, index: usize, day: &IntervalDay) -> Vec<Fact> {
        let horizon = index + 1;
        ["low", "high"]
            .into_iter()
            .enumerate()
            .flat_map(|(side, end)| {
                let at = move |fact: Fact| Fact {
                    day: Some(day.date),
                    horizon: Some(horizon),
                    level: Some(level),
                    end: Some(end.into()),
                    ..fact
                };
                let path = move |name: &str| format!("/intervals/{level}/{index}/{name}/{side}");
                let words =
                    move |name: &str| format!("{end} end of the {level} % interval of the {name} of {}", day.date);
                let columns = COLUMNS.into_iter().filter_map(move |(quantity, name, _, interval)| {
                    let value = priced(quantity, interval(day)[side])?;
                    Some(self.fact(
                        format!("{name}_h{horizon}_{level}_{end}"),
                        words(name),
                        quantity,
                        value,
                        path(name),
                    ))
                });
                let moved = self.moved(
                    format!("move_h{horizon}_{level}_{end}"),
                    words("move to the close"),
                    Quantity::Close,
                    day.close[side],
                    &path("close"),
                );
                let range = Value::Fraction(day.range[side].exp() - 1.0);
                let range = self.fact(
                    format!("range_h{horizon}_{level}_{end}"),
                    words("width"),
                    Quantity::Range,
                    range,
                    format!("{} exp - 1", path("range")),
                );
                columns.chain([moved, range]).map(at)
            })
            .collect()
    }

    /// Highest high and lowest low of all sessions.
    fn week(&self) -> Vec<Fact> {
        let week = self.gathered.forecast.predictions.next_week;
        let days = self.gathered.forecast.future_window_days;
        let of = |name: &str, most: &str, quantity, price: f64| {
            let (path, words) =
                (format!("/predictions/next_week/{name}"), format!("{most} {name} of the next {days} sessions"));
            let moved = self.moved(
                format!("week_{name}_move"),
                format!("move from the last close to the {words}"),
                quantity,
                price,
                &path,
            );
            [self.fact(format!("week_{name}"), words, quantity, Value::Price(price), path), moved]
        };
        let facts = [of("high", "highest", Quantity::High, week.high), of("low", "lowest", Quantity::Low, week.low)];
        facts.concat().into_iter().map(|fact| Fact { span: Some(days), ..fact }).collect()
    }

    fn outlook(&self) -> Vec<Fact> {
        let Some(outlook) = &self.gathered.forecast.outlook else { return Vec::new() };
        let wide = |id: &str, words: &str, log: f64, path: &str| {
            self.fact(
                id.into(),
                words.into(),
                Quantity::Range,
                Value::Fraction(log.exp() - 1.0),
                format!("{path} exp - 1"),
            )
        };
        let end = |end: &str, index: usize| {
            let words = format!("{end} end of the 80 % interval of the width of the middle session");
            let fact = wide(
                &format!("range_80_{end}"),
                &words,
                outlook.range_80[index],
                &format!("/outlook/range_80/{index}"),
            );
            Fact { level: Some(80), end: Some(end.into()), ..fact }
        };
        // The median of a shorter history is none of a year.
        let (usual, usual_words) = match self.gathered.bars.bars.as_slice().len() {
            YEAR.. => ("range_usual", "median width of a session of the last year".to_owned()),
            known => ("range_usual_known", format!("median width of a session of the {known} sessions known")),
        };
        let word = Value::Word(volatility_word(outlook.volatility).into());
        vec![
            self.fact(
                "volatility".into(),
                "volatility of the forecast against the last year".into(),
                Quantity::Word,
                word,
                "/outlook/volatility".into(),
            ),
            wide("range_forecast", "mean width of the sessions that are forecast", outlook.range, "/outlook/range"),
            wide(usual, &usual_words, outlook.usual_range, "/outlook/usual_range"),
            end("low", 0),
            end("high", 1),
        ]
    }
}

/// `value` in the unit of `quantity`; none for an unknown volume.
fn priced(quantity: Quantity, value: f64) -> Option<Value> {
    match quantity {
        Quantity::Volume => (value > 0.0).then_some(Value::Shares(value)),
        _ => Some(Value::Price(value)),
    }
}

fn volatility_word(volatility: Volatility) -> &'static str {
    match volatility {
        Volatility::Calmer => "calmer",
        Volatility::Usual => "usual",
        Volatility::Wilder => "wilder",
    }
}
