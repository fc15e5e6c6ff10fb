//! Simulations whose truth is known: no skill where there is none, intervals that cover, structure that is found.

use chrono::{Datelike, NaiveDate, Weekday};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use stockops_core::forecast::{Field, FieldTable, Horizon, Score, Stance, gaussian_crps};
use stockops_core::pipeline::{BacktestConfig, Parent, ParentChoice, backtest, shipped_parent, zero_shot};
use stockops_core::registry::VersionId;
use stockops_core::training::{CancelFlag, Watch};
use stockops_core::{Bar, Bars, Device, Ticker};

/// Steps of a simulated day, from which its open, high, low and close are taken.
const STEPS: usize = 40;

/// Standard normal numbers by Box and Muller.
struct Normal(ChaCha8Rng);

impl Normal {
    fn next(&mut self) -> f64 {
        let (u, v): (f64, f64) = (self.0.random(), self.0.random());
        (-2.0 * (1.0 - u).ln()).sqrt() * (std::f64::consts::TAU * v).cos()
    }
}

/// What one simulated day is drawn from.
#[derive(Clone, Copy)]
struct Day {
    /// Standard deviation of its log return.
    deviation: f64,
    log_volume: f64,
}

/// Weekdays from 2017 on, after all that the shipped parent saw.
fn weekdays() -> impl Iterator<Item = NaiveDate> {
    let first = NaiveDate::from_ymd_opt(2017, 1, 2).unwrap();
    first.iter_days().filter(|day| !matches!(day.weekday(), Weekday::Sat | Weekday::Sun))
}

/// Bars of a price without drift whose days are drawn from `day`, which sees the returns so far.
fn simulated(count: usize, seed: u64, mut day: impl FnMut(&[f64], &mut Normal) -> Day) -> Bars {
    let mut normal = Normal(ChaCha8Rng::seed_from_u64(seed));
    let (mut returns, mut close) = (Vec::new(), 100f64);
    let bar = |date: NaiveDate| {
        let drawn = day(&returns, &mut normal);
        let step = drawn.deviation / (STEPS as f64).sqrt();
        let path: Vec<f64> = (0..STEPS)
            .scan(close.ln(), |log, _| {
                *log += step * normal.next();
                Some(*log)
            })
            .collect();
        let last = close;
        close = path[STEPS - 1].exp();
        returns.push((close / last).ln());
        let (high, low) =
            (path.iter().copied().fold(f64::MIN, f64::max), path.iter().copied().fold(f64::MAX, f64::min));
        Bar { date, open: path[0].exp(), high: high.exp(), low: low.exp(), close, volume: drawn.log_volume.exp() }
    };
    // A name of no market: what is made up knows no holidays of New York.
    Bars::new(Ticker::new("MADE_UP").unwrap(), weekdays().take(count).map(bar).collect()).unwrap()
}

fn shipped() -> Parent {
    Parent {
        forecaster: shipped_parent(Device::Cpu).unwrap(),
        id: VersionId { ticker: "^GSPC".parse().unwrap(), version: 0 },
    }
}

fn judged(bars: &Bars) -> FieldTable {
    let parents = ParentChoice { known: Some(shipped()), series: Vec::new() };
    backtest(bars, &parents, &BacktestConfig::default(), &mut Watch::silent()).unwrap().fields
}

fn score(fields: &FieldTable, field: Field, horizon: usize) -> &Score {
    &fields[&field][&Horizon::new(horizon).unwrap()]
}

