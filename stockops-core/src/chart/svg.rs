//! `Svg`: a sheet of a given size that elements are written on, back to front.

use std::fmt::Write;

/// Classes of all charts. Two charts in one page share them, so the style is the same in each and has its own prefix.
pub const STYLE: &str = include_str!("style.css");

/// `svg` without the style that it brings along, for a page that has the [style of all charts](STYLE) once.
///
/// A page whose policy forbids styles within the page shows a chart right only so.
///
/// # Example
///
/// ```
/// use stockops_core::chart::{ForecastChart, STYLE, bare, forecast_chart};
///
/// let svg = forecast_chart(&ForecastChart::default());
/// assert!(svg.contains(STYLE) && !bare(&svg).contains("<style>"));
/// ```
pub fn bare(svg: &str) -> String {
    svg.replacen(&format!("<style>\n{STYLE}</style>\n"), "", 1)
}

/// Width of every chart in user units.
pub(super) const WIDTH: f64 = 860.0;

/// Left margin of every chart.
pub(super) const LEFT: f64 = 20.0;

/// Distance of the lines of a caption, and how many characters fit in one and in the title.
const CAPTION_LINE: f64 = 15.0;
const CAPTION_CHARACTERS: usize = 128;
const TITLE_CHARACTERS: usize = 74;

/// A corner or point, in user units from the top left.
pub(super) type Point = (f64, f64);

/// A chart that is being drawn.
#[derive(Debug)]
pub(super) struct Svg {
    text: String,
}

impl Svg {
    /// An empty sheet with heading; `description` is for those who cannot see it.
    pub(super) fn new(height: f64, title: &str, description: &str) -> Self {
        let (width, height) = (coordinate(WIDTH), coordinate(height));
        let text = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"stockops-chart\" role=\"img\" width=\"{width}\" \
             height=\"{height}\" viewBox=\"0 0 {width} {height}\">\n<title>{}</title>\n<desc>{}</desc>\n\
             <style>\n{STYLE}</style>\n<rect class=\"paper\" width=\"{width}\" height=\"{height}\"/>\n",
            escape(title),
            escape(description),
        );
        let mut svg = Self { text };
        svg.label("title", (LEFT, 30.0), &shortened(title));
        svg
    }

    /// A chart that has nothing to show.
    pub(super) fn no_data(title: &str, caption: &str) -> String {
        let height = 150.0 + caption_height(caption);
        let mut svg = Self::new(height, title, "no data");
        svg.label("faint middle", (WIDTH / 2.0, 100.0), "no data");
        svg.caption(height, caption);
        svg.finish()
    }

    /// The lines at the foot of a chart of this height, which has [`caption_height`] free for them.
    pub(super) fn caption(&mut self, height: f64, caption: &str) {
        let first = height - caption_height(caption) + 11.0;
        for (i, line) in wrapped(caption).iter().enumerate() {
            self.label("faint small", (LEFT, first + i as f64 * CAPTION_LINE), line);
        }
    }

    pub(super) fn label(&mut self, class: &str, (x, y): Point, content: &str) {
        if !content.is_empty() {
            let (x, y) = (coordinate(x), coordinate(y));
            self.element(format_args!("<text class=\"{class}\" x=\"{x}\" y=\"{y}\">{}</text>", escape(content)));
        }
    }

    /// A rectangle from `corner` to the opposite one; `hover` appears under the pointer.
    pub(super) fn rect(&mut self, class: &str, (x0, y0): Point, (x1, y1): Point, hover: &str) {
        let [x, y, width, height] = [x0.min(x1), y0.min(y1), (x1 - x0).abs(), (y1 - y0).abs()].map(coordinate);
        let start = format!("<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"");
        match hover {
            "" => self.element(format_args!("{start}/>")),
            _ => self.element(format_args!("{start}><title>{}</title></rect>", escape(hover))),
        }
    }

    pub(super) fn circle(&mut self, class: &str, (x, y): Point, radius: f64) {
        let [x, y, r] = [x, y, radius].map(coordinate);
        self.element(format_args!("<circle class=\"{class}\" cx=\"{x}\" cy=\"{y}\" r=\"{r}\"/>"));
    }

    /// A line through `points`.
    pub(super) fn line(&mut self, class: &str, points: &[Point]) {
        self.path(class, &[points], "");
    }

    /// The area inside of `points`.
    pub(super) fn area(&mut self, class: &str, points: &[Point]) {
        self.path(class, &[points], "Z");
    }

    /// A dot on each of `points`, as one element: with round caps a line of no length is a dot.
    pub(super) fn dots(&mut self, class: &str, points: &[Point]) {
        let dots: Vec<&[Point]> = points.chunks(1).collect();
        self.path(class, &dots, "h0");
    }

    /// Several lines as one element, each closed by `end`.
    pub(super) fn path(&mut self, class: &str, lines: &[&[Point]], end: &str) {
        let mut data = String::new();
        for line in lines {
            for (i, &(x, y)) in line.iter().enumerate() {
                let verb = if i == 0 { 'M' } else { 'L' };
                let _ = write!(data, "{verb}{} {}", coordinate(x), coordinate(y));
            }
            data.push_str(end);
        }
        if !data.is_empty() {
            self.element(format_args!("<path class=\"{class}\" d=\"{data}\"/>"));
        }
    }

    pub(super) fn finish(mut self) -> String {
        self.text.push_str("</svg>\n");
        self.text
    }

    fn element(&mut self, element: std::fmt::Arguments<'_>) {
        let _ = writeln!(self.text, "{element}");
    }
}

