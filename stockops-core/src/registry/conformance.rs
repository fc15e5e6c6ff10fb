//! What every registry promises.

use chrono::NaiveDate;

use super::{Alias, Artifact, ModelRegistry, Version, VersionId, VersionNote};
use crate::error::Error;
use crate::market::Ticker;

/// Check every promise of [`ModelRegistry`] on an empty registry; each implementation calls this from its own test.
///
/// # Panics
///
/// When a promise is broken, which is what a test wants.
pub fn conformance(registry: &dyn ModelRegistry) {
    an_unknown_ticker_has_nothing(registry);
    versions_count_from_one_and_come_back(registry);
    champion_moves_by_promote_and_rollback(registry);
    a_version_takes_over_from_the_champion_that_it_was_held_against(registry);
    a_rollback_from_a_champion_happens_once(registry);
    the_parent_is_named_apart_from_champions(registry);
    artifacts_come_back_by_name(registry);
    the_same_thing_twice_is_refused(registry);
    of_one_job_one_version_is_kept(registry);
    one_trains_a_ticker_at_a_time(registry);
    the_right_of_a_job_that_is_given_up_is_passed_and_no_other(registry);
    puts_at_once_lose_nothing(registry);
    what_has_a_name_is_never_removed(registry);
    a_removed_version_is_gone_and_its_number_is_not_given_again(registry);
    whoever_promotes_at_the_same_time_loses_nothing(registry);
    let names: Vec<String> = registry.tickers().unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(
        names,
        ["ART", "BACK", "CROWD", "GONE", "GOOG", "JOB", "OVER", "RACE", "^GSPC"],
        "tickers that have a version, by name"
    );
}

fn ticker(word: &str) -> Ticker {
    Ticker::new(word).unwrap()
}

fn note() -> VersionNote {
    VersionNote::new("freeze", NaiveDate::default())
}

fn numbers_with(registry: &dyn ModelRegistry, ticker: &Ticker, alias: Alias) -> Vec<u32> {
    let versions = registry.versions(ticker).unwrap();
    versions.iter().filter(|version| version.is(alias)).map(|version| version.version).collect()
}

#[track_caller]
fn message(refused: Result<impl std::fmt::Debug, Error>) -> String {
    let error = refused.unwrap_err();
    assert!(matches!(error, Error::NotFound { .. }), "{error:?}");
    error.to_string()
}

fn an_unknown_ticker_has_nothing(registry: &dyn ModelRegistry) {
    let none = ticker("NONE");
    assert_eq!(registry.tickers().unwrap(), []);
    assert_eq!(registry.versions(&none).unwrap(), []);
    assert_eq!(registry.champion(&none).unwrap(), None);
    let hint = "NONE has no version yet: train it first";
    assert_eq!(message(registry.get(&none, 1)), format!("no version named NONE@1; {hint}"));
    assert_eq!(message(registry.promote(&none, 2)), format!("no version named NONE@2; {hint}"));
    assert_eq!(message(registry.rollback(&none)), format!("no version named NONE@champion; {hint}"));
    assert_eq!(registry.tickers().unwrap(), [], "asking must not create");
}

fn of_one_job_one_version_is_kept(registry: &dyn ModelRegistry) {
    let ticker = ticker("JOB");
    let of = |job: &str| VersionNote { job: Some(job.into()), ..note() };
    let first = registry.put(&ticker, b"one", of("a"), &[]).unwrap();
    assert_eq!((first.version, first.job.as_deref()), (1, Some("a")));
    registry.put(&ticker, b"two", of("b"), &[]).unwrap();
    registry.promote(&ticker, 2).unwrap();
    let again = registry.put_over(&ticker, b"late", of("a"), &[], Some(2)).unwrap();
    assert_eq!((again.version, &again.sha256), (1, &first.sha256), "the first is returned");
    assert_eq!(registry.champion(&ticker).unwrap().unwrap().version, 2, "and changes nothing");
    let put = |worker: u8| registry.put(&ticker, &[worker; 1000], of("c"), &[]).unwrap().version;
    let numbers = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|worker| scope.spawn(move || put(worker))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
    });
    assert!(numbers.iter().all(|number| *number == numbers[0]), "{numbers:?}");
    assert_eq!(registry.versions(&ticker).unwrap().len(), 3);
    let plain = [registry.put(&ticker, b"x", note(), &[]).unwrap(), registry.put(&ticker, b"x", note(), &[]).unwrap()];
    assert_ne!(plain[0].version, plain[1].version, "without a job each is one of its own");
}