#[test]
fn on_a_random_walk_no_skill_is_reported_and_no_direction_is_named() {
    let walk = simulated(1500, 1, |_, normal| Day { deviation: 0.015, log_volume: 12.0 + 0.3 * normal.next() });
    let fields = judged(&walk);
    for horizon in 1..=5 {
        let close = score(&fields, Field::Close, horizon);
        // 600 forecasts: the ratio of two RMSE of nearly the same errors strays by less than a hundredth.
        let skill = close.skill_vs_best_rule.unwrap();
        assert!(skill.abs() < 0.01, "close h{horizon}: {skill}");
        let direction = close.direction.unwrap();
        assert!((direction.interval[0]..=direction.interval[1]).contains(&0.5), "{direction:?}");
        // Range and volume are noise around a constant, which is what a rule fitted on them soon says. The parent knows
        // markets, where a wide day is followed by wide days, so a child loses some percent here, and says so.
        for field in [Field::Range, Field::Volume] {
            let skill = score(&fields, field, horizon).skill_vs_best_rule.unwrap();
            assert!((-0.06..0.02).contains(&skill), "{field} h{horizon}: {skill}");
        }
        let [coverage, width] = [close.coverage_90.unwrap(), close.width_90.unwrap()];
        // Three standard errors of 600 overlapping forecasts of `horizon` days.
        let error = (0.09 * horizon as f64 / 600.0).sqrt();
        assert!((coverage - 0.9).abs() < 3.0 * error, "h{horizon}: {coverage}");
        // The true 90 % interval is 2 x 1.645 x deviation x sqrt(h).
        let truth = 2.0 * 1.645 * 0.015 * (horizon as f64).sqrt();
        assert!((width / truth - 1.0).abs() < 0.12, "h{horizon}: {width} {truth}");
    }
    let path = score(&fields, Field::Close, 5).path.unwrap();
    for (held, level) in [(path.coverage_80, 0.8), (path.coverage_90, 0.9), (path.coverage_95, 0.95)] {
        // Three standard errors of 600 overlapping paths of five days.
        let error = (level * (1.0 - level) * 5.0 / path.n as f64).sqrt();
        assert!((held - level).abs() < 3.0 * error, "{level}: {held}");
    }
    let forecaster = zero_shot(&shipped(), &walk, &CancelFlag::default()).unwrap();
    let named = (1300..1500).step_by(10).filter(|end| {
        let known = walk.between(None, Some(walk.as_slice()[*end].date));
        forecaster.forecast(&known).unwrap().outlook.unwrap().stance != Stance::Neutral
    });
    assert_eq!(named.count(), 0);
}

/// The volatility of tomorrow is known to who knows the process; intervals have to follow it without knowing.
#[test]
fn under_garch_intervals_cover_in_calm_and_in_wild_days() {
    let (omega, alpha, beta) = (4e-6, 0.09, 0.89);
    let mut variances = vec![omega / (1.0 - alpha - beta)];
    let bars = simulated(2500, 2, |returns, normal| {
        if let Some(last) = returns.last() {
            variances.push(omega + alpha * last * last + beta * variances[variances.len() - 1]);
        }
        Day { deviation: variances[variances.len() - 1].sqrt(), log_volume: 12.0 + 0.3 * normal.next() }
    });
    let fields = judged(&bars);
    let close = score(&fields, Field::Close, 1);
    // 1000 forecasts: a standard error of 0.0095 overall, of 0.016 in a third.
    assert!((close.coverage_90.unwrap() - 0.9).abs() < 0.02, "{:?}", close.coverage_90);
    let thirds = close.coverage_90_by_volatility.unwrap();
    assert!(thirds.iter().all(|held| (0.85..0.95).contains(held)), "{thirds:?}");
    // CRPS: this process is nearly what the yardstick assumes, a Gaussian with exponentially weighted variance, so to come
    // within a hundredth of it is to have found the structure; nobody is better than who knows the variance, but for luck.
    let days = bars.len() - close.n..bars.len();
    let known = days.map(|day| {
        let moved = (bars.as_slice()[day].close / bars.as_slice()[day - 1].close).ln();
        gaussian_crps(0.0, variances[day].sqrt(), moved)
    });
    let known = known.sum::<f64>() / close.n as f64;
    let (own, yardstick) = (close.crps.unwrap(), close.crps_ewma.unwrap());
    assert!(own < 1.01 * yardstick && own > 0.99 * known, "{known} {own} {yardstick}");
}

/// Log volume is an autoregression whose best forecast is known: its root mean squared error is that of the noise.
#[test]
fn a_known_structure_is_found() {
    let (slope, noise) = (0.7, 0.3);
    let mut log_volume = 12.0;
    let bars = simulated(2000, 3, |_, normal| {
        log_volume = 12.0 + slope * (log_volume - 12.0) + noise * normal.next();
        Day { deviation: 0.012, log_volume }
    });
    let fields = judged(&bars);
    let volume = score(&fields, Field::Volume, 1);
    // The best forecast has an error of 0.3 and "as today" one of 0.3 x sqrt(2 / 1.7).
    let best = 1.0 - (1.7f64 / 2.0).sqrt();
    let skill = volume.skill_vs_persistence.unwrap();
    // 800 forecasts: the error of a root mean square is 2.5 %, of a ratio of two that go together less.
    assert!((best - 0.03..best + 0.02).contains(&skill), "{skill} {best}");
    assert!(volume.rmse < 1.06 * noise, "{}", volume.rmse);
    assert!((volume.coverage_90.unwrap() - 0.9).abs() < 0.03, "{:?}", volume.coverage_90);
}
