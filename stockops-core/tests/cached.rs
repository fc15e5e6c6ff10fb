//! The cache over a source on the network: what is asked for, what is kept, and what was known when.

mod played;

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use played::{Answer, Call, Played, Stock, answer, json, not_found, quoted};
use serde_json::json as value;
use stockops_core::market::FindingKind;
use stockops_core::source::{CachedSource, Courtesy, Reading, YahooSource};
use stockops_core::storage::{DirectoryStorage, Key, MemoryStorage, Storage};
use stockops_core::{Bar, BarSource, Calendar, Sourced, Ticker};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn goog() -> Ticker {
    Ticker::new("GOOG").unwrap()
}

/// Sessions of New York from 2024-01-02 to `until`.
fn sessions(until: &str) -> Vec<NaiveDate> {
    let all = Calendar::of(&goog()).next_sessions(day("2024-01-01"), 260);
    all.into_iter().map(|s| s.date).filter(|date| *date <= day(until)).collect()
}

/// A place with one stock that can be changed, a clock that can be turned, and a cache.
struct World {
    played: Played,
    stock: Arc<Mutex<Stock>>,
    fails: Arc<Mutex<Option<Answer>>>,
    now: Arc<AtomicI64>,
    storage: Arc<MemoryStorage>,
}

impl World {
    /// On the evening of `today`, when the source has all sessions up to it.
    fn new(today: &str) -> Self {
        let stock = Arc::new(Mutex::new(Stock::new("GOOG", sessions(today))));
        let fails = Arc::new(Mutex::new(None::<Answer>));
        let (has, failing) = (Arc::clone(&stock), Arc::clone(&fails));
        let played = Played::start(move |call: &Call| {
            if let Some(answer) = failing.lock().unwrap().clone() {
                return answer;
            }
            if call.ticker == "GOOG" { json(&has.lock().unwrap().chart(call.from)) } else { not_found() }
        });
        let world = Self { played, stock, fails, now: Arc::default(), storage: Arc::new(MemoryStorage::new()) };
        world.turn(&format!("{today}T22:00:00Z"));
        world
    }

    fn turn(&self, time: &str) {
        self.now.store(time.parse::<DateTime<Utc>>().unwrap().timestamp(), Ordering::SeqCst);
    }

    /// The evening of `today`, when the source has all sessions up to it.
    fn later(&self, today: &str) {
        self.turn(&format!("{today}T22:00:00Z"));
        let mut stock = self.stock.lock().unwrap();
        let known = stock.days.len();
        stock.days.extend(sessions(today).into_iter().enumerate().skip(known).map(|(i, day)| quoted(i, day)));
    }

    fn source(&self) -> CachedSource<YahooSource> {
        let clock = |now: Arc<AtomicI64>| move || DateTime::from_timestamp(now.load(Ordering::SeqCst), 0).unwrap();
        let courtesy = Courtesy { pause: Duration::from_millis(1), tries: 2, ..Courtesy::default() };
        let yahoo = YahooSource::at(&self.played.address, courtesy).unwrap().clock(clock(Arc::clone(&self.now)));
        CachedSource::new(yahoo, Arc::clone(&self.storage)).clock(clock(Arc::clone(&self.now)))
    }

    fn bars(&self) -> Sourced {
        self.source().bars(&goog()).unwrap()
    }

    fn bars_as_of(&self, date: &str) -> Vec<Bar> {
        self.source().as_of(Some(day(date))).bars(&goog()).unwrap().bars.as_slice().to_vec()
    }

    /// The day from which each call asked.
    fn asked(&self) -> Vec<String> {
        let day = |call: &Call| DateTime::from_timestamp(call.from, 0).unwrap().date_naive().to_string();
        self.played.calls().iter().map(day).collect()
    }

    fn objects(&self) -> usize {
        self.storage.list(&Key::new("bars/yahoo/GOOG").unwrap()).unwrap().len()
    }
}

const ALL: &str = "1900-01-01";

#[test]
fn it_keeps_the_promises_of_a_source() {
    let world = World::new("2024-05-31");
    stockops_core::source::conformance(&world.source(), &goog(), &Ticker::new("NONE").unwrap());
}

#[test]
fn only_missing_days_are_asked_for_with_an_overlap() {
    let world = World::new("2024-05-30");
    let first = world.bars();
    assert_eq!(world.bars(), first);
    assert_eq!(world.asked(), [ALL], "what is known is not asked for");
    world.turn("2024-05-31T19:00:00Z");
    assert_eq!(world.bars().bars, first.bars, "the next session is not over");
    assert_eq!(world.asked(), [ALL]);
    world.later("2024-05-31");
    let second = world.bars();
    assert_eq!(second.bars.last_day(), Some(day("2024-05-31")));
    assert_eq!(second.bars.as_slice()[..first.bars.len()], first.bars.as_slice()[..]);
    // Ten days before the newest known row, and one more, for days that begin before they do in UTC.
    assert_eq!(world.asked(), [ALL, "2024-05-19"]);
    // On a weekend there is nothing to ask for.
    world.turn("2024-06-02T12:00:00Z");
    assert_eq!(world.bars().bars, second.bars);
    assert_eq!(world.asked().len(), 2);
}

