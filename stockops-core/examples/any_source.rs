//! Any other source in twenty lines: bars from a web service that answers with CSV.
//!
//! `cargo run --release --example any_source --features network`

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;

use stockops_core::error::Trouble;
use stockops_core::source::{ReadOptions, builtin_bars, text_bars};
use stockops_core::{BarSource, Error, Result, Sourced, Stockops, Ticker};

/// A shop whose address gives `TICKER.csv`.
struct Shop {
    address: String,
}

impl BarSource for Shop {
    fn bars(&self, ticker: &Ticker) -> Result<Sourced> {
        let asked = ureq::get(format!("{}/{ticker}.csv", self.address)).call();
        let answer = asked.and_then(|mut answer| answer.body_mut().read_to_vec()).map_err(|error| match error {
            ureq::Error::StatusCode(404) => Error::NotFound {
                kind: "ticker in the shop",
                name: ticker.to_string(),
                hint: "look at its list".into(),
            },
            other => Error::Network {
                source_name: "the shop".into(),
                trouble: Trouble::Offline { problem: other.to_string() },
            },
        })?;
        text_bars("the answer of the shop", answer, ticker, &ReadOptions::default())
    }
}

/// Forecast with it: files, Yahoo or a shop, the rest is the same.
pub(crate) fn main() -> Result<()> {
    let stockops = Stockops::builder().source(Shop { address: played()? }).build()?;
    let forecast = stockops.forecast(&Ticker::new("IBM")?)?;
    println!("IBM after {}: close {:.2} next", forecast.last_date, forecast.predictions.next_day.close);
    let missing = stockops.forecast(&Ticker::new("NONE")?).unwrap_err();
    println!("{missing}");
    Ok(())
}

/// A shop on this machine that has the bars of IBM.
fn played() -> Result<String> {
    let bars = builtin_bars(&Ticker::new("IBM")?)?.bars.last(120);
    let row = |b: &stockops_core::Bar| format!("{},{},{},{},{},{}\n", b.date, b.open, b.high, b.low, b.close, b.volume);
    let csv: String = "Date,Open,High,Low,Close,Volume\n".to_owned() + &bars.iter().map(row).collect::<String>();
    let here = |source| Error::Storage { action: "listen at", path: "127.0.0.1".into(), source };
    let listener = TcpListener::bind("127.0.0.1:0").map_err(here)?;
    let address = format!("http://{}", listener.local_addr().map_err(here)?);
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut request = String::new();
            let mut lines = BufReader::new(stream.try_clone().expect("a socket has two ends"));
            while lines.read_line(&mut request).is_ok_and(|read| read > 2) {}
            let (status, body) =
                if request.contains("/IBM.csv") { ("200 OK", csv.as_str()) } else { ("404 Not Found", "") };
            let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
            let _ = stream.write_all((head + body).as_bytes());
        }
    });
    Ok(address)
}
