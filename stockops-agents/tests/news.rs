//! Sources of news against played servers and files: whose, when, how much, and what is kept from whom.

mod played;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use chrono::{DateTime, TimeDelta, Utc};
use played::{Answer, Call, Played, answer, json, redirect};
use serde_json::{Value, json};
use stockops_agents::news::{
    Access, FileNews, FinnhubNews, FirstOf, Gathered, Headline, MemoryNews, NewsSettings, NewsSource, YahooNews,
};
use stockops_core::Ticker;

fn goog() -> Ticker {
    Ticker::new("GOOG").unwrap()
}

fn now() -> DateTime<Utc> {
    SystemTime::now().into()
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// As by default, without its pauses.
fn quick() -> Access {
    Access { pause: Duration::from_millis(5), timeout: Duration::from_secs(5), ..Access::default() }
}

fn ago(hours: i64) -> i64 {
    (now() - TimeDelta::hours(hours)).timestamp()
}

fn finnhub_item(title: &str, stamp: i64) -> Value {
    json!({"category": "company", "datetime": stamp, "headline": title, "id": 1, "image": "", "related": "GOOG",
        "source": "Reuters", "summary": "Said.", "url": "https://example.com/a"})
}

fn yahoo_item(title: &str, stamp: i64, tickers: &[&str]) -> Value {
    json!({"uuid": "u", "title": title, "publisher": "Reuters", "link": "https://example.com/a",
        "providerPublishTime": stamp, "type": "STORY", "relatedTickers": tickers,
        "thumbnail": {"resolutions": [{"url": "https://example.com/i", "width": 1, "height": 1, "tag": "original"}]}})
}

fn yahoo(items: &[Value]) -> Value {
    json!({"explains": [], "count": 3, "quotes": [
        {"exchange": "NMS", "symbol": "GOOG", "shortname": "Alphabet Inc.", "longname": "Alphabet Inc.", "quoteType": "EQUITY"},
        {"exchange": "NMS", "symbol": "GOOGL", "shortname": "Alphabet Inc.", "longname": "Alphabet Inc.", "quoteType": "EQUITY"},
        {"exchange": "NMS", "symbol": "GGLL", "longname": "Direxion Daily GOOGL Bull 2X", "quoteType": "ETF"}],
        "news": items, "nav": [], "lists": [], "researchReports": []})
}

fn plays(body: Value) -> Played {
    Played::start(move |_: &Call| json(&body))
}

fn finnhub(played: &Played) -> FinnhubNews {
    FinnhubNews::at(&played.address, "canary-key", quick()).unwrap()
}

async fn gathered(source: &dyn NewsSource) -> Gathered {
    source.gather(&goog(), now()).await.unwrap()
}

fn titles(gathered: &Gathered) -> Vec<&str> {
    gathered.headlines.iter().map(|headline| headline.title.as_str()).collect()
}

async fn problem(source: &dyn NewsSource) -> String {
    source.headlines(&goog(), now()).await.unwrap_err().to_string()
}

#[tokio::test]
async fn finnhub_is_asked_for_seven_days_with_the_key_in_a_header_alone() {
    let played = plays(json!([finnhub_item("One", at("2026-01-05T10:00:00Z").timestamp())]));
    let found = finnhub(&played).gather(&goog(), at("2026-01-06T00:30:00Z")).await.unwrap();
    assert_eq!(titles(&found), ["One"]);
    let call = &played.calls()[0];
    assert_eq!(call.target, "/api/v1/company-news?symbol=GOOG&from=2025-12-30&to=2026-01-06");
    assert_eq!(call.header("x-finnhub-token"), Some("canary-key"));
}

#[tokio::test]
async fn the_key_stands_in_no_error_and_no_debug() {
    let said = |call: &Call| json(&json!({"error": format!("bad key {}", call.header("x-finnhub-token").unwrap())}));
    let answers: [fn(&Call) -> Answer; 3] = [|_| answer(401, "canary-key"), |_| answer(200, "<p>canary-key"), said];
    for (place, played) in answers.into_iter().map(Played::start).enumerate() {
        let source = finnhub(&played);
        let text = problem(&source).await;
        // A page that repeats the key is not shown where it is no JSON either.
        assert!(!text.contains("canary-key") && !format!("{source:?}").contains("canary"), "{place}: {text}");
    }
    let unreachable = FinnhubNews::at("http://127.0.0.1:9", "canary-key", quick()).unwrap();
    assert_eq!(problem(&unreachable).await, "news of GOOG from Finnhub: it cannot be reached");
    let text = FinnhubNews::new("canary\nkey").unwrap_err().to_string();
    assert_eq!(text, "`finnhub_key` must be printable characters, one at least, got a key that is not shown here");
    let settings = NewsSettings { finnhub_key: Some("canary-key".into()), ..NewsSettings::default() };
    assert!(!format!("{settings:?}").contains("canary"));
}

#[tokio::test]
async fn a_wrong_company_does_not_slip_in() {
    let items = [
        yahoo_item("Ours", ago(1), &["AAPL", "GOOG"]),
        yahoo_item("The other class of shares", ago(2), &["GOOGL"]),
        yahoo_item("Front page", ago(1), &["CMOPF"]),
        yahoo_item("About a fund", ago(1), &["GGLL"]),
        yahoo_item("A name that begins alike", ago(1), &["GOOGX", "GOO"]),
        json!({"title": "GOOG in its title alone", "publisher": "P", "providerPublishTime": ago(1)}),
    ];
    let played = plays(yahoo(&items));
    let found = gathered(&YahooNews::at(&played.address, quick()).unwrap()).await;
    assert_eq!(titles(&found), ["Ours", "The other class of shares"]);
    assert_eq!(found.left_out.other_company, 4);
    assert!(played.calls()[0].target.starts_with("/v1/finance/search?q=GOOG&newsCount="), "{:?}", played.calls());

    let mut other = finnhub_item("Of Apple", ago(1));
    other["related"] = json!("AAPL");
    let found = gathered(&finnhub(&plays(json!([other, finnhub_item("Ours", ago(1))])))).await;
    assert_eq!((titles(&found), found.left_out.other_company), (vec!["Ours"], 1));
}

#[tokio::test]
async fn undated_and_later_items_are_refused_and_counted() {
    let mut undated = finnhub_item("Undated", 0);
    undated["datetime"] = Value::Null;
    let items =
        json!([undated, finnhub_item("Zero", 0), finnhub_item("Later", ago(-1)), finnhub_item("Known", ago(1))]);
    let found = gathered(&finnhub(&plays(items))).await;
    assert_eq!(titles(&found), ["Known"]);
    assert_eq!(found.left_out.to_string(), "left out: 2 without a date, 1 not yet known");
}

#[tokio::test]
async fn a_feed_of_today_is_not_asked_about_a_past_day() {
    let played = plays(yahoo(&[yahoo_item("Old", at("2025-12-30T10:00:00Z").timestamp(), &["GOOG"])]));
    let source = YahooNews::at(&played.address, quick()).unwrap();
    let past = at("2026-01-05T21:00:00Z");
    let text = source.headlines(&goog(), past).await.unwrap_err().to_string();
    assert_eq!(text, "news of GOOG from Yahoo: it has what is new today, and 2026-01-05 is past: it is not asked");
    let first_of = FirstOf::new(vec![Arc::new(source)]);
    let found = first_of.gather(&goog(), past).await.unwrap();
    assert_eq!(found.notes, ["Yahoo was not asked: it has what is new today, and 2026-01-05 is past"]);
    assert!(found.headlines.is_empty() && played.calls().is_empty(), "no call reached it");
}

#[tokio::test]
async fn tries_are_three_and_a_source_that_recovers_is_heard() {
    let down = Played::start(|_: &Call| answer(503, ""));
    assert_eq!(problem(&finnhub(&down)).await, "news of GOOG from Finnhub: it failed by itself (503)");
    assert_eq!(down.calls().len(), 3);

    let good = json!([finnhub_item("Up", ago(1))]);
    let back = Played::start(move |call: &Call| match call.before {
        0 => Answer { headers: vec![("retry-after", "0".into())], ..answer(429, "") },
        1 => Answer { cut: Some(3), ..json(&good) },
        _ => json(&good),
    });
    assert_eq!(titles(&gathered(&finnhub(&back)).await), ["Up"]);

    let long = Played::start(|_: &Call| Answer { headers: vec![("retry-after", "3600".into())], ..answer(429, "") });
    assert!(problem(&finnhub(&long)).await.contains("asked too often (429)"));
    assert_eq!(long.calls().len(), 1, "an hour is not waited for");
    let closed = Played::start(|_: &Call| answer(403, ""));
    assert!(problem(&finnhub(&closed)).await.contains("check the key"));
    assert_eq!(closed.calls().len(), 1, "a refusal does not pass");
}

#[tokio::test]
async fn slow_and_endless_answers_end() {
    let slow = Played::start(|_: &Call| Answer { pause: Duration::from_secs(20), ..answer(200, "[]") });
    let access = Access { timeout: Duration::from_millis(100), tries: 1, ..quick() };
    let source = FinnhubNews::at(&slow.address, "k", access).unwrap();
    assert_eq!(problem(&source).await, "news of GOOG from Finnhub: no answer in time");

    let endless = Played::start(|_: &Call| answer(200, vec![b' '; 200_000]));
    let source = FinnhubNews::at(&endless.address, "k", Access { max_bytes: 100_000, ..quick() }).unwrap();
    assert_eq!(problem(&source).await, "news of GOOG from Finnhub: its answer has more than 100000 bytes");
    assert_eq!(endless.calls().len(), 1);
}

#[tokio::test]
async fn an_answer_does_not_choose_which_machine_is_asked() {
    let canary = Played::start(|_: &Call| json(&json!([finnhub_item("From inside", ago(1))])));
    let to = canary.address.clone();
    let sends = Played::start(move |_: &Call| redirect(&format!("{to}/latest/meta-data")));
    let text = problem(&finnhub(&sends)).await;
    assert_eq!(text, "news of GOOG from Finnhub: it sends elsewhere, which is not followed");
    assert!(canary.calls().is_empty(), "the canary was asked");

    let items = json!([finnhub_item("Moved", ago(1))]);
    let moves = Played::start(move |call: &Call| if call.before == 0 { redirect("/moved") } else { json(&items) });
    assert_eq!(titles(&gathered(&finnhub(&moves)).await), ["Moved"], "within the place it is followed");
    let circle = Played::start(|_: &Call| redirect("/again"));
    assert!(problem(&finnhub(&circle)).await.contains("not followed"));
    assert!(circle.calls().len() < 10);
}

#[tokio::test]
async fn answers_that_are_no_news_are_errors_and_no_silence() {
    for body in ["<html>consent</html>", "", "{\"error\":\"You don't have access\"}", "null", "7"] {
        let played = Played::start(move |_: &Call| answer(200, body));
        assert!(finnhub(&played).headlines(&goog(), now()).await.is_err(), "{body}");
    }
    let no_news = plays(json!({"finance": {"result": null}}));
    assert!(YahooNews::at(&no_news.address, quick()).unwrap().headlines(&goog(), now()).await.is_err());
    let strange = plays(json!({"news": [null, 7, "text", {"title": ["no"]}, {}]}));
    let found = gathered(&YahooNews::at(&strange.address, quick()).unwrap()).await;
    assert!(found.headlines.is_empty());
    assert_eq!(found.left_out.untitled, 5);
}

#[tokio::test]
async fn hostile_headlines_stay_data_of_one_line() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/injections.txt")).unwrap();
    let hostile: Vec<&str> = text.lines().collect();
    assert_eq!(hostile.len(), 40);
    let items: Vec<Value> = hostile.iter().zip(1..).map(|(title, hours)| finnhub_item(title, ago(hours))).collect();
    let found = gathered(&finnhub(&plays(json!(items))).keep(100)).await;
    for headline in &found.headlines {
        let title = &headline.title;
        assert!(title.chars().count() <= 200, "{title}");
        for bad in ["<script", "</", "<|", "<img", "<system", "<tool", "{{", "}}", "\u{202e}", "\u{200b}", "\u{e0069}"]
        {
            assert!(!title.contains(bad), "{bad} in {title}");
        }
        assert!(!title.chars().any(char::is_control));
    }
    let dropped = 40 - found.headlines.len();
    let left_out = &found.left_out;
    assert_eq!(dropped, left_out.untitled + left_out.repeated + left_out.orders, "each is a headline or counted");
    assert!(left_out.orders > 0 && dropped - left_out.orders <= 1, "{left_out:?}");
    // Each of them is named.
    assert_eq!(found.notes.iter().filter(|note| note.contains("gives orders")).count(), left_out.orders);
}

