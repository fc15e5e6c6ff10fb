//! `drift_chart`: how far data and model were from alarm, day by day.

use chrono::NaiveDate;

use super::axis::{Scale, drawable, month_ticks, number};
use super::svg::{LEFT, Point, Svg, WIDTH, caption_height};

/// One day of a drift chart; values are shares of a threshold, so that alarm begins at 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DriftDay {
    /// The day.
    pub date: NaiveDate,
    /// How far out the data were.
    pub data: f64,
    /// How far the model's record was from alarm; `None` where nothing was scored.
    pub model: Option<f64>,
    /// Whether the verdict was worse than Healthy.
    pub unusual: bool,
    /// Whether it was Critical.
    pub critical: bool,
}

/// What [`drift_chart`] draws.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DriftChart {
    /// Heading.
    pub title: String,
    /// A line at the foot.
    pub caption: String,
    /// In order of day.
    pub days: Vec<DriftDay>,
}

const TOP: f64 = 60.0;
const HEAD: f64 = 14.0;
const PLOT: f64 = 120.0;
const PITCH: f64 = 186.0;
const RIGHT: f64 = WIDTH - 50.0;

/// Two panels, data above and model below, with the threshold at 1 and episodes shaded, as SVG.
///
/// # Example
///
/// ```
/// use stockops_core::chart::{DriftChart, DriftDay, drift_chart};
///
/// let date = "2024-05-01".parse().unwrap();
/// let day = DriftDay { date, data: 1.4, model: Some(0.2), unusual: true, critical: false };
/// let svg = drift_chart(&DriftChart { title: "GOOG: drift".into(), days: vec![day], ..DriftChart::default() });
/// assert!(svg.contains("data: unusual on 1 of 1 day"));
/// ```
pub fn drift_chart(chart: &DriftChart) -> String {
    let days: Vec<&DriftDay> = chart.days.iter().filter(|day| drawable(day.data)).collect();
    if days.is_empty() {
        return Svg::no_data(&chart.title, &chart.caption);
    }
    let dates: Vec<NaiveDate> = days.iter().map(|day| day.date).collect();
    let panels = [
        Panel {
            values: days.iter().map(|day| Some(day.data)).collect(),
            shaded: days.iter().map(|day| day.unusual).collect(),
            class: "range",
            name: "data: unusual",
        },
        Panel {
            values: days.iter().map(|day| day.model.filter(|value| drawable(*value))).collect(),
            shaded: days.iter().map(|day| day.critical).collect(),
            class: "fan",
            name: "model: critical",
        },
    ];
    let height = TOP + panels.len() as f64 * PITCH + caption_height(&chart.caption);
    let words: Vec<String> = panels.iter().map(Panel::words).collect();
    let mut svg = Svg::new(height, &chart.title, &(words.join(". ") + "."));
    for (i, (panel, words)) in panels.iter().zip(&words).enumerate() {
        panel.draw(&mut svg, TOP + i as f64 * PITCH, &dates, words);
    }
    svg.caption(height, &chart.caption);
    svg.finish()
}

struct Panel {
    values: Vec<Option<f64>>,
    shaded: Vec<bool>,
    class: &'static str,
    name: &'static str,
}

impl Panel {
    fn words(&self) -> String {
        let (shaded, all) = (self.shaded.iter().filter(|shaded| **shaded).count(), self.shaded.len());
        format!("{} on {shaded} of {all} day{}", self.name, if all == 1 { "" } else { "s" })
    }

    fn x(&self, place: usize) -> f64 {
        LEFT + (RIGHT - LEFT) * (place as f64 + 0.5) / self.values.len() as f64
    }

    fn draw(&self, svg: &mut Svg, top: f64, dates: &[NaiveDate], words: &str) {
        svg.label("small", (LEFT, top), words);
        let (top, bottom) = (top + HEAD, top + HEAD + PLOT);
        let ends = [0.0, 1.2].into_iter().chain(self.values.iter().flatten().copied());
        let Some(scale) = Scale::over(ends, (bottom, top)) else { return };
        let half = (RIGHT - LEFT) / self.values.len() as f64 / 2.0;
        let places: Vec<usize> = (0..self.values.len()).filter(|place| self.shaded[*place]).collect();
        for episode in places.chunk_by(|a, b| a + 1 == *b) {
            let (from, to) = (episode[0], episode[episode.len() - 1]);
            let hover = format!("{} to {}", dates[from], dates[to]);
            svg.rect(self.class, (self.x(from) - half, top), (self.x(to) + half, bottom), &hover);
        }
        let (ticks, step) = scale.ticks(4.0);
        for tick in ticks {
            svg.line("grid", &[(LEFT, scale.at(tick)), (RIGHT, scale.at(tick))]);
            svg.label("faint small", (RIGHT + 6.0, scale.at(tick) + 4.0), &number(tick, step));
        }
        svg.line("now", &[(LEFT, scale.at(1.0)), (RIGHT, scale.at(1.0))]);
        for (place, label, year) in month_ticks(dates, 10) {
            svg.label("faint small middle", (self.x(place), bottom + 16.0), &label);
            svg.label("faint small middle", (self.x(place), bottom + 29.0), &year.unwrap_or_default());
        }
        let known: Vec<Point> =
            (0..self.values.len()).filter_map(|i| Some((self.x(i), scale.at(self.values[i]?)))).collect();
        svg.line("line past", &known);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(place: u32, model: Option<f64>, critical: bool) -> DriftDay {
        let date = NaiveDate::from_ymd_opt(2024, 5, place).unwrap();
        DriftDay { date, data: f64::from(place) / 10.0, model, unusual: critical || place > 10, critical }
    }

    #[test]
    fn it_is_well_formed_and_says_what_it_shows() {
        let days: Vec<DriftDay> = (1..=20).map(|place| day(place, (place > 5).then_some(0.5), place > 18)).collect();
        let chart = DriftChart { title: "A & B".into(), caption: "caption".into(), days };
        let svg = drift_chart(&chart);
        let document = roxmltree::Document::parse(&svg).unwrap();
        let text = |tag: &str| document.descendants().find(|node| node.has_tag_name(tag)).unwrap().text().unwrap();
        assert_eq!(text("title"), "A & B");
        assert_eq!(text("desc"), "data: unusual on 10 of 20 days. model: critical on 2 of 20 days.");
        let shaded = |class: &str| {
            document
                .descendants()
                .filter(|node| node.has_tag_name("rect") && node.attribute("class") == Some(class))
                .count()
        };
        assert_eq!((shaded("range"), shaded("fan")), (1, 1), "an episode is one area");
        assert_eq!(svg, drift_chart(&chart));
    }

    #[test]
    fn days_without_numbers_are_left_out() {
        let days = vec![DriftDay { data: f64::NAN, ..day(1, Some(f64::INFINITY), false) }];
        assert!(drift_chart(&DriftChart { days, ..DriftChart::default() }).contains("no data"));
        let days = vec![day(1, Some(f64::NAN), false), day(2, None, false)];
        assert!(!drift_chart(&DriftChart { days, ..DriftChart::default() }).contains("NaN"));
    }
}
