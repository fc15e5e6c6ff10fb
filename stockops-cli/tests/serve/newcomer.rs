//! A newcomer: an empty home, bars from Yahoo and from a file, a training that a kill interrupts, a forecast, a page, a report, drift, a
//! restart.

use chrono::{DateTime, Days, TimeDelta, Timelike, Utc};
use serde_json::json;
use stockops_core::{Calendar, Ticker};

use crate::played::{Call, Played, Stock, json as json_answer, not_found};
use crate::server::Server;

/// Yahoo with 400 sessions of one stock up to the last one that is over.
fn yahoo() -> Played {
    let now: DateTime<Utc> = std::time::SystemTime::now().into();
    let begin = now.date_naive() - Days::new(650);
    let mut sessions = Calendar::of(&Ticker::new("GOOGL").unwrap()).next_sessions(begin, 500);
    sessions.retain(|session| session.close_utc + TimeDelta::minutes(20) <= now);
    let mut stock = Stock::new("GOOGL", sessions.iter().map(|session| session.date));
    stock.hours.1 = sessions.last().unwrap().close_utc.num_seconds_from_midnight().into();
    Played::start(move |call: &Call| match call.ticker.as_str() {
        "GOOGL" => json_answer(&stock.chart(call.from)),
        _ => not_found(),
    })
}

#[test]
fn from_an_empty_home_through_a_kill_to_a_page_and_the_same_answer_after_a_restart() {
    let home = tempfile::tempdir().unwrap();
    let yahoo = yahoo();
    let address = format!("{}/", yahoo.address);
    let variables = [("STOCKOPS_YAHOO_URL", address.as_str())];
    let server = Server::start(home.path(), "", &variables);

    let first = server.post("/predict-child", &json!({"ticker": "googl"}));
    assert_eq!(first.status, 202, "{}", first.body);
    let task = first.json()["task_id"].as_str().unwrap().to_owned();
    assert_eq!(first.json()["status"], "training");
    // However many ask, it is one task.
    assert_eq!(server.post("/train-child", &json!({"ticker": "GOOGL"})).json()["task_id"], task.as_str());

    // The machine goes down in the middle of the training. The next server takes it up.
    server.events(&task, 0, |kind| kind == "batch" || kind == "epoch");
    server.kill();
    let server = Server::start(home.path(), "", &variables);

    let told = server.events(&task, 0, |_| false);
    assert!(told.iter().any(|(_, kind, _)| kind == "epoch"), "{told:?}");
    let (half, last) = (told[told.len() / 2].0, told.last().unwrap());
    assert_eq!(last.2["body"]["state"], "done");
    // Whoever comes back hears the rest, and only that.
    let rest = server.events(&task, half, |_| false);
    assert!(rest.iter().all(|(number, ..)| *number > half) && rest.last().unwrap().0 == last.0);

    let status = server.ended(&task);
    assert_eq!((&status["status"], &status["result"]["ticker"]), (&json!("completed"), &json!("GOOGL")));
    assert!(status["result"]["run_id"].is_string() && status["completed_at"].is_string());

    let predicted = server.post("/predict-child", &json!({"ticker": "GOOGL"}));
    assert_eq!(predicted.status, 200, "{}", predicted.body);
    let forecast = predicted.json()["result"].clone();
    assert_eq!(forecast["model_version"], "GOOGL@1", "the interrupted training left no version");
    assert_eq!(forecast["next_business_days"].as_array().unwrap().len(), 5);
    // The same again is kept, and a browser that has it is told so.
    let tag = predicted.header("etag").unwrap();
    let again = server.send(
        "POST",
        "/predict-child",
        &[("content-type", "application/json"), ("if-none-match", tag)],
        None,
        Some(br#"{"ticker": "GOOGL"}"#),
    );
    assert_eq!((again.status, again.body.as_str()), (304, ""));

    let page = server.get("/app?ticker=GOOGL");
    assert!(page.body.contains("<svg") && page.body.contains("GOOGL"), "{}", page.body);
    assert!(page.header("content-security-policy").unwrap().contains("script-src 'self'"));
    let report = server.post("/analyze", &json!({"ticker": "GOOGL", "use_fmi": false, "thread_id": null}));
    assert_eq!(report.status, 200, "{}", report.body);
    for key in
        ["messages", "predictions", "news_sentiment", "final_report", "recommendation", "confidence", "last_price"]
    {
        assert!(!report.json()[key].is_null(), "{key}");
    }
    let monitored = server.post("/monitor/GOOGL", &json!({}));
    assert_eq!(monitored.status, 200, "{}", monitored.body);
    assert_eq!(monitored.json()["is_parent"], false);
    let links = &monitored.json()["links"];
    assert_eq!(server.get(links["get_drift_json"].as_str().unwrap()).json()["ticker"], "GOOGL");
    assert_eq!(server.get(links["get_eval_json"].as_str().unwrap()).status, 200);
    assert!(server.get("/metrics").body.contains("prediction_total"));
    assert!(server.stop().success());

    let server = Server::start(home.path(), "", &variables);
    let after = server.post("/predict-child", &json!({"ticker": "GOOGL"})).json()["result"].clone();
    assert_eq!((&after["predictions"], &after["intervals"]), (&forecast["predictions"], &forecast["intervals"]));
}

#[test]
fn a_file_of_bars_is_taken_told_about_and_forecast() {
    let home = tempfile::tempdir().unwrap();
    let server = Server::start(home.path(), "--source files --calendar 24/7", &[]);
    assert_eq!(server.post("/predict-child", &json!({"ticker": "MINE"})).status, 404);
    let mut csv = "Date;Open;High;Low;Close;Volume\n".to_owned();
    for (day, close) in
        (0..300_u64).map(|i| (chrono::NaiveDate::default() + Days::new(14_000 + i), 100.0 + (i % 17) as f64))
    {
        csv += &format!("{};{close},0;{},0;{},0;{close},5;1000\n", day.format("%d.%m.%Y"), close + 1.0, close - 1.0);
    }
    let sent = server.ask("POST", "/bars/MINE?name=..%2Fmine.csv", None, Some(csv.as_bytes()));
    assert_eq!(sent.status, 200, "{}", sent.body);
    let checked = sent.json();
    assert_eq!((&checked["rows_kept"], &checked["understood"]["numbers"]), (&json!(300), &json!("decimal comma")));
    assert_eq!(server.get("/bars/MINE?days=2").json()["bars"].as_array().unwrap().len(), 2);
    let forecasts = server.get("/forecast?tickers=MINE,NOPE").json();
    assert_eq!(forecasts["forecasts"][0]["ticker"], "MINE");
    assert_eq!(forecasts["failed"][0]["ticker"], "NOPE");

    let refused = server.ask("POST", "/bars/MINE?name=bad.csv", None, Some(b"Date,Open\n1,2\n"));
    assert_eq!(refused.status, 422, "{}", refused.body);
    assert!(refused.json()["detail"].is_string());
    assert_eq!(server.get("/bars/MINE?days=300").json()["bars"].as_array().unwrap().len(), 300);
}