#[tokio::test]
async fn what_is_older_than_seven_days_is_no_news() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("news.csv");
    std::fs::write(&path, "title,published,ticker\nOld,2025-12-29T23:59:59Z,GOOG\nNew,2025-12-30T00:00:00Z,GOOG\n")
        .unwrap();
    let found = FileNews::new(&path).gather(&goog(), at("2026-01-06T00:00:00Z")).await.unwrap();
    assert_eq!((titles(&found), found.left_out.stale), (vec!["New"], 1));
    assert_eq!(found.left_out.to_string(), "left out: 1 of more than 7 days before");
}

#[tokio::test]
async fn the_newest_few_are_kept_and_a_title_once() {
    let titles_of = ["A", "a!", "B", "C", "D", "E", "F", "G"];
    let items: Vec<Value> = titles_of.iter().zip(1..).map(|(title, hours)| finnhub_item(title, ago(hours))).collect();
    let played = plays(json!(items));
    let found = gathered(&finnhub(&played)).await;
    assert_eq!(titles(&found), ["A", "B", "C", "D", "E"]);
    assert_eq!((found.left_out.repeated, found.left_out.older), (1, 2));
    assert_eq!(titles(&gathered(&finnhub(&played).keep(2)).await), ["A", "B"]);
}

#[tokio::test]
async fn the_first_that_has_a_headline_answers_and_the_others_are_told() {
    let key = |played: &Played| NewsSettings {
        finnhub_key: Some("k".into()),
        finnhub_url: Some(played.address.clone()),
        access: quick(),
        ..NewsSettings::default()
    };
    let down = Played::start(|_: &Call| answer(500, ""));
    let filled = plays(yahoo(&[yahoo_item("Of Yahoo", ago(1), &["GOOG"])]));
    let settings = NewsSettings { yahoo_url: Some(filled.address.clone()), ..key(&down) };
    let found = gathered(&FirstOf::usual(&settings).unwrap()).await;
    assert_eq!((found.source.as_str(), titles(&found)), ("Yahoo", vec!["Of Yahoo"]));
    assert_eq!(found.notes, ["Finnhub gave nothing: it failed by itself (500)"]);

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("news.jsonl");
    std::fs::write(&path, json!({"title": "Of the file", "published": ago(3), "ticker": "GOOG"}).to_string()).unwrap();
    let strangers = plays(yahoo(&[yahoo_item("Of others", ago(1), &["AAPL"])]));
    let settings =
        NewsSettings { yahoo_url: Some(strangers.address.clone()), file: Some(path), ..NewsSettings::default() };
    let found = gathered(&FirstOf::usual(&settings).unwrap()).await;
    assert_eq!((found.source.as_str(), titles(&found)), ("file news.jsonl", vec!["Of the file"]));
    let notes = ["Finnhub was not asked: there is no key", "Yahoo has no headline (left out: 1 about another company)"];
    assert_eq!(found.notes, notes);

    let settings = NewsSettings { yahoo_url: Some(down.address.clone()), access: quick(), ..NewsSettings::default() };
    let text = problem(&FirstOf::usual(&settings).unwrap()).await;
    let wanted = "news of GOOG from Yahoo: Finnhub was not asked: there is no key; Yahoo gave nothing: it failed by itself (500)";
    assert_eq!(text, wanted);
}

