//! Page two: versions of models, drift, evaluation, jobs, outputs and logs.

use askama::Template;
use chrono::{DateTime, Utc};
use stockops_agents::evaluation::{AgentEval, Status};
use stockops_core::drift::DriftReport;
use stockops_core::registry::{Alias, Version};
use stockops_core::report::{Table, drift_svg, drift_table};

use super::asset::address;
use super::{markup, words};

/// One job, as a row of the page.
#[derive(Debug, Clone, Default)]
pub struct JobRow {
    /// Its id, by which it is cancelled.
    pub id: String,
    /// What it does and for whom, such as `train GOOG`.
    pub work: String,
    /// `queued`, `running`, `completed`, `failed` or `cancelled`.
    pub state: String,
    /// How far it is, or why it failed.
    pub detail: String,
    /// When it was asked for.
    pub since: Option<DateTime<Utc>>,
    /// Whether it can be cancelled.
    pub open: bool,
}

/// One file that was written.
#[derive(Debug, Clone, Default)]
pub struct OutputRow {
    /// Its name.
    pub name: String,
    /// Its size in thousands of bytes.
    pub kilobytes: f64,
    /// When it was written.
    pub modified: Option<DateTime<Utc>>,
    /// What it is, such as `report`.
    pub category: String,
}

/// What page two shows; what is not there is said to be missing.
#[derive(Debug, Clone, Default)]
pub struct MonitorView {
    /// Whose models, drift and evaluation; empty at first.
    pub ticker: String,
    /// What went wrong or has to be known, in a sentence.
    pub notice: Option<String>,
    /// Versions of the ticker, oldest first.
    pub versions: Vec<Version>,
    /// The newest drift report.
    pub drift: Option<DriftReport>,
    /// The newest evaluation of a report.
    pub eval: Option<AgentEval>,
    /// Jobs, newest first.
    pub jobs: Vec<JobRow>,
    /// Files, newest first.
    pub outputs: Vec<OutputRow>,
}

/// Page two as HTML.
///
/// # Example
///
/// ```
/// use stockops_server::pages::{MonitorView, monitor};
///
/// assert!(monitor(&MonitorView::default()).contains("Train the parent"));
/// ```
pub fn monitor(view: &MonitorView) -> String {
    let page = Page {
        style: address("app.css"),
        icon: address("icon.svg"),
        script: address("monitor.js"),
        here: "monitor",
        ticker: &view.ticker,
        notice: view.notice.as_deref(),
        models: view.versions.iter().rev().map(Model::of).collect(),
        drift: view.drift.as_ref().map(Drift::of),
        eval: view.eval.as_ref().map(Eval::of),
        jobs: view.jobs.iter().map(Job::of).collect(),
        outputs: (!view.outputs.is_empty()).then(|| outputs(&view.outputs)),
    };
    page.render().unwrap_or_else(|error| format!("the page could not be made: {error}"))
}

#[derive(Template)]
#[template(path = "monitor.html")]
struct Page<'a> {
    style: String,
    icon: String,
    script: String,
    here: &'static str,
    ticker: &'a str,
    notice: Option<&'a str>,
    models: Vec<Model>,
    drift: Option<Drift>,
    eval: Option<Eval>,
    jobs: Vec<Job>,
    outputs: Option<String>,
}

struct Model {
    version: u32,
    created: String,
    strategy: String,
    parent: String,
    role: &'static str,
    champion: bool,
    words: String,
}

impl Model {
    fn of(version: &Version) -> Self {
        let champion = version.alias.contains(&Alias::Champion);
        let role = match (champion, version.alias.contains(&Alias::Challenger)) {
            (true, _) => "forecasts now",
            (_, true) => "challenger",
            _ => "kept",
        };
        let created = DateTime::parse_from_rfc3339(&version.created).map(|time| words::moment(time.to_utc()));
        let reason = version.reason.clone().unwrap_or_default();
        Self {
            version: version.version,
            created: created.unwrap_or_else(|_| version.created.clone()),
            strategy: version.strategy.replace('_', " "),
            parent: version.parent.clone().unwrap_or_else(|| "none".into()),
            role,
            champion,
            words: if version.unproven { format!("unproven: {reason}") } else { reason },
        }
    }
}

struct Drift {
    health: String,
    summary: String,
    retrain: String,
    when: String,
    chart: String,
    table: String,
}

impl Drift {
    fn of(report: &DriftReport) -> Self {
        let wanted = if report.retrain.wanted { "Training is due" } else { "No training is due" };
        Self {
            health: report.health.map_or_else(|| "Not tested".into(), |health| health.to_string()),
            summary: report.summary.clone(),
            retrain: format!("{wanted}: {}.", report.retrain.reason),
            when: report.as_of.map_or_else(|| "on no bars".into(), |day| format!("on bars up to {}", words::day(day))),
            chart: markup::chart(&drift_svg(report)),
            table: markup::prose_table("Tests of drift", &drift_table(report)),
        }
    }
}

struct Eval {
    status: &'static str,
    overall: String,
    when: String,
    table: String,
    findings: Vec<String>,
}

impl Eval {
    fn of(eval: &AgentEval) -> Self {
        let score = |score: Option<f64>| score.map_or_else(|| "not known".into(), |score| format!("{score:.2}"));
        let mut table = Table::new(["check", "score from 0 to 1"]);
        let scores = [
            ("Is it about its ticker?", eval.relevance),
            ("Is every number true?", eval.trustworthiness),
            ("Does it conclude what the facts allow?", eval.recommendation),
            ("Do the analysts agree?", eval.coherence),
            ("Is its stance that of the forecast?", eval.accuracy),
            ("Is it of the newest bars?", eval.recency),
            ("Were earlier reports right as often as they said?", eval.calibration),
        ];
        table.extend(scores.map(|(name, value)| vec![name.to_owned(), score(value)]));
        Self {
            status: match eval.status {
                Status::Trustworthy => "Trustworthy",
                Status::Questionable => "Questionable",
            },
            overall: score(eval.overall_score),
            when: words::moment(eval.timestamp),
            table: markup::table("Checks of the newest report", &table),
            findings: eval.findings.clone(),
        }
    }
}

struct Job {
    id: String,
    work: String,
    state: String,
    detail: String,
    since: String,
    open: bool,
}

impl Job {
    fn of(row: &JobRow) -> Self {
        let JobRow { id, work, state, detail, since, open } = row.clone();
        Self { id, work, state, detail, since: since.map(words::moment).unwrap_or_default(), open }
    }
}

fn outputs(rows: &[OutputRow]) -> String {
    let mut table = Table::new(["name", "kind", "size", "written"]);
    let size = |kilobytes: f64| {
        if kilobytes < 1000.0 { format!("{kilobytes:.1} KB") } else { format!("{:.1} MB", kilobytes / 1000.0) }
    };
    let row = |row: &OutputRow| {
        vec![
            row.name.clone(),
            row.category.clone(),
            size(row.kilobytes),
            row.modified.map(words::moment).unwrap_or_default(),
        ]
    };
    table.extend(rows.iter().map(row));
    markup::table("Files", &table)
}
