//! Facts of the bars: the last session, returns, the year, indicators.

use stockops_core::features::Period;
use stockops_core::market::Bar;

use super::computed::Computed;
use super::{Fact, Gathered, Quantity, Value};

/// Sessions of a year.
pub(super) const YEAR: usize = 250;
/// Sessions over which returns are stated.
const RETURNS: [usize; 5] = [1, 5, 21, 63, YEAR];
/// Sessions of the simple means.
const MEANS: [usize; 3] = [20, 50, 200];
/// Sessions of the exponential mean, of volatility and of the usual volume.
const MONTH: usize = 20;

/// What the bars say of their last day and of the days before it.
pub(super) fn facts(gathered: &Gathered<'_>) -> Vec<Fact> {
    let market = Market { gathered, bars: gathered.bars.bars.as_slice() };
    [market.session(), market.returns(), market.year(), market.indicators(), market.volume()].concat()
}

struct Market<'a> {
    gathered: &'a Gathered<'a>,
    bars: &'a [Bar],
}

impl Market<'_> {
    /// What is `computed` over the last `sessions`; none where there are fewer.
    fn fact(&self, id: &str, words: &str, quantity: Quantity, sessions: usize, computed: Computed) -> Option<Fact> {
        let window = &self.bars[self.bars.len().checked_sub(sessions)?..];
        let (first, last) = (window.first()?.date, window.last()?.date);
        let value = in_unit(quantity, computed.over(window)?);
        let origin = self.gathered.of_bars([first, last], &computed);
        Some(Fact { day: Some(last), ..Fact::new(id, words, quantity, value, origin) })
    }

    fn session(&self) -> Vec<Fact> {
        use Quantity::{Close, High, Low, Open, Range, Volume};
        let last = [
            self.fact("last_close", "last close", Close, 1, Computed::Close),
            self.fact("last_open", "open of the last session", Open, 1, Computed::Open),
            self.fact("last_high", "high of the last session", High, 1, Computed::High),
            self.fact("last_low", "low of the last session", Low, 1, Computed::Low),
            self.fact("last_volume", "volume of the last session", Volume, 1, Computed::Volume),
            self.fact("last_range", "width of the last session, high over low", Range, 1, Computed::Range),
        ];
        last.into_iter().flatten().chain(self.previous()).collect()
    }

    /// The close before the last.
    fn previous(&self) -> Option<Fact> {
        let before = self.bars.get(self.bars.len().checked_sub(2)?)?;
        let origin = self.gathered.of_bars([before.date; 2], &Computed::Close);
        let fact = Fact::new(
            "previous_close",
            "close of the session before",
            Quantity::Close,
            Value::Price(before.close),
            origin,
        );
        Some(Fact { day: Some(before.date), ..fact })
    }

    fn returns(&self) -> Vec<Fact> {
        let of = |sessions: usize| {
            let words = format!("move of the close over {sessions} session{}", if sessions == 1 { "" } else { "s" });
            let fact =
                self.fact(&format!("return_{sessions}"), &words, Quantity::Return, sessions + 1, Computed::Return)?;
            Some(Fact { of: Some(Quantity::Close), span: Some(sessions), ..fact })
        };
        RETURNS.into_iter().filter_map(of).collect()
    }

    /// The highest and lowest price of a year, the days of them, and how far below the close stands; of all bars, under other
    /// ids, where they are fewer than a year has.
    fn year(&self) -> Vec<Fact> {
        let sessions = YEAR.min(self.bars.len());
        let (of, span) = match sessions {
            YEAR => ("52w", "52 weeks".to_owned()),
            known => ("known", format!("the {known} sessions known")),
        };
        let window = &self.bars[self.bars.len() - sessions..];
        let extreme = |name: &str, quantity, computed: Computed, is: fn(&Bar) -> f64| {
            let fact = self.fact(
                &format!("{name}_{of}"),
                &format!("{name}est price of {span}"),
                quantity,
                sessions,
                computed,
            )?;
            let day = window.iter().find(|bar| Some(is(bar)) == fact.number())?.date;
            Some(Fact { day: Some(day), span: Some(sessions), ..fact })
        };
        let under = self.fact(
            &format!("under_high_{of}"),
            &format!("last close against the high of {span}"),
            Quantity::Return,
            sessions,
            Computed::UnderHighest,
        );
        let under = under.map(|fact| Fact {
            of: Some(Quantity::Close),
            span: Some(sessions),
            against: Some(format!("high_{of}")),
            ..fact
        });
        let high = extreme("high", Quantity::High, Computed::Highest, |bar| bar.high);
        let low = extreme("low", Quantity::Low, Computed::Lowest, |bar| bar.low);
        [high, low, under].into_iter().flatten().collect()
    }

    fn indicators(&self) -> Vec<Fact> {
        let all = self.bars.len();
        let spanned = |fact: Option<Fact>, span: usize| fact.map(|fact| Fact { span: Some(span), ..fact });
        let rsi = self.fact("rsi_14", "RSI of 14 sessions", Quantity::Rsi14, 15, Computed::Rsi(Period::RSI));
        let macd = self.fact("macd", "MACD line, EMA 12 less EMA 26", Quantity::Macd, all, Computed::Macd);
        let mut facts: Vec<Fact> = [spanned(rsi, 14), macd].into_iter().flatten().collect();
        let sma = |sessions: usize| {
            let (id, words) = (format!("sma_{sessions}"), format!("simple mean of {sessions} closes"));
            let period = Period::new(sessions).ok()?;
            spanned(self.fact(&id, &words, Quantity::Average, sessions, Computed::Sma(period)), sessions)
        };
        facts.extend(MEANS.into_iter().filter_map(sma));
        if let Ok(month) = Period::new(MONTH) {
            let ema =
                self.fact("ema_20", "exponential mean of 20 closes", Quantity::Average, all, Computed::Ema(month));
            let words = "volatility of 20 sessions by Yang and Zhang, a year";
            let volatility =
                self.fact("volatility_20", words, Quantity::Volatility, MONTH + 1, Computed::Volatility(month));
            facts.extend([spanned(ema, MONTH), spanned(volatility, MONTH)].into_iter().flatten());
        }
        facts
    }

    fn volume(&self) -> Vec<Fact> {
        let ratio = self.fact(
            "volume_ratio_20",
            "volume of the last session over the mean of the 20 before",
            Quantity::Ratio,
            MONTH + 1,
            Computed::VolumeRatio,
        );
        let mean =
            self.fact("volume_mean_20", "mean volume of 20 sessions", Quantity::Volume, MONTH, Computed::MeanVolume);
        let mean = mean.map(|fact| Fact { against: Some("mean".into()), ..fact });
        let count = self.fact("sessions", "sessions of the bars", Quantity::Count, self.bars.len(), Computed::Count);
        let of_month = |fact| Fact { of: Some(Quantity::Volume), span: Some(MONTH), ..fact };
        ratio.into_iter().chain(mean).map(of_month).chain(count).collect()
    }
}

/// `value` in the unit of `quantity`.
fn in_unit(quantity: Quantity, value: f64) -> Value {
    match quantity {
        Quantity::Open | Quantity::High | Quantity::Low | Quantity::Close | Quantity::Average | Quantity::Macd => {
            Value::Price(value)
        }
        Quantity::Volume => Value::Shares(value),
        Quantity::Rsi14 | Quantity::Ratio => Value::Number(value),
        Quantity::Count => Value::Count(value as u64),
        _ => Value::Fraction(value),
    }
}
