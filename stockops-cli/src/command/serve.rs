//! `stockops serve`: the service.

use std::net::SocketAddr;

use stockops_agents::cache::SemanticCache;
use stockops_core::{BarSource, Error};
use stockops_server::guard::{self, Keys, Origins, Proxies, may_bind};
use stockops_server::limits::LimitConfig;
use stockops_server::logs::{LogConfig, Logs};
#[cfg(feature = "otlp")]
use stockops_server::traces::Traces;
use stockops_server::{App, AppConfig, Fault, app, probes};
use tokio::net::TcpListener;

use super::analyze;
use crate::args::{Common, Role, Serve};
use crate::failure::Failure;
use crate::settings::Settings;

pub(super) fn run(common: &Common, settings: &Settings, asked: &Serve) -> Result<(), Failure> {
    let keys = Keys::from_environment()?;
    let address = SocketAddr::new(asked.host, asked.port);
    let hint = "STOCKOPS_API_KEY and STOCKOPS_ADMIN_KEY have them, or say --without-keys";
    may_bind(address, &keys, asked.without_keys)
        .map_err(|error| Failure::wrong("config", format!("{error}; {hint}").replace("`host`", "--host")))?;
    let logs = logs(common, settings)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|source| Error::Storage { action: "start", path: "threads".into(), source })?;
    let served = runtime.block_on(serve(common, settings, asked, keys, address, logs));
    runtime.shutdown_background();
    served
}

/// The log on stderr and in the folder of this machine. One that cannot be written is told before anybody is served.
fn logs(common: &Common, settings: &Settings) -> Result<Logs, Failure> {
    let folder = settings.local()?.join("logs");
    let filter = std::env::var("RUST_LOG").unwrap_or_else(|_| "info".into());
    let config = LogConfig {
        folder: Some(folder.clone()),
        filter,
        // A variable may hold several keys.
        secrets: SECRETS
            .iter()
            .filter_map(|name| guard::secret(name).ok().flatten())
            .flat_map(|all| words(&all))
            .collect(),
        to_stderr: !common.quiet,
        ..LogConfig::default()
    };
    #[cfg(feature = "otlp")]
    let traces = Traces::from_variables(|name| std::env::var(name).ok(), config.secrets.clone())?;
    let opened = Logs::open(config);
    let logs = opened.map_err(|source| Error::Storage { action: "write", path: folder, source })?;
    #[cfg(feature = "otlp")]
    let logs = logs.with_traces(traces);
    // A second one in a process keeps the first.
    let _ = logs.install();
    Ok(logs)
}

/// How long the last spans may take.
#[cfg(feature = "otlp")]
const FLUSHED: std::time::Duration = std::time::Duration::from_secs(3);

/// Variables whose values no line of the log shows.
const SECRETS: [&str; 16] = [
    "STOCKOPS_API_KEY",
    "STOCKOPS_ADMIN_KEY",
    "STOCKOPS_LLM_KEY",
    "STOCKOPS_REDIS_URL",
    "STOCKOPS_QDRANT_KEY",
    "STOCKOPS_EMBED_KEY",
    "FINNHUB_API_KEY",
    "MLFLOW_TRACKING_TOKEN",
    "MLFLOW_TRACKING_PASSWORD",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AZURE_STORAGE_ACCOUNT_KEY",
    "AZURE_STORAGE_CLIENT_SECRET",
    "AZURE_STORAGE_SAS_TOKEN",
    "AZURE_CLIENT_SECRET",
    "GOOGLE_SERVICE_ACCOUNT_KEY",
];

fn words(list: &str) -> Vec<String> {
    let parts = list.split([',', '\n']).map(str::trim).filter(|part| !part.is_empty());
    std::iter::once(list).chain(parts).map(String::from).collect()
}

