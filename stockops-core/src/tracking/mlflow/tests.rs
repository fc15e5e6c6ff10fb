//! What a server of MLflow is told, against one that is played and loses answers.

use super::super::conformance;
use super::super::{MemoryTracker, Mirrored, Number, ShownVersion, mirror, sync};
use super::standin::{Fault, Standin};
use super::*;
use crate::market::Ticker;
use crate::registry::{MemoryRegistry, ModelRegistry, VersionId, VersionNote};

fn noon() -> DateTime<Utc> {
    "2024-05-01T12:00:00Z".parse().unwrap()
}

fn run() -> Run {
    Run::begun(RunId::new(noon()), "GOOG freeze", noon())
}

fn mlflow(uri: &str) -> Mlflow {
    Mlflow::new(uri, "stockops", &Login::default()).unwrap()
}

#[test]
fn it_keeps_every_promise() {
    let server = Standin::start();
    conformance(&mlflow(&server.uri));
    // Another client, who remembers nothing, finds the runs by their tag.
    let other = mlflow(&server.uri);
    let ids = other.ids().unwrap();
    assert_eq!(ids.len(), server.runs().len());
    assert!(ids.iter().all(|id| other.run(id).is_ok()));
}

#[test]
#[ignore = "it needs a server of MLflow, which tests/mlflow.sh starts"]
fn the_real_server_keeps_every_promise() {
    let uri = std::env::var("STOCKOPS_TEST_MLFLOW").expect("the address of a server of MLflow");
    // An experiment of its own, so that the promises are kept on an empty one.
    let experiment = format!("conformance {}", RunId::new(std::time::SystemTime::now().into()));
    let client = Mlflow::new(&uri, &experiment, &Login::default()).unwrap();
    conformance(&client);
    let other = Mlflow::new(&uri, &experiment, &Login::default()).unwrap();
    assert_eq!(other.ids().unwrap(), client.ids().unwrap());
}

#[test]
fn lost_answers_make_no_second_run_and_no_second_point() {
    let (server, run) = (Standin::start(), run());
    server.set(Fault::LostWrites);
    let batch = Batch::default().param("seed", 1).point("loss", 0.5, 1, noon()).point("loss", f64::NAN, 2, noon());
    // Each call does its first write and hears nothing of it.
    for _ in 0..3 {
        assert!(mlflow(&server.uri).begin(&run).and_then(|()| mlflow(&server.uri).log(&run.run_id, &batch)).is_err());
    }
    server.set(Fault::None);
    let client = mlflow(&server.uri);
    for _ in 0..2 {
        client.begin(&run).unwrap();
        client.log(&run.run_id, &batch).unwrap();
    }
    assert_eq!((server.runs().len(), server.points()), (1, 2));
    assert_eq!(client.points(&run.run_id).unwrap(), batch.points);
}

#[test]
fn a_server_that_sends_on_is_not_followed() {
    use std::io::{Read, Write};

    let (canary, listener) = (Standin::start(), std::net::TcpListener::bind("127.0.0.1:0").unwrap());
    let (uri, to) = (format!("http://{}", listener.local_addr().unwrap()), canary.uri.clone());
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut request = [0; 8192];
            let read = stream.read(&mut request).unwrap_or_default();
            let line = String::from_utf8_lossy(&request[..read]).into_owned();
            let target = line.split(' ').nth(1).unwrap_or("/");
            let head = format!(
                "HTTP/1.1 307 Moved\r\nlocation: {to}{target}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
            );
            let _ = stream.write_all(head.as_bytes());
        }
    });
    let client = mlflow(&uri);
    assert!(client.ids().is_err() && client.begin(&run()).is_err());
    assert_eq!((canary.requests(), canary.runs().len()), (0, 0));
}

