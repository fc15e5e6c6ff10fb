//! What every forecast chart promises.

use chrono::{Days, NaiveDate};

use super::*;

fn day(i: u64) -> NaiveDate {
    "2024-03-01".parse::<NaiveDate>().unwrap() + Days::new(i)
}

/// `past` sessions and five to come.
fn chart(past: u64) -> ForecastChart {
    let history = (0..past).map(|i| ClosePoint { date: day(i), close: 100.0 + i as f64 }).collect();
    let point = |i| ForecastPoint { date: day(past + i), close: 160.0, high: 165.5, low: 155.25 };
    let band = |percent, half: f64| Band { percent, bounds: vec![[160.0 - half, 160.0 + half]; 5] };
    ForecastChart {
        title: "AMZN: five sessions ahead".into(),
        caption: "model AMZN@3".into(),
        unit: "USD".into(),
        history,
        forecast: (0..5).map(point).collect(),
        bands: vec![band(80, 10.0), band(95, 20.0), band(90, 15.0)],
    }
}

/// Parse as XML and check every number in a coordinate.
fn checked(svg: &str) -> roxmltree::Document<'_> {
    let document = roxmltree::Document::parse(svg).unwrap();
    for node in document.descendants() {
        for name in ["x", "y", "cx", "cy", "r", "width", "height", "d", "viewBox"] {
            let numbers =
                node.attribute(name).unwrap_or_default().split(|c: char| c.is_whitespace() || "MLZh".contains(c));
            for number in numbers.filter(|number| !number.is_empty()) {
                let value: f64 = number.parse().unwrap();
                assert!((-1.0..2000.0).contains(&value), "{name} = {number} in {node:?}");
            }
        }
    }
    document
}

fn count(document: &roxmltree::Document<'_>, class: &str) -> usize {
    document.descendants().filter(|node| node.attribute("class") == Some(class)).count()
}

fn labels(document: &roxmltree::Document<'_>) -> Vec<String> {
    let texts = document.descendants().filter(|node| node.has_tag_name("text"));
    texts.filter_map(|node| node.text()).map(String::from).collect()
}

#[test]
fn a_chart_is_xml_with_every_part_once() {
    let svg = forecast_chart(&chart(70));
    let document = checked(&svg);
    let root = document.root_element();
    assert_eq!((root.attribute("role"), root.attribute("viewBox")), (Some("img"), Some("0 0 860 449")));
    assert_eq!(root.first_element_child().unwrap().text(), Some("AMZN: five sessions ahead"));
    // Each session to come has a whisker, a dot and a hover; the legend shows a whisker, a dot and 1 + 2 + 3 swatches.
    assert_eq!((count(&document, "whisker"), count(&document, "dot")), (5 + 1, 5 + 1));
    assert_eq!((count(&document, "hover"), count(&document, "fan")), (60 + 5, 3 + 6));
    let labels = labels(&document);
    for label in
        ["AMZN: five sessions ahead", "model AMZN@3", "USD", "last 60 sessions", "80 %", "90 %", "95 %", "169.00"]
    {
        assert!(labels.iter().any(|known| known == label), "{label} is not in {labels:?}");
    }
    assert!(!svg.contains("<script") && !svg.contains(" id=") && !svg.contains("href"));
}

#[test]
fn the_description_says_it_in_words() {
    let svg = forecast_chart(&chart(60));
    let words = "Closes of the last 60 sessions to 2024-04-29, the last one 159.00. \
                 Forecast of 5 sessions to 2024-05-04: close 160.00, 80 % interval 150.00 to 170.00.";
    assert!(svg.contains(&format!("<desc>{words}</desc>")), "{svg}");
    assert!(svg.contains("<title>2024-04-30\nforecast close 160.00\nhigh 165.50, low 155.25\n80 %: 150.00 to 170.00"));
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    assert_eq!(forecast_chart(&chart(60)), forecast_chart(&chart(60)));
}

#[test]
fn text_is_escaped() {
    let title = "<script>alert('&')</script>";
    let svg = forecast_chart(&ForecastChart { title: title.into(), caption: "\u{1}\u{FFFF}".into(), ..chart(5) });
    let document = checked(&svg);
    assert_eq!(document.root_element().first_element_child().unwrap().text(), Some(title));
    assert!(!svg.contains("<script"));
}

#[test]
fn nothing_to_draw_says_no_data() {
    let nan = ClosePoint { date: day(0), close: f64::NAN };
    let infinite = ForecastPoint { date: day(1), close: f64::INFINITY, high: 1.0, low: 1.0 };
    for (history, forecast) in [(vec![], vec![]), (vec![nan], vec![infinite])] {
        let svg = forecast_chart(&ForecastChart { history, forecast, ..chart(0) });
        let labels = labels(&checked(&svg));
        assert_eq!(labels, ["AMZN: five sessions ahead", "no data", "model AMZN@3"]);
    }
}

#[test]
fn degenerate_input_still_draws() {
    let whole = chart(10);
    let none = ForecastChart { history: vec![], ..whole.clone() };
    let past_only = ForecastChart { forecast: vec![], bands: vec![], ..whole.clone() };
    let flat = ClosePoint { date: day(0), close: 160.0 };
    let level = ForecastPoint { date: day(1), close: 160.0, high: 160.0, low: 160.0 };
    let point = ForecastChart { history: vec![flat], forecast: vec![level], bands: vec![], ..whole.clone() };
    let huge = ClosePoint { date: day(0), close: 1e300 };
    let outlier = ForecastChart { history: vec![flat, huge, flat], ..whole.clone() };
    let far = ForecastChart { forecast: whole.forecast.repeat(12), ..whole.clone() };
    for chart in [chart(1), chart(2), none, past_only, point, outlier, far] {
        let svg = forecast_chart(&chart);
        assert!(!svg.contains("NaN") && !svg.contains("inf") && !svg.contains("no data"));
        checked(&svg);
    }
}

#[test]
fn a_band_that_does_not_fit_is_left_out() {
    let mut chart = chart(10);
    chart.bands[0].bounds.pop();
    chart.bands[1].bounds[2][0] = f64::NAN;
    let svg = forecast_chart(&chart);
    let labels = labels(&checked(&svg));
    assert!(labels.contains(&"90 %".to_string()) && !labels.iter().any(|l| l == "80 %" || l == "95 %"), "{labels:?}");
}

#[test]
fn a_session_that_cannot_be_drawn_leaves_the_others_with_their_own_bounds() {
    let mut chart = chart(10);
    chart.forecast[0].high = f64::NAN;
    chart.bands[0].bounds[1] = [152.0, 168.0];
    let svg = forecast_chart(&chart);
    checked(&svg);
    assert!(svg.contains("<title>2024-03-12\nforecast close 160.00\nhigh 165.50, low 155.25\n80 %: 152.00 to 168.00"));
}