#[test]
fn jitter_causes_neither_a_full_fetch_nor_other_bars() {
    let world = World::new("2024-05-30");
    let first = world.bars();
    for (i, one) in world.stock.lock().unwrap().days.iter_mut().enumerate() {
        let jitter = 1.0 + 1.5e-7 * if i % 2 == 0 { 1.0 } else { -1.0 };
        one.prices.as_mut().unwrap().iter_mut().for_each(|price| *price *= jitter);
    }
    world.later("2024-05-31");
    let second = world.bars();
    assert_eq!(world.asked(), [ALL, "2024-05-19"]);
    assert_eq!(second.bars.as_slice()[..first.bars.len()], first.bars.as_slice()[..]);
}

#[test]
fn a_history_that_was_scaled_anew_comes_whole() {
    // A split on the new day: all rows before it are other ones.
    let world = World::new("2024-05-30");
    let before = world.bars();
    world.later("2024-05-31");
    {
        let mut stock = world.stock.lock().unwrap();
        for one in &mut stock.days {
            one.prices.as_mut().unwrap().iter_mut().for_each(|price| *price /= 2.0);
        }
        stock.splits = vec![(day("2024-05-31"), 2, 1)];
    }
    let after = world.bars();
    assert_eq!(world.asked(), [ALL, "2024-05-19", ALL]);
    assert!((before.bars.closes()[0] / after.bars.closes()[0] - 2.0).abs() < 1e-6);
    assert!(after.quality.find(FindingKind::SplitMended).is_none(), "{}", after.quality);
    // And what was known before is still known.
    assert_eq!(world.bars_as_of("2024-05-30"), before.bars.as_slice());
    assert_eq!(world.bars_as_of("2024-05-31"), after.bars.as_slice());
    assert_eq!(world.asked().len(), 3, "the past is not asked for");
}

#[test]
fn a_dividend_comes_whole_as_well() {
    let world = World::new("2024-05-30");
    let before = world.bars();
    world.later("2024-05-31");
    {
        let mut stock = world.stock.lock().unwrap();
        let count = stock.days.len();
        stock.days[..count - 1].iter_mut().for_each(|one| one.factor = 0.99);
        let amount = 0.01 * stock.days[count - 2].prices.unwrap()[3];
        stock.dividends = vec![(day("2024-05-31"), amount)];
    }
    let after = world.bars();
    assert_eq!(world.asked(), [ALL, "2024-05-19", ALL]);
    assert!((after.bars.closes()[0] / before.bars.closes()[0] - 0.99).abs() < 1e-6);
}

#[test]
fn events_that_differ_by_jitter_are_known() {
    let world = World::new("2024-05-30");
    let paid = |amount: f64| world.stock.lock().unwrap().dividends = vec![(day("2024-05-24"), amount)];
    paid(0.25);
    let before = world.bars();
    paid(0.250_000_02);
    world.later("2024-05-31");
    let after = world.bars();
    assert_eq!(world.asked().len(), 2);
    assert!(after.quality.find(FindingKind::DividendTwice).is_none(), "{}", after.quality);
    assert_eq!(after.bars.as_slice()[..before.bars.len()], before.bars.as_slice()[..]);
}

#[test]
fn an_answer_without_rows_changes_nothing() {
    let world = World::new("2024-05-30");
    let before = world.bars();
    let error = value!({"code": "Bad Request", "description": "Data doesn't exist for startDate = 1, endDate = 2"});
    let nothing = json(&value!({"chart": {"result": null, "error": error}}));
    *world.fails.lock().unwrap() = Some(Answer { status: 400, ..nothing });
    world.later("2024-05-31");
    assert_eq!(world.source().bars(&goog()).unwrap_err().kind(), "stale");
    let allowed = world.source().reading(Reading { allow_stale: true, ..Reading::default() }).bars(&goog()).unwrap();
    assert_eq!((&allowed.bars, &allowed.understood.zone), (&before.bars, &before.understood.zone));
    assert_eq!(world.objects(), 1);
}

#[test]
fn a_series_whose_first_session_is_not_over_is_asked_for_again() {
    let world = World::new("2024-05-30");
    world.stock.lock().unwrap().days.drain(..103);
    assert_eq!(world.stock.lock().unwrap().days.len(), 1);
    world.turn("2024-05-30T16:00:00Z");
    let text = world.source().bars(&goog()).unwrap_err().to_string();
    assert!(text.starts_with("GOOG from Yahoo: no row is left of 0"), "{text}");
    world.turn("2024-05-30T22:00:00Z");
    assert_eq!(world.bars().bars.len(), 1);
}

