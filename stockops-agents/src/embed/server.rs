//! `OpenAiEmbedder`: any server that speaks `POST /v1/embeddings`.

use futures_util::future::{BoxFuture, FutureExt};
use serde::Deserialize;
use serde_json::json;
use tokio::time::Instant;

use super::Embedder;
use crate::error::{Error, ModelFault, Result};
use crate::llm::{LlmSettings, Server, malformed};

/// Texts of one request at most.
const AT_ONCE: usize = 64;

/// An embedding model behind any server that speaks `POST /v1/embeddings`: Ollama, llama.cpp, vLLM, a cloud.
///
/// Vectors are drawn to length 1. It tries, waits and keeps its key as [`OpenAiModel`](crate::llm::OpenAiModel) does.
#[derive(Debug)]
pub struct OpenAiEmbedder {
    name: String,
    server: Server,
}

impl OpenAiEmbedder {
    /// The model that `settings` name. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] for a setting outside its range.
    pub fn new(settings: &LlmSettings) -> Result<Self> {
        Ok(Self { name: settings.model.clone(), server: Server::new(settings, "/v1")? })
    }

    async fn ask(&self, texts: &[String]) -> Result<Vec<Vec<f32>>, ModelFault> {
        let until = Instant::now() + self.server.whole();
        let mut vectors = Vec::with_capacity(texts.len());
        for texts in texts.chunks(AT_ONCE) {
            let body = json!({"model": self.name, "input": texts});
            let reply = self.server.post("/embeddings", &body, until).await?.body().await?;
            let read: Result<Vectors, _> = serde_json::from_slice(&reply);
            let said = || self.server.shown(&String::from_utf8_lossy(&reply));
            vectors.extend(read.map_err(|_| malformed(format!("these are no vectors: {}", said())))?.of(texts.len())?);
        }
        let width = vectors.first().map_or(0, Vec::len);
        let is_even = vectors.iter().all(|vector| vector.len() == width);
        if is_even { Ok(vectors) } else { Err(malformed("vectors differ in their width")) }
    }
}

impl Embedder for OpenAiEmbedder {
    fn name(&self) -> &str {
        &self.name
    }

    fn embed<'a>(&'a self, texts: &'a [String]) -> BoxFuture<'a, Result<Vec<Vec<f32>>>> {
        let error = |fault: ModelFault| Error::Store {
            what: format!("embeddings of {}", self.name),
            problem: fault.to_string(),
        };
        async move { self.server.within(self.ask(texts)).await.map_err(error) }.boxed()
    }
}

#[derive(Debug, Deserialize)]
struct Vectors {
    data: Vec<Row>,
}

#[derive(Debug, Deserialize)]
struct Row {
    index: Option<usize>,
    embedding: Vec<f64>,
}

impl Vectors {
    /// One vector for each of `count` texts, in their order.
    fn of(mut self, count: usize) -> Result<Vec<Vec<f32>>, ModelFault> {
        self.data.sort_by_key(|row| row.index);
        let is_whole = self.data.iter().enumerate().all(|(at, row)| row.index.unwrap_or(at) == at);
        if self.data.len() != count || !is_whole {
            return Err(malformed(format!("{count} texts were sent, and {} vectors came back", self.data.len())));
        }
        self.data.iter().map(|row| unit(&row.embedding)).collect()
    }
}

fn unit(vector: &[f64]) -> Result<Vec<f32>, ModelFault> {
    let length = vector.iter().map(|x| x * x).sum::<f64>().sqrt();
    let has_direction = length > 0.0 && length.is_finite();
    let drawn = || vector.iter().map(|x| (x / length) as f32).collect();
    if has_direction { Ok(drawn()) } else { Err(malformed("a vector is 0 or no number")) }
}