#[tokio::test]
async fn files_in_several_layouts_say_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let (first, second) = (
        json!({"title": "First, and \"quoted\"", "published": "2026-01-05T10:00:00Z", "publisher": "R", "ticker": "GOOG"}),
        json!({"title": "Second", "published": "2026-01-04T10:00:00Z", "publisher": "R", "ticker": "GOOG"}),
    );
    let other = json!({"title": "Of Apple", "published": "2026-01-05T11:00:00Z", "publisher": "R", "ticker": "AAPL"});
    let list = json!([first, second, other]);
    let csv = "title,published,publisher,ticker\n\"First, and \"\"quoted\"\"\",2026-01-05T10:00:00Z,R,GOOG\nSecond,2026-01-04T10:00:00Z,R,GOOG\nOf Apple,2026-01-05T11:00:00Z,R,AAPL\n";
    let texts = [
        ("list.json", list.to_string()),
        ("pretty.json", serde_json::to_string_pretty(&list).unwrap()),
        ("named.json", json!({"status": "ok", "articles": list}).to_string()),
        ("nested.json", json!({"data": {"stream": list}}).to_string()),
        ("tickers.json", json!({"AAPL": [other], "GOOG": [first, second]}).to_string()),
        ("lines.jsonl", format!("{first}\n\n{second}\n{other}\n")),
        ("bom.json", format!("\u{feff}{list}")),
        ("comma.csv", csv.to_string()),
        (
            "semicolon.csv",
            csv.replace(",R,", ";R;")
                .replace("Z,", "Z;")
                .replace(",2026", ";2026")
                .replace("title,published,publisher,ticker", "content.title;published;provider.displayName;ticker"),
        ),
    ];
    for (name, text) in texts {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        let found = FileNews::new(&path).gather(&goog(), at("2026-01-06T00:00:00Z")).await.unwrap();
        assert_eq!(titles(&found), ["First, and \"quoted\"", "Second"], "{name}");
        assert_eq!(found.headlines[0].publisher, "R", "{name}");
    }
}

