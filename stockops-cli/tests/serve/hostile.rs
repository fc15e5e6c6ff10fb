//! A stranger who sends too much, too deep, too often, and sources that send others elsewhere.

use std::io::Write;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;

use crate::played::{Answer, Played, answer};
use crate::server::Server;

#[test]
fn what_is_too_much_is_refused_and_the_server_goes_on() {
    let home = tempfile::tempdir().unwrap();
    let server = Server::start(home.path(), "--source builtin --workers 0", &[]);
    let row = "2024-05-01,10,11,9,10.5,1000\n";
    let mut bomb = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    bomb.write_all(b"Date,Open,High,Low,Close,Volume\n").unwrap();
    for _ in 0..100 {
        bomb.write_all(row.repeat(30_000).as_bytes()).unwrap();
    }
    let bomb = bomb.finish().unwrap();
    assert!(bomb.len() < 1 << 20);
    let sent = server.ask("POST", "/bars/BOMB", None, Some(&bomb));
    assert!(sent.status == 422 && sent.body.contains("once it is unpacked"), "{} {}", sent.status, sent.body);
    assert_eq!(server.ask("POST", "/bars/BOMB", None, Some(&vec![b'x'; 17 << 20])).status, 413);
    assert_eq!(server.ask("POST", "/predict-child", None, Some(&vec![b'x'; 2 << 20])).status, 413);
    assert_eq!(server.ask("POST", "/predict-child", None, Some("[".repeat(100_000).as_bytes())).status, 400);

    let many: Vec<String> = (0..200).map(|i| format!("T{i}")).collect();
    assert_eq!(server.get(&format!("/forecast?tickers={}", many.join(","))).status, 400);
    assert_eq!(server.get("/health").status, 200);
}

#[test]
fn a_flood_of_trainings_waits_and_hears_how_long() {
    let home = tempfile::tempdir().unwrap();
    let server = Server::start(home.path(), "--source builtin --workers 0", &[]);
    let mut last = None;
    for _ in 0..6 {
        let begun = server.post("/train-child", &json!({"ticker": "AMZN"}));
        // Each is cancelled, so that the next is another one.
        if begun.status == 200 {
            let task = begun.json()["task_id"].as_str().unwrap().to_owned();
            server.ask("DELETE", &format!("/jobs/{task}"), None, None);
        }
        last = Some(begun);
    }
    let last = last.unwrap();
    assert_eq!(last.status, 429, "{}", last.body);
    assert!(last.header("retry-after").unwrap().parse::<u64>().unwrap() > 60);
    // Another ticker is not concerned, and what is under way costs nothing.
    for _ in 0..10 {
        assert_eq!(server.post("/train-child", &json!({"ticker": "MSFT"})).status, 200);
    }
}

#[test]
fn a_source_that_sends_us_elsewhere_is_not_followed() {
    let canary = TcpListener::bind("127.0.0.1:0").unwrap();
    let (address, hits) = (canary.local_addr().unwrap(), Arc::new(AtomicUsize::new(0)));
    let counted = Arc::clone(&hits);
    std::thread::spawn(move || {
        for _ in canary.incoming() {
            counted.fetch_add(1, Ordering::SeqCst);
        }
    });
    let elsewhere = format!("http://{address}/");
    let yahoo = Played::start(move |_| Answer { headers: vec![("location", elsewhere.clone())], ..answer(302, "") });
    let home = tempfile::tempdir().unwrap();
    let at = format!("{}/", yahoo.address);
    let server = Server::start(home.path(), "", &[("STOCKOPS_YAHOO_URL", at.as_str())]);
    let asked = server.post("/predict-child", &json!({"ticker": "GOOG"}));
    assert!((400..600).contains(&asked.status), "{} {}", asked.status, asked.body);
    assert!(!asked.body.contains(&address.to_string()), "{}", asked.body);
    assert!(!yahoo.calls().is_empty());
    assert_eq!(hits.load(Ordering::SeqCst), 0);
}
