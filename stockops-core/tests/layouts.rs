//! Any layout of a table, in any order, with numbers in any form, gives the same bars.

mod reading_files;

use proptest::prelude::*;
use reading_files::{options, read_as};
use stockops_core::market::Calendar;
use stockops_core::{Bar, ReadOptions, Ticker};

/// Bars with two decimals on sessions of New York, which every form below can write without loss.
fn bars() -> impl Strategy<Value = Vec<Bar>> {
    let cents = (100u32..2_000_000, 0u32..5000, 0u32..5000, 0u32..=100, 0u32..=100, 1u32..900_000);
    prop::collection::vec(cents, 14..40).prop_map(|rows| {
        let calendar = Calendar::of(&Ticker::new("GOOG").unwrap());
        let sessions = calendar.next_sessions("2024-02-05".parse().unwrap(), rows.len());
        let bar = |(session, (low, up, _, open, close, volume)): (
            &stockops_core::market::Session,
            (u32, u32, u32, u32, u32, u32),
        )| {
            let within = |percent: u32| f64::from(low + up * percent / 100) / 100.0;
            let (low, high) = (f64::from(low) / 100.0, f64::from(low + up) / 100.0);
            Bar {
                date: session.date,
                open: within(open),
                high,
                low,
                close: within(close),
                volume: f64::from(volume) * 1000.0,
            }
        };
        // No jump of a hundred at the end, which is refused as another unit.
        let mut bars: Vec<Bar> = sessions.iter().zip(rows).map(bar).collect();
        let count = bars.len();
        bars[count - 1] = Bar { date: bars[count - 1].date, ..bars[count - 2] };
        bars[count - 1].volume += 1000.0;
        bars
    })
}

/// How a date is written, with a form that a column of 14 sessions from February on decides by itself.
fn date(form: usize, bar: &Bar) -> String {
    let date = bar.date;
    let epoch = date.and_hms_opt(14, 30, 0).unwrap().and_utc().timestamp();
    match form {
        0 => date.to_string(),
        1 => date.format("%Y/%m/%d").to_string(),
        2 => date.format("%Y%m%d").to_string(),
        3 => date.format("%d.%m.%Y").to_string(),
        4 => date.format("%m/%d/%Y").to_string(),
        5 => date.format("%b %d, %Y").to_string(),
        6 => date.format("%d-%b-%Y").to_string(),
        7 => date.format("%Y-%m-%d 00:00:00-05:00").to_string(),
        8 => epoch.to_string(),
        9 => (epoch * 1000).to_string(),
        10 => format!("{}.0", (date - chrono::NaiveDate::from_ymd_opt(1899, 12, 30).unwrap()).num_days()),
        11 => date.format("%d/%m/%y").to_string(),
        _ => date.format("%Y-%-m-%-d").to_string(),
    }
}
const DATES: usize = 13;

fn thousands(whole: u64, mark: &str) -> String {
    let digits = whole.to_string();
    let groups: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().map(|group| std::str::from_utf8(group).unwrap()).collect();
    groups.join(mark)
}

/// How a price is written.
fn price(form: usize, value: f64) -> String {
    let cents = (value * 100.0).round() as u64;
    let (whole, part) = (cents / 100, cents % 100);
    match form {
        0 => format!("{value}"),
        1 => format!("{whole}.{part:02}"),
        2 => format!("${}.{part:02}", thousands(whole, ",")),
        3 => format!("{},{part:02}", thousands(whole, ".")),
        4 => format!("{whole},{part:02}"),
        5 => format!("{},{part:02}", thousands(whole, "\u{a0}")),
        _ => format!("{}.{part:02} USD", thousands(whole, "'")),
    }
}
const PRICES: usize = 7;

/// How a volume is written in the style of the prices.
fn volume(form: usize, prices: usize, value: f64) -> String {
    let comma = matches!(prices, 3..=5);
    let (whole, part) = (value as u64 / 1_000_000, value as u64 % 1_000_000 / 1000);
    match form {
        0 => format!("{value:.0}"),
        1 => thousands(value as u64, if comma { "." } else { "," }),
        _ => format!("{whole}{}{part:03}M", if comma { "," } else { "." }),
    }
}

/// Sets of names, in the order date, open, high, low, close, volume.
const NAMES: [[&str; 6]; 6] = [
    ["Date", "Open", "High", "Low", "Close", "Volume"],
    ["timestamp", "1. open", "2. high", "3. low", "4. close", "5. volume"],
    ["<DATE>", "<OPEN>", "<HIGH>", "<LOW>", "<CLOSE>", "<VOL>"],
    ["Datum", "Eröffn.", "Hoch", "Tief", "Schluss", "Vol."],
    ["Date", "Open_GOOG", "High_GOOG", "Low_GOOG", "Close_GOOG", "Volume_GOOG"],
    ["t", "o", "h", "l", "c", "v"],
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn every_layout_gives_the_same_bars(
        bars in bars(),
        (dates, prices, volumes, names, mark) in (0..DATES, 0..PRICES, 0..3usize, 0..NAMES.len(), 0..4usize),
        order in Just([0usize, 1, 2, 3, 4, 5]).prop_shuffle(),
        rows in prop::sample::select(vec!["up", "down", "shuffled"]),
        (with_volume, preamble, footer, quoted, crlf) in any::<(bool, bool, bool, bool, bool)>(),
        encoding in 0..4usize,
    ) {
        let mark = [",", ";", "\t", "|"][mark];
        let cell = |text: String| if quoted || text.contains(mark) { format!("\"{text}\"") } else { text };
        let order: Vec<usize> = order.into_iter().filter(|column| with_volume || *column != 5).collect();
        let line = |cells: [String; 6]| order.iter().map(|column| cell(cells[*column].clone())).collect::<Vec<_>>().join(mark);
        let row = |bar: &Bar| {
            let price = |value| price(prices, value);
            line([date(dates, bar), price(bar.open), price(bar.high), price(bar.low), price(bar.close), volume(volumes, prices, bar.volume)])
        };
        let mut lines: Vec<String> = bars.iter().map(row).collect();
        match rows {
            "down" => lines.reverse(),
            "shuffled" => lines.rotate_left(5),
            _ => {}
        }
        lines.insert(0, line(NAMES[names].map(str::to_owned)));
        if preamble {
            lines.insert(0, "Prices of an exchange".into());
            lines.insert(1, String::new());
        }
        if footer {
            lines.push("The data are as they are.".into());
        }
        let text = lines.join(if crlf { "\r\n" } else { "\n" });
        let bytes = match encoding {
            0 => format!("\u{feff}{text}").into_bytes(),
            1 => format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect(),
            _ => text.clone().into_bytes(),
        };
        let read = read_as("GOOG", &bytes, &ReadOptions { ..options() });
        let read = read.map_err(|error| TestCaseError::fail(format!("{error}\n{text}")))?;
        let known = |bar: &Bar| Bar { volume: if with_volume { bar.volume } else { 0.0 }, ..*bar };
        let wanted: Vec<Bar> = bars.iter().map(known).collect();
        prop_assert_eq!(read.bars.as_slice(), &wanted[..], "{}", text);
    }
}
