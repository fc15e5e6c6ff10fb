use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use super::*;
use crate::cache::conformance::{conformance, entry, wanted};

/// Method and path, body, key.
type Asked = (String, Value, Option<String>);

/// A server that plays Qdrant: it answers as `script` says, and remembers what it was asked.
struct Played {
    address: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Played {
    fn start(script: Vec<(u16, Value)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let noted = Arc::clone(&asked);
        std::thread::spawn(move || {
            for (status, body) in script {
                let (mut stream, _) = listener.accept().unwrap();
                let mut reader = BufReader::new(&stream);
                let (mut line, mut length, mut key) = (String::new(), 0, None);
                reader.read_line(&mut line).unwrap();
                loop {
                    let mut header = String::new();
                    reader.read_line(&mut header).unwrap();
                    let Some((name, value)) = header.trim().split_once(": ") else { break };
                    match name {
                        "content-length" => length = value.parse().unwrap(),
                        "api-key" => key = Some(value.to_owned()),
                        _ => {}
                    }
                }
                let mut sent = vec![0; length];
                reader.read_exact(&mut sent).unwrap();
                let target = line.trim_end_matches(" HTTP/1.1\r\n").to_owned();
                noted.lock().unwrap().push((target, serde_json::from_slice(&sent).unwrap_or_default(), key));
                let body = if body.is_string() { body.as_str().unwrap().to_owned() } else { body.to_string() };
                let head =
                    format!("HTTP/1.1 {status} Played\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
                stream.write_all((head + &body).as_bytes()).unwrap();
            }
        });
        Self { address, asked }
    }

    fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

fn done() -> (u16, Value) {
    (200, json!({"result": {"status": "completed"}, "status": "ok", "time": 0.001}))
}

fn absent() -> (u16, Value) {
    (404, json!({"status": {"error": "Not found: Collection `dataset_cache` doesn't exist!"}, "time": 0.0}))
}

/// With the real engine behind a server: `tests/qdrant.sh` starts it.
#[tokio::test]
#[ignore = "wants a server of Qdrant, whose address is in STOCKOPS_QDRANT"]
async fn qdrant_keeps_the_promises() {
    let url = std::env::var("STOCKOPS_QDRANT").expect("the address of a server in STOCKOPS_QDRANT");
    let store = QdrantAnswers::new(&url, Some("played-key")).unwrap();
    conformance(&store).await;
    let other = QdrantAnswers::new(&url, Some("played-key")).unwrap().in_collection("stockops_other").unwrap();
    other.put(&entry("asked", "up", &[1.0, 0.0])).await.unwrap();
    assert_eq!(store.entries(None).await.unwrap(), [], "collections are apart");
    let text = other.put(&entry("asked", "up", &[1.0, 0.0, 0.0])).await.unwrap_err().to_string();
    assert!(text.ends_with("an embedding model of another width needs a collection of its own"), "{text}");
    let refused = QdrantAnswers::new(&url, Some("another-key")).unwrap().entries(None).await.unwrap_err().to_string();
    assert!(refused.contains("it refused (401)") && refused.ends_with("give its key"), "{refused}");
}

/// More entries than a page has, and a point of somebody else: the contract's keys alone.
#[tokio::test]
#[ignore = "wants a server of Qdrant, whose address is in STOCKOPS_QDRANT"]
async fn qdrant_lists_page_by_page_and_leaves_out_what_is_of_others() {
    let url = std::env::var("STOCKOPS_QDRANT").expect("the address of a server in STOCKOPS_QDRANT");
    let store = QdrantAnswers::new(&url, Some("played-key")).unwrap().in_collection("stockops_pages").unwrap();
    for i in 0..2 * PAGE + 1 {
        store.put(&entry(&format!("question {i}"), "up", &[1.0, 0.0])).await.unwrap();
    }
    let payload = json!({"ticker": "^GSPC", "summary": "s", "recommendation": "BULLISH", "confidence": "High",
        "last_price": 1.0, "predictions": {}, "created_at_ts": 1_767_400_000});
    let foreign =
        json!({"points": [{"id": "00000000-0000-8000-a000-000000000001", "vector": [1.0, 0.0], "payload": payload}]});
    store.client.put(&store.path("/points?wait=true"), &foreign).await.unwrap();
    assert_eq!(store.entries(None).await.unwrap().len(), 2 * PAGE + 1);
    assert!(store.nearest(&wanted("up", &[1.0, 0.0])).await.unwrap().unwrap().0.question.starts_with("question"));
    assert_eq!(store.purge(&Purge::All).await.unwrap(), 2 * PAGE as u64 + 1, "that of somebody else stays");
}

#[tokio::test]
async fn the_first_answer_makes_the_collection_of_the_contract() {
    let server = Played::start(vec![absent(), done(), done()]);
    let store = QdrantAnswers::new(&server.address, Some("secret")).unwrap();
    store.put(&entry("Will it rise?", "up", &[0.6, 0.8])).await.unwrap();
    let asked = server.asked();
    let targets: Vec<&str> = asked.iter().map(|(target, ..)| target.as_str()).collect();
    let points = "PUT /collections/dataset_cache/points?wait=true";
    assert_eq!(targets, [points, "PUT /collections/dataset_cache", points]);
    assert_eq!(asked[1].1, json!({"vectors": {"size": 2, "distance": "Cosine"}}));
    let payload = &asked[2].1["points"][0]["payload"];
    for key in ["ticker", "summary", "recommendation", "confidence", "last_price", "predictions", "created_at_ts"] {
        assert!(!payload[key].is_null(), "the contract's {key}");
    }
    assert_eq!((&payload["recommendation"], &payload["confidence"]), (&json!("NEUTRAL"), &json!("Low")));
    assert_eq!(payload["created_at_ts"], json!(1_767_400_000));
    assert!(asked.iter().all(|(_, _, key)| key.as_deref() == Some("secret")));
    assert!(!format!("{store:?}").contains("secret"), "a key is not shown");
}

#[tokio::test]
async fn a_query_asks_for_every_field_that_has_to_be_equal() {
    let found = entry("Will it rise?", "up", &[]);
    let points = json!({"result": {"points": [{"id": found.id, "score": 0.97, "payload": found}]}});
    let server = Played::start(vec![(200, points)]);
    let store = QdrantAnswers::new(&server.address, None).unwrap();
    let (entry, score) = store.nearest(&wanted("up", &[1.0, 0.0])).await.unwrap().unwrap();
    assert_eq!((entry, score), (found, 0.97));
    let (target, body, _) = server.asked().remove(0);
    assert_eq!(target, "POST /collections/dataset_cache/points/query");
    let keys: Vec<&str> =
        body["filter"]["must"].as_array().unwrap().iter().map(|c| c["key"].as_str().unwrap()).collect();
    let wanted =
        ["ticker", "last_bar", "model_version", "prompt_version", "embedder", "content_words", "created_at_ts"];
    assert_eq!(keys, wanted);
}

#[tokio::test]
async fn without_a_collection_there_is_nothing() {
    let server = Played::start(vec![absent(), absent(), absent(), absent()]);
    let store = QdrantAnswers::new(&server.address, None).unwrap();
    assert_eq!(store.nearest(&wanted("up", &[1.0])).await.unwrap(), None);
    assert_eq!(store.entries(None).await.unwrap(), []);
    assert_eq!(store.purge(&Purge::All).await.unwrap(), 0);
    assert!(!store.remove(&entry("a", "up", &[]).id).await.unwrap());
}

#[tokio::test]
async fn what_the_server_refuses_is_told_with_what_to_do() {
    let error = |status: u16, error: &str| (status, json!({"status": {"error": error}, "time": 0.0}));
    for (answer, wanted) in [
        (error(401, "Invalid API key"), "it refused (401): Invalid API key; give its key"),
        (
            error(400, "Wrong input: Vector dimension error: expected dim: 768, got 2"),
            "it refused (400): Wrong input: Vector dimension error: expected dim: 768, got 2; \
             an embedding model of another width needs a collection of its own",
        ),
        (
            error(500, "Service internal error"),
            "it refused (500): Service internal error; try again, or go without the cache",
        ),
        (
            (502, json!("<html>bad gateway</html>")),
            "it refused (502): <html>bad gateway</html>; try again, or go without the cache",
        ),
        ((200, json!("<html>")), "its answer is no JSON (expected value at line 1 column 1)"),
    ] {
        let server = Played::start(vec![answer]);
        let store = QdrantAnswers::new(&server.address, None).unwrap();
        let text = store.put(&entry("a", "up", &[1.0, 0.0])).await.unwrap_err().to_string();
        assert_eq!(text, format!("the cache of answers in Qdrant at {}: {wanted}", server.address));
    }
}

#[tokio::test]
async fn an_address_that_nobody_answers_at_is_told_without_its_password() {
    let gone = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = gone.local_addr().unwrap().port();
    drop(gone);
    let store = QdrantAnswers::new(&format!("http://user:word@127.0.0.1:{port}/"), None).unwrap();
    let text = store.entries(None).await.unwrap_err().to_string();
    let wanted = format!(
        "the cache of answers in Qdrant at http://127.0.0.1:{port}: nobody answers; start the server, fix the address, or go \
         without it: answers are then kept in a file"
    );
    assert_eq!(text, wanted);
    assert_eq!(store.place(), format!("dataset_cache of http://127.0.0.1:{port}"));
}

#[test]
fn an_address_that_is_none_is_refused() {
    for wrong in ["", "localhost:6333", "ftp://127.0.0.1", "/file"] {
        let text = QdrantAnswers::new(wrong, None).unwrap_err().to_string();
        assert!(text.starts_with("the address of Qdrant: it is to be a URL such as http://127.0.0.1:6333"), "{text}");
    }
    let store = QdrantAnswers::new("http://127.0.0.1:1", None).unwrap();
    let text = store.in_collection("a/b").unwrap_err().to_string();
    assert_eq!(text, "`collection` must be letters, digits, - and _, got a/b");
}
