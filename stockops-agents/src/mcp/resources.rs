//! Resources: reports, charts and the quality of bars, by address.

#[cfg(feature = "png")]
use base64::Engine;
#[cfg(feature = "png")]
use base64::engine::general_purpose::STANDARD;
use rmcp::model::{ErrorData, Resource, ResourceContents, ResourceTemplate};
use stockops_core::Ticker;
use stockops_core::report::{drift_svg, fan, page, risk_svg};
use stockops_core::risk::RiskQuestion;

use super::answer::{DriftAnswer, ForecastAnswer, ModelsAnswer};
use super::house::{House, Problem};
use super::progress::Work;

/// How each kind of resource is addressed, and what it is.
const KINDS: &[(&str, &str, &str, &str)] = &[
    ("report", "md", "text/markdown", "The whole report on a ticker"),
    ("report", "html", "text/html", "The same as a page with its charts, which needs nothing from elsewhere"),
    ("forecast", "svg", "image/svg+xml", "Chart of the forecast with its intervals over the last closes"),
    #[cfg(feature = "png")]
    ("forecast", "png", "image/png", "The same chart in pixels"),
    ("forecast", "json", "application/json", "The forecast with intervals and skill"),
    ("risk", "svg", "image/svg+xml", "Chart of what may be lost and reached"),
    #[cfg(feature = "png")]
    ("risk", "png", "image/png", "The same chart in pixels"),
    ("drift", "svg", "image/svg+xml", "Chart of how far market and model are from alarm"),
    #[cfg(feature = "png")]
    ("drift", "png", "image/png", "The same chart in pixels"),
    ("drift", "json", "application/json", "The tests of drift"),
    ("quality", "md", "text/markdown", "What was found in the bars of a ticker"),
];

/// Address of all versions of models.
const MODELS: &str = "stockops://models.json";

/// Address of the chart of a forecast.
pub(super) fn chart_of(ticker: &Ticker) -> String {
    address("forecast", ticker, "svg")
}

fn address(kind: &str, ticker: &Ticker, end: &str) -> String {
    let escaped: String = ticker.as_str().bytes().map(escaped).collect();
    format!("stockops://{kind}/{escaped}.{end}")
}

/// A byte of a ticker as an address may hold it (RFC 3986).
fn escaped(byte: u8) -> String {
    if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
        char::from(byte).into()
    } else {
        format!("%{byte:02X}")
    }
}

/// The word behind escapes; none where they are no text.
fn unescaped(text: &str) -> Option<String> {
    let (mut bytes, mut rest) = (Vec::new(), text.bytes());
    while let Some(byte) = rest.next() {
        let hex = |byte: Option<u8>| char::from(byte?).to_digit(16);
        let plain = byte != b'%';
        bytes.push(if plain { byte } else { u8::try_from(hex(rest.next())? * 16 + hex(rest.next())?).ok()? });
    }
    String::from_utf8(bytes).ok()
}

/// How all of them are addressed.
pub(super) fn templates() -> Vec<ResourceTemplate> {
    let template = |&(kind, end, mime, about): &(&str, &str, &str, &str)| {
        ResourceTemplate::new(format!("stockops://{kind}/{{ticker}}.{end}"), format!("{kind}-{end}"))
            .with_title(about)
            .with_mime_type(mime)
    };
    KINDS.iter().map(template).collect()
}

/// What there is to read of the tickers that have a model.
pub(super) fn listed(house: &House) -> Result<Vec<Resource>, Problem> {
    let models =
        Resource::new(MODELS, "models").with_title("All versions of models").with_mime_type("application/json");
    let tickers = house.said(house.stockops.registry().tickers())?;
    let of_ticker = |ticker: &Ticker| {
        let one = |&(kind, end, mime, about): &(&str, &str, &str, &str)| {
            Resource::new(address(kind, ticker, end), format!("{ticker} {kind}.{end}"))
                .with_title(format!("{about}: {ticker}"))
                .with_mime_type(mime)
        };
        KINDS.iter().map(one).collect::<Vec<_>>()
    };
    Ok(std::iter::once(models).chain(tickers.iter().flat_map(of_ticker)).collect())
}

