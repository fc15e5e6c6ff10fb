//! Quotes: what others publish may be said in their words, with their name; the numbers in it are theirs.

use std::ops::Range;

use super::Page;

/// Pairs of quotation marks.
const MARKS: [(char, char); 6] = [('"', '"'), ('“', '”'), ('„', '“'), ('«', '»'), ('‘', '’'), ('»', '«')];

/// The bytes that need no fact: quotes that are verbatim and named, links, and our own notes.
pub(super) fn read(page: &mut Page<'_>) -> Vec<Range<usize>> {
    let mut silent = links(page);
    silent.extend(notes(page));
    silent.extend(titles(page));
    silent.extend(tickers(page));
    for quote in quotes(page.text) {
        let inner = page.text[quote.clone()].trim().trim_end_matches(['.', ',']);
        if silent.iter().any(|range| range.start <= quote.start && quote.end <= range.end) || inner.is_empty() {
            continue;
        }
        let is_long = inner.split_whitespace().count() > 3 || inner.contains(|c: char| c.is_ascii_digit());
        let Some(publishers) = source(page, inner) else {
            if is_long {
                page.problem(quote, "no headline says this word for word", None);
            }
            continue;
        };
        let around = paragraph(page.text, &quote);
        if publishers.iter().any(|publisher| around.contains(&publisher.to_lowercase())) {
            silent.push(quote);
        } else if is_long {
            page.problem(quote, format!("who said this is {}", publishers.join(" and ")), None);
        }
    }
    silent
}

/// Who published these words.
fn source(page: &Page<'_>, words: &str) -> Option<Vec<String>> {
    let said = |text: &str| squeezed(text).contains(&squeezed(words));
    let found = page.facts.headlines.iter().filter(|headline| said(&headline.title) || said(&headline.summary));
    let publishers: Vec<String> = found.map(|headline| headline.publisher.clone()).collect();
    (!publishers.is_empty()).then_some(publishers)
}

fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The quotes of `text` within one paragraph, without their marks.
fn quotes(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(open) = text[at..].chars().next() {
        let start = at + open.len_utf8();
        at = start;
        let Some((_, close)) = MARKS.iter().find(|(mark, _)| *mark == open) else { continue };
        // An apostrophe opens nothing.
        let in_word = text[..start - open.len_utf8()].ends_with(char::is_alphanumeric);
        let limit = text[start..].find("\n\n").map_or(text.len(), |end| start + end);
        let Some(end) = text[start..limit].find(*close).filter(|_| !in_word) else { continue };
        found.push(start..start + end);
        at = start + end + close.len_utf8();
    }
    found
}

/// The paragraph around a place, in small letters.
fn paragraph(text: &str, place: &Range<usize>) -> String {
    let start = text[..place.start].rfind("\n\n").map_or(0, |start| start + 2);
    let end = text[place.end..].find("\n\n").map_or(text.len(), |end| place.end + end);
    text[start..end].to_lowercase()
}

/// Headlines word for word without quotation marks, in a paragraph that names who published them.
fn titles(page: &Page<'_>) -> Vec<Range<usize>> {
    let found = page.facts.headlines.iter().flat_map(|headline| {
        let long = headline.title.split_whitespace().count() >= 4;
        page.text
            .match_indices(&*headline.title)
            .filter(move |_| long)
            .map(|(at, title)| (at..at + title.len(), &headline.publisher))
    });
    found
        .filter(|(place, publisher)| paragraph(page.text, place).contains(&publisher.to_lowercase()))
        .map(|(place, _)| place)
        .collect()
}

/// A ticker that begins with digits, such as `7203.T`: it is a name and no number.
fn tickers(page: &Page<'_>) -> Vec<Range<usize>> {
    let ticker = page.facts.company.ticker.as_str();
    let is_read_as_number = ticker.starts_with(|c: char| c.is_ascii_digit()) && ticker.contains(char::is_alphabetic);
    let joins = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let found = page.text.match_indices(ticker).filter(|_| is_read_as_number);
    let is_whole =
        |at: usize, end: usize| !joins(page.text[..at].chars().next_back()) && !joins(page.text[end..].chars().next());
    found.map(|(at, _)| at..at + ticker.len()).filter(|place| is_whole(place.start, place.end)).collect()
}

/// Our own sentences: notes of the forecast and alarms.
fn notes(page: &Page<'_>) -> Vec<Range<usize>> {
    let alarms = page
        .facts
        .facts
        .iter()
        .filter(|fact| fact.id.starts_with("alarm_") || fact.id == "drift_summary")
        .map(super::claim::shown);
    let all = page.facts.notes.iter().cloned().chain(alarms);
    all.filter(|note| !note.is_empty())
        .flat_map(|note| page.text.match_indices(&*note).map(|(at, note)| at..at + note.len()).collect::<Vec<_>>())
        .collect()
}

/// Addresses; those that are not of a headline are problems.
fn links(page: &mut Page<'_>) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for scheme in ["http://", "https://"] {
        for (at, _) in page.text.match_indices(scheme) {
            let len = page.text[at..]
                .find(|c: char| c.is_whitespace() || ")>]\"".contains(c))
                .unwrap_or(page.text.len() - at);
            found.push(at..at + len);
        }
    }
    for place in found.clone() {
        let address = page.text[place.clone()].trim_end_matches(['.', ',']);
        if !page.facts.headlines.iter().any(|headline| headline.url == address) {
            page.problem(place, "no headline has this address", None);
        }
    }
    found
}
