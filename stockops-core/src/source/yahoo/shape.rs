//! The shape of an answer of chart v8, as JSON. What may be `null` or left out is an `Option`.

use std::collections::BTreeMap;

use serde::Deserialize;

#[derive(Debug, Deserialize)]
pub(super) struct Document {
    pub(super) chart: Option<Chart>,
    /// Where the answer is of the gate before the chart.
    pub(super) finance: Option<Chart>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Chart {
    pub(super) result: Option<Vec<Series>>,
    pub(super) error: Option<Refusal>,
}

#[derive(Debug, Deserialize, Default)]
#[serde(default)]
pub(super) struct Refusal {
    pub(super) code: Option<String>,
    pub(super) description: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Series {
    pub(super) meta: Meta,
    pub(super) timestamp: Option<Vec<i64>>,
    pub(super) events: Option<Events>,
    pub(super) indicators: Indicators,
}

#[derive(Debug, Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Meta {
    pub(super) currency: Option<String>,
    pub(super) symbol: Option<String>,
    pub(super) exchange_timezone_name: Option<String>,
    pub(super) gmtoffset: Option<i32>,
    pub(super) regular_market_time: Option<i64>,
    pub(super) current_trading_period: Option<Periods>,
    pub(super) data_granularity: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Periods {
    pub(super) regular: Option<Period>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Period {
    pub(super) start: i64,
    pub(super) end: i64,
}

#[derive(Debug, Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Events {
    pub(super) dividends: Option<BTreeMap<String, Paid>>,
    pub(super) capital_gains: Option<BTreeMap<String, Paid>>,
    pub(super) splits: Option<BTreeMap<String, Divided>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Paid {
    pub(super) amount: Option<f64>,
    pub(super) date: i64,
}

#[derive(Debug, Deserialize)]
pub(super) struct Divided {
    pub(super) date: i64,
    pub(super) numerator: Option<f64>,
    pub(super) denominator: Option<f64>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Indicators {
    #[serde(default)]
    pub(super) quote: Vec<Quote>,
    #[serde(default)]
    pub(super) adjclose: Vec<Adjusted>,
}

pub(super) type Numbers = Vec<Option<f64>>;

#[derive(Debug, Deserialize, Default)]
#[serde(default)]
pub(super) struct Quote {
    pub(super) open: Numbers,
    pub(super) high: Numbers,
    pub(super) low: Numbers,
    pub(super) close: Numbers,
    pub(super) volume: Numbers,
}

#[derive(Debug, Deserialize, Default)]
#[serde(default)]
pub(super) struct Adjusted {
    pub(super) adjclose: Numbers,
}