#[test]
fn syncs_through_lost_answers_leave_each_thing_once() {
    let (server, home) = (Standin::start(), MemoryTracker::new());
    for second in 0..3 {
        let started = noon() + chrono::Duration::seconds(second);
        let run = Run::begun(RunId::new(started), format!("run {second}"), started);
        home.begin(&run).unwrap();
        for epoch in 1..=4 {
            let batch = Batch::default().param("seed", second).point("loss", f64::INFINITY, epoch, started);
            home.log(&run.run_id, &batch.tag("epoch", epoch)).unwrap();
        }
        home.keep(&run.run_id, "evaluation.json", b"{}").unwrap();
        home.end(&run.run_id, RunStatus::Finished, started).unwrap();
    }
    server.set(Fault::LostSecondWrites);
    let lost = sync(&home, &mlflow(&server.uri)).unwrap();
    assert!(lost.failed.is_empty() && lost.left == 0, "{lost:?}");
    // What is written down at home is lost too, so all of it is sent again.
    let other = MemoryTracker::new();
    assert_eq!(sync(&home, &other).unwrap().sent.len(), 3);
    assert_eq!(sync(&other, &mlflow(&server.uri)).unwrap().sent.len(), 3);
    assert_eq!((server.runs().len(), server.points(), server.files().len()), (3, 12, 3));
    let client = mlflow(&server.uri);
    for id in home.ids().unwrap() {
        assert_eq!(client.run(&id).unwrap(), home.run(&id).unwrap());
        assert_eq!(client.points(&id).unwrap(), home.points(&id).unwrap());
    }
}

#[test]
fn what_a_server_refuses_is_told_apart() {
    let (server, run) = (Standin::start(), run());
    let fails = |fault: Fault| {
        server.set(fault);
        mlflow(&server.uri).with_timeout(Duration::from_millis(500)).begin(&run).unwrap_err()
    };
    for (fault, kind, words) in [
        (
            Fault::Forbidden,
            "forbidden",
            "(HTTP 403: Invalid Host header - possible DNS rebinding attack detected); check user and token",
        ),
        (Fault::NoApi, "no_api", "it has no api/2.0/mlflow/experiments/get-by-name (HTTP 404); check the address"),
        (
            Fault::Page,
            "not_json",
            "(it begins `api/2.0/mlflow/experiments/get-by-name: <html><body>Sign in</body></html>`)",
        ),
        (Fault::Broken, "server", "it failed by itself (HTTP 503)"),
        (Fault::Silent, "slow", "it did not answer in 0.5 s"),
    ] {
        let error = fails(fault);
        let text = error.to_string();
        assert_eq!(error.kind(), kind, "{text}");
        assert!(text.starts_with(&format!("{}: ", server.uri)) && text.contains(words), "{text}");
        assert!(!error.is_input());
    }
    assert!(server.runs().is_empty());
    let nobody = mlflow("http://127.0.0.1:1").begin(&run).unwrap_err();
    assert_eq!(nobody.kind(), "offline", "{nobody}");
}

#[test]
fn a_deleted_experiment_is_named_and_not_made_anew() {
    let server = Standin::start();
    server.delete_experiment("stockops");
    let text = mlflow(&server.uri).begin(&run()).unwrap_err().to_string();
    assert!(text.ends_with("the experiment `stockops` was deleted; restore it there, or choose another"), "{text}");
}

#[test]
fn a_token_goes_with_each_request() {
    let server = Standin::start();
    let login = Login { token: Some("open sesame".into()), ..Login::default() };
    let client = Mlflow::new(&server.uri, "stockops", &login).unwrap();
    let run = run();
    client.begin(&run).unwrap();
    client.keep(&run.run_id, "a.json", b"{}").unwrap();
    client.artifact(&run.run_id, "a.json").unwrap();
    assert_eq!(server.logins(), vec!["Bearer open sesame"; server.requests()]);
}

