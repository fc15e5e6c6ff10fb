//! `stockops check`.

use crate::place::Place;

#[test]
fn check_reports_what_is_in_a_file() {
    let place = Place::new();
    let file = place.bars("MSFT", 100);
    let json = place.json(&format!("check {file}"));
    assert_eq!((&json["rows"], &json["rows_read"], &json["rows_kept"]), (&100.into(), &100.into(), &100.into()));
    assert!(json["findings"].is_array());
    for key in ["columns", "dates", "numbers", "zone", "unit", "adjustment", "frequency"] {
        assert!(!json["understood"][key].is_null(), "{key}");
    }
    assert_eq!(json["understood"]["columns"]["close"], "Close");
    assert!(String::from_utf8(place.run(&format!("check {file}")).stdout).unwrap().contains("100"));
}

#[test]
fn what_a_file_leaves_open_is_asked_for_by_the_name_of_the_flag() {
    let place = Place::new();
    place.write("open.csv", b"Date,Open,High,Low,Close\n02/01/2024,10,11,9,10.5\n03/01/2024,10,11,9,10.6\n");
    let text = place.fails(2, "check open.csv --ticker GOOG");
    assert!(text.ends_with("set --dates to dmy, mdy or ymd"), "{text}");
    let json = place.json("check open.csv --ticker GOOG --dates dmy");
    assert_eq!((&json["first_day"], &json["understood"]["dates"]), (&"2024-01-02".into(), &"day, month, year".into()));
    place.write("bad.csv", b"Date,Open,High,Low,Close\n2024-01-02,10,11,9,10.5\n2024-01-03,10,9,9,10.6\n");
    assert!(place.fails(2, "check bad.csv").ends_with("correct or remove this row, or set --drop-bad-rows"));
    assert_eq!(place.json("check bad.csv --drop-bad-rows")["rows_kept"], 1);
    assert!(place.fails(2, "check bad.csv --calendar XXXX").contains("a code of a market such as XNYS"));
}

#[test]
fn bars_that_would_be_left_out_are_refused() {
    let place = Place::new();
    let (ibm, index) = (place.bars("IBM", 200), place.bars("^GSPC", 200));
    let text = place.fails(2, &format!("forecast IBM --bars {ibm} --bars {index}"));
    assert!(text.ends_with(&format!("got {index}, a second one of IBM")), "{text}");
    assert!(place.fails(2, &format!("demo --bars {ibm}")).contains("leave --bars and --source out"));
}

/// The name of the file says nothing, and a wrong ticker would have the sessions of another exchange.
#[test]
fn check_names_the_ticker_that_stands_in_the_file() {
    let place = Place::new();
    place.write(
        "prices.csv",
        b"Date,Symbol,Open,High,Low,Close\n2024-05-01,7203.T,1,1,1,1\n2024-05-02,7203.T,1,1,1,1\n",
    );
    let json = place.json("check prices.csv");
    assert_eq!((&json["ticker"], &json["understood"]["series"]), (&"7203.T".into(), &"7203.T".into()));
    assert_eq!(json["understood"]["calendar"], "XTKS");
    place.write("amzn.csv", b"Date,Name,Open,High,Low,Close\n2024-05-01,Amazon Inc,1,1,1,1\n");
    assert_eq!(place.json("check amzn.csv")["ticker"], "AMZN");
}
