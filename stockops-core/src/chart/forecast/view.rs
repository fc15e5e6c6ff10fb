//! Where each thing of a forecast chart stands, and how it is drawn.

use chrono::NaiveDate;

use super::words::sessions;
use super::{Band, ClosePoint, ForecastChart, ForecastPoint};
use crate::chart::axis::{Scale, drawable, number, price, session_ticks};
use crate::chart::svg::{LEFT, Point, Svg, WIDTH, text_width};

/// Height of a chart without its caption.
pub(super) const HEIGHT: f64 = 424.0;

/// Past sessions that are drawn.
const SESSIONS: usize = 60;

const TOP: f64 = 96.0;
const BOTTOM: f64 = 376.0;
const RIGHT: f64 = WIDTH - 78.0;

/// Share of the width that the past has: five sessions must not drown beside sixty.
const PAST_SHARE: f64 = 0.64;

/// Half the height of a tag on the axis.
const TAG: f64 = 9.0;

/// What can be drawn of a chart, and where.
pub(super) struct View {
    pub(super) past: Vec<ClosePoint>,
    pub(super) future: Vec<ForecastPoint>,
    /// Widest first, so that narrower ones lie on top.
    pub(super) bands: Vec<Band>,
    y: Scale,
    /// Where the past ends and the forecast begins.
    split: f64,
}

impl View {
    /// `None` when no number can be drawn.
    pub(super) fn of(chart: &ForecastChart) -> Option<Self> {
        let past: Vec<ClosePoint> = chart.history.iter().copied().filter(|point| drawable(point.close)).collect();
        let past = past[past.len().saturating_sub(SESSIONS)..].to_vec();
        let whole = |point: &ForecastPoint| [point.close, point.high, point.low].into_iter().all(drawable);
        let kept: Vec<usize> = (0..chart.forecast.len()).filter(|&i| whole(&chart.forecast[i])).collect();
        let future: Vec<ForecastPoint> = kept.iter().map(|&i| chart.forecast[i]).collect();
        let fitting = chart.bands.iter().filter(|band| band.bounds.len() == chart.forecast.len());
        let mut bands: Vec<Band> = fitting.filter_map(|band| drawable_band(band, &kept)).collect();
        bands.sort_by_key(|band| std::cmp::Reverse(band.percent));
        let values = past.iter().map(|point| point.close);
        let values = values.chain(future.iter().flat_map(|point| [point.close, point.high, point.low]));
        let values = values.chain(bands.iter().flat_map(|band| band.bounds.iter().flatten().copied()));
        let y = Scale::over(values, (BOTTOM, TOP))?;
        let split = match (past.is_empty(), future.is_empty()) {
            (true, _) => LEFT,
            (_, true) => RIGHT,
            _ => LEFT + (RIGHT - LEFT) * PAST_SHARE,
        };
        Some(Self { past, future, bands, y, split })
    }

    /// Place of a past session; the last one stands on the split.
    fn past_x(&self, i: usize) -> f64 {
        let step = (self.split - LEFT) / self.past.len().max(2).saturating_sub(1) as f64;
        self.split - (self.past.len() - 1 - i) as f64 * step
    }

    fn future_step(&self) -> f64 {
        (RIGHT - self.split) / (self.future.len() as f64 + 0.5)
    }

    fn future_x(&self, i: usize) -> f64 {
        self.split + (i + 1) as f64 * self.future_step()
    }

    /// The last close, where the line and the fan of the forecast begin.
    fn origin(&self) -> Option<Point> {
        self.past.last().map(|point| (self.split, self.y.at(point.close)))
    }

