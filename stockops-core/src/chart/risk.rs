//! `risk_chart`: where a price may be at worst and at best, and how likely levels are touched.

use chrono::NaiveDate;

use super::axis::{Scale, drawable, number, price, session_ticks};
use super::svg::{LEFT, Point, Svg, WIDTH, caption_height, text_width};

/// One line of a risk chart.
#[derive(Debug, Clone, PartialEq)]
pub struct RiskLine {
    /// What it is, such as `value at risk 99 %`.
    pub name: String,
    /// A price for each session.
    pub prices: Vec<f64>,
}

/// A level and the probability that it is touched, in percent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RiskLevel {
    /// The price.
    pub price: f64,
    /// Probability in percent that it is touched until the last session.
    pub touched: f64,
}

/// What [`risk_chart`] draws.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RiskChart {
    /// Heading.
    pub title: String,
    /// A line at the foot.
    pub caption: String,
    /// Close that all begins at.
    pub last_close: f64,
    /// The sessions, nearest first.
    pub days: Vec<NaiveDate>,
    /// Lines that begin at the last close, five at most; one of another length than the days is left out.
    pub lines: Vec<RiskLine>,
    /// Levels across.
    pub levels: Vec<RiskLevel>,
}

const TOP: f64 = 84.0;
const PLOT: f64 = 300.0;
const RIGHT: f64 = WIDTH - 150.0;
const BEGIN: f64 = 76.0;
const FOOT: f64 = 40.0;

/// Lines of prices from the last close on, and levels with their probability of a touch, as SVG.
///
/// # Example
///
/// ```
/// use stockops_core::chart::{RiskChart, RiskLevel, RiskLine, risk_chart};
///
/// let svg = risk_chart(&RiskChart {
///     title: "GOOG: risk".into(),
///     last_close: 100.0,
///     days: vec!["2024-05-01".parse().unwrap()],
///     lines: vec![RiskLine { name: "value at risk 99 %".into(), prices: vec![95.0] }],
///     levels: vec![RiskLevel { price: 102.0, touched: 31.25 }],
///     ..RiskChart::default()
/// });
/// assert!(svg.contains("value at risk 99 %, 2024-05-01: 95.00") && svg.contains("102.00: touched 31.2 %"));
/// ```
pub fn risk_chart(chart: &RiskChart) -> String {
    let Some(view) = View::of(chart) else { return Svg::no_data(&chart.title, &chart.caption) };
    let height = TOP + PLOT + FOOT + caption_height(&chart.caption);
    let mut svg = Svg::new(height, &chart.title, &view.words());
    view.legend(&mut svg);
    view.grid(&mut svg);
    view.levels(&mut svg);
    view.lines(&mut svg);
    svg.caption(height, &chart.caption);
    svg.finish()
}

struct View<'a> {
    chart: &'a RiskChart,
    lines: Vec<&'a RiskLine>,
    levels: Vec<&'a RiskLevel>,
    scale: Scale,
}

impl<'a> View<'a> {
    /// `None` where there is nothing to draw.
    fn of(chart: &'a RiskChart) -> Option<Self> {
        let whole = |line: &&RiskLine| {
            line.prices.len() == chart.days.len() && line.prices.iter().all(|price| drawable(*price))
        };
        let lines: Vec<&RiskLine> = chart.lines.iter().filter(whole).collect();
        let levels = chart.levels.iter().filter(|level| drawable(level.price) && drawable(level.touched)).collect();
        let ends = lines.iter().flat_map(|line| line.prices.iter().copied()).chain([chart.last_close]);
        let known = !lines.is_empty() && !chart.days.is_empty() && drawable(chart.last_close);
        let scale = Scale::over(ends.filter(|_| known), (TOP + PLOT, TOP))?;
        Some(Self { chart, lines, levels, scale })
    }

    /// Place of a session, from 1; 0 is the last close.
    fn x(&self, session: usize) -> f64 {
        BEGIN + (RIGHT - BEGIN) * session as f64 / self.chart.days.len() as f64
    }

    fn words(&self) -> String {
        let last = |line: &&RiskLine| format!("{}: {}", line.name, price(line.prices[line.prices.len() - 1]));
        let parts: Vec<String> =
            self.lines.iter().map(last).chain(self.levels.iter().map(|level| touch(level))).collect();
        format!("At the last session {}.", parts.join(", "))
    }

    fn legend(&self, svg: &mut Svg) {
        let mut x = LEFT;
        for (i, line) in self.lines.iter().enumerate() {
            svg.line(&class(i), &[(x, 58.0), (x + 16.0, 58.0)]);
            svg.label("small", (x + 22.0, 62.0), &line.name);
            x += 22.0 + text_width(&line.name) + 18.0;
        }
    }

    fn grid(&self, svg: &mut Svg) {
        let (ticks, step) = self.scale.ticks(7.0);
        for tick in ticks {
            svg.line("grid", &[(BEGIN, self.scale.at(tick)), (RIGHT, self.scale.at(tick))]);
            svg.label("faint small end", (BEGIN - 8.0, self.scale.at(tick) + 4.0), &number(tick, step));
        }
        svg.label("faint small middle", (self.x(0), TOP + PLOT + 16.0), "last close");
        for (place, label, year) in session_ticks(&self.chart.days, 8) {
            svg.label("faint small middle", (self.x(place + 1), TOP + PLOT + 16.0), &label);
            svg.label("faint small middle", (self.x(place + 1), TOP + PLOT + 29.0), &year.unwrap_or_default());
        }
    }

    /// Levels inside of the plot; each says how likely it is touched.
    fn levels(&self, svg: &mut Svg) {
        let (low, high) = self.scale.ends();
        for level in self.levels.iter().filter(|level| (low..=high).contains(&level.price)) {
            let y = self.scale.at(level.price);
            svg.line("now", &[(BEGIN, y), (RIGHT, y)]);
            svg.label("small", (RIGHT + 8.0, y + 4.0), &touch(level));
        }
    }

    fn lines(&self, svg: &mut Svg) {
        let begin = (self.x(0), self.scale.at(self.chart.last_close));
        for (i, line) in self.lines.iter().enumerate() {
            let at = |(place, price): (usize, &f64)| (self.x(place + 1), self.scale.at(*price));
            let points: Vec<Point> = std::iter::once(begin).chain(line.prices.iter().enumerate().map(at)).collect();
            svg.line(&class(i), &points);
            for (((x, y), value), day) in points[1..].iter().zip(&line.prices).zip(&self.chart.days) {
                let hover = format!("{}, {day}: {}", line.name, price(*value));
                svg.rect("hover", (x - 6.0, y - 6.0), (x + 6.0, y + 6.0), &hover);
            }
        }
    }
}

fn class(line: usize) -> String {
    format!("line series-{}", line % 5)
}

fn touch(level: &RiskLevel) -> String {
    format!("{}: touched {:.1} %", price(level.price), level.touched)
}
