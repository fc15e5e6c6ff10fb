//! Yahoo, played by a server on this machine: what is asked, what is understood, and every way in which it can fail.

mod played;

use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use played::{Answer, Call, Played, Stock, answer, json, not_found, quoted};
use serde_json::json as value;
use stockops_core::market::FindingKind;
use stockops_core::source::{Courtesy, RawSource, Reading, YahooSource};
use stockops_core::{BarSource, Calendar, Error, Sourced, Ticker};

/// A Friday evening after the close in New York.
const NOW: &str = "2024-05-31T22:00:00Z";

fn now() -> DateTime<Utc> {
    NOW.parse().unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn ticker(word: &str) -> Ticker {
    Ticker::new(word).unwrap()
}

/// `count` sessions of New York that end on 2024-05-31.
fn sessions(count: usize) -> Vec<NaiveDate> {
    let all = Calendar::of(&ticker("GOOG")).next_sessions(day("2023-01-01"), 600);
    let days: Vec<_> = all.into_iter().map(|s| s.date).filter(|date| *date <= day("2024-05-31")).collect();
    days[days.len() - count..].to_vec()
}

fn goog() -> Stock {
    Stock::new("GOOG", sessions(120))
}

/// Without long pauses.
fn quick() -> Courtesy {
    Courtesy { calls: 100_000, pause: Duration::from_millis(1), tries: 3, ..Courtesy::default() }
}

fn yahoo(played: &Played) -> YahooSource {
    YahooSource::at(&played.address, quick()).unwrap().clock(now)
}

/// A server that has one series.
fn has(stock: Stock) -> Played {
    Played::start(
        move |call: &Call| if call.ticker == stock.symbol { json(&stock.chart(call.from)) } else { not_found() },
    )
}

fn read(stock: Stock) -> Sourced {
    let name = ticker(&stock.symbol);
    yahoo(&has(stock)).bars(&name).unwrap()
}

fn text(sourced: &Sourced, kind: FindingKind) -> String {
    sourced.quality.find(kind).map(|finding| finding.to_string()).unwrap_or_default()
}

/// What comes of an answer to the first question.
fn error_of(answer: Answer) -> Error {
    let played = Played::start(move |_| answer.clone());
    yahoo(&played).bars(&ticker("GOOG")).unwrap_err()
}

#[test]
fn it_keeps_the_promises_of_a_source() {
    let played = has(goog());
    stockops_core::source::conformance(&yahoo(&played), &ticker("GOOG"), &ticker("NONE"));
    let missing = yahoo(&played).bars(&ticker("NONE")).unwrap_err().to_string();
    assert!(
        missing.starts_with("no ticker at Yahoo named NONE; check the spelling (Yahoo writes SHEL.L, "),
        "{missing}"
    );
}

#[test]
fn it_asks_for_days_and_events_of_all_time() {
    let played = has(Stock { symbol: "^GSPC".into(), ..goog() });
    yahoo(&played).bars(&ticker("^GSPC")).unwrap();
    let wanted = "/v8/finance/chart/%5EGSPC?period1=-2208988800&period2=1717279200&interval=1d&events=div%7Csplit%7CcapitalGains&\
                  includePrePost=false";
    assert_eq!(played.calls()[0].target, wanted);
}

#[test]
fn what_was_understood_is_told() {
    let sourced = read(goog());
    let understood = &sourced.understood;
    assert_eq!(understood.source, "Yahoo, fetched 2024-05-31 22:00 UTC");
    assert_eq!(understood.zone, "instants, put on the clock of America/New_York");
    assert_eq!(understood.unit, "prices in USD; volume in shares or contracts");
    assert_eq!(understood.calendar, "XNYS");
    assert_eq!(sourced.bars.len(), 120);
    assert_eq!(sourced.bars.as_slice()[0].close, f64::from(quoted(0, day("2024-01-01")).prices.unwrap()[3] as f32));
    assert!(sourced.quality.findings.is_empty(), "{}", sourced.quality);
}

#[test]
fn days_are_those_of_the_exchange() {
    // Auckland opens at 22:00 in UTC the day before; London marks currencies by midnights, also of summer.
    let auckland = Stock { symbol: "FPH.NZ".into(), zone: "Pacific/Auckland", hours: (-2 * 3600, 4 * 3600), ..goog() };
    let days: Vec<_> = auckland.days.iter().map(|one| one.day).collect();
    let got = yahoo(&has(auckland)).fetch(&ticker("FPH.NZ"), None).unwrap();
    assert_eq!(got.rows.iter().map(|row| row.day).collect::<Vec<_>>(), days);
    let euro = Stock { symbol: "EURUSD=X".into(), zone: "Europe/London", hours: (0, 86_340), ..goog() };
    let got = yahoo(&has(euro)).fetch(&ticker("EURUSD=X"), None).unwrap();
    assert_eq!(got.rows.iter().map(|row| row.day).collect::<Vec<_>>(), days);
    // Where winter time was taken for summer time, days are marked at 23:00 of the day before.
    let early = Stock { symbol: "VOD.L".into(), zone: "Europe/London", hours: (-3600, 55_800), ..goog() };
    let winter: Vec<_> = days.iter().copied().filter(|date| *date < day("2024-03-29")).collect();
    let early = Stock { days: early.days.into_iter().filter(|one| winter.contains(&one.day)).collect(), ..early };
    let got = yahoo(&has(early)).fetch(&ticker("VOD.L"), None).unwrap();
    assert_eq!(got.rows.iter().map(|row| row.day).collect::<Vec<_>>()[..winter.len() - 1], winter[..winter.len() - 1]);
}

#[test]
fn the_bar_of_a_session_that_is_not_over_is_no_bar_unless_it_is_asked_for() {
    let played = has(goog());
    let at = |time: &'static str| yahoo(&played).clock(move || time.parse().unwrap());
    let noon = at("2024-05-31T17:00:00Z").bars(&ticker("GOOG")).unwrap();
    assert_eq!(noon.bars.last_day(), Some(day("2024-05-30")));
    assert_eq!(
        text(&noon, FindingKind::Unfinished),
        "the session of the newest row is not over, left out (2024-05-31)"
    );
    let partial = Reading { partial: true, ..Reading::default() };
    let asked = at("2024-05-31T17:00:00Z").reading(partial).bars(&ticker("GOOG")).unwrap();
    assert_eq!(asked.bars.last_day(), Some(day("2024-05-31")));
    assert!(text(&asked, FindingKind::Unfinished).contains("kept as it was asked for"));
    // The source is a quarter of an hour behind, and an auction follows the end.
    assert_eq!(at("2024-05-31T21:10:00Z").bars(&ticker("GOOG")).unwrap().bars.last_day(), Some(day("2024-05-30")));
    assert_eq!(at("2024-05-31T21:20:00Z").bars(&ticker("GOOG")).unwrap().bars.last_day(), Some(day("2024-05-31")));
}

#[test]
fn a_newest_session_that_is_null_or_missing_is_stale_and_not_closed() {
    let mut null = goog();
    null.days[119].prices = None;
    let mut missing = goog();
    missing.days.pop();
    missing.traded = Some("2024-05-31T21:00:01Z".parse().unwrap());
    for stock in [null, missing] {
        let played = has(stock);
        let error = yahoo(&played).bars(&ticker("GOOG")).unwrap_err();
        assert_eq!(error.kind(), "stale");
        assert_eq!(
            error.to_string(),
            "GOOG: the last bar is of 2024-05-30, and the session of 2024-05-31 is over; the source lags, or the series has ended; \
             ask again later, give newer bars, or set `allow_stale`"
        );
        let allowed = Reading { allow_stale: true, ..Reading::default() };
        let sourced = yahoo(&played).reading(allowed).bars(&ticker("GOOG")).unwrap();
        assert_eq!(sourced.bars.last_day(), Some(day("2024-05-30")));
        assert!(text(&sourced, FindingKind::Stale).starts_with("stale: the last row is of 2024-05-30"));
    }
}

#[test]
fn a_null_in_the_middle_is_left_out_and_said() {
    let mut stock = goog();
    stock.days[60].prices = None;
    let sourced = read(stock);
    assert_eq!(sourced.bars.len(), 119);
    assert!(text(&sourced, FindingKind::NoPrices).starts_with("1 row without prices, left out"));
    assert!(text(&sourced, FindingKind::Gap).starts_with("1 session without a row"));
}

#[test]
fn of_a_live_row_beside_its_day_the_live_one_is_kept() {
    let mut stock = goog();
    let mut live = stock.days[119];
    live.volume += 1234.0;
    stock.live = Some(live);
    let sourced = read(stock);
    assert_eq!(sourced.bars.len(), 120);
    assert_eq!(sourced.bars.as_slice()[119].volume, live.volume.round());
    assert!(text(&sourced, FindingKind::Revised).starts_with("1 day there twice, as a live row is"));
}

#[test]
fn dividends_are_adjusted_for_and_volume_is_left() {
    let mut stock = goog();
    let ex = stock.days[80].day;
    let share = 1.0 / stock.days[79].prices.unwrap()[3];
    stock.days[..80].iter_mut().for_each(|one| one.factor = 1.0 - share);
    stock.dividends = vec![(ex, 1.0)];
    let plain = read(goog());
    let sourced = read(stock);
    let (paid, was) = (sourced.bars.as_slice(), plain.bars.as_slice());
    assert!((paid[79].close / was[79].close - (1.0 - share)).abs() < 1e-6);
    assert_eq!((paid[79].volume, paid[80]), (was[79].volume, was[80]));
    assert!(sourced.quality.find(FindingKind::DividendMended).is_none(), "{}", sourced.quality);
}

#[test]
fn a_dividend_that_the_adjusted_closes_lack_is_put_into_them() {
    let mut stock = goog();
    stock.dividends = vec![(stock.days[80].day, 1.0)];
    let share = 1.0 / stock.days[79].prices.unwrap()[3];
    let sourced = read(stock);
    let was = read(goog());
    assert!((sourced.bars.as_slice()[79].close / was.bars.as_slice()[79].close - (1.0 - share)).abs() < 1e-6);
    assert!(text(&sourced, FindingKind::DividendMended).starts_with("1 dividend that the adjusted closes lacked"));
}

#[test]
fn odd_and_phantom_dividends_and_gains_counted_twice_are_only_said() {
    let mut stock = goog();
    let days: Vec<NaiveDate> = stock.days.iter().map(|one| one.day).collect();
    let close = |i: usize| stock.days[i].prices.unwrap()[3];
    // Usual ones, adjusted for; one in another unit; one that comes twice; and a gain within a dividend, counted twice.
    let paid = [(20, 0.5), (40, 0.5), (60, 0.5), (80, 0.5), (90, 50.0), (100, 0.5), (104, 0.5), (110, 0.6)];
    let mut factor = 1.0;
    let mut factors = vec![1.0; 120];
    for (i, amount) in paid.iter().rev().filter(|(i, _)| ![90, 104].contains(i)) {
        let taken = if *i == 110 { amount + 0.3 } else { *amount };
        factor *= 1.0 - taken / close(i - 1);
        factors[..*i].fill(factor);
    }
    let gains = vec![(days[110], 0.3)];
    let dividends = paid.iter().map(|(i, amount)| (days[*i], *amount)).collect();
    stock.days.iter_mut().zip(factors).for_each(|(one, factor)| one.factor = factor);
    let (factor_was, stock) = (stock.days[0].factor, Stock { dividends, gains, ..stock });
    let first = stock.days[0].prices.unwrap()[3];
    let sourced = read(stock);
    assert!((sourced.bars.as_slice()[0].close - first * factor_was).abs() < 1e-4, "nothing is put into prices");
    assert!(text(&sourced, FindingKind::DividendOdd).contains(&format!("({})", days[90])));
    assert!(text(&sourced, FindingKind::DividendTwice).contains(&format!("({})", days[104])));
    assert!(text(&sourced, FindingKind::GainTwice).contains(&format!("({})", days[110])));
}

#[test]
fn a_split_that_is_named_and_not_in_the_prices_is_mended() {
    let whole = read(goog());
    for (first, note) in [(0, "80 rows before the split of 4:1"), (50, "30 rows before the split of 4:1")] {
        let mut stock = goog();
        let of = stock.days[80].day;
        stock.splits = vec![(of, 4, 1)];
        for one in &mut stock.days[first..80] {
            one.prices.as_mut().unwrap().iter_mut().for_each(|price| *price *= 4.0);
            one.volume /= 4.0;
        }
        let sourced = read(stock);
        for (got, wanted) in sourced.bars.iter().zip(whole.bars.iter()) {
            assert!((got.close / wanted.close - 1.0).abs() < 1e-6, "{got:?} {wanted:?}");
            assert!((got.volume / wanted.volume - 1.0).abs() < 1e-5, "{got:?} {wanted:?}");
        }
        assert!(text(&sourced, FindingKind::SplitMended).starts_with(note), "{}", sourced.quality);
        assert!(sourced.quality.find(FindingKind::Split).is_none());
    }
    // Where the prices have it, as is usual, nothing is done.
    let mut right = goog();
    right.splits = vec![(right.days[80].day, 4, 1)];
    assert_eq!(read(right).bars, whole.bars);
}

#[test]
fn a_split_that_the_source_forgot_is_said() {
    let mut stock = goog();
    let of = stock.days[80].day;
    stock.scale_before(of, 4.0);
    let sourced = read(stock);
    assert!(text(&sourced, FindingKind::Split).starts_with("1 jump like an unadjusted split (4:1), kept"));
    assert_eq!(sourced.quality.find(FindingKind::Split).unwrap().days, [of]);
}

#[test]
fn the_january_of_game_stop_is_no_split() {
    // Open, high, low and close from 2021-01-19 on, as Yahoo has them after the split of 2022.
    let prices = [
        [10.39, 11.38, 9.16, 9.84],
        [9.34, 10.30, 9.02, 9.78],
        [9.81, 11.19, 9.25, 10.76],
        [10.65, 19.19, 10.58, 16.25],
        [24.18, 39.79, 15.28, 19.20],
        [22.14, 37.50, 20.05, 37.00],
        [88.71, 95.00, 62.25, 86.88],
        [66.25, 120.75, 28.06, 48.40],
        [94.93, 103.50, 62.50, 81.25],
        [79.14, 80.50, 53.00, 56.25],
        [35.19, 39.50, 18.56, 22.50],
    ];
    let mut stock = Stock::new("GME", sessions(120));
    for (one, own) in stock.days[60..].iter_mut().zip(prices) {
        one.prices = Some(own);
    }
    for (i, one) in stock.days.iter_mut().enumerate().filter(|(i, _)| *i < 60 || *i >= 71) {
        let level = if i < 60 { 0.1 } else { 0.2 };
        one.prices.as_mut().unwrap().iter_mut().for_each(|price| *price *= level);
    }
    stock.splits = vec![(day("2024-05-01"), 4, 1)];
    let closes: Vec<f64> = stock.days.iter().map(|one| f64::from(one.prices.unwrap()[3] as f32)).collect();
    let sourced = read(stock);
    assert_eq!(sourced.bars.closes(), closes);
    for kind in [FindingKind::Split, FindingKind::SplitMended] {
        assert!(sourced.quality.find(kind).is_none(), "{}", sourced.quality);
    }
}

#[test]
fn pence_stay_pence_and_a_block_100_times_off_is_mended_where_the_unit_confirms_it() {
    let london = || Stock {
        symbol: "OCDO.L".into(),
        zone: "Europe/London",
        currency: value!("GBp"),
        hours: (8 * 3600, 15 * 3600 + 1800),
        ..Stock::new("OCDO.L", london_sessions())
    };
    let whole = read(london());
    assert_eq!(whole.understood.unit, "prices in pence (GBp), as quoted; volume in shares or contracts");
    for block in [40..50, 119..120, 0..30] {
        for times in [100.0, 0.01] {
            let mut stock = london();
            let prices = stock.days[block.clone()].iter_mut().filter_map(|one| one.prices.as_mut());
            prices.flatten().for_each(|price| *price *= times);
            let sourced = read(stock);
            let near = |(a, b): (&f64, &f64)| (a / b - 1.0).abs() < 1e-6;
            assert!(sourced.bars.closes().iter().zip(whole.bars.closes().iter()).all(near), "{block:?} {times}");
            let count = block.len();
            assert!(
                text(&sourced, FindingKind::UnitMended).starts_with(&format!("{count} row")),
                "{}",
                sourced.quality
            );
        }
    }
    // Dollars have no such unit: nothing is changed.
    let mut dollars = Stock { currency: value!("GBP"), ..london() };
    dollars.days[40..50].iter_mut().filter_map(|one| one.prices.as_mut()).flatten().for_each(|price| *price *= 100.0);
    assert!(read(dollars).quality.find(FindingKind::UnitMended).is_none());
}

/// 120 sessions of London that end on 2024-05-31.
fn london_sessions() -> Vec<NaiveDate> {
    let all = Calendar::of(&ticker("OCDO.L")).next_sessions(day("2023-01-01"), 600);
    let days: Vec<_> = all.into_iter().map(|s| s.date).filter(|date| *date <= day("2024-05-31")).collect();
    days[days.len() - 120..].to_vec()
}

#[test]
fn every_failure_has_its_kind_and_says_what_to_do() {
    let page = "<!DOCTYPE html><html><head><title>Yahoo ist Teil der Yahoo Markenfamilie</title></head></html>";
    let inside =
        |code: &str, words: &str| value!({"chart": {"result": null, "error": {"code": code, "description": words}}});
    let whole = goog().chart(i64::MIN).to_string();
    let unequal = {
        let mut chart = goog().chart(i64::MIN);
        chart["chart"]["result"][0]["indicators"]["quote"][0]["open"].as_array_mut().unwrap().pop();
        chart
    };
    let no_times = {
        let mut chart = goog().chart(i64::MIN);
        chart["chart"]["result"][0].as_object_mut().unwrap().remove("timestamp");
        chart
    };
    let monthly = {
        let mut chart = goog().chart(i64::MIN);
        chart["chart"]["result"][0]["meta"]["dataGranularity"] = value!("3mo");
        chart
    };
    let crumb =
        value!({"finance": {"result": null, "error": {"code": "Unauthorized", "description": "Invalid Crumb"}}});
    for (answered, kind, words) in [
        (
            answer(429, "Too Many Requests\r\n"),
            "rate_limited",
            "asked too often; try again in 60 s, or give bars as files",
        ),
        (answer(200, "Edge: Too Many Requests"), "rate_limited", "asked too often"),
        (answer(999, "Unable to process request at this time -- error 999"), "rate_limited", "asked too often"),
        (answer(401, crumb.to_string()), "blocked", "does not answer this address or region (HTTP 401)"),
        (answer(403, page), "blocked", "(HTTP 403)"),
        (answer(451, ""), "blocked", "(HTTP 451); give bars as files, or another address of the source"),
        (
            answer(200, page),
            "not_json",
            "a page came in the place of JSON, as one of consent or of a proxy (it begins `<!DOCTYPE",
        ),
        (answer(200, ""), "not_json", "a page came"),
        (answer(502, page), "server", "it failed by itself (HTTP 502); try again later"),
        (json(&inside("Internal Server Error", "oh")), "refused", "it answered: Internal Server Error: oh (HTTP 200)"),
        (json(&inside("Unauthorized", "User is not logged in")), "blocked", "does not answer"),
        (json(&value!({"quoteResponse": {}})), "refused", "JSON that is no chart"),
        (json(&value!({"chart": {"result": [], "error": null}})), "half_answer", "neither a result nor an error"),
        (json(&value!({"chart": {"result": [{"meta": 7}]}})), "half_answer", "the JSON is no chart as it was known"),
        (answer(200, &whole[..whole.len() / 2]), "half_answer", "the JSON ends in the middle"),
        (Answer { cut: Some(1000), ..answer(200, whole.clone()) }, "half_answer", "the connection broke off"),
        (json(&unequal), "half_answer", "120 days and 119 values of open; try again, or give bars as files"),
        (json(&no_times), "half_answer", "0 days and 120 values"),
        (json(&monthly), "refused", "rows of 3mo and not of days"),
        (json(&Stock { symbol: "META".into(), ..goog() }.chart(i64::MIN)), "refused", "rows of META and not of GOOG"),
        (
            Answer { headers: vec![("location", "/again".into())], ..answer(302, "") },
            "refused",
            "more than 4 redirects",
        ),
        (
            Answer { headers: vec![("content-encoding", "gzip".into())], ..answer(200, "no") },
            "half_answer",
            "cannot be unpacked",
        ),
    ] {
        let error = error_of(answered);
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.to_string().starts_with("Yahoo for GOOG: ") && error.to_string().contains(words), "{error}");
        assert!(!error.is_input());
    }
}

