//! `Server`: the protocol's side; it routes calls, tells progress, and stops what nobody waits for.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, ErrorData, GetPromptRequestParams,
    GetPromptResponse, Implementation, ListPromptsResult, ListResourceTemplatesResult, ListResourcesResult,
    ListToolsResult, PaginatedRequestParams, ReadResourceRequestParams, ReadResourceResponse, ReadResourceResult,
    ServerCapabilities, ServerConfig, Tool,
};
use rmcp::service::RequestContext;
use rmcp::{RoleServer, ServerHandler};
use stockops_core::Stockops;
use stockops_core::training::CancelFlag;
use tokio::sync::{Semaphore, mpsc};

use super::answer::Answer;
use super::arguments::Long;
use super::house::{House, Problem};
use super::progress::{Notes, StopOnDrop, Work};
use super::prompts::{prompt, prompts};
use super::resources::{Asked, listed, read, templates};
use super::settings::Settings;
use super::tasks::Tasks;
use super::tool::{Call, tools};

/// How long a call waits for long work: clients give up at 60 s.
const PATIENCE: Duration = Duration::from_secs(40);

/// Calls that compute at once; the others wait their turn.
const AT_ONCE: usize = 4;

/// What every host shows or gives to its model.
const INSTRUCTIONS: &str = "stockops forecasts daily bars of markets and says how far to trust that. Each number that is \
     forecast comes with its interval and its skill over simple rules on held-out days: quote it with both, and say so where \
     there is no skill. Numbers that no tool gave are not known. Nothing here is advice.";

/// stockops as a server of the Model Context Protocol.
///
/// Clones share all of it. It computes on threads of its own, so that a slow question holds up no other, and a question
/// that the client takes back is stopped.
///
/// # Example
///
/// ```no_run
/// use stockops_agents::mcp::{Server, Settings, serve_stdio};
/// use stockops_core::Stockops;
///
/// let stockops = Stockops::builder().home("stockops-home").build()?;
/// let server = Server::new(stockops, Settings { roots: vec!["bars".into()], ..Settings::default() });
/// serve_stdio(&server)?; // until the client closes
/// # Ok::<(), stockops_agents::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Server {
    house: Arc<House>,
    tasks: Tasks,
    seats: Arc<Semaphore>,
    owner: Owner,
}

/// In whose name a caller asks: the tasks that one began no other sees or stops.
///
/// A service that knows its callers puts it into the extensions of each request before the [`HttpService`](super::HttpService). Who
/// is named by nobody is one caller with all others of that kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Owner(pub Arc<str>);

impl Server {
    /// A server of `stockops`. Give it a record that is [`Unkept`](super::Unkept) where questions are to change nothing.
    pub fn new(stockops: Stockops, settings: Settings) -> Self {
        let house = Arc::new(House { stockops, settings });
        let (tasks, seats) = (Tasks::default(), Arc::new(Semaphore::new(AT_ONCE)));
        Self { house, tasks, seats, owner: Owner::default() }
    }

    /// The same server, asked by `owner`.
    pub(super) fn asked_by(&self, owner: Owner) -> Self {
        Self { owner, ..self.clone() }
    }

    /// Stop the trainings and backtests that run; they write nothing.
    pub fn stop(&self) {
        self.tasks.stop_all();
    }

    /// Whether what is asked may be computed now.
    async fn admitted(&self, call: &Call) -> Result<(), Problem> {
        let Some((admit, (tool, word))) = self.house.settings.admit.as_ref().zip(call.computes()) else {
            return Ok(());
        };
        admit.admit(tool, &self.house.ticker(word)?).await
    }

    async fn answered(&self, call: Call, notes: Notes) -> Result<Answer, Problem> {
        self.admitted(&call).await?;
        match call {
            Call::Quick(asked) => self.work(notes, move |house, work| house.answer(&asked, work)).await,
            Call::Backtest(asked) => self.long("backtest", asked, notes).await,
            Call::Train(_) if !self.house.settings.allow_training => {
                Err("training is not allowed here: this server is read-only; the person who runs it may start it with \
                     `--allow-training`"
                    .into())
            }
            Call::Train(asked) => self.long("train", asked, notes).await,
        }
    }