#[test]
fn the_newest_rows_may_be_corrected_alone() {
    let world = World::new("2024-05-30");
    world.bars();
    let closing = |world: &World, back: usize| {
        let mut stock = world.stock.lock().unwrap();
        let i = stock.days.len() - 1 - back;
        stock.days[i].volume += 5e4;
        stock.days[i].prices.as_mut().unwrap()[3] += 0.01;
    };
    closing(&world, 0);
    world.later("2024-05-31");
    let corrected = world.bars();
    assert_eq!(world.asked(), [ALL, "2024-05-19"]);
    let stock = world.stock.lock().unwrap().clone();
    let i = stock.days.len() - 2;
    assert_eq!(corrected.bars.as_slice()[i].volume, stock.days[i].volume.round());
    // An older row that is another one is a corrected history.
    closing(&world, 4);
    world.later("2024-06-03");
    world.bars();
    assert_eq!(world.asked(), [ALL, "2024-05-19", "2024-05-20", ALL]);
}

#[test]
fn a_newest_session_that_is_null_is_asked_for_until_it_is_there() {
    let world = World::new("2024-05-30");
    world.bars();
    world.later("2024-05-31");
    let last = world.stock.lock().unwrap().days.len() - 1;
    let prices = world.stock.lock().unwrap().days[last].prices.take();
    for calls in 2..=3 {
        assert_eq!(world.source().bars(&goog()).unwrap_err().kind(), "stale");
        assert_eq!(world.asked().len(), calls);
    }
    // The next session is there, the null one not yet: it is a gap, and asked for again with the days after it.
    world.later("2024-06-03");
    let gap = world.bars();
    assert!(gap.quality.find(FindingKind::Gap).unwrap().days.contains(&day("2024-05-31")));
    world.stock.lock().unwrap().days[last].prices = prices;
    world.later("2024-06-04");
    let whole = world.bars();
    assert!(whole.quality.find(FindingKind::Gap).is_none(), "{}", whole.quality);
    assert_eq!(whole.bars.len(), sessions("2024-06-04").len());
    // A row that was there once and is null now stays.
    world.stock.lock().unwrap().days[last].prices = None;
    world.later("2024-06-05");
    assert_eq!(world.bars().bars.len(), sessions("2024-06-05").len());
}

#[test]
fn a_hole_of_weeks_ago_is_asked_for_again() {
    let world = World::new("2024-05-03");
    world.stock.lock().unwrap().days.pop();
    let allowed = || world.source().reading(Reading { allow_stale: true, ..Reading::default() }).bars(&goog()).unwrap();
    allowed();
    for today in ["2024-05-06", "2024-05-13", "2024-05-20", "2024-05-24"] {
        world.turn(&format!("{today}T22:00:00Z"));
        let known = world.stock.lock().unwrap().days.len();
        let new: Vec<_> = sessions(today).into_iter().enumerate().skip(known).collect();
        let new = new.into_iter().filter(|(_, date)| *date != day("2024-05-03"));
        world.stock.lock().unwrap().days.extend(new.map(|(i, date)| quoted(i, date)));
        allowed();
    }
    assert_eq!(world.asked().last().unwrap(), "2024-05-02", "the day before the hole, for zones");
}

#[test]
fn an_unfinished_bar_is_given_where_it_is_asked_for_and_never_kept() {
    let world = World::new("2024-05-30");
    world.bars();
    world.later("2024-05-31");
    world.turn("2024-05-31T17:00:00Z");
    let partial = world.source().reading(Reading { partial: true, ..Reading::default() }).bars(&goog()).unwrap();
    assert_eq!(partial.bars.last_day(), Some(day("2024-05-31")));
    assert!(partial.quality.find(FindingKind::Unfinished).is_some());
    assert_eq!(world.objects(), 1, "nothing new was kept");
    assert_eq!(world.bars().bars.last_day(), Some(day("2024-05-30")));
}

