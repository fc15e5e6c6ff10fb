//! What every residual chart promises.

use chrono::{Days, NaiveDate};

use super::*;

/// `count` days; every tenth one falls outside of its interval.
fn panel(horizon: usize, count: u64) -> ResidualPanel {
    let first: NaiveDate = "2019-01-02".parse().unwrap();
    let point = |i: u64| ResidualPoint {
        date: first + Days::new(i),
        predicted: 0.5,
        actual: if i % 10 == 9 { 3.5 } else { 0.5 + (i as f64).sin() },
        interval: Some([-1.5, 2.5]),
    };
    ResidualPanel { horizon, points: (0..count).map(point).collect() }
}

fn chart(panels: Vec<ResidualPanel>) -> ResidualChart {
    let title = "AMZN: residuals".into();
    ResidualChart { title, caption: "held-out days".into(), unit: "% return".into(), percent: 90, panels }
}

/// Parse as XML, check every coordinate, and return the labels.
fn labels(svg: &str) -> Vec<String> {
    let document = roxmltree::Document::parse(svg).unwrap();
    for node in document.descendants() {
        for name in ["x", "y", "width", "height", "d"] {
            let numbers =
                node.attribute(name).unwrap_or_default().split(|c: char| c.is_whitespace() || "MLZh".contains(c));
            for number in numbers.filter(|number| !number.is_empty()) {
                assert!((-1.0..2000.0).contains(&number.parse::<f64>().unwrap()), "{name} = {number} in {node:?}");
            }
        }
    }
    let texts = document.descendants().filter(|node| node.has_tag_name("text"));
    texts.filter_map(|node| node.text()).map(String::from).collect()
}

#[test]
fn each_horizon_has_its_panel_and_its_coverage() {
    let svg = residual_chart(&chart(vec![panel(1, 250), panel(5, 246)]));
    let labels = labels(&svg);
    for label in [
        "AMZN: residuals",
        "held-out days",
        "actual less predicted, % return",
        "90 % interval",
        "outside of it",
        "1 session ahead: 90 % of 250 days inside the 90 % interval",
        "5 sessions ahead: 90.2 % of 246 days inside the 90 % interval",
    ] {
        assert!(labels.iter().any(|known| known == label), "{label} is not in {labels:?}");
    }
    assert_eq!(svg.matches("class=\"zero\"").count(), 4, "a zero line for the days and the histogram of each panel");
    assert_eq!(svg, residual_chart(&chart(vec![panel(1, 250), panel(5, 246)])));
}

#[test]
fn the_histogram_counts_every_day() {
    let svg = residual_chart(&chart(vec![panel(1, 250)]));
    let document = roxmltree::Document::parse(&svg).unwrap();
    let bars = document.descendants().filter(|node| node.attribute("class") == Some("bar"));
    let days = bars.map(|bar| bar.first_element_child().unwrap().text().unwrap().parse::<u32>().unwrap());
    assert_eq!(days.sum::<u32>(), 250);
}

#[test]
fn nothing_to_draw_says_no_data() {
    let mut nan = panel(1, 2);
    nan.points.iter_mut().for_each(|point| point.actual = f64::NAN);
    for panels in [vec![], vec![panel(1, 0)], vec![nan]] {
        assert_eq!(labels(&residual_chart(&chart(panels))), ["AMZN: residuals", "no data", "held-out days"]);
    }
}

#[test]
fn degenerate_input_still_draws() {
    let mut perfect = panel(1, 3);
    perfect.points.iter_mut().for_each(|point| (point.actual, point.interval) = (point.predicted, None));
    let mut holes = panel(5, 30);
    holes.points.iter_mut().step_by(7).for_each(|point| point.interval = None);
    holes.points[3].interval = Some([f64::NAN, 1.0]);
    holes.points[4].actual = f64::INFINITY;
    for panels in [vec![perfect.clone()], vec![holes], vec![panel(1, 1), perfect], vec![panel(1, 5000)]] {
        let svg = residual_chart(&chart(panels));
        assert!(!svg.contains("NaN") && !svg.contains("inf ") && !svg.contains("no data"));
        labels(&svg);
    }
}

#[test]
fn without_intervals_no_coverage_is_claimed() {
    let mut bare = panel(1, 20);
    bare.points.iter_mut().for_each(|point| point.interval = None);
    let labels = labels(&residual_chart(&chart(vec![bare])));
    assert!(labels.contains(&"1 session ahead: 20 days".to_string()), "{labels:?}");
    assert!(!labels.iter().any(|label| label.contains("interval")), "{labels:?}");
}
