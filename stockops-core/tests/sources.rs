//! Files as sources write them and people have them: one small file of each kind, what it is read into, or what is said.

mod reading_files;

use reading_files::{closes, days, message, options, read, read_as, read_with};
use stockops_core::market::FindingKind;
use stockops_core::source::{Adjust, DateOrder, Decimal};
use stockops_core::{ReadOptions, Sourced};

/// Two sessions that all of the sources below write: 2024-05-01 and 2024-05-02.
fn is_the_same(sourced: &Sourced, what: &str) {
    let bars: Vec<_> = sourced.bars.iter().map(|bar| (bar.open, bar.high, bar.low, bar.close, bar.volume)).collect();
    assert_eq!(days(sourced), ["2024-05-01", "2024-05-02"], "{what}");
    assert_eq!(bars, [(10.0, 11.0, 9.0, 10.5, 1000.0), (10.5, 11.0, 10.0, 10.8, 1100.0)], "{what}");
}

#[test]
fn every_source_is_read_by_its_own_words() {
    for (ticker, text) in [
        // yfinance: three lines of header, two of them, by ticker, tuples, joined names
        (
            "ABC",
            "Price,Close,High,Low,Open,Volume\nTicker,ABC,ABC,ABC,ABC,ABC\nDate,,,,,\n2024-05-01,10.5,11,9,10,1000\n2024-05-02,10.8,11,10,10.5,1100\n",
        ),
        (
            "ABC",
            ",Close,Close,High,High,Low,Low,Open,Open,Volume,Volume\n,ABC,XYZ,ABC,XYZ,ABC,XYZ,ABC,XYZ,ABC,XYZ\nDate,,,,,,,,,,\n2024-05-01,10.5,1,11,1,9,1,10,1,1000,1\n2024-05-02,10.8,1,11,1,10,1,10.5,1,1100,1\n",
        ),
        (
            "ABC",
            "Ticker,ABC,ABC,ABC,ABC,ABC\nPrice,Open,High,Low,Close,Volume\nDate,,,,,\n2024-05-01,10,11,9,10.5,1000\n2024-05-02,10.5,11,10,10.8,1100\n",
        ),
        (
            "ABC",
            "Date,\"('Close', 'ABC')\",\"('High', 'ABC')\",\"('Low', 'ABC')\",\"('Open', 'ABC')\",\"('Volume', 'ABC')\"\n2024-05-01,10.5,11,9,10,1000\n2024-05-02,10.8,11,10,10.5,1100\n",
        ),
        (
            "NFLX",
            "Date,Close_AAPL,Close_NFLX,High_NFLX,Low_NFLX,Open_NFLX,Volume_NFLX\n2024-05-01,1,10.5,11,9,10,1000\n2024-05-02,1,10.8,11,10,10.5,1100\n",
        ),
        (
            "ABC",
            ",Open,High,Low,Close,Volume,Dividends,Stock Splits\n2024-05-01 00:00:00-04:00,10,11,9,10.5,1000,0,0\n2024-05-02 00:00:00-04:00,10.5,11,10,10.8,1100,0,0\n",
        ),
        // quantmod of R, with names of rows
        (
            "ABC",
            "\"ABC.Open\",\"ABC.High\",\"ABC.Low\",\"ABC.Close\",\"ABC.Volume\"\n\"2024-05-01\",10,11,9,10.5,1000\n\"2024-05-02\",10.5,11,10,10.8,1100\n",
        ),
        // Nasdaq.com: only its own order of day and month reads these dates
        (
            "ABC",
            "Date,Close/Last,Volume,Open,High,Low\n05/02/2024,$10.80,1100,$10.50,$11.00,$10.00\n05/01/2024,$10.50,1000,$10.00,$11.00,$9.00\n",
        ),
        // Investing.com
        (
            "ABC",
            "\"Date\",\"Price\",\"Open\",\"High\",\"Low\",\"Vol.\",\"Change %\"\n\"May 02, 2024\",\"10.80\",\"10.50\",\"11.00\",\"10.00\",\"1.10K\",\"0.10%\"\n\"May 01, 2024\",\"10.50\",\"10.00\",\"11.00\",\"9.00\",\"1.00K\",\"1.00%\"\n",
        ),
        (
            "ABC",
            "\"Datum\",\"Zuletzt\",\"Eröffn.\",\"Hoch\",\"Tief\",\"Vol.\",\"+/- %\"\n\"02.05.2024\",\"10,80\",\"10,50\",\"11,00\",\"10,00\",\"1,10K\",\"0,10%\"\n\"01.05.2024\",\"10,50\",\"10,00\",\"11,00\",\"9,00\",\"1,00K\",\"1,00%\"\n",
        ),
        (
            "ABC",
            "\"Date\",\"Dernier\",\"Ouv.\",\"Plus Haut\",\"Plus Bas\",\"Vol.\",\"Variation %\"\n\"02/05/2024\",\"10,80\",\"10,50\",\"11,00\",\"10,00\",\"1,10K\",\"0,10%\"\n\"01/05/2024\",\"10,50\",\"10,00\",\"11,00\",\"9,00\",\"1,00K\",\"1,00%\"\n",
        ),
        (
            "ABC",
            "\"日付け\",\"終値\",\"始値\",\"高値\",\"安値\",\"出来高\",\"変化率 %\"\n\"2024年05月02日\",\"10.80\",\"10.50\",\"11.00\",\"10.00\",\"1.10K\",\"0.10%\"\n\"2024年05月01日\",\"10.50\",\"10.00\",\"11.00\",\"9.00\",\"1.00K\",\"1.00%\"\n",
        ),
        // TradingView: epoch seconds of the opening, or ISO
        ("ABC", "time,open,high,low,close,Volume\n1714570200,10,11,9,10.5,1000\n1714656600,10.5,11,10,10.8,1100\n"),
        (
            "ABC",
            "time,open,high,low,close,Volume\n2024-05-01T13:30:00Z,10,11,9,10.5,1000\n2024-05-02T13:30:00Z,10.5,11,10,10.8,1100\n",
        ),
        // Stooq: Polish, and in bulk
        (
            "ABC",
            "Data,Otwarcie,Najwyzszy,Najnizszy,Zamkniecie,Wolumen\n2024-05-01,10,11,9,10.5,1000\n2024-05-02,10.5,11,10,10.8,1100\n",
        ),
        (
            "ABC",
            "<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>\nABC.US,D,20240501,000000,10,11,9,10.5,1000,0\nABC.US,D,20240502,000000,10.5,11,10,10.8,1100,0\n",
        ),
        // Alpha Vantage
        (
            "ABC",
            "date,1. open,2. high,3. low,4. close,5. volume\n2024-05-02,10.5,11,10,10.8,1100\n2024-05-01,10,11,9,10.5,1000\n",
        ),
        (
            "BTC-USD",
            ",1a. open (USD),2a. high (USD),3a. low (USD),4a. close (USD),5. volume,6. market cap (USD)\n2024-05-01,10,11,9,10.5,1000,1\n2024-05-02,10.5,11,10,10.8,1100,1\n",
        ),
        // Polygon: midnight in New York, in milliseconds
        ("ABC", "v,vw,o,c,h,l,t,n\n1000,10,10,10.5,11,9,1714536000000,5\n1100,10,10.5,10.8,11,10,1714622400000,5\n"),
        // MetaTrader: tabs with a header, and commas without one
        (
            "EURUSD",
            "<DATE>\t<TIME>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>\n2024.05.01\t00:00:00\t10\t11\t9\t10.5\t1000\n2024.05.02\t00:00:00\t10.5\t11\t10\t10.8\t1100\n",
        ),
        ("EURUSD", "2024.05.01,00:00,10,11,9,10.5,1000\n2024.05.02,00:00,10.5,11,10,10.8,1100\n"),
        // Binance: no header, milliseconds and then microseconds
        (
            "BTCUSDT",
            "1714521600000,10,11,9,10.5,1000,1714607999999,1,5,1,1,0\n1714608000000000,10.5,11,10,10.8,1100,1714694399999999,1,5,1,1,0\n",
        ),
        // CoinMarketCap and CryptoDataDownload
        (
            "BTC-USD",
            "timeOpen;timeClose;timeHigh;timeLow;name;open;high;low;close;volume;marketCap;timestamp\n\"2024-05-02T00:00:00.000Z\";\"2024-05-02T23:59:59.999Z\";\"2024-05-02T01:00:00.000Z\";\"2024-05-02T02:00:00.000Z\";\"2781\";10.5;11;10;10.8;1100;1;\"2024-05-02T23:59:59.999Z\"\n\"2024-05-01T00:00:00.000Z\";\"2024-05-01T23:59:59.999Z\";\"2024-05-01T01:00:00.000Z\";\"2024-05-01T02:00:00.000Z\";\"2781\";10;11;9;10.5;1000;1;\"2024-05-01T23:59:59.999Z\"\n",
        ),
        (
            "BTC-USD",
            "https://www.CryptoDataDownload.com\nunix,date,symbol,open,high,low,close,Volume BTC,Volume USD\n1714608000,2024-05-02 00:00:00,BTC/USD,10.5,11,10,10.8,1100,9\n1714521600,2024-05-01 00:00:00,BTC/USD,10,11,9,10.5,1000,9\n",
        ),
        // NSE India
        (
            "M&M.NS",
            "\"Date \",\"series \",\"OPEN \",\"HIGH \",\"LOW \",\"PREV. CLOSE \",\"ltp \",\"close \",\"vwap \",\"52W H\",\"52W L\",\"VOLUME \",\"VALUE \",\"No of trades \"\n\"02-May-2024\",\"EQ\",\"10.50\",\"11.00\",\"10.00\",\"10.50\",\"1\",\"10.80\",\"1\",\"20\",\"5\",\"1,100\",\"1\",\"1\"\n\"01-May-2024\",\"EQ\",\"10.00\",\"11.00\",\"9.00\",\"10.40\",\"1\",\"10.50\",\"1\",\"20\",\"5\",\"1,000\",\"1\",\"1\"\n",
        ),
        // WSJ, with two digits for the year, and MarketWatch with thousands
        (
            "ABC",
            "Date, Open, High, Low, Close, Volume\n05/02/24, 10.5, 11, 10, 10.8, 1100\n05/01/24, 10, 11, 9, 10.5, 1000\n04/30/24,,,,,\n",
        ),
        (
            "ABC",
            "Date,Open,High,Low,Close,Volume\n05/02/2024,10.5,11,10,10.8,\"1,100\"\n05/01/2024,10,11,9,10.5,\"1,000\"\n04/30/2024,null,null,null,null,null\n",
        ),
        // Kaggle
        (
            "AAL",
            "date,open,high,low,close,volume,Name\n2024-05-01,10,11,9,10.5,1000,AAL\n2024-05-02,10.5,11,10,10.8,1100,AAL\n2024-05-01,1,1,1,1,1,AAP\n",
        ),
        // What spreadsheets make of it
        (
            "ABC",
            "sep=;\nDatum;Open;High;Low;Close;Volume\n01.05.2024;10,00;11,00;9,00;10,50;1.000\n02.05.2024;10,50;11,00;10,00;10,80;1.100\n30.04.2024;;;;;\n",
        ),
        (
            "ABC",
            "Date\tOpen\tHigh\tLow\tClose\tVolume\n45413\t10\t11\t9\t10.5\t1000\n45414.0\t10.5\t11\t10\t10.8\t1100\n",
        ),
        (
            "ABC",
            "Date        Open   High  Low   Close  Volume\n2024-05-01  10     11    9     10.5   1000\n2024-05-02  10.5   11    10    10.8   1100\n",
        ),
        (
            "ABC",
            "Date|Open|High|Low|Close|Volume\n2018/02/05|1|1|1|1|\n2024/05/01|10|11|9|10.5|1000\n2024-5-2|10.5|11|10|10.8|1100\n",
        ),
        // Titles, notes, the header once more, blank lines
        (
            "ABC",
            "ABC Inc. daily prices\nSource: an exchange\n\nDate,Open,High,Low,Close,Volume\n2024-05-01,10,11,9,10.5,1000\nDate,Open,High,Low,Close,Volume\n2024-05-02,10.5,11,10,10.8,1100\n,,,,,\nData is provided as is.\n",
        ),
    ] {
        let options = ReadOptions { dates: text.contains("05/01/2").then_some(DateOrder::Mdy), ..options() };
        // Nasdaq.com needs no word.
        let options = if text.contains("Close/Last") { self::options() } else { options };
        let mut sourced = read_as(ticker, text, &options).unwrap_or_else(|error| panic!("{error}\n{text}"));
        sourced.bars = sourced.bars.between("2024-01-01".parse().ok(), None);
        is_the_same(&sourced, text);
    }
}