#[test]
fn who_does_not_exist_is_not_found() {
    let shell = Stock { days: Vec::new(), ..goog() }.chart(0);
    let delisted = value!({"chart": {"result": null, "error": {"code": "Not Found", "description": "No data found, symbol may be delisted"}}});
    let nothing = value!({"chart": {"result": null, "error": {"code": "Bad Request", "description": "Data doesn't exist for startDate = 1, endDate = 2"}}});
    let bad = Answer { status: 400, ..json(&nothing) };
    for answered in [not_found(), json(&shell), json(&delisted), bad] {
        let error = error_of(answered);
        assert!(matches!(error, Error::NotFound { .. }) && error.is_input(), "{error}");
    }
}

#[test]
fn a_place_that_cannot_be_reached_is_offline_and_a_word_is_no_place() {
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", gone.local_addr().unwrap());
    drop(gone);
    let error = YahooSource::at(&address, quick()).unwrap().bars(&ticker("GOOG")).unwrap_err();
    assert_eq!(error.kind(), "offline");
    assert!(error.to_string().contains("it could not be reached ("), "{error}");
    let text = YahooSource::at("finance.example", quick()).unwrap_err().to_string();
    assert_eq!(text, "`url` must be an address that begins with http:// or https://, got finance.example");
}

#[test]
fn busy_failing_and_broken_answers_are_asked_for_again() {
    let stock = goog();
    let late = |seconds: &str| Answer {
        headers: vec![("retry-after", seconds.into())],
        ..answer(429, "Too Many Requests\r\n")
    };
    for first in [late("0"), answer(503, "busy"), Answer { cut: Some(10), ..json(&stock.chart(0)) }] {
        let stock = stock.clone();
        let played = Played::start(
            move |call: &Call| if call.before < 2 { first.clone() } else { json(&stock.chart(call.from)) },
        );
        assert_eq!(yahoo(&played).bars(&ticker("GOOG")).unwrap().bars.len(), 120);
        assert_eq!(played.calls().len(), 3);
    }
    // No more often than the limit of tries, and what cannot pass is not asked for again.
    for (answered, calls) in [(answer(503, "busy"), 3), (answer(403, "no"), 1), (not_found(), 1), (late("3600"), 1)] {
        let played = Played::start(move |_| answered.clone());
        assert!(yahoo(&played).bars(&ticker("GOOG")).is_err());
        assert_eq!(played.calls().len(), calls);
    }
}

