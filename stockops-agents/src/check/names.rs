//! Names: tickers, companies, currencies, exchanges and units of others.

use std::ops::Range;

use super::Page;
use super::language::ENGLISH;
use super::lexicon::Meaning;
use super::reading::{Item, Reading, What};
use super::segment::Segment;
use crate::language::Language;

/// Read the names of a segment.
pub(super) fn read(page: &mut Page<'_>, segment: &Segment, reading: &Reading) {
    for (at, item) in reading.own_items() {
        let why = match &item.what {
            What::Mark(mark @ ('$' | '€' | '£' | '¥')) => symbol(page, reading, item, *mark),
            What::Said(said) => said.iter().find_map(|meaning| said_name(page, reading, at, item, meaning)),
            _ => None,
        };
        if let Some(why) = why {
            page.problem(reading.bytes(item), why, None);
        }
    }
    others(page, segment, reading);
}

/// Currencies that are written with a symbol.
fn symbol(page: &Page<'_>, reading: &Reading, item: &Item, mark: char) -> Option<String> {
    let next = reading.tokens.get(item.tokens.end);
    if mark == '$' && next.is_some_and(|token| !token.word().is_empty()) {
        return None;
    }
    let codes: &[&str] = match mark {
        '$' => &["USD", "CAD", "AUD", "HKD", "SGD", "NZD", "MXN", "TWD"],
        '€' => &["EUR"],
        '£' => &["GBP", "GBp"],
        _ => &["JPY", "CNY"],
    };
    wrong_currency(page, codes)
}

fn wrong_currency(page: &Page<'_>, codes: &[&str]) -> Option<String> {
    match page.facts.company.currency.as_deref() {
        Some(own) if codes.contains(&own) => None,
        Some(own) => Some(format!("prices are in {own}")),
        None => Some("nobody said the currency".into()),
    }
}

fn said_name(page: &Page<'_>, reading: &Reading, at: usize, item: &Item, meaning: &Meaning) -> Option<String> {
    let own_names = own_words(page);
    if own_names.contains(&page.text[reading.bytes(item)].to_lowercase()) && matches!(meaning, Meaning::Exchange(_)) {
        return None;
    }
    match meaning {
        Meaning::Currency("USD") => wrong_currency(page, &["USD", "CAD", "AUD", "HKD", "SGD", "NZD"]).filter(|_| {
            page.text[reading.bytes(item)].eq_ignore_ascii_case("usd")
                || page.facts.company.currency.as_deref() != Some("CAD")
        }),
        Meaning::Currency(code) => wrong_currency(page, &[code]),
        Meaning::Exchange(code) => {
            let own = &page.facts.company.exchange;
            (own != code).then(|| format!("the exchange is {own}"))
        }
        Meaning::Unit(unit) => {
            let own = page.facts.facts.iter().find(|fact| fact.id == "unit").map(super::claim::shown)?;
            let counted = reading.items[..at].iter().rev().take(2).any(|item| item.number().is_some());
            (counted && own != *unit).then(|| format!("volume is counted in {own}"))
        }
        _ => None,
    }
}

/// Words of the ticker, the company, the version and the publishers.
fn own_words(page: &Page<'_>) -> Vec<String> {
    let company = &page.facts.company;
    let names =
        [Some(company.ticker.as_str()), company.name.as_deref(), company.currency.as_deref(), Some(&*company.exchange)];
    let words = page.facts.facts.iter().filter(|fact| fact.number().is_none()).map(super::claim::shown);
    let publishers = page.facts.headlines.iter().map(|headline| headline.publisher.clone());
    let all = names.into_iter().flatten().map(str::to_owned).chain(words).chain(publishers);
    all.flat_map(|name| {
        let parts: Vec<String> =
            name.split(|c: char| c.is_whitespace() || ",.()@-=^".contains(c)).map(str::to_lowercase).collect();
        [vec![name.to_lowercase()], parts].concat()
    })
    .filter(|word| !word.is_empty())
    .collect()
}

/// Shortenings that are no tickers.
const KNOWN: &str = "RSI RSI14 MACD EMA SMA SMA20 SMA50 SMA200 EMA20 VAR CVAR ES HAR EWMA LSTM ML LLM API USA US U.S UK EU GDP CPI FED ECB CEO CFO \
    EPS ETF IPO AI IT PE P E Q1 Q2 Q3 Q4 YTD YOY QOQ PM AM UTC ET EST GMT OHLC OHLCV OK FAQ PDF JSON BULLISH BEARISH NEUTRAL BUY SELL HOLD \
    HIGH MEDIUM LOW OPEN CLOSE VOLUME NOTE AND OR NOT THE A I II III IV V PP BP N D H T VS NA NO YES KEY RISK RISKS USD EUR GBP JPY CHF CAD AUD \
    CNY HKD INR SEK KRW NYSE NASDAQ LSE TSE XETRA SEC CRPS RMSE MAE S&P ADR B2B AWS IFRS GAAP M&A R&D";

/// Large companies and their products, by the word that names them; behind a colon the tickers of which the word is the own name.
const COMPANIES: &str = "alphabet:GOOG,GOOGL google:GOOG,GOOGL googl:GOOG,GOOGL apple:AAPL microsoft:MSFT tesla:TSLA nvidia:NVDA netflix:NFLX \
    facebook:META,FB meta:META,FB instagram:META,FB ibm:IBM intel:INTC oracle:ORCL walmart:WMT alibaba:BABA tencent:TCEHY samsung sony:SONY \
    toyota:TM volkswagen siemens sap:SAP allianz nestle novartis:NVS roche shell:SHEL exxon:XOM chevron:CVX boeing:BA airbus pfizer:PFE \
    merck:MRK moderna:MRNA goldman:GS citigroup:C jpmorgan:JPM visa:V mastercard:MA paypal:PYPL disney:DIS comcast:CMCSA verizon:VZ \
    cisco:CSCO adobe:ADBE salesforce:CRM uber:UBER airbnb:ABNB spotify:SPOT shopify:SHOP ebay:EBAY costco:COST target:TGT starbucks:SBUX \
    mcdonald's:MCD coca-cola:KO pepsico:PEP nike:NKE adidas bmw daimler amd:AMD qualcomm:QCOM broadcom:AVGO micron:MU asml:ASML tsmc:TSM \
    berkshire unilever:UL danone lvmh hermes amazon:AMZN";

