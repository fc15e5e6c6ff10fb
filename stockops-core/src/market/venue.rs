//! Which market a ticker trades on: suffixes, indices and codes, one line a market.

use chrono_tz::Tz;
use exchange_hours::Exchange;

use super::week::Week;

/// What is known of the days of a market.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Days {
    /// Holidays and hours of the crate exchange-hours.
    Exchange(Exchange),
    /// A week without holidays.
    Local(Local),
}

/// A market of which the clock, the week and the close are known, and no holidays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Local {
    pub(super) zone: Tz,
    /// Seconds after local midnight at which trading ends on most days.
    pub(super) close: u32,
    /// The week, and where it changed the first day of the new one as (year, month, day).
    pub(super) week: Week,
    pub(super) changed: Option<((i32, u32, u32), Week)>,
}

/// One market.
#[derive(Debug)]
pub(super) struct Venue {
    /// Its code in ISO 10383, by which it can be named.
    pub(super) code: &'static str,
    pub(super) days: Days,
    /// Suffixes of Yahoo and of Stooq.
    suffixes: &'static [&'static str],
    indices: &'static [&'static str],
}

const fn listed(
    code: &'static str,
    exchange: Exchange,
    suffixes: &'static [&'static str],
    indices: &'static [&'static str],
) -> Venue {
    Venue { code, days: Days::Exchange(exchange), suffixes, indices }
}

/// A market with a clock and a week; `close` as (hour, minute).
const fn local(
    code: &'static str,
    zone: Tz,
    close: (u32, u32),
    week: Week,
    suffixes: &'static [&'static str],
    indices: &'static [&'static str],
) -> Venue {
    let close = close.0 * 3600 + close.1 * 60;
    Venue { code, days: Days::Local(Local { zone, close, week, changed: None }), suffixes, indices }
}

/// A market whose week became Monday to Friday on `changed`.
const fn changed(
    code: &'static str,
    zone: Tz,
    close: (u32, u32),
    changed: (i32, u32, u32),
    suffixes: &'static [&'static str],
    indices: &'static [&'static str],
) -> Venue {
    let close = close.0 * 3600 + close.1 * 60;
    let changed = Some((changed, Week::MONDAY_TO_FRIDAY));
    let days = Local { zone, close, week: Week::SUNDAY_TO_THURSDAY, changed };
    Venue { code, days: Days::Local(days), suffixes, indices }
}

const WEEKDAYS: Week = Week::MONDAY_TO_FRIDAY;
const SUNDAYS: Week = Week::SUNDAY_TO_THURSDAY;

