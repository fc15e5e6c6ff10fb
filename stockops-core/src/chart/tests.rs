//! What the charts of a backtest promise: every number in words, nothing outside of the sheet, no data said so.

use super::*;

/// Parse as XML, check every coordinate, and return labels and hovers.
fn words(svg: &str) -> Vec<String> {
    let document = roxmltree::Document::parse(svg).unwrap();
    let (width, height) = (860.0, document.root_element().attribute("height").unwrap().parse::<f64>().unwrap());
    for node in document.descendants() {
        for (names, end) in [(["x", "cx", "width"], width), (["y", "cy", "height"], height)] {
            for value in names.iter().filter_map(|name| node.attribute(*name)) {
                assert!((0.0..=end).contains(&value.parse::<f64>().unwrap()), "{value} in {node:?}");
            }
        }
        let path = node.attribute("d").unwrap_or_default();
        for number in path.split(|c: char| c.is_whitespace() || "MLZh".contains(c)).filter(|part| !part.is_empty()) {
            assert!((0.0..=1200.0).contains(&number.parse::<f64>().unwrap()), "{path}");
        }
    }
    let texts = document.descendants().filter(|node| node.has_tag_name("text") || node.has_tag_name("title"));
    texts.filter_map(|node| node.text()).map(String::from).collect()
}

fn has(svg: &str, wanted: &[&str]) {
    let words = words(svg);
    for wanted in wanted {
        assert!(words.iter().any(|known| known == wanted), "{wanted} is not in {words:?}");
    }
}

fn skills(values: [f64; 2]) -> SkillChart {
    SkillChart {
        title: "A & B".into(),
        caption: "400 days".into(),
        against: vec!["persistence".into(), "the best rule".into()],
        groups: vec![SkillGroup {
            name: "range".into(),
            horizons: vec![("1 day".into(), values.to_vec()), ("5 days".into(), vec![f64::NAN, 1.0])],
        }],
    }
}

#[test]
fn skill_stands_above_and_below_its_zero_line() {
    let svg = skill_chart(&skills([18.8, -1.1]));
    let hovers = ["range, 1 day: +18.8 % against persistence", "range, 1 day: -1.1 % against the best rule"];
    has(&svg, &["A & B", "400 days", "against persistence", "range", "1 day", "5 days"]);
    has(&svg, &hovers);
    let document = roxmltree::Document::parse(&svg).unwrap();
    let place = |class: &str, name: &str| {
        let mut of_class = document.descendants().filter(|node| node.attribute("class") == Some(class));
        let with_hover = of_class.find(|node| node.has_children()).unwrap();
        with_hover.attribute(name).unwrap().parse::<f64>().unwrap()
    };
    // The first bar ends where the second begins: at zero.
    let foot = place("bar", "y") + place("bar", "height");
    assert!((foot - place("bar-best", "y")).abs() < 0.11, "{foot}");
    assert_eq!(svg, skill_chart(&skills([18.8, -1.1])));
}

#[test]
fn coverage_shows_what_is_held_beside_what_is_promised() {
    let row = |thirds| CoverageRow { name: "close, 1 day".into(), levels: vec![(80.0, 79.1), (90.0, 12.0)], thirds };
    let chart = |rows| CoverageChart { title: "GOOG".into(), caption: "400 days".into(), rows };
    let svg = coverage_chart(&chart(vec![row(Some([95.0, 90.5, 77.25])), row(None)]));
    has(&svg, &["close, 1 day", "80 %", "90 %", "calm", "wild", "close, 1 day: 79.1 % held of 80 %"]);
    has(&svg, &["close, 1 day: 77.2 % of wild days held of 90 %", "close, 1 day: 12.0 % held of 90 %"]);
    has(&coverage_chart(&chart(vec![])), &["GOOG", "no data", "400 days"]);
}