#[test]
fn what_was_understood_is_told() {
    let investing = read(
        "\"Date\",\"Price\",\"Open\",\"High\",\"Low\",\"Vol.\",\"Change %\"\n\"05/14/2024\",\"1,010.50\",\"1,000.00\",\"1,011.00\",\"999.00\",\"1.25M\",\"0.10%\"\n",
    );
    let understood = &investing.understood;
    assert_eq!(understood.source, "Investing.com");
    assert_eq!(understood.columns["close"], "Price");
    assert_eq!(understood.dates, "month, day, year");
    assert_eq!(understood.numbers, "decimal point, commas between thousands");
    assert_eq!(understood.unit, "prices as quoted; volume in shares or contracts, with K, M and B written out");
    assert_eq!(understood.adjustment, "none: there is no column of adjusted closes");
    assert_eq!((understood.frequency.as_str(), understood.calendar.as_str()), ("daily", "XNYS"));
    let json = serde_json::to_value(understood).unwrap();
    for key in ["columns", "dates", "numbers", "zone", "unit", "adjustment", "frequency"] {
        assert!(json.get(key).is_some(), "{key}");
    }
}

#[test]
fn the_whole_column_decides_the_order_of_day_and_month_or_asks() {
    let file = |days: &[&str]| {
        let rows = days.iter().map(|day| format!("{day},10,11,9,10.5,1000\n"));
        format!("Date,Open,High,Low,Close,Volume\n{}", rows.collect::<String>())
    };
    let first = |days: &[&str], options: &ReadOptions| {
        read_with(&file(days), options).map(|sourced| self::days(&sourced)[0].clone())
    };
    assert_eq!(first(&["01/02/2024", "13/02/2024"], &options()).unwrap(), "2024-02-01");
    assert_eq!(first(&["01/02/2024", "01/16/2024"], &options()).unwrap(), "2024-01-02");
    // One order runs one way, the other up and down.
    assert_eq!(first(&["12/01/2023", "01/02/2024", "02/01/2024"], &options()).unwrap(), "2023-12-01");
    let open = ["02/01/2024", "03/01/2024"];
    let asked = "bars.csv: the dates are written as `02/01/2024`, and the column does not tell day from month; set `dates` to dmy, \
                 mdy or ymd";
    assert_eq!(message(&file(&open)), asked);
    for (order, day) in [(DateOrder::Dmy, "2024-01-02"), (DateOrder::Mdy, "2024-02-01")] {
        assert_eq!(first(&open, &ReadOptions { dates: Some(order), ..options() }).unwrap(), day);
    }
    let neither = message(&file(&["13/02/2024", "02/13/2024"]));
    assert!(neither.contains("no order of day, month and year fits all of them"), "{neither}");
    let ymd = ReadOptions { dates: Some(DateOrder::Ymd), ..options() };
    assert_eq!(first(&["24-05-14", "24-05-15"], &ymd).unwrap(), "2024-05-14");
}

