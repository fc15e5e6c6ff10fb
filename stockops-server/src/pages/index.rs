//! Page one: a ticker's forecast, what it is worth, and what the analysts say of it.

use askama::Template;
use stockops_agents::AnalystReport;
use stockops_core::Bars;
use stockops_core::drift::DriftReport;
use stockops_core::forecast::Forecast;
use stockops_core::report::{
    candles, drift_table, fan, forecast_table, level_table, outlook_words, own_fan, risk_table, risk_words, skill_table,
};
use stockops_core::risk::RiskStatement;

use super::asset::address;
use super::{markup, words};

/// Past sessions that are drawn as candles.
const CANDLES: usize = 120;

/// How often an answer that was kept served instead of a new one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CacheRate {
    /// Requests that a kept answer served.
    pub hits: u64,
    /// Requests that it could not serve.
    pub misses: u64,
}

/// What page one shows; what is not there is left out or said to be unknown.
#[derive(Debug, Clone, Default)]
pub struct IndexView {
    /// What stands in the field of the ticker; empty at first.
    pub ticker: String,
    /// What went wrong or has to be known, in a sentence.
    pub notice: Option<String>,
    /// The forecast.
    pub forecast: Option<Forecast>,
    /// Bars before it, for the chart; without them it shows the closes that the forecast brings along.
    pub bars: Option<Bars>,
    /// Whether candles and volume were asked for; they need `bars`.
    pub candles: bool,
    /// What may be lost.
    pub risk: Option<RiskStatement>,
    /// The newest drift report.
    pub drift: Option<DriftReport>,
    /// The newest report of the analysts.
    pub report: Option<AnalystReport>,
    /// How often forecasts came from the cache.
    pub cache: Option<CacheRate>,
}

/// Page one as HTML.
///
/// # Example
///
/// ```
/// use stockops_server::pages::{IndexView, index};
///
/// let html = index(&IndexView { ticker: "<GOOG>".into(), ..IndexView::default() });
/// assert!(html.contains("&#60;GOOG&#62;") && !html.contains("<GOOG>"));
/// ```
pub fn index(view: &IndexView) -> String {
    let page = Page {
        style: address("app.css"),
        icon: address("icon.svg"),
        script: address("app.js"),
        here: "index",
        ticker: &view.ticker,
        notice: view.notice.as_deref(),
        result: view.forecast.as_ref().map(|forecast| Shown::of(view, forecast)),
        report: view.report.as_ref().map(Written::of),
    };
    page.render().unwrap_or_else(|error| format!("the page could not be made: {error}"))
}

#[derive(Template)]
#[template(path = "index.html")]
struct Page<'a> {
    style: String,
    icon: String,
    script: String,
    here: &'static str,
    ticker: &'a str,
    notice: Option<&'a str>,
    result: Option<Shown>,
    report: Option<Written>,
}

/// One number and what it is.
struct Card {
    id: &'static str,
    name: &'static str,
    value: String,
    words: String,
}

/// The forecast in words, tables and charts.
struct Shown {
    ticker: String,
    made: String,
    cards: Vec<Card>,
    chart: String,
    sessions: String,
    outlook: Option<String>,
    /// None where candles were not asked for.
    candles: Option<String>,
    verdict: String,
    skills: Vec<String>,
    skill_table: Option<String>,
    risk: Option<RiskShown>,
    drift: Option<DriftShown>,
    notes: Vec<String>,
    updated: String,
    cache: String,
}

struct RiskShown {
    words: String,
    losses: String,
    levels: String,
}

struct DriftShown {
    health: String,
    words: String,
    table: Option<String>,
}

impl Shown {
    fn of(view: &IndexView, forecast: &Forecast) -> Self {
        let skill = forecast.skill.as_ref().filter(|skill| !skill.is_empty());
        let chart = match &view.bars {
            Some(bars) => fan(forecast, bars),
            None => own_fan(forecast),
        };
        Self {
            ticker: forecast.ticker.to_string(),
            made: made(forecast),
            cards: cards(view, forecast),
            chart: markup::chart(&chart),
            sessions: markup::table("The sessions that are forecast", &forecast_table(forecast)),
            outlook: forecast.outlook.as_ref().map(outlook_words),
            candles: view.bars.as_ref().filter(|_| view.candles).map(|bars| markup::chart(&candles(bars, CANDLES))),
            verdict: skill.map_or_else(
                || "No skill is claimed: too few days were held out to judge this forecast.".into(),
                words::verdict,
            ),
            skills: skill.map(words::skills).unwrap_or_default(),
            skill_table: skill.map(|skill| markup::table("Skill by field", &skill_table(skill))),
            risk: view.risk.as_ref().map(RiskShown::of),
            drift: view.drift.as_ref().map(DriftShown::of),
            notes: forecast.notes.clone(),
            updated: format!("after the close of {}", words::day(forecast.last_date)),
            cache: view.cache.map_or_else(|| "not known".into(), cache_words),
        }
    }
}

