//! `PooledHar`: range and volume by a linear rule that several series share, the companion of the network.

mod regressors;

use std::sync::Arc;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::dataset::{IndexDay, IndexDays, Logged, MONTH, Past};
use crate::forecast::Field;
use crate::least_squares::LeastSquares;
use crate::market::{Bar, Bars};
use regressors::{Regressors, looked_back, quarters};

/// Days that a parent's coefficients count for beside a child's own, for each series that taught it: what one series says
/// of another is worth little, what several agree on is worth more.
const ROWS_A_SERIES: f64 = 400.0;

/// Days that they count for at most, and in older bundles, which do not say how many series taught them.
const MOST_PARENT_ROWS: f64 = 1000.0;

/// Fewest rows for each coefficient that is not drawn to 0.
const ROWS_A_COEFFICIENT: usize = 30;

/// Days on which a product or the index had no effect: their coefficients are drawn to 0 as if so many had been seen.
const PRODUCT_ROWS: f64 = 200.0;

/// Regressors of volume and of range, those of the quarters last, and of range where there is no volume.
const QUARTERS_WIDTH: usize = 2;
const VOLUME_WIDTH: usize = 7;
const RANGE_WIDTH: usize = 14;
const RANGE_WIDTH_WITHOUT_VOLUME: usize = 10;

/// Products of the range's regressors, and those of them that hold no volume.
const PRODUCTS: usize = 66;
const PRODUCTS_WITHOUT_VOLUME: usize = 45;

/// Heterogeneous autoregression of log range and log volume, everything relative to the mean of the last 22 days:
/// `x(t+h) - m22 = b . (x - m22, m5 - m22, m66 - m22, m500 - m22, 1, ..)`, one fit a horizon over all series.
///
/// Corsi (2009) with a longer memory; for the range also the last moves and their sizes, since a fall widens the days to
/// come more than a rise (Corsi and Reno 2012), the volume against its mean, and the products of each two of these, drawn to
/// 0: a wild day after calm weeks is not a wild day among wild ones. Where the index's bars are known, its own range and
/// last move are regressors too, in a second rule for the range. Both have the volume of the same weekday
/// 13, 26, 39 and 52 weeks before the day that is forecast, and before the day of the forecast: companies report each
/// quarter, and many shares are traded then. Relative to a series' own level the coefficients carry over from one ticker to
/// another.
///
/// It wants bars of [ordinary](crate::dataset::DayEffects::ordinary) days. A rule of an older bundle has fewer coefficients,
/// those of the quarters being the last.
///
/// Where no volume is known, as for currencies, or it never varies, the range has its rule without the regressors of
/// volume. Where it is known on too few days, only volume has no rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PooledHar {
    /// Coefficients of the range, one list a horizon; those of volume stand last and may be missing.
    range: Vec<Vec<f64>>,
    /// Those of the products; none in older bundles.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    products: Vec<Vec<f64>>,
    /// The rule of the range where the index's bars are known; none where no series had them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    beside_index: Option<Coefficients>,
    /// Coefficients of the volume, one list a horizon; empty where there is no rule for volume.
    volume: Vec<Vec<f64>>,
    /// Days that they were fitted on.
    rows: usize,
    /// Series that they were fitted on; 0 in older bundles.
    #[serde(default)]
    series: usize,
}

/// Coefficients of one rule, one list a horizon; of products and of the index where it has them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Coefficients {
    range: Vec<Vec<f64>>,
    products: Vec<Vec<f64>>,
    index: Vec<Vec<f64>>,
    /// Days that they were fitted on.
    #[serde(default)]
    rows: usize,
}

/// Bars to fit on, and what the index did on these days, where it is known.
#[derive(Debug, Clone)]
pub struct Series<'a> {
    bars: &'a [Bar],
    index: Option<IndexDays>,
}

impl<'a> Series<'a> {
    /// Bars of [ordinary](crate::dataset::DayEffects::ordinary) days beside those of an index.
    pub fn of(bars: &'a [Bar], index: Option<&Arc<Bars>>) -> Self {
        Self { bars, index: index.map(|index| IndexDays::of(index)) }
    }
}

