//! A server on this machine that plays Yahoo's chart v8: answers in its real shape, written by hand, and its failures.

#![allow(dead_code, unreachable_pub, reason = "each test uses a part")]

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Value, json};

/// What was asked.
#[derive(Debug, Clone)]
pub struct Call {
    pub ticker: String,
    /// Seconds of Unix.
    pub from: i64,
    pub target: String,
    /// How many calls came before.
    pub before: usize,
}

/// What is answered.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
    /// Break off after so many bytes of the body.
    pub cut: Option<usize>,
    /// Stop for so long in the middle of the body.
    pub pause: Duration,
}

pub fn answer(status: u16, body: impl Into<Vec<u8>>) -> Answer {
    Answer { status, headers: Vec::new(), body: body.into(), cut: None, pause: Duration::ZERO }
}

pub fn json(body: &Value) -> Answer {
    Answer { headers: vec![("content-type", "application/json;charset=utf-8".into())], ..answer(200, body.to_string()) }
}

pub fn not_found() -> Answer {
    let error = json!({"code": "Not Found", "description": "No data found, symbol may be delisted"});
    Answer { status: 404, ..json(&json!({"chart": {"result": null, "error": error}})) }
}

/// The server; it ends with the test's process.
#[derive(Debug, Clone)]
pub struct Played {
    pub address: String,
    calls: Arc<Mutex<Vec<Call>>>,
    connections: Arc<AtomicUsize>,
}

impl Played {
    pub fn start(answer: impl Fn(&Call) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let played = Self { address, calls: Arc::default(), connections: Arc::default() };
        let (own, answer) = (played.clone(), Arc::new(answer));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                own.connections.fetch_add(1, Ordering::SeqCst);
                let (own, answer) = (own.clone(), Arc::clone(&answer));
                std::thread::spawn(move || own.serve(&stream, &*answer));
            }
        });
        played
    }

    pub fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap().clone()
    }

    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    fn serve(&self, stream: &TcpStream, answer: &dyn Fn(&Call) -> Answer) -> Option<()> {
        let mut reader = BufReader::new(stream);
        // Else each answer waits for the client to say that it has its head.
        stream.set_nodelay(true).ok()?;
        loop {
            let mut request = String::new();
            reader.read_line(&mut request).ok().filter(|read| *read > 0)?;
            let mut header = String::new();
            while reader.read_line(&mut header).ok()? > 2 {
                header.clear();
            }
            let call = self.noted(request.split(' ').nth(1)?);
            send(stream, &answer(&call))?;
        }
    }

    fn noted(&self, target: &str) -> Call {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let ticker = path.rsplit('/').next().unwrap_or_default().replace("%5E", "^").replace("%26", "&");
        let from = query.split('&').find_map(|pair| pair.strip_prefix("period1=")?.parse().ok()).unwrap_or(0);
        let mut calls = self.calls.lock().unwrap();
        let call = Call { ticker, from, target: target.to_owned(), before: calls.len() };
        calls.push(call.clone());
        call
    }
}

fn send(mut stream: &TcpStream, answer: &Answer) -> Option<()> {
    let mut head = format!("HTTP/1.1 {} Played\r\ncontent-length: {}\r\n", answer.status, answer.body.len());
    for (name, value) in &answer.headers {
        head += &format!("{name}: {value}\r\n");
    }
    stream.write_all((head + "\r\n").as_bytes()).ok()?;
    let half = answer.cut.unwrap_or(answer.body.len() / 2).min(answer.body.len());
    stream.write_all(&answer.body[..half]).ok()?;
    if answer.cut.is_some() {
        stream.shutdown(std::net::Shutdown::Both).ok()?;
        return None;
    }
    std::thread::sleep(answer.pause);
    stream.write_all(&answer.body[half..]).ok()
}

/// A day as Yahoo has it.
#[derive(Debug, Clone, Copy)]
pub struct Day {
    pub day: NaiveDate,
    /// Open, high, low, close; `None` is `null`.
    pub prices: Option<[f64; 4]>,
    pub volume: f64,
    /// Adjusted close over close.
    pub factor: f64,
}

/// A series as Yahoo has it.
#[derive(Debug, Clone)]
pub struct Stock {
    pub symbol: String,
    pub currency: Value,
    pub zone: &'static str,
    pub kind: &'static str,
    /// Begin and end of trading, in seconds after midnight in UTC.
    pub hours: (i64, i64),
    pub days: Vec<Day>,
    pub dividends: Vec<(NaiveDate, f64)>,
    pub gains: Vec<(NaiveDate, f64)>,
    pub splits: Vec<(NaiveDate, u32, u32)>,
    /// Time of the last trade, and the day of the current session; by default those of the last day.
    pub traded: Option<DateTime<Utc>>,
    /// A row more, of the last day, at the time of the last trade.
    pub live: Option<Day>,
}

impl Stock {
    /// A stock of New York with prices on `days` that go up and down.
    pub fn new(symbol: &str, days: impl IntoIterator<Item = NaiveDate>) -> Self {
        Self {
            symbol: symbol.into(),
            currency: json!("USD"),
            zone: "America/New_York",
            kind: "EQUITY",
            hours: (14 * 3600 + 1800, 21 * 3600),
            days: days.into_iter().enumerate().map(|(i, day)| quoted(i, day)).collect(),
            dividends: Vec::new(),
            gains: Vec::new(),
            splits: Vec::new(),
            traded: None,
            live: None,
        }
    }