impl RiskShown {
    fn of(risk: &RiskStatement) -> Self {
        Self {
            words: risk_words(risk),
            losses: markup::table("Losses by session", &risk_table(risk)),
            levels: markup::table("Chances of price levels", &level_table(risk)),
        }
    }
}

impl DriftShown {
    fn of(report: &DriftReport) -> Self {
        Self {
            health: report.health.map_or_else(|| "Not tested".into(), |health| health.to_string()),
            words: report.summary.clone(),
            table: (!report.tests.is_empty()).then(|| markup::prose_table("Tests of drift", &drift_table(report))),
        }
    }
}

/// The report of the analysts.
struct Written {
    ticker: String,
    html: String,
    when: String,
    question: Option<String>,
    answer: Option<String>,
}

impl Written {
    fn of(report: &AnalystReport) -> Self {
        // Most reports have the question and its answer in their text.
        let is_missing = |words: &String| !report.final_report.contains(words.as_str());
        Self {
            ticker: report.ticker.to_string(),
            html: markup::markdown(&report.final_report),
            when: words::moment(report.written),
            question: report.question.clone().filter(is_missing),
            answer: report.answer.clone().filter(is_missing),
        }
    }
}

/// From which day, and by whom.
fn made(forecast: &Forecast) -> String {
    let version = forecast.model_version.as_deref().unwrap_or("a model that is in no registry");
    let strategy = forecast.strategy.to_string().replace('_', " ");
    format!("Made after the close of {} by {version} ({strategy}).", words::day(forecast.last_date))
}

fn cards(view: &IndexView, forecast: &Forecast) -> Vec<Card> {
    let card = |id, name, (value, words): (String, String)| Card { id, name, value, words };
    vec![
        card(
            "price",
            "Latest price",
            (words::price(forecast.last_price), format!("close of {}", words::day(forecast.last_date))),
        ),
        card("recommendation", "Recommendation", recommendation(view, forecast)),
        card("confidence", "Confidence", confidence(view)),
        card("next-day", "Next day", next_day(forecast)),
        card("high", "Highest price", extreme(forecast, forecast.predictions.next_week.high)),
        card("low", "Lowest price", extreme(forecast, forecast.predictions.next_week.low)),
        card("risk", "Risk", risk(view)),
        card("drift", "Drift", drift(view)),
    ]
}

fn recommendation(view: &IndexView, forecast: &Forecast) -> (String, String) {
    match (&view.report, &forecast.outlook) {
        (Some(report), _) => {
            (words::stance(report.recommendation).into(), format!("{}, by the analysts", report.action))
        }
        (None, Some(outlook)) => (words::stance(outlook.stance).into(), "by the forecast alone".into()),
        (None, None) => ("None".into(), "nothing could be calibrated".into()),
    }
}

fn confidence(view: &IndexView) -> (String, String) {
    match &view.report {
        Some(report) => (report.confidence.to_string(), "from skill and interval".into()),
        None => ("\u{2013}".into(), "ask the analysts to get it".into()),
    }
}

fn next_day(forecast: &Forecast) -> (String, String) {
    let next = forecast.predictions.next_day;
    let change = 100.0 * (next.close / forecast.last_price - 1.0);
    let interval = words::interval(forecast, "80", 0).unwrap_or_else(|| "no interval".into());
    (words::price(next.close), format!("{} ({change:+.1}\u{a0}%); {interval}", words::day(next.date)))
}

fn extreme(forecast: &Forecast, price: f64) -> (String, String) {
    let sessions = forecast.predictions.full_forecast.len();
    (words::price(price), format!("forecast for the next {sessions} sessions"))
}

fn risk(view: &IndexView) -> (String, String) {
    view.risk.as_ref().and_then(words::loss).unwrap_or_else(|| ("\u{2013}".into(), "not known".into()))
}

fn drift(view: &IndexView) -> (String, String) {
    match &view.drift {
        Some(report) => {
            let alarms = report.tests.iter().filter(|test| test.alarm).count();
            (DriftShown::of(report).health, format!("{alarms} of {} tests alarm", report.tests.len()))
        }
        None => ("\u{2013}".into(), "not checked yet".into()),
    }
}

fn cache_words(rate: CacheRate) -> String {
    match rate.hits + rate.misses {
        0 => "nothing was asked yet".into(),
        all => format!("{:.0} % of {all} requests", 100.0 * rate.hits as f64 / all as f64),
    }
}
