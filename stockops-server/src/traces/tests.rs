//! Spans as a collector gets them: a server of our own that reads requests of HTTP and the messages in them.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};

use tracing::subscriber::with_default;
use tracing_subscriber::layer::SubscriberExt;

use super::span::Place;
use super::*;

/// A request as it came.
struct Came {
    line: String,
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

/// A collector that gives `answers`, the last of them for ever; its address, and what came.
fn collector(answers: &'static [u16]) -> (String, Receiver<Came>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (told, came) = channel();
    std::thread::spawn(move || {
        for (number, stream) in listener.incoming().enumerate() {
            let answer = answers[number.min(answers.len() - 1)];
            if told.send(read(stream.unwrap(), answer)).is_err() {
                return;
            }
        }
    });
    (address, came)
}

fn read(mut stream: TcpStream, answer: u16) -> Came {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let header = |line: &String| line.split_once(": ").map(|(name, value)| (name.to_lowercase(), value.to_owned()));
    let headers: BTreeMap<String, String> = lines[1..].iter().filter_map(header).collect();
    let mut body = vec![0; headers["content-length"].parse().unwrap()];
    reader.read_exact(&mut body).unwrap();
    stream
        .write_all(format!("HTTP/1.1 {answer} X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").as_bytes())
        .unwrap();
    Came { line: lines[0].clone(), headers, body }
}

/// A part of a message: a number, or bytes.
#[derive(Debug, Clone, PartialEq)]
enum Part {
    Number(u64),
    Bytes(Vec<u8>),
}

/// The parts of a message by their field.
fn parts(mut bytes: &[u8]) -> Vec<(u64, Part)> {
    fn varint(bytes: &mut &[u8]) -> u64 {
        let end = bytes.iter().position(|byte| byte & 0x80 == 0).unwrap();
        let value = bytes[..=end].iter().rev().fold(0, |value, byte| value << 7 | u64::from(byte & 0x7f));
        *bytes = &bytes[end + 1..];
        value
    }
    fn take(bytes: &mut &[u8], length: usize) -> Vec<u8> {
        let (taken, rest) = bytes.split_at(length);
        *bytes = rest;
        taken.to_vec()
    }
    let mut parts = Vec::new();
    while !bytes.is_empty() {
        let key = varint(&mut bytes);
        let part = match key & 7 {
            0 => Part::Number(varint(&mut bytes)),
            1 => Part::Number(u64::from_le_bytes(take(&mut bytes, 8).try_into().unwrap())),
            2 => {
                let length = varint(&mut bytes) as usize;
                Part::Bytes(take(&mut bytes, length))
            }
            5 => Part::Number(u32::from_le_bytes(take(&mut bytes, 4).try_into().unwrap()).into()),
            other => panic!("wire type {other}"),
        };
        parts.push((key >> 3, part));
    }
    parts
}

fn messages(bytes: &[u8], field: u64) -> Vec<Vec<u8>> {
    let of = |(number, part): (u64, Part)| match part {
        Part::Bytes(bytes) if number == field => Some(bytes),
        _ => None,
    };
    parts(bytes).into_iter().filter_map(of).collect()
}

fn number(bytes: &[u8], field: u64) -> u64 {
    let of = |(number, part): (u64, Part)| match part {
        Part::Number(value) if number == field => Some(value),
        _ => None,
    };
    parts(bytes).into_iter().find_map(of).unwrap_or_default()
}

fn text(bytes: &[u8], field: u64) -> String {
    messages(bytes, field).pop().map(|bytes| String::from_utf8(bytes).unwrap()).unwrap_or_default()
}

/// Texts of attributes by name.
fn attributes(message: &[u8], field: u64) -> BTreeMap<String, String> {
    let pair = |pair: Vec<u8>| {
        let value = messages(&pair, 2).pop().unwrap();
        let words = match &parts(&value)[0] {
            (1, Part::Bytes(text)) => String::from_utf8(text.clone()).unwrap(),
            (_, Part::Number(number)) => number.to_string(),
            other => panic!("{other:?}"),
        };
        (text(&pair, 1), words)
    };
    messages(message, field).into_iter().map(pair).collect()
}

/// Spans of a request by name.
fn spans(body: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let resource = messages(body, 1).pop().unwrap();
    let scope = messages(&resource, 2).pop().unwrap();
    messages(&scope, 2).into_iter().map(|span| (text(&span, 5), span)).collect()
}

fn traces(address: &str, more: &[(&str, &str)]) -> Traces {
    let read = |name: &str| match name {
        "OTEL_EXPORTER_OTLP_ENDPOINT" => Some(address.to_owned()),
        _ => more.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()),
    };
    Traces::from_variables(read, vec!["s3cret-key".into()]).unwrap().unwrap()
}