#[tokio::test]
async fn a_day_in_a_file_is_known_when_it_is_over() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("news.csv");
    std::fs::write(&path, "date,headline\n2026-01-05,Of that day\n").unwrap();
    let source = FileNews::new(&path);
    for (until, count) in [("2026-01-05T21:00:00Z", 0), ("2026-01-06T04:59:00Z", 0), ("2026-01-06T12:00:01Z", 1)] {
        let found = source.gather(&goog(), at(until)).await.unwrap();
        assert_eq!(found.headlines.len(), count, "{until}");
        assert_eq!(found.left_out.later, 1 - count, "{until}");
        assert!(found.notes[0].contains("1 items name no ticker"), "{:?}", found.notes);
    }
}

#[tokio::test]
async fn files_that_cannot_be_read_say_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let cases: [(&str, &[u8], &str); 7] = [
        ("empty.json", b" \n", "it is empty"),
        ("half.json", b"[{\"title\": \"a\"", "it is no JSON"),
        ("lines.jsonl", b"{\"title\": \"a\"}\n{\"title\": \n", "line 2 is no JSON"),
        ("none.json", b"{\"answer\": 42}", "no list of items"),
        ("head.csv", b"a,b\n1,2\n", "no column `title` or `headline`, but a, b"),
        ("rows.csv", b"title,date\nA,2026-01-05\nB\n", "row 3 cannot be read"),
        ("latin.csv", b"title\ncaf\xe9\n", "not in UTF-8"),
    ];
    for (name, bytes, wanted) in cases {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let text = problem(&FileNews::new(&path)).await;
        assert!(text.contains(wanted), "{name}: {text}");
    }
    assert!(problem(&FileNews::new(folder.path())).await.contains("it is no file"));
    assert!(problem(&FileNews::new(folder.path().join("absent"))).await.contains("check the path"));
}

