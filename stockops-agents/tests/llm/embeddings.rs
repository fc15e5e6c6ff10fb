//! Vectors from a server: one for each text, in order, of length 1; else an error.

use serde_json::{Value, json};
use stockops_agents::embed::{Embedder, OpenAiEmbedder, from_variables};
use stockops_agents::llm::LlmSettings;

use crate::player::{Call, Player, Reply};
use crate::{KEY, settings};

fn vectors(rows: &[(usize, Value)]) -> Reply {
    let rows: Vec<_> = rows.iter().map(|(index, row)| json!({"index": index, "embedding": row})).collect();
    Reply::json(&json!({"object": "list", "data": rows}))
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|&text| text.into()).collect()
}

fn embedder(player: &Player) -> OpenAiEmbedder {
    OpenAiEmbedder::new(&settings(player)).unwrap()
}

#[tokio::test]
async fn vectors_come_in_the_order_of_the_texts_and_have_length_one() {
    let player = Player::plays([vectors(&[(1, json!([0.0, 2.0])), (0, json!([3.0, 4.0]))])]);
    let embedder = embedder(&player);
    let found = embedder.embed(&texts(&["first", "second"])).await.unwrap();
    assert_eq!(found, [[0.6, 0.8], [0.0, 1.0]]);
    let call = &player.calls()[0];
    assert_eq!((call.path.as_str(), embedder.name()), ("/v1/embeddings", "played:1b"));
    assert_eq!(call.body, json!({"model": "played:1b", "input": ["first", "second"]}));
    assert!(call.headers.contains(KEY));
}

#[tokio::test]
async fn many_texts_are_sent_in_parts_and_none_are_not_sent() {
    let by_number = |call: &Call, _| {
        let sent = call.body["input"].as_array().unwrap();
        let rows: Vec<_> =
            sent.iter().map(|text| json!([1.0, text.as_str().unwrap().parse::<f64>().unwrap()])).collect();
        vectors(&rows.into_iter().enumerate().collect::<Vec<_>>())
    };
    let player = Player::by(by_number);
    let all: Vec<_> = (0..150).map(|number| number.to_string()).collect();
    let found = embedder(&player).embed(&all).await.unwrap();
    for (number, vector) in found.iter().enumerate() {
        // The ratio of the two is the text; both were rounded to f32.
        assert!((f64::from(vector[1] / vector[0]) - number as f64).abs() < 1e-3, "{number}");
    }
    assert_eq!(player.calls().len(), 3);
    assert!(embedder(&player).embed(&[]).await.unwrap().is_empty());
    assert_eq!(player.calls().len(), 3);
}

#[tokio::test]
async fn what_is_not_one_vector_a_text_is_an_error() {
    let one = json!([1.0, 0.0]);
    for (reply, expected) in [
        (vectors(&[(0, one.clone())]), "2 texts were sent, and 1 vectors came back"),
        (vectors(&[(0, one.clone()), (0, one.clone())]), "2 texts were sent, and 2 vectors came back"),
        (vectors(&[(0, one.clone()), (1, json!([1.0]))]), "vectors differ in their width"),
        (vectors(&[(0, one.clone()), (1, json!([0.0, 0.0]))]), "a vector is 0 or no number"),
        (vectors(&[(0, one.clone()), (1, json!([]))]), "a vector is 0 or no number"),
        (vectors(&[(0, one.clone()), (1, json!([null, 1.0]))]), "these are no vectors: "),
        (Reply::of(200, "text/html", "<html>"), "these are no vectors: <html>"),
        (Reply::of(404, "application/json", r#"{"error": "no such model"}"#), "it refused (404): no such model"),
    ] {
        let error = embedder(&Player::plays([reply])).embed(&texts(&["a", "b"])).await.unwrap_err().to_string();
        assert!(error.starts_with("embeddings of played:1b: ") && error.contains(expected), "{error}");
    }
}

#[test]
fn the_environment_names_the_embedder() {
    let set = |url: &str, model: &str| {
        let (url, model) = (url.to_owned(), model.to_owned());
        from_variables(move |name| match name {
            "STOCKOPS_EMBED_URL" => Some(url.clone()),
            "STOCKOPS_EMBED_MODEL" => Some(model.clone()),
            _ => None,
        })
    };
    assert_eq!(set("", "e5").unwrap().name(), "local-pieces-1");
    assert_eq!(set("http://localhost:18081", "e5").unwrap().name(), "e5");
    let error = set("http://localhost:18081", " ").unwrap_err().to_string();
    assert_eq!(error, "`STOCKOPS_EMBED_MODEL` must be the name of a model, got nothing");
    assert!(OpenAiEmbedder::new(&LlmSettings::new("nowhere", "e5")).is_err());
}
