//! What every limiter promises. Each calls this from its own test.

use std::time::{Duration, Instant};

use chrono::NaiveDate;

use super::{Limiter, Rate};

/// Check all promises.
///
/// # Panics
///
/// Where one is broken.
pub async fn all(limiter: &dyn Limiter) {
    at_most_so_many_in_any_stretch(limiter).await;
    who_and_rule_are_counted_apart(limiter).await;
    many_at_once_get_no_more_through(limiter).await;
    tokens_are_set_aside_and_settled(limiter).await;
}

/// Whoever asks all the time gets through nine times, never more than three in any stretch, however slow the machine is.
async fn at_most_so_many_in_any_stretch(limiter: &dyn Limiter) {
    let rate = Rate { most: 3, period: Duration::from_millis(300) };
    let (mut through, mut free) = (Vec::<(Instant, Instant)>::new(), None);
    while through.len() < 9 {
        let asked = Instant::now();
        let Some(wait) = limiter.take("stretch", "a", rate).await else {
            through.push((asked, Instant::now()));
            free = None;
            continue;
        };
        assert!(through.len() >= 3, "three may come at once");
        assert!(wait > Duration::ZERO && wait <= rate.period, "{wait:?}");
        // A clock that counts milliseconds rounds down.
        let free = *free.get_or_insert_with(|| Instant::now() + wait + Duration::from_millis(2));
        assert!(asked < free, "who waited as told gets through");
        tokio::time::sleep(wait.min(Duration::from_millis(20))).await;
    }
    for (first, fourth) in through.iter().zip(&through[3..]) {
        assert!(fourth.1 - first.0 >= rate.period, "four in {:?}", fourth.1 - first.0);
    }
    let none = Rate { most: 0, ..rate };
    assert_eq!(limiter.take("none", "a", none).await, Some(none.period), "a rate of 0 refuses all");
}

async fn who_and_rule_are_counted_apart(limiter: &dyn Limiter) {
    let rate = Rate { most: 1, period: Duration::from_secs(600) };
    for (rule, who) in [("one", "a"), ("one", "b"), ("other", "a"), ("one", "a:b"), ("one", "::1")] {
        assert_eq!(limiter.take(rule, who, rate).await, None, "{rule} {who}");
        assert!(limiter.take(rule, who, rate).await.is_some(), "{rule} {who}");
    }
}

async fn many_at_once_get_no_more_through(limiter: &dyn Limiter) {
    let rate = Rate { most: 5, period: Duration::from_secs(600) };
    let asked = futures_util::future::join_all((0..40).map(|_| limiter.take("flood", "GOOG", rate))).await;
    assert_eq!(asked.iter().filter(|wait| wait.is_none()).count(), 5);
}

async fn tokens_are_set_aside_and_settled(limiter: &dyn Limiter) {
    let day = |day| NaiveDate::from_ymd_opt(2026, 1, day).unwrap();
    assert!(limiter.spend(day(1), 600, 1000).await);
    assert!(!limiter.spend(day(1), 401, 1000).await, "not so many are left");
    assert!(limiter.spend(day(1), 400, 1000).await, "what was refused took nothing");
    limiter.settle(day(1), 600, 100).await;
    assert!(limiter.spend(day(1), 500, 1000).await);
    assert!(!limiter.spend(day(1), 1, 1000).await);
    limiter.settle(day(1), 500, 900).await;
    assert!(!limiter.spend(day(1), 0, 1000).await, "a day that is overdrawn");
    assert!(limiter.spend(day(2), 1000, 1000).await, "the next day is new");
    limiter.settle(day(1), 400, 0).await;
    assert!(!limiter.spend(day(2), 1, 1000).await, "what the day before gives back is not of today");
}
