//! How many tokens a text has, from below and from above, whatever the model's tokenizer is.

use super::{Message, Request};

/// Tokens that a server adds around a message at most: who speaks, and where it ends.
const AROUND_A_MESSAGE: u64 = 12;

/// Tokens that the prompt of `request` has at least.
///
/// Tokenizers cut at spaces and between letters, digits and signs before they look for tokens. So a run of letters is at
/// least one token, a run of digits one for each three, and a run of signs one, unless it is a single sign before a word.
/// Of the tokens that SmolLM2 really makes this is 70 to 85 % for prose, and half for tables of numbers.
pub fn at_least(request: &Request) -> u64 {
    texts(request).map(fewest).sum()
}

/// Tokens that the prompt of `request` has at most, for text in English: one for each three letters, digit and sign, and
/// one for each byte of other letters. Tools and schema are counted as text. Of the tokens that SmolLM2 really makes this
/// is 100 % for tables of numbers, up to 200 % for prose and code.
pub fn at_most(request: &Request) -> u64 {
    let tools =
        request.tools.iter().map(|tool| most(&tool.description) + most(&tool.arguments.to_string()) + most(&tool.name));
    let schema = request.schema.iter().map(|schema| most(&schema.schema.to_string()));
    let around = AROUND_A_MESSAGE * (request.messages.len() as u64 + 1);
    texts(request).map(most).chain(tools).chain(schema).sum::<u64>() + around
}

/// Tokens of an answer of which the server said no count, from above.
pub(crate) fn most(text: &str) -> u64 {
    runs(text)
        .map(|run| match run.kind {
            Kind::Letters => run.letters.div_ceil(3) + run.foreign,
            Kind::Digits | Kind::Signs => run.letters + run.foreign,
            Kind::Breaks => run.letters + run.foreign,
            // One space belongs to the word that follows.
            Kind::Spaces => (run.letters + run.foreign).saturating_sub(1),
        })
        .sum()
}

fn texts(request: &Request) -> impl Iterator<Item = &str> {
    request.messages.iter().map(|Message { text, .. }| text.as_str())
}

fn fewest(text: &str) -> u64 {
    let mut runs = runs(text).peekable();
    let mut tokens = 0;
    while let Some(run) = runs.next() {
        let joins = run.letters == 1 && runs.peek().is_some_and(|next| next.kind == Kind::Letters);
        tokens += match run.kind {
            Kind::Spaces | Kind::Breaks => 0,
            Kind::Letters => 1,
            Kind::Digits => (run.letters + run.foreign).div_ceil(3),
            Kind::Signs => u64::from(!joins),
        };
    }
    tokens
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Letters,
    Digits,
    Signs,
    Spaces,
    Breaks,
}

/// A run of characters of one kind.
struct Run {
    kind: Kind,
    /// Characters of ASCII.
    letters: u64,
    /// Bytes of other characters.
    foreign: u64,
}

fn runs(text: &str) -> impl Iterator<Item = Run> {
    let mut rest = text.chars().peekable();
    std::iter::from_fn(move || {
        let kind = kind(*rest.peek()?);
        let mut run = Run { kind, letters: 0, foreign: 0 };
        while let Some(c) = rest.next_if(|&c| self::kind(c) == kind) {
            if c.is_ascii() { run.letters += 1 } else { run.foreign += c.len_utf8() as u64 }
        }
        Some(run)
    })
}

fn kind(c: char) -> Kind {
    match c {
        _ if c.is_alphabetic() => Kind::Letters,
        _ if c.is_numeric() => Kind::Digits,
        '\n' | '\r' | '\t' => Kind::Breaks,
        _ if c.is_whitespace() => Kind::Spaces,
        _ => Kind::Signs,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_at_least_its_words_and_at_most_its_pieces() {
        // from below: words, a digit run for each three, signs that do not lean on a word; from above: letters by three
        for (text, at_least, at_most) in [
            ("", 0, 0),
            ("GOOG", 1, 2),
            ("how is GOOG", 3, 4),
            ("180.52", 3, 6),
            ("4184120000", 4, 10),
            ("(low)", 2, 3),
            ("don't", 2, 3),
            ("...", 1, 3),
            ("a    b", 2, 5),
            ("a\n\nb", 2, 4),
            ("Börse", 1, 4),
            ("株価", 1, 6),
        ] {
            assert_eq!((fewest(text), most(text)), (at_least, at_most), "{text}");
        }
    }
}
