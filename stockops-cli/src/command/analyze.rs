//! `stockops analyze`: facts, verdict, and a report that is checked.

use std::path::Path;
use std::sync::Arc;

use serde_json::json;
use stockops_agents::analyze::{Event, Settings as Rules};
use stockops_agents::cache::SemanticCache;
use stockops_agents::llm::LlmSettings;
use stockops_agents::news::{FileNews, FirstOf, NewsSettings, NewsSource};
use stockops_agents::tools::Budget;
use stockops_agents::{Analyst, Error, Kept, Request};
use stockops_core::files::write_atomically;

use super::{print, write};
use crate::args::{Analyze, Common, Llm};
use crate::failure::Failure;
use crate::flags::as_flags;
use crate::settings::Settings;
use crate::source::SourceWord;

pub(super) fn run(common: &Common, settings: &Settings, asked: &Analyze) -> Result<(), Failure> {
    let analyst = analyst(common, settings, asked)?;
    if let Some(id) = &asked.forget {
        return forget(common, &analyst, id);
    }
    let analysis = match &asked.replay {
        Some(run) => analyst.replay(&asked.ticker, run).map_err(failure)?,
        None => analyst.analyze(request(common, asked)),
    };
    let kept = analysis.wait(|event| tell(common, event)).map_err(failure)?;
    if let Some(out) = &asked.out {
        write_all(out, &kept)?;
    }
    print(common.json, &kept.report, || {
        let mut parts = vec![kept.report.final_report.trim_end().to_owned(), format!("\nrun {}", kept.report.run)];
        parts.extend(kept.report.agent_eval.as_ref().map(|eval| format!("report {eval}")));
        parts.extend(
            asked.out.as_ref().map(|out| format!("wrote report.md, report.html and report.json to {}", out.display())),
        );
        parts.join("\n")
    })
}

fn forget(common: &Common, analyst: &Analyst, id: &str) -> Result<(), Failure> {
    if !analyst.forget(id).map_err(failure)? {
        let text = format!("no kept answer has the id {id}; --json shows it as `kept_answer`");
        return Err(Failure::wrong("not_found", text));
    }
    print(common.json, &json!({ "forgotten": id }), || format!("removed the kept answer {id}"))
}

fn analyst(common: &Common, settings: &Settings, asked: &Analyze) -> Result<Analyst, Failure> {
    let from = settings.bars_from(common);
    // As of a past day Yahoo's bars are read as they were known; of other bars those up to the day are.
    let as_of = common.as_of.filter(|_| from == SourceWord::Yahoo);
    let common = Common { as_of, ..common.clone() };
    let stockops = settings.service(settings.source(&common, Some(&asked.ticker))?)?;
    let mut rules = Rules::default();
    rules.tokens = asked.tokens.unwrap_or(rules.tokens);
    rules.money = asked.cost;
    rules.judge = asked.judge;
    if asked.no_tools {
        rules.tools = Budget { calls: 0, rounds: 0 };
    }
    let mut builder = Analyst::builder(stockops).bars_from(&from.to_string());
    if let Some(llm) = llm(&asked.llm)? {
        rules.prices = llm.prices;
        builder = builder.model(llm.connect().map_err(failure)?);
    }
    if let Some(news) = news(asked.news.as_deref(), from)? {
        builder = builder.news(news);
    }
    let cache = SemanticCache::of_home(&settings.home, settings.answers.clone(), |name| std::env::var(name).ok());
    let builder = builder.cache(cache.map_err(failure)?).storage(settings.storage()?);
    builder.settings(rules).build().map_err(failure)
}

/// The language model that is named, by flags or by the environment.
pub(super) fn llm(named: &Llm) -> Result<Option<LlmSettings>, Failure> {
    let Some(url) = named.url.as_deref().filter(|url| !url.trim().is_empty()) else { return Ok(None) };
    let name = named.model.as_deref().unwrap_or_default();
    // Much can be done without a model, a run shown again or the template's report: so this stops nothing.
    if name.trim().is_empty() {
        eprintln!(
            "warning: --llm or STOCKOPS_LLM_URL names a server and nothing names its model: the template writes; set --llm-model or \
             STOCKOPS_LLM_MODEL"
        );
        return Ok(None);
    }
    let variable = |variable: &str| match variable {
        "STOCKOPS_LLM_URL" => Some(url.to_owned()),
        "STOCKOPS_LLM_MODEL" => Some(name.to_owned()),
        _ => std::env::var(variable).ok(),
    };
    LlmSettings::from_variables(variable).map_err(failure)
}

/// Where headlines come from. Whose bars are files is not asked to reach the network for news, unless a key says so.
pub(super) fn news(file: Option<&Path>, from: SourceWord) -> Result<Option<Arc<dyn NewsSource>>, Failure> {
    let settings = NewsSettings { file: file.map(Path::to_path_buf), ..NewsSettings::from_env() };
    if from == SourceWord::Yahoo || settings.finnhub_key.is_some() {
        return Ok(Some(Arc::new(FirstOf::usual(&settings).map_err(failure)?)));
    }
    Ok(file.map(|file| Arc::new(FileNews::new(file)) as Arc<dyn NewsSource>))
}

fn request(common: &Common, asked: &Analyze) -> Request {
    Request {
        ticker: asked.ticker.clone(),
        name: asked.name.clone(),
        question: asked.question.clone(),
        thread: asked.thread.clone(),
        language: asked.language.unwrap_or_default(),
        as_of: common.as_of,
        masked: asked.mask,
        fresh: asked.fresh,
    }
}

/// A line on stderr for each node, and with `--verbose` its text as it comes, which nobody has checked yet.
fn tell(common: &Common, event: &Event) {
    let Some(node) = event.node.as_deref().filter(|_| !common.quiet) else { return };
    match event.kind.as_str() {
        "started" if event.attempt > 1 => eprintln!("{node}: try {}", event.attempt),
        "started" => eprintln!("{node} ..."),
        "token" if common.verbose => eprint!("{}", event.text("text").unwrap_or_default()),
        "finished" => eprintln!("{node}: done"),
        "retried" | "failed" => eprintln!("{node}: {}", event.text("problem").unwrap_or_default()),
        "fell_back" => {
            let (problem, to) = (event.text("problem").unwrap_or_default(), event.text("to").unwrap_or_default());
            eprintln!("{node}: {problem}; {to} stands in");
        }
        _ => {}
    }
}

fn write_all(out: &Path, kept: &Kept) -> Result<(), Failure> {
    write(out, "report", &kept.report, &kept.report.page(&kept.charts), &kept.charts)?;
    Ok(write_atomically(&out.join("report.md"), as_flags(&kept.report.final_report).as_bytes())?)
}

/// Settings of the analysts that flags give, which the library calls by its own names.
const FLAGS: [(&str, &str); 3] = [("`as_of`", "--as-of"), ("`thread`", "--thread"), ("`tokens`", "--tokens")];

/// A wrong setting is a wrong call; the rest is what the library says of it.
pub(super) fn failure(error: Error) -> Failure {
    match error {
        Error::Config { .. } => {
            let text = FLAGS.iter().fold(error.to_string(), |text, (name, flag)| text.replace(name, flag));
            Failure::wrong("config", as_flags(&text))
        }
        other => other.into(),
    }
}