#[test]
fn numbers_that_can_be_read_in_two_ways_are_asked_for() {
    let file = "Date;Open;High;Low;Close\n2024-05-01;1,100;1,200;1,000;1,150\n2024-05-02;1,100;1,200;1,000;1,150\n";
    assert!(message(file).contains("may stand before decimals or between thousands, and no other number tells"));
    for (decimal, close) in [(Decimal::Comma, 1.15), (Decimal::Point, 1150.0)] {
        let read = read_with(file, &ReadOptions { decimal: Some(decimal), ..options() }).unwrap();
        assert_eq!(closes(&read), [close, close]);
    }
}

#[test]
fn without_a_column_of_volume_it_is_unknown() {
    let read = read("Date,Open,High,Low,Close\n2024-05-01,10,11,9,10.5\n2024-05-02,10,11,9,10.6\n");
    assert!(read.bars.iter().all(|bar| bar.volume == 0.0));
    let text = "no volume in any row, taken as unknown: all but volume is forecast";
    assert_eq!(read.quality.find(FindingKind::ZeroVolume).unwrap().text, text);
    assert_eq!(read.understood.unit, "prices as quoted; volume unknown, for there is no such column");
}

const HEADER: &str = "Date,Open,High,Low,Close,Volume\n";

#[test]
fn what_is_no_fault_of_the_prices_is_repaired_and_said() {
    let text = format!(
        "{HEADER}2024-05-01,10,10.499999999999998,9,10.5,1000\n2024-05-02,null,null,null,null,null\n2024-05-03,0,11,10,10.8,-\n\
         2024-05-06,0,0,0,10.9,0\n2024-05-07,10,11,9,10.5,N/A\n2024-05-08,10,11,9,10.5,1000\n2024-05-08,10,11,9,10.4,990\n"
    );
    let read = read(&text);
    let rows = read.bars.as_slice();
    assert_eq!(rows[0].high, 10.5);
    assert_eq!((rows[1].open, rows[1].volume), (10.5, 0.0));
    assert_eq!((rows[2].open, rows[2].high, rows[2].low), (10.9, 10.9, 10.9));
    assert_eq!((rows[4].close, rows[4].volume), (10.4, 990.0));
    let found: Vec<FindingKind> = read.quality.findings.iter().map(|finding| finding.kind).collect();
    use FindingKind::*;
    for kind in [Rounding, NoPrices, OpenUnknown, RangeUnknown, Revised, ZeroVolume, NoRange] {
        assert!(found.contains(&kind), "{kind:?}: {}", read.quality);
    }
}