#[test]
fn offline_the_cache_answers_says_how_old_it_is_and_refuses_what_is_stale() {
    let world = World::new("2024-05-30");
    let first = world.bars();
    *world.fails.lock().unwrap() = Some(answer(503, "busy"));
    world.turn("2024-06-03T22:00:00Z");
    let error = world.source().bars(&goog()).unwrap_err();
    assert_eq!(error.kind(), "stale");
    assert_eq!(
        error.to_string(),
        "GOOG: the last bar is of 2024-05-30, and the session of 2024-06-03 is over; Yahoo for GOOG: it failed by itself (HTTP 503); \
         try again later, or give bars as files meanwhile; ask again later, give newer bars, or set `allow_stale`"
    );
    let allowed = world.source().reading(Reading { allow_stale: true, ..Reading::default() }).bars(&goog()).unwrap();
    assert_eq!(allowed.bars, first.bars);
    let text = &allowed.quality.find(FindingKind::Offline).unwrap().text;
    assert!(
        text.starts_with("rows fetched 2024-05-30 22:00 UTC, 4 days ago, are used, for Yahoo for GOOG: "),
        "{text}"
    );
    assert!(allowed.quality.find(FindingKind::Stale).is_some());
    // What was never fetched is an error of the network.
    assert_eq!(world.source().bars(&Ticker::new("AMZN").unwrap()).unwrap_err().kind(), "server");
}

#[test]
fn what_was_known_on_a_day_can_be_asked_for_again_and_again() {
    let world = World::new("2024-05-28");
    let mut seen = vec![("2024-05-28", world.bars())];
    for today in ["2024-05-29", "2024-05-30", "2024-05-31"] {
        world.later(today);
        seen.push((today, world.bars()));
    }
    // A correction of long ago.
    world.stock.lock().unwrap().days.iter_mut().for_each(|one| one.factor = 0.9);
    world.later("2024-06-03");
    seen.push(("2024-06-03", world.bars()));
    let calls = world.asked().len();
    for (date, sourced) in &seen {
        assert_eq!(world.bars_as_of(date), sourced.bars.as_slice(), "{date}");
    }
    assert_eq!(world.bars_as_of("2024-06-02"), seen[3].1.bars.as_slice(), "a weekend knows what Friday knew");
    assert_eq!(world.asked().len(), calls);
    let early = world.source().as_of(Some(day("2024-05-27"))).bars(&goog()).unwrap_err().to_string();
    assert_eq!(
        early,
        "no bars kept by that day named GOOG as of 2024-05-27; only what was fetched on a day or before is known as of it; \
         choose a later day"
    );
}

/// A history that the source gave wrongly stays, since its newest days are right, until it is asked for again.
#[test]
fn a_refresh_asks_for_all_again_and_keeps_it() {
    let world = World::new("2024-05-30");
    let right = world.bars();
    world.turn("2024-05-30T22:10:00Z");
    world.stock.lock().unwrap().days[3].factor = 0.5;
    assert_eq!(world.bars().bars, right.bars, "what is current is not asked for");
    let fresh = world.source().refresh(true).bars(&goog()).unwrap();
    assert_ne!(fresh.bars, right.bars);
    assert_eq!(world.asked(), [ALL, ALL]);
    assert_eq!(world.bars().bars, fresh.bars, "it is kept");
    *world.fails.lock().unwrap() = Some(answer(503, "busy"));
    let offline = world.source().refresh(true).bars(&goog()).unwrap();
    assert_eq!(offline.bars, fresh.bars);
    assert!(offline.quality.find(FindingKind::Offline).is_some());
}

#[test]
fn many_days_are_bound_so_that_few_objects_are_read() {
    let world = World::new("2024-01-05");
    world.bars();
    let days: Vec<_> = sessions("2024-06-14").into_iter().filter(|date| *date > day("2024-01-05")).collect();
    for date in &days {
        world.later(&date.to_string());
        world.bars();
    }
    let names = world.storage.list(&Key::new("bars/yahoo/GOOG").unwrap()).unwrap();
    assert_eq!(names.iter().filter(|name| name.contains("whole")).count(), 2, "{names:?}");
    assert_eq!(names.len(), 1 + days.len());
    assert_eq!(world.bars_as_of("2024-03-01").len(), sessions("2024-03-01").len());
    assert_eq!(world.bars().bars.len(), sessions("2024-06-14").len());
}

#[test]
fn two_at_once_do_not_harm_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::new("2024-05-30");
    let source = || {
        let clock = || "2024-05-30T22:00:00Z".parse().unwrap();
        let yahoo = YahooSource::at(&world.played.address, Courtesy::default()).unwrap().clock(clock);
        CachedSource::new(yahoo, DirectoryStorage::open(folder.path()).unwrap()).clock(clock)
    };
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| assert_eq!(source().bars(&goog()).unwrap().bars.len(), sessions("2024-05-30").len()));
        }
    });
    let names = DirectoryStorage::open(folder.path()).unwrap().list(&Key::new("bars/yahoo/GOOG").unwrap()).unwrap();
    assert_eq!(names.len(), 1, "the same at the same time is kept once: {names:?}");
    let calls = world.asked().len();
    assert_eq!(source().bars(&goog()).unwrap().bars.len(), sessions("2024-05-30").len());
    assert_eq!(world.asked().len(), calls);
}