fn versions_count_from_one_and_come_back(registry: &dyn ModelRegistry) {
    let (goog, index) = (ticker("GOOG"), ticker("^GSPC"));
    let parent = registry.put(&index, b"parent", VersionNote::new("parent", NaiveDate::default()), &[]).unwrap();
    let parent = VersionId { ticker: index.clone(), version: parent.version }.to_string();
    let metrics = serde_json::json!({"close": {"h1": {"rmse": 0.012345678901234567}}});
    let told = VersionNote {
        parent: Some(parent),
        metrics: metrics.clone(),
        unproven: true,
        reason: Some("no skill yet".into()),
        ..note()
    };
    let first = registry.put(&goog, b"one", told, &[]).unwrap();
    let second = registry.put(&goog, &[0, 255, 10], note(), &[]).unwrap();
    assert_eq!((first.version, second.version), (1, 2));
    assert_eq!((first.parent.as_deref(), &first.metrics), (Some("^GSPC@1"), &metrics));
    assert_eq!((first.unproven, first.reason.as_deref(), first.bytes), (true, Some("no skill yet"), 3));
    assert_eq!(registry.versions(&goog).unwrap(), [first, second]);
    assert_eq!(registry.get(&goog, 1).unwrap(), b"one");
    assert_eq!(registry.get(&goog, 2).unwrap(), [0, 255, 10]);
    assert_eq!(registry.get(&index, 1).unwrap(), b"parent");
    assert_eq!(message(registry.get(&goog, 3)), "no version named GOOG@3; GOOG has 1 to 2");
    assert_eq!(message(registry.get(&goog, 0)), "no version named GOOG@0; GOOG has 1 to 2");
}

fn champion_moves_by_promote_and_rollback(registry: &dyn ModelRegistry) {
    let goog = ticker("GOOG");
    let holders = || (numbers_with(registry, &goog, Alias::Champion), numbers_with(registry, &goog, Alias::Challenger));
    let number = |version: Version| version.version;
    assert_eq!(holders(), (vec![1], vec![2]), "the first is champion, the next its challenger");
    let refused =
        "no champion named before GOOG@1; it has no predecessor to roll back to; promote another version instead";
    assert_eq!(message(registry.rollback(&goog)), refused);
    assert_eq!(registry.put(&goog, b"three", note(), &[]).unwrap().alias, [Alias::Challenger]);
    assert_eq!(holders(), (vec![1], vec![3]));
    assert_eq!(registry.promote(&goog, 3).unwrap().alias, [Alias::Champion]);
    assert_eq!(holders(), (vec![3], vec![]), "who is champion is no longer challenger");
    registry.promote(&goog, 3).unwrap();
    registry.promote(&goog, 2).unwrap();
    assert_eq!(message(registry.promote(&goog, 9)), "no version named GOOG@9; GOOG has 1 to 3");
    assert_eq!(registry.champion(&goog).unwrap().map(number), Some(2), "a refused promotion changes nothing");
    assert_eq!(registry.rollback(&goog).map(number).unwrap(), 3);
    assert_eq!(registry.rollback(&goog).map(number).unwrap(), 1, "promoting the champion again left no trace");
    assert_eq!(message(registry.rollback(&goog)), refused);
}

fn a_version_takes_over_from_the_champion_that_it_was_held_against(registry: &dyn ModelRegistry) {
    let over = ticker("OVER");
    let put = |champion| registry.put_over(&over, b"weights", note(), &[], champion).unwrap();
    assert_eq!(put(Some(1)).alias, [Alias::Champion], "the first is champion");
    assert_eq!(put(Some(1)).alias, [Alias::Champion]);
    assert!(numbers_with(registry, &over, Alias::Challenger).is_empty());
    assert_eq!(put(Some(1)).alias, [Alias::Challenger], "the champion is another one by now");
    assert_eq!(put(None).alias, [Alias::Challenger]);
    assert_eq!(registry.champion(&over).unwrap().unwrap().version, 2);
    assert_eq!(registry.rollback(&over).unwrap().version, 1);
}

fn a_rollback_from_a_champion_happens_once(registry: &dyn ModelRegistry) {
    let back = ticker("BACK");
    for champion in [None, Some(1), Some(2)] {
        registry.put_over(&back, b"weights", note(), &[], champion).unwrap();
    }
    assert_eq!(registry.manifest(&back).unwrap().predecessor().unwrap().version, 2);
    assert_eq!(registry.rollback_from(&back, 3).unwrap().version, 2);
    assert_eq!(registry.rollback_from(&back, 3).unwrap().version, 2, "3 is not champion any more");
    assert_eq!(registry.rollback_from(&back, 2).unwrap().version, 1);
    message(registry.rollback_from(&back, 1));
    message(registry.rollback_from(&ticker("NONE"), 1));
}

