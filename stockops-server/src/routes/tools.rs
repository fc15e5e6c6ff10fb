//! The tools for assistants, by the Model Context Protocol, beside the routes.

use axum::Router;
use stockops_agents::mcp::{Server, Settings, http_service};

use crate::Fault;
use crate::app::App;
use crate::guard::Access;

/// Read-only tools at `/mcp`; a training is asked for by its own route.
pub(super) fn routes(app: &App) -> Router<App> {
    let server = Server::new(
        app.stockops().clone(),
        Settings { read: app.config().read, explain: |error| Fault::from(error).detail, ..Settings::default() },
    );
    let names = ["localhost", "127.0.0.1", "[::1]"].into_iter().chain(app.config().guard.origins.hosts());
    let service = http_service(server, names);
    Router::new().route_service("/mcp", service).route_layer(app.guard().require(Access::Key))
}
