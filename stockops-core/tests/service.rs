//! The service: models stay loaded, promotions elsewhere are seen, and its answers are those of the parts below it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use stockops_core::pipeline::{drift, serve};
use stockops_core::registry::{
    Artifact, Manifest, MemoryRegistry, ModelRegistry, TrainingLock, Version, VersionId, VersionNote,
};
use stockops_core::report::{charts, forecaster_markdown, html};
use stockops_core::service::{BacktestRequest, MonitorRequest, TrainChild, TrainParent, Training};
use stockops_core::source::{MemorySource, builtin_bars};
use stockops_core::training::Watch;
use stockops_core::{Bars, Device, Error, ForecastRecord, MemoryRecord, Result, Stockops, Strategy, Ticker};

/// A registry that counts the bundles that are read from it.
#[derive(Debug, Clone, Default)]
struct Counting {
    inner: MemoryRegistry,
    read: Arc<AtomicUsize>,
}

impl Counting {
    fn read(&self) -> usize {
        self.read.load(Ordering::SeqCst)
    }
}

impl ModelRegistry for Counting {
    fn put_over(
        &self,
        ticker: &Ticker,
        bundle: &[u8],
        note: VersionNote,
        artifacts: &[Artifact],
        champion: Option<u32>,
    ) -> Result<Version> {
        self.inner.put_over(ticker, bundle, note, artifacts, champion)
    }

    fn get(&self, ticker: &Ticker, version: u32) -> Result<Vec<u8>> {
        self.read.fetch_add(1, Ordering::SeqCst);
        self.inner.get(ticker, version)
    }

    fn artifact(&self, ticker: &Ticker, version: u32, name: &str) -> Result<Vec<u8>> {
        self.inner.artifact(ticker, version, name)
    }

    fn manifest(&self, ticker: &Ticker) -> Result<Manifest> {
        self.inner.manifest(ticker)
    }

    fn tickers(&self) -> Result<Vec<Ticker>> {
        self.inner.tickers()
    }

    fn promote(&self, ticker: &Ticker, version: u32) -> Result<Version> {
        self.inner.promote(ticker, version)
    }

    fn rollback_from(&self, ticker: &Ticker, champion: u32) -> Result<Version> {
        self.inner.rollback_from(ticker, champion)
    }

    fn parent(&self) -> Result<Option<VersionId>> {
        self.inner.parent()
    }

    fn set_parent(&self, id: &VersionId) -> Result<()> {
        self.inner.set_parent(id)
    }

    fn remove(&self, ticker: &Ticker, versions: &[u32]) -> Result<Vec<Version>> {
        self.inner.remove(ticker, versions)
    }

    fn training_lock_over(
        &self,
        ticker: &Ticker,
        job: Option<&str>,
        is_given_up: &dyn Fn(&str) -> bool,
    ) -> Result<TrainingLock> {
        self.inner.training_lock_over(ticker, job, is_given_up)
    }
}

fn ticker(name: &str) -> Ticker {
    name.parse().unwrap()
}

fn bars(name: &str, count: usize) -> Bars {
    builtin_bars(&ticker(name)).unwrap().bars.last(count)
}

/// The last bars of two tickers.
fn source() -> MemorySource {
    ["MSFT", "AMZN"].into_iter().fold(MemorySource::default(), |source, name| {
        source.with(&ticker(name), bars(name, 300).as_slice().to_vec()).unwrap()
    })
}

fn service(registry: &Counting) -> Stockops {
    Stockops::builder().source(source()).registry(registry.clone()).build().unwrap()
}

/// A child that is there at once, since it learns nothing.
fn child(stockops: &Stockops, name: &str) -> Training {
    let request = TrainChild { strategy: Strategy::ZeroShot, ..TrainChild::new(ticker(name)) };
    stockops.train_child(&request, &mut Watch::silent()).unwrap()
}

fn version_of(stockops: &Stockops, name: &str) -> String {
    stockops.forecast(&ticker(name)).unwrap().model_version.unwrap()
}

