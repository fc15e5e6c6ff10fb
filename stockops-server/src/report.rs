//! The report as a plain template: what is forecast, how far to trust it, and why.

use stockops_core::DriftReport;
use stockops_core::Forecast;
use stockops_core::evaluation::Evaluation;
use stockops_core::market::price_text;
use stockops_core::pipeline::Parent;

use crate::format::{drift_rows, forecast_rows, markdown, outlook_words, skill_rows, skill_words};

/// What the report is written from.
pub(crate) struct Report<'a> {
    pub(crate) forecast: &'a Forecast,
    pub(crate) evaluation: &'a Evaluation,
    pub(crate) parent: &'a Parent,
    pub(crate) drift: &'a DriftReport,
}

impl Report<'_> {
    /// The report in Markdown.
    pub(crate) fn markdown(&self) -> String {
        let Forecast { ticker, last_date, last_price, .. } = self.forecast;
        let skill = self.evaluation.skill.as_ref().map(|skill| markdown(&skill_rows(skill))).unwrap_or_default();
        let notes: Vec<String> = self.forecast.notes.iter().map(|note| format!("- {note}")).collect();
        [
            format!("# {ticker}: the next five sessions"),
            format!("Made from daily bars up to {last_date}, when {ticker} closed at {}.", price_text(*last_price)),
            "## Forecast".into(),
            markdown(&forecast_rows(self.forecast)),
            self.forecast.outlook.as_ref().map(outlook_words).unwrap_or_default(),
            "## How far to trust it".into(),
            skill_words(self.evaluation),
            skill,
            "Skill is 1 - RMSE / RMSE of the rule: above 0 the model is better, below 0 the rule is. Errors are of \
             log(price / last close), log(volume) and log(log(high / low)). The rules are \"tomorrow equals today\", \
             the mean of 20 days and, for volume and range, HAR and an exponentially weighted mean; the best is chosen \
             on days before the test."
                .into(),
            "## Whether it still holds".into(),
            self.drift.summary.clone(),
            "## Where it comes from".into(),
            format!(
                "Model {} by {} from parent {}, which saw no day after {}.",
                self.forecast.model_version.as_deref().unwrap_or("without a version"),
                self.forecast.strategy.replace('_', "-"),
                self.parent.id,
                self.parent.forecaster.about().last_seen_day
            ),
            notes.join("\n"),
            "This is a forecast of statistics, not advice.".into(),
        ]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join("\n\n")
            + "\n"
    }
}

/// A drift report in Markdown.
pub(crate) fn drift_markdown(report: &DriftReport) -> String {
    let health = report.health.map_or("skipped".to_string(), |health| health.to_string());
    let mut parts = vec![format!("# {}: {health}", report.ticker), report.summary.clone()];
    if !report.tests.is_empty() {
        parts.extend(["## Tests".into(), markdown(&drift_rows(report))]);
    }
    parts.push("## Training".into());
    parts.push(report.retrain.reason.clone());
    if let Some(source) = &report.reference {
        let (ticker, first, last) = (&source.ticker, source.first_day, source.last_day);
        parts.push(format!("What is usual was learned from {ticker}, {first} to {last}."));
    }
    if let Some(rule) = &report.legacy {
        let (score, index) = (rule.drift_score, rule.volatility_index);
        let text = "It alarms on every trend of prices and decides nothing here.";
        parts.push("## The contract's rule".into());
        parts.push(format!("{}: score {score:.2}, volatility index {index:.2}. {text}", rule.health));
    }
    parts.join("\n\n") + "\n"
}

/// The report as one page without anything from elsewhere: the text, then the charts.
pub(crate) fn html(title: &str, text: &str, charts: &[(String, String)]) -> String {
    let pictures: Vec<String> = charts.iter().map(|(_, svg)| format!("<figure>{svg}</figure>")).collect();
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{} - stockops</title>\
         <style>{}</style></head>\n<body><main>\n{}\n{}\n</main></body></html>\n",
        title,
        include_str!("report.css"),
        body(text),
        pictures.join("\n")
    )
}

/// The few forms of Markdown that the template uses, as HTML.
fn body(text: &str) -> String {
    text.split("\n\n").map(block).collect::<Vec<_>>().join("\n")
}

fn block(block: &str) -> String {
    let escaped = block.trim().replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    if let Some(title) = escaped.strip_prefix("## ") {
        format!("<h2>{title}</h2>")
    } else if let Some(title) = escaped.strip_prefix("# ") {
        format!("<h1>{title}</h1>")
    } else if escaped.starts_with("| ") {
        html_table(&escaped)
    } else if escaped.starts_with("- ") {
        let items: Vec<String> =
            escaped.lines().map(|line| format!("<li>{}</li>", line.trim_start_matches("- "))).collect();
        format!("<ul>{}</ul>", items.join(""))
    } else {
        format!("<p>{escaped}</p>")
    }
}

fn html_table(text: &str) -> String {
    let row = |line: &str, tag: &str| {
        let cells = line.trim_matches('|').split('|').map(|cell| format!("<{tag}>{}</{tag}>", cell.trim()));
        format!("<tr>{}</tr>", cells.collect::<String>())
    };
    let mut lines = text.lines();
    let head = lines.next().map(|line| row(line, "th")).unwrap_or_default();
    let rows: String = lines.skip(1).map(|line| row(line, "td")).collect();
    format!("<table><thead>{head}</thead><tbody>{rows}</tbody></table>")
}
