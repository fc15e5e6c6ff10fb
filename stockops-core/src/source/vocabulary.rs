//! The words of sources: how each one calls its columns. A new source is one entry of [`SOURCES`].

use std::collections::HashSet;
use std::sync::LazyLock;

use super::DateOrder;

/// What a column is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Role {
    Date,
    Time,
    Open,
    High,
    Low,
    Close,
    Volume,
    AdjClose,
    Ticker,
    /// A name that may be that of a series, and may be of something else.
    Label,
}

/// How one source writes its table. Names are in lower case, letters and digits alone, best first.
#[derive(Debug)]
pub(super) struct Source {
    /// For people.
    pub(super) name: &'static str,
    /// Columns that together only this source has; none where it cannot be told from others.
    pub(super) signature: &'static [&'static str],
    /// Order of day and month, where the source has only one.
    pub(super) dates: Option<DateOrder>,
    columns: &'static [(Role, &'static [&'static str])],
}

use Role::{AdjClose, Close, Date, High, Label, Low, Open, Ticker, Time, Volume};

/// All that is known, the commonest first: of two columns for one role the one that stands here first is taken.
#[rustfmt::skip]
pub(super) const SOURCES: [Source; 24] = [
    // Yahoo, yfinance, Stooq, Tiingo, Kaggle, WSJ, MarketWatch and most others
    Source { name: "", signature: &[], dates: None, columns: &[
        (Date, &["date", "day", "datetime", "timestamp"]), (Time, &["time"]),
        (Open, &["open"]), (High, &["high"]), (Low, &["low"]), (Close, &["close"]), (Volume, &["volume", "vol"]),
        (AdjClose, &["adjclose", "adjustedclose", "adjcloseprice", "closeadj"]), (Ticker, &["ticker", "symbol"]),
        (Label, &["name", "instrument", "security", "asset", "code", "stock", "index", "indexname", "coin"])] },
    Source { name: "a feature table", signature: &["eventtimestamp"], dates: None, columns: &[(Date, &["eventtimestamp"])] },
    Source { name: "Nasdaq.com", signature: &["closelast"], dates: Some(DateOrder::Mdy), columns: &[(Close, &["closelast"])] },
    Source { name: "Investing.com", signature: &["price", "vol", "change"], dates: None, columns: &[(Close, &["price"])] },
    Source { name: "Investing.com (German)", signature: &["zuletzt"], dates: Some(DateOrder::Dmy), columns: &[
        (Date, &["datum"]), (Close, &["zuletzt", "schluss", "schlusskurs"]), (Open, &["eröffn", "eröffnung", "erster", "eröffnungskurs"]), (High, &["hoch", "tageshoch"]),
        (Low, &["tief", "tagestief"]), (Volume, &["stücke", "volumen"])] },
    Source { name: "Investing.com (French)", signature: &["dernier"], dates: Some(DateOrder::Dmy), columns: &[
        (Close, &["dernier", "clôture", "cloture"]), (Open, &["ouv", "ouverture"]), (High, &["plushaut", "haut"]), (Low, &["plusbas", "bas"])] },
    Source { name: "Investing.com (Spanish)", signature: &["fecha", "último"], dates: Some(DateOrder::Dmy), columns: &[
        (Date, &["fecha"]), (Close, &["último", "ultimo", "cierre"]), (Open, &["apertura"]), (High, &["máximo", "maximo"]), (Low, &["mínimo", "minimo"]),
        (Volume, &["volumen"])] },
    Source { name: "Investing.com (Italian)", signature: &["ultimo", "massimo"], dates: Some(DateOrder::Dmy), columns: &[
        (Date, &["data"]), (Close, &["ultimo", "chiusura"]), (Open, &["apertura"]), (High, &["massimo"]), (Low, &["minimo"])] },
    Source { name: "Investing.com (Portuguese)", signature: &["último", "máxima"], dates: Some(DateOrder::Dmy), columns: &[
        (Date, &["data"]), (Close, &["último", "fechamento"]), (Open, &["abertura"]), (High, &["máxima", "máximo"]), (Low, &["mínima", "mínimo"])] },
    Source { name: "Investing.com (Polish)", signature: &["ostatnio"], dates: Some(DateOrder::Dmy), columns: &[
        (Close, &["ostatnio"]), (High, &["max", "maks"]), (Low, &["min"]), (Volume, &["wol"])] },
    Source { name: "Investing.com (Dutch)", signature: &["laatst"], dates: Some(DateOrder::Dmy), columns: &[
        (Close, &["laatst", "slot"]), (High, &["hoog"]), (Low, &["laag"])] },
    Source { name: "Investing.com (Swedish)", signature: &["senaste"], dates: None, columns: &[
        (Close, &["senaste"]), (Open, &["öppen"]), (High, &["högst"]), (Low, &["lägst"])] },
    Source { name: "Investing.com (Russian)", signature: &["цена"], dates: Some(DateOrder::Dmy), columns: &[
        (Date, &["дата"]), (Close, &["цена", "закрытие"]), (Open, &["откр", "открытие"]), (High, &["макс"]), (Low, &["мин"]), (Volume, &["объём", "объем"])] },
    Source { name: "Investing.com (Turkish)", signature: &["şimdi"], dates: Some(DateOrder::Dmy), columns: &[
        (Date, &["tarih"]), (Close, &["şimdi", "kapanış"]), (Open, &["açılış"]), (High, &["yüksek"]), (Low, &["düşük"]), (Volume, &["hac", "hacim"])] },
    Source { name: "Investing.com (Japanese)", signature: &["終値", "始値"], dates: None, columns: &[
        (Date, &["日付け", "日付"]), (Close, &["終値"]), (Open, &["始値"]), (High, &["高値"]), (Low, &["安値"]), (Volume, &["出来高"])] },
    Source { name: "Investing.com (Korean)", signature: &["종가", "시가"], dates: None, columns: &[
        (Date, &["날짜", "일자"]), (Close, &["종가"]), (Open, &["시가", "오픈"]), (High, &["고가"]), (Low, &["저가"]), (Volume, &["거래량"])] },
    Source { name: "Investing.com (Chinese)", signature: &["日期"], dates: None, columns: &[
        (Date, &["日期", "交易日期"]), (Close, &["收盘", "收盘价"]), (Open, &["开盘", "开盘价"]), (High, &["高", "最高", "最高价"]), (Low, &["低", "最低", "最低价"]),
        (Volume, &["交易量", "成交量"])] },
    Source { name: "Stooq (Polish)", signature: &["otwarcie", "zamkniecie"], dates: None, columns: &[
        (Date, &["data"]), (Open, &["otwarcie"]), (High, &["najwyzszy", "najwyższy"]), (Low, &["najnizszy", "najniższy"]),
        (Close, &["zamkniecie", "zamknięcie"]), (Volume, &["wolumen"])] },
    Source { name: "MetaTrader", signature: &["tickvol"], dates: None, columns: &[(Volume, &["tickvol"])] },
    Source { name: "NSE India", signature: &["vwap", "series"], dates: Some(DateOrder::Dmy), columns: &[(Volume, &["tottrdqty", "totaltradedquantity", "sharestraded"])] },
    Source { name: "CoinMarketCap", signature: &["timeopen", "marketcap"], dates: None, columns: &[(Date, &["timeopen", "timeclose"])] },
    Source { name: "CryptoDataDownload", signature: &["unix", "symbol"], dates: None, columns: &[(Date, &["unix", "unixtimestamp"])] },
    Source { name: "Binance", signature: &["opentime", "closetime"], dates: None, columns: &[(Date, &["opentime"])] },
    // Polygon, Finnhub and others
    Source { name: "letters", signature: &["o", "h", "l", "c"], dates: None, columns: &[
        (Date, &["t", "time", "gmttime", "localtime", "tradedate", "unixtime", "epoch", "dt", "fecha", "dato", "indexlevel0", "index"]), (Open, &["o", "openprice"]), (High, &["h", "highprice"]),
        (Low, &["l", "lowprice"]), (Close, &["c", "closeprice", "last", "settle"]), (Volume, &["v", "totalvolume", "volumefrom", "sharevolume"]), (Ticker, &["tic", "actsymbol"])] },
];

/// Names of `role`, best first.
pub(super) fn names_of(role: Role) -> impl Iterator<Item = &'static str> {
    let of_role = move |source: &'static Source| source.columns.iter().filter(move |(other, _)| *other == role);
    SOURCES.iter().flat_map(of_role).flat_map(|(_, names)| names.iter().copied())
}

/// All names of columns that bars need: every cell of a header is looked up.
static NAMES: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| [Date, Time, Open, High, Low, Close, Volume, AdjClose].into_iter().flat_map(names_of).collect());

/// Whether `name` is the name of a column that bars need.
pub(super) fn knows(name: &str) -> bool {
    NAMES.contains(name)
}

/// The source whose signature is in a header of `names`.
pub(super) fn source_of(names: &[&str]) -> Option<&'static Source> {
    let is_signed =
        |source: &&Source| !source.signature.is_empty() && source.signature.iter().all(|name| names.contains(name));
    SOURCES.iter().find(is_signed)
}
