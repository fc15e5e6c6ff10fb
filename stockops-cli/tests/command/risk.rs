//! `stockops risk`.

use serde_json::Value;

use crate::place::{Place, shipped};

#[test]
fn risk_states_losses_and_levels_and_how_such_statements_were_kept() {
    let place = Place::new();
    let file = place.bars("MSFT", 400);
    let json = place.json(&format!("risk msft --bars {file} --level 200 --level 250.5 --horizon 3 --out said"));
    assert_eq!((&json["ticker"], &json["model_version"]), (&Value::from("MSFT"), &Value::from("^GSPC@0")));
    for key in ["value_at_risk", "expected_shortfall"] {
        let levels = json[key].as_object().unwrap();
        assert_eq!(levels.keys().collect::<Vec<_>>(), ["95", "99"], "{key}");
        assert_eq!(levels["99"].as_object().unwrap().keys().collect::<Vec<_>>(), ["h1", "h2", "h3"], "{key}");
    }
    for key in ["close_above", "close_below", "touch"] {
        assert!(json["probability"][key]["250.5"]["h3"].is_f64() && json["probability"][key]["200"]["h1"].is_f64());
    }
    for key in ["expected_high", "expected_low"] {
        assert!(json[key]["h3"].as_f64() > Some(0.0), "{key}");
    }
    assert!(json["skill"]["h1"]["tail"]["99"]["value_at_risk"]["kupiec_p"].is_f64(), "{}", json["skill"]);
    let read = |name: &str| std::fs::read_to_string(place.path().join("said").join(name)).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&read("risk.json")).unwrap(), json);
    assert!(read("risk.svg").contains("250.50: touched") && read("risk.html").contains("<svg"));

    let text = String::from_utf8(place.run(&format!("risk MSFT --bars {file}")).stdout).unwrap();
    assert!(
        text.starts_with("MSFT after 2021-03-31") && text.contains("\nWith 99 % probability no more than "),
        "{text}"
    );
    let judged: Vec<&String> = json["skill"].as_object().unwrap().keys().collect();
    assert_eq!(judged, ["h1", "h2", "h3"]);
    let beyond = place.fails(2, &format!("risk MSFT --bars {file} --horizon 6"));
    assert!(beyond.starts_with("`horizon` must be a session that is forecast, got 6"), "{beyond}");
    let level = place.fails(2, &format!("risk MSFT --bars {file} --level -5"));
    assert!(level.starts_with("`level` must be a price above 0, got -5"), "{level}");
    assert!(place.fails(2, "risk").starts_with("name a ticker, or a portfolio with --portfolio FILE"));
}

#[test]
fn a_portfolio_states_the_whole_and_the_part_of_each_position() {
    let place = Place::new();
    // The shipped bars of MSFT end later.
    let amzn = shipped("AMZN", 900);
    place.write_bars("msft.csv", &shipped("MSFT", 1100).between(None, amzn.last_day()));
    place.write_bars("amzn.csv", &amzn);
    let bars = "--bars MSFT=msft.csv --bars AMZN=amzn.csv";
    place.write("mine.csv", b"ticker,shares\nMSFT,10\nAMZN,-1\n");
    let json = place.json(&format!("risk --portfolio mine.csv {bars}"));
    let positions = json["positions"].as_array().unwrap();
    assert_eq!((positions.len(), &json["holding"]), (2, &Value::from("shares")));
    let number = |value: &Value| value.as_f64().unwrap();
    for level in ["95", "99"] {
        for horizon in ["h1", "h5"] {
            let whole = number(&json["expected_shortfall"][level][horizon]);
            let parts: f64 = positions.iter().map(|one| number(&one["expected_shortfall"][level][horizon])).sum();
            assert!((parts - whole).abs() < 1e-9 * whole.abs(), "{parts} {whole}");
            assert!(whole >= number(&json["value_at_risk"][level][horizon]));
        }
    }
    assert!(json["skill"]["h1"]["99"]["value_at_risk"]["kupiec_p"].is_f64(), "{}", json["skill"]);
    let text = String::from_utf8(place.run(&format!("risk --portfolio mine.csv {bars}")).stdout).unwrap();
    assert!(text.starts_with("2 positions after ") && text.contains("\nnote: MSFT: "), "{text}");

    place.write("bad.csv", b"ticker,weight\nMSFT,much\n");
    let bad = place.fails(2, &format!("risk --portfolio bad.csv {bars}"));
    assert!(bad.starts_with("bad.csv: `portfolio` must be rows of `ticker` and either"), "{bad}");
    place.write("other.csv", b"ticker,weight\nIBM,1\n");
    assert!(place.fails(2, &format!("risk --portfolio other.csv {bars}")).starts_with("no file named IBM"));
    assert!(place.fails(2, "risk MSFT --portfolio mine.csv").contains("cannot be used with"));
}

#[test]
fn a_portfolio_of_other_years_or_currencies_is_refused() {
    let place = Place::new();
    let amzn = shipped("AMZN", 900);
    let msft = shipped("MSFT", 1100).between(None, amzn.last_day());
    let early = amzn.between(None, msft.last_day().map(|day| day - chrono::Days::new(800)));
    place.write_bars("msft.csv", &msft);
    place.write_bars("early.csv", &early);
    place.write("mine.csv", b"ticker,weight\nMSFT,0.5\nAMZN,0.5\n");
    let text = place.fails(2, "risk --portfolio mine.csv --bars MSFT=msft.csv --bars AMZN=early.csv");
    assert!(text.contains("`portfolio` must be of bars that end within a month of each other"), "{text}");

    let priced = |name: &str, sign: &str, bars: &stockops_core::Bars| {
        let rows = bars.iter().map(|bar| {
            let price = |price: f64| format!("{sign}{price}");
            format!(
                "{},{},{},{},{},{}\n",
                bar.date,
                price(bar.open),
                price(bar.high),
                price(bar.low),
                price(bar.close),
                bar.volume
            )
        });
        place.write(name, format!("Date,Open,High,Low,Close,Volume\n{}", rows.collect::<String>()).as_bytes());
    };
    priced("dollars.csv", "$", &msft);
    priced("pounds.csv", "£", &amzn);
    let bars = "--bars MSFT=dollars.csv --bars AMZN=pounds.csv";
    place.write("shares.csv", b"ticker,shares\nMSFT,1\nAMZN,1\n");
    let text = place.fails(2, &format!("risk --portfolio shares.csv {bars}"));
    assert!(text.ends_with("got shares with prices in $, prices in £"), "{text}");
    let notes = place.json(&format!("risk --portfolio mine.csv {bars}"))["notes"].to_string();
    assert!(notes.contains("exchange rates are not looked at, and there are prices in $, prices in £"), "{notes}");
}
