//! What can be called: subcommands and flags.

mod batch;
mod serve;

use std::net::SocketAddr;
use std::path::PathBuf;

use chrono::{DateTime, NaiveDate, Utc};
use clap::{Args as ClapArgs, Parser, Subcommand};
use stockops_agents::Language;
use stockops_core::feature_store::Layout;
use stockops_core::model::OnnxGraph;
use stockops_core::pipeline::GcConfig;
use stockops_core::source::{DateOrder, Decimal};
use stockops_core::tracking::RunId;
use stockops_core::{Calendar, Device, Strategy, Ticker};

pub(crate) use batch::{Batch, BatchList};
pub(crate) use serve::{Mcp, Role, Serve};

use crate::source::SourceWord;

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

/// Flags of every command.
#[derive(Debug, Clone, ClapArgs)]
pub(crate) struct Common {
    /// Folder of registry, runs and caches, or a bucket: s3://BUCKET/PREFIX, gs://, az:// [default: ./stockops-home]
    #[arg(long, global = true, env = "STOCKOPS_HOME", value_name = "DIR|URL")]
    pub(crate) home: Option<PathBuf>,
    /// Bars of the ticker from CSV as sources write it, zip, Parquet; several as TICKER=FILE
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) bars: Vec<String>,
    /// Where bars come from that --bars names no file of: yahoo, files (from none) or builtin [default: yahoo, with --bars files]
    #[arg(long, global = true, value_name = "yahoo|files|builtin", value_parser = parse_source)]
    pub(crate) source: Option<SourceWord>,
    /// Take today's bar of Yahoo although its session is not over
    #[arg(long, global = true)]
    pub(crate) partial: bool,
    /// Take what was known of Yahoo's bars at the end of this day, so that a call can be repeated as it was
    #[arg(long, global = true, value_name = "DATE")]
    pub(crate) as_of: Option<NaiveDate>,
    /// Take bars of Yahoo that end before the last finished session
    #[arg(long, global = true)]
    pub(crate) allow_stale: bool,
    /// Ask Yahoo for all of the history again, where what is kept of it is wrong
    #[arg(long, global = true, conflicts_with = "as_of")]
    pub(crate) refresh: bool,
    /// Events that are known beforehand, such as dates of earnings: CSV with the columns date, ticker and kind
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) events: Option<PathBuf>,
    /// Where to compute: cpu, cuda, libtorch or libtorch:cuda [default: cpu]
    #[arg(long, global = true, env = "STOCKOPS_DEVICE", value_name = "WORD", value_parser = parse::<Device>)]
    pub(crate) device: Option<Device>,
    /// Seed of weights, order and dropout [default: 42]
    #[arg(long, global = true, env = "STOCKOPS_SEED", value_name = "N", allow_negative_numbers = true)]
    pub(crate) seed: Option<u64>,
    /// Threads of the CPU [default: all]
    #[arg(long, global = true, env = "STOCKOPS_THREADS", value_name = "N")]
    pub(crate) threads: Option<usize>,
    /// Prices scaled by Adj Close where a file has it, or as they are [default: auto]
    #[arg(long, global = true, value_name = "auto|none", value_parser = ["auto", "none"])]
    pub(crate) adjust: Option<String>,
    /// Days of trading: a code such as XNYS, 24/7 or weekdays [default: what the ticker names, else what the rows show]
    #[arg(long, global = true, value_name = "WORD", value_parser = parse::<Calendar>)]
    pub(crate) calendar: Option<Calendar>,
    /// Order of day and month where a file leaves it open: dmy, mdy or ymd
    #[arg(long, global = true, value_name = "dmy|mdy|ymd", value_parser = parse::<DateOrder>)]
    pub(crate) dates: Option<DateOrder>,
    /// Mark of decimals where a file leaves it open: point or comma
    #[arg(long, global = true, value_name = "point|comma", value_parser = parse::<Decimal>)]
    pub(crate) decimal: Option<Decimal>,
    /// Drop rows that break a rule, and say so
    #[arg(long, global = true)]
    pub(crate) drop_bad_rows: bool,
    /// Fold bars of hours or minutes to days, by the hours of the exchange
    #[arg(long, global = true)]
    pub(crate) fold: bool,
    /// Redis, such as redis://127.0.0.1:6379: features online, and what servers share; STOCKOPS_REDIS_URL_FILE names a file that
    /// has the address [default: none]
    #[arg(long, global = true, env = "STOCKOPS_REDIS_URL", hide_env_values = true, value_name = "URL")]
    pub(crate) redis: Option<String>,
    /// Settings file [default: stockops.toml in the working directory, if there is one]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// One JSON document on stdout and nothing else there
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// A line for each epoch
    #[arg(short, long, global = true)]
    pub(crate) verbose: bool,
    /// No progress
    #[arg(long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
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

