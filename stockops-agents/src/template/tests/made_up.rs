//! `MadeUp`: tables of facts that nobody has seen, made as real ones are: from bars and the documents of the house.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Days, NaiveDate, Utc};
use proptest::prelude::*;
use serde_json::{Value as Json, json};
use stockops_core::Ticker;
use stockops_core::market::{Bar, Bars};
use stockops_core::source::{Sourced, builtin_bars};

use crate::facts::{Company, Fact, Facts, Gathered, Moment, Origin, Quantity, Value};

/// What a table is made from.
#[derive(Debug, Clone)]
pub(super) struct MadeUp {
    /// Of the walk of prices and of all that has no field of its own.
    seed: u64,
    ticker: &'static str,
    currency: Option<&'static str>,
    bars: usize,
    /// Close of the first bar.
    price: f64,
    /// Usual move of a day.
    width: f64,
    has_volume: bool,
    sessions: usize,
    /// Move that is forecast for each session, in usual moves.
    drift: f64,
    has_intervals: bool,
    has_risk: bool,
    held_out: usize,
    alarms: usize,
    has_report_before: bool,
}

/// Any of them.
pub(super) fn made_up() -> impl Strategy<Value = MadeUp> {
    let who = prop_oneof![
        Just(("AMZN", Some("USD"))),
        Just(("SAP.DE", Some("EUR"))),
        Just(("VOD.L", Some("GBp"))),
        Just(("7203.T", Some("JPY"))),
        Just(("BTC-USD", Some("USD"))),
        Just(("EURUSD=X", None)),
        Just(("^GSPC", Some("USD"))),
    ];
    let size =
        (prop_oneof![2_usize..30, 30_usize..300], -3.0..6.0_f64, prop_oneof![Just(0.0002), Just(0.01), Just(0.08)]);
    let ahead = (1..=5_usize, prop_oneof![Just(0.0), -6.0..6.0_f64], any::<bool>(), any::<bool>());
    let judged = (prop_oneof![Just(0_usize), 1..2000_usize], 0..=11_usize);
    (any::<u64>(), who, size, any::<bool>(), ahead, judged, any::<bool>()).prop_map(
        |(
            seed,
            (ticker, currency),
            (bars, price, width),
            has_volume,
            (sessions, drift, has_intervals, has_risk),
            (held_out, alarms),
            has_report_before,
        )| MadeUp {
            seed,
            ticker,
            currency,
            bars,
            price: 10_f64.powf(price),
            width,
            has_volume,
            sessions,
            drift,
            has_intervals,
            has_risk,
            held_out,
            alarms,
            has_report_before,
        },
    )
}

/// Numbers from 0 to 1 out of a seed.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.next()
    }
}

impl MadeUp {
    pub(super) fn facts(&self) -> Facts {
        let mut dice = Dice(self.seed);
        let bars = self.bars(&mut dice);
        let last = bars.last().expect("two bars or more").clone();
        let ahead: Vec<NaiveDate> = (1..)
            .map(|shift| last.date + Days::new(shift))
            .filter(|day| self.trades(*day))
            .take(self.sessions)
            .collect();
        let documents: Json = serde_json::from_str(include_str!("../../../tests/data/AMZN.json")).expect("JSON");
        let forecast = self.forecast(documents["forecast"].clone(), &last, &ahead, &mut dice);
        let evaluation = self.evaluation(documents["evaluation"].clone(), &mut dice);
        let risk = self.risk(documents["risk"].clone(), &last, &ahead, &mut dice);
        let drift = self.drift(documents["drift"].clone(), &last);
        let ticker: Ticker = self.ticker.parse().expect("a ticker");
        let company = Company {
            ticker: ticker.clone(),
            name: None,
            exchange: "XNYS".into(),
            currency: self.currency.map(String::from),
        };
        let decided: DateTime<Utc> = last.date.and_hms_opt(21, 0, 0).expect("a time").and_utc();
        let mut facts = Facts::of(&Gathered {
            company: &company,
            moment: Moment::of(last.date, decided, decided),
            source: "a walk",
            fetched: decided,
            bars: &Sourced {
                bars: Bars::new(ticker, bars).expect("bars"),
                ..builtin_bars(&"AMZN".parse().expect("a ticker")).expect("bars")
            },
            forecast: &serde_json::from_value(forecast).expect("a forecast"),
            evaluation: &serde_json::from_value(evaluation).expect("an evaluation"),
            risk: self.has_risk.then(|| serde_json::from_value(risk).expect("a statement")).as_ref(),
            drift: &serde_json::from_value(drift).expect("a report"),
            headlines: &[],
        });
        if self.has_report_before {
            facts.facts.extend(self.before(&facts, &mut dice));
        }
        facts
    }

