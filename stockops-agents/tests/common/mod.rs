//! Facts of the shipped bars of AMZN, and of the documents that the command made of them.
#![allow(dead_code, reason = "each test uses its own part")]

pub(crate) mod desk;
pub(crate) mod fifth_set;
pub(crate) mod fourth_set;
pub(crate) mod held_out;
pub(crate) mod learned_paraphrases;
pub(crate) mod more_paraphrases;
pub(crate) mod paraphrases;
pub(crate) mod words;

use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use stockops_agents::facts::{Company, Facts, Gathered, Moment};
use stockops_agents::news::Headline;
use stockops_core::drift::DriftReport;
use stockops_core::evaluation::Evaluation;
use stockops_core::risk::RiskStatement;
use stockops_core::source::{Sourced, builtin_bars};
use stockops_core::{Forecast, Ticker};

/// What was asked of the house. The documents stand in `tests/data/AMZN.json` with the commands that made them.
pub(crate) struct House {
    pub(crate) company: Company,
    pub(crate) bars: Sourced,
    pub(crate) forecast: Forecast,
    pub(crate) evaluation: Evaluation,
    pub(crate) risk: RiskStatement,
    pub(crate) drift: DriftReport,
    pub(crate) headlines: Vec<Headline>,
}

impl House {
    pub(crate) fn amzn() -> Self {
        let ticker = Ticker::new("AMZN").unwrap();
        let documents: serde_json::Value = serde_json::from_str(include_str!("../data/AMZN.json")).unwrap();
        fn of<T: DeserializeOwned>(documents: &serde_json::Value, name: &str) -> T {
            serde_json::from_value(documents[name].clone()).unwrap()
        }
        Self {
            company: Company {
                ticker: ticker.clone(),
                name: Some("Amazon.com, Inc.".into()),
                exchange: "XNYS".into(),
                currency: Some("USD".into()),
            },
            bars: builtin_bars(&ticker).unwrap(),
            forecast: of(&documents, "forecast"),
            evaluation: of(&documents, "evaluation"),
            risk: of(&documents, "risk"),
            drift: of(&documents, "drift"),
            headlines: headlines(),
        }
    }

    pub(crate) fn gathered(&self) -> Gathered<'_> {
        let decided: DateTime<Utc> = "2020-07-31T21:00:00Z".parse().unwrap();
        Gathered {
            company: &self.company,
            moment: Moment::of(self.bars.bars.last_day().unwrap(), decided, decided),
            source: "builtin",
            fetched: decided,
            bars: &self.bars,
            forecast: &self.forecast,
            evaluation: &self.evaluation,
            risk: Some(&self.risk),
            drift: &self.drift,
            headlines: &self.headlines,
        }
    }

    pub(crate) fn facts(&self) -> Facts {
        Facts::of(&self.gathered())
    }
}

fn headlines() -> Vec<Headline> {
    let headline = |title: &str, publisher: &str, published: &str| Headline {
        title: title.into(),
        summary: String::new(),
        publisher: publisher.into(),
        url: String::new(),
        published: published.parse().unwrap(),
    };
    vec![
        headline("Amazon doubles quarterly profit to $5.2 billion", "Reuters", "2020-07-30T20:15:00Z"),
        headline("Cloud revenue grew 29% as shoppers stayed home", "Bloomberg", "2020-07-30T21:40:00Z"),
    ]
}