    pub(super) fn draw_grid(&self, svg: &mut Svg, unit: &str) {
        if !self.future.is_empty() && !self.past.is_empty() {
            svg.rect("zone", (self.split, TOP), (RIGHT, BOTTOM), "");
        }
        let (ticks, step) = self.y.ticks(7.0);
        let tags: Vec<f64> = self.tags().iter().map(|(_, y, _)| *y).collect();
        for tick in ticks {
            let y = self.y.at(tick);
            svg.line("grid", &[(LEFT, y), (RIGHT, y)]);
            if tags.iter().all(|tag| (tag - y).abs() > TAG + 6.0) {
                svg.label("faint small", (RIGHT + 9.0, y + 4.0), &number(tick, step));
            }
        }
        svg.label("faint small", (RIGHT + 9.0, TOP - 9.0), unit);
        if !self.past.is_empty() {
            svg.label("faint small", (LEFT, TOP - 9.0), &format!("last {}", sessions(self.past.len())));
        }
        if !self.future.is_empty() {
            let words = format!("next {}, drawn wider", sessions(self.future.len()));
            svg.label("faint small", (self.split + 8.0, TOP - 9.0), &words);
        }
    }

    pub(super) fn draw_days(&self, svg: &mut Svg) {
        let past: Vec<NaiveDate> = self.past.iter().map(|point| point.date).collect();
        // The last past label would run into the first one of the forecast.
        let room = if self.future.is_empty() { RIGHT + 1.0 } else { self.split - 30.0 };
        for (i, label, year) in session_ticks(&past, 6) {
            let x = self.past_x(i);
            if x < room {
                let place = if i == 0 { "faint small" } else { "faint small middle" };
                svg.label(place, (x, BOTTOM + 18.0), &label);
                svg.label(place, (x, BOTTOM + 33.0), &year.unwrap_or_default());
            }
        }
        let future: Vec<NaiveDate> = self.future.iter().map(|point| point.date).collect();
        for (i, label, _) in session_ticks(&future, 6) {
            let x = self.future_x(i);
            svg.label("faint small middle", (x, BOTTOM + 18.0), &label);
            svg.label("faint small middle", (x, BOTTOM + 33.0), &future[i].format("%a").to_string());
        }
    }

    pub(super) fn draw_fan(&self, svg: &mut Svg) {
        for band in &self.bands {
            let edge = |side: usize| {
                let bounds = band.bounds.iter().enumerate();
                bounds.map(move |(i, pair)| (self.future_x(i), self.y.at(pair[side])))
            };
            let lower: Vec<Point> = edge(0).collect();
            let outline: Vec<Point> = self.origin().into_iter().chain(edge(1)).chain(lower.into_iter().rev()).collect();
            svg.area("fan", &outline);
        }
    }

    pub(super) fn draw_past(&self, svg: &mut Svg) {
        if !self.past.is_empty() && !self.future.is_empty() {
            svg.line("now", &[(self.split, TOP), (self.split, BOTTOM)]);
        }
        let place = |(i, point): (usize, &ClosePoint)| (self.past_x(i), self.y.at(point.close));
        let line: Vec<Point> = self.past.iter().enumerate().map(place).collect();
        svg.line("line past", &line);
    }

    pub(super) fn draw_future(&self, svg: &mut Svg) {
        let place = |(i, point): (usize, &ForecastPoint)| (self.future_x(i), self.y.at(point.close));
        let closes: Vec<Point> = self.future.iter().enumerate().map(place).collect();
        for (point, &(x, _)) in self.future.iter().zip(&closes) {
            let (high, low) = (self.y.at(point.high), self.y.at(point.low));
            let cap = |y| [(x - 4.0, y), (x + 4.0, y)];
            svg.path("whisker", &[&[(x, high), (x, low)], &cap(high), &cap(low)], "");
        }
        let line: Vec<Point> = self.origin().into_iter().chain(closes.iter().copied()).collect();
        svg.line("line future", &line);
        for close in closes {
            svg.circle("dot", close, 3.2);
        }
    }

