//! `MemoryLimiter`: counts in this process.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use chrono::NaiveDate;
use futures_util::future::{BoxFuture, FutureExt, ready};

use super::{Limiter, Rate};

/// Keys that are counted apart. Beyond that, newcomers share one count.
const KEYS: usize = 20_000;
/// The key that newcomers share.
const OTHERS: &str = "";

/// Counts in this process: the times of the last ones are kept, so in no stretch of the period are there more than the rate says.
///
/// At most 20,000 clients or tickers are counted apart; those that come while so many are busy share one count.
#[derive(Debug, Default)]
pub struct MemoryLimiter {
    windows: Windows,
    spent: Mutex<Option<(NaiveDate, u64)>>,
}

impl MemoryLimiter {
    /// Nothing was asked yet.
    pub fn new() -> Self {
        Self::default()
    }

    fn spent(&self, day: NaiveDate) -> SpentGuard<'_> {
        let mut spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        if spent.is_none_or(|(of, _)| of < day) {
            *spent = Some((day, 0));
        }
        spent
    }
}

type SpentGuard<'a> = MutexGuard<'a, Option<(NaiveDate, u64)>>;

impl Limiter for MemoryLimiter {
    fn take<'a>(&'a self, rule: &'static str, who: &'a str, rate: Rate) -> BoxFuture<'a, Option<Duration>> {
        ready(self.windows.take(rule, who, rate)).boxed()
    }

    fn spend(&self, day: NaiveDate, tokens: u64, budget: u64) -> BoxFuture<'_, bool> {
        let mut spent = self.spent(day);
        let fits = spent.as_mut().is_some_and(|(_, spent)| {
            let after = spent.saturating_add(tokens);
            let fits = after <= budget;
            if fits {
                *spent = after;
            }
            fits
        });
        ready(fits).boxed()
    }

    fn settle(&self, day: NaiveDate, tokens: u64, used: u64) -> BoxFuture<'_, ()> {
        if let Some((of, spent)) = self.spent(day).as_mut()
            && *of == day
        {
            *spent = spent.saturating_sub(tokens).saturating_add(used);
        }
        ready(()).boxed()
    }
}

/// The times of the last ones, by rule and by who.
#[derive(Debug, Default)]
pub(crate) struct Windows {
    times: Mutex<HashMap<(&'static str, Box<str>), Window>>,
}

#[derive(Debug)]
struct Window {
    times: VecDeque<Instant>,
    period: Duration,
}

impl Windows {
    /// Count one more, or say how long to wait.
    pub(crate) fn take(&self, rule: &'static str, who: &str, rate: Rate) -> Option<Duration> {
        self.look(rule, who, rate, true)
    }

    /// How long to wait; nothing is counted.
    pub(crate) fn wait(&self, rule: &'static str, who: &str, rate: Rate) -> Option<Duration> {
        self.look(rule, who, rate, false)
    }

    fn look(&self, rule: &'static str, who: &str, rate: Rate, counts: bool) -> Option<Duration> {
        let now = Instant::now();
        let mut times = self.times.lock().unwrap_or_else(PoisonError::into_inner);
        if times.len() >= KEYS && counts && !times.contains_key(&(rule, who.into())) {
            times.retain(|_, window| window.is_busy(now));
        }
        let who = if times.len() >= KEYS && !times.contains_key(&(rule, who.into())) { OTHERS } else { who };
        if !counts {
            return times.get_mut(&(rule, who.into())).and_then(|window| window.wait(now, rate));
        }
        let window =
            times.entry((rule, who.into())).or_insert_with(|| Window { times: VecDeque::new(), period: rate.period });
        let wait = window.wait(now, rate);
        if wait.is_none() {
            window.times.push_back(now);
        }
        wait
    }
}

impl Window {
    /// Forget what is older than the period; how long until one more is allowed.
    fn wait(&mut self, now: Instant, rate: Rate) -> Option<Duration> {
        self.period = rate.period;
        while self.times.front().is_some_and(|time| now.duration_since(*time) >= rate.period) {
            self.times.pop_front();
        }
        let over = (self.times.len() + 1).checked_sub(rate.most as usize)?;
        if over == 0 {
            return None;
        }
        // The one whose end makes room; with a rate of 0 there is none.
        let until = self.times.get(over - 1).map_or(rate.period, |time| rate.period - now.duration_since(*time));
        Some(until)
    }

    fn is_busy(&self, now: Instant) -> bool {
        self.times.back().is_some_and(|time| now.duration_since(*time) < self.period)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_keeps_the_promises_of_limiters() {
        super::super::conformance::all(&MemoryLimiter::new()).await;
    }

    #[test]
    fn a_flood_of_names_takes_no_more_memory_and_gets_no_more_through() {
        let windows = Windows::default();
        let rate = Rate { most: 1, period: Duration::from_secs(3600) };
        let passed = (0..KEYS + 500).filter(|n| windows.take("client", &n.to_string(), rate).is_none()).count();
        assert_eq!(passed, KEYS + 1, "those beyond share one");
        assert_eq!(windows.times.lock().unwrap().len(), KEYS + 1);
        assert!(windows.take("client", "0", rate).is_some(), "who was counted is counted still");
    }

    #[test]
    fn what_is_over_is_forgotten_when_room_is_needed() {
        let windows = Windows::default();
        let brief = Rate { most: 1, period: Duration::from_millis(1) };
        for n in 0..KEYS {
            windows.take("client", &n.to_string(), brief);
        }
        std::thread::sleep(Duration::from_millis(5));
        let long = Rate { most: 1, period: Duration::from_secs(3600) };
        assert!(windows.take("client", "new", long).is_none() && windows.take("client", "newer", long).is_none());
        assert!(windows.times.lock().unwrap().len() < 10);
    }
}
