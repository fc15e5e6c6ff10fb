//! What can be called: subcommands and flags.

mod analyze;
mod backtest;
mod batch;
mod common;
mod features;
mod models;
mod risk;
mod runs;
mod serve;
mod train;

use std::net::SocketAddr;
use std::path::PathBuf;

use chrono::NaiveDate;
use clap::{Parser, Subcommand};
use stockops_core::Ticker;
use stockops_core::model::OnnxGraph;
use stockops_core::pipeline::GcConfig;

pub(crate) use analyze::{Analyze, Llm};
pub(crate) use backtest::Backtest;
pub(crate) use batch::{Batch, BatchList};
pub(crate) use common::Common;
pub(crate) use features::Features;
pub(crate) use models::Models;
pub(crate) use risk::Risk;
pub(crate) use runs::Runs;
pub(crate) use serve::{Mcp, Role, Serve};
pub(crate) use train::{Child, Span};

/// Daily market bars to forecasts that state their skill.
#[derive(Debug, Parser)]
#[command(name = "stockops", version, arg_required_else_help = true)]
#[command(
    after_help = "Example:\n  stockops demo\n\nExit codes: 0 done, 1 the work failed, 2 the call or its input was wrong."
)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show all of it offline: parent, child, skill, forecast and report, on bars that ship with stockops
    #[command(after_help = "Example:\n  stockops demo --out stockops-demo")]
    Demo {
        /// Folder of report.md, report.html and forecast.json
        #[arg(long, default_value = "stockops-demo", value_name = "DIR")]
        out: PathBuf,
        /// Train the parent as well, instead of taking the shipped one
        #[arg(long)]
        full: bool,
    },
    /// Train a parent and register it
    #[command(after_help = "Example:\n  stockops train-parent --bars index.csv.gz --to 2016-12-31")]
    TrainParent {
        /// Ticker; several are pooled, judged on the first [default: ^GSPC]
        #[arg(long, value_name = "TICKER", value_parser = parse::<Ticker>)]
        ticker: Vec<Ticker>,
        /// The original system's network and training, three layers of 128 without a blend, instead of the better recipe
        #[arg(long)]
        contract: bool,
        /// Sessions that it forecasts, and so do its children [default: 5]
        #[arg(long, value_name = "N")]
        horizon: Option<usize>,
        /// Sessions that it sees [default: 60]
        #[arg(long, value_name = "N")]
        context: Option<usize>,
        #[command(flatten)]
        span: Span,
    },
    /// Make a child of the parent for a ticker and register it
    #[command(after_help = "Example:\n  stockops train-child GOOG --bars goog.csv --strategy freeze")]
    TrainChild {
        /// Ticker
        #[arg(value_parser = parse::<Ticker>)]
        ticker: Ticker,
        #[command(flatten)]
        child: Child,
        /// Do not compare the child with its parent and with a network from nothing: most of the work, and no forecast changes
        #[arg(long)]
        no_compare: bool,
        #[command(flatten)]
        span: Span,
    },
    /// Forecast the next sessions with intervals
    #[command(after_help = "Example:\n  stockops forecast GOOG --bars goog.csv --json")]
    Forecast {
        /// Ticker
        #[arg(value_parser = parse::<Ticker>)]
        ticker: Ticker,
    },
    /// What may be lost and reached in the next sessions, with one ticker or with a portfolio
    ///
    /// Value at risk (the loss that is not exceeded) and expected shortfall (the mean loss beyond) at 95 and 99 %, as shares of
    /// the last close: above 0 something is lost. How likely levels are closed beyond or touched on the way, and how such
    /// statements were kept on held-out days.
    #[command(
        after_help = "Examples:\n  stockops risk GOOG --bars goog.csv --level 150 --level 180\n  stockops risk --portfolio \
                      mine.csv --bars GOOG=goog.csv --bars IBM=ibm.csv"
    )]
    Risk(Risk),
    /// A report whose every number is true, written by a language model or by the template
    ///
    /// Facts come first, stance, action and confidence are computed from them, and then somebody writes: the model at --llm,
    /// or the template where none is named or it fails. Each number, day and direction is checked. Runs are kept under the home.
    #[command(
        after_help = "Examples:\n  stockops analyze GOOG --bars goog.csv --question \"what would change your mind?\"\n  stockops \
                      analyze GOOG --bars goog.csv --llm http://localhost:11434 --llm-model llama3.1:8b --out report"
    )]
    Analyze(Analyze),
    /// Have the data changed, and has the model got worse? Keeps the report under the home
    #[command(after_help = "Example:\n  stockops drift GOOG --bars goog.csv --out drift-report")]
    Drift {
        /// Ticker
        #[arg(value_parser = parse::<Ticker>)]
        ticker: Ticker,
        /// Folder of drift.html and drift.json
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
    /// Drift and what is done about it: nothing, or a challenger that takes over only through the gate
    #[command(after_help = "Example:\n  stockops monitor GOOG --bars goog.csv --retrain")]
    Monitor {
        /// Ticker
        #[arg(value_parser = parse::<Ticker>)]
        ticker: Ticker,
        /// Train where the policy says so; without it training is recommended and not done
        #[arg(long)]
        retrain: bool,
    },
    /// Walk forward over days that no model saw when it was trained, and judge each forecast
    ///
    /// The last 40 % of the days are judged in folds of equal length, each by a child that is trained on days before it
    /// alone. A parent is used for a fold only if it saw no day of it: the registered (or shipped) one, or one that is
    /// trained for it from --bars ^GSPC=FILE, with all other series pooled in behind the index. Without such bars the
    /// folds begin after the parent's last day where at least 250 days follow it.
    #[command(
        after_help = "Examples:\n  stockops backtest GOOG --bars goog.csv\n  stockops backtest GOOG --bars goog.csv --bars \
                      ^GSPC=index.csv --ablation --out goog-backtest"
    )]
    Backtest {
        /// Ticker
        #[arg(value_parser = parse::<Ticker>)]
        ticker: Ticker,
        #[command(flatten)]
        test: Backtest,
    },
    /// Train, forecast or monitor many tickers: some at a time, in parts, and on from where it was killed
    ///
    /// A line for each ticker as it ends, with --json one of JSON, and a last one with done, skipped and failed. What fails for one
    /// ticker does not touch the others. Exit codes: 0 all done; 1 some failed or are left, and the same call with --resume may do them;
    /// 2 the call was wrong, or all that failed did so for their own input, which once more would change nothing. See docs/scale.md.
    #[command(
        after_help = "Examples:\n  stockops batch train --tickers tickers.txt --bars-dir bars --resume --json\n  stockops batch \
                      forecast --tickers tickers.csv --shard 3/8"
    )]
    Batch {
        #[command(subcommand)]
        work: Batch,
    },
    /// Tell how a file of bars is understood, and what is found in it
    #[command(
        after_help = "Examples:\n  stockops check goog.csv --ticker GOOG --dates dmy\n  stockops check GOOG --source yahoo"
    )]
    Check {
        /// The file; with --source yahoo or builtin a ticker
        file: PathBuf,
        /// Whose bars they are; it decides which days have a session [default: as the file names it, else read off its name]
        #[arg(long, value_name = "TICKER", value_parser = parse::<Ticker>)]
        ticker: Option<Ticker>,
    },
    /// List, show and choose versions of models
    #[command(after_help = "Example:\n  stockops models promote GOOG 2")]
    Models {
        #[command(subcommand)]
        action: Models,
    },
    /// Write a version in a format of others: weights as safetensors, or a graph as ONNX
    ///
    /// What goes in, what comes out and how bars become numbers stands in the metadata of the file.
    #[command(after_help = "Example:\n  stockops export GOOG --format onnx --out goog.onnx")]
    Export {
        /// Ticker; ^GSPC is the shipped parent where it has no version
        #[arg(value_parser = parse::<Ticker>)]
        ticker: Ticker,
        /// Version [default: the champion]
        #[arg(long, value_name = "N")]
        version: Option<u32>,
        /// safetensors or onnx
        #[arg(long, value_name = "safetensors|onnx", value_parser = ["safetensors", "onnx"])]
        format: String,
        /// Of ONNX: the network alone, or from scaled rows to scaled rows [default: forecaster]
        #[arg(long, value_name = "network|forecaster", value_parser = parse::<OnnxGraph>)]
        part: Option<OnnxGraph>,
        /// File
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Read a network of the original system, a .pt file and its scaler, and register it
    #[command(
        after_help = "Example:\n  python docs/scaler_to_json.py scaler.pkl > scaler.json\n  stockops import model.pt --scaler \
                      scaler.json --ticker GOOG --last-day 2025-06-30 --bars goog.csv"
    )]
    Import {
        /// The .pt file of its state_dict
        file: PathBuf,
        /// Its scaler as JSON, as docs/scaler_to_json.py makes it of the pickle
        #[arg(long, value_name = "FILE")]
        scaler: PathBuf,
        /// Whose network
        #[arg(long, value_name = "TICKER", value_parser = parse::<Ticker>)]
        ticker: Ticker,
        /// Last day that it may have seen in training [default: today]
        #[arg(long, value_name = "DATE")]
        last_day: Option<NaiveDate>,
        /// Sessions that it sees [default: 60]
        #[arg(long, value_name = "N")]
        context: Option<usize>,
        /// It is a parent, which children may come from; they do where it passes the gate against the parent of now
        #[arg(long)]
        parent: bool,
    },
    /// Remove versions that nobody needs and what killed processes left, and say which
    ///
    /// Champion, challenger, parent and the version that a rollback would bring back stay, and so do versions that others came
    /// from, those with forecasts that are still to be scored, and the newest. A service may go on meanwhile.
    #[command(after_help = "Example:\n  stockops gc --keep 3 --days 30 --dry-run")]
    Gc {
        /// Newest versions of each ticker that stay in any case
        #[arg(long, default_value_t = GcConfig::default().keep, value_name = "N")]
        keep: usize,
        /// Versions of the last N days stay too [default: of any age go]
        #[arg(long, value_name = "N")]
        days: Option<u16>,
        /// Say what would be removed, and remove nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// Copy the home to a new folder, while a service and trainings go on
    ///
    /// Versions, the record, reports, runs, features, bars and jobs are in it, each with its hash in backup.json; caches and logs are
    /// not. `stockops restore` makes a home of it.
    #[command(after_help = "Example:\n  stockops backup /var/backups/stockops/monday")]
    Backup {
        /// Folder, which is made; it must hold nothing
        folder: PathBuf,
    },
    /// Make the home of a backup; every object is checked before anything is written
    ///
    /// Stop the service first. The home is whole afterwards or as it was; a call that was killed is repeated.
    #[command(after_help = "Example:\n  stockops restore /var/backups/stockops/monday --home stockops-home")]
    Restore {
        /// Folder of the backup
        folder: PathBuf,
        /// Move what is in the home to its folder replaced-TIME first
        #[arg(long)]
        replace: bool,
    },
    /// Features of all tickers: kept with when they were known, joined at a point in time, served online
    #[command(
        after_help = "Examples:\n  stockops features apply\n  stockops features materialize GOOG --bars goog.csv\n  stockops features \
                      history --entities asked.csv --json"
    )]
    Features {
        #[command(subcommand)]
        action: Features,
    },
    /// Serve the tools to assistants over the Model Context Protocol
    ///
    /// Claude Desktop, Claude Code, VS Code, Cursor, Zed and others start this command themselves; docs/mcp.md has their
    /// configuration. Questions change nothing that is kept: only --allow-training lets a model be trained and registered.
    #[command(after_help = "Examples:\n  stockops mcp --source yahoo\n  stockops mcp --bars GOOG=goog.csv --root bars")]
    Mcp(Mcp),
    /// Serve the API, two pages and metrics over HTTP
    ///
    /// Everything is kept in the home. Redis (--redis), Qdrant (STOCKOPS_QDRANT_URL), MLflow (MLFLOW_TRACKING_URI) and a language model
    /// (--llm) are used where they are named. Ctrl-C or SIGTERM ends it: open answers are given, jobs are handed back.
    #[command(after_help = "Examples:\n  stockops serve --source builtin\n  \
                      STOCKOPS_API_KEY=... STOCKOPS_ADMIN_KEY=... stockops serve --host 0.0.0.0 --allowed-host stocks.example\n  \
                      stockops serve --role work --redis redis://10.0.0.5")]
    Serve(Serve),
    /// Ask a server of this machine whether it can serve: exit code 0 where it can, 1 where it cannot or nothing answers
    #[command(after_help = "Example:\n  stockops health 127.0.0.1:8000")]
    Health {
        /// Address in numbers
        #[arg(default_value = "127.0.0.1:8000", value_name = "ADDRESS")]
        address: SocketAddr,
    },
    /// List, show and compare trainings, and send them to MLflow
    #[command(after_help = "Example:\n  stockops runs list GOOG")]
    Runs {
        #[command(subcommand)]
        action: Runs,
    },
}

/// clap wants errors that it may keep: ours as text.
fn parse<T: std::str::FromStr<Err: std::fmt::Display>>(word: &str) -> Result<T, String> {
    word.parse().map_err(|error: T::Err| error.to_string())
}
