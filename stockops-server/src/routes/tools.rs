//! The tools for assistants, by the Model Context Protocol, beside the routes.

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use stockops_agents::mcp::{Admit, Owner, Server, Settings, guarded_service};
use stockops_core::Ticker;

use crate::Fault;
use crate::app::App;
use crate::guard::{Access, Caller};
use crate::limits::Limits;

/// Read-only tools at `/mcp`; a training is asked for by its own route. The guard has checked names and pages, tasks are those of the
/// caller that it names, and what is computed for a ticker counts as the other routes count it.
pub(super) fn routes(app: &App) -> Router<App> {
    let server = Server::new(
        app.stockops().clone(),
        Settings {
            read: app.config().read,
            explain: |error| Fault::from(error).detail,
            admit: Some(Arc::new(PerTicker(app.limits().clone()))),
            ..Settings::default()
        },
    );
    Router::new()
        .route_service("/mcp", guarded_service(server))
        .route_layer(from_fn(name_owner))
        .route_layer(app.guard().require(Access::Key))
}

/// Tasks belong to the client as the guard names it.
async fn name_owner(mut request: Request, next: Next) -> axum::response::Response {
    if let Some(owner) = request.extensions().get::<Caller>().map(|caller| Owner(caller.client().into())) {
        request.extensions_mut().insert(owner);
    }
    next.run(request).await
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
