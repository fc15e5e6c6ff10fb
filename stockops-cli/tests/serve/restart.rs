//! A server that is killed in the middle of a training, and one that is stopped while streams are open.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::server::Server;

#[test]
fn a_training_survives_a_kill_and_makes_one_version() {
    let home = tempfile::tempdir().unwrap();
    let server = Server::start(home.path(), "--source builtin --no-limits", &[]);
    let task = server.post("/train-child", &json!({"ticker": "AMZN"})).json()["task_id"].as_str().unwrap().to_owned();
    server.events(&task, 0, |kind| kind == "batch" || kind == "epoch");
    server.kill();

    let server = Server::start(home.path(), "--source builtin --no-limits", &[]);
    let status = server.ended(&task);
    assert_eq!(status["status"], "completed", "{status}");
    let models = server.get("/models/AMZN").json();
    assert_eq!(models["versions"].as_array().unwrap().len(), 1, "{models}");
    assert_eq!(server.post("/train-child", &json!({"ticker": "AMZN"})).json()["status"], "completed");
    assert_eq!(server.post("/predict-child", &json!({"ticker": "AMZN"})).json()["result"]["model_version"], "AMZN@1");
}

#[test]
fn open_streams_do_not_hold_up_the_end() {
    let home = tempfile::tempdir().unwrap();
    let server = Server::start(home.path(), "--source builtin --workers 0", &[]);
    let task = server.post("/train-child", &json!({"ticker": "AMZN"})).json()["task_id"].as_str().unwrap().to_owned();
    let (address, path) = (server.address.clone(), format!("/events/{task}"));
    let streams: Vec<TcpStream> = (0..10)
        .map(|_| {
            let mut stream = TcpStream::connect(&address).unwrap();
            write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\n\r\n").unwrap();
            let mut first = [0; 12];
            stream.read_exact(&mut first).unwrap();
            assert_eq!(&first, b"HTTP/1.1 200");
            stream
        })
        .collect();
    let begun = Instant::now();
    assert!(server.stop().success());
    // Ten seconds for open answers, and as long for jobs.
    assert!(begun.elapsed() < Duration::from_secs(40), "{:?}", begun.elapsed());
    drop(streams);
}