/// Needs the suite that is compiled for tests: `cargo test --features testing`.
#[cfg(feature = "testing")]
#[tokio::test]
async fn every_source_keeps_the_promises() {
    use stockops_agents::news::conformance;
    let hours = [30, 2, 5];
    let finnhub_items: Vec<Value> =
        hours.iter().map(|h| finnhub_item(&format!("<b>{h}</b>\u{202e}"), ago(*h))).collect();
    let list = json!(finnhub_items);
    conformance(&finnhub(&plays(list.clone())), &goog(), now()).await;
    let items: Vec<Value> = hours.iter().map(|h| yahoo_item(&format!("{h}"), ago(*h), &["GOOG"])).collect();
    let played = plays(yahoo(&items));
    conformance(&YahooNews::at(&played.address, quick()).unwrap(), &goog(), now()).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("news.json");
    std::fs::write(&path, list.to_string()).unwrap();
    conformance(&FileNews::new(&path), &goog(), now()).await;
    conformance(&memory(), &goog(), now()).await;
    conformance(&FirstOf::new(vec![Arc::new(memory()), Arc::new(FileNews::new(&path))]), &goog(), now()).await;
}

fn memory() -> MemoryNews {
    let headline = |title: &str, hours| Headline {
        title: title.into(),
        summary: "<i>Said</i>".into(),
        publisher: "R".into(),
        url: "javascript:alert(1)".into(),
        published: now() - TimeDelta::hours(hours),
    };
    MemoryNews::default().with(&goog(), headline("One\u{0}", 3)).with(&goog(), headline("Two", 1))
}

#[tokio::test]
async fn memory_gives_each_ticker_its_own() {
    let source = memory();
    assert_eq!(titles(&gathered(&source).await), ["Two", "One"]);
    assert_eq!(gathered(&source).await.headlines[0].url, "");
    assert!(source.headlines(&Ticker::new("AAPL").unwrap(), now()).await.unwrap().is_empty());
    let settings = Gathered::none("x");
    assert!(settings.left_out.is_empty());
}