#[test]
fn all_rows_that_break_a_rule_are_listed_at_once_and_one_switch_drops_them() {
    let bad: String = (1..=9).map(|day| format!("2024-04-{:02},10,9,8,10,1\n", day + 7)).collect();
    let text = format!(
        "{HEADER}2024-05-01,10,11,9,10.5,1000\n{bad}2024-05-02,10,11,ten,10.5,1000\n02/05/24x,10,11,9,10.5,1\n2024-05-03,-1,11,-2,10,1\n"
    );
    let message = message(&text);
    assert!(
        message.starts_with("bars.csv: 12 of 13 rows cannot be used: line 3: 2024-04-08: high 9 is under"),
        "{message}"
    );
    assert!(message.contains("; line 12: Low is `ten`, not a number; line 13: the date is `02/05/24x`"), "{message}");
    assert!(message.ends_with("correct or remove these rows, or set `drop_bad_rows`"), "{message}");
    let read = read_with(&text, &ReadOptions { drop_bad_rows: true, ..options() }).unwrap();
    assert_eq!((read.bars.len(), read.quality.rows_read), (1, 13));
    let dropped: usize = read.quality.findings.iter().filter(|f| f.kind == FindingKind::BadRows).map(|f| f.count).sum();
    assert_eq!(dropped, 12);
}

