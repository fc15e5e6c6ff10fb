//! Answers to questions of a kind that facts can answer.

use super::sentences::Writer;

/// What a question is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum About {
    ChangeOfMind,
    Risk,
    Certainty,
    Reason,
    Forecast,
}

/// Words by which a kind is known, in English and in German. The first kind that has a word of the question is it.
const WORDS: [(About, &[&str]); 5] = [
    (About::ChangeOfMind, &["change your mind", "change your view", "change the verdict", "umstimmen", "meinung ändern"]),
    (About::Risk, &["risk", "lose", "loss", "downside", "drawdown", "risiko", "risiken", "verlust", "verlieren"]),
    (
        About::Certainty,
        &["how sure", "how certain", "confiden", "trust", "reliab", "skill", "wie sicher", "vertrau", "verlässlich"],
    ),
    (About::Reason, &["why", "reason", "because of what", "warum", "wieso", "weshalb", "grund", "gründe"]),
    (
        About::Forecast,
        &["forecast", "price target", "outlook", "expect", "next week", "tomorrow", "prognose", "ausblick", "kursziel", "morgen"],
    ),
];

impl Writer<'_> {
    /// The answer to `question`, or that a language model would be needed for one.
    pub(super) fn answer(&self, question: &str) -> String {
        match about(question) {
            Some(About::ChangeOfMind) => self.change_of_mind(),
            Some(About::Risk) => self.risks(),
            Some(About::Certainty) => format!("{} {}", self.conclusion(), self.record()),
            Some(About::Reason) => format!("{} {}", self.conclusion(), self.because()),
            Some(About::Forecast) => self.outlook(),
            None => self.words.needs_a_model.into(),
        }
    }

    fn change_of_mind(&self) -> String {
        let turn = if self.has_direction() { self.words.would_fall_back } else { self.words.would_turn };
        let skill = self.say(self.words.would_trust).unwrap_or_else(|| self.words.would_trust_any.into());
        self.joined([self.say(turn), Some(skill), self.say(self.words.would_doubt)])
    }

    /// The reasons as one sentence each.
    fn because(&self) -> String {
        let reasons = self.verdict.reasons.iter().map(|reason| Some(self.words.reason(*reason).to_owned()));
        self.joined(reasons)
    }
}

fn about(question: &str) -> Option<About> {
    let question = question.to_lowercase();
    let is_about = |words: &&[&str]| words.iter().any(|word| question.contains(word));
    WORDS.iter().find(|(_, words)| is_about(words)).map(|(about, _)| *about)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_of_questions_are_known_by_their_words() {
        for (question, kind) in [
            ("What would change your mind?", Some(About::ChangeOfMind)),
            ("How much can I lose?", Some(About::Risk)),
            ("How sure are you?", Some(About::Certainty)),
            ("Why Hold?", Some(About::Reason)),
            ("Wie sicher ist das?", Some(About::Certainty)),
            ("Warum nicht kaufen?", Some(About::Reason)),
            ("Who is the chief executive?", None),
        ] {
            assert_eq!(about(question), kind, "{question}");
        }
    }
}
