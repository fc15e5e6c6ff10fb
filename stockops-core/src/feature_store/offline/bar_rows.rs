//! Bars as rows, and the features that they give.

use chrono::{DateTime, Utc};

use super::closes::Closes;
use super::history::{History, time};
use crate::feature_store::FeatureView;
use crate::features::Step;
use crate::market::{Bar, Bars};

/// The columns of bars.
pub(super) const FIELDS: [&str; 5] = ["Open", "High", "Low", "Close", "Volume"];

/// `bars` as rows, one at the close of each session. Those whose session is not over at `now` are no bars yet and are left out.
pub(super) fn rows_of(bars: &Bars, closes: &Closes, now: DateTime<Utc>) -> History {
    let mut rows = History::of_width(FIELDS.len());
    let calendar = bars.calendar();
    for (bar, event) in bars.iter().zip(closes.of(bars)) {
        if calendar.is_settled(time(event), now) {
            let Bar { open, high, low, close, volume, .. } = *bar;
            rows.push(event, now.timestamp_micros(), [open, high, low, close, volume]);
        }
    }
    rows
}

/// `bars` with the prices and volumes that are kept of their sessions; a bar of which nothing is kept stays as it is.
pub(super) fn as_kept(bars: &Bars, closes: &Closes, kept: &History) -> Bars {
    let mut events = closes.of(bars).into_iter();
    bars.map(|bar| {
        let event = events.next().unwrap_or_default();
        let place = kept.as_of(event, None).filter(|i| kept.events[*i] == event);
        let found = place.map(|i| Bar { date: bar.date, ..bar_of(kept, i) });
        found.filter(|bar| bar.problem().is_none()).unwrap_or(*bar)
    })
}

/// The features of `view` at each row of `bars`, which have one of each event, in order.
pub(super) fn features_of(view: &FeatureView, bars: &History) -> History {
    let columns = view.features().iter().map(|feature| {
        let mut step = feature.step();
        (0..bars.len()).map(|i| value(&mut step, &bar_of(bars, i))).collect()
    });
    History { events: bars.events.clone(), created: bars.created.clone(), columns: columns.collect() }
}

/// The next value; NaN in the first rows, and where prices are so large that it overflows.
fn value(step: &mut Step, bar: &Bar) -> f64 {
    step.push(bar).filter(|value| value.is_finite()).unwrap_or(f64::NAN)
}

/// Row `i` of bars; its day is that of its close in UTC, which no feature looks at.
fn bar_of(bars: &History, i: usize) -> Bar {
    let column = |place: usize| bars.columns[place][i];
    Bar {
        date: time(bars.events[i]).date_naive(),
        open: column(0),
        high: column(1),
        low: column(2),
        close: column(3),
        volume: column(4),
    }
}

/// The bars that count, in order of their events.
pub(super) fn counting(kept: &History) -> History {
    let mut places = kept.latest(None);
    places.retain(|i| !kept.is_withdrawn(*i));
    kept.at(&places)
}

/// Place of the close in [`FIELDS`].
pub(super) fn close(bars: &History, i: usize) -> f64 {
    bars.columns[3][i]
}