fn the_parent_is_named_apart_from_champions(registry: &dyn ModelRegistry) {
    let (index, other) = (ticker("^GSPC"), ticker("OVER"));
    let id = |ticker: &Ticker, version| VersionId { ticker: ticker.clone(), version };
    assert_eq!(registry.parent().unwrap(), None, "no champion is the parent by itself");
    assert_eq!(message(registry.set_parent(&id(&index, 9))), "no version named ^GSPC@9; ^GSPC has 1");
    let error = registry.set_parent(&id(&other, 1)).unwrap_err().to_string();
    assert_eq!(error, "`parent` must be a version that was trained as a parent, got OVER@1, which is freeze");
    for parent in [id(&index, 1), id(&index, 1), id(&index, 0)] {
        registry.set_parent(&parent).unwrap();
        assert_eq!(registry.parent().unwrap(), Some(parent));
    }
    registry.put_over(&index, b"child", note(), &[], Some(1)).unwrap();
    assert_eq!(registry.parent().unwrap(), Some(id(&index, 0)), "a new champion changes nothing about it");
    assert!(registry.set_parent(&id(&index, 2)).is_err());
}

fn artifacts_come_back_by_name(registry: &dyn ModelRegistry) {
    let art = ticker("ART");
    let files = [Artifact::new("forecast.svg", *b"<svg/>").unwrap(), Artifact::new("empty.json", []).unwrap()];
    let version = registry.put(&art, b"one", note(), &files).unwrap();
    assert_eq!(version.artifacts, ["forecast.svg", "empty.json"]);
    assert_eq!(registry.artifact(&art, 1, "forecast.svg").unwrap(), b"<svg/>");
    assert_eq!(registry.artifact(&art, 1, "empty.json").unwrap(), b"");
    let missing = message(registry.artifact(&art, 1, "../manifest.json"));
    assert_eq!(missing, "no artifact named ../manifest.json; ART@1 has forecast.svg, empty.json");
    let missing = message(registry.artifact(&ticker("GOOG"), 1, "forecast.svg"));
    assert_eq!(missing, "no artifact named forecast.svg; GOOG@1 has none");
}

fn the_same_thing_twice_is_refused(registry: &dyn ModelRegistry) {
    let twice = [Artifact::new("a.svg", *b"1").unwrap(), Artifact::new("a.svg", *b"2").unwrap()];
    let error = registry.put(&ticker("TWICE"), b"one", note(), &twice).unwrap_err();
    assert_eq!(error.to_string(), "`artifact` must be named differently from every other, got a.svg");
    assert_eq!(registry.versions(&ticker("TWICE")).unwrap(), [], "a refused put leaves no version");
}

fn one_trains_a_ticker_at_a_time(registry: &dyn ModelRegistry) {
    let goog = ticker("GOOG");
    let held = registry.training_lock(&goog).unwrap();
    let error = registry.training_lock(&goog).unwrap_err();
    assert!(matches!(&error, Error::Busy { what, .. } if what == "training of GOOG"), "{error:?}");
    let other = registry.training_lock(&ticker("META")).unwrap();
    registry.promote(&goog, 1).unwrap();
    drop((held, other));
    drop(registry.training_lock(&goog).unwrap());
}

/// Who was given up may be stopped, and hold the right for as long as it is.
fn the_right_of_a_job_that_is_given_up_is_passed_and_no_other(registry: &dyn ModelRegistry) {
    let goog = ticker("GOOG");
    let never = |_: &str| false;
    let given_up = |name: &'static str| move |job: &str| job == name;
    let zombie = registry.training_lock_over(&goog, Some("a"), &never).unwrap();
    let of = |job, is_given_up: &dyn Fn(&str) -> bool| registry.training_lock_over(&goog, job, is_given_up);
    assert!(matches!(of(Some("b"), &never), Err(Error::Busy { .. })), "the job goes on");
    assert!(matches!(of(Some("b"), &given_up("b")), Err(Error::Busy { .. })), "another is given up");
    let second = of(Some("a"), &given_up("a")).unwrap();
    drop(second);
    let third = of(Some("b"), &given_up("a")).unwrap();
    assert!(matches!(of(Some("c"), &given_up("a")), Err(Error::Busy { .. })), "whoever passed has the name");
    assert!(matches!(registry.training_lock(&goog), Err(Error::Busy { .. })));
    drop((zombie, third));

    let nobodys = registry.training_lock(&goog).unwrap();
    let any = |_: &str| true;
    assert!(matches!(of(Some("a"), &any), Err(Error::Busy { .. })), "it is the work of no job, whatever was before");
    drop(nobodys);
    drop(of(Some("a"), &never).unwrap());
}

