//! `Sentiment`: a word for the tone of headlines, counted with a short open list of words.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Headline;

/// The tone of headlines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mood {
    /// More headlines are favourable than unfavourable.
    Positive,
    /// More are unfavourable.
    Negative,
    /// As many are favourable as unfavourable, and some are.
    Mixed,
    /// No headline holds a word of the list, or each holds as many of either kind.
    Neutral,
    /// There is no headline.
    NoHeadlines,
}

/// The tone of headlines, and how it was counted.
///
/// Each title is read for words of two short lists of our own, 70 favourable and 70 unfavourable ones; a word after `not`, `no`,
/// `never` or `without` counts as its opposite. A title with more favourable words is favourable, and the other way round. The
/// mood is that of the majority of such titles. Nothing was measured about what this word is worth for a forecast, and no
/// verdict is made from it.
///
/// # Example
///
/// ```
/// use stockops_agents::news::Sentiment;
///
/// let sentiment = Sentiment::of_titles(["Alphabet beats estimates as cloud profit jumps", "Annual meeting on Friday"]);
/// assert_eq!((sentiment.favourable, sentiment.unfavourable, sentiment.headlines), (1, 0, 2));
/// assert_eq!(sentiment.to_string(), "positive: of 2 headlines 1 favourable, 0 unfavourable by a list of words");
/// assert_eq!(Sentiment::of_titles([]).to_string(), "no headlines");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Sentiment {
    /// The tone.
    pub mood: Mood,
    /// Titles with more favourable words.
    pub favourable: usize,
    /// Titles with more unfavourable words.
    pub unfavourable: usize,
    /// Titles that were read.
    pub headlines: usize,
}

impl Sentiment {
    /// Of `headlines`.
    pub fn of(headlines: &[Headline]) -> Self {
        Self::of_titles(headlines.iter().map(|headline| headline.title.as_str()))
    }

    /// Of titles alone.
    pub fn of_titles<'a>(titles: impl IntoIterator<Item = &'a str>) -> Self {
        let tones: Vec<i32> = titles.into_iter().map(tone).collect();
        let favourable = tones.iter().filter(|tone| **tone > 0).count();
        let unfavourable = tones.iter().filter(|tone| **tone < 0).count();
        let mood = match favourable.cmp(&unfavourable) {
            _ if tones.is_empty() => Mood::NoHeadlines,
            _ if favourable + unfavourable == 0 => Mood::Neutral,
            std::cmp::Ordering::Greater => Mood::Positive,
            std::cmp::Ordering::Less => Mood::Negative,
            std::cmp::Ordering::Equal => Mood::Mixed,
        };
        Self { mood, favourable, unfavourable, headlines: tones.len() }
    }
}

impl fmt::Display for Mood {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Positive => "positive",
            Self::Negative => "negative",
            Self::Mixed => "mixed",
            Self::Neutral => "neutral",
            Self::NoHeadlines => "no headlines",
        })
    }
}

impl fmt::Display for Sentiment {
    /// The contract's `news_sentiment`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { mood, favourable, unfavourable, headlines } = self;
        if *mood == Mood::NoHeadlines {
            return write!(f, "{mood}");
        }
        let counted = if *headlines == 1 { "1 headline".into() } else { format!("{headlines} headlines") };
        write!(f, "{mood}: of {counted} {favourable} favourable, {unfavourable} unfavourable by a list of words")
    }
}

/// Favourable less unfavourable words of a title.
fn tone(title: &str) -> i32 {
    let lower = title.to_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric() && c != '\'').filter(|w| !w.is_empty()).collect();
    let turned = |place: usize| place > 0 && TURNING.contains(&words[place - 1]);
    let value = |(place, word): (usize, &&str)| {
        let tone = i32::from(FAVOURABLE.contains(word)) - i32::from(UNFAVOURABLE.contains(word));
        if turned(place) { -tone } else { tone }
    };
    words.iter().enumerate().map(value).sum()
}

/// Words that turn the next one round.
const TURNING: [&str; 6] = ["not", "no", "never", "without", "isn't", "won't"];

/// Words of good news, chosen by us; each form stands for itself.
#[rustfmt::skip]
const FAVOURABLE: [&str; 70] = [
    "accelerates", "advance", "advances", "approval", "approved", "approves", "award", "awarded", "beat", "beats",
    "boom", "boost", "boosts", "breakthrough", "bullish", "buyback", "climb", "climbs", "confident", "expands",
    "gain", "gains", "growth", "hike", "hikes", "improve", "improved", "improves", "jump", "jumps",
    "leads", "momentum", "optimism", "optimistic", "outperform", "outperforms", "overweight", "profit", "profits", "profitable",
    "progress", "prosper", "raise", "raised", "raises", "rally", "rallies", "rebound", "rebounds", "record",
    "recover", "recovers", "recovery", "rise", "rises", "robust", "soar", "soars", "solid", "strength",
    "strong", "stronger", "surge", "surges", "top", "tops", "upbeat", "upgrade", "upgraded", "win",
];

/// Words of bad news, chosen by us; each form stands for itself.
#[rustfmt::skip]
const UNFAVOURABLE: [&str; 70] = [
    "bankruptcy", "bearish", "breach", "crash", "crashes", "cut", "cuts", "decline", "declines", "default",
    "delay", "delayed", "delays", "disappoint", "disappointing", "disappoints", "downgrade", "downgraded", "drop", "drops",
    "fall", "falls", "fear", "fears", "fine", "fined", "fraud", "halt", "halts", "hurt",
    "hurts", "investigation", "lawsuit", "layoff", "layoffs", "loses", "loss", "losses", "miss", "misses",
    "plunge", "plunges", "pressure", "probe", "recall", "recalls", "recession", "resigns", "risk", "risks",
    "scandal", "scares", "selloff", "shortage", "sink", "sinks", "slide", "slides", "slow", "slowdown",
    "slump", "slumps", "sue", "sues", "tumble", "tumbles", "warning", "warns", "weak", "weaker",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn mood(titles: &[&str]) -> Mood {
        Sentiment::of_titles(titles.iter().copied()).mood
    }

    #[test]
    fn the_mood_is_that_of_most_titles_that_have_one() {
        assert_eq!(mood(&["Shares surge", "Profit falls on weak demand", "Cloud growth beats"]), Mood::Positive);
        assert_eq!(mood(&["Shares plunge", "A meeting", "Upgrade"]), Mood::Mixed);
        assert_eq!(mood(&["Shares plunge", "Fined in Europe", "Upgrade"]), Mood::Negative);
        assert_eq!(mood(&["A meeting", "A chart"]), Mood::Neutral);
        assert_eq!(mood(&["Gains after losses"]), Mood::Neutral, "one of each");
        assert_eq!(mood(&[]), Mood::NoHeadlines);
    }

    #[test]
    fn a_word_is_a_whole_word_and_not_turns_it() {
        assert_eq!(mood(&["Windows and topology"]), Mood::Neutral, "neither win nor top");
        assert_eq!(mood(&["Quarter was not strong"]), Mood::Negative);
        assert_eq!(mood(&["No recession in sight"]), Mood::Positive);
    }

    #[test]
    fn no_word_stands_on_both_lists_or_twice() {
        let mut all: Vec<&str> = FAVOURABLE.iter().chain(&UNFAVOURABLE).copied().collect();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), FAVOURABLE.len() + UNFAVOURABLE.len());
    }
}
