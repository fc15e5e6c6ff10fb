//! Which exchange a Yahoo ticker trades on.

use exchange_hours::Exchange;

/// Yahoo suffix and exchange. Several suffixes of one country share its days.
const SUFFIXES: [(&str, Exchange); 43] = [
    ("L", Exchange::Lse),
    ("IL", Exchange::Lse),
    ("DE", Exchange::Xetra),
    ("PA", Exchange::EuronextParis),
    ("AS", Exchange::EuronextAmsterdam),
    ("BR", Exchange::EuronextBrussels),
    ("LS", Exchange::EuronextLisbon),
    ("IR", Exchange::EuronextDublin),
    ("MI", Exchange::EuronextMilan),
    ("MC", Exchange::Bme),
    ("SW", Exchange::Six),
    ("ST", Exchange::NasdaqStockholm),
    ("HE", Exchange::NasdaqHelsinki),
    ("CO", Exchange::NasdaqCopenhagen),
    ("VI", Exchange::Vienna),
    ("IS", Exchange::BorsaIstanbul),
    ("TO", Exchange::Tsx),
    ("V", Exchange::Tsx),
    ("NE", Exchange::Tsx),
    ("CN", Exchange::Tsx),
    ("MX", Exchange::Bmv),
    ("SA", Exchange::B3),
    ("JO", Exchange::Jse),
    ("SR", Exchange::Tadawul),
    ("SAU", Exchange::Tadawul),
    ("T", Exchange::Tse),
    ("HK", Exchange::Hkex),
    ("SS", Exchange::Sse),
    ("SZ", Exchange::Szse),
    ("TW", Exchange::Twse),
    ("TWO", Exchange::Twse),
    ("KS", Exchange::Krx),
    ("KQ", Exchange::Krx),
    ("NS", Exchange::NseIndia),
    ("BO", Exchange::BseIndia),
    ("SI", Exchange::SgxSecurities),
    ("KL", Exchange::BursaMalaysia),
    ("BK", Exchange::SetThailand),
    ("JK", Exchange::Idx),
    ("PS", Exchange::Pse),
    ("VN", Exchange::Hose),
    ("AX", Exchange::Asx),
    ("NZ", Exchange::Nzx),
];

/// Indices that are not New York's.
const INDICES: [(&str, Exchange); 28] = [
    ("^FTSE", Exchange::Lse),
    ("^FTMC", Exchange::Lse),
    ("^GDAXI", Exchange::Xetra),
    ("^MDAXI", Exchange::Xetra),
    ("^TECDAX", Exchange::Xetra),
    ("^STOXX", Exchange::Xetra),
    ("^STOXX50E", Exchange::Xetra),
    ("^FCHI", Exchange::EuronextParis),
    ("^AEX", Exchange::EuronextAmsterdam),
    ("^BFX", Exchange::EuronextBrussels),
    ("^IBEX", Exchange::Bme),
    ("^SSMI", Exchange::Six),
    ("^OMX", Exchange::NasdaqStockholm),
    ("^ATX", Exchange::Vienna),
    ("^GSPTSE", Exchange::Tsx),
    ("^MXX", Exchange::Bmv),
    ("^BVSP", Exchange::B3),
    ("^N225", Exchange::Tse),
    ("^HSI", Exchange::Hkex),
    ("^TWII", Exchange::Twse),
    ("^KS11", Exchange::Krx),
    ("^NSEI", Exchange::NseIndia),
    ("^BSESN", Exchange::BseIndia),
    ("^STI", Exchange::SgxSecurities),
    ("^KLSE", Exchange::BursaMalaysia),
    ("^JKSE", Exchange::Idx),
    ("^AXJO", Exchange::Asx),
    ("^NZ50", Exchange::Nzx),
];

/// The exchange of `ticker`, an equity; `None` for futures and for suffixes that are not known.
///
/// A single letter that is no suffix of Yahoo's names a class of shares (`BRK.B`), so New York.
pub(super) fn exchange_of(ticker: &str) -> Option<Exchange> {
    if ticker.ends_with("=F") {
        return None;
    }
    if ticker.starts_with('^') {
        return Some(INDICES.iter().find(|(index, _)| *index == ticker).map_or(Exchange::Nyse, |found| found.1));
    }
    match ticker.rsplit_once('.') {
        None => Some(Exchange::Nyse),
        Some((_, suffix)) => match SUFFIXES.iter().find(|(known, _)| *known == suffix) {
            Some((_, exchange)) => Some(*exchange),
            // Frankfurt's floor is a letter too, with hours of its own.
            None => (suffix.len() == 1 && suffix != "F").then_some(Exchange::Nyse),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suffix_and_index_name_the_exchange() {
        for (ticker, exchange) in [
            ("GOOG", Some(Exchange::Nyse)),
            ("BRK.B", Some(Exchange::Nyse)),
            ("^GSPC", Some(Exchange::Nyse)),
            ("^FTSE", Some(Exchange::Lse)),
            ("7203.T", Some(Exchange::Tse)),
            ("VOLV-B.ST", Some(Exchange::NasdaqStockholm)),
            ("SAP.F", None),
            ("ABC.XYZ", None),
            ("ES=F", None),
        ] {
            assert_eq!(exchange_of(ticker), exchange, "{ticker}");
        }
    }
}