/// All markets. Several suffixes of one country share its days.
#[rustfmt::skip]
const VENUES: [Venue; 69] = [
    // The Americas
    listed("XNYS", Exchange::Nyse, &["US"], &[
        "GSPC", "SPX", "IXIC", "NDX", "NDQ", "DJI", "DJT", "DJU", "DJA", "NYA", "RUT", "RUI", "RUA", "VIX", "VXN", "VVIX", "VXD",
        "RVX", "VIX3M", "VIX9D", "GVZ", "OVX", "SKEW", "OEX", "XEO", "MID", "SP400", "SP600", "SML", "SPXEW", "SP500TR", "SP100", "W5000", "XAX",
        "XOI", "XAU", "HUI", "SOX", "BKX", "KRX", "NBI", "NQX", "XMI", "TNX", "TYX", "FVX", "IRX", "NYFANG", "BUYW", "BXM", "PUT",
    ]),
    listed("XNAS", Exchange::Nasdaq, &[], &[]),
    listed("ARCX", Exchange::NyseArca, &[], &[]),
    listed("XASE", Exchange::NyseAmerican, &[], &[]),
    listed("XTSE", Exchange::Tsx, &["TO", "V", "NE", "CN"], &["GSPTSE"]),
    listed("XMEX", Exchange::Bmv, &["MX"], &["MXX"]),
    listed("BVMF", Exchange::B3, &["SA"], &["BVSP"]),
    local("XBUE", Tz::America__Argentina__Buenos_Aires, (17, 0), WEEKDAYS, &["BA"], &["MERV"]),
    local("XSGO", Tz::America__Santiago, (16, 0), WEEKDAYS, &["SN"], &["IPSA"]),
    local("XLIM", Tz::America__Lima, (16, 0), WEEKDAYS, &["LM"], &[]),
    local("XBOG", Tz::America__Bogota, (16, 0), WEEKDAYS, &["CL"], &[]),
    // Europe
    listed("XLON", Exchange::Lse, &["L", "IL", "UK"], &["FTSE", "FTMC", "FTAS", "FTLC", "UKX"]),
    listed("XETR", Exchange::Xetra, &["DE"], &["GDAXI", "MDAXI", "TECDAX", "SDAXI", "STOXX", "STOXX50E", "DAX"]),
    listed("XPAR", Exchange::EuronextParis, &["PA"], &["FCHI", "SBF120", "CAC"]),
    listed("XAMS", Exchange::EuronextAmsterdam, &["AS"], &["AEX", "AMX"]),
    listed("XBRU", Exchange::EuronextBrussels, &["BR"], &["BFX"]),
    listed("XLIS", Exchange::EuronextLisbon, &["LS"], &["PSI20"]),
    listed("XDUB", Exchange::EuronextDublin, &["IR"], &["ISEQ"]),
    listed("XMIL", Exchange::EuronextMilan, &["MI"], &["FTSEMIB"]),
    listed("XMAD", Exchange::Bme, &["MC"], &["IBEX"]),
    listed("XSWX", Exchange::Six, &["SW"], &["SSMI"]),
    listed("XSTO", Exchange::NasdaqStockholm, &["ST"], &["OMX", "OMXS30", "OMXSPI"]),
    listed("XHEL", Exchange::NasdaqHelsinki, &["HE"], &["OMXH25"]),
    listed("XCSE", Exchange::NasdaqCopenhagen, &["CO"], &["OMXC25", "OMXC20"]),
    listed("XWBO", Exchange::Vienna, &["VI"], &["ATX"]),
    listed("XIST", Exchange::BorsaIstanbul, &["IS"], &["XU100"]),
    local("XFRA", Tz::Europe__Berlin, (20, 0), WEEKDAYS, &["F", "BE", "SG", "MU", "DU", "HM", "HA"], &[]),
    local("XWAR", Tz::Europe__Warsaw, (17, 0), WEEKDAYS, &["WA", "PL"], &["WIG", "WIG20", "MWIG40", "SWIG80"]),
    local("XOSL", Tz::Europe__Oslo, (16, 25), WEEKDAYS, &["OL"], &["OSEAX", "OBX"]),
    local("XATH", Tz::Europe__Athens, (17, 20), WEEKDAYS, &["AT"], &["ATG"]),
    local("XPRA", Tz::Europe__Prague, (16, 25), WEEKDAYS, &["PR"], &["PX"]),
    local("XBUD", Tz::Europe__Budapest, (17, 5), WEEKDAYS, &["BD", "HU"], &["BUX"]),
    local("XBSE", Tz::Europe__Bucharest, (18, 0), WEEKDAYS, &["RO"], &["BET"]),
    local("XICE", Tz::Atlantic__Reykjavik, (15, 30), WEEKDAYS, &["IC"], &["OMXI10"]),
    local("XTAL", Tz::Europe__Tallinn, (16, 0), WEEKDAYS, &["TL"], &["OMXT"]),
    local("XRIS", Tz::Europe__Riga, (16, 0), WEEKDAYS, &["RG"], &["OMXR"]),
    local("XLIT", Tz::Europe__Vilnius, (16, 0), WEEKDAYS, &["VS"], &["OMXV"]),
    local("MISX", Tz::Europe__Moscow, (18, 50), WEEKDAYS, &["ME"], &["IMOEX", "RTSI"]),
    // Africa and the Middle East
    listed("XJSE", Exchange::Jse, &["JO"], &["JN0U", "J203"]),
    listed("XSAU", Exchange::Tadawul, &["SR", "SAU"], &["TASI"]),
    changed("XTAE", Tz::Asia__Jerusalem, (17, 15), (2026, 1, 5), &["TA"], &["TA35", "TA125"]),
    changed("XDFM", Tz::Asia__Dubai, (15, 0), (2022, 1, 3), &["AE"], &["DFMGI"]),
    changed("XADS", Tz::Asia__Dubai, (14, 45), (2022, 1, 3), &["AD"], &["FADGI"]),
    local("XKUW", Tz::Asia__Kuwait, (12, 40), SUNDAYS, &["KW"], &[]),
    local("DSMD", Tz::Asia__Qatar, (13, 10), SUNDAYS, &["QA"], &["GNRI"]),
    local("XBAH", Tz::Asia__Bahrain, (13, 0), SUNDAYS, &["BH"], &[]),
    local("XMUS", Tz::Asia__Muscat, (14, 0), SUNDAYS, &["OM"], &["MSX30"]),
    local("XAMM", Tz::Asia__Amman, (12, 30), SUNDAYS, &["AM"], &[]),
    local("XCAI", Tz::Africa__Cairo, (14, 30), SUNDAYS, &["CA"], &["CASE30", "EGX30"]),
    local("XCAS", Tz::Africa__Casablanca, (15, 30), WEEKDAYS, &["CS"], &["MASI"]),
    local("XNSA", Tz::Africa__Lagos, (14, 30), WEEKDAYS, &["LG"], &["NGX30"]),
    // Asia and the Pacific
    listed("XTKS", Exchange::Tse, &["T", "JP"], &["N225", "N300", "TOPX", "TPX", "TOPIX", "NKX"]),
    listed("XHKG", Exchange::Hkex, &["HK"], &["HSI", "HSCE", "HSTECH"]),
    listed("XSHG", Exchange::Sse, &["SS", "SH"], &["SSEC", "SHC"]),
    listed("XSHE", Exchange::Szse, &["SZ"], &["SZSC"]),
    listed("XTAI", Exchange::Twse, &["TW", "TWO"], &["TWII"]),
    listed("XKRX", Exchange::Krx, &["KS", "KQ"], &["KS11", "KS200", "KQ11", "KOSPI", "KOSDAQ"]),
    listed("XNSE", Exchange::NseIndia, &["NS"], &["NSEI", "NSEBANK", "CRSLDX", "CNXIT", "INDIAVIX"]),
    listed("XBOM", Exchange::BseIndia, &["BO"], &["BSESN"]),
    listed("XSES", Exchange::SgxSecurities, &["SI"], &["STI"]),
    listed("XKLS", Exchange::BursaMalaysia, &["KL"], &["KLSE"]),
    listed("XBKK", Exchange::SetThailand, &["BK"], &["SET"]),
    listed("XIDX", Exchange::Idx, &["JK"], &["JKSE"]),
    listed("XPHS", Exchange::Pse, &["PS"], &["PSEI"]),
    listed("XSTC", Exchange::Hose, &["VN"], &["VNINDEX"]),
    local("XKAR", Tz::Asia__Karachi, (15, 30), WEEKDAYS, &["KA"], &["KSE", "KSE100"]),
    local("XDHA", Tz::Asia__Dhaka, (14, 30), SUNDAYS, &["DH"], &["DSEX"]),
    listed("XASX", Exchange::Asx, &["AX"], &["AXJO", "AORD", "AXKO"]),
    listed("XNZE", Exchange::Nzx, &["NZ"], &["NZ50"]),
];

