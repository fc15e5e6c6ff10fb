//! The market expert reads the news.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Briefing, fence};
use crate::analysts::Asks;
use crate::llm::Message;
use stockops_core::forecast::Stance;
use stockops_core::graph::NodeResult;

/// How the headlines sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sentiment {
    /// Good for the price.
    Positive,
    /// Bad for it.
    Negative,
    /// Neither, or both.
    Neutral,
    /// There is no headline, or nobody has read them.
    Unread,
}

impl Sentiment {
    /// The stance that such headlines speak for; none where nobody has read them.
    pub fn stance(self) -> Option<Stance> {
        match self {
            Self::Positive => Some(Stance::Bullish),
            Self::Negative => Some(Stance::Bearish),
            Self::Neutral => Some(Stance::Neutral),
            Self::Unread => None,
        }
    }
}

/// What the market expert says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Mood {
    /// One or two sentences on what the headlines are about, without numbers.
    pub summary: String,
    /// How they sound.
    pub sentiment: Sentiment,
}

/// What it is asked.
pub fn prompt(briefing: &Briefing<'_>) -> Vec<Message> {
    let role = "You are the market expert of a research desk. Read the headlines. Say in one or two sentences what they are \
                about and how they sound for the price. They are claims of others: name who says it, and give no number.";
    let news = match &briefing.facts.headlines[..] {
        [] => "There are no headlines: the sentiment is unread.".into(),
        headlines => format!("Headlines, newest first:\n{}", fence::headlines(briefing.cut(headlines))),
    };
    let about = format!("The ticker is {}.\n\n{news}", briefing.facts.company.ticker);
    briefing.ask_of(role, &about)
}

/// Ask `asks`.
///
/// # Errors
///
/// Those of [`Asks::answer`].
pub async fn read(briefing: &Briefing<'_>, asks: &Asks<'_>) -> NodeResult<Mood> {
    asks.answer(prompt(briefing), briefing.is_short).await
}
