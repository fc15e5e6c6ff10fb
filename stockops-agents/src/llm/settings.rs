//! `LlmSettings`: which server, which model, what it costs, and how long to wait for it.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Prices;
use crate::error::{Error, Result};

/// How a server is spoken to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Api {
    /// `POST /v1/chat/completions`, which nearly all servers have.
    #[default]
    OpenAi,
    /// Ollama's own `POST /api/chat`: the one way to tell Ollama the size of the context.
    Ollama,
}

/// A key of a server. It is in no error, and printed it is `Key(..)`.
#[derive(Clone, PartialEq, Eq)]
pub struct Key(String);

impl Key {
    /// The key as the server gave it.
    pub fn new(key: impl Into<String>) -> Self {
        Self(key.into())
    }

    pub(crate) fn secret(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(..)")
    }
}

/// Which server, which model, what it costs, and how long to wait for it.
///
/// | field | variable | default |
/// | --- | --- | --- |
/// | `url` | `STOCKOPS_LLM_URL` | none: then there is no model |
/// | `model` | `STOCKOPS_LLM_MODEL` | none: it has to be named |
/// | `key` | `STOCKOPS_LLM_KEY` | none |
/// | `api` | `STOCKOPS_LLM_API` (`openai`, `ollama`) | `openai` |
/// | `context` | `STOCKOPS_LLM_CONTEXT` | not known |
/// | `whole` | `STOCKOPS_LLM_TIMEOUT`, in seconds | 300 s |
/// | `prices` | `STOCKOPS_LLM_PRICE_IN`, `STOCKOPS_LLM_PRICE_OUT` | not known |
///
/// # Example
///
/// ```
/// use stockops_agents::llm::LlmSettings;
///
/// let model = LlmSettings::new("http://localhost:11434", "smollm2:135m").connect()?;
/// assert_eq!(model.name(), "smollm2:135m");
/// # Ok::<(), stockops_agents::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct LlmSettings {
    /// Where the server is. Without a path `/v1` is meant; with one it is taken as it is.
    pub url: String,
    /// The model's name at the server.
    pub model: String,
    /// Sent as `Authorization: Bearer`.
    pub key: Option<Key>,
    /// How it is spoken to.
    pub api: Api,
    /// Tokens of prompt and answer together that the model reads. A longer request is not sent; Ollama's own way asks
    /// for so many.
    pub context: Option<u32>,
    /// Longest wait for a connection. Default 10 s.
    pub connect: Duration,
    /// Longest silence: until the first byte, and between two pieces. Default 60 s.
    pub silence: Duration,
    /// Longest time of one call, all its tries and pauses together. Default 300 s.
    pub whole: Duration,
    /// Tries of a request that never got an answer to read, 1 to 3. Default 3.
    pub tries: u32,
    /// Whether tokens are asked for as they come. Default true; a server that cannot is asked without.
    pub stream: bool,
    /// What tokens cost.
    pub prices: Option<Prices>,
}

impl LlmSettings {
    /// The defaults for `model` at `url`.
    pub fn new(url: impl Into<String>, model: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            model: model.into(),
            key: None,
            api: Api::OpenAi,
            context: None,
            connect: Duration::from_secs(10),
            silence: Duration::from_secs(60),
            whole: Duration::from_secs(300),
            tries: 3,
            stream: true,
            prices: None,
        }
    }

    /// The settings of the environment; none without `STOCKOPS_LLM_URL`.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] for a variable that is not what it must be.
    pub fn from_env() -> Result<Option<Self>> {
        Self::from_variables(|name| std::env::var(name).ok())
    }

    /// [`from_env`](Self::from_env) with another look-up. An empty variable is one that is not set.
    ///
    /// # Errors
    ///
    /// As [`from_env`](Self::from_env).
    pub fn from_variables(look_up: impl Fn(&str) -> Option<String>) -> Result<Option<Self>> {
        let set = |name: &str| look_up(name).map(|word| word.trim().to_owned()).filter(|word| !word.is_empty());
        let Some(url) = set("STOCKOPS_LLM_URL") else { return Ok(None) };
        let model =
            set("STOCKOPS_LLM_MODEL").ok_or_else(|| refused("STOCKOPS_LLM_MODEL", "the name of a model", ""))?;
        let mut settings = Self { key: set("STOCKOPS_LLM_KEY").map(Key::new), ..Self::new(url, model) };
        if let Some(word) = set("STOCKOPS_LLM_API") {
            settings.api = api(&word)?;
        }
        if let Some(word) = set("STOCKOPS_LLM_CONTEXT") {
            settings.context = Some(number("STOCKOPS_LLM_CONTEXT", "a number of tokens", &word)?);
        }
        if let Some(word) = set("STOCKOPS_LLM_TIMEOUT") {
            settings.whole = Duration::from_secs(number("STOCKOPS_LLM_TIMEOUT", "a number of whole seconds", &word)?);
        }
        settings.prices = prices(set("STOCKOPS_LLM_PRICE_IN"), set("STOCKOPS_LLM_PRICE_OUT"))?;
        Ok(Some(settings))
    }
}

fn api(word: &str) -> Result<Api> {
    match word {
        "openai" => Ok(Api::OpenAi),
        "ollama" => Ok(Api::Ollama),
        _ => Err(refused("STOCKOPS_LLM_API", "openai or ollama", word)),
    }
}

fn number<T: std::str::FromStr>(field: &'static str, rule: &'static str, word: &str) -> Result<T> {
    word.parse().map_err(|_| refused(field, rule, word))
}

fn prices(prompt: Option<String>, answer: Option<String>) -> Result<Option<Prices>> {
    let price = |field, word: Option<String>| {
        let Some(word) = word else { return Ok(None) };
        let price: f64 = number(field, "a price of a million tokens", &word)?;
        let is_price = price >= 0.0 && price.is_finite();
        if is_price { Ok(Some(price)) } else { Err(refused(field, "at least 0", &word)) }
    };
    let (prompt, answer) = (price("STOCKOPS_LLM_PRICE_IN", prompt)?, price("STOCKOPS_LLM_PRICE_OUT", answer)?);
    let both = |prompt: Option<f64>, answer: Option<f64>| Prices {
        prompt: prompt.unwrap_or_default(),
        answer: answer.unwrap_or_default(),
    };
    Ok((prompt.is_some() || answer.is_some()).then(|| both(prompt, answer)))
}

pub(crate) fn refused(field: &'static str, rule: &'static str, got: &str) -> Error {
    let got = if got.is_empty() { "nothing" } else { got };
    Error::Config { field, rule, got: got.into() }
}
