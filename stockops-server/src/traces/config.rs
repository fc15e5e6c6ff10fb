//! `TraceConfig`: where spans go, by the variables of OpenTelemetry.

use std::time::Duration;

use stockops_core::{Error, Result};

use crate::logs::Redactor;

/// Where spans go, and which.
pub(super) struct TraceConfig {
    /// The address that spans are sent to.
    pub(super) endpoint: String,
    /// Headers of each request, such as a key.
    pub(super) headers: Vec<(String, String)>,
    /// How long a request may take. Default 10 seconds.
    pub(super) timeout: Duration,
    /// What the process is, as attributes.
    pub(super) resource: Vec<(String, String)>,
    /// The share of traces that is sent, where whoever calls has not decided. Default 1.
    pub(super) ratio: f64,
    /// Whether the decision of whoever calls counts. Default yes.
    pub(super) by_parent: bool,
    /// What is left out of all texts.
    pub(super) redactor: Redactor,
}

/// Headers and address are not shown, since they may hold a key.
impl std::fmt::Debug for TraceConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TraceConfig").field("resource", &self.resource).finish_non_exhaustive()
    }
}

impl TraceConfig {
    pub(super) fn read(read: impl Fn(&str) -> Option<String>, secrets: Vec<String>) -> Result<Option<Self>> {
        let read = |name: &str| read(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
        let of_traces = |end: &str| {
            read(&format!("OTEL_EXPORTER_OTLP_TRACES_{end}")).or_else(|| read(&format!("OTEL_EXPORTER_OTLP_{end}")))
        };
        let is_off = read("OTEL_SDK_DISABLED").is_some_and(|word| word.eq_ignore_ascii_case("true"))
            || read("OTEL_TRACES_EXPORTER").is_some_and(|word| word == "none");
        let whole = read("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT");
        let below = |base: String| format!("{}/v1/traces", base.trim_end_matches('/'));
        let Some(endpoint) = whole.or_else(|| read("OTEL_EXPORTER_OTLP_ENDPOINT").map(below)).filter(|_| !is_off)
        else {
            return Ok(None);
        };
        if !["http://", "https://"].iter().any(|scheme| endpoint.starts_with(scheme)) {
            return Err(wrong("OTEL_EXPORTER_OTLP_ENDPOINT", "an address such as http://localhost:4318", &endpoint));
        }
        if let Some(other) = of_traces("PROTOCOL").filter(|protocol| protocol != "http/protobuf") {
            return Err(wrong("OTEL_EXPORTER_OTLP_PROTOCOL", "`http/protobuf`", &other));
        }
        let headers = of_traces("HEADERS").map(|list| pairs(&list)).unwrap_or_else(|| Some(Vec::new()));
        let headers = headers.ok_or_else(|| {
            wrong("OTEL_EXPORTER_OTLP_HEADERS", "name=value with commas between, special letters as %2C", "others")
        })?;
        let attributes = "name=value with commas between";
        let given = read("OTEL_RESOURCE_ATTRIBUTES").unwrap_or_default();
        let given = pairs(&given).ok_or_else(|| wrong("OTEL_RESOURCE_ATTRIBUTES", attributes, &given))?;
        let timeout = number("OTEL_EXPORTER_OTLP_TIMEOUT", of_traces("TIMEOUT"), 10_000.0, 1.0..=600_000.0)?;
        let (by_parent, ratio) = sampler(read("OTEL_TRACES_SAMPLER"), read("OTEL_TRACES_SAMPLER_ARG"))?;
        Ok(Some(Self {
            endpoint,
            headers,
            timeout: Duration::from_secs_f64(timeout / 1000.0),
            resource: resource(read("OTEL_SERVICE_NAME"), given),
            ratio,
            by_parent,
            redactor: Redactor::new(secrets),
        }))
    }
}

/// What the process is; what was given comes before what is known.
fn resource(name: Option<String>, given: Vec<(String, String)>) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = name.into_iter().map(|name| ("service.name".into(), name)).collect();
    all.extend(given);
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    all.extend([
        ("service.name".into(), "stockops".into()),
        ("service.version".into(), env!("CARGO_PKG_VERSION").into()),
        ("service.instance.id".into(), format!("{}:{}", host.trim(), std::process::id())),
        ("telemetry.sdk.name".into(), "stockops".into()),
        ("telemetry.sdk.language".into(), "rust".into()),
    ]);
    let mut names = std::collections::HashSet::new();
    all.retain(|(name, _)| names.insert(name.clone()));
    all
}

/// Whether whoever calls decides, and the share of traces else.
fn sampler(word: Option<String>, ratio: Option<String>) -> Result<(bool, f64)> {
    let word = word.unwrap_or_else(|| "parentbased_always_on".into());
    let (by_parent, rule) = word.strip_prefix("parentbased_").map_or((false, word.as_str()), |rule| (true, rule));
    let ratio = match rule {
        "always_on" => 1.0,
        "always_off" => 0.0,
        "traceidratio" => number("OTEL_TRACES_SAMPLER_ARG", ratio, 1.0, 0.0..=1.0)?,
        _ => {
            let rule = "always_on, always_off or traceidratio, or one of them behind `parentbased_`";
            return Err(wrong("OTEL_TRACES_SAMPLER", rule, &word));
        }
    };
    Ok((by_parent, ratio))
}

fn number(
    field: &'static str,
    given: Option<String>,
    default: f64,
    range: std::ops::RangeInclusive<f64>,
) -> Result<f64> {
    let Some(given) = given else { return Ok(default) };
    let number = given.parse::<f64>().ok().filter(|number| range.contains(number));
    number.ok_or_else(|| wrong(field, "a number in its range: milliseconds from 1, a share from 0 to 1", &given))
}

/// Names and values of `a=1,b=2`, with percent signs as in addresses; `None` where a part is none.
fn pairs(list: &str) -> Option<Vec<(String, String)>> {
    let parts = list.split(',').map(str::trim).filter(|part| !part.is_empty());
    parts
        .map(|part| {
            let (name, value) = part.split_once('=')?;
            Some((plain(name.trim())?, plain(value.trim())?)).filter(|(name, _)| !name.is_empty())
        })
        .collect()
}

/// A word with its percent signs read.
fn plain(word: &str) -> Option<String> {
    let mut parts = word.split('%');
    let mut bytes = parts.next()?.as_bytes().to_vec();
    for part in parts {
        bytes.push(u8::from_str_radix(part.get(..2)?, 16).ok()?);
        bytes.extend(&part.as_bytes()[2..]);
    }
    String::from_utf8(bytes).ok()
}

fn wrong(field: &'static str, rule: &'static str, got: &str) -> Error {
    Error::Config { field, rule, got: got.into() }
}