    /// Do `work` on a thread for such work, and tell its steps. When this is dropped the work stops at its next step.
    async fn work<T: Send + 'static>(
        &self,
        notes: Notes,
        work: impl FnOnce(&House, &Work) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let broken = "the work broke off; the log of the server says where";
        let _seat = self.seats.acquire().await.map_err(|_| broken)?;
        let (cancel, house) = (CancelFlag::default(), Arc::clone(&self.house));
        let _guard = StopOnDrop::new(&cancel);
        let (steps, mut told) = mpsc::unbounded_channel();
        let done = tokio::task::spawn_blocking(move || work(&house, &Work::new(steps, cancel)));
        // It ends when the work does, for the work holds the other end.
        while let Some(step) = told.recv().await {
            notes.step(step).await;
        }
        done.await.map_err(|_| broken)?
    }

    /// Begin a task, or look after one, and wait as long as a client does.
    async fn long(&self, tool: &'static str, asked: Long, mut notes: Notes) -> Result<Answer, Problem> {
        let (stop, asked_to_begin) = (asked.stop.unwrap_or(false), asked.task.is_none());
        let mut task = match (&asked.task, &asked.ticker) {
            (Some(_), Some(_)) => return Err("name a `ticker` to begin, or a `task` to ask about, and not both".into()),
            (Some(id), None) => self.tasks.find(&self.owner, tool, id)?,
            (None, Some(_)) if stop => return Err("`stop` needs the `task` that is to be stopped".into()),
            (None, Some(word)) => self.begin(tool, self.house.ticker(word)?, asked)?,
            (None, None) => return Err("name a `ticker` to begin, or a `task` that was begun".into()),
        };
        if stop {
            task.cancel.cancel();
        }
        // Who takes back the call that began it does not want it.
        let guard = asked_to_begin.then(|| StopOnDrop::new(&task.cancel));
        // A training takes longer than anybody waits.
        let patience = if tool == "train" && asked_to_begin { Duration::ZERO } else { PATIENCE };
        let until = Instant::now() + patience;
        while let Some((seconds, words)) = task.running() {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            notes.running(seconds, words).await;
            task.changed(left.min(Duration::from_secs(5))).await;
        }
        if let Some(guard) = guard {
            guard.let_go();
        }
        task.answer()
    }

    fn begin(
        &self,
        tool: &'static str,
        ticker: stockops_core::Ticker,
        asked: Long,
    ) -> Result<super::tasks::Task, Problem> {
        let house = Arc::clone(&self.house);
        self.tasks.begin(&self.owner, tool, move |watch| match tool {
            "train" => house.train(ticker, &asked, watch),
            _ => house.backtest(ticker, &asked, watch),
        })
    }
}

/// What the client asked for was taken back; it hears nothing more of it.
fn taken_back() -> ErrorData {
    ErrorData::internal_error("cancelled by the client", None)
}

impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder().enable_tools().enable_resources().enable_prompts().build();
        ServerConfig::new(capabilities)
            .with_server_info(Implementation::new("stockops", env!("CARGO_PKG_VERSION")).with_title("stockops"))
            .with_instructions(INSTRUCTIONS)
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(tools(self.house.settings.allow_training)))
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        tools(self.house.settings.allow_training).into_iter().find(|tool| tool.name == name)
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let call = Call::parse(&request.name, request.arguments.unwrap_or_default())?;
        let notes = Notes::of(&context);
        let answer = tokio::select! {
            answer = self.answered(call, notes) => answer,
            () = context.ct.cancelled() => return Err(taken_back()),
        };
        Ok(match answer {
            Ok(Answer { words, json }) => {
                let mut result = CallToolResult::success(vec![ContentBlock::text(words)]);
                result.structured_content = Some(json);
                result
            }
            Err(problem) => CallToolResult::error(vec![ContentBlock::text(problem)]),
        }
        .into())
    }

    async fn list_resources(
        &self,
        _: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        let resources = self.work(Notes::of(&context), |house, _| listed(house)).await;
        Ok(ListResourcesResult::with_all_items(resources.map_err(failed)?))
    }

    async fn list_resource_templates(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        Ok(ListResourceTemplatesResult::with_all_items(templates()))
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let asked = Asked::parse(&request.uri)?;
        let work = self.work(Notes::of(&context), move |house, work| read(house, &request.uri, &asked, work));
        let contents = tokio::select! {
            contents = work => contents.map_err(failed)?,
            () = context.ct.cancelled() => return Err(taken_back()),
        };
        Ok(ReadResourceResult::new(vec![contents]).into())
    }

    async fn list_prompts(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListPromptsResult, ErrorData> {
        Ok(ListPromptsResult::with_all_items(prompts()))
    }

    async fn get_prompt(
        &self,
        request: GetPromptRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<GetPromptResponse, ErrorData> {
        Ok(prompt(&request.name, &request.arguments.unwrap_or_default())?.into())
    }
}

/// A resource has no other place for what went wrong.
fn failed(problem: Problem) -> ErrorData {
    ErrorData::internal_error(problem, None)
}
