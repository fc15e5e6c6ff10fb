//! The tools: names, what they are for, shapes, and how a call becomes a question.

use std::sync::Arc;

use rmcp::model::{ErrorData, JsonObject, Tool, ToolAnnotations};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::answer::{
    BacktestAnswer, BarsAnswer, DriftAnswer, ForecastAnswer, Longer, ModelsAnswer, ReportAnswer, RiskAnswer,
    TrainingAnswer,
};
use super::arguments::{CheckBars, Long, Models, OfTicker, Risk};
use crate::schema::{schema_of, schema_of_answer, without_null};

/// A question that takes seconds.
#[derive(Debug)]
pub(super) enum Quick {
    CheckBars(CheckBars),
    Forecast(OfTicker),
    Risk(Risk),
    Drift(OfTicker),
    Report(OfTicker),
    Models(Models),
}

/// A call of a tool.
#[derive(Debug)]
pub(super) enum Call {
    Quick(Quick),
    Backtest(Long),
    Train(Long),
}

impl Call {
    /// The tool and the ticker of which it computes something; none for what is only read or asked about.
    pub(super) fn computes(&self) -> Option<(&'static str, &str)> {
        match self {
            Self::Quick(Quick::Forecast(asked)) => Some(("forecast", &asked.ticker)),
            Self::Quick(Quick::Risk(asked)) => Some(("risk", &asked.ticker)),
            Self::Quick(Quick::Drift(asked)) => Some(("drift", &asked.ticker)),
            Self::Quick(Quick::Report(asked)) => Some(("report", &asked.ticker)),
            Self::Quick(Quick::CheckBars(_) | Quick::Models(_)) => None,
            Self::Backtest(asked) => Some(("backtest", asked.ticker.as_deref()?)),
            Self::Train(asked) => Some(("train", asked.ticker.as_deref()?)),
        }
    }

    /// The call of the tool `name`; an unknown name and arguments of another shape are errors of the protocol.
    pub(super) fn parse(name: &str, arguments: JsonObject) -> Result<Self, ErrorData> {
        Ok(match name {
            "check_bars" => Self::Quick(Quick::CheckBars(parsed(name, arguments)?)),
            "forecast" => Self::Quick(Quick::Forecast(parsed(name, arguments)?)),
            "risk" => Self::Quick(Quick::Risk(parsed(name, arguments)?)),
            "drift" => Self::Quick(Quick::Drift(parsed(name, arguments)?)),
            "report" => Self::Quick(Quick::Report(parsed(name, arguments)?)),
            "models" => Self::Quick(Quick::Models(parsed(name, arguments)?)),
            "backtest" => Self::Backtest(parsed(name, arguments)?),
            "train" => Self::Train(parsed(name, arguments)?),
            _ => {
                let known = tools(true).iter().map(|tool| tool.name.to_string()).collect::<Vec<_>>().join(", ");
                return Err(ErrorData::invalid_params(format!("no tool named `{name}`; there are {known}"), None));
            }
        })
    }
}

fn parsed<T: DeserializeOwned>(name: &str, arguments: JsonObject) -> Result<T, ErrorData> {
    serde_json::from_value(Value::Object(arguments)).map_err(|error| {
        ErrorData::invalid_params(format!("arguments of {name}: {error}; its inputSchema says what it takes"), None)
    })
}

/// All tools of a server, with `train` where that is allowed.
pub(super) fn tools(allow_training: bool) -> Vec<Tool> {
    let mut tools = vec![
        tool::<CheckBars, BarsAnswer>(
            "check_bars",
            "Check bars",
            "How a file of daily bars is understood and what is wrong in it (gaps, zero volumes, wild prices), or the bars of a \
             ticker that the server has. Use it before trusting a file.",
        ),
        tool::<OfTicker, ForecastAnswer>(
            "forecast",
            "Forecast",
            "Forecast open, high, low, close and volume of the next sessions of a ticker. Each number comes with its 80 and 90 % \
             interval and its skill over the best simple rule on held-out days; quote it with both. The close of most tickers has \
             no skill: then say so.",
        ),
        tool::<Risk, RiskAnswer>(
            "risk",
            "Risk",
            "What may be lost and reached in the next sessions: value at risk, expected shortfall, how likely prices are touched or \
             closed beyond, and how such statements were kept on held-out days.",
        ),
        tool::<Long, Longer<BacktestAnswer>>(
            "backtest",
            "Backtest",
            "Judge forecasts of a ticker on days that no model saw in training. It takes up to minutes: a call that is not done in \
             40 s answers with a task, and another call with that task gives the result.",
        ),
        tool::<OfTicker, DriftAnswer>(
            "drift",
            "Drift",
            "Whether the market is as it usually is and the model as good as it promised, and whether a training is advised.",
        ),
        tool::<OfTicker, ReportAnswer>(
            "report",
            "Report",
            "A whole report on a ticker in Markdown: forecast with intervals, risk, skill, drift, and where each comes from. Every \
             number in it is computed; do not change any.",
        ),
        tool::<Models, ModelsAnswer>(
            "models",
            "Models",
            "Which versions of models there are, which of them forecasts, and what each did on held-out days.",
        ),
    ];
    if allow_training {
        let annotations = writes("Train");
        tools.push(
            tool::<Long, Longer<TrainingAnswer>>(
                "train",
                "Train",
                "Train a model for a ticker and register it; it takes over only where it passes the gate. It answers at once with a \
                 task: call it again with that task until the result is there.",
            )
            .annotate(annotations),
        );
    }
    tools
}

