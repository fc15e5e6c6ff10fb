//! `skill_chart`: how much smaller errors are than those of a rule, by field and horizon.

use super::axis::{Scale, drawable, number};
use super::svg::{LEFT, Svg, WIDTH, caption_height, text_width};

/// Skill of one field.
#[derive(Debug, Clone, PartialEq)]
pub struct SkillGroup {
    /// The field, such as `range`.
    pub name: String,
    /// Label of the horizon, such as `1 day`, and the skill in percent against each of the chart's rules.
    pub horizons: Vec<(String, Vec<f64>)>,
}

/// What [`skill_chart`] draws.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SkillChart {
    /// Heading, such as `GOOG: skill on 400 days`.
    pub title: String,
    /// A line at the foot.
    pub caption: String,
    /// What the model is held against, at most two, such as `persistence` and `the best rule`.
    pub against: Vec<String>,
    /// One group of bars a field.
    pub groups: Vec<SkillGroup>,
}

/// Where the plot begins and how high it is; labels of the scale stand left of it, horizons and fields below.
const TOP: f64 = 84.0;
const PLOT: f64 = 240.0;
const BEGIN: f64 = 66.0;
const FOOT: f64 = 48.0;

/// Classes of the bars, in the order of the rules.
const CLASSES: [&str; 2] = ["bar", "bar-best"];

/// Bars of skill in percent around a zero line, as SVG; above zero the model's errors are smaller.
///
/// # Example
///
/// ```
/// use stockops_core::chart::{SkillChart, SkillGroup, skill_chart};
///
/// let svg = skill_chart(&SkillChart {
///     title: "GOOG: skill".into(),
///     against: vec!["persistence".into(), "the best rule".into()],
///     groups: vec![SkillGroup { name: "range".into(), horizons: vec![("1 day".into(), vec![15.0, -0.4])] }],
///     ..SkillChart::default()
/// });
/// assert!(svg.contains("range, 1 day: +15.0 % against persistence"));
/// ```
pub fn skill_chart(chart: &SkillChart) -> String {
    let all = |group: &SkillGroup| group.horizons.iter().flat_map(|(_, values)| values.clone()).collect::<Vec<_>>();
    let values: Vec<f64> = chart.groups.iter().flat_map(all).filter(|value| drawable(*value)).collect();
    let Some(scale) =
        Scale::over(values.iter().copied().chain([0.0]), (TOP + PLOT, TOP)).filter(|_| !values.is_empty())
    else {
        return Svg::no_data(&chart.title, &chart.caption);
    };
    let height = TOP + PLOT + FOOT + caption_height(&chart.caption);
    let mut svg = Svg::new(height, &chart.title, &words(chart));
    legend(&mut svg, &chart.against);
    grid(&mut svg, &scale);
    bars(&mut svg, chart, &scale);
    svg.line("zero", &[(BEGIN, scale.at(0.0)), (WIDTH - LEFT, scale.at(0.0))]);
    svg.caption(height, &chart.caption);
    svg.finish()
}

fn words(chart: &SkillChart) -> String {
    let horizon = |group: &SkillGroup, (label, values): &(String, Vec<f64>)| {
        let parts =
            values.iter().zip(&chart.against).map(|(value, against)| hover(&group.name, label, *value, against));
        parts.collect::<Vec<_>>().join(". ")
    };
    let lines = chart.groups.iter().flat_map(|group| group.horizons.iter().map(|row| horizon(group, row)));
    lines.collect::<Vec<_>>().join(". ")
}

fn hover(field: &str, horizon: &str, value: f64, against: &str) -> String {
    format!("{field}, {horizon}: {value:+.1} % against {against}")
}

/// What the colours mean.
fn legend(svg: &mut Svg, against: &[String]) {
    let mut x = LEFT;
    for (name, class) in against.iter().zip(CLASSES) {
        svg.rect(class, (x, 50.0), (x + 14.0, 62.0), "");
        let words = format!("against {name}");
        svg.label("small", (x + 20.0, 60.0), &words);
        x += 20.0 + text_width(&words) + 22.0;
    }
}

fn grid(svg: &mut Svg, scale: &Scale) {
    let (ticks, step) = scale.ticks(7.0);
    for tick in ticks {
        svg.line("grid", &[(BEGIN, scale.at(tick)), (WIDTH - LEFT, scale.at(tick))]);
        svg.label("faint small end", (BEGIN - 8.0, scale.at(tick) + 4.0), &format!("{} %", number(tick, step)));
    }
}

fn bars(svg: &mut Svg, chart: &SkillChart, scale: &Scale) {
    let horizons: usize = chart.groups.iter().map(|group| group.horizons.len()).sum();
    let slot = (WIDTH - LEFT - BEGIN) / (horizons + chart.groups.len()) as f64;
    let mut x = BEGIN + slot * 0.5;
    for group in &chart.groups {
        let start = x;
        for (label, values) in &group.horizons {
            let width = slot * 0.8 / values.len().max(1) as f64;
            for (i, value) in values.iter().enumerate().filter(|(_, value)| drawable(**value)) {
                let from = x + slot * 0.1 + i as f64 * width;
                let against = chart.against.get(i).map_or("", String::as_str);
                let class = CLASSES[i.min(CLASSES.len() - 1)];
                let text = hover(&group.name, label, *value, against);
                svg.rect(class, (from, scale.at(0.0)), (from + width - 1.0, scale.at(*value)), &text);
            }
            svg.label("faint small middle", (x + slot * 0.5, TOP + PLOT + 16.0), label);
            x += slot;
        }
        svg.label("middle", (f64::midpoint(start, x), TOP + PLOT + 36.0), &group.name);
        x += slot;
    }
}