#[test]
fn every_remedy_that_a_message_names_works() {
    let text = "Date,Open,High,Low,Close,Adj Close,Volume\n2024-05-01,10,11,9,10.5,-2,1000\n2024-05-02,10.5,11,10,10.8,10.8,1100\n";
    let said = "bars.csv, line 2: 2024-05-01: Adj Close is -2, which is no price, and the rows before and after it share no \
                factor; `adjust` none reads the file without it; correct or remove this row, or set `drop_bad_rows`";
    assert_eq!(message(text), said);
    assert_eq!(closes(&read_with(text, &ReadOptions { adjust: Adjust::None, ..options() }).unwrap()), [10.5, 10.8]);
    assert_eq!(closes(&read_with(text, &ReadOptions { drop_bad_rows: true, ..options() }).unwrap()), [10.8]);
    let between = format!(
        "{}2024-05-03,10.5,11,10,10.8,0,1\n2024-05-06,10.5,11,10,10.9,10.9,1\n",
        text.replace(",-2,", ",10.5,")
    );
    let read = read_with(&between, &options()).unwrap();
    assert_eq!(closes(&read), [10.5, 10.8, 10.8, 10.9]);
    assert_eq!(read.quality.find(FindingKind::AdjustmentUnknown).unwrap().count, 1);
}

