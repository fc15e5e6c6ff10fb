//! `Node`: an async function with its name, what it writes, and what happens when it fails.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::context::Context;
use super::fields::{NodeResult, Object};
use super::state::State;
use crate::error::{Result, check};

/// Most tries of a node: what fails three times will fail a fourth, and somebody waits and pays.
const MAX_TRIES: u32 = 3;

/// An async function of state and context that returns an update, and how it is run.
///
/// # Example
///
/// ```
/// use std::time::Duration;
/// use stockops_core::graph::{Last, Node, state};
///
/// state! {
///     struct Page { url: Last<String>, text: Last<String> }
/// }
///
/// let node = Node::new("fetch", |page: Page, context| async move {
///     context.token("reading ");
///     Ok(Page::update().text(format!("text of {}", page.url.unwrap_or_default())))
/// });
/// let node = node.writes(["text"]).tries(3).timeout(Duration::from_secs(20)).otherwise("template");
/// # let _ = node;
/// ```
#[derive(Debug)]
pub struct Node<S> {
    pub(crate) plain: PlainNode,
    state: PhantomData<fn(S)>,
}

/// A node as the engine sees it.
#[derive(Clone)]
pub(crate) struct PlainNode {
    pub(crate) name: String,
    pub(crate) work: Work,
    pub(crate) writes: Vec<String>,
    pub(crate) tries: u32,
    pub(crate) pause: Duration,
    pub(crate) timeout: Option<Duration>,
    pub(crate) deadline: Option<Duration>,
    pub(crate) otherwise: Option<String>,
    pub(crate) asks: bool,
}

/// What a node does, on JSON.
pub(crate) type Work =
    Arc<dyn Fn(Object, Context) -> Pin<Box<dyn Future<Output = NodeResult<Object>> + Send>> + Send + Sync>;

impl<S: State> Node<S> {
    /// A node of one try, without a limit of time, that writes nothing yet.
    ///
    /// The function has to be `Fn`: each attempt calls it again. It is dropped at its next `.await` when its time is
    /// over, its run is dropped or cancelled; what blocks belongs on a thread of its own.
    pub fn new<F, Made>(name: &str, work: F) -> Self
    where
        F: Fn(S, Context) -> Made + Send + Sync + 'static,
        Made: Future<Output = NodeResult<S::Update>> + Send + 'static,
    {
        let work = Arc::new(work);
        let plain = move |object: Object, context: Context| {
            let work = Arc::clone(&work);
            Box::pin(async move {
                let made = work(S::from_object(object)?, context);
                Ok(S::update_into_object(made.await?)?)
            }) as Pin<Box<dyn Future<Output = NodeResult<Object>> + Send>>
        };
        Self::of(name, Arc::new(plain))
    }

    /// A node that asks a person and writes the answer to `field`. The question's id is the node's name.
    pub fn ask<Q: Into<Value>>(name: &str, field: &str, question: impl Fn(&S) -> Q + Send + Sync + 'static) -> Self {
        let (question, written) = (Arc::new(question), field.to_string());
        let plain = move |object: Object, context: Context| {
            let (question, field) = (Arc::clone(&question), written.clone());
            Box::pin(async move {
                let asked: Value = question(&S::from_object(object)?).into();
                let answer: Value = context.ask(asked).await?;
                Ok(Object::from_iter([(field, answer)]))
            }) as Pin<Box<dyn Future<Output = NodeResult<Object>> + Send>>
        };
        Self::of(name, Arc::new(plain)).writes([field]).asks()
    }

    fn of(name: &str, work: Work) -> Self {
        let plain = PlainNode {
            name: name.into(),
            work,
            writes: Vec::new(),
            tries: 1,
            pause: Duration::from_millis(500),
            timeout: None,
            deadline: None,
            otherwise: None,
            asks: false,
        };
        Self { plain, state: PhantomData }
    }
}

impl<S> Node<S> {
    /// The fields that it may write. To write another is an error.
    #[must_use]
    pub fn writes<'a>(mut self, fields: impl IntoIterator<Item = &'a str>) -> Self {
        self.plain.writes.extend(fields.into_iter().map(String::from));
        self
    }

    /// Have it drawn as a node that asks a person. [`Node::ask`] is.
    #[must_use]
    pub fn asks(mut self) -> Self {
        self.plain.asks = true;
        self
    }

    /// Try it so often, 1 to 3 times. What would fail again is not tried again: an error of this crate for which
    /// [`is_input`](crate::Error::is_input) holds, and what a node calls [`Hopeless`](crate::graph::Hopeless).
    #[must_use]
    pub fn tries(mut self, tries: u32) -> Self {
        self.plain.tries = tries;
        self
    }

    /// Pause before the second try, twice as long before the third. Half a second where it is not set.
    #[must_use]
    pub fn pause(mut self, pause: Duration) -> Self {
        self.plain.pause = pause;
        self
    }

    /// How long each attempt may take.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.plain.timeout = Some(timeout);
        self
    }

    /// How long all attempts and the pauses between them may take together. Where no time is left for another there is none.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.plain.deadline = Some(deadline);
        self
    }

    /// The node that stands in when the last attempt has failed: it gets the same state, and the run goes on from it as
    /// from this one.
    #[must_use]
    pub fn otherwise(mut self, node: &str) -> Self {
        self.plain.otherwise = Some(node.into());
        self
    }
}

impl PlainNode {
    /// [`Error::Config`](crate::Error::Config) for tries or times that are none.
    pub(crate) fn check(&self) -> Result<()> {
        check((1..=MAX_TRIES).contains(&self.tries), "tries", "1 to 3", self.tries)?;
        for (name, time) in [("timeout", self.timeout), ("deadline", self.deadline)] {
            let time = time.unwrap_or(Duration::MAX);
            check(time > Duration::ZERO, name, "longer than nothing", format!("{} s", time.as_secs_f64()))?;
        }
        Ok(())
    }
}

impl fmt::Debug for PlainNode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Node").field("name", &self.name).field("writes", &self.writes).finish_non_exhaustive()
    }
}
