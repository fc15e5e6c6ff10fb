//! A service of your own that has the routes of stockops below `/stocks`, beside routes that know nothing of them.
//!
//! `cargo run --release --example embedded`, then `curl localhost:8000/hello` and `curl localhost:8000/stocks/health`.

use axum::Router;
use axum::routing::get;
use stockops_server::{App, AppConfig, app};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let stocks = App::builder(AppConfig::new("stockops-home")).build().await.map_err(|fault| fault.detail)?;
    let jobs = stocks.jobs().clone();
    let router = Router::new().route("/hello", get(|| async { "hello" })).nest("/stocks", app(stocks.clone()));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8000").await?;
    println!("http://{}", listener.local_addr()?);
    let ended = async {
        // Where it cannot be heard, the process ends as the system ends it.
        let _ = tokio::signal::ctrl_c().await;
    };
    stockops_server::guard::serve(listener, router, stocks.guard(), ended, stocks.config().drain).await;
    jobs.drain(stocks.config().drain).await;
    Ok(())
}
