//! A real Redis behind the memory: shared by two servers, hanging, killed, and back.

use super::*;
use crate::shared::{Shared, SharedConfig};
use crate::testing::Redis;

fn over(redis: &Redis) -> Answers {
    Kept::over(KeptConfig::default(), &Metrics::new(&[]), redis.shared())
}

/// Wait until Redis holds what is kept without anybody waiting for it.
async fn written(redis: &Redis, keys: u64) {
    let shared = redis.shared();
    for _ in 0..1000 {
        if shared.keys().await == Some(keys) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("Redis holds {:?} keys and not {keys}", shared.keys().await);
}

#[tokio::test]
#[ignore = "it needs redis-server"]
async fn another_server_finds_what_one_has_kept() {
    let redis = Redis::start();
    let (one, other) = (over(&redis), over(&redis));
    let odd = Key { details: "level=\"90\":{}|\n".into(), model: "a:b".into(), ..key("^GSPC") };
    answer(&one, &odd, "{\"close\": 1.5}").await;
    written(&redis, 3).await;
    assert_eq!(answer(&other, &odd, "computed again").await, "{\"close\": 1.5}");
    assert_eq!(other.counts(Kind::Prediction), (1, 0), "a hit");
    let fresh = over(&redis);
    assert_eq!(fresh.tickers().await, ["^GSPC"]);
    assert_eq!(fresh.newest(Kind::Prediction, &ticker("^GSPC")).await.unwrap().body, "{\"close\": 1.5}");
    let ttl: i64 =
        ::redis::cmd("PTTL").arg(format!("stockops:kept:{}", odd.text())).query(&mut redis.connection()).unwrap();
    assert!((86_000_000..=86_400_000).contains(&ttl), "{ttl}");
}

#[tokio::test]
#[ignore = "it needs redis-server"]
async fn a_purge_reaches_redis_and_leaves_what_is_not_ours() {
    let redis = Redis::start();
    ::redis::cmd("SET").arg("others").arg(1).exec(&mut redis.connection()).unwrap();
    let kept = over(&redis);
    for of in ["GOOG", "AMZN"] {
        answer(&kept, &key(of), "{}").await;
        answer(&kept, &Key { details: "more".into(), ..key(of) }, "{}").await;
    }
    written(&redis, 8).await;
    kept.purge(&ticker("GOOG")).await;
    assert_eq!(over(&redis).tickers().await, ["AMZN"]);
    assert_eq!(over(&redis).get(&key("GOOG")).await, None);
    assert!(over(&redis).get(&key("AMZN")).await.is_some());
    assert!(kept.clear().await);
    let keys: Vec<String> = ::redis::cmd("KEYS").arg("*").query(&mut redis.connection()).unwrap();
    assert_eq!(keys, ["others"]);
}

#[tokio::test]
#[ignore = "it needs redis-server"]
async fn what_is_over_leaves_the_lists_though_they_go_on() {
    let redis = Redis::start();
    let brief = KeptConfig { ttl: Duration::from_secs(1), ..KeptConfig::default() };
    let kept = Answers::over(brief, &Metrics::new(&[]), redis.shared());
    let of = |details: &str| Key { details: details.into(), ..key("GOOG") };
    let listed = |list: &str| -> Vec<String> {
        ::redis::cmd("ZRANGE").arg(list).arg(0).arg(-1).query(&mut redis.connection()).unwrap()
    };
    answer(&kept, &key("AMZN"), "{}").await;
    for details in ["first", "second"] {
        answer(&kept, &of(details), "{}").await;
        tokio::time::sleep(Duration::from_millis(600)).await;
    }
    answer(&kept, &of("third"), "{}").await;
    // Nobody waits for what is written.
    while !listed("stockops:kept-of:GOOG").contains(&of("third").text()) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(!listed("stockops:kept-of:GOOG").contains(&of("first").text()), "it was over when the third came");
    assert_eq!(listed("stockops:kept-tickers"), ["GOOG"]);
    tokio::time::sleep(Duration::from_millis(1100)).await;
    assert!(kept.tickers().await.is_empty() && kept.newest(Kind::Prediction, &ticker("GOOG")).await.is_none());
}

#[tokio::test]
#[ignore = "it needs redis-server"]
async fn a_redis_that_hangs_is_waited_for_once_and_costs_no_answer() {
    let redis = Redis::start();
    let patient = SharedConfig { pause: Duration::from_secs(600), ..redis.config() };
    let shared = Shared::new(patient).unwrap();
    let kept = Answers::over(KeptConfig::default(), &Metrics::new(&[]), shared.clone());
    answer(&kept, &key("GOOG"), "{}").await;
    written(&redis, 3).await;
    redis.stop();
    for n in 0..200 {
        let key = Key { details: n.to_string(), ..key("GOOG") };
        assert_eq!(answer(&kept, &key, "computed").await, "computed");
    }
    assert!(!shared.is_up());
    assert!(!kept.clear().await, "what Redis holds is there still, and that is said");
    redis.go_on();
    assert_eq!(answer(&over(&redis), &key("GOOG"), "computed again").await, "{}", "what it held it holds");
    // One GET before, one after, and the one that was waited for: the rest went by.
    let asked: String = ::redis::cmd("INFO").arg("commandstats").query(&mut redis.connection()).unwrap();
    let gets = asked.lines().find_map(|line| line.strip_prefix("cmdstat_get:calls=")?.split(',').next()).unwrap();
    assert!(gets.parse::<u32>().unwrap() <= 3, "{gets} were asked");
}

#[tokio::test]
#[ignore = "it needs redis-server"]
async fn a_redis_that_is_killed_and_comes_back_is_used_again() {
    let mut redis = Redis::start();
    let shared = redis.shared();
    let kept = Answers::over(KeptConfig::default(), &Metrics::new(&[]), shared.clone());
    answer(&kept, &key("GOOG"), "{}").await;
    redis.kill();
    assert_eq!(answer(&kept, &key("GOOG"), "again").await, "{}", "memory has it");
    assert_eq!(answer(&kept, &key("AMZN"), "computed").await, "computed");
    assert_eq!(kept.tickers().await, ["AMZN", "GOOG"]);
    redis.start_again();
    comes_back(&shared).await;
    answer(&kept, &key("TSLA"), "{}").await;
    written(&redis, 3).await;
    assert_eq!(over(&redis).tickers().await, ["TSLA"]);
}

#[tokio::test]
async fn without_a_redis_from_the_start_answers_are_computed_and_kept_here() {
    let config = SharedConfig { url: "redis://127.0.0.1:1".into(), ..SharedConfig::default() };
    let kept = Answers::over(KeptConfig::default(), &Metrics::new(&[]), Shared::new(config).unwrap());
    assert_eq!(answer(&kept, &key("GOOG"), "{}").await, "{}");
    assert_eq!(answer(&kept, &key("GOOG"), "again").await, "{}");
    assert!(!kept.clear().await);
}

async fn comes_back(shared: &Arc<Shared>) {
    for _ in 0..400 {
        if shared.keys().await.is_some() {
            return assert!(shared.is_up());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("it is not asked any more");
}
