//! The answer of `models`.

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::Serialize;
use stockops_core::evaluation::Evaluation;
use stockops_core::registry::{Alias, Version};
use stockops_core::service::{ListedVersion, Models};

use super::{Answer, paragraphs, trust};
use crate::tools::Trust;

/// Most versions that are told, the newest of them.
const MOST: usize = 50;

/// Which models there are, and which of them forecasts.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::mcp) struct ModelsAnswer {
    /// The version that children come from.
    parent: Option<String>,
    /// The parent that ships with stockops; it forecasts tickers without a version of their own.
    shipped: String,
    /// Last day that the shipped parent saw.
    shipped_last_seen_day: NaiveDate,
    /// By ticker, oldest first; the newest 50 where there are more.
    versions: Vec<ModelRow>,
    /// Versions that were left out here.
    left_out: usize,
    /// Tickers whose versions cannot be read, and why.
    unreadable: Vec<String>,
}

/// One version.
#[derive(Debug, Serialize, JsonSchema)]
struct ModelRow {
    /// Such as GOOG@3.
    version: String,
    /// When it was made, RFC 3339.
    created: String,
    /// parent, freeze, fine_tune, zero_shot or scratch.
    strategy: String,
    /// The version that it was transferred from.
    parent: Option<String>,
    last_seen_day: NaiveDate,
    /// Whether it is the one that forecasts its ticker.
    champion: bool,
    /// Whether it has not shown skill yet.
    unproven: bool,
    /// Why it is unproven, or a challenger.
    reason: Option<String>,
    /// What it did on held-out days; null for a version that was not judged.
    trust: Option<Trust>,
}

impl ModelsAnswer {
    pub(in crate::mcp) fn answer(models: &Models) -> Answer {
        let left_out = models.versions.len().saturating_sub(MOST);
        let unreadable = models.unreadable.iter().map(|broken| format!("{}: {}", broken.ticker, broken.problem));
        let answer = Self {
            parent: models.parent.as_ref().map(ToString::to_string),
            shipped: format!("{}@{}", models.shipped.ticker, models.shipped.version),
            shipped_last_seen_day: models.shipped.last_seen_day,
            versions: models.versions[left_out..].iter().map(ModelRow::of).collect(),
            left_out,
            unreadable: unreadable.collect(),
        };
        let head = format!(
            "{} versions; children come from {}; {} ships with stockops and saw no day after {}",
            models.versions.len(),
            answer.parent.as_deref().unwrap_or("no readable parent"),
            answer.shipped,
            answer.shipped_last_seen_day
        );
        let rows = answer.versions.iter().map(ModelRow::line).collect::<Vec<_>>().join("\n");
        Answer::new(paragraphs([head, rows, answer.unreadable.join("\n")]), &answer)
    }
}

impl ModelRow {
    fn of(ListedVersion { ticker, version }: &ListedVersion) -> Self {
        Self {
            version: format!("{ticker}@{}", version.version),
            created: version.created.clone(),
            strategy: version.strategy.clone(),
            parent: version.parent.clone(),
            last_seen_day: version.last_seen_day,
            champion: version.is(Alias::Champion),
            unproven: version.unproven,
            reason: version.reason.clone(),
            trust: judged(version).as_ref().map(trust),
        }
    }

    fn line(&self) -> String {
        let mark = match (self.champion, self.unproven) {
            (true, true) => "forecasts, unproven",
            (true, false) => "forecasts",
            (false, _) => "kept",
        };
        let trust = self.trust.as_ref().map_or("not judged on held-out days", |trust| trust.words.as_str());
        format!("{} ({}, {mark}), saw days up to {}: {trust}", self.version, self.strategy, self.last_seen_day)
    }
}

/// What the version did on held-out days.
fn judged(version: &Version) -> Option<Evaluation> {
    serde_json::from_value(version.metrics["evaluation"].clone()).ok()
}