#[test]
fn a_source_that_wants_to_be_left_alone_is_not_asked_by_the_next_ticker() {
    let played =
        Played::start(|_| Answer { headers: vec![("retry-after", "3600".into())], ..answer(429, "Too Many Requests") });
    let source = yahoo(&played);
    for name in ["GOOG", "AMZN", "IBM"] {
        let error = source.bars(&ticker(name)).unwrap_err().to_string();
        assert!(error.starts_with(&format!("Yahoo for {name}: asked too often; try again in 36")), "{error}");
    }
    assert_eq!(played.calls().len(), 1);
}

#[test]
fn a_slow_body_and_a_large_one_end() {
    let slow = Answer { pause: Duration::from_secs(30), ..json(&goog().chart(i64::MIN)) };
    let played = Played::start(move |_| slow.clone());
    let impatient = Courtesy { timeout: Duration::from_millis(200), tries: 2, ..quick() };
    let error = YahooSource::at(&played.address, impatient).unwrap().bars(&ticker("GOOG")).unwrap_err();
    assert_eq!((error.kind(), played.calls().len()), ("slow", 2));
    let narrow = Courtesy { max_bytes: 1000, ..quick() };
    let error = YahooSource::at(&has(goog()).address, narrow).unwrap().bars(&ticker("GOOG")).unwrap_err();
    assert!(error.to_string().contains("more than 1000 bytes, which are no daily bars"), "{error}");
}

