//! What every source of news promises.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use stockops_core::Ticker;

use super::{Headline, NewsSource, Reach};

/// Check the promises of [`NewsSource`] on `source`, which has at least two headlines about `ticker` before `until`.
///
/// Each implementation calls this from its own test. `until` is now for a source of [`Reach::Now`].
///
/// # Panics
///
/// Where a promise is broken; the message says which.
pub async fn conformance(source: &dyn NewsSource, ticker: &Ticker, until: DateTime<Utc>) {
    assert!(!source.name().is_empty(), "a source has a name");
    let gathered = source.gather(ticker, until).await.expect("it answers");
    let headlines = source.headlines(ticker, until).await.expect("it answers");
    assert_eq!(gathered.headlines, headlines, "both calls give the same, and so does a second question");
    assert!(headlines.len() >= 2, "the test gives two headlines at least, got {}", headlines.len());
    headlines.iter().for_each(|headline| checked(headline, until));
    assert!(headlines.is_sorted_by(|a, b| a.published >= b.published), "newest first");
    let titles: HashSet<String> = headlines.iter().map(|headline| headline.title.to_lowercase()).collect();
    assert_eq!(titles.len(), headlines.len(), "no title twice");

    let newest = headlines[0].published;
    if source.reach() == Reach::Past {
        let before = source.headlines(ticker, newest).await.expect("it answers for a past moment");
        assert!(before.iter().all(|headline| headline.published < newest), "nothing that was not known yet");
    } else {
        let past = source.headlines(ticker, until - TimeDelta::days(30)).await;
        assert!(past.is_err(), "a feed of today is not asked about a past day");
    }
}

fn checked(headline: &Headline, until: DateTime<Utc>) {
    let Headline { title, summary, publisher, url, published } = headline;
    assert!(*published < until, "`{title}` of {published} was not known before {until}");
    assert!(!title.is_empty(), "a headline has a title");
    for text in [title, summary, publisher, url] {
        assert!(!text.chars().any(char::is_control), "no control characters in {text:?}");
        assert!(text.chars().count() <= 500, "texts are short");
    }
    assert!(url.is_empty() || url.starts_with("http"), "`{url}` is an address of the web");
}