/// How a child is trained.
#[derive(Debug, Clone, ClapArgs)]
pub(crate) struct Child {
    /// How it comes from the parent: freeze, fine-tune, zero-shot or scratch
    #[arg(long, default_value = "freeze", value_name = "WORD", value_parser = parse::<Strategy>)]
    pub(crate) strategy: Strategy,
    /// Keep only the last N bars before the test
    #[arg(long, value_name = "N")]
    pub(crate) history: Option<usize>,
    /// Test on days that the parent saw, and mark the bundle
    #[arg(long)]
    pub(crate) allow_parent_leak: bool,
}

/// What can be done with runs.
#[derive(Debug, Subcommand)]
pub(crate) enum Runs {
    /// The latest runs
    #[command(after_help = "Example:\n  stockops runs list GOOG --most 5")]
    List {
        /// Of this ticker alone
        #[arg(value_parser = parse::<Ticker>)]
        ticker: Option<Ticker>,
        /// How many, at most
        #[arg(long, default_value_t = 20, value_name = "N")]
        most: usize,
    },
    /// One run with all that is known about it, epoch by epoch
    #[command(after_help = "Example:\n  stockops runs show 20260105T120000-1a2b3c4d")]
    Show {
        /// The run
        #[arg(value_parser = parse::<RunId>)]
        run: RunId,
    },
    /// Runs side by side: parameters and metrics that differ
    #[command(after_help = "Example:\n  stockops runs compare 20260105T120000-1a2b3c4d 20260106T120000-5e6f7a8b")]
    Compare {
        /// The runs
        #[arg(required = true, num_args = 2.., value_parser = parse::<RunId>)]
        runs: Vec<RunId>,
    },
    /// Send what the server of MLflow does not have: MLFLOW_TRACKING_URI says where it is
    #[command(after_help = "Example:\n  MLFLOW_TRACKING_URI=http://127.0.0.1:5000 stockops runs sync")]
    Sync,
}

/// What can be done with features.
#[derive(Debug, Subcommand)]
pub(crate) enum Features {
    /// Keep a view under the home from now on: the contract's stock_stats, or one from a file
    #[command(after_help = "Example:\n  stockops features apply --view momentum.json --layout buckets")]
    Apply {
        /// JSON with name, version, features and ttl_seconds [default: stock_stats]
        #[arg(long, value_name = "FILE")]
        view: Option<PathBuf>,
        /// How rows are spread over files: tickers (one each) or buckets (256, for more than some thousands of tickers)
        #[arg(long, value_name = "tickers|buckets", value_parser = parse::<Layout>)]
        layout: Option<Layout>,
    },
    /// Take the bars of tickers into the store, and send the newest rows of all to the online store
    #[command(
        after_help = "Example:\n  stockops features materialize GOOG --bars goog.csv --redis redis://127.0.0.1:6379"
    )]
    Materialize {
        /// Tickers [default: those that --bars names]
        #[arg(value_parser = parse::<Ticker>)]
        ticker: Vec<Ticker>,
    },
    /// The newest row of tickers: from the online store, or from the files where none is named
    #[command(after_help = "Example:\n  stockops features get GOOG AMZN --json")]
    Get {
        /// Tickers
        #[arg(required = true, value_parser = parse::<Ticker>)]
        ticker: Vec<Ticker>,
        /// View, such as stock_stats or stock_stats_v2
        #[arg(long, default_value = "stock_stats", value_name = "NAME")]
        view: String,
    },
    /// All rows of a ticker, or the rows that were in force for a list of tickers and times
    #[command(
        after_help = "Examples:\n  stockops features history GOOG --known 2024-05-01\n  stockops features history --entities \
                      asked.csv --known-then --json"
    )]
    History {
        /// Ticker
        #[arg(value_parser = parse::<Ticker>, conflicts_with = "entities")]
        ticker: Option<Ticker>,
        /// CSV with the columns ticker and event_timestamp, such as 2024-05-01T20:00:00Z; one row comes out for each
        #[arg(long, value_name = "FILE")]
        entities: Option<PathBuf>,
        /// Count only what was known at the time of each row of the list, and not what was corrected since
        #[arg(long)]
        known_then: bool,
        /// Rows as they were known at this time, such as 2024-05-01T20:00:00Z, or at the end of this day in UTC
        #[arg(long, value_name = "TIME|DATE", value_parser = parse_known, conflicts_with = "entities")]
        known: Option<DateTime<Utc>>,
        /// View, such as stock_stats or stock_stats_v2
        #[arg(long, default_value = "stock_stats", value_name = "NAME")]
        view: String,
    },
}