fn tool<A: schemars::JsonSchema, B: schemars::JsonSchema>(
    name: &'static str,
    title: &str,
    about: &'static str,
) -> Tool {
    // What may be left out is left out: some hosts refuse a type that may be null.
    let mut arguments = schema_of::<A>();
    without_null(&mut arguments);
    Tool::new(name, about, shape(arguments))
        .with_title(title)
        .with_raw_output_schema(shape(schema_of_answer::<B>()))
        .annotate(reads(title))
}

fn shape(schema: Value) -> Arc<JsonObject> {
    match schema {
        Value::Object(object) => Arc::new(object),
        // A shape that is no object has no properties; `tests` hold every tool against this.
        _ => Arc::default(),
    }
}

/// It changes nothing; bars may come from elsewhere.
fn reads(title: &str) -> ToolAnnotations {
    ToolAnnotations::with_title(title).read_only(true).destructive(false).idempotent(true).open_world(true)
}

/// It adds something, and takes nothing away.
fn writes(title: &str) -> ToolAnnotations {
    ToolAnnotations::with_title(title).read_only(false).destructive(false).idempotent(false).open_world(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All values within, with the path to each.
    fn walk(path: &str, value: &Value, visit: &mut impl FnMut(&str, &Value)) {
        visit(path, value);
        match value {
            Value::Object(object) => {
                object.iter().for_each(|(key, value)| walk(&format!("{path}/{key}"), value, visit));
            }
            Value::Array(items) => items.iter().for_each(|value| walk(path, value, visit)),
            _ => {}
        }
    }

    #[test]
    fn there_are_eight_tools_at_most_and_training_only_where_it_is_allowed() {
        let names = |allowed| tools(allowed).iter().map(|tool| tool.name.to_string()).collect::<Vec<_>>().join(" ");
        assert_eq!(names(true), "check_bars forecast risk backtest drift report models train");
        assert_eq!(names(false), "check_bars forecast risk backtest drift report models");
        for tool in tools(true) {
            let annotations = tool.annotations.unwrap();
            assert_eq!(annotations.read_only_hint, Some(tool.name != "train"), "{}", tool.name);
            assert_eq!(annotations.destructive_hint, Some(false));
        }
    }

    /// Hosts drop a tool with a `$ref` in silence, and want an object at the root on both sides.
    #[test]
    fn shapes_are_objects_without_references_and_every_field_is_told() {
        for tool in tools(true) {
            let shapes = [(&tool.input_schema, "in"), (tool.output_schema.as_ref().unwrap(), "out")];
            for (shape, side) in shapes {
                let shape = Value::Object((**shape).clone());
                assert_eq!(shape["type"], "object", "{} {side}", tool.name);
                assert!(shape["properties"].as_object().is_some_and(|all| !all.is_empty()), "{} {side}", tool.name);
                walk("", &shape, &mut |path, value| {
                    let word = path.rsplit('/').next().unwrap_or_default();
                    assert!(
                        !["$ref", "$defs", "$schema", "definitions"].contains(&word),
                        "{} {side} {path}",
                        tool.name
                    );
                    let formats = word != "format"
                        || value.is_object()
                        || ["date", "date-time"].contains(&value.as_str().unwrap_or(""));
                    assert!(formats, "{} {side} {path}: {value}", tool.name);
                });
            }
        }
    }

    #[test]
    fn arguments_are_flat_have_a_sentence_each_and_are_never_null() {
        for tool in tools(true) {
            assert_eq!(tool.input_schema["additionalProperties"], false, "{}", tool.name);
            for (name, field) in tool.input_schema["properties"].as_object().unwrap() {
                assert!(
                    field["description"].as_str().is_some_and(|text| text.len() > 10),
                    "{}.{name}: {field}",
                    tool.name
                );
                assert!(field["type"].is_string() && field["type"] != "object", "{}.{name}: {field}", tool.name);
                assert!(!field.to_string().contains("null"), "{}.{name}: {field}", tool.name);
            }
        }
    }

    #[test]
    fn a_wrong_name_and_wrong_arguments_are_told_with_what_was_wanted() {
        let message = |name, arguments: Value| {
            Call::parse(name, arguments.as_object().unwrap().clone()).unwrap_err().message.to_string()
        };
        assert!(
            message("buy", serde_json::json!({})).starts_with("no tool named `buy`; there are check_bars, forecast,")
        );
        let text = message("forecast", serde_json::json!({"symbol": "GOOG"}));
        assert!(text.starts_with("arguments of forecast: unknown field `symbol`, expected `ticker`"), "{text}");
        assert!(message("forecast", serde_json::json!({})).contains("missing field `ticker`"));
        assert!(message("forecast", serde_json::json!({"ticker": 5})).contains("expected a string"));
        assert!(message("train", serde_json::json!({"ticker": "A", "strategy": "deep"})).contains("expected one of"));
    }
}
