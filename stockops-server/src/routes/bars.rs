//! Bars: a file that somebody sends, and what the server has.

use aide::axum::ApiRouter;
use aide::axum::routing::{delete_with, get_with, post_with};
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stockops_core::Ticker;
use stockops_core::market::{Bar, Calendar, Finding};
use stockops_core::source::{Adjust, DateOrder, Decimal, ReadOptions, Understood};

use super::OfTicker;
use crate::app::App;
use crate::openapi::{Access, Topic, listed, takes_file};
use crate::{Fault, Json, Path, Query};

/// Bytes of a file that is sent.
const FILE: usize = 16 << 20;

pub(super) fn routes(app: &App) -> ApiRouter<App> {
    let send = post_with(send, |o| {
        let summary = "Send a file of daily bars, which the ticker has from now on";
        takes_file(
            listed(o, Access::Key, Topic::Bars, "send_bars", summary),
            "A file that `check` reads, of at most 16 MB.",
        )
    });
    let route = send.layer(app.guard().body_limit(FILE)).merge(get_with(rows, |o| {
        listed(o, Access::Key, Topic::Bars, "bars", "The newest bars of a ticker, oldest first")
    }));
    let route = route.merge(delete_with(forget, |o| {
        listed(
            o,
            Access::Key,
            Topic::Bars,
            "forget_bars",
            "Forget a file that was sent, so that the source holds again",
        )
    }));
    ApiRouter::new().api_route("/bars/{ticker}", route)
}

/// What is said of a file; what is not said is as the server was started.
#[derive(Debug, Deserialize, JsonSchema)]
struct Said {
    /// What its sender calls it, for messages.
    name: Option<String>,
    /// What to do with an Adj Close column.
    adjust: Option<Adjust>,
    /// The days of trading, such as `XNYS`, `24/7` or `weekdays`.
    calendar: Option<Calendar>,
    /// Order of day, month and year where the file leaves it open.
    dates: Option<DateOrder>,
    /// What the mark of decimals is where the file leaves it open.
    decimal: Option<Decimal>,
    /// Drop rows that break a rule, and say so.
    drop_bad_rows: Option<bool>,
    /// Fold bars of hours or minutes to days.
    fold: Option<bool>,
}

impl Said {
    fn over(&self, usual: &ReadOptions) -> ReadOptions {
        ReadOptions {
            adjust: self.adjust.unwrap_or(usual.adjust),
            calendar: self.calendar.or(usual.calendar),
            dates: self.dates.or(usual.dates),
            decimal: self.decimal.or(usual.decimal),
            drop_bad_rows: self.drop_bad_rows.unwrap_or(usual.drop_bad_rows),
            fold: self.fold.unwrap_or(usual.fold),
            ..*usual
        }
    }
}

/// A file that was read, as `check` of the command tells it.
#[derive(Debug, Serialize, JsonSchema)]
struct Checked {
    /// Whose bars.
    ticker: Ticker,
    /// How it was understood.
    understood: Understood,
    /// Rows as read.
    rows: usize,
    /// Rows that became bars.
    rows_kept: usize,
    /// First day kept.
    first_day: Option<NaiveDate>,
    /// Last day kept.
    last_day: Option<NaiveDate>,
    /// What was found.
    findings: Vec<Finding>,
    /// Bars that the server had of the ticker, and that this file has taken the place of; null where it had read none yet.
    replaced: Option<usize>,
}

async fn send(
    State(app): State<App>,
    Path(OfTicker { ticker }): Path<OfTicker>,
    Query(said): Query<Said>,
    file: Bytes,
) -> Result<Json<Checked>, Fault> {
    if file.is_empty() {
        return Err(Fault::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "the body is empty; send the file itself as the body",
        ));
    }
    let options = said.over(app.shelf().options());
    let (name, of) = (said.name.unwrap_or_else(|| "bars".into()), ticker.clone());
    let taken = app.run(move |app| {
        // Who sends a file may do so because the source is away: it is not asked.
        let before = app.shelf().known(&of).map(|before| before.bars.len());
        Ok::<_, Fault>((app.shelf().take(&of, &name, file.to_vec(), &options, app.stockops().now())?, before))
    });
    let (taken, replaced) = taken.await?;
    app.purge(&ticker).await;
    let quality = taken.quality;
    Ok(Json(Checked {
        ticker,
        understood: taken.understood,
        rows: quality.rows_read,
        rows_kept: quality.rows_kept,
        first_day: quality.first_day,
        last_day: quality.last_day,
        findings: quality.findings,
        replaced,
    }))
}

/// What became of a file.
#[derive(Debug, Serialize, JsonSchema)]
struct Forgotten {
    /// Whether there was one.
    forgotten: bool,
}

async fn forget(State(app): State<App>, Path(OfTicker { ticker }): Path<OfTicker>) -> Result<Json<Forgotten>, Fault> {
    let of = ticker.clone();
    let forgotten = app.read(move |app| app.shelf().forget(&of)).await?;
    app.purge(&ticker).await;
    Ok(Json(Forgotten { forgotten }))
}

/// How much.
#[derive(Debug, Deserialize, JsonSchema)]
struct Newest {
    /// How many bars, 250 where nothing is said, 10,000 at most.
    days: Option<usize>,
}

/// Bars of a ticker.
#[derive(Debug, Serialize, JsonSchema)]
struct Rows {
    /// Whose.
    ticker: Ticker,
    /// Oldest first.
    bars: Vec<Bar>,
}

async fn rows(
    State(app): State<App>,
    Path(OfTicker { ticker }): Path<OfTicker>,
    Query(newest): Query<Newest>,
) -> Result<Json<Rows>, Fault> {
    let days = newest.days.unwrap_or(250).min(10_000);
    let of = ticker.clone();
    let sourced = app.run(move |app| app.shelf().shared(&of)).await?;
    let all: Vec<Bar> = sourced.bars.iter().copied().collect();
    Ok(Json(Rows { ticker, bars: all[all.len().saturating_sub(days)..].to_vec() }))
}
