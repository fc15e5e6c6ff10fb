//! `candle_chart`: open, high, low and close of past sessions over their volume.

use chrono::NaiveDate;

use super::axis::{Scale, drawable, month_ticks, number, price};
use super::forecast::sessions;
use super::svg::{LEFT, Point, Svg, WIDTH, caption_height};

/// One past session.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Candle {
    /// Its day.
    pub date: NaiveDate,
    /// First price.
    pub open: f64,
    /// Highest price.
    pub high: f64,
    /// Lowest price.
    pub low: f64,
    /// Last price.
    pub close: f64,
    /// Shares; 0 where none are known.
    pub volume: f64,
}

/// What [`candle_chart`] draws.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CandleChart {
    /// Heading, such as `GOOG: the last 90 sessions`.
    pub title: String,
    /// A line at the foot.
    pub caption: String,
    /// Past sessions, oldest first; the last 250 are drawn.
    pub sessions: Vec<Candle>,
}

const SESSIONS: usize = 250;

/// Where prices and, below them, volumes stand.
const PRICES: (f64, f64) = (316.0, 58.0);
const VOLUMES: (f64, f64) = (396.0, 332.0);
const RIGHT: f64 = WIDTH - 78.0;
const HEIGHT: f64 = 440.0;

/// Candles of the last sessions over bars of their volume, as SVG.
///
/// A session that closed above its open is hollow, one that closed below is filled, so that colour is not all that tells
/// them apart.
///
/// # Example
///
/// ```
/// use stockops_core::chart::{Candle, CandleChart, candle_chart};
///
/// let date = "2024-05-01".parse().unwrap();
/// let session = Candle { date, open: 10.0, high: 11.0, low: 9.5, close: 10.5, volume: 1e6 };
/// let svg = candle_chart(&CandleChart { sessions: vec![session], ..CandleChart::default() });
/// assert!(svg.contains("2024-05-01\nopen 10.00, close 10.50\nhigh 11.00, low 9.5000\nvolume 1,000,000"));
/// ```
pub fn candle_chart(chart: &CandleChart) -> String {
    let Some(view) = View::of(chart) else { return Svg::no_data(&chart.title, &chart.caption) };
    let height = HEIGHT + caption_height(&chart.caption);
    let mut svg = Svg::new(height, &chart.title, &view.words());
    view.grid(&mut svg);
    view.candles(&mut svg);
    view.volumes(&mut svg);
    view.hovers(&mut svg);
    svg.caption(height, &chart.caption);
    svg.finish()
}

struct View {
    sessions: Vec<Candle>,
    prices: Scale,
    /// None where no volume is known.
    volumes: Option<Scale>,
}

impl View {
    /// `None` where there is nothing to draw.
    fn of(chart: &CandleChart) -> Option<Self> {
        let whole = |candle: &Candle| {
            let Candle { open, high, low, close, volume, .. } = *candle;
            [open, high, low, close, volume].into_iter().all(drawable)
        };
        let kept: Vec<Candle> = chart.sessions.iter().copied().filter(whole).collect();
        let sessions = kept[kept.len().saturating_sub(SESSIONS)..].to_vec();
        let prices = Scale::over(sessions.iter().flat_map(|candle| [candle.high, candle.low]), PRICES)?;
        let volumes = sessions.iter().map(|candle| candle.volume).chain([0.0]);
        let volumes = Scale::over(volumes, VOLUMES).filter(|_| sessions.iter().any(|candle| candle.volume > 0.0));
        Some(Self { sessions, prices, volumes })
    }

    fn step(&self) -> f64 {
        (RIGHT - LEFT) / self.sessions.len() as f64
    }

    /// The middle of a session.
    fn x(&self, i: usize) -> f64 {
        LEFT + self.step() * (i as f64 + 0.5)
    }

    fn words(&self) -> String {
        let last = self.sessions[self.sessions.len() - 1];
        let high = self.sessions.iter().map(|candle| candle.high).fold(f64::MIN, f64::max);
        let low = self.sessions.iter().map(|candle| candle.low).fold(f64::MAX, f64::min);
        let [close, high, low] = [last.close, high, low].map(price);
        let count = sessions(self.sessions.len());
        format!("{count} to {}: the last close {close}, the highest price {high}, the lowest {low}.", last.date)
    }

    fn grid(&self, svg: &mut Svg) {
        let (ticks, step) = self.prices.ticks(6.0);
        for tick in ticks {
            let y = self.prices.at(tick);
            svg.line("grid", &[(LEFT, y), (RIGHT, y)]);
            svg.label("faint small", (RIGHT + 9.0, y + 4.0), &number(tick, step));
        }
        let days: Vec<NaiveDate> = self.sessions.iter().map(|candle| candle.date).collect();
        for (i, label, year) in month_ticks(&days, 8) {
            svg.label("faint small", (self.x(i), VOLUMES.0 + 16.0), &label);
            svg.label("faint small", (self.x(i), VOLUMES.0 + 29.0), &year.unwrap_or_default());
        }
    }

    fn candles(&self, svg: &mut Svg) {
        let ends =
            |(i, candle): (usize, &Candle)| [candle.high, candle.low].map(|value| (self.x(i), self.prices.at(value)));
        let wicks: Vec<[Point; 2]> = self.sessions.iter().enumerate().map(ends).collect();
        svg.path("wick", &wicks.iter().map(|wick| &wick[..]).collect::<Vec<_>>(), "");
        let half = self.step() * 0.34;
        for (i, candle) in self.sessions.iter().enumerate() {
            let class = if candle.close >= candle.open { "rise" } else { "fall" };
            let [open, close] = [candle.open, candle.close].map(|value| self.prices.at(value));
            svg.rect(class, (self.x(i) - half, open), (self.x(i) + half, close), "");
        }
    }

    fn volumes(&self, svg: &mut Svg) {
        let Some(scale) = &self.volumes else { return };
        svg.label("faint small", (RIGHT + 9.0, VOLUMES.1 + 8.0), "volume");
        let half = self.step() * 0.34;
        for (i, candle) in self.sessions.iter().enumerate() {
            svg.rect("bar", (self.x(i) - half, scale.at(0.0)), (self.x(i) + half, scale.at(candle.volume)), "");
        }
    }

    fn hovers(&self, svg: &mut Svg) {
        let half = self.step() / 2.0;
        for (i, candle) in self.sessions.iter().enumerate() {
            let [open, close, high, low] = [candle.open, candle.close, candle.high, candle.low].map(price);
            let volume = number(candle.volume, 1.0);
            let words = format!("{}\nopen {open}, close {close}\nhigh {high}, low {low}\nvolume {volume}", candle.date);
            svg.rect("hover", (self.x(i) - half, PRICES.1), (self.x(i) + half, VOLUMES.0), &words);
        }
    }
}
