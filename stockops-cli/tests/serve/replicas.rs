//! Several servers on one Redis and one home: `tests/server.sh`.

use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::json;

use crate::server::Server;

/// A `redis-server` on a free port, killed when it is dropped.
struct Redis {
    process: Child,
    url: String,
}

impl Redis {
    fn start() -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string();
        let words = ["--port", &port, "--save", "", "--appendonly", "no"];
        let process = Command::new("redis-server").args(words).stdout(Stdio::null()).spawn().unwrap();
        while TcpStream::connect(format!("127.0.0.1:{port}")).is_err() {
            std::thread::sleep(Duration::from_millis(20));
        }
        Self { process, url: format!("redis://127.0.0.1:{port}") }
    }

    fn signal(&self, name: &str) {
        assert!(Command::new("kill").args([name, &self.process.id().to_string()]).status().unwrap().success());
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
#[ignore = "it needs redis-server: tests/server.sh"]
fn one_training_over_three_servers_and_another_goes_on_where_one_is_killed() {
    let (home, redis) = (tempfile::tempdir().unwrap(), Redis::start());
    let words = format!("--source builtin --no-limits --redis {}", redis.url);
    // Only the first trains at first.
    let first = Server::start(home.path(), &words, &[]);
    let asking = Server::start(home.path(), &format!("{words} --workers 0"), &[]);
    let child = json!({"ticker": "AMZN"});
    let task = asking.post("/train-child", &child).json()["task_id"].as_str().unwrap().to_owned();
    assert_eq!(first.post("/train-child", &child).json()["task_id"], task.as_str());
    // Events are the same wherever one asks.
    asking.events(&task, 0, |kind| kind == "batch" || kind == "epoch");
    let other = Server::start(home.path(), &words, &[]);
    first.kill();
    let status = asking.ended(&task);
    assert_eq!(status["status"], "completed", "{status}");
    assert_eq!(other.get("/models/AMZN").json()["versions"].as_array().unwrap().len(), 1);

    let predicted = |server: &Server| server.post("/predict-child", &child).json()["result"]["predictions"].clone();
    let kept = predicted(&other);
    assert_eq!(predicted(&asking), kept);
    assert_eq!(other.get("/readyz").json()["parts"]["redis"], "up");
    // Redis hangs: answers go on, and what was kept is computed again.
    redis.signal("-STOP");
    assert_eq!(predicted(&asking), kept);
    assert_eq!(asking.get("/readyz").json()["parts"]["redis"], "down");
    redis.signal("-CONT");
    assert_eq!(predicted(&other), kept);
}
