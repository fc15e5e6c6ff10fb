//! Real answers of the service and the document that describes them, side by side in `shapes.json`, for a validator of others
//! (`tests/server/schemas.sh`); and what can be said of such a document without one.

use std::collections::BTreeSet;
use std::path::Path;

use aide::axum::ApiRouter;
use aide::axum::routing::{get_with, post_with};
use axum::body::{Body, to_bytes};
use axum::http::Request;
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use stockops_agents::{Analyst, AnalystReport};
use stockops_core::forecast::Strategy;
use stockops_core::pipeline::GcConfig;
use stockops_core::risk::{Holding, Portfolio, Position, RiskQuestion};
use stockops_core::service::{BacktestRequest, ImportRequest, MonitorRequest, TrainChild, TrainParent};
use stockops_core::training::Watch;
use stockops_core::{Result, Stockops, Ticker};
use stockops_server::Json;
use stockops_server::openapi::{Access, Topic, finish, listed};
use tower::ServiceExt;

/// Values by the paths of their routes.
type Named = Vec<(String, Value)>;

/// Values and routes that state their types: the name of each is the path of its route.
#[derive(Default)]
struct Shown {
    router: ApiRouter,
    answers: Vec<(String, Value)>,
    requests: Vec<(String, Value)>,
}

async fn answered<T: Serialize + 'static>() -> Json<T> {
    unreachable!("only its type is looked at")
}

async fn taken<T: DeserializeOwned>(_: Json<T>) {}

impl Shown {
    fn answer<T: JsonSchema + Serialize + Send + 'static>(mut self, name: &'static str, value: &T) -> Self {
        let about = get_with(answered::<T>, move |o| listed(o, Access::Open, Topic::Service, name, name));
        self.router = self.router.api_route(&format!("/{name}"), about);
        self.answers.push((name.into(), serde_json::to_value(value).unwrap()));
        self
    }

    fn request<T: JsonSchema + Serialize + DeserializeOwned + Send + 'static>(
        mut self,
        name: &'static str,
        value: &T,
    ) -> Self {
        let about = post_with(taken::<T>, move |o| listed(o, Access::Open, Topic::Service, name, name));
        self.router = self.router.api_route(&format!("/{name}"), about);
        self.requests.push((name.into(), serde_json::to_value(value).unwrap()));
        self
    }

    fn document(self) -> (Value, Named, Named) {
        let router = finish(self.router).0;
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let document = runtime.block_on(async {
            let response = router.oneshot(Request::get("/openapi.json").body(Body::empty()).unwrap()).await.unwrap();
            to_bytes(response.into_body(), usize::MAX).await.unwrap()
        });
        (serde_json::from_slice(&document).unwrap(), self.answers, self.requests)
    }
}

fn report(stockops: &Stockops, ticker: &Ticker) -> AnalystReport {
    let analyst = Analyst::builder(stockops.clone()).bars_from("builtin").build().unwrap();
    let request = stockops_agents::Request {
        question: Some("what may be lost?".into()),
        ..stockops_agents::Request::new(ticker.clone())
    };
    analyst.analyze(request).wait(|_| {}).unwrap().report
}

fn shown() -> Result<Shown> {
    let stockops = Stockops::builder().build()?;
    let [amzn, none] = [Ticker::new("AMZN")?, Ticker::new("NONE")?];
    let child = TrainChild { strategy: Strategy::ZeroShot, ..TrainChild::new(amzn.clone()) };
    let training = stockops.train_child(&child, &mut Watch::silent())?;
    let asked = BacktestRequest {
        strategy: Strategy::ZeroShot,
        folds: Some(2),
        history: Some(400),
        errors: true,
        ..BacktestRequest::new(amzn.clone())
    };
    let position = |ticker: &str, amount| -> stockops_core::Result<Position> {
        Ok(Position { ticker: Ticker::new(ticker)?, amount })
    };
    let portfolio = Portfolio::new(Holding::Weight, vec![position("AMZN", 0.6)?])?;
    let monitor = MonitorRequest::new(amzn.clone());
    let question = RiskQuestion { levels: vec![3000.5], ..RiskQuestion::default() };
    let bars = stockops.bars(&amzn)?;
    let runs = stockops.runs(5)?;
    Ok(Shown::default()
        .answer("forecast", &stockops.forecast(&amzn)?)
        .answer("forecasts", &stockops.forecasts(&[amzn.clone(), none]))
        .answer("risk", &stockops.risk(&amzn, &question)?)
        .answer("portfolio", &stockops.portfolio_risk(&portfolio, None)?)
        .answer("backtest", &stockops.backtest(&asked, &mut Watch::silent())?)
        .answer("evaluation", &stockops.evaluation_of(&bars.bars)?)
        .answer("drift", &stockops.drift(&amzn)?)
        .answer("monitor", &stockops.monitor(&monitor, &mut Watch::silent())?)
        .answer("training", &training)
        .answer("models", &stockops.models(None)?)
        .answer("model", &stockops.model(&amzn, None)?)
        .answer("gc", &stockops.gc(&GcConfig { keep: 0, dry_run: true, ..GcConfig::default() })?)
        .answer("run", &stockops.run(&runs[0].run_id)?)
        .answer("runs", &runs)
        .answer("kept", &stockops.record().forecasts(&amzn)?)
        .answer("quality", &bars.quality)
        .answer("understood", &bars.understood)
        .answer("report", &report(&stockops, &amzn))
        .request("asks-child", &child)
        .request("asks-parent", &TrainParent::default())
        .request("asks-backtest", &asked)
        .request("asks-monitor", &monitor)
        .request("asks-risk", &question)
        .request(
            "asks-import",
            &ImportRequest {
                ticker: amzn.clone(),
                weights: "a.pt".into(),
                scaler: "a.json".into(),
                last_seen_day: None,
                context: None,
                parent: false,
                judge: false,
            },
        )
        .request("asks-report", &stockops_agents::Request::new(amzn)))
}

/// The schemas that `schema` refers to, by name.
fn references(schema: &Value, names: &mut BTreeSet<String>) {
    match schema {
        Value::Object(object) => {
            names.extend(object.get("$ref").and_then(|path| Some(path.as_str()?.rsplit('/').next()?.to_owned())));
            object.values().for_each(|value| references(value, names));
        }
        Value::Array(values) => values.iter().for_each(|value| references(value, names)),
        _ => {}
    }
}

#[test]
fn answers_stand_beside_their_document() {
    let (document, answers, requests) = shown().unwrap().document();

    let schemas = document["components"]["schemas"].as_object().unwrap();
    let mut named = BTreeSet::new();
    references(&document, &mut named);
    assert_eq!(named, schemas.keys().cloned().collect(), "what is referred to is there, and nothing else is");
    let numbered: Vec<_> = schemas.keys().filter(|name| name.ends_with(|c: char| c.is_ascii_digit())).collect();
    assert!(numbered.is_empty(), "two types have one name: {numbered:?}");
    for (name, schema) in schemas {
        for (property, schema) in schema["properties"].as_object().into_iter().flatten() {
            // Content of a variant has no name of its own.
            let is_told = schema.get("description").is_some() || schema.get("const").is_some();
            assert!(is_told, "{name}.{property} has no description");
        }
    }

    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("shapes.json");
    let all = json!({ "document": document, "answers": answers, "requests": requests });
    std::fs::write(file, all.to_string()).unwrap();
}
