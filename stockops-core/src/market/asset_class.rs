//! `AssetClass`: what kind of thing a ticker names.

/// What kind of thing a ticker names, read off its spelling; it decides which days have a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AssetClass {
    /// Stocks, funds, indices and futures: sessions of an exchange.
    Equity,
    /// Currency pairs (`EURUSD=X`, `EURUSD`): every weekday.
    Currency,
    /// Coins (`BTC-USD`, `BTCUSDT`): every day.
    Crypto,
}
