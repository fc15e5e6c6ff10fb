//! One horizon of a residual chart.

use chrono::NaiveDate;

use super::{ResidualChart, ResidualPanel};
use crate::chart::axis::{Scale, drawable, month_ticks, number};
use crate::chart::svg::{LEFT, Point, Svg, WIDTH, text_width};

/// Where the first panel begins, and the distance from one to the next.
pub(super) const TOP: f64 = 84.0;
pub(super) const PITCH: f64 = 222.0;

/// Heights inside of a panel: its heading above, its days below.
const HEAD: f64 = 18.0;
const PLOT: f64 = 150.0;

/// The days end here, and the histogram begins there; labels of the scale stand between.
const RIGHT: f64 = 676.0;
const BARS: f64 = 742.0;

/// Bins of the histogram; odd, so that one of them is centred on zero.
const BINS: usize = 25;

/// The residuals of one horizon that can be drawn.
pub(super) struct Panel {
    horizon: usize,
    /// Day, residual, and the interval less the forecast.
    points: Vec<(NaiveDate, f64, Option<[f64; 2]>)>,
    /// From values to the height above the foot of the plot.
    scale: Scale,
}

impl Panel {
    /// `None` when no point can be drawn.
    pub(super) fn of(panel: &ResidualPanel) -> Option<Self> {
        let points = panel.points.iter().map(|point| {
            let interval = point.interval.map(|[a, b]| [a.min(b) - point.predicted, a.max(b) - point.predicted]);
            (point.date, point.actual - point.predicted, interval.filter(|pair| pair.iter().all(|&v| drawable(v))))
        });
        let points: Vec<_> = points.filter(|(_, residual, _)| drawable(*residual)).collect();
        let bounds = points.iter().flat_map(|(_, _, interval)| interval.iter().flatten().copied());
        let values = points.iter().map(|(_, residual, _)| *residual).chain(bounds);
        let scale = Scale::around_zero(values, (0.0, PLOT))?;
        Some(Self { horizon: panel.horizon, points, scale })
    }

    pub(super) fn has_interval(&self) -> bool {
        self.points.iter().any(|(_, _, interval)| interval.is_some())
    }

    /// The panel in words.
    pub(super) fn summary(&self, percent: u8) -> String {
        let judged: Vec<bool> = self.points.iter().filter_map(|(_, r, i)| i.map(|i| inside(*r, i))).collect();
        let days = |count: usize| format!("{count} day{}", if count == 1 { "" } else { "s" });
        let sessions = if self.horizon == 1 { "session" } else { "sessions" };
        let start = format!("{} {sessions} ahead", self.horizon);
        if judged.is_empty() {
            return format!("{start}: {}", days(self.points.len()));
        }
        let share = 100.0 * judged.iter().filter(|&&inside| inside).count() as f64 / judged.len() as f64;
        let share = format!("{share:.1}");
        let share = share.strip_suffix(".0").unwrap_or(&share);
        format!("{start}: {share} % of {} inside the {percent} % interval", days(judged.len()))
    }

    /// Draw from `top` down.
    pub(super) fn draw(&self, svg: &mut Svg, top: f64, summary: &str) {
        svg.label("small", (LEFT, top + 6.0), summary);
        let top = top + HEAD;
        let y = |value: f64| top + PLOT - self.scale.at(value);
        self.draw_grid(svg, &y);
        self.draw_days(svg, top + PLOT);
        self.draw_interval(svg, &y);
        let at = |i: usize| (self.x(i), y(self.points[i].1));
        let out = |i: &usize| self.points[*i].2.is_some_and(|interval| !inside(self.points[*i].1, interval));
        let (outside, within): (Vec<usize>, Vec<usize>) = (0..self.points.len()).partition(out);
        svg.dots("inside", &within.into_iter().map(at).collect::<Vec<Point>>());
        svg.dots("outside", &outside.into_iter().map(at).collect::<Vec<Point>>());
        self.draw_bars(svg, &y);
    }

