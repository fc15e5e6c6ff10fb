//! A stranger who sends too much, too deep, too often.

use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::json;

use crate::played::{Answer, Call, Played, answer, json as json_answer, not_found};
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
    // What is said to be too long is not waited for.
    assert_eq!(announced(&server, "/bars/BOMB", 17 << 20), "HTTP/1.1 413");
    assert_eq!(announced(&server, "/predict-child", 2 << 20), "HTTP/1.1 413");
    assert_eq!(server.ask("POST", "/predict-child", None, Some("[".repeat(100_000).as_bytes())).status, 400);

    let many: Vec<String> = (0..200).map(|i| format!("T{i}")).collect();
    assert_eq!(server.get(&format!("/forecast?tickers={}", many.join(","))).status, 400);
    assert_eq!(server.get("/health").status, 200);
}

/// How an answer begins to a body of so many bytes, of which none is sent.
fn announced(server: &Server, path: &str, bytes: usize) -> String {
    let mut stream = TcpStream::connect(&server.address).unwrap();
    let kind = if path.starts_with("/bars") { "application/octet-stream" } else { "application/json" };
    let (host, head) = (&server.address, format!("Content-Type: {kind}\r\nContent-Length: {bytes}"));
    write!(stream, "POST {path} HTTP/1.1\r\nHost: {host}\r\n{head}\r\n\r\n").unwrap();
    let mut first = [0; 12];
    stream.read_exact(&mut first).unwrap();
    String::from_utf8_lossy(&first).into_owned()
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

/// Upstreams that are cut, huge, a page, no numbers, hostile in their words, or send elsewhere.
#[test]
fn what_an_upstream_sends_is_refused_and_repeated_to_nobody() {
    const SCRIPT: &str = "<script>alert('canary')</script><img src=http://127.0.0.1:9/canary>";
    let home = tempfile::tempdir().unwrap();
    let inside = Played::start(|_: &Call| answer(200, SCRIPT));
    let page = format!("<!DOCTYPE html><html>{SCRIPT}</html>");
    let nan = r#"{"chart": {"result": [{"meta": {"symbol": "NAN"}, "timestamp": [NaN]}], "error": null}}"#;
    let words = json!({"chart": {"result": null, "error": {"code": "Internal Server Error", "description": SCRIPT}}});
    let away = vec![("location", format!("{}/latest/meta-data?next=https://example.com/", inside.address))];
    let answers = [
        ("CUT", Answer { cut: Some(40), ..answer(200, page.clone()) }),
        ("HUGE", answer(200, vec![b' '; (32 << 20) + 1])),
        ("PAGE", answer(200, page)),
        ("NAN", answer(200, nan)),
        ("WORDS", json_answer(&words)),
        ("AWAY", Answer { headers: away, ..answer(302, "") }),
    ];
    let names = answers.each_ref().map(|(name, _)| *name);
    let upstream = Played::start(move |call: &Call| {
        answers.iter().find(|(name, _)| *name == call.ticker).map_or_else(not_found, |(_, answer)| answer.clone())
    });
    let address = format!("{}/", upstream.address);
    let server = Server::start(home.path(), "", &[("STOCKOPS_YAHOO_URL", address.as_str())]);
    for name in names {
        let refused = server.post("/predict-child", &json!({"ticker": name}));
        assert_eq!(refused.status, 502, "{name}: {}", refused.body);
        assert!(refused.json()["detail"].is_string(), "{name}: {}", refused.body);
        let page = server.get(&format!("/app?ticker={name}"));
        assert_eq!(page.status, 200, "{name}");
        for answer in [refused, page] {
            for hidden in ["canary", "<img", upstream.address.as_str()] {
                assert!(!answer.body.contains(hidden), "{name}: {}", answer.body);
            }
        }
    }
    assert_eq!(server.post("/analyze", &json!({"ticker": "WORDS"})).status, 502);
    assert!(inside.calls().is_empty(), "nobody is sent to another place of this machine");
    assert_eq!(server.get("/health").status, 200);
}