    fn trades(&self, day: NaiveDate) -> bool {
        self.ticker == "BTC-USD" || day.weekday().number_from_monday() < 6
    }

    /// A walk whose last day is one of twelve years, on days that its market is open.
    fn bars(&self, dice: &mut Dice) -> Vec<Bar> {
        let first = NaiveDate::from_ymd_opt(2014, 1, 2).expect("a day") + Days::new((dice.next() * 4000.0) as u64);
        let days = (0..).map(|shift| first + Days::new(shift)).filter(|day| self.trades(*day)).take(self.bars);
        let (mut close, trend) = (self.price, dice.between(-0.3, 0.3) * self.width);
        let bar = |date| {
            let open = close * (1.0 + dice.between(-0.5, 0.5) * self.width);
            close *= 1.0 + trend + dice.between(-1.0, 1.0) * self.width;
            let high = open.max(close) * (1.0 + dice.next() * self.width);
            let low = open.min(close) * (1.0 - dice.next() * self.width);
            let volume = if self.has_volume { 10_f64.powf(dice.between(2.0, 10.0)).round() } else { 0.0 };
            Bar { date, open, high, low, close, volume }
        };
        days.map(bar).collect()
    }

    fn forecast(&self, mut forecast: Json, last: &Bar, ahead: &[NaiveDate], dice: &mut Dice) -> Json {
        let (mut days, mut high, mut low) = (Vec::new(), f64::MIN, f64::MAX);
        let mut intervals: BTreeMap<&str, Vec<Json>> = BTreeMap::new();
        for (index, date) in ahead.iter().enumerate() {
            let far = (index as f64 + 1.0).sqrt();
            let close = last.close * (1.0 + self.drift * self.width * far).max(0.01);
            let open = close * (1.0 + dice.between(-0.2, 0.2) * self.width);
            let (top, floor) = (open.max(close) * (1.0 + self.width), open.min(close) * (1.0 - self.width));
            let volume = if self.has_volume { last.volume * dice.between(0.5, 1.5) } else { 0.0 };
            (high, low) = (high.max(top), low.min(floor));
            days.push(
                json!({ "date": date, "open": open, "high": top, "low": floor, "close": close, "volume": volume }),
            );
            for (level, wide) in [("80", 1.3), ("90", 1.6), ("95", 2.0)] {
                let around = |price: f64| {
                    let spread = wide * far * self.width;
                    [price * (1.0 - spread), price * (1.0 + spread)]
                };
                intervals.entry(level).or_default().push(json!({
                    "date": date, "open": around(open), "high": around(top), "low": around(floor), "close": around(close),
                    "volume": [volume * 0.5, volume * 2.0], "range": [self.width, 3.0 * self.width], "path": around(close),
                }));
            }
        }
        let volatility = ["calmer", "usual", "wilder"][(dice.next() * 3.0) as usize];
        let (usual, wide) = (self.width * 1.5, self.width * dice.between(0.5, 3.0));
        for (name, value) in [
            ("last_date", json!(last.date)),
            ("last_price", json!(last.close)),
            ("future_window_days", json!(ahead.len())),
            ("next_business_days", json!(ahead)),
            (
                "predictions",
                json!({ "next_day": days[0], "next_week": { "high": high, "low": low }, "full_forecast": days }),
            ),
            ("intervals", if self.has_intervals { json!(intervals) } else { json!({}) }),
            (
                "outlook",
                json!({ "stance": "NEUTRAL", "reason": "", "volatility": volatility, "range": wide, "range_80": [wide * 0.5, wide * 2.0], "usual_range": usual }),
            ),
            ("notes", json!([])),
        ] {
            forecast[name] = value;
        }
        if !self.has_intervals {
            forecast["outlook"] = Json::Null;
        }
        forecast
    }