#[test]
fn a_second_forecast_reads_no_bundle() {
    let registry = Counting::default();
    let stockops = service(&registry);
    child(&stockops, "MSFT");
    let before = registry.read();
    let first = stockops.forecast(&ticker("MSFT")).unwrap();
    assert_eq!(registry.read() - before, 1);
    for _ in 0..3 {
        assert_eq!(stockops.forecast(&ticker("MSFT")).unwrap(), first);
    }
    stockops.drift(&ticker("MSFT")).unwrap();
    assert_eq!(registry.read() - before, 1, "it stays loaded");
    // A clone shares what is loaded; another service has its own.
    assert_eq!(stockops.on(Device::Cpu).forecast(&ticker("MSFT")).unwrap(), first);
    assert_eq!(registry.read() - before, 1);
    assert_eq!(service(&registry).forecast(&ticker("MSFT")).unwrap(), first);
    assert_eq!(registry.read() - before, 2);
}

#[test]
fn a_promotion_elsewhere_is_seen_at_once() {
    let registry = Counting::default();
    let (here, elsewhere) = (service(&registry), service(&registry));
    child(&elsewhere, "MSFT");
    assert_eq!(version_of(&here, "MSFT"), "MSFT@1");
    child(&elsewhere, "MSFT");
    elsewhere.promote(&ticker("MSFT"), 2).unwrap();
    assert_eq!(version_of(&here, "MSFT"), "MSFT@2");
    let read = registry.read();
    elsewhere.rollback(&ticker("MSFT")).unwrap();
    assert_eq!(version_of(&here, "MSFT"), "MSFT@1");
    assert_eq!(registry.read(), read, "and the one that comes back is still loaded");
    // So is the first version of a ticker that the parent forecast until now.
    assert_eq!(version_of(&here, "AMZN"), "^GSPC@0");
    child(&elsewhere, "AMZN");
    assert_eq!(version_of(&here, "AMZN"), "AMZN@1");
}

#[test]
fn many_threads_share_one_model() {
    fn shared<T: Send + Sync + Clone + 'static>(_: &T) {}
    let registry = Counting::default();
    let stockops = service(&registry);
    shared(&stockops);
    child(&stockops, "MSFT");
    let (alone, before) = (service(&registry).forecast(&ticker("MSFT")).unwrap(), registry.read());
    std::thread::scope(|scope| {
        let threads = (0..8).map(|_| scope.spawn(|| stockops.forecast(&ticker("MSFT")).unwrap()));
        for thread in threads.collect::<Vec<_>>() {
            assert_eq!(thread.join().unwrap(), alone);
        }
    });
    assert_eq!(registry.read() - before, 1);
    let kept = stockops.record().forecasts(&ticker("MSFT")).unwrap();
    assert_eq!(kept.len(), 1, "the same forecast is kept once");
}

#[test]
fn what_fails_for_one_ticker_leaves_the_others() {
    let stockops = service(&Counting::default());
    let all = stockops.forecasts(&[ticker("MSFT"), ticker("TSLA"), ticker("AMZN")]);
    let whose: Vec<&str> = all.forecasts.iter().map(|forecast| forecast.ticker.as_str()).collect();
    assert_eq!(whose, ["MSFT", "AMZN"]);
    assert_eq!(all.forecasts[1], stockops.forecast(&ticker("AMZN")).unwrap());
    assert_eq!(all.failed.len(), 1);
    assert_eq!((all.failed[0].ticker.as_str(), all.failed[0].kind), ("TSLA", "not_found"));
    let json = serde_json::to_value(&all).unwrap();
    assert!(json["failed"][0]["message"].as_str().unwrap().contains("TSLA"));
}

#[test]
fn its_answers_are_those_of_the_parts_below() {
    let (registry, record) = (MemoryRegistry::new(), MemoryRecord::new());
    let now = "2021-04-01T06:00:00Z".parse().unwrap();
    let builder = Stockops::builder().source(source()).registry(registry.clone()).record(record.clone());
    let stockops = builder.clock(move || now).build().unwrap();
    let msft = bars("MSFT", 300);
    let own = serve(&registry, &MemoryRecord::new(), &msft, Device::Cpu).unwrap();
    assert_eq!(stockops.forecast_of(&msft).unwrap(), own);
    assert_eq!(record.forecasts(&ticker("MSFT")).unwrap().len(), 1);
    let config = stockops_core::pipeline::MonitorConfig { now: Some(now), ..Default::default() };
    let report = drift(&registry, &MemoryRecord::new(), &msft, &config).unwrap();
    assert_eq!(stockops.drift(&ticker("MSFT")).unwrap(), report);
    let monitored = stockops.monitor(&MonitorRequest::new(ticker("MSFT")), &mut Watch::silent()).unwrap();
    assert_eq!(monitored.drift, report, "the time is that of the clock that was given");
}