#[test]
fn ablation_has_a_line_for_each_strategy_and_bears_holes() {
    let line = |name: &str, skills: [Option<f64>; 3]| AblationLine { name: name.into(), skills: skills.to_vec() };
    let lines =
        vec![line("freeze", [Some(-2.0), None, Some(1.5)]), line("scratch", [Some(-9.0), Some(f64::NAN), None])];
    let panel = |lines| AblationPanel { name: "range, 1 day".into(), lines };
    let chart = |panels| AblationChart {
        title: "GOOG".into(),
        caption: "the same days".into(),
        histories: ["100", "250", "all"].map(String::from).to_vec(),
        panels,
    };
    let svg = ablation_chart(&chart(vec![panel(lines.clone()), panel(lines.clone()), panel(lines)]));
    has(&svg, &["freeze", "scratch", "100", "all", "range, 1 day, freeze, history all: 1.5 %"]);
    let empty = panel(vec![line("freeze", [None; 3])]);
    for panels in [vec![], vec![empty]] {
        has(&ablation_chart(&chart(panels)), &["GOOG", "no data", "the same days"]);
    }
}

#[test]
fn nothing_to_draw_says_no_data() {
    has(&skill_chart(&SkillChart { groups: vec![], ..skills([0.0; 2]) }), &["A & B", "no data", "400 days"]);
    assert!(words(&skill_chart(&skills([0.0, 0.0]))).iter().all(|word| word != "no data"));
}

#[test]
fn risk_names_each_price_and_how_likely_levels_are_touched() {
    let line = |name: &str, prices: [f64; 2]| RiskLine { name: name.into(), prices: prices.to_vec() };
    let chart = RiskChart {
        title: "A & B".into(),
        caption: "400 paths".into(),
        last_close: 100.0,
        days: ["2024-05-01", "2024-05-02"].map(|day| day.parse().unwrap()).to_vec(),
        lines: vec![line("value at risk 99 %", [96.0, 94.0]), line("mean high", [101.0, f64::NAN])],
        levels: [(98.0, 41.0), (150.0, 0.0), (97.0, f64::NAN)]
            .map(|(price, touched)| RiskLevel { price, touched })
            .to_vec(),
    };
    let svg = risk_chart(&chart);
    has(&svg, &["A & B", "400 paths", "last close", "value at risk 99 %, 2024-05-02: 94.00", "98.00: touched 41.0 %"]);
    assert!(!svg.contains("NaN") && !words(&svg).iter().any(|word| word.contains("mean high")));
    // A level far outside would squeeze the lines; it is told in words and not drawn.
    assert!(words(&svg).iter().all(|word| !word.contains("150.00")) && svg.contains("150.00: touched 0.0 %"));
    assert_eq!(svg, risk_chart(&chart));
    has(&risk_chart(&RiskChart { lines: vec![], ..chart.clone() }), &["no data"]);
    has(&risk_chart(&RiskChart { days: vec![], ..chart }), &["no data"]);
}

#[test]
fn candles_tell_rise_from_fall_and_leave_out_what_is_no_number() {
    let candle = |day: u32, open: f64, close: f64| Candle {
        date: format!("2024-05-{day:02}").parse().unwrap(),
        open,
        high: 12.0,
        low: 8.0,
        close,
        volume: 5e6,
    };
    let chart = |sessions| CandleChart { title: "A & B".into(), caption: "hollow".into(), sessions };
    let sessions = vec![candle(1, 10.0, 11.0), candle(2, 11.0, 9.0), candle(3, f64::NAN, 9.0)];
    let svg = candle_chart(&chart(sessions.clone()));
    has(&svg, &["A & B", "hollow", "2024-05-02\nopen 11.00, close 9.0000\nhigh 12.00, low 8.0000\nvolume 5,000,000"]);
    let document = roxmltree::Document::parse(&svg).unwrap();
    let count = |class: &str| document.descendants().filter(|node| node.attribute("class") == Some(class)).count();
    assert_eq!([count("rise"), count("fall"), count("bar"), count("hover")], [1, 1, 2, 2]);
    let silent = sessions.iter().map(|session| Candle { volume: 0.0, ..*session }).collect();
    assert!(!candle_chart(&chart(silent)).contains("class=\"bar\""));
    has(&candle_chart(&chart(vec![])), &["A & B", "no data", "hollow"]);
}

#[test]
fn a_chart_without_its_style_is_else_the_same() {
    let svg = skill_chart(&skills([18.8, -1.1]));
    let bare = bare(&svg);
    assert!(!bare.contains("<style") && bare.len() + STYLE.len() + "<style>\n</style>\n".len() == svg.len());
    roxmltree::Document::parse(&bare).unwrap();
}
