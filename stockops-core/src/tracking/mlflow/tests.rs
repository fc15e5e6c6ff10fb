//! What a server of MLflow is told, against one that is played and loses answers.

use super::super::conformance;
use super::super::{MemoryTracker, Number, sync};
use super::standin::{Fault, Standin};
use super::*;

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
