//! `ablation_chart`: skill by length of history, one line a strategy.

use super::axis::{Scale, drawable, number};
use super::svg::{LEFT, Point, Svg, WIDTH, caption_height, text_width};

/// Skill of one strategy.
#[derive(Debug, Clone, PartialEq)]
pub struct AblationLine {
    /// The strategy, such as `freeze`.
    pub name: String,
    /// Skill in percent for each history of the chart; `None` where it was not measured.
    pub skills: Vec<Option<f64>>,
}

/// What one panel of an [`AblationChart`] holds.
#[derive(Debug, Clone, PartialEq)]
pub struct AblationPanel {
    /// Such as `range, 1 day`.
    pub name: String,
    /// One line a strategy; the first five are drawn.
    pub lines: Vec<AblationLine>,
}

/// What [`ablation_chart`] draws.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AblationChart {
    /// Heading, such as `GOOG: skill over the best rule by history`.
    pub title: String,
    /// A line at the foot.
    pub caption: String,
    /// Labels of the histories, shortest first, such as `100` and `all`.
    pub histories: Vec<String>,
    /// Panels, two in a row.
    pub panels: Vec<AblationPanel>,
}

/// Size of a panel with its heading and its labels below, and where the first begins.
const TOP: f64 = 84.0;
const PITCH: f64 = 214.0;
const PLOT: f64 = 150.0;
const MIDDLE: f64 = WIDTH / 2.0;

/// Classes of the lines, in the order of the strategies.
const CLASSES: [&str; 5] = ["series-0", "series-1", "series-2", "series-3", "series-4"];

/// Lines of skill in percent by length of history, one panel a field, as SVG; above zero the model beats the rule.
///
/// # Example
///
/// ```
/// use stockops_core::chart::{AblationChart, AblationLine, AblationPanel, ablation_chart};
///
/// let line = AblationLine { name: "freeze".into(), skills: vec![Some(-1.0), Some(2.0)] };
/// let svg = ablation_chart(&AblationChart {
///     histories: vec!["100".into(), "all".into()],
///     panels: vec![AblationPanel { name: "range, 1 day".into(), lines: vec![line] }],
///     ..AblationChart::default()
/// });
/// assert!(svg.contains("range, 1 day, freeze, history 100: \u{2212}1.0 %"));
/// ```
pub fn ablation_chart(chart: &AblationChart) -> String {
    let panels: Vec<(&AblationPanel, Scale)> = chart.panels.iter().filter_map(scaled).collect();
    if panels.is_empty() || chart.histories.is_empty() {
        return Svg::no_data(&chart.title, &chart.caption);
    }
    let height = TOP + PITCH * panels.len().div_ceil(2) as f64 + caption_height(&chart.caption);
    let mut svg = Svg::new(height, &chart.title, &words(chart));
    legend(&mut svg, chart);
    for (i, (panel, scale)) in panels.iter().enumerate() {
        let left = if i % 2 == 0 { LEFT } else { MIDDLE };
        draw(&mut svg, chart, panel, scale, (left, TOP + PITCH * (i / 2) as f64));
    }
    svg.caption(height, &chart.caption);
    svg.finish()
}

/// From skill to the height above the foot of the plot; `None` where nothing can be drawn.
fn scaled(panel: &AblationPanel) -> Option<(&AblationPanel, Scale)> {
    let values = panel.lines.iter().flat_map(|line| line.skills.iter().flatten().copied());
    let values: Vec<f64> = values.filter(|value| drawable(*value)).collect();
    let scale = Scale::over(values.iter().copied().chain([0.0]), (0.0, PLOT));
    scale.filter(|_| !values.is_empty()).map(|scale| (panel, scale))
}

fn words(chart: &AblationChart) -> String {
    let of_panel = |panel: &AblationPanel| {
        let last = |line: &AblationLine| {
            let skill = line.skills.iter().flatten().last()?;
            Some(format!("{} {}", line.name, percent(*skill)))
        };
        let longest: Vec<String> = panel.lines.iter().filter_map(last).collect();
        format!("{} with the longest history: {}", panel.name, longest.join(", "))
    };
    chart.panels.iter().map(of_panel).collect::<Vec<_>>().join(". ")
}

fn percent(skill: f64) -> String {
    format!("{} %", number(skill, 0.1))
}

fn legend(svg: &mut Svg, chart: &AblationChart) {
    let mut x = LEFT;
    for (line, class) in chart.panels[0].lines.iter().zip(CLASSES) {
        svg.line(&format!("line {class}"), &[(x, 56.0), (x + 18.0, 56.0)]);
        svg.label("small", (x + 24.0, 60.0), &line.name);
        x += 24.0 + text_width(&line.name) + 20.0;
    }
}

fn draw(svg: &mut Svg, chart: &AblationChart, panel: &AblationPanel, scale: &Scale, (left, top): Point) {
    svg.label("small", (left, top + 6.0), &panel.name);
    let (begin, end, foot) = (left + 46.0, left + MIDDLE - LEFT - 24.0, top + 18.0 + PLOT);
    let (ticks, step) = scale.ticks(5.0);
    for tick in ticks {
        let class = if tick == 0.0 { "zero" } else { "grid" };
        svg.line(class, &[(begin, foot - scale.at(tick)), (end, foot - scale.at(tick))]);
        let label = format!("{} %", number(tick, step));
        svg.label("faint small end", (begin - 6.0, foot - scale.at(tick) + 4.0), &label);
    }
    let x = |i: usize| begin + (end - begin) * (i as f64 + 0.5) / chart.histories.len() as f64;
    for (i, label) in chart.histories.iter().enumerate() {
        svg.label("faint small middle", (x(i), foot + 16.0), label);
    }
    for (line, class) in panel.lines.iter().zip(CLASSES) {
        let drawn = line.skills.iter().enumerate().filter_map(|(i, skill)| Some((i, skill.filter(|s| drawable(*s))?)));
        let drawn: Vec<(usize, f64)> = drawn.filter(|(i, _)| *i < chart.histories.len()).collect();
        let points: Vec<Point> = drawn.iter().map(|(i, skill)| (x(*i), foot - scale.at(*skill))).collect();
        svg.line(&format!("line {class}"), &points);
        for ((i, skill), (x, y)) in drawn.iter().zip(points) {
            svg.circle(&format!("mark {class}"), (x, y), 3.0);
            let hover = format!("{}, {}, history {}: {}", panel.name, line.name, chart.histories[*i], percent(*skill));
            svg.rect("hover", (x - 6.0, y - 6.0), (x + 6.0, y + 6.0), &hover);
        }
    }
}