fn puts_at_once_lose_nothing(registry: &dyn ModelRegistry) {
    const THREADS: u8 = 4;
    const EACH: u8 = 5;
    let crowd = ticker("CROWD");
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let crowd = &crowd;
            scope.spawn(move || {
                for round in 0..EACH {
                    let bundle = [thread, round];
                    let version = registry.put(crowd, &bundle, note(), &[]).unwrap().version;
                    assert_eq!(registry.get(crowd, version).unwrap(), bundle);
                }
            });
        }
    });
    let versions = registry.versions(&crowd).unwrap();
    let numbers: Vec<u32> = versions.iter().map(|version| version.version).collect();
    assert_eq!(numbers, (1..=u32::from(THREADS * EACH)).collect::<Vec<_>>());
    assert_eq!(numbers_with(registry, &crowd, Alias::Champion).len(), 1, "one of the first");
    assert_eq!(numbers_with(registry, &crowd, Alias::Challenger).len(), 1);
}

fn removed(registry: &dyn ModelRegistry, ticker: &Ticker, versions: &[u32]) -> Vec<u32> {
    registry.remove(ticker, versions).unwrap().iter().map(|version| version.version).collect()
}

fn what_has_a_name_is_never_removed(registry: &dyn ModelRegistry) {
    let gone = ticker("GONE");
    let put = |strategy: &str, over| {
        registry.put_over(&gone, b"weights", VersionNote::new(strategy, NaiveDate::default()), &[], over).unwrap()
    };
    // 1, 2, 3 were champion one after the other, 4 is nobody, 5 is the parent, 6 the challenger.
    for over in [None, Some(1), Some(2), None] {
        put("freeze", over);
    }
    put("parent", None);
    put("freeze", None);
    let parent = VersionId { ticker: gone.clone(), version: 5 };
    let before = registry.parent().unwrap();
    registry.set_parent(&parent).unwrap();
    assert_eq!(
        removed(registry, &gone, &[1, 2, 3, 5, 6, 9]),
        [1],
        "9 is not there, and 2 is what a rollback brings back"
    );
    assert_eq!(registry.rollback(&gone).unwrap().version, 2);
    assert_eq!(
        message(registry.rollback(&gone)),
        "no champion named before GONE@2; it has no predecessor to roll back to; promote another version instead"
    );
    assert_eq!(registry.get(&gone, 5).unwrap(), b"weights");
    registry.set_parent(&before.unwrap()).unwrap();
    assert_eq!(removed(registry, &gone, &[5]), [5], "another is the parent by now");
    assert_eq!(message(registry.set_parent(&parent)), "no version named GONE@5; GONE has 2 to 4, 6");
}

fn a_removed_version_is_gone_and_its_number_is_not_given_again(registry: &dyn ModelRegistry) {
    let gone = ticker("GONE");
    let files = [Artifact::new("forecast.svg", *b"<svg/>").unwrap()];
    for _ in 0..2 {
        registry.put(&gone, b"weights", note(), &files).unwrap();
    }
    assert_eq!(removed(registry, &gone, &[7]), [7]);
    for missing in [
        message(registry.get(&gone, 7)),
        message(registry.artifact(&gone, 7, "forecast.svg")),
        message(registry.promote(&gone, 7)),
    ] {
        assert_eq!(missing, "no version named GONE@7; GONE has 2 to 4, 6, 8");
    }
    assert_eq!(registry.artifact(&gone, 8, "forecast.svg").unwrap(), b"<svg/>");
    assert_eq!(registry.put(&gone, b"weights", note(), &[]).unwrap().version, 9);
    assert_eq!(removed(registry, &gone, &[7]), [] as [u32; 0]);
    assert_eq!(removed(registry, &ticker("NONE"), &[1]), [] as [u32; 0]);
    assert_eq!(registry.tickers().unwrap().iter().filter(|ticker| ticker.as_str() == "NONE").count(), 0);
}

/// One promotes each version and makes it the parent, the other removes all that it can: whatever has a name can be read.
fn whoever_promotes_at_the_same_time_loses_nothing(registry: &dyn ModelRegistry) {
    let race = ticker("RACE");
    let all: Vec<u32> = (1..=12).collect();
    for _ in &all {
        registry.put(&race, b"weights", VersionNote::new("parent", NaiveDate::default()), &[]).unwrap();
    }
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for version in &all {
                let _ = registry.promote(&race, *version);
                let _ = registry.set_parent(&VersionId { ticker: race.clone(), version: *version });
            }
        });
        scope.spawn(|| all.iter().for_each(|_| drop(registry.remove(&race, &all).unwrap())));
    });
    removed(registry, &race, &all);
    let champion = registry.champion(&race).unwrap().unwrap().version;
    let parent = registry.parent().unwrap().unwrap();
    let mut named = vec![champion];
    named.extend(numbers_with(registry, &race, Alias::Challenger));
    named.extend((parent.ticker == race && parent.version > 0).then_some(parent.version));
    for version in named {
        assert_eq!(registry.get(&race, version).unwrap(), b"weights", "RACE@{version}");
    }
    assert!(registry.versions(&race).unwrap().len() <= 4, "champion, the one before, challenger, parent");
}
