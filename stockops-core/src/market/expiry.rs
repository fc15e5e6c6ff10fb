//! Days on which options and futures expire and on which the Russell indices change.

use chrono::{Datelike, Days, NaiveDate, Weekday};

/// The rule by which contracts on the stocks and indices of a market expire: the nth weekday of a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Expiry {
    nth: u32,
    weekday: Weekday,
    american: bool,
}

/// Markets by the code of ISO 10383 whose contracts expire on the third Friday, as those of New York do.
const THIRD_FRIDAY: [&str; 23] = [
    "XTSE", "XMEX", "XLON", "XETR", "XFRA", "XPAR", "XAMS", "XBRU", "XLIS", "XDUB", "XMIL", "XMAD", "XSWX", "XSTO",
    "XHEL", "XCSE", "XWBO", "XWAR", "XOSL", "XATH", "XICE", "XPRA", "XBUD",
];

impl Expiry {
    /// The rule of the market with this code; `None` where it has none that a date alone could tell.
    pub(super) fn of(code: &str) -> Option<Self> {
        let rule = |nth, weekday| Some(Self { nth, weekday, american: false });
        match code {
            "XNYS" | "XNAS" | "ARCX" | "XASE" => Some(Self { nth: 3, weekday: Weekday::Fri, american: true }),
            "XTKS" => rule(2, Weekday::Fri),
            "XKRX" => rule(2, Weekday::Thu),
            code if THIRD_FRIDAY.contains(&code) => rule(3, Weekday::Fri),
            _ => None,
        }
    }

    /// Whether it is the rule of the United States, where the Russell indices are traded.
    pub(super) fn is_american(self) -> bool {
        self.american
    }

    /// The days of expiry from `from` to `to`: where the market is closed, the session before.
    pub(super) fn days(self, from: NaiveDate, to: NaiveDate, is_session: impl Fn(NaiveDate) -> bool) -> Vec<NaiveDate> {
        let is_nth = |day: &NaiveDate| day.weekday() == self.weekday && day.day().div_ceil(7) == self.nth;
        let session = |day: NaiveDate| {
            (0..5).filter_map(|back| day.checked_sub_days(Days::new(back))).find(|day| is_session(*day))
        };
        from.iter_days().take_while(|day| *day <= to).filter(is_nth).filter_map(session).collect()
    }
}

/// Whether the Russell indices are reconstituted at the close of `date`: on the last Friday of June, or the one before where
/// that is the 29th or 30th (FTSE Russell), since 2026 also on the second Friday of November.
pub(super) fn reconstitutes(date: NaiveDate) -> bool {
    let (month, day) = (date.month(), date.day());
    let june = month == 6 && (22..=28).contains(&day);
    let november = month == 11 && date.year() >= 2026 && day.div_ceil(7) == 2;
    date.weekday() == Weekday::Fri && (june || november)
}