/// Whose risk, and what of it.
#[derive(Debug, Clone, ClapArgs)]
pub(crate) struct Risk {
    /// Ticker
    #[arg(value_parser = parse::<Ticker>, conflicts_with = "portfolio")]
    pub(crate) ticker: Option<Ticker>,
    /// Price that may be touched or closed beyond; several [default: 2 and 5 % on either side of the last close]
    #[arg(long, value_name = "PRICE", allow_negative_numbers = true, conflicts_with = "portfolio")]
    pub(crate) level: Vec<f64>,
    /// Width of a day from low to high, with 0.03 for 3 %; several [default: 0.02, 0.03, 0.05]
    #[arg(long, value_name = "SHARE", allow_negative_numbers = true, conflicts_with = "portfolio")]
    pub(crate) wider: Vec<f64>,
    /// Sessions that are stated [default: all that are forecast]
    #[arg(long, value_name = "N")]
    pub(crate) horizon: Option<usize>,
    /// CSV with the columns ticker and weight (a share of the capital) or shares; below 0 sold short
    #[arg(long, value_name = "FILE")]
    pub(crate) portfolio: Option<PathBuf>,
    /// Folder of risk.json, risk.html and risk.svg [default: nothing is written]
    #[arg(long, value_name = "DIR", conflicts_with = "portfolio")]
    pub(crate) out: Option<PathBuf>,
}

/// Of what a report is, and who writes it.
#[derive(Debug, Clone, ClapArgs)]
pub(crate) struct Analyze {
    /// Ticker
    #[arg(value_parser = parse::<Ticker>)]
    pub(crate) ticker: Ticker,
    /// Address of a language model that speaks the API of OpenAI, such as http://localhost:11434 [default: none, the template writes]
    #[arg(long, env = "STOCKOPS_LLM_URL", hide_env_values = true, value_name = "URL")]
    pub(crate) llm: Option<String>,
    /// Its name there; STOCKOPS_LLM_KEY has its key
    #[arg(long, env = "STOCKOPS_LLM_MODEL", value_name = "NAME")]
    pub(crate) llm_model: Option<String>,
    /// Tokens that may be spent [default: 40000]
    #[arg(long, value_name = "N")]
    pub(crate) tokens: Option<u64>,
    /// Money that may be spent, in the currency of STOCKOPS_LLM_PRICE_IN and STOCKOPS_LLM_PRICE_OUT [default: no limit]
    #[arg(long, value_name = "AMOUNT")]
    pub(crate) cost: Option<f64>,
    /// Let the model ask no tools, for models that do none
    #[arg(long)]
    pub(crate) no_tools: bool,
    /// Hide names and days from the language model, which may know what came after --as-of
    #[arg(long)]
    pub(crate) mask: bool,
    /// Headlines as JSON, asked last [default: Finnhub with FINNHUB_API_KEY, and Yahoo where bars are Yahoo's]
    #[arg(long, env = "STOCKOPS_NEWS_FILE", value_name = "FILE")]
    pub(crate) news: Option<PathBuf>,
    /// Name of the company, such as "Alphabet Inc.", so that question and report may call it so
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// A question beyond the report; one that was asked before is answered from what is kept, and the report says so
    #[arg(long, value_name = "TEXT")]
    pub(crate) question: Option<String>,
    /// Go on with the conversation of this name
    #[arg(long, value_name = "NAME")]
    pub(crate) thread: Option<String>,
    /// Language of the report: two or three letters, such as de [default: en]
    #[arg(long, value_name = "CODE", value_parser = language)]
    pub(crate) language: Option<Language>,
    /// Go round what was answered before
    #[arg(long)]
    pub(crate) fresh: bool,
    /// Remove the kept answer of this id, and do no more
    #[arg(long, value_name = "ID", conflicts_with_all = ["question", "thread", "fresh", "replay", "out"])]
    pub(crate) forget: Option<String>,
    /// Show a run again, or the `latest`, and call nobody
    #[arg(long, value_name = "RUN", conflicts_with_all = ["question", "thread", "fresh"])]
    pub(crate) replay: Option<String>,
    /// Folder of report.md, report.html, report.json and the charts [default: nothing is written]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
}