/// The market of `ticker`, which is no currency and no coin; `None` where its spelling names none.
///
/// A suffix or an index names its market. One to five letters without a suffix, and a class of shares behind them
/// (`BRK.B`, `BRK-B`), are New York, as everywhere in the trade. Futures, numbers and all else name no market.
pub(super) fn venue_of(ticker: &str) -> Option<&'static Venue> {
    if let Some((_, suffix)) = ticker.rsplit_once('.')
        && let Some(venue) = VENUES.iter().find(|venue| venue.suffixes.contains(&suffix))
    {
        return Some(venue);
    }
    if let Some(index) = ticker.strip_prefix('^') {
        return VENUES.iter().find(|venue| venue.indices.contains(&index));
    }
    is_american(ticker).then(|| &VENUES[0])
}

/// The market that `word` names: its code, or the name that exchange-hours gives it.
pub(super) fn venue_named(word: &str) -> Option<&'static Venue> {
    let by_exchange =
        |days: &Days| matches!(days, Days::Exchange(exchange) if exchange.as_str().eq_ignore_ascii_case(word));
    VENUES.iter().find(|venue| venue.code.eq_ignore_ascii_case(word) || by_exchange(&venue.days))
}

/// The code of `days`.
pub(super) fn code_of(days: &Days) -> &'static str {
    VENUES.iter().find(|venue| venue.days == *days).map_or("unknown", |venue| venue.code)
}

fn is_american(ticker: &str) -> bool {
    // `BRK.B` has a class of shares, and `ABC.XYZ` a suffix that nobody knows.
    let (root, class, most) = match (ticker.split_once('.'), ticker.split_once('-')) {
        (Some((root, class)), _) => (root, class, 1),
        (None, Some((root, class))) => (root, class, 3),
        (None, None) => (ticker, "A", 1),
    };
    let letters = |text: &str, most: usize| {
        (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_uppercase())
    };
    letters(root, 5) && letters(class, most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suffix_index_and_plain_symbols_name_the_market() {
        for (ticker, code) in [
            ("GOOG", "XNYS"),
            ("BRK.B", "XNYS"),
            ("BRK-B", "XNYS"),
            ("AAPL.US", "XNYS"),
            ("^GSPC", "XNYS"),
            ("^FTSE", "XLON"),
            ("^TASI.SR", "XSAU"),
            ("^TOPX", "XTKS"),
            ("^KQ11", "XKRX"),
            ("7203.T", "XTKS"),
            ("CDR.WA", "XWAR"),
            ("EQNR.OL", "XOSL"),
            ("TEVA.TA", "XTAE"),
            ("COMI.CA", "XCAI"),
            ("M&M.NS", "XNSE"),
            ("VOLV-B.ST", "XSTO"),
            ("SAP.F", "XFRA"),
        ] {
            assert_eq!(venue_of(ticker).map(|venue| venue.code), Some(code), "{ticker}");
        }
        for ticker in ["ABC.XYZ", "ES=F", "^FOO", "600519", "SERIES", "A_TV", "GOOG-2024"] {
            assert!(venue_of(ticker).is_none(), "{ticker}");
        }
    }

    #[test]
    fn each_suffix_and_index_names_one_market() {
        for names in [|venue: &Venue| venue.suffixes, |venue: &Venue| venue.indices] {
            let mut all: Vec<&str> = VENUES.iter().flat_map(names).copied().collect();
            let count = all.len();
            all.sort_unstable();
            all.dedup();
            assert_eq!(all.len(), count);
        }
    }

    #[test]
    fn each_code_finds_its_own_market() {
        for venue in &VENUES {
            assert_eq!(venue_named(venue.code).unwrap().code, venue.code);
        }
        assert_eq!(venue_named("nyse").unwrap().code, "XNYS");
        assert!(venue_named("XXXX").is_none());
    }
}
