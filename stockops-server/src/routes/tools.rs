//! The tools for assistants, by the Model Context Protocol, beside the routes.

use std::sync::Arc;

use aide::axum::ApiRouter;
use aide::axum::routing::post_with;
use aide::transform::TransformOperation;
use axum::body::Body;
use axum::extract::Request;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde_json::Value;
use stockops_agents::mcp::{Admit, Owner, Server, Settings, guarded_service};
use stockops_core::Ticker;
use tower::ServiceExt;

use crate::app::App;
use crate::guard::Caller;
use crate::limits::Limits;
use crate::openapi::{Access, Topic, answers, listed, refuses};
use crate::{Fault, Json};

/// Read-only tools at `/mcp`; a training is asked for by its own route. The guard has checked names and pages, tasks are those of the
/// caller that it names, and what is computed for a ticker counts as the other routes count it.
pub(super) fn routes(app: &App) -> ApiRouter<App> {
    let server = Server::new(
        app.stockops().clone(),
        Settings {
            read: app.config().read,
            explain: |error| Fault::from(error).detail,
            admit: Some(Arc::new(PerTicker(app.limits().clone()))),
            ..Settings::default()
        },
    );
    let service = guarded_service(server);
    let message = move |caller: Caller, mut request: Request| async move {
        // Tasks belong to the client as the guard names it.
        request.extensions_mut().insert(Owner(caller.client().into()));
        match service.oneshot(request).await {
            Ok(reply) => reply.map(Body::new),
            Err(never) => match never {},
        }
    };
    ApiRouter::new().api_route("/mcp", post_with(message, told))
}

/// A message has a form of its own, which the protocol describes.
fn told(operation: TransformOperation<'_>) -> TransformOperation<'_> {
    let summary = "A message of the Model Context Protocol";
    let about = "The streamable HTTP of the protocol without sessions: post one message of JSON-RPC, and accept application/json and \
        text/event-stream. There is no stream to open by GET and no session to end by DELETE: both are answered 405, as the \
        protocol says.";
    let operation = listed(operation, Access::Key, Topic::Assistants, "mcp", summary).description(about);
    let operation = operation.input::<Json<Value>>().response::<200, Json<Value>>();
    let operation = operation
        .response_with::<400, Json<Value>, _>(|answer| answer.description("An error of JSON-RPC: no message."))
        .response_with::<404, Json<Value>, _>(|answer| answer.description("An error of JSON-RPC: no such method."));
    let operation =
        answers(operation, 200, "text/event-stream", "The answer, or a stream of events that ends with it.");
    refuses(answers(operation, 202, "text/plain", "A message that has no answer was heard."), [406, 413, 415])
}

/// The limits of the service, for the tools.
#[derive(Debug)]
struct PerTicker(Limits);

impl Admit for PerTicker {
    fn admit<'a>(&'a self, tool: &'a str, ticker: &'a Ticker) -> BoxFuture<'a, Result<(), String>> {
        async move {
            let admitted = match tool {
                "backtest" | "train" => self.0.training(ticker).await,
                _ => self.0.prediction(ticker).await,
            };
            admitted.map_err(|fault| fault.detail)
        }
        .boxed()
    }
}
