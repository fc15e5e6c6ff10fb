//! What a forecast chart says in words: for those who cannot see it, and under the pointer.

use super::view::View;
use crate::chart::axis::price;

impl View {
    /// What the pointer finds over a session to come.
    pub(super) fn future_words(&self, i: usize) -> String {
        let point = self.future[i];
        let [close, high, low] = [point.close, point.high, point.low].map(price);
        let mut words = format!("{}\nforecast close {close}\nhigh {high}, low {low}", point.date);
        for band in self.bands.iter().rev() {
            let [low, high] = band.bounds[i].map(price);
            words.push_str(&format!("\n{} %: {low} to {high}", band.percent));
        }
        words
    }

    /// The chart in words.
    pub(super) fn description(&self) -> String {
        let past = self.past.last().map(|point| {
            let count = sessions(self.past.len());
            format!("Closes of the last {count} to {}, the last one {}.", point.date, price(point.close))
        });
        let future = self.future.last().map(|point| {
            let count = sessions(self.future.len());
            let mut words = format!("Forecast of {count} to {}: close {}", point.date, price(point.close));
            if let Some(band) = self.bands.last() {
                let [low, high] = band.bounds[self.future.len() - 1].map(price);
                words.push_str(&format!(", {} % interval {low} to {high}", band.percent));
            }
            words + "."
        });
        past.into_iter().chain(future).collect::<Vec<_>>().join(" ")
    }
}

/// `1 session`, `5 sessions`.
pub(crate) fn sessions(count: usize) -> String {
    format!("{count} session{}", if count == 1 { "" } else { "s" })
}