#[test]
fn an_infinity_that_a_database_made_the_largest_number_is_one_again() {
    let metric = json!({"key": "loss", "value": f64::MAX, "timestamp": "1714564800000", "step": "3"});
    let point = wire::point(&metric).unwrap();
    assert_eq!((point.value, point.step, point.time), (Number(f64::INFINITY), 3, noon().timestamp_millis()));
    assert_eq!(
        wire::point(&json!({"key": "loss", "value": -f64::MAX, "timestamp": 1})).unwrap().value,
        Number(f64::NEG_INFINITY)
    );
}

/// Versions of GOOG at home, each with its run.
struct Home {
    runs: MemoryTracker,
    registry: MemoryRegistry,
    goog: Ticker,
}

impl Home {
    fn new() -> Self {
        Self { runs: MemoryTracker::new(), registry: MemoryRegistry::new(), goog: "GOOG".parse().unwrap() }
    }

    fn train(&self, bundle: &[u8], strategy: &str) -> u32 {
        let version =
            self.registry.put(&self.goog, bundle, VersionNote::new(strategy, Default::default()), &[]).unwrap();
        let run = run();
        self.runs.begin(&run).unwrap();
        let said = Batch::default()
            .tag("version", format!("{}@{}", self.goog, version.version))
            .tag("bundle_sha256", &version.sha256);
        self.runs.log(&run.run_id, &said).unwrap();
        self.runs.keep(&run.run_id, "bundle.safetensors", bundle).unwrap();
        self.runs.end(&run.run_id, RunStatus::Finished, noon()).unwrap();
        version.version
    }

    fn mirror(&self, client: &Mlflow) -> Mirrored {
        mirror(&self.runs, &self.registry, client, None).unwrap()
    }

    fn parent(&self, version: u32) {
        self.registry.set_parent(&VersionId { ticker: self.goog.clone(), version }).unwrap();
    }
}

/// What the server shows: each name with our version, once its bundle is the right one.
fn names_there(server: &Standin) -> Vec<(String, String)> {
    let named = server.named("stockops.GOOG").into_iter();
    named
        .map(|(alias, (version, bundle))| {
            assert_eq!(format!("weights {version}").as_bytes(), bundle);
            (alias, version)
        })
        .collect()
}

fn named<const N: usize>(names: [(&str, &str); N]) -> Vec<(String, String)> {
    names.map(|(alias, version)| (alias.to_owned(), version.to_owned())).into()
}

#[test]
fn versions_and_their_names_follow_the_registry() {
    let (server, home) = (Standin::start(), Home::new());
    let client = mlflow(&server.uri);
    for (number, strategy) in [(1, "parent"), (2, "freeze"), (3, "freeze")] {
        assert_eq!(home.train(format!("weights GOOG@{number}").as_bytes(), strategy), number);
    }
    let first = home.mirror(&client);
    assert_eq!(
        (first.shown.len(), first.waiting, server.versions("stockops.GOOG").len()),
        (0, 3, 0),
        "no run is there yet"
    );
    sync(&home.runs, &client).unwrap();
    let second = home.mirror(&client);
    assert_eq!((second.shown.len(), second.names, second.waiting, second.refused), (3, 2, 0, None));
    assert_eq!(names_there(&server), named([("challenger", "GOOG@3"), ("champion", "GOOG@1")]));
    let requests = server.requests();
    assert_eq!(home.mirror(&client), Mirrored::default());
    assert_eq!(server.requests(), requests, "where nothing changed nothing is asked");

    home.parent(1);
    home.registry.promote(&home.goog, 2).unwrap();
    home.registry.promote(&home.goog, 3).unwrap();
    home.mirror(&client);
    assert_eq!(names_there(&server), named([("champion", "GOOG@3"), ("parent", "GOOG@1")]));

    home.parent(0);
    assert_eq!(home.registry.remove(&home.goog, &[1]).unwrap().len(), 1);
    let last = home.mirror(&client);
    assert_eq!((last.hidden, last.names), (1, 1));
    assert_eq!(server.versions("stockops.GOOG"), ["GOOG@2", "GOOG@3"]);
    assert_eq!(names_there(&server), named([("champion", "GOOG@3")]));
}

