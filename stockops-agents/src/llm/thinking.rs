//! What a model thinks aloud between `<think>` and `</think>` is no part of its answer.

const OPEN: &str = "<think>";
const CLOSE: &str = "</think>";

/// `text` without what was thought; none where a thought is not closed.
///
/// Some servers begin the answer within the thought, so that it only has an end: all before that goes too.
pub(super) fn without_thoughts(text: &str) -> Option<String> {
    let mut rest = text;
    let mut spoken = String::new();
    while let Some(end) = rest.find(CLOSE) {
        if let Some(start) = rest[..end].find(OPEN) {
            spoken += &rest[..start];
        } else {
            spoken.clear();
        }
        rest = &rest[end + CLOSE.len()..];
    }
    let is_closed = !rest.contains(OPEN);
    is_closed.then(|| (spoken + rest).trim().to_owned())
}

/// Lets pieces of an answer through as they come, without what is thought.
#[derive(Debug, Default)]
pub(super) struct Spoken {
    is_thinking: bool,
    /// What may be the beginning of a mark.
    held: String,
}

impl Spoken {
    /// What of `piece` and of what was held can be told now.
    pub(super) fn hear(&mut self, piece: &str) -> String {
        self.held += piece;
        let mut told = String::new();
        loop {
            let mark = if self.is_thinking { CLOSE } else { OPEN };
            let found = self.held.find(mark);
            let until = found.unwrap_or_else(|| self.held.len() - beginning(&self.held, mark));
            let text: String = self.held.drain(..until).collect();
            if !self.is_thinking {
                told += &text;
            }
            if found.is_none() {
                return told;
            }
            self.held.drain(..mark.len());
            self.is_thinking = !self.is_thinking;
        }
    }

    /// What was held to the end.
    pub(super) fn rest(self) -> String {
        if self.is_thinking { String::new() } else { self.held }
    }
}

/// Bytes at the end of `text` with which `mark` begins.
fn beginning(text: &str, mark: &str) -> usize {
    (1..mark.len()).rev().find(|&size| text.ends_with(&mark[..size])).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thoughts_are_no_part_of_the_answer() {
        let cases = [
            ("plain", Some("plain")),
            ("<think>hm</think>yes", Some("yes")),
            ("<think>\nhm < 3\n</think>\n\nyes", Some("yes")),
            ("hm</think>yes", Some("yes")),
            ("a <think>b</think>c <think>d</think>e", Some("a c e")),
            ("<think></think>", Some("")),
            ("<think>hm", None),
            ("yes <think>but", None),
            ("<think>a</think>b<think>c", None),
        ];
        for (text, expected) in cases {
            assert_eq!(without_thoughts(text).as_deref(), expected, "{text}");
        }
    }

    /// However the text is cut into pieces, the same is told.
    #[test]
    fn pieces_tell_what_the_whole_tells() {
        let text = "a <b> <think>x < y </thin </think>c <thinner> d<";
        for size in 1..text.len() {
            let mut spoken = Spoken::default();
            let pieces = text.as_bytes().chunks(size);
            let mut told: String = pieces.map(|piece| spoken.hear(std::str::from_utf8(piece).unwrap())).collect();
            told += &spoken.rest();
            assert_eq!(told, "a <b> c <thinner> d<", "pieces of {size}");
        }
    }

    #[test]
    fn an_unclosed_thought_is_never_told() {
        let mut spoken = Spoken::default();
        assert_eq!(spoken.hear("yes <think>but </"), "yes ");
        assert_eq!(spoken.rest(), "");
    }
}