/// Whether `word` names one of them, other than the one of `ticker`.
fn is_listed(word: &str, ticker: &str) -> bool {
    COMPANIES.split_whitespace().any(|company| {
        let (name, tickers) = company.split_once(':').unwrap_or((company, ""));
        name == word && !tickers.split(',').any(|own| own == ticker)
    })
}

/// Endings of the names of companies.
const FORMS: [&str; 14] =
    ["inc", "corp", "corporation", "ltd", "limited", "plc", "ag", "se", "sa", "nv", "group", "holdings", "gmbh", "llc"];

/// What is said of a company right behind its name.
const DONE_BY: [&str; 24] = [
    "shares",
    "stock",
    "closed",
    "closes",
    "trades",
    "traded",
    "ended",
    "finished",
    "rose",
    "fell",
    "gained",
    "lost",
    "opened",
    "settled",
    "stands",
    "aktie",
    "schloss",
    "notiert",
    "clôture",
    "clôturé",
    "cerró",
    "cierra",
    "is",
    "will",
];

/// Tickers and companies that are not ours.
fn others(page: &mut Page<'_>, segment: &Segment, reading: &Reading) {
    let own = own_words(page);
    let mut wrong: Vec<(Range<usize>, &str)> = Vec::new();
    // A heading in capitals is no list of tickers.
    let is_shouted = segment.is_heading && !page.text[segment.text.clone()].contains(char::is_lowercase);
    let phrases: Vec<&Range<usize>> =
        reading.own_items().map(|(_, item)| &item.tokens).filter(|tokens| tokens.len() > 1).collect();
    for place in
        (reading.own..reading.tokens.len()).filter(|place| !phrases.iter().any(|phrase| phrase.contains(place)))
    {
        let token = &reading.tokens[place];
        let (word, text) = (token.word(), &page.text[token.start..token.end]);
        if word.is_empty()
            || own.contains(&word.to_owned())
            || own.iter().any(|own| *own == word.trim_end_matches("'s"))
        {
            continue;
        }
        let before = place.checked_sub(1).map(|before| &reading.tokens[before]);
        let is_marked = before.is_some_and(|token| token.is_mark('$'));
        if is_marked || (!is_shouted && looks_like_ticker(text)) {
            wrong.push((token.start..token.end, "this is no name or ticker of the facts"));
        } else if is_company(page, reading, place, text) {
            wrong.push((token.start..token.end, "this is another company"));
        }
    }
    for (place, why) in wrong {
        page.problem(place, why, None);
    }
}

/// Capitals of two letters or more that are no known shortening.
fn looks_like_ticker(text: &str) -> bool {
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    let is_large = letters >= 2 && text.chars().all(|c| c.is_uppercase() || c.is_ascii_digit() || "^.-=&@".contains(c));
    is_large && !KNOWN.split_whitespace().any(|known| known == text) && !text.starts_with('H')
}

fn is_company(page: &Page<'_>, reading: &Reading, place: usize, text: &str) -> bool {
    if !text.starts_with(|c: char| c.is_uppercase()) || KNOWN.split_whitespace().any(|known| known == text) {
        return false;
    }
    let lower = text.to_lowercase();
    if is_common_name(&lower) {
        return false;
    }
    let next = reading.tokens.get(place + 1);
    let behind = |count: usize| reading.tokens.get(place + count).map_or("", |token| token.word());
    let is_listed = is_listed(&lower, page.facts.company.ticker.as_str());
    if page.facts.company.name.is_none() {
        // Nobody said our own name: an unknown one may be it.
        return is_listed;
    }
    let has_form =
        FORMS.contains(&behind(1)) && page.text[reading.tokens[place + 1].start..].starts_with(char::is_uppercase);
    let possessive = next.is_some_and(|token| token.is_mark('\'') || token.is_mark('’')) && behind(2) == "s";
    let acts = possessive || (page.language != Language::GERMAN && DONE_BY[..22].contains(&behind(1)));
    let is_word =
        super::lexicon::lexicon(page.language).contains_key(lower.as_str()) || COMMON.contains(&lower.as_str());
    let before = place.checked_sub(1).map_or("", |before| reading.tokens[before].word());
    let named = ["of", "for", "von", "de", "in"].contains(&before)
        && page.language == Language::ENGLISH
        && place > reading.own + 1
        && !is_word;
    is_listed || (has_form && !is_word) || (acts && !is_word) || named
}

/// Words that may stand large before what a company does.
const COMMON: [&str; 24] = [
    "it", "the", "price", "prices", "this", "that", "they", "we", "trading", "momentum", "trend", "market", "company",
    "stock", "shares", "which", "what", "there", "el", "la", "le", "l", "outlook", "coverage",
];

/// Names of places, days and people that a report may say.
fn is_common_name(word: &str) -> bool {
    const NAMES: [&str; 14] = [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "wall",
        "new",
        "yang",
        "zhang",
        "wilder",
        "wilson",
        "appel",
        "corsi",
        "riskmetrics",
    ];
    NAMES.contains(&word) || ENGLISH.contains(&word)
}