const CALLER: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

fn work() {
    use tracing::field::Empty;
    let request = tracing::info_span!(
        target: "stockops_server", "request", request_id = "mine-1", method = %"POST", route = %"/analyze", status = Empty,
        traceparent = Empty
    );
    request.record("traceparent", CALLER);
    request.in_scope(|| {
        let node = tracing::info_span!(target: "stockops_agents", "node", name = "critic");
        node.in_scope(|| {
            let llm = tracing::info_span!(target: "stockops_agents", "llm", model = "m", prompt_tokens = Empty, error = Empty);
            llm.record("prompt_tokens", 7_u64);
            llm.record("error", "no s3cret-key");
            tracing::warn!(target: "stockops_agents", tries = 2, "late");
            tracing::info_span!(target: "hyper", "not ours").in_scope(|| ());
        });
    });
    request.record("status", 503_u16);
}

#[test]
fn a_collector_gets_spans_with_their_parents_fields_and_events() {
    let (address, came) = collector(&[200]);
    let more =
        [("OTEL_EXPORTER_OTLP_HEADERS", "x-token=a%20b"), ("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment=test")];
    let traces = traces(&address, &more);
    with_default(tracing_subscriber::registry().with(traces.layer()), || {
        work();
        assert_eq!(current(), None);
    });
    assert!(traces.flush(Duration::from_secs(10)));
    let came = came.recv().unwrap();
    assert_eq!(came.line, "POST /v1/traces HTTP/1.1");
    assert_eq!((&*came.headers["content-type"], &*came.headers["x-token"]), ("application/x-protobuf", "a b"));
    let resource = messages(&messages(&came.body, 1)[0], 1).pop().unwrap();
    let resource = attributes(&resource, 1);
    assert_eq!((&*resource["service.name"], &*resource["deployment.environment"]), ("stockops", "test"));

    let spans = spans(&came.body);
    assert_eq!(spans.keys().collect::<Vec<_>>(), ["POST /analyze", "llm", "node critic"]);
    let (request, node, llm) = (&spans["POST /analyze"], &spans["node critic"], &spans["llm"]);
    let trace = 0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736_u128.to_be_bytes();
    for span in spans.values() {
        assert_eq!(messages(span, 1), [trace]);
        assert!(number(span, 8) >= number(span, 7) && number(span, 7) > 1_700_000_000_000_000_000);
    }
    assert_eq!(messages(request, 4), [0x00f0_67aa_0ba9_02b7_u64.to_be_bytes()]);
    assert_eq!((messages(node, 4), messages(llm, 4)), (messages(request, 2), messages(node, 2)));
    assert_eq!((number(request, 6), number(node, 6), number(llm, 6)), (2, 1, 3), "server, internal, client");
    let of_request = attributes(request, 9);
    assert_eq!((&*of_request["request_id"], &*of_request["http.response.status_code"]), ("mine-1", "503"));
    let of_llm = attributes(llm, 9);
    assert_eq!((&*of_llm["gen_ai.usage.input_tokens"], &*of_llm["exception.message"]), ("7", "no [redacted]"));
    let failed = |span: &Vec<u8>| messages(span, 15).first().map(|status| number(status, 3));
    assert_eq!((failed(request), failed(node), failed(llm)), (Some(2), None, Some(2)));
    let event = messages(node, 11).pop().unwrap();
    assert_eq!((text(&event, 2), attributes(&event, 3)["tries"].clone()), ("late".into(), "2".into()));
}