    /// Skill from far below a rule to far above it, and intervals that held any share.
    fn evaluation(&self, mut evaluation: Json, dice: &mut Dice) -> Json {
        evaluation["forecasts"] = json!(self.held_out);
        let fields = evaluation["fields"].as_object_mut().expect("fields");
        if self.held_out == 0 {
            fields.clear();
            (evaluation["first_day"], evaluation["last_day"]) = (Json::Null, Json::Null);
            return evaluation;
        }
        for score in fields.values_mut().flat_map(|rows| rows.as_object_mut().expect("rows").values_mut()) {
            let size = 10_f64.powf(dice.between(-5.0, 0.0));
            let skill = if dice.next() < 0.5 { size } else { -size };
            for (name, value) in [
                ("skill_vs_best_rule", skill),
                ("skill_vs_persistence", skill + dice.between(0.0, 0.2)),
                ("skill_vs_hardest_rule", skill - dice.between(0.0, 0.2)),
                ("coverage_80", dice.between(0.6, 1.0)),
                ("coverage_90", dice.between(0.7, 1.0)),
                ("coverage_95", dice.between(0.8, 1.0)),
            ] {
                score[name] = json!(value);
            }
        }
        evaluation
    }

    fn risk(&self, mut risk: Json, last: &Bar, ahead: &[NaiveDate], dice: &mut Dice) -> Json {
        let mut by_horizon = |low: f64, high: f64| -> BTreeMap<String, f64> {
            (1..=ahead.len()).map(|sessions| (format!("h{sessions}"), dice.between(low, high))).collect()
        };
        let prices = [0.95, 0.98, 1.02, 1.05].map(|share| (last.close * share).to_string());
        let widths = ["0.02", "0.03", "0.05"].map(String::from);
        let losses = ["95", "99"].map(String::from);
        let mut table = |keys: &[String], low: f64, high: f64| -> Json {
            json!(keys.iter().map(|key| (key.clone(), by_horizon(low, high))).collect::<BTreeMap<_, _>>())
        };
        let chances: BTreeMap<&str, Json> =
            ["close_above", "close_below", "touch"].into_iter().map(|name| (name, table(&prices, 0.0, 1.0))).collect();
        let mut chances = json!(chances);
        (chances["wider"], chances["any_wider"]) = (table(&widths, 0.0, 1.0), table(&widths, 0.0, 1.0));
        risk["probability"] = chances;
        risk["value_at_risk"] = table(&losses, 0.0, 0.4);
        risk["expected_shortfall"] = table(&losses, 0.4, 0.9);
        risk["sessions"] = json!(ahead);
        risk["last_price"] = json!(last.close);
        risk["last_date"] = json!(last.date);
        risk["expected_high"] = json!(by_horizon(last.close, last.close * 1.2));
        risk["expected_low"] = json!(by_horizon(last.close * 0.8, last.close));
        risk
    }

    fn drift(&self, mut drift: Json, last: &Bar) -> Json {
        drift["as_of"] = json!(last.date);
        for test in drift["tests"].as_array_mut().expect("tests").iter_mut().take(self.alarms) {
            test["alarm"] = json!(true);
        }
        drift["health"] = match self.alarms {
            0 => json!("Healthy"),
            1..4 => json!("Degraded"),
            4..11 => json!("Critical"),
            _ => Json::Null,
        };
        drift
    }

    /// What a report a few days before has said.
    fn before(&self, facts: &Facts, dice: &mut Dice) -> Vec<Fact> {
        let origin =
            || Origin { source: "report".into(), window: None, fetched: facts.moment.decided, path: String::new() };
        let said =
            |id: &str, quantity, value| Fact::new(id, format!("{id} of the last report"), quantity, value, origin());
        let word = |id: &str, word: &str| said(id, Quantity::Word, Value::Word(word.into()));
        let last = facts.get("last_close").and_then(Fact::number).expect("a close");
        let mut price = || Value::Price(last * (1.0 + dice.between(-3.0, 3.0) * self.width));
        let day = facts.moment.last_bar - Days::new(if self.seed % 4 == 0 { 0 } else { self.seed % 9 });
        let of_day = |fact: Fact, day| Fact { day: Some(day), ..fact };
        let due = of_day(said("before_close_due", Quantity::Close, price()), facts.moment.last_bar);
        vec![
            of_day(said("before_last_close", Quantity::Close, price()), day),
            of_day(said("before_last_day", Quantity::Day, Value::Day(day)), day),
            Fact { horizon: Some(1), ..due },
            word("before_stance", "BULLISH"),
            word("before_confidence", "Low"),
            word("before_health", ["Healthy", "Degraded", "Critical"][(self.seed % 3) as usize]),
        ]
    }
}