#[test]
fn a_version_that_somebody_else_named_stays_there() {
    let (server, home) = (Standin::start(), Home::new());
    let client = mlflow(&server.uri);
    for number in 1..=4 {
        home.train(format!("weights GOOG@{number}").as_bytes(), "freeze");
    }
    sync(&home.runs, &client).unwrap();
    home.mirror(&client);
    server.give_name("stockops.GOOG", "in-use", "2");
    assert_eq!(home.registry.remove(&home.goog, &[2, 3]).unwrap().len(), 2);
    assert_eq!(home.mirror(&client).hidden, 1);
    assert_eq!(server.versions("stockops.GOOG"), ["GOOG@1", "GOOG@2", "GOOG@4"]);
}

#[test]
fn lost_answers_show_no_version_twice() {
    let (server, home) = (Standin::start(), Home::new());
    for number in 1..=3 {
        home.train(format!("weights GOOG@{number}").as_bytes(), "freeze");
    }
    sync(&home.runs, &mlflow(&server.uri)).unwrap();
    server.set(Fault::LostWrites);
    for _ in 0..3 {
        home.mirror(&mlflow(&server.uri));
    }
    server.set(Fault::None);
    home.mirror(&mlflow(&server.uri));
    assert_eq!(server.versions("stockops.GOOG"), ["GOOG@1", "GOOG@2", "GOOG@3"]);
    assert_eq!(names_there(&server), named([("challenger", "GOOG@3"), ("champion", "GOOG@1")]));
}

#[test]
fn a_server_without_a_registry_takes_runs_and_refuses_versions_by_name() {
    let (server, home) = (Standin::start(), Home::new());
    home.train(b"weights GOOG@1", "freeze");
    let client = mlflow(&server.uri);
    server.set(Fault::NoRegistry);
    assert_eq!(sync(&home.runs, &client).unwrap().sent.len(), 1);
    let refused = home.mirror(&client).refused.unwrap();
    let words = "it has no api/2.0/mlflow/registered-models/get (HTTP 404); check the address, and whether it serves this part of MLflow";
    assert_eq!((refused.kind.as_str(), refused.message), ("no_api", format!("{}: {words}", server.uri)));
    server.set(Fault::Forbidden);
    assert_eq!(home.mirror(&client).refused.unwrap().kind, "forbidden");
    server.set(Fault::None);
    assert_eq!(home.mirror(&client).shown.len(), 1);
}

#[test]
fn a_version_whose_run_was_deleted_there_waits_and_holds_up_no_other() {
    let (server, home) = (Standin::start(), Home::new());
    home.train(b"weights GOOG@1", "freeze");
    sync(&home.runs, &mlflow(&server.uri)).unwrap();
    home.train(b"weights GOOG@2", "freeze");
    sync(&home.runs, &mlflow(&server.uri)).unwrap();
    server.delete_first_run();
    let done = home.mirror(&mlflow(&server.uri));
    assert_eq!((done.shown.len(), done.waiting, done.refused), (1, 1, None));
    assert_eq!(server.versions("stockops.GOOG"), ["GOOG@2"]);
}

#[test]
fn what_is_refused_of_one_ticker_holds_up_no_other() {
    let (server, home) = (Standin::start(), Home::new());
    let client = mlflow(&server.uri);
    home.train(b"weights GOOG@1", "freeze");
    let home = Home { goog: "MSFT".parse().unwrap(), ..home };
    home.train(b"weights MSFT@1", "freeze");
    sync(&home.runs, &client).unwrap();
    server.refuse("stockops.GOOG");
    let done = home.mirror(&client);
    assert_eq!(done.refused.unwrap().kind, "rejected");
    assert_eq!(done.shown, [VersionId { ticker: home.goog.clone(), version: 1 }]);
    // Where the server as a whole refuses, no other ticker is asked.
    home.train(b"weights MSFT@2", "freeze");
    sync(&home.runs, &client).unwrap();
    server.set(Fault::Forbidden);
    let requests = server.requests();
    assert_eq!(home.mirror(&client).refused.unwrap().kind, "forbidden");
    assert_eq!(server.requests(), requests + 1);
}