#[test]
fn whoever_calls_says_where_a_trace_goes_on_and_whether_it_is_sent() {
    let (address, came) = collector(&[200]);
    let traces = traces(&address, &[("OTEL_TRACES_SAMPLER", "parentbased_always_off")]);
    with_default(tracing_subscriber::registry().with(traces.layer()), || {
        tracing::info_span!(target: "stockops_server", "job").in_scope(|| {
            let here: Place = current().unwrap().parse().unwrap();
            assert!(!here.is_sent && here.trace != 0);
        });
        work();
    });
    assert!(traces.flush(Duration::from_secs(10)));
    assert_eq!(spans(&came.recv().unwrap().body).len(), 3, "those of the caller, who wants them sent");
    for wrong in
        ["", "00-0-0-01", "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", &CALLER.replace("-00f0", "-00F0")]
    {
        assert_eq!(wrong.parse::<Place>(), Err(()), "{wrong}");
    }
    assert_eq!(CALLER.parse::<Place>().unwrap().to_string(), CALLER);
}

#[test]
fn a_collector_that_is_busy_is_asked_again_and_one_that_refuses_is_not() {
    let (address, came) = collector(&[503, 200, 400]);
    let traces = traces(&address, &[]);
    with_default(tracing_subscriber::registry().with(traces.layer()), || {
        work();
        assert!(traces.flush(Duration::from_secs(10)));
        work();
        assert!(traces.flush(Duration::from_secs(10)));
    });
    let bodies: Vec<_> = came.try_iter().map(|came| came.body).collect();
    assert_eq!(bodies.len(), 3);
    assert!(bodies[0] == bodies[1] && bodies[1] != bodies[2]);
}

#[test]
fn one_that_is_away_costs_spans_and_nobody_waits() {
    let address = format!("http://{}", TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap());
    let traces = traces(&address, &[]);
    with_default(tracing_subscriber::registry().with(traces.layer()), || (0..1000).for_each(|_| work()));
    assert!(traces.flush(Duration::from_secs(30)));
}

#[test]
fn a_share_of_the_traces_is_that_share() {
    let sent = (0..4000).filter(|_| Place::root(0.25).is_sent).count();
    // 1,000 with a standard deviation of 27: five of them to each side.
    assert!((860..1140).contains(&sent), "{sent}");
    assert!(!Place::root(0.0).is_sent && Place::root(1.0).is_sent);
}

#[test]
fn what_cannot_be_used_is_told_and_shows_no_key() {
    for (name, value, words) in [
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc", "`OTEL_EXPORTER_OTLP_PROTOCOL` must be `http/protobuf`, got grpc"),
        ("OTEL_TRACES_SAMPLER", "some", "or one of them behind `parentbased_`, got some"),
        ("OTEL_TRACES_SAMPLER_ARG", "1", ""),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "soon", "milliseconds from 1"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "s3cret", "got others"),
    ] {
        let read = |asked: &str| match asked {
            "OTEL_EXPORTER_OTLP_ENDPOINT" => Some("http://localhost:4318".to_owned()),
            _ => (asked == name).then(|| value.to_owned()),
        };
        match Traces::from_variables(read, Vec::new()) {
            Ok(traces) => assert!(traces.is_some() && words.is_empty(), "{name}"),
            Err(error) => {
                assert!(error.to_string().contains(words) && !error.to_string().contains("s3cret"), "{error}");
            }
        }
    }
    let off =
        |name: &str| Some(if name == "OTEL_SDK_DISABLED" { "true".to_owned() } else { "http://localhost:4318".into() });
    assert!(Traces::from_variables(off, Vec::new()).unwrap().is_none());
}