/// Which resource an address names.
#[derive(Debug, PartialEq)]
pub(super) enum Asked {
    Models,
    OfTicker { kind: &'static str, end: &'static str, mime: &'static str, ticker: String },
}

impl Asked {
    /// An error of the protocol where there is nothing of this address.
    pub(super) fn parse(uri: &str) -> Result<Self, ErrorData> {
        if uri == MODELS {
            return Ok(Self::Models);
        }
        let of_kind = |&(kind, end, mime, _): &(&'static str, &'static str, &'static str, &str)| {
            let name = uri.strip_prefix("stockops://")?.strip_prefix(kind)?.strip_prefix('/')?;
            let name = name.strip_suffix(end)?.strip_suffix('.')?;
            Some(Self::OfTicker { kind, end, mime, ticker: unescaped(name)? })
        };
        KINDS.iter().find_map(of_kind).ok_or_else(|| {
            let known = KINDS.iter().map(|(kind, end, ..)| format!("stockops://{kind}/TICKER.{end}"));
            let known = known.collect::<Vec<_>>().join(", ");
            let uri: String = uri.chars().take(200).collect();
            ErrorData::resource_not_found(format!("no resource `{uri}`; there are {MODELS}, {known}"), None)
        })
    }
}

/// What a resource holds.
pub(super) fn read(house: &House, uri: &str, asked: &Asked, work: &Work) -> Result<ResourceContents, Problem> {
    let (text, mime) = match asked {
        Asked::Models => {
            let models = house.said(house.stockops.models(None))?;
            (ModelsAnswer::answer(&models).json.to_string(), "application/json")
        }
        #[cfg(feature = "png")]
        Asked::OfTicker { kind, end: "png", mime, ticker } => {
            let png = house.said(stockops_core::chart::png(&of_ticker(house, kind, "svg", ticker, work)?))?;
            return Ok(ResourceContents::blob(STANDARD.encode(png), uri).with_mime_type(*mime));
        }
        Asked::OfTicker { kind, end, mime, ticker } => (of_ticker(house, kind, end, ticker, work)?, *mime),
    };
    Ok(ResourceContents::text(text, uri).with_mime_type(mime))
}

fn of_ticker(house: &House, kind: &str, end: &str, ticker: &str, work: &Work) -> Result<String, Problem> {
    let ticker = house.ticker(ticker)?;
    if kind == "quality" {
        let sourced = house.said(house.stockops.bars(&ticker))?;
        let understood = sourced.understood.to_string();
        return Ok(format!("# {ticker}: bars\n\n```text\n{}\n\n{understood}\n```\n", sourced.quality));
    }
    let look = house.look(ticker.as_str(), work)?;
    let risk = || house.risk_of(&look, &RiskQuestion::default(), work);
    Ok(match (kind, end) {
        ("report", "html") => {
            let mut charts = vec![("forecast.svg".to_owned(), fan(&look.forecast, &look.sourced.bars))];
            charts.extend(risk().ok().map(|risk| ("risk.svg".to_owned(), risk_svg(&risk))));
            page(ticker.as_str(), &house.report(&look, work)?, &charts)
        }
        ("report", _) => house.report(&look, work)?,
        ("forecast", "svg") => fan(&look.forecast, &look.sourced.bars),
        ("forecast", _) => ForecastAnswer::answer(&look.forecast, &look.evaluation).json.to_string(),
        ("risk", _) => risk_svg(&risk()?),
        ("drift", "svg") => drift_svg(&house.drift(&look, work)?),
        _ => DriftAnswer::answer(&house.drift(&look, work)?, &look.evaluation).json.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_its_ticker_whatever_it_is_made_of() {
        for word in ["GOOG", "^GSPC", "EURUSD=X", "BRK-B", "BTC-USD", "000001.SS"] {
            let ticker = Ticker::new(word).unwrap();
            let Asked::OfTicker { kind, end, mime, ticker: found } = Asked::parse(&chart_of(&ticker)).unwrap() else {
                panic!("{word}");
            };
            assert_eq!((kind, end, mime, found.as_str()), ("forecast", "svg", "image/svg+xml", word));
        }
        assert_eq!(chart_of(&Ticker::new("^GSPC").unwrap()), "stockops://forecast/%5EGSPC.svg");
        assert_eq!(Asked::parse("stockops://models.json").unwrap(), Asked::Models);
    }

    #[test]
    fn what_is_not_there_is_told_with_what_is() {
        for uri in
            ["file:///etc/passwd", "stockops://forecast/GOOG.gif", "stockops://forecast/%zz.svg", "stockops://models"]
        {
            let error = Asked::parse(uri).unwrap_err().message;
            assert!(error.starts_with(&format!("no resource `{uri}`; there are stockops://models.json, ")), "{error}");
        }
        assert!(Asked::parse("stockops://report/..%2F..%2Fx.md").is_ok(), "the rule of tickers refuses it");
        assert!(Ticker::new("../../x").is_err());
    }
}
