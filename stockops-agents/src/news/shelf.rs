//! `Question`: which of the items of a source are headlines of a question.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use stockops_core::Ticker;

use super::item::{Item, plain};
use super::orders::is_order;
use super::{Gathered, LeftOut};

/// Headlines that are kept where nothing else is said.
pub(super) const KEEP: usize = 5;

/// What is older is no news.
const NEWS: TimeDelta = TimeDelta::days(7);

/// What is asked of a source.
#[derive(Debug, Clone, Copy)]
pub(super) struct Question {
    /// What was not known by then is left out.
    pub(super) until: DateTime<Utc>,
    /// Headlines at most.
    pub(super) keep: usize,
}

impl Question {
    /// The headlines among `items` of `source`, newest first; `is_ours` says whether an item is about the ticker.
    pub(super) fn shelve(&self, source: &str, items: Vec<Item>, is_ours: impl Fn(&Item) -> bool) -> Gathered {
        let (mut left_out, mut notes) = (LeftOut::default(), Vec::new());
        let mut kept: Vec<_> = items.into_iter().filter(|item| self.passes(item, &is_ours, &mut left_out)).collect();
        // Equal stamps stand in the order of their titles, so that the same items give the same list.
        kept.sort_by(|a, b| {
            b.stamp.map(|s| s.published).cmp(&a.stamp.map(|s| s.published)).then(a.title.cmp(&b.title))
        });
        kept.retain(|item| {
            let gives_orders = is_order(&item.title) || is_order(&item.summary);
            if gives_orders {
                left_out.orders += 1;
                let title: String = item.title.chars().take(60).collect();
                notes.push(format!("{source}: left out, for it gives orders to who reads it: \"{title}\""));
            }
            !gives_orders
        });
        let mut seen = HashSet::new();
        let all = kept.len();
        kept.retain(|item| seen.insert(plain(&item.title)));
        left_out.repeated = all - kept.len();
        left_out.older = kept.len().saturating_sub(self.keep);
        kept.truncate(self.keep);
        Gathered {
            headlines: kept.iter().filter_map(Item::headline).collect(),
            left_out,
            notes,
            ..Gathered::none(source)
        }
    }

    /// Whether `item` is a headline of this question; where it is none, the first reason is counted.
    fn passes(&self, item: &Item, is_ours: &impl Fn(&Item) -> bool, left_out: &mut LeftOut) -> bool {
        let reason = match item.stamp {
            _ if plain(&item.title).is_empty() => &mut left_out.untitled,
            _ if !is_ours(item) => &mut left_out.other_company,
            None => &mut left_out.undated,
            Some(stamp) if stamp.known >= self.until => &mut left_out.later,
            Some(stamp) if stamp.published < self.until - NEWS => &mut left_out.stale,
            Some(_) => return true,
        };
        *reason += 1;
        false
    }
}

/// Whether the item names `ticker`, or no company at all.
pub(super) fn names_no_other(item: &Item, ticker: &Ticker) -> bool {
    item.tickers.as_ref().is_none_or(|all| all.iter().any(|one| same(one, ticker.as_str())))
}

/// Whether two names are one ticker: `BRK.B` is `BRK-B`.
pub(super) fn same(one: &str, other: &str) -> bool {
    one.replace('.', "-") == other.replace('.', "-")
}