    /// Multiply the prices of days before `day`.
    pub fn scale_before(&mut self, day: NaiveDate, by: f64) {
        let days = self.days.iter_mut().filter(|one| one.day < day);
        days.filter_map(|one| one.prices.as_mut()).flatten().for_each(|price| *price *= by);
    }

    /// The answer to a call that asks from `from` on.
    pub fn chart(&self, from: i64) -> Value {
        let at = |day: NaiveDate, seconds: i64| day.and_time(chrono::NaiveTime::MIN).and_utc().timestamp() + seconds;
        let (opens, closes) = self.hours;
        let last = self.days.last().map(|day| day.day).unwrap_or_default();
        let traded = self.traded.map_or(at(last, closes) + 1, |time| time.timestamp());
        let today = DateTime::from_timestamp(traded, 0).unwrap().date_naive();
        let shown: Vec<&Day> =
            self.days.iter().filter(|day| at(day.day, opens) >= from).chain(self.live.as_ref()).collect();
        let mut times: Vec<i64> = shown.iter().map(|day| at(day.day, opens)).collect();
        if let (Some(_), Some(time)) = (&self.live, times.last_mut()) {
            *time = traded;
        }
        let price = |place: usize| -> Vec<Value> {
            shown
                .iter()
                .map(|day| day.prices.map_or(Value::Null, |prices| json!(f64::from(prices[place] as f32))))
                .collect()
        };
        let adjusted: Vec<Value> = shown
            .iter()
            .map(|day| day.prices.map_or(Value::Null, |prices| json!(f64::from((prices[3] * day.factor) as f32))))
            .collect();
        let volume: Vec<Value> =
            shown.iter().map(|day| day.prices.map_or(Value::Null, |_| json!(day.volume.round() as u64))).collect();
        let paid = |list: &[(NaiveDate, f64)]| -> Value {
            let inside = list.iter().filter(|(day, _)| at(*day, opens) >= from);
            inside
                .map(|(day, amount)| (at(*day, opens).to_string(), json!({"amount": amount, "date": at(*day, opens)})))
                .collect()
        };
        let splits: Value = self
            .splits
            .iter()
            .filter(|(day, ..)| at(*day, opens) >= from)
            .map(|(day, new, old)| {
                let split = json!({"date": at(*day, opens), "numerator": new, "denominator": old, "splitRatio": format!("{new}:{old}")});
                (at(*day, opens).to_string(), split)
            })
            .collect();
        let period = |start: i64, end: i64| json!({"timezone": "EST", "start": start, "end": end, "gmtoffset": -18000});
        let mut series = json!({
            "meta": {
                "currency": self.currency, "symbol": self.symbol, "exchangeName": "NMS", "fullExchangeName": "NasdaqGS",
                "instrumentType": self.kind, "firstTradeDate": 345479400, "regularMarketTime": traded,
                "hasPrePostMarketData": true, "gmtoffset": -18000, "timezone": "EST", "exchangeTimezoneName": self.zone,
                "regularMarketPrice": 333.69, "fiftyTwoWeekHigh": 345.34, "fiftyTwoWeekLow": 243.42,
                "regularMarketDayHigh": 334.54, "regularMarketDayLow": 330.61, "regularMarketVolume": 31878433,
                "longName": "A Stock", "shortName": "A Stock", "chartPreviousClose": 124.808, "priceHint": 2,
                "currentTradingPeriod": {
                    "pre": period(at(today, opens) - 19800, at(today, opens)),
                    "regular": period(at(today, opens), at(today, closes)),
                    "post": period(at(today, closes), at(today, closes) + 14400),
                },
                "dataGranularity": "1d", "range": "", "validRanges": ["1d", "5d", "1mo", "max"],
            },
            "timestamp": times,
            "events": {"dividends": paid(&self.dividends), "capitalGains": paid(&self.gains), "splits": splits},
            "indicators": {
                "quote": [{"volume": volume, "low": price(2), "close": price(3), "open": price(0), "high": price(1)}],
                "adjclose": [{"adjclose": adjusted}],
            },
        });
        if shown.is_empty() {
            // As it answers where it has no row.
            series["indicators"] = json!({"quote": [{}], "adjclose": [{}]});
            series.as_object_mut().unwrap().remove("timestamp");
        }
        json!({"chart": {"result": [series], "error": null}})
    }
}

/// The `i`-th day of a made-up series.
pub fn quoted(i: usize, day: NaiveDate) -> Day {
    let x = i as f64;
    let close = 100.0 + 8.0 * (x / 17.0).sin() + 3.0 * (x / 2.3).sin() + 0.02 * x;
    let open = close - 0.6 * (x * 1.7).cos();
    let prices = [open, open.max(close) + 0.4 + 0.3 * (x * 0.9).sin().abs(), open.min(close) - 0.5, close];
    Day { day, prices: Some(prices), volume: 1e6 + 3e5 * (x * 0.7).sin() + x, factor: 1.0 }
}