#[test]
fn redirects_are_followed() {
    let stock = goog();
    let played = Played::start(move |call: &Call| match call.target.strip_prefix("/moved") {
        Some(_) => json(&stock.chart(call.from)),
        None => Answer { headers: vec![("location", format!("/moved{}", call.target))], ..answer(301, "") },
    });
    assert_eq!(yahoo(&played).bars(&ticker("GOOG")).unwrap().bars.len(), 120);
}

#[test]
fn no_redirect_leads_to_another_place_of_this_machine() {
    let canary = has(goog());
    let port = canary.address.rsplit(':').next().unwrap().to_owned();
    for there in [canary.address.clone(), format!("http://localhost:{port}"), format!("https://127.0.0.1:{port}")] {
        let location = format!("{there}/v8/finance/chart/GOOG");
        let played =
            Played::start(move |_: &Call| Answer { headers: vec![("location", location.clone())], ..answer(302, "") });
        let error = yahoo(&played).bars(&ticker("GOOG")).unwrap_err();
        assert_eq!(error.kind(), "refused", "{error}");
        assert!(error.to_string().contains("neither its own nor a public name over https"), "{error}");
        assert_eq!(played.calls().len(), 1);
    }
    assert_eq!(canary.calls().len(), 0);
}

#[test]
fn packed_answers_are_read() {
    use std::io::Write;
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(goog().chart(i64::MIN).to_string().as_bytes()).unwrap();
    let packed = Answer { headers: vec![("content-encoding", "gzip".into())], ..answer(200, packed.finish().unwrap()) };
    let played = Played::start(move |_| packed.clone());
    assert_eq!(yahoo(&played).bars(&ticker("GOOG")).unwrap().bars.len(), 120);
}

#[test]
fn a_thousand_tickers_from_many_threads_go_over_one_connection() {
    let stock = Stock::new("", sessions(30));
    let played = Played::start(move |call: &Call| {
        json(&Stock { symbol: call.ticker.clone(), ..stock.clone() }.chart(call.from))
    });
    let source = yahoo(&played);
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let source = &source;
            scope.spawn(move || {
                for i in 0..125 {
                    let name = ticker(&format!("T{}", thread * 125 + i));
                    assert_eq!(source.bars(&name).unwrap().bars.ticker(), &name);
                }
            });
        }
    });
    assert_eq!((played.calls().len(), played.connections()), (1000, 1));
}
