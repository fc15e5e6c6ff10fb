//! `coverage_chart`: which share of outcomes fell into their intervals, against what these promise.

use super::axis::drawable;
use super::svg::{LEFT, Svg, WIDTH, caption_height, text_width};

/// Coverage of one field at one horizon.
#[derive(Debug, Clone, PartialEq)]
pub struct CoverageRow {
    /// Such as `close, 1 day`.
    pub name: String,
    /// Promised share and the one that was held, in percent.
    pub levels: Vec<(f64, f64)>,
    /// Share held by the 90 % interval on calm, middling and wild days, in percent, where it is known.
    pub thirds: Option<[f64; 3]>,
}

/// What [`coverage_chart`] draws.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CoverageChart {
    /// Heading, such as `GOOG: coverage on 400 days`.
    pub title: String,
    /// A line at the foot.
    pub caption: String,
    /// One row a field and horizon.
    pub rows: Vec<CoverageRow>,
}

/// Height of a row, where the rows begin, and the two plots.
const PITCH: f64 = 26.0;
const TOP: f64 = 96.0;
const ALL_DAYS: (f64, f64) = (130.0, 500.0);
const THIRDS: (f64, f64) = (560.0, WIDTH - LEFT);

/// Shares that the plots show, in percent; what lies below is drawn at the edge.
const SHARES: (f64, f64) = (60.0, 100.0);

/// Words of the thirds, and classes of their marks.
const WORDS: [&str; 3] = ["calm", "middling", "wild"];

/// Held against promised coverage for all days, and that of the 90 % interval by volatility, as SVG.
///
/// # Example
///
/// ```
/// use stockops_core::chart::{CoverageChart, CoverageRow, coverage_chart};
///
/// let row = CoverageRow { name: "close, 1 day".into(), levels: vec![(90.0, 88.5)], thirds: Some([95.0, 90.0, 80.5]) };
/// let svg = coverage_chart(&CoverageChart { rows: vec![row], ..CoverageChart::default() });
/// assert!(svg.contains("close, 1 day: 88.5 % held of 90 %"));
/// ```
pub fn coverage_chart(chart: &CoverageChart) -> String {
    if !chart.rows.iter().any(|row| row.levels.iter().any(|(_, held)| drawable(*held))) {
        return Svg::no_data(&chart.title, &chart.caption);
    }
    let bottom = TOP + PITCH * chart.rows.len() as f64;
    let height = bottom + 30.0 + caption_height(&chart.caption);
    let mut svg = Svg::new(height, &chart.title, &(words(chart).join(". ") + "."));
    heads(&mut svg);
    let mut promised: Vec<f64> = chart.rows.iter().flat_map(|row| row.levels.iter().map(|level| level.0)).collect();
    promised.sort_by(f64::total_cmp);
    promised.dedup();
    promises(&mut svg, ALL_DAYS, &promised, bottom);
    promises(&mut svg, THIRDS, &[90.0], bottom);
    for (i, row) in chart.rows.iter().enumerate() {
        draw(&mut svg, row, TOP + PITCH * (i as f64 + 0.5));
    }
    svg.caption(height, &chart.caption);
    svg.finish()
}

fn words(chart: &CoverageChart) -> Vec<String> {
    let levels = |row: &CoverageRow| {
        let held = row.levels.iter().map(|(promised, held)| format!("{held:.1} % held of {promised:.0} %"));
        format!("{}: {}", row.name, held.collect::<Vec<_>>().join(", "))
    };
    chart.rows.iter().map(levels).collect()
}

fn heads(svg: &mut Svg) {
    svg.label("small", (ALL_DAYS.0, 58.0), "held on all days; dashed: promised");
    svg.label("small", (THIRDS.0, 58.0), "90 % interval on days that are");
    let mut x = THIRDS.0;
    for word in WORDS {
        svg.circle(word, (x + 5.0, 72.0), 4.0);
        svg.label("small", (x + 14.0, 76.0), word);
        x += 14.0 + text_width(word) + 16.0;
    }
}

fn promises(svg: &mut Svg, plot: (f64, f64), shares: &[f64], bottom: f64) {
    for share in shares {
        svg.line("now", &[(at(plot, *share), TOP - 6.0), (at(plot, *share), bottom)]);
        svg.label("faint small middle", (at(plot, *share), bottom + 16.0), &format!("{share:.0} %"));
    }
}

fn draw(svg: &mut Svg, row: &CoverageRow, y: f64) {
    svg.label("end", (ALL_DAYS.0 - 12.0, y + 4.0), &row.name);
    svg.line("grid", &[(ALL_DAYS.0, y), (ALL_DAYS.1, y)]);
    svg.line("grid", &[(THIRDS.0, y), (THIRDS.1, y)]);
    for (promised, held) in row.levels.iter().filter(|(_, held)| drawable(*held)) {
        let (from, to) = (at(ALL_DAYS, *promised), at(ALL_DAYS, *held));
        svg.line("whisker", &[(from, y), (to, y)]);
        svg.circle("dot", (to, y), 4.0);
        let hover = format!("{}: {held:.1} % held of {promised:.0} %", row.name);
        svg.rect("hover", (to - 6.0, y - 8.0), (to + 6.0, y + 8.0), &hover);
    }
    for (i, held) in row.thirds.iter().flatten().enumerate().filter(|(_, held)| drawable(**held)) {
        let x = at(THIRDS, *held);
        svg.circle(WORDS[i], (x, y), 4.0);
        let hover = format!("{}: {held:.1} % of {} days held of 90 %", row.name, WORDS[i]);
        svg.rect("hover", (x - 6.0, y - 8.0), (x + 6.0, y + 8.0), &hover);
    }
}

fn at((from, to): (f64, f64), share: f64) -> f64 {
    let part = (share.clamp(SHARES.0, SHARES.1) - SHARES.0) / (SHARES.1 - SHARES.0);
    from + part * (to - from)
}
