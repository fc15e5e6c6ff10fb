//! Days: each is a day of the facts, of the side that is said, with its own weekday.

use chrono::{Datelike, Days, NaiveDate, Weekday};

use super::lexicon::Meaning;
use super::reading::{Item, Reading, What};
use super::token::{Kind, Partial, Token};
use super::{Page, around::Around};
use crate::facts::{Facts, Value};

/// Read the dates of a segment.
pub(super) fn read(page: &mut Page<'_>, reading: &Reading) {
    for (at, item) in reading.own_items() {
        let What::Date(options) = &item.what else { continue };
        // A weekday alone says of which day the number beside it is, and no more.
        if matches!(reading.tokens[item.tokens.start].kind, Kind::Word(_)) {
            continue;
        }
        let days: Vec<NaiveDate> =
            known_days(page).into_iter().filter(|day| options.iter().any(|option| option.holds(*day))).collect();
        let place = reading.bytes(item);
        if days.is_empty() {
            page.problem(place, "no fact is of this day", None);
            continue;
        }
        if let Some(weekday) = weekday_beside(reading, item)
            && !days.iter().any(|day| day.weekday() == weekday)
            && options.iter().all(|option| option.day.is_some())
        {
            page.problem(place, format!("this day is no {}", name(weekday)), None);
            continue;
        }
        if !is_on_said_side(page, reading, at, options, &days) {
            page.problem(place, "what is said of this day is of another", None);
            continue;
        }
        let named = page.facts.facts.iter().filter(|fact| fact.day.is_some_and(|day| days.contains(&day)));
        let id = named
            .min_by_key(|fact| !matches!(fact.value, Value::Day(_)))
            .map_or("headlines", |fact| &fact.id)
            .to_owned();
        page.matched(place, &id);
    }
}

/// Make days of weekdays that stand alone: the last such day that is over, and the first that is forecast.
pub(super) fn name_days(items: &mut Vec<Item>, tokens: &[Token], facts: &Facts) {
    let last = facts.moment.last_bar;
    let ahead = || facts.facts.iter().filter(|fact| fact.id.starts_with("day_h")).filter_map(|fact| fact.day);
    for (at, token) in tokens.iter().enumerate() {
        let Some(named) = full_weekday(token.word()).filter(|_| !is_beside_date(tokens, at)) else { continue };
        if items.iter().any(|item| item.tokens.contains(&at)) {
            continue;
        }
        let past = (0..7).filter_map(|back| last.checked_sub_days(Days::new(back)));
        let is_named = |day: &NaiveDate| day.weekday() == named;
        let days = past.filter(is_named).chain(ahead().filter(is_named).min());
        let options =
            days.map(|day| Partial { year: Some(day.year()), month: day.month(), day: Some(day.day()) }).collect();
        items.push(Item { tokens: at..at + 1, what: What::Date(options) });
    }
    items.sort_by_key(|item| item.tokens.start);
}

/// `below Friday's close`, of a Friday that was the last session: what is held against is the last close.
pub(super) fn name_last_close(items: &mut [Item], facts: &Facts) {
    let last = facts.moment.last_bar;
    for at in 1..items.len() {
        let is_side = items[at - 1].meanings().iter().any(|said| matches!(said, Meaning::Side(_)));
        let is_beside = items[at - 1].tokens.end == items[at].tokens.start;
        let reach = items[at].tokens.end + 3;
        let is_of_number = items[at + 1..].iter().any(|next| next.number().is_some() && next.tokens.start <= reach);
        let What::Date(options) = &items[at].what else { continue };
        if is_side && is_beside && !is_of_number && options.iter().any(|option| option.holds(last)) {
            items[at].what = What::Said(&[Meaning::Against("last_close")]);
        }
    }
}

/// `Friday, 7 August` and `7 August (Friday)`.
fn is_beside_date(tokens: &[Token], at: usize) -> bool {
    let is_date = |token: &Token| matches!(token.kind, Kind::Date(_));
    tokens[at + 1..].iter().take(3).any(is_date) || tokens[at.saturating_sub(2)..at].iter().any(is_date)
}

/// A weekday that is written out: `sun` and `mar` are other words too.
fn full_weekday(word: &str) -> Option<Weekday> {
    WEEKDAYS
        .iter()
        .find(|(_, names)| names.iter().enumerate().any(|(i, name)| i != 1 && *name == word))
        .map(|(day, _)| *day)
}

/// Days of facts, of the decision and of news.
fn known_days(page: &Page<'_>) -> Vec<NaiveDate> {
    let windows = page.facts.facts.iter().filter_map(|fact| fact.day);
    let news = page.facts.headlines.iter().map(|headline| headline.published.date_naive());
    windows.chain(news).chain([page.facts.moment.last_bar, page.facts.moment.decided.date_naive()]).collect()
}

/// What closed is of a day that is known, what is forecast of a day to come.
fn is_on_said_side(page: &Page<'_>, reading: &Reading, at: usize, options: &[Partial], days: &[NaiveDate]) -> bool {
    if options.iter().any(|option| option.day.is_none()) {
        return true;
    }
    let tense = Around { reading, at }.meant(|meaning| match meaning {
        Meaning::Known => Some(true),
        Meaning::Ahead => Some(false),
        _ => None,
    });
    let last = page.facts.moment.last_bar;
    let others = reading.own_items().any(|(_, item)| item.says(Meaning::Ahead));
    match tense.filter(|tense| tense.is_tight && tense.cost <= 8) {
        Some(known) if known.value && !others => {
            days.iter().any(|day| *day <= last.max(page.facts.moment.decided.date_naive()))
        }
        _ => true,
    }
}

fn weekday_beside(reading: &Reading, item: &Item) -> Option<Weekday> {
    let start = item.tokens.start;
    let before = reading.tokens[start.saturating_sub(3)..start].iter().rev();
    let mut skipped =
        before.skip_while(|token| token.is_mark(',') || ["the", "dem", "den", "le", "el"].contains(&token.word()));
    let next = reading
        .tokens
        .get(item.tokens.end + 1)
        .filter(|_| reading.tokens.get(item.tokens.end).is_some_and(|token| token.is_mark('(')));
    skipped.next().into_iter().chain(next).find_map(|token| weekday(token.word()))
}

const WEEKDAYS: [(Weekday, [&str; 5]); 7] = [
    (Weekday::Mon, ["monday", "mon", "montag", "lundi", "lunes"]),
    (Weekday::Tue, ["tuesday", "tue", "dienstag", "mardi", "martes"]),
    (Weekday::Wed, ["wednesday", "wed", "mittwoch", "mercredi", "miércoles"]),
    (Weekday::Thu, ["thursday", "thu", "donnerstag", "jeudi", "jueves"]),
    (Weekday::Fri, ["friday", "fri", "freitag", "vendredi", "viernes"]),
    (Weekday::Sat, ["saturday", "sat", "samstag", "samedi", "sábado"]),
    (Weekday::Sun, ["sunday", "sun", "sonntag", "dimanche", "domingo"]),
];

pub(super) fn weekday(word: &str) -> Option<Weekday> {
    WEEKDAYS.iter().find(|(_, names)| names.contains(&word)).map(|(day, _)| *day)
}

fn name(day: Weekday) -> &'static str {
    WEEKDAYS.iter().find(|(other, _)| *other == day).map_or("", |(_, names)| names[0])
}
