//! Several servers on one Redis and one home: `tests/server.sh`.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, RwLock};
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
    let ready = asking.get("/readyz");
    assert_eq!(ready.json()["parts"]["redis"], "down");
    assert_eq!(ready.status, 200, "a balancer that left it out would leave out every server");
    redis.signal("-CONT");
    assert_eq!(predicted(&other), kept);
}

#[test]
#[ignore = "it needs redis-server: tests/server.sh"]
fn who_serves_leaves_work_to_who_works_and_who_works_answers_probes_alone() {
    let (home, redis) = (tempfile::tempdir().unwrap(), Redis::start());
    let words = format!("--source builtin --no-limits --redis {}", redis.url);
    let serving = Server::start(home.path(), &format!("{words} --role serve"), &[]);
    let child = json!({"ticker": "AMZN"});
    let task = serving.post("/train-child", &child).json()["task_id"].as_str().unwrap().to_owned();
    let working = Server::start(home.path(), &words, &[("STOCKOPS_ROLE", "work")]);
    let status = serving.ended(&task);
    assert_eq!(status["status"], "completed", "{status}");
    for path in ["/livez", "/readyz", "/metrics"] {
        assert_eq!(working.get(path).status, 200, "{path}");
    }
    for path in ["/", "/models", "/forecast?tickers=AMZN", "/openapi.json", "/app"] {
        assert_eq!(working.get(path).status, 404, "{path}");
    }
    assert_eq!(working.post("/train-child", &child).status, 404);
    let workers = |server: &Server| {
        server.get("/metrics").body.lines().find_map(|line| line.strip_prefix("stockops_workers ").map(str::to_owned))
    };
    assert_eq!(workers(&serving).as_deref(), Some("0"));
    assert!(workers(&working).is_some_and(|count| count != "0"));
}

/// Behind a balancer a server hears no new request for a moment before it is told to end.
const DEREGISTERED: Duration = Duration::from_millis(300);

/// Ends the load, also where an assertion fails.
struct SetAtEnd<'a>(&'a AtomicBool);

impl Drop for SetAtEnd<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
#[ignore = "it needs redis-server: tests/server.sh"]
fn a_rolling_restart_under_load_fails_no_request() {
    let (home, redis) = (tempfile::tempdir().unwrap(), Redis::start());
    let words = format!("--source builtin --no-limits --redis {}", redis.url);
    let start = || Arc::new(Server::start(home.path(), &words, &[]));
    let servers = RwLock::new(vec![start(), start(), start()]);
    let (is_over, asked) = (AtomicBool::new(false), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    let place = asked.fetch_add(1, Ordering::Relaxed) % 3;
                    let server = Arc::clone(&servers.read().unwrap()[place]);
                    let answer = server.get("/forecast?tickers=AMZN");
                    assert_eq!(answer.status, 200, "{}", answer.body);
                }
            });
        }
        let _over = SetAtEnd(&is_over);
        for (place, ticker) in ["MSFT", "GOOGL", "IBM"].iter().enumerate() {
            let new = start();
            let old = std::mem::replace(&mut servers.write().unwrap()[place], new);
            std::thread::sleep(DEREGISTERED);
            // What is under way when it is told to end is still answered.
            let under_way = scope.spawn({
                let old = Arc::clone(&old);
                move || old.get(&format!("/risk/{ticker}")).status
            });
            std::thread::sleep(Duration::from_millis(50));
            old.signal("-TERM");
            assert_eq!(under_way.join().unwrap(), 200);
            let old = Arc::into_inner(old).expect("nobody asks it any more");
            assert!(old.stop().success());
        }
    });
    assert!(asked.into_inner() > 30, "there was load");
}

/// A way to Redis that can be cut: what is sent is then swallowed, as by a network that is parted.
struct Way {
    url: String,
    is_cut: Arc<AtomicBool>,
}

impl Way {
    fn to(redis: &Redis) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("redis://{}", listener.local_addr().unwrap());
        let (target, is_cut) = (redis.url.trim_start_matches("redis://").to_owned(), Arc::new(AtomicBool::new(false)));
        let cut = Arc::clone(&is_cut);
        std::thread::spawn(move || {
            for near in listener.incoming().map_while(Result::ok) {
                let Ok(far) = TcpStream::connect(&target) else { continue };
                for (from, to) in [(near.try_clone(), far.try_clone()), (Ok(far), Ok(near))] {
                    let cut = Arc::clone(&cut);
                    std::thread::spawn(move || carry(from.unwrap(), to.unwrap(), &cut));
                }
            }
        });
        Self { url, is_cut }
    }
}

fn carry(mut from: TcpStream, mut to: TcpStream, is_cut: &AtomicBool) {
    let mut bytes = [0; 4096];
    while let Ok(read @ 1..) = from.read(&mut bytes) {
        if !is_cut.load(Ordering::Relaxed) && to.write_all(&bytes[..read]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(std::net::Shutdown::Both);
}

#[test]
#[ignore = "it needs redis-server: tests/server.sh"]
fn a_server_that_is_parted_from_redis_answers_on_and_its_training_is_kept_once() {
    let (home, redis) = (tempfile::tempdir().unwrap(), Redis::start());
    let way = Way::to(&redis);
    let words = "--source builtin --no-limits --redis";
    let parted = Server::start(home.path(), &format!("{words} {}", way.url), &[]);
    let child = json!({"ticker": "AMZN"});
    let task = parted.post("/train-child", &child).json()["task_id"].as_str().unwrap().to_owned();
    parted.events(&task, 0, |kind| kind == "batch" || kind == "epoch");
    let other = Server::start(home.path(), &format!("{words} {}", redis.url), &[]);
    way.is_cut.store(true, Ordering::Relaxed);
    // It computes what it cannot look up, and says what is wrong.
    assert_eq!(parted.get("/forecast?tickers=MSFT").status, 200);
    assert_eq!(
        (parted.get("/readyz").status, parted.get("/readyz").json()["parts"]["redis"].as_str()),
        (200, Some("down"))
    );
    // The other takes the training up, and whatever the first one does with its own, one version is kept.
    let status = other.ended(&task);
    assert_eq!(status["status"], "completed", "{status}");
    way.is_cut.store(false, Ordering::Relaxed);
    std::thread::sleep(Duration::from_secs(2));
    assert_eq!(parted.get("/models/AMZN").json()["versions"].as_array().unwrap().len(), 1);
    assert_eq!(parted.post("/predict-child", &child).status, 200);
}

#[test]
#[ignore = "it needs redis-server: tests/server.sh"]
fn a_redis_that_serves_another_home_is_refused() {
    let (home, other, redis) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), Redis::start());
    let first = Server::start(home.path(), &format!("--source builtin --redis {}", redis.url), &[]);
    let words = ["serve", "--port", "0", "--home", ".", "--source", "builtin", "--redis", &redis.url];
    let refused = Command::new(env!("CARGO_BIN_EXE_stockops")).args(words).current_dir(other.path()).output().unwrap();
    let text = String::from_utf8(refused.stderr).unwrap();
    assert!(!refused.status.success() && text.contains("this Redis serves another home"), "{text}");
    drop(first);
    Server::start(home.path(), &format!("--source builtin --redis {}", redis.url), &[]);
}