#[test]
fn days_that_are_midnights_in_utc_are_put_right_or_asked_for() {
    let text = format!(
        "{HEADER}2024-06-02 22:00:00,10,11,9,10.5,1000\n2024-06-03 22:00:00,10.5,11,10,10.8,1100\n2024-06-04 22:00:00,10.5,11,10,10.9,1100\n\
         2024-06-05 22:00:00,10.5,11,10,10.7,1100\n2024-06-06 22:00:00,10.5,11,10,10.6,1100\n"
    );
    let berlin = read_as("SAP.DE", &text, &options()).unwrap();
    assert_eq!((days(&berlin)[0].as_str(), days(&berlin)[4].as_str()), ("2024-06-03", "2024-06-07"));
    assert_eq!(berlin.quality.find(FindingKind::Zone).unwrap().count, 5);
    assert_eq!(berlin.understood.zone, "midnights of Europe/Berlin, written in UTC");
    for ticker in ["ABC", "MY_FUND"] {
        let error = read_as(ticker, &text, &options()).unwrap_err().to_string();
        assert!(
            error.contains("days run from Sunday to Thursday at 22:00")
                && error.ends_with("say the market by `calendar`"),
            "{error}"
        );
    }
    let said = ReadOptions { calendar: Some("XETR".parse().unwrap()), ..options() };
    assert_eq!(days(&read_as("MY_FUND", &text, &said).unwrap())[0], "2024-06-03");
    // Instants with a zone need no help, and currencies begin their day on the evening before.
    let instants = text.replace("22:00:00", "22:00:00Z");
    assert_eq!(days(&read_as("SAP.DE", &instants, &options()).unwrap())[0], "2024-06-03");
    assert_eq!(days(&read_as("EURUSD", &text, &options()).unwrap())[0], "2024-06-03");
}

#[test]
fn rows_of_another_week_stay_and_the_next_sessions_follow_it() {
    let text = format!(
        "{HEADER}2025-06-01,10,11,9,10.5,1000\n2025-06-03,10.5,11,10,10.8,1100\n2025-06-04,10.5,11,10,10.9,1100\n2025-06-05,10.5,11,10,10.7,1100\n\
         2025-06-08,10.5,11,10,10.6,1200\n"
    );
    for ticker in ["TEVA.TA", "COMI.CA", "MY_FUND"] {
        let read = read_as(ticker, &text, &options()).unwrap();
        assert_eq!(read.bars.len(), 5, "{ticker}");
        let next = read.bars.calendar().next_sessions("2025-06-12".parse().unwrap(), 1); // after a Thursday
        assert_eq!(next[0].date.to_string(), "2025-06-15", "{ticker}");
    }
    let error = read_as("ABC", &text, &options()).unwrap_err().to_string();
    assert!(
        error.contains("2 of 5 rows fall on days that XNYS is closed (Sunday 2025-06-01, Sunday 2025-06-08)"),
        "{error}"
    );
}

#[test]
fn coins_are_known_by_every_spelling() {
    let text = format!(
        "{HEADER}2025-02-13,10,11,9,10.5,1000\n2025-02-14,10.5,11,10,10.8,1100\n2025-02-15,10.8,12,10,11.8,1100\n2025-02-16,11.8,13,11,12.8,1100\n"
    );
    for ticker in ["BTC-USD", "BTCUSD", "BTCUSDT", "BTC-CAD"] {
        let read = read_as(ticker, &text, &options()).unwrap();
        assert_eq!((read.bars.len(), read.quality.findings.len()), (4, 0), "{ticker}");
    }
    let error = read_as("ABC", &text, &options()).unwrap_err().to_string();
    assert!(error.contains("trades on weekends, as coins do (the ticker was misread): say `calendar` 24/7"), "{error}");
    let said = ReadOptions { calendar: Some("24/7".parse().unwrap()), ..options() };
    assert_eq!(read_as("ABC", &text, &said).unwrap().bars.len(), 4);
}

