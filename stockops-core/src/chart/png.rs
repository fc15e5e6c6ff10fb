//! `png`: a chart in pixels, for those who show no SVG.

use std::sync::{Arc, LazyLock};

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::fontdb::Database;
use resvg::usvg::{ImageHrefResolver, Options, Tree};

use super::svg::{STYLE, bare};
use crate::error::{Error, Result};

/// Pixels to a user unit: sharp on the screens of today.
const SCALE: f32 = 2.0;

/// Most pixels on a side, far above what our charts have.
const MOST: f32 = 16_384.0;

/// The typefaces, so that a chart is the same on every machine. Their licence stands in `fonts/LICENSE.txt`.
static FONTS: LazyLock<Arc<Database>> = LazyLock::new(|| {
    let mut fonts = Database::new();
    fonts.load_font_data(include_bytes!("fonts/DejaVuSans.ttf").to_vec());
    fonts.load_font_data(include_bytes!("fonts/DejaVuSans-Bold.ttf").to_vec());
    fonts.set_sans_serif_family("DejaVu Sans");
    Arc::new(fonts)
});

/// `svg`, a chart of this room, as PNG: two pixels to a unit, in the colours of the light setting.
///
/// Text is drawn with DejaVu Sans, which is part of the crate: Latin, Greek and Cyrillic letters. Nothing is read from the disk or
/// the net.
///
/// # Errors
///
/// [`Error::Config`] for what is no SVG or has more than 16,384 pixels on a side.
///
/// # Example
///
/// ```
/// use stockops_core::chart::{ForecastChart, forecast_chart, png};
///
/// let png = png(&forecast_chart(&ForecastChart::default()))?;
/// assert!(png.starts_with(b"\x89PNG\r\n\x1a\n"));
/// # Ok::<(), stockops_core::Error>(())
/// ```
pub fn png(svg: &str) -> Result<Vec<u8>> {
    let wrong = |rule, got: String| Error::Config { field: "svg", rule, got };
    // The rasteriser ignores @media, so the dark colours would win.
    let light = STYLE.split("@media").next().unwrap_or_default().to_owned();
    let options = Options {
        font_family: "DejaVu Sans".into(),
        fontdb: Arc::clone(&FONTS),
        style_sheet: Some(light),
        image_href_resolver: ImageHrefResolver {
            resolve_data: Box::new(|_, _, _| None),
            resolve_string: Box::new(|_, _| None),
        },
        ..Options::default()
    };
    let tree = Tree::from_str(&bare(svg), &options).map_err(|error| wrong("a chart as SVG", error.to_string()))?;
    let [width, height] = [tree.size().width(), tree.size().height()].map(|side| (side * SCALE).ceil());
    let sheet = (width <= MOST && height <= MOST).then(|| Pixmap::new(width as u32, height as u32)).flatten();
    let mut sheet = sheet.ok_or_else(|| wrong("of at most 16384 pixels on a side", format!("{width} by {height}")))?;
    resvg::render(&tree, Transform::from_scale(SCALE, SCALE), &mut sheet.as_mut());
    sheet.encode_png().map_err(|error| wrong("a chart that can be written as PNG", error.to_string()))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::chart::{RiskChart, SkillChart, SkillGroup, risk_chart, skill_chart};

    fn chart(title: &str) -> String {
        skill_chart(&SkillChart {
            title: title.into(),
            caption: "400 days".into(),
            against: vec!["persistence".into()],
            groups: vec![SkillGroup { name: "range".into(), horizons: vec![("1 day".into(), vec![12.5])] }],
        })
    }

    fn sheet(svg: &str) -> Pixmap {
        Pixmap::decode_png(&png(svg).unwrap()).unwrap()
    }

    /// Pixels of the line of the title that are not the white of the paper.
    fn ink_of_the_title(sheet: &Pixmap) -> usize {
        let line = (24..72).flat_map(|y| (30..1600).map(move |x| (x, y)));
        line.filter(|(x, y)| sheet.pixel(*x, *y).unwrap().red() < 250).count()
    }

    #[test]
    fn a_chart_has_its_size_in_pixels_and_its_light_colours() {
        let svg = chart("GOOG");
        let height: f32 =
            roxmltree::Document::parse(&svg).unwrap().root_element().attribute("height").unwrap().parse().unwrap();
        let bytes = png(&svg).unwrap();
        assert!(bytes.starts_with(b"\x89PNG\r\n\x1a\n"));
        assert_eq!(bytes, png(&svg).unwrap(), "the same chart has the same bytes");
        let sheet = Pixmap::decode_png(&bytes).unwrap();
        assert_eq!((sheet.width(), sheet.height()), (1720, (2.0 * height).ceil() as u32));
        let white = sheet.pixel(2, 2).unwrap();
        assert_eq!([white.red(), white.green(), white.blue(), white.alpha()], [255; 4], "the paper is not dark");
        let colours: HashSet<_> = sheet.pixels().iter().map(|p| (p.red(), p.green(), p.blue())).collect();
        assert!(colours.len() > 20, "{}", colours.len());
    }

    /// A rasteriser that finds no typeface leaves text out and says nothing.
    #[test]
    fn text_is_drawn_and_more_of_it_where_there_is_more() {
        let [none, short, long] =
            ["", "GOOG", "GOOG: skill over rules"].map(|title| ink_of_the_title(&sheet(&chart(title))));
        assert_eq!(none, 0);
        assert!(short > 500 && long > 2 * short, "{short} and {long}");
        for letters in ["Müller – 5 %", "Ελλάδα", "Газпром"] {
            assert!(ink_of_the_title(&sheet(&chart(letters))) > 400, "{letters}");
        }
    }

    #[test]
    fn a_chart_without_data_says_so_in_pixels_too() {
        assert!(png(&risk_chart(&RiskChart::default())).is_ok());
    }

    #[test]
    fn what_is_no_chart_is_told() {
        let error = png("no svg").unwrap_err().to_string();
        assert!(error.starts_with("`svg` must be a chart as SVG, got "), "{error}");
        let huge = "<svg xmlns='http://www.w3.org/2000/svg' width='90000' height='10'/>";
        assert_eq!(
            png(huge).unwrap_err().to_string(),
            "`svg` must be of at most 16384 pixels on a side, got 180000 by 20"
        );
    }

    /// A file that is named in a chart is not read.
    #[test]
    fn no_file_is_read() {
        let own = concat!(env!("CARGO_MANIFEST_DIR"), "/../stockops-server/assets/icon.svg");
        let svg = |href: &str| {
            format!(
                "<svg xmlns='http://www.w3.org/2000/svg' width='20' height='20'><image href='{href}' width='20' height='20'/></svg>"
            )
        };
        assert_eq!(png(&svg(own)).unwrap(), png(&svg("")).unwrap());
    }
}
