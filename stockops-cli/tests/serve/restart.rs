//! A server that is killed in the middle of a training, and one that is stopped while streams are open.

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
    std::thread::scope(|scope| {
        for _ in 0..10 {
            // A stream that is cut is no failure here.
            scope.spawn(|| {
                std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| server.events(&task, 0, |_| false)))
            });
        }
        std::thread::sleep(Duration::from_secs(1));
        let begun = Instant::now();
        server.signal("-TERM");
        while std::net::TcpStream::connect(&server.address).is_ok() {
            assert!(begun.elapsed() < Duration::from_secs(30));
            std::thread::sleep(Duration::from_millis(50));
        }
    });
}