    fn x(&self, i: usize) -> f64 {
        let width = RIGHT - LEFT - 8.0;
        LEFT + 4.0 + width * (i as f64 + 0.5) / self.points.len() as f64
    }

    fn draw_grid(&self, svg: &mut Svg, y: &dyn Fn(f64) -> f64) {
        let (ticks, step) = self.scale.ticks(8.0);
        for tick in ticks {
            let class = if tick == 0.0 { "zero" } else { "grid" };
            svg.line(class, &[(LEFT, y(tick)), (RIGHT, y(tick))]);
            svg.line(class, &[(BARS, y(tick)), (WIDTH - LEFT, y(tick))]);
            svg.label("faint small middle", (f64::midpoint(RIGHT, BARS), y(tick) + 4.0), &number(tick, step));
        }
    }

    fn draw_days(&self, svg: &mut Svg, bottom: f64) {
        let days: Vec<NaiveDate> = self.points.iter().map(|(day, _, _)| *day).collect();
        for (i, label, year) in month_ticks(&days, 9) {
            let x = self.x(i);
            svg.line("grid", &[(x, bottom), (x, bottom + 4.0)]);
            svg.label("faint small middle", (x, bottom + 16.0), &label);
            svg.label("faint small middle", (x, bottom + 29.0), &year.unwrap_or_default());
        }
    }

    /// One area for each stretch of days that have an interval.
    fn draw_interval(&self, svg: &mut Svg, y: &dyn Fn(f64) -> f64) {
        let places: Vec<usize> = (0..self.points.len()).collect();
        let half = (RIGHT - LEFT - 8.0) / self.points.len() as f64 / 2.0;
        for stretch in places.chunk_by(|&a, &b| self.points[a].2.is_some() && self.points[b].2.is_some()) {
            let edge = |side: usize| {
                let known = stretch.iter().filter_map(move |&i| Some((i, self.points[i].2?[side])));
                known.flat_map(|(i, bound)| [(self.x(i) - half, y(bound)), (self.x(i) + half, y(bound))])
            };
            let lower: Vec<Point> = edge(0).collect();
            let outline: Vec<Point> = edge(1).chain(lower.into_iter().rev()).collect();
            svg.area("range", &outline);
        }
    }

    fn draw_bars(&self, svg: &mut Svg, y: &dyn Fn(f64) -> f64) {
        let (low, high) = self.scale.ends();
        let bin = (high - low) / BINS as f64;
        let mut counts = [0_usize; BINS];
        for (_, residual, _) in &self.points {
            counts[(((residual - low) / bin) as usize).min(BINS - 1)] += 1;
        }
        let most = counts.iter().copied().max().unwrap_or(0).max(1) as f64;
        for (i, &count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
            let bottom = low + i as f64 * bin;
            let width = (WIDTH - LEFT - BARS) * count as f64 / most;
            svg.rect("bar", (BARS, y(bottom) - 0.5), (BARS + width, y(bottom + bin) + 0.5), &count.to_string());
        }
    }
}

fn inside(residual: f64, [low, high]: [f64; 2]) -> bool {
    low <= residual && residual <= high
}

/// What the marks mean, below the heading.
pub(super) fn draw_legend(svg: &mut Svg, chart: &ResidualChart, has_interval: bool) {
    const Y: f64 = 56.0;
    let unit = if chart.unit.is_empty() { String::new() } else { format!(", {}", chart.unit) };
    let words = format!("actual less predicted{unit}");
    svg.dots("inside", &[(LEFT + 6.0, Y)]);
    svg.label("small", (LEFT + 16.0, Y + 4.0), &words);
    if has_interval {
        let x = LEFT + 16.0 + text_width(&words) + 16.0;
        svg.rect("range", (x, Y - 6.0), (x + 18.0, Y + 6.0), "");
        let words = format!("{} % interval", chart.percent);
        svg.label("small", (x + 24.0, Y + 4.0), &words);
        let x = x + 24.0 + text_width(&words) + 16.0;
        svg.dots("outside", &[(x + 6.0, Y)]);
        svg.label("small", (x + 16.0, Y + 4.0), "outside of it");
    }
}
