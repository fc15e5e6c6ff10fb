//! `Closes`: when sessions close, asked of a calendar once a day.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::NaiveDate;

use super::history::Micros;
use crate::market::{Bars, Calendar};

/// When the sessions of a calendar close, by their day.
type Days = Arc<HashMap<NaiveDate, Micros>>;

/// When sessions close. To ask a calendar takes two microseconds a day, which would be most of the work on twenty years of bars; and
/// most tickers share one.
#[derive(Debug, Clone, Default)]
pub(super) struct Closes {
    known: Arc<Mutex<HashMap<Calendar, Days>>>,
}

impl Closes {
    /// When the session of each of `bars` closes.
    pub(super) fn of(&self, bars: &Bars) -> Vec<Micros> {
        let days = self.days(bars);
        bars.iter().map(|bar| days[&bar.date]).collect()
    }

    /// Days of the calendar of `bars`, all of theirs among them.
    fn days(&self, bars: &Bars) -> Days {
        let calendar = bars.calendar();
        let known = self.locked(|all| all.get(&calendar).cloned()).unwrap_or_default();
        if bars.iter().all(|bar| known.contains_key(&bar.date)) {
            return known;
        }
        let mut more = (*known).clone();
        for bar in bars {
            more.entry(bar.date).or_insert_with(|| calendar.session_close(bar.date).timestamp_micros());
        }
        let more = Arc::new(more);
        // Where two threads add at once, the days of one are asked for again.
        self.locked(|all| all.insert(calendar, Arc::clone(&more)));
        more
    }

    fn locked<R>(&self, work: impl FnOnce(&mut HashMap<Calendar, Days>) -> R) -> R {
        work(&mut self.known.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::Ticker;
    use crate::source::builtin_bars;

    #[test]
    fn closes_are_those_of_the_calendar_whatever_was_asked_before() {
        let closes = Closes::default();
        let all = builtin_bars(&Ticker::new("MSFT").unwrap()).unwrap().bars;
        let tokyo = all.last(50).with_calendar(Some("XTKS".parse().unwrap()));
        for bars in [all.last(100), tokyo, all.clone(), all.last(10)] {
            let wanted = bars.iter().map(|bar| bars.calendar().session_close(bar.date).timestamp_micros());
            assert_eq!(closes.of(&bars), wanted.collect::<Vec<_>>());
        }
    }
}