    /// Class, place and text of the tags on the axis, moved apart where they would overlap.
    fn tags(&self) -> Vec<(&'static str, f64, String)> {
        let past = self.past.last().map(|point| ("tag-past", point.close));
        let future = self.future.last().map(|point| ("tag-future", point.close));
        let ends = past.into_iter().chain(future);
        let mut tags: Vec<_> = ends.map(|(class, close)| (class, self.y.at(close), price(close))).collect();
        if let [a, b] = &mut tags[..] {
            let missing = 2.0 * TAG + 1.0 - (a.1 - b.1).abs();
            let away = if a.1 < b.1 { -1.0 } else { 1.0 };
            a.1 += away * missing.max(0.0) / 2.0;
            b.1 -= away * missing.max(0.0) / 2.0;
        }
        tags
    }

    pub(super) fn draw_tags(&self, svg: &mut Svg) {
        for (class, y, text) in self.tags() {
            svg.rect(class, (RIGHT + 3.0, y - TAG), (RIGHT + 15.0 + 1.2 * text_width(&text), y + TAG), "");
            svg.label("tag", (RIGHT + 9.0, y + 4.0), &text);
        }
    }

    pub(super) fn draw_legend(&self, svg: &mut Svg) {
        const Y: f64 = 56.0;
        let mut x = LEFT;
        let mut entry = |svg: &mut Svg, words: &str, draw: &dyn Fn(&mut Svg, f64)| {
            draw(svg, x);
            svg.label("small", (x + 24.0, Y + 4.0), words);
            x += 24.0 + text_width(words) + 16.0;
        };
        if !self.past.is_empty() {
            entry(svg, "close", &|svg, x| svg.line("line past", &[(x, Y), (x + 18.0, Y)]));
        }
        if !self.future.is_empty() {
            entry(svg, "forecast close", &|svg, x| {
                svg.line("line future", &[(x, Y), (x + 18.0, Y)]);
                svg.circle("dot", (x + 9.0, Y), 3.2);
            });
            entry(svg, "forecast high and low", &|svg, x| {
                let cap = |y| [(x + 5.0, y), (x + 13.0, y)];
                svg.path("whisker", &[&[(x + 9.0, Y - 6.0), (x + 9.0, Y + 6.0)], &cap(Y - 6.0), &cap(Y + 6.0)], "");
            });
        }
        for (i, band) in self.bands.iter().enumerate().rev() {
            // Narrower bands lie on wider ones, so they look as dark as all of those together.
            entry(svg, &format!("{} %", band.percent), &|svg, x| {
                for _ in 0..=i {
                    svg.rect("fan", (x, Y - 6.0), (x + 18.0, Y + 6.0), "");
                }
            });
        }
    }

    /// A column over each session that names its values under the pointer.
    pub(super) fn draw_hovers(&self, svg: &mut Svg) {
        let half = (self.split - LEFT) / self.past.len().max(2).saturating_sub(1) as f64 / 2.0;
        for (i, point) in self.past.iter().enumerate() {
            let x = self.past_x(i);
            let words = format!("{}\nclose {}", point.date, price(point.close));
            svg.rect("hover", ((x - half).max(LEFT), TOP), ((x + half).min(self.split), BOTTOM), &words);
        }
        let half = self.future_step() / 2.0;
        for i in 0..self.future.len() {
            let x = self.future_x(i);
            svg.rect("hover", (x - half, TOP), ((x + half).min(RIGHT), BOTTOM), &self.future_words(i));
        }
    }
}

/// The bounds of the sessions that are drawn, lower first; `None` where one of them is no number.
fn drawable_band(band: &Band, kept: &[usize]) -> Option<Band> {
    let ordered = |[a, b]: [f64; 2]| [a.min(b), a.max(b)];
    let bounds: Vec<[f64; 2]> = kept.iter().map(|&i| ordered(band.bounds[i])).collect();
    let whole = !bounds.is_empty() && kept.iter().flat_map(|&i| band.bounds[i]).all(drawable);
    whole.then_some(Band { percent: band.percent, bounds })
}