#[test]
fn a_training_answers_in_json_and_is_drawn_when_somebody_asks() {
    let stockops = service(&Counting::default());
    let request = TrainChild { epochs: Some(1), ..TrainChild::new(ticker("MSFT")) };
    let training = stockops.train_child(&request, &mut Watch::silent()).unwrap();
    assert_eq!(stockops.model(&ticker("MSFT"), None).unwrap().artifacts, Vec::<String>::new());
    let json = serde_json::to_value(&training).unwrap();
    for key in ["ticker", "version", "bundle_sha256", "parent_version", "strategy", "metrics", "epochs", "quality"] {
        assert!(!json[key].is_null(), "{key}");
    }
    assert!(json["run_id"].as_str().is_some_and(|id| !id.is_empty()), "each training is a run");
    assert!(json.get("trained").is_none());
    let drawn = charts(&training.trained.forecaster, &training.trained.bars).unwrap();
    let names: Vec<&str> = drawn.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["forecast.svg", "residuals.svg", "skill.svg", "coverage.svg"]);
    // The version that was registered is drawn alike, from all bars of the ticker.
    let champion = stockops.load(&ticker("MSFT"), None).unwrap();
    assert_eq!(charts(&champion.forecaster, &bars("MSFT", 300)).unwrap(), drawn);
    let shown = html(&forecaster_markdown(&champion.forecaster));
    assert!(shown.contains("<strong>MSFT</strong>: freeze") && shown.contains("<table>"), "{shown}");
}

#[test]
fn a_child_forecasts_the_same_whether_it_was_compared_or_not() {
    let trained = |compare| {
        let from = "2019-01-01".parse().ok();
        let request = TrainChild { compare, from, epochs: Some(1), ..TrainChild::new(ticker("MSFT")) };
        let stockops = Stockops::builder().build().unwrap();
        let training = stockops.train_child(&request, &mut Watch::silent()).unwrap();
        assert_eq!(training.trained.forecaster.about().transfer.is_some(), compare);
        stockops.forecast(&ticker("MSFT")).unwrap()
    };
    assert_eq!(trained(true), trained(false));
}

#[test]
fn requests_are_read_from_json_with_the_defaults_of_the_library() {
    let child: TrainChild = serde_json::from_str(r#"{"ticker": "goog"}"#).unwrap();
    assert_eq!(child, TrainChild::new(ticker("GOOG")));
    assert!(!serde_json::to_string(&child).unwrap().contains("compare"), "a server of before reads it");
    let alone = TrainChild { compare: false, ..child };
    assert_eq!(serde_json::from_str::<TrainChild>(&serde_json::to_string(&alone).unwrap()).unwrap(), alone);
    let parent: TrainParent = serde_json::from_str("{}").unwrap();
    assert_eq!(parent, TrainParent::default());
    let walk: BacktestRequest = serde_json::from_str(r#"{"ticker": "GOOG", "folds": 2}"#).unwrap();
    assert_eq!(walk, BacktestRequest { folds: Some(2), ..BacktestRequest::new(ticker("GOOG")) });
    let typo = serde_json::from_str::<TrainChild>(r#"{"ticker": "GOOG", "epoch": 3}"#).unwrap_err();
    assert!(typo.to_string().contains("unknown field `epoch`"), "{typo}");
    let none = TrainParent { tickers: Vec::new(), ..TrainParent::default() };
    let error = service(&Counting::default()).train_parent(&none, &mut Watch::silent()).unwrap_err();
    assert_eq!(error.to_string(), "`tickers` must be one at least, got none");
}

#[test]
fn a_home_is_shared_by_services() {
    let folder = tempfile::tempdir().unwrap();
    let open = || Stockops::builder().home(folder.path()).source(source()).build().unwrap();
    child(&open(), "MSFT");
    assert_eq!(version_of(&open(), "MSFT"), "MSFT@1");
    assert_eq!(open().models(None).unwrap().versions.len(), 1);
    let missing = open().models(Some(&ticker("AMZN"))).unwrap_err();
    assert!(matches!(missing, Error::NotFound { kind: "model", .. }), "{missing}");
    assert_eq!(open().record().forecasts(&ticker("MSFT")).unwrap().len(), 1);
}
