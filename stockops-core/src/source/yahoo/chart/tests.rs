//! No answer does more than fail.

use super::*;
use crate::source::raw::Reading;
use proptest::prelude::*;

fn goog() -> Ticker {
    Ticker::new("GOOG").unwrap()
}

fn now() -> DateTime<Utc> {
    "2024-05-04T00:00:00Z".parse().unwrap()
}

/// An answer as it comes, on three days.
const CHART: &str = r#"{"chart": {"result": [{
    "meta": {"currency": "USD", "symbol": "GOOG", "exchangeName": "NMS", "instrumentType": "EQUITY", "regularMarketTime": 1714766401,
        "gmtoffset": -14400, "timezone": "EDT", "exchangeTimezoneName": "America/New_York", "priceHint": 2,
        "currentTradingPeriod": {"regular": {"timezone": "EDT", "start": 1714743000, "end": 1714766400, "gmtoffset": -14400}},
        "dataGranularity": "1d", "range": ""},
    "timestamp": [1714570200, 1714656600, 1714743000],
    "events": {
        "dividends": {"1714743000": {"amount": 0.2, "date": 1714743000}},
        "capitalGains": {"1714743000": {"amount": 0.1, "date": 1714743000}},
        "splits": {"1714656600": {"date": 1714656600, "numerator": 20, "denominator": 1, "splitRatio": "20:1"}}},
    "indicators": {
        "quote": [{"open": [166.2, 166.7, 169.5], "high": [168.8, 168.5, 169.9], "low": [164.9, 165.7, 164.9],
            "close": [165.6, 168.5, 169.0], "volume": [25223200, 17041100, 22767100]}],
        "adjclose": [{"adjclose": [165.4, 168.3, 169.0]}]}}], "error": null}}"#;

fn answered(body: &[u8], status: u16, since: Option<NaiveDate>) -> Result<Option<RawBars>, Trouble> {
    read(&Answer { status, body: body.to_vec() }, &goog(), since, now())
}

/// Read it as far as it goes.
fn all_the_way(body: &[u8], status: u16) {
    for since in [None, NaiveDate::from_ymd_opt(2024, 5, 2)] {
        if let Ok(Some(raw)) = answered(body, status, since) {
            for partial in [false, true] {
                let reading = Reading { partial, allow_stale: partial, ..Reading::default() };
                let _ = raw.read(&reading, now());
            }
        }
    }
}

#[test]
fn the_shape_is_read() {
    let raw = answered(CHART.as_bytes(), 200, None).unwrap().unwrap();
    let day = |day| NaiveDate::from_ymd_opt(2024, 5, day).unwrap();
    assert_eq!(raw.rows.iter().map(|row| row.day).collect::<Vec<_>>(), [day(1), day(2), day(3)]);
    assert_eq!(raw.rows[2].numbers(), [169.5, 169.9, 164.9, 169.0, 22_767_100.0, 169.0].map(Some));
    assert_eq!(raw.dividends, [Payment { day: day(3), amount: 0.2 }]);
    assert_eq!(raw.splits, [Split { day: day(2), new: 20.0, old: 1.0 }]);
    assert_eq!(raw.session.unwrap().1.to_rfc3339(), "2024-05-03T20:00:00+00:00");
    let later = answered(CHART.as_bytes(), 200, Some(day(3))).unwrap().unwrap();
    assert_eq!(later.rows, raw.rows[2..]);
}

#[test]
fn what_is_null_or_missing_is_unknown() {
    for name in ["currency", "regularMarketTime", "currentTradingPeriod", "exchangeTimezoneName", "dataGranularity"] {
        let mut chart: serde_json::Value = serde_json::from_str(CHART).unwrap();
        chart["chart"]["result"][0]["meta"][name] = serde_json::Value::Null;
        chart["chart"]["result"][0]["events"] = serde_json::Value::Null;
        assert_eq!(answered(chart.to_string().as_bytes(), 200, None).unwrap().unwrap().rows.len(), 3, "{name}");
    }
}

#[test]
fn every_end_of_an_answer_is_half_of_one() {
    for cut in 1..CHART.trim_end().len() {
        let trouble = answered(&CHART.as_bytes()[..cut], 200, None).unwrap_err();
        assert_eq!(trouble.kind(), "half_answer", "{cut}: {trouble}");
    }
}

/// Any JSON.
fn value() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        prop_oneof![Just(0.0), Just(-1.0), Just(1e308), Just(5e-324), Just(16_600.0)].prop_map(Into::into),
        "\\PC{0,6}".prop_map(Into::into),
    ];
    leaf.prop_recursive(2, 8, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
            prop::collection::btree_map("\\PC{0,6}", inner, 0..3)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}

/// Put `new` in the place of the `at`-th value of `tree`, counted from its root.
fn replace(tree: &mut serde_json::Value, at: &mut usize, new: &serde_json::Value) {
    if *at == 0 {
        *tree = new.clone();
    }
    *at = at.wrapping_sub(1);
    match tree {
        serde_json::Value::Array(items) => items.iter_mut().for_each(|item| replace(item, at, new)),
        serde_json::Value::Object(items) => items.values_mut().for_each(|item| replace(item, at, new)),
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_value_in_any_place_is_no_panic(at in 0_usize..75, new in value(), status in prop_oneof![Just(200_u16), Just(404)]) {
        let mut chart: serde_json::Value = serde_json::from_str(CHART).unwrap();
        replace(&mut chart, &mut at.clone(), &new);
        all_the_way(chart.to_string().as_bytes(), status);
    }

    #[test]
    fn any_bytes_are_no_panic(mut bytes in prop::collection::vec(any::<u8>(), 0..80), at in 0..CHART.len(), status in 100_u16..999) {
        all_the_way(&bytes, status);
        let mut torn = CHART.as_bytes().to_vec();
        torn.truncate(at);
        torn.append(&mut bytes);
        torn.extend_from_slice(&CHART.as_bytes()[at..]);
        all_the_way(&torn, status);
    }
}