/// Width of a label in user units, near enough to set the next one beside it.
pub(super) fn text_width(label: &str) -> f64 {
    label.chars().count() as f64 * 5.8
}

/// Room that a caption takes at the foot, with the margin below it.
pub(super) fn caption_height(caption: &str) -> f64 {
    wrapped(caption).len() as f64 * CAPTION_LINE + 10.0
}

/// Break at spaces into lines that fit the width; SVG text does not wrap by itself.
fn wrapped(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= CAPTION_CHARACTERS => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.into()),
        }
    }
    lines
}

/// A title that fits the width; the whole of it stays in `<title>`.
fn shortened(title: &str) -> String {
    match title.char_indices().nth(TITLE_CHARACTERS) {
        Some((end, _)) => format!("{}\u{2026}", title[..end].trim_end()),
        None => title.into(),
    }
}

/// A tenth of a unit is finer than any screen.
fn coordinate(value: f64) -> String {
    debug_assert!(value.is_finite(), "coordinate {value}");
    let tenths = (value * 10.0).round() / 10.0;
    // `+ 0.0` turns -0 into 0.
    format!("{}", tenths + 0.0)
}

/// Text as XML text: the five marks escaped, characters that XML cannot hold replaced.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\n' | '\t' => escaped.push(c),
            '\u{FFFE}' | '\u{FFFF}' => escaped.push(char::REPLACEMENT_CHARACTER),
            c if c.is_control() => escaped.push(char::REPLACEMENT_CHARACTER),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_become_markup() {
        assert_eq!(escape("<b a=\"x\">&'\u{0}\u{7}"), "&lt;b a=&quot;x&quot;&gt;&amp;&#39;\u{FFFD}\u{FFFD}");
    }

    #[test]
    fn coordinates_are_short_and_have_no_minus_zero() {
        assert_eq!([1.0, 1.26, -0.01, 99.96].map(coordinate), ["1", "1.3", "0", "100"]);
    }

    #[test]
    fn long_captions_wrap_at_spaces_and_long_titles_are_cut() {
        assert_eq!(wrapped(" one  two "), ["one two"]);
        let lines = wrapped(&"word ".repeat(60));
        assert_eq!(lines.iter().map(|line| line.split(' ').count()).collect::<Vec<_>>(), [25, 25, 10]);
        assert!(wrapped("").is_empty());
        assert_eq!(shortened(&"é".repeat(75)), format!("{}\u{2026}", "é".repeat(74)));
        assert_eq!(shortened("GOOG"), "GOOG");
    }

    #[test]
    fn nothing_to_draw_writes_nothing() {
        let mut svg = Svg::new(100.0, "t", "d");
        let before = svg.text.clone();
        svg.dots("inside", &[]);
        svg.line("past", &[]);
        svg.label("small", (0.0, 0.0), "");
        assert_eq!(svg.text, before);
    }
}