/// What a backtest does.
#[derive(Debug, Clone, ClapArgs)]
pub(crate) struct Backtest {
    /// Stretches of days that are judged one after the other
    #[arg(long, default_value_t = 4, value_name = "N")]
    pub(crate) folds: usize,
    /// Train the child once, before the first fold, and not anew before each
    #[arg(long)]
    pub(crate) no_refit: bool,
    /// How the child comes from the parent: freeze, fine-tune, zero-shot or scratch
    #[arg(long, default_value = "freeze", value_name = "WORD", value_parser = parse::<Strategy>)]
    pub(crate) strategy: Strategy,
    /// Keep only the last N bars before each fold
    #[arg(long, value_name = "N")]
    pub(crate) history: Option<usize>,
    /// Hold zero-shot, freeze, fine-tune and scratch side by side, with histories of 100 to 1000 bars and with all
    #[arg(long)]
    pub(crate) ablation: bool,
    /// Do it with N seeds, one more each time, and show how far the skill varies
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub(crate) seeds: usize,
    /// Epochs of a child, at most [default: 10]
    #[arg(long, value_name = "N")]
    pub(crate) epochs: Option<usize>,
    /// First day that is used
    #[arg(long, value_name = "DATE")]
    pub(crate) from: Option<NaiveDate>,
    /// Last day that is used
    #[arg(long, value_name = "DATE")]
    pub(crate) to: Option<NaiveDate>,
    /// Folder of backtest.json, backtest.html and the charts [default: nothing is written]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// File for the error of each forecast, and of each rule, as CSV: to test differences [default: nothing is written]
    #[arg(long, value_name = "FILE")]
    pub(crate) errors: Option<PathBuf>,
}

/// Epochs and days of a training, and where its charts go.
#[derive(Debug, Clone, ClapArgs)]
pub(crate) struct Span {
    /// Epochs, at most [default: 20 for a parent, 10 for a child]
    #[arg(long, value_name = "N")]
    pub(crate) epochs: Option<usize>,
    /// First day that is used
    #[arg(long, value_name = "DATE")]
    pub(crate) from: Option<NaiveDate>,
    /// Last day that training, validation and calibration may see; later days are the test
    #[arg(long, value_name = "DATE")]
    pub(crate) to: Option<NaiveDate>,
    /// Folder of training.json, training.html and the charts [default: nothing is written]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
}

/// What can be done with versions.
#[derive(Debug, Subcommand)]
pub(crate) enum Models {
    /// All versions, of one ticker or of all; each bundle is checked
    #[command(after_help = "Example:\n  stockops models list GOOG")]
    List {
        /// Ticker
        #[arg(value_parser = parse::<Ticker>)]
        ticker: Option<Ticker>,
    },
    /// One version with all that is known about it
    #[command(after_help = "Example:\n  stockops models show GOOG 2")]
    Show {
        /// Ticker
        #[arg(value_parser = parse::<Ticker>)]
        ticker: Ticker,
        /// Version [default: the champion]
        version: Option<u32>,
    },
    /// Make a version the champion, or the parent that children come from
    #[command(after_help = "Examples:\n  stockops models promote GOOG 2\n  stockops models promote ^GSPC 0 --parent")]
    Promote {
        /// Ticker
        #[arg(value_parser = parse::<Ticker>)]
        ticker: Ticker,
        /// Version; with --parent 0 is the parent that ships with the program
        version: u32,
        /// Make it the parent that children of all tickers come from, and leave the champion as it is
        #[arg(long)]
        parent: bool,
    },
    /// Make the champion before the current one champion again
    #[command(after_help = "Example:\n  stockops models rollback GOOG")]
    Rollback {
        /// Ticker
        #[arg(value_parser = parse::<Ticker>)]
        ticker: Ticker,
    },
}

fn parse_source(word: &str) -> Result<SourceWord, String> {
    word.parse()
}

/// A time, or the end of a day.
fn parse_known(word: &str) -> Result<DateTime<Utc>, String> {
    let end = |day: NaiveDate| day.and_hms_micro_opt(23, 59, 59, 999_999).map(|time| time.and_utc());
    let time = word.parse().ok().or_else(|| word.parse().ok().and_then(end));
    time.ok_or_else(|| "must be a time with its zone, such as 2024-05-01T20:00:00Z, or a day".to_owned())
}

/// A language by its code.
fn language(word: &str) -> Result<Language, String> {
    word.parse().map_err(|error: stockops_agents::Error| error.to_string())
}

/// clap wants errors that it may keep: ours as text.
fn parse<T: std::str::FromStr<Err = stockops_core::Error>>(word: &str) -> Result<T, String> {
    word.parse().map_err(|error: stockops_core::Error| error.to_string())
}