#[test]
fn an_experiment_may_have_a_quote_in_its_name() {
    let (server, home) = (Standin::start(), Home::new());
    let client = Mlflow::new(&server.uri, "O'Brien", &Login::default()).unwrap();
    home.train(b"weights GOOG@1", "freeze");
    sync(&home.runs, &client).unwrap();
    let done = home.mirror(&client);
    assert_eq!((done.shown.len(), done.refused), (1, None));
    assert_eq!(server.versions("O-Brien.GOOG"), ["GOOG@1"]);
}

#[test]
fn a_run_without_a_version_in_it_is_found_by_its_bundle() {
    let (server, home) = (Standin::start(), Home::new());
    let run = run();
    home.runs.begin(&run).unwrap();
    home.runs.keep(&run.run_id, "bundle.safetensors", b"weights GOOG@1").unwrap();
    let version =
        home.registry.put(&home.goog, b"weights GOOG@1", VersionNote::new("freeze", Default::default()), &[]).unwrap();
    home.runs.log(&run.run_id, &Batch::default().tag("bundle_sha256", version.sha256)).unwrap();
    home.runs.end(&run.run_id, RunStatus::Finished, noon()).unwrap();
    let client = mlflow(&server.uri);
    sync(&home.runs, &client).unwrap();
    assert_eq!(home.mirror(&client).shown.len(), 1);
    assert_eq!(names_there(&server), named([("champion", "GOOG@1")]));
}

#[test]
#[ignore = "it needs a server of MLflow, which tests/mlflow.sh starts"]
fn the_registry_of_the_real_server_follows_ours() {
    let uri = std::env::var("STOCKOPS_TEST_MLFLOW").expect("the address of a server of MLflow");
    let experiment = format!("mirror {}", RunId::new(std::time::SystemTime::now().into()));
    let client = Mlflow::new(&uri, &experiment, &Login::default()).unwrap();
    let home = Home::new();
    for number in 1..=4 {
        home.train(format!("weights GOOG@{number}").as_bytes(), "parent");
    }
    sync(&home.runs, &client).unwrap();
    assert_eq!(home.mirror(&client).shown.len(), 4);
    let models = client.models().unwrap();
    let holders = || ["champion", "challenger", "parent"].map(|alias| models.named(&home.goog, alias).unwrap());
    let words = |names: [Option<&str>; 3]| names.map(|name| name.map(str::to_owned));
    assert_eq!(holders(), words([Some("1"), Some("4"), None]));
    home.registry.promote(&home.goog, 4).unwrap();
    home.parent(2);
    home.mirror(&client);
    assert_eq!(holders(), words([Some("4"), None, Some("2")]));
    // Another client, who remembers nothing, shows none twice.
    let again = Mlflow::new(&uri, &experiment, &Login::default()).unwrap();
    let version = ShownVersion {
        id: VersionId { ticker: home.goog.clone(), version: 3 },
        run: home
            .runs
            .ids()
            .unwrap()
            .into_iter()
            .find(|id| home.runs.run(id).unwrap().tags["version"] == "GOOG@3")
            .unwrap(),
        tags: Vec::new(),
    };
    assert_eq!(again.models().unwrap().show(&version).unwrap(), "3");
    home.parent(4);
    assert_eq!(home.registry.remove(&home.goog, &[2, 3]).unwrap().len(), 2);
    assert_eq!(home.mirror(&client).hidden, 2);
    assert_eq!(holders(), words([Some("4"), None, Some("4")]));
    assert!(models.hide(&home.goog, "2").unwrap(), "it is gone already");
}
