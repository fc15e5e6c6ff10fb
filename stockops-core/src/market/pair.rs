//! Currencies and coins by the spelling of their pairs.

use super::AssetClass;

/// Currencies that money and coins are quoted in, and the metals that trade like them.
const MONEY: [&str; 48] = [
    "USD", "EUR", "GBP", "JPY", "CHF", "CAD", "AUD", "NZD", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "RON", "BGN",
    "TRY", "RUB", "UAH", "ILS", "ZAR", "CNY", "CNH", "HKD", "SGD", "KRW", "TWD", "INR", "IDR", "MYR", "THB", "PHP",
    "VND", "PKR", "BRL", "MXN", "ARS", "CLP", "COP", "PEN", "AED", "SAR", "EGP", "NGN", "XAU", "XAG", "XPT", "XPD",
];

/// Coins that stand for money.
const STABLE: [&str; 8] = ["USDT", "USDC", "BUSD", "FDUSD", "TUSD", "USDP", "DAI", "UST"];

/// Coins that are quoted without a hyphen, by what people have files of.
const COINS: [&str; 64] = [
    "BTC", "XBT", "ETH", "BNB", "SOL", "XRP", "DOGE", "ADA", "TRX", "AVAX", "SHIB", "DOT", "LINK", "BCH", "LTC",
    "NEAR", "MATIC", "POL", "UNI", "ICP", "ETC", "XLM", "XMR", "APT", "ATOM", "FIL", "HBAR", "ARB", "VET", "OP", "MKR",
    "INJ", "AAVE", "GRT", "ALGO", "EOS", "XTZ", "NEO", "DASH", "ZEC", "IOTA", "MIOTA", "FTM", "SAND", "MANA", "THETA",
    "AXS", "EGLD", "FLOW", "CHZ", "CRV", "SNX", "COMP", "KSM", "WAVES", "BAT", "ENJ", "SUI", "SEI", "TIA", "PEPE",
    "TON", "LUNA", "QTUM",
];

/// What pair `ticker` is, if it is one: `EURUSD=X`, `EURUSD`, `EUR-USD`; `BTC-USD`, `BTC-CAD`, `BTCUSD`, `BTCUSDT`.
///
/// Of two moneys it is a currency. Anything quoted in a stable coin, and anything with a hyphen before money, is a coin,
/// as on Yahoo; without a hyphen only coins that are known, so that no stock is taken for one.
pub(super) fn class_of(ticker: &str) -> Option<AssetClass> {
    if ticker.ends_with("=X") {
        return Some(AssetClass::Currency);
    }
    let money = |word: &str| MONEY.contains(&word);
    let coin = |word: &str| COINS.contains(&word) || STABLE.contains(&word);
    if let Some((base, quote)) = ticker.split_once(['-', '_'])
        && !base.is_empty()
    {
        return match (money(base), money(quote)) {
            (true, true) => Some(AssetClass::Currency),
            _ if STABLE.contains(&quote) || (money(quote) && ticker.contains('-')) => Some(AssetClass::Crypto),
            _ => (coin(base) && (money(quote) || coin(quote))).then_some(AssetClass::Crypto),
        };
    }
    (3..=5).rev().filter(|length| ticker.len() > *length && ticker.is_char_boundary(ticker.len() - length)).find_map(
        |length| {
            let (base, quote) = ticker.split_at(ticker.len() - length);
            match (money(base), money(quote)) {
                (true, true) => Some(AssetClass::Currency),
                _ if STABLE.contains(&quote) && ticker.len() > 6 => Some(AssetClass::Crypto),
                _ => (coin(base) && (money(quote) || coin(quote))).then_some(AssetClass::Crypto),
            }
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_told_from_stocks() {
        for ticker in [
            "BTC-USD", "BTCUSD", "BTCUSDT", "BTC-CAD", "BTC_USDT", "ETHBTC", "XBTUSD", "PEPEUSDT", "DOGE-EUR",
            "ETH-BTC",
        ] {
            assert_eq!(class_of(ticker), Some(AssetClass::Crypto), "{ticker}");
        }
        for ticker in ["EURUSD=X", "JPY=X", "EURUSD", "EUR-USD", "EUR_USD", "XAUUSD", "USDJPY"] {
            assert_eq!(class_of(ticker), Some(AssetClass::Currency), "{ticker}");
        }
        for ticker in
            ["GOOG", "BRK-B", "ABC-PA", "UUUUSD", "SAND", "^GSPC", "ES=F", "M&M.NS", "ADAUS", "USD", "-USD", "OPEUR.PA"]
        {
            assert_eq!(class_of(ticker), None, "{ticker}");
        }
    }
}
