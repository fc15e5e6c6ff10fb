//! What every limiter promises. Each calls this from its own test.

use std::time::Duration;

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

async fn at_most_so_many_in_any_stretch(limiter: &dyn Limiter) {
    let rate = Rate { most: 3, period: Duration::from_millis(600) };
    for _ in 0..2 {
        assert_eq!(limiter.take("stretch", "a", rate).await, None);
    }
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert_eq!(limiter.take("stretch", "a", rate).await, None);
    let wait = limiter.take("stretch", "a", rate).await.expect("three were let through");
    assert!(wait > Duration::ZERO && wait <= rate.period, "{wait:?}");
    tokio::time::sleep(wait + Duration::from_millis(20)).await;
    // The first two are over, the third is not.
    let through = [limiter.take("stretch", "a", rate).await, limiter.take("stretch", "a", rate).await];
    assert_eq!(through, [None, None]);
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