#[test]
fn bars_that_are_not_daily_are_named_and_hours_are_folded() {
    let weekly = format!(
        "{HEADER}2024-04-22,10,11,9,10.5,1\n2024-04-29,10,11,9,10.5,2\n2024-05-06,10,11,9,10.5,3\n2024-05-13,10,11,9,10.5,4\n"
    );
    assert_eq!(message(&weekly), "bars.csv: rows are 7 days apart: weekly bars; daily ones are needed");
    let hours = |zone: &str| {
        let day = |day: u32| {
            let hour = |hour: u32| {
                format!("2024-05-{day:02} {hour:02}:30:00{zone},{hour},{},{},{}.5,10{day}\n", hour + 1, hour - 1, hour)
            };
            (7..=20).map(hour).collect::<String>()
        };
        format!("{HEADER}{}{}{}", day(1), day(2), day(3))
    };
    let said = "bars.csv: rows are 1 hour apart: hourly bars; daily ones are needed, and `fold` makes days of these";
    assert_eq!(message(&hours("")), said);
    let fold = ReadOptions { fold: true, ..options() };
    // From 09:30 to 16:00 in New York: the bar of 15:30 is the last.
    for (zone, open, close) in [("", 9.0, 15.5), ("-04:00", 9.0, 15.5), ("-05:00", 8.0, 14.5)] {
        let read = read_with(&hours(zone), &fold).unwrap();
        let bar = read.bars.as_slice()[0];
        assert_eq!((bar.open, bar.close, bar.high, bar.low), (open, close, close + 0.5, open - 1.0), "{zone}");
        assert_eq!(bar.volume, 707.0);
        assert_eq!(read.bars.len(), 3);
        assert_eq!(read.understood.frequency, "1 hour, folded to days");
    }
    let misread = read_with(&hours("+09:00"), &fold).unwrap_err().to_string();
    assert!(misread.contains("the times are of another zone or the series trades elsewhere"), "{misread}");
}

#[test]
fn several_series_in_one_file_are_named() {
    let both: String = (1..=9)
        .map(|day| format!("2024-05-{day:02},10,11,9,10.5,1000\n2024-05-{day:02},10,11,9,10.6,1000\n"))
        .collect();
    let error = read_as("BTC-USD", format!("{HEADER}{both}"), &options()).unwrap_err().to_string();
    assert!(error.contains("9 of 9 days have different rows, as where several series stand in one file"), "{error}");
    let named = "ticker,Date,Open,High,Low,Close,Volume\nAMZN,2024-05-01,1,1,1,1,1\nIBM,2024-05-01,1,1,1,1,1\n";
    assert_eq!(message(named), "bars.csv: no row of GOOG; the file has AMZN, IBM");
    let one = "ticker,Date,Open,High,Low,Close,Volume\nAMZN,2024-05-01,1,1,1,1,1\n";
    assert_eq!(message(one), "bars.csv: no row of GOOG; the file has AMZN");
    assert_eq!(read_with(one, &ReadOptions { any_series: true, ..options() }).unwrap().bars.len(), 1);
}

#[test]
fn what_is_no_table_is_named() {
    for (text, said) in [
        (
            "<!DOCTYPE html>\n<html><head><title>Sign in - Yahoo</title></head></html>",
            "bars.csv: HTML (its title is `Sign in - Yahoo`): a web page and not a table",
        ),
        (
            "{\"chart\":{\"result\":null,\"error\":{\"code\":\"Not Found\",\"description\":\"No data found\"}}}",
            "bars.csv: JSON that says `No data found`, and not a table",
        ),
        (
            "{\"Information\": \"our standard API rate limit is 25 requests per day\"}",
            "bars.csv: JSON that says `our standard API rate limit is 25 requests per day`",
        ),
        (
            "Exceeded the daily hits limit\n",
            "bars.csv: not a table but a message: `Exceeded the daily hits limit`; ask the source again later",
        ),
        ("No data", "bars.csv: not a table but a message: `No data`"),
    ] {
        assert!(message(text).starts_with(said), "{}", message(text));
    }
}

#[test]
fn a_last_row_times_a_hundred_is_refused() {
    let text = format!(
        "{HEADER}2024-05-01,10,11,9,10.5,1000\n2024-05-02,10.5,11,10,10.8,1100\n2024-05-03,1050,1100,1000,1080,1100\n"
    );
    let said = "bars.csv, line 4: 2024-05-03: the last close is 1080 after 10.8, about 100 times off, as where pence stand for pounds; \
                correct or remove this row, or set `drop_bad_rows`";
    assert_eq!(message(&text), said);
}