impl PooledHar {
    /// Fit on the bars of one or several series; `None` where they are too few.
    pub fn fit(series: &[Series<'_>], horizons: usize) -> Option<Self> {
        let volume_is_known = series.iter().any(|one| volume_varies(one.bars));
        let (width, products) = if volume_is_known {
            (RANGE_WIDTH, PRODUCTS)
        } else {
            (RANGE_WIDTH_WITHOUT_VOLUME, PRODUCTS_WITHOUT_VOLUME)
        };
        // A history too short to tell the quarters has the rule without them.
        let either = |layout: Layout| {
            let shorter = Layout { width: layout.width - QUARTERS_WIDTH, ..layout };
            let rule = || coefficients(series, horizons, &shorter).filter(|_| volume_is_known);
            coefficients(series, horizons, &layout).or_else(rule)
        };
        let range = Layout { field: Field::Range, width, products, index: false };
        let alone = either(range)?;
        let beside = either(Layout { index: true, ..range });
        let volume = either(Layout { field: Field::Volume, width: VOLUME_WIDTH, products: 0, index: false });
        Some(Self {
            range: alone.range,
            products: alone.products,
            beside_index: beside,
            volume: volume.map(|rule| rule.range).unwrap_or_default(),
            rows: series.iter().map(|one| one.bars.len().saturating_sub(MONTH)).sum(),
            series: series.len(),
        })
    }

    /// Whether it has coefficients for exactly `horizons` sessions.
    pub(super) fn has_horizons(&self, horizons: usize) -> bool {
        let may_be_empty = |lists: &[Vec<f64>]| lists.is_empty() || lists.len() == horizons;
        let beside = self.beside_index.as_ref();
        self.range.len() == horizons
            && may_be_empty(&self.products)
            && may_be_empty(&self.volume)
            && beside.is_none_or(|rule| [&rule.range, &rule.products, &rule.index].iter().all(|l| l.len() == horizons))
    }

    /// Coefficients between these, a parent's, and `own`, fitted on a child's days alone: the more days, the more `own`.
    ///
    /// What only one of them has a rule for is taken from that one; but where only the child has seen an index, its rule
    /// beside it is drawn to the parent's rule without one.
    pub(crate) fn shrunk_towards(&self, own: &Self) -> Self {
        let weight = |rows: usize| rows as f64 / (rows as f64 + self.parent_rows());
        let mixed = |parent: &[Vec<f64>], all: &[Vec<f64>]| mixed_all(parent, all, weight(own.rows));
        let beside = |own: &Coefficients| {
            let parent = self.beside_index.clone().unwrap_or_else(|| Coefficients {
                range: self.range.clone(),
                products: self.products.clone(),
                index: vec![Vec::new(); self.range.len()],
                rows: 0,
            });
            let mixed = |parent: &[Vec<f64>], all: &[Vec<f64>]| mixed_all(parent, all, weight(own.rows));
            Coefficients {
                range: mixed(&parent.range, &own.range),
                products: mixed(&parent.products, &own.products),
                index: mixed(&parent.index, &own.index),
                rows: parent.rows + own.rows,
            }
        };
        let volume = match (self.volume.is_empty(), own.volume.is_empty()) {
            (true, _) => own.volume.clone(),
            (_, true) => self.volume.clone(),
            _ => mixed(&self.volume, &own.volume),
        };
        Self {
            range: mixed(&self.range, &own.range),
            products: mixed(&self.products, &own.products),
            beside_index: own.beside_index.as_ref().map(beside).or_else(|| self.beside_index.clone()),
            volume,
            rows: self.rows + own.rows,
            series: if self.series == 0 { 0 } else { self.series + own.series },
        }
    }

    /// Days that these coefficients, a parent's, count for beside a child's.
    fn parent_rows(&self) -> f64 {
        if self.series == 0 { MOST_PARENT_ROWS } else { (ROWS_A_SERIES * self.series as f64).min(MOST_PARENT_ROWS) }
    }

    /// Whether it has a rule for `field`.
    pub(crate) fn has(&self, field: Field) -> bool {
        match field {
            Field::Range => !self.range.is_empty(),
            Field::Volume => !self.volume.is_empty(),
            _ => false,
        }
    }

    /// Whether it forecasts the range better where the index's bars are known.
    pub(crate) fn wants_index(&self) -> bool {
        self.beside_index.is_some()
    }

    /// Forecasts after the bars `history`, and after `index` where it is known, of the sessions on `days`, one a horizon, on
    /// the log scale of `field`; `None` for prices, below 14 bars, and for a volume that is not known.
    pub fn forecast(
        &self,
        history: &[Bar],
        index: Option<&IndexDay>,
        days: &[NaiveDate],
        field: Field,
    ) -> Option<Vec<f64>> {
        self.forecast_after(Logged::of(looked_back(history)).whole(), index, days, field)
    }

    /// [`forecast`](Self::forecast) where the logs are at hand.
    pub(super) fn forecast_after(
        &self,
        history: Past<'_>,
        index: Option<&IndexDay>,
        days: &[NaiveDate],
        field: Field,
    ) -> Option<Vec<f64>> {
        if !self.has(field) {
            return None;
        }
        let Regressors { level, past, products } = Regressors::of(history, field)?;
        let none: &[Vec<f64>] = &[];
        let beside = self.beside_index.as_ref().zip(index).filter(|_| field == Field::Range);
        let (slopes, of_products, of_index) = match &beside {
            Some((rule, _)) => (&rule.range[..], &rule.products[..], &rule.index[..]),
            None if field == Field::Range => (&self.range[..], &self.products[..], none),
            None => (&self.volume[..], none, none),
        };
        let index = beside.map(|(_, day)| day.regressors()).unwrap_or_default();
        let now = quarters(history, history.bars().last()?.date);
        let dot = |slopes: &[f64], row: &[f64]| slopes.iter().zip(row).map(|(b, x)| b * x).sum::<f64>();
        let more = |slopes: &[Vec<f64>], horizon: usize, row: &[f64]| slopes.get(horizon).map_or(0.0, |b| dot(b, row));
        let at = |(horizon, (slopes, day)): (usize, (&Vec<f64>, &NaiveDate))| {
            let (first, last) = slopes.split_at(slopes.len().min(past.len()));
            let linear = dot(first, &past) + dot(last, &[quarters(history, *day), now]);
            level + linear + more(of_products, horizon, &products) + more(of_index, horizon, &index)
        };
        Some(slopes.iter().zip(days).enumerate().map(at).collect())
    }
}

/// [`mixed`] for each horizon.
fn mixed_all(parent: &[Vec<f64>], own: &[Vec<f64>], weight: f64) -> Vec<Vec<f64>> {
    let none = Vec::new();
    let at = |i: usize| mixed(parent.get(i).unwrap_or(&none), own.get(i).unwrap_or(&none), weight);
    (0..parent.len().max(own.len())).map(at).collect()
}

/// A parent's coefficients, `weight` of the way to a child's; what one of them lacks counts as the other's alone or as 0.
fn mixed(parent: &[f64], own: &[f64], weight: f64) -> Vec<f64> {
    let at = |i: usize| match (parent.get(i), own.get(i)) {
        (Some(parent), Some(own)) => parent + weight * (own - parent),
        (Some(parent), None) => *parent,
        (None, own) => weight * own.copied().unwrap_or_default(),
    };
    (0..parent.len().max(own.len())).map(at).collect()
}

/// Whether the known volumes of `bars` are not all the same: otherwise nothing can be regressed on them.
fn volume_varies(bars: &[Bar]) -> bool {
    let mut known = bars.iter().map(|bar| bar.volume).filter(|volume| *volume > 0.0);
    known.next().is_some_and(|first| known.any(|volume| volume != first))
}

/// Which regressors a regression has.
#[derive(Debug, Clone, Copy)]
struct Layout {
    field: Field,
    /// How many of the plain ones and those of the quarters.
    width: usize,
    /// How many products.
    products: usize,
    /// Whether those of the index: then days without it are left out.
    index: bool,
}

/// One regression a horizon; `None` where the rows are too few or do not tell the regressors apart.
fn coefficients(series: &[Series<'_>], horizons: usize, layout: &Layout) -> Option<Coefficients> {
    let Layout { width, products, .. } = *layout;
    let whole = width + products + if layout.index { IndexDay::REGRESSORS } else { 0 };
    let mut fits = vec![LeastSquares::new(whole); horizons];
    for row in series.iter().flat_map(|one| rows(one, layout, horizons)) {
        for (fit, ahead) in fits.iter_mut().zip(row.ahead) {
            if let Some((target, quarters)) = ahead {
                let plain = [&row.regressors.past[..], &[quarters, row.quarters]].concat();
                let more = &row.regressors.products[..products];
                fit.add(&[&plain[..width], more, &row.index].concat(), target);
            }
        }
    }
    let rows = fits.first().map_or(0, LeastSquares::rows);
    let solved = |mut fit: LeastSquares| {
        (width..whole).for_each(|place| fit.draw(place, 0.0, PRODUCT_ROWS));
        fit.solve().filter(|_| fit.rows() >= ROWS_A_COEFFICIENT * width)
    };
    let all: Vec<Vec<f64>> = fits.into_iter().map(solved).collect::<Option<_>>()?;
    let part = |places: std::ops::Range<usize>| all.iter().map(|own| own[places.clone()].to_vec()).collect();
    Some(Coefficients {
        range: part(0..width),
        products: part(width..width + products),
        index: part(width + products..whole),
        rows,
    })
}

/// What is known at the close of one day, and what came.
struct RegressionRow {
    regressors: Regressors,
    /// Those of the index; none where the layout has none.
    index: Vec<f64>,
    /// [`quarters`] of the day itself.
    quarters: f64,
    /// What came less the level of the day, and [`quarters`] of the day on which it came, one a horizon; `None` where it is
    /// not known.
    ahead: Vec<Option<(f64, f64)>>,
}

/// A row for each day of a series from the second month on.
fn rows<'a>(series: &'a Series<'_>, layout: &Layout, horizons: usize) -> impl Iterator<Item = RegressionRow> + use<'a> {
    let (Series { bars, index }, Layout { field, index: beside, .. }) = (series, *layout);
    let logged = Logged::of(*bars);
    (MONTH..bars.len()).filter_map(move |origin| {
        let known = logged.whole().first(origin + 1);
        let index = if beside { index.as_ref()?.at(bars[origin].date)?.regressors().to_vec() } else { Vec::new() };
        let regressors = Regressors::of(known, field)?;
        let ahead = |horizon: usize| {
            let bar = bars.get(origin + 1 + horizon)?;
            Some((field.value(bar, 1.0)? - regressors.level, quarters(known, bar.date)))
        };
        let ahead = (0..horizons).map(ahead).collect();
        Some(RegressionRow { regressors, index, quarters: quarters(known, bars[origin].date), ahead })
    })
}

#[cfg(test)]
mod tests;