async fn serve(
    common: &Common,
    settings: &Settings,
    asked: &Serve,
    keys: Keys,
    address: SocketAddr,
    logs: Logs,
) -> Result<(), Failure> {
    let (config, drain) = {
        let config = config(common, settings, asked, keys)?;
        let drain = config.drain;
        (config, drain)
    };
    // A file that cannot be used is told now, and not to the first who asks.
    let named = settings.source(common, None)?;
    for ticker in named.tickers() {
        named.bars(ticker)?;
    }
    let service = put_together(common, settings, asked, config, logs).await?;
    let busy = |source| Error::Storage { action: "listen on", path: address.to_string().into(), source };
    let listener = TcpListener::bind(address).await.map_err(busy)?;
    let bound = listener.local_addr().map_err(busy)?;
    let router = if asked.role == Role::Work {
        eprintln!("serving on http://{bound}, probes and metrics alone");
        probes(service.clone())
    } else {
        eprintln!("serving on http://{bound}, the page is http://{bound}/app");
        app(service.clone())
    };
    guard::serve(listener, router, service.guard(), stopped(), drain).await;
    service.jobs().drain(drain).await;
    #[cfg(feature = "otlp")]
    sent(service.logs().cloned()).await;
    Ok(())
}

/// Spans of the end are sent before the process goes, within a moment.
#[cfg(feature = "otlp")]
async fn sent(logs: Option<Logs>) {
    let sent = tokio::task::spawn_blocking(move || logs.is_none_or(|logs| logs.flush(FLUSHED)));
    if !sent.await.unwrap_or_default() {
        eprintln!("the last spans were not sent: the collector did not answer in time");
    }
}

fn config(common: &Common, settings: &Settings, asked: &Serve, keys: Keys) -> Result<AppConfig, Failure> {
    let mut config = AppConfig::new(&settings.home);
    config.bars_from = settings.bars_from(common).to_string();
    config.read = settings.read;
    config.redis.clone_from(&settings.redis);
    config.guard.keys = keys;
    config.guard.origins = Origins::new(&asked.allowed_host.join(","), &asked.cors_origin.join(","))?;
    config.guard.proxies = Proxies::new(&asked.trusted_proxy.join(","))?;
    config.workers = workers(settings, asked, config.workers)?;
    config.schedule.clone_from(&asked.schedule);
    config.watch.clone_from(&asked.watch);
    if asked.no_limits {
        config.limits = LimitConfig::off();
    }
    Ok(config)
}

/// How many jobs a process of that role does at once.
fn workers(settings: &Settings, asked: &Serve, otherwise: usize) -> Result<usize, Failure> {
    let wrong = |text: &str| Err(Failure::wrong("config", text.into()));
    match (asked.role, asked.workers) {
        (Role::Serve | Role::Work, _) if settings.redis.is_none() => wrong(
            "--role serve and --role work want a Redis, through which one leaves work to the other; name it with --redis URL",
        ),
        (Role::Serve, Some(1..)) => wrong("--role serve has no workers; leave out --workers, or say --role all"),
        (Role::Work, Some(0)) => {
            wrong("--role work wants a worker, got --workers 0; leave it out, or say --role serve")
        }
        (Role::Serve, _) => Ok(0),
        (_, asked) => Ok(asked.unwrap_or(otherwise)),
    }
}

async fn put_together(
    common: &Common,
    settings: &Settings,
    asked: &Serve,
    mut config: AppConfig,
    logs: Logs,
) -> Result<App, Failure> {
    let from = settings.bars_from(common);
    let llm = analyze::llm(&asked.llm)?;
    let model = llm.map(|llm| {
        config.analysts.prices = llm.prices;
        llm.connect()
    });
    let cache = SemanticCache::of_home(&settings.home, settings.answers.clone(), |name| std::env::var(name).ok());
    let mut builder = App::builder(config)
        .core(settings.surroundings()?)
        .source(settings.source(common, None)?)
        .semantic(cache.map_err(analyze::failure)?)
        .logs(logs);
    if let Some(model) = model {
        builder = builder.model(model.map_err(analyze::failure)?);
    }
    if let Some(news) = analyze::news(asked.news.as_deref(), from)? {
        builder = builder.news(news);
    }
    builder.build().await.map_err(|Fault { detail, .. }| Failure::wrong("config", detail))
}

/// The end of Ctrl-C and of SIGTERM.
async fn stopped() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = interrupt => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    let _ = interrupt.await;
}
