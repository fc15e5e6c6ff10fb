//! `Segment`: a sentence, a list item or a table cell, with the headings and labels that speak of it.

use std::ops::Range;

use crate::language::Language;

/// A stretch of a draft that is read as one, as bytes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Segment {
    pub(super) text: Range<usize>,
    /// Labels that stand beside it: of a table cell the head and cell of its row, then the head of its column.
    pub(super) labels: Vec<Range<usize>>,
    /// The heading above.
    pub(super) heading: Option<Range<usize>>,
    pub(super) is_heading: bool,
    /// Number of the paragraph or row.
    pub(super) block: usize,
}

/// The segments of `draft` in their order. Code blocks are read as text: nobody may hide a number there.
pub(super) fn segments(draft: &str, language: Language) -> Vec<Segment> {
    let mut reader = Reader { draft, language, found: Vec::new(), heading: None, head: Vec::new(), block: 0 };
    let mut paragraph: Option<Range<usize>> = None;
    let mut at = 0;
    for line in draft.split_inclusive('\n') {
        let range = at..at + line.trim_end().len();
        at += line.len();
        let text = line.trim();
        let starts_anew = text.is_empty()
            || text.starts_with(['|', '#', '>', '-', '*', '•'])
            || list_number(text) > 0
            || text.starts_with("```");
        if starts_anew && let Some(whole) = paragraph.take() {
            reader.sentences(whole);
        }
        if text.starts_with('|') {
            reader.row(range);
            continue;
        }
        reader.head.clear();
        if text.starts_with('#') {
            reader.heading(range);
        } else if !text.is_empty() && !text.starts_with("```") {
            paragraph = Some(paragraph.map_or(range.start, |whole| whole.start)..range.end);
        }
    }
    if let Some(whole) = paragraph {
        reader.sentences(whole);
    }
    reader.found
}

struct Reader<'a> {
    draft: &'a str,
    language: Language,
    found: Vec<Segment>,
    heading: Option<Range<usize>>,
    /// The cells of the head of the table that is read.
    head: Vec<Range<usize>>,
    block: usize,
}

impl Reader<'_> {
    fn heading(&mut self, range: Range<usize>) {
        self.block += 1;
        let text = trimmed(self.draft, range, &['#', ' ']);
        self.found.push(Segment { text: text.clone(), is_heading: true, block: self.block, ..Segment::default() });
        self.heading = Some(text);
    }

    fn row(&mut self, range: Range<usize>) {
        let line = &self.draft[range.clone()];
        if line.chars().all(|c| "|-: \t".contains(c)) {
            return;
        }
        self.block += 1;
        let mut cells = Vec::new();
        let mut start = range.start + line.find('|').map_or(0, |bar| bar + 1);
        for (bar, _) in
            self.draft[start..range.end].match_indices('|').map(|(bar, mark)| (start + bar, mark)).collect::<Vec<_>>()
        {
            cells.push(trimmed(self.draft, start..bar, &[' ']));
            start = bar + 1;
        }
        if start < range.end {
            cells.push(trimmed(self.draft, start..range.end, &[' ']));
        }
        let is_head = self.head.is_empty();
        for (column, cell) in cells.iter().enumerate() {
            let mut labels = Vec::new();
            if !is_head {
                if column > 0 {
                    labels.extend(self.head.first().cloned());
                    labels.extend(cells.first().cloned());
                }
                labels.extend(self.head.get(column).cloned());
            }
            let (text, heading) = (cell.clone(), self.heading.clone());
            self.found.push(Segment { text, labels, heading, is_heading: is_head, block: self.block });
        }
        if is_head {
            self.head = cells;
        }
    }

    fn sentences(&mut self, range: Range<usize>) {
        self.block += 1;
        let marker = list_number(&self.draft[range.clone()]);
        let mut start = range.start + marker;
        let text = &self.draft[range.clone()];
        for (at, c) in text.char_indices().filter(|(at, c)| *at >= marker && ".!?".contains(*c)) {
            let end = at + c.len_utf8();
            if ends_sentence(text, at, end, self.language) {
                self.push(start..range.start + end);
                start = range.start + end;
            }
        }
        self.push(start..range.end);
    }

    fn push(&mut self, range: Range<usize>) {
        let text = trimmed(self.draft, range, &[' ', '\n', '>', '-', '*', '•', '\t']);
        if !text.is_empty() {
            self.found.push(Segment { text, heading: self.heading.clone(), block: self.block, ..Segment::default() });
        }
    }
}

/// Bytes of `1. ` at the start of a list item; 0 where there is none.
fn list_number(text: &str) -> usize {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let is_item = (1..=2).contains(&digits) && (text[digits..].starts_with(". ") || text[digits..].starts_with(") "));
    // `7. August` begins a sentence, not a list.
    let is_month = Language::CHECKED.iter().any(|language| {
        let word = text.get(digits + 2..).unwrap_or("").split(|c: char| !c.is_alphabetic()).next().unwrap_or("");
        word.chars().count() >= 3 && language.month(&word.to_lowercase()).is_some()
    });
    if is_item && !is_month { digits + 2 } else { 0 }
}

/// Words that a dot shortens.
const SHORTENED: [&str; 16] =
    ["inc", "corp", "ltd", "co", "vs", "approx", "ca", "z.b", "d.h", "bzw", "mio", "mrd", "e.g", "i.e", "u.s", "no"];

fn ends_sentence(text: &str, at: usize, end: usize, language: Language) -> bool {
    let behind = &text[end..];
    let word = text[..at].rsplit(|c: char| c.is_whitespace() || c == '(').next().unwrap_or("").to_lowercase();
    let next = behind.trim_start();
    if !behind.starts_with(char::is_whitespace) || SHORTENED.contains(&word.as_str()) {
        return false;
    }
    let next_word = next.split(|c: char| !c.is_alphabetic()).next().unwrap_or("").to_lowercase();
    let is_day = word.len() <= 2 && word.bytes().all(|b| b.is_ascii_digit()) && language.month(&next_word).is_some();
    !is_day && !next.starts_with(|c: char| c.is_lowercase())
}

/// `range` without what it begins and ends with of `marks`.
fn trimmed(draft: &str, range: Range<usize>, marks: &[char]) -> Range<usize> {
    let text = &draft[range.clone()];
    let front = text.len() - text.trim_start_matches(marks).len();
    let kept = text.trim_start_matches(marks).trim_end_matches([' ', '\n', '\t']).len();
    range.start + front..range.start + front + kept
}
