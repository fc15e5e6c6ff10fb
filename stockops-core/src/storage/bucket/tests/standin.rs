//! A server on this machine that plays S3, with what goes wrong on the way to one. `tests/buckets.sh` holds the same tests
//! against a real server.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read, Result, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    None,
    /// Each request is refused once, undone.
    Busy,
    /// Each write is done, and said to have failed the first time.
    FailedAfterwards,
    /// Each second write is done, and its answer never comes.
    LostAnswers,
    /// Each writer is refused once under a condition, as if two had met, and nobody is in.
    Met,
    /// A condition is taken and not kept to.
    Deaf,
    /// A condition is not known.
    NoConditions,
    Down,
    Silent,
    Forbidden,
}

/// Objects of one listing, so that there are several.
const PAGE: usize = 3;

#[derive(Debug, Clone)]
struct Object {
    bytes: Vec<u8>,
    writer: String,
}

/// The server; it ends with the test.
#[derive(Debug)]
pub(super) struct Standin {
    pub(super) endpoint: String,
    objects: Arc<Mutex<BTreeMap<String, Object>>>,
    seen: Arc<Mutex<Vec<String>>>,
}

/// What came before.
#[derive(Debug, Default)]
struct Known {
    writes: AtomicUsize,
    asked: Mutex<BTreeSet<String>>,
}

#[derive(Debug, Default)]
struct Asked {
    method: String,
    /// Without the bucket.
    key: String,
    query: BTreeMap<String, String>,
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

impl Standin {
    pub(super) fn start(fault: Fault) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let one = Self { endpoint, objects: Arc::default(), seen: Arc::default() };
        let (objects, seen, known) = (one.objects.clone(), one.seen.clone(), Arc::new(Known::default()));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (objects, seen, known) = (objects.clone(), seen.clone(), known.clone());
                std::thread::spawn(move || {
                    let asked = read(&stream)?;
                    seen.lock().unwrap().push(format!("{} {}", asked.method, asked.key));
                    served(stream, &asked, &objects, fault, &known)
                });
            }
        });
        one
    }

    /// Names of the objects.
    pub(super) fn keys(&self) -> Vec<String> {
        self.objects.lock().unwrap().keys().cloned().collect()
    }

    /// Requests so far, as `PUT key`.
    pub(super) fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

fn read(stream: &TcpStream) -> Result<Asked> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut words = line.split_whitespace();
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut asked = Asked { method: method.into(), ..Asked::default() };
    asked.key = plain(path.trim_start_matches('/')).split_once('/').unwrap_or_default().1.to_owned();
    asked.query = query.split('&').filter_map(|pair| pair.split_once('=')).map(|(a, b)| (a.into(), plain(b))).collect();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header)?;
        let Some((name, value)) = header.trim().split_once(':') else { break };
        asked.headers.insert(name.to_ascii_lowercase(), value.trim().into());
    }
    let length = asked.headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    asked.body = vec![0; length];
    reader.read_exact(&mut asked.body)?;
    Ok(asked)
}

/// One request and its answer; the connection is closed.
fn served(
    mut stream: TcpStream,
    asked: &Asked,
    objects: &Mutex<BTreeMap<String, Object>>,
    fault: Fault,
    known: &Known,
) -> Result<()> {
    let is_conditional = asked.headers.contains_key("if-none-match");
    let is_write = asked.method == "PUT";
    let is_second = is_write && known.writes.fetch_add(1, Ordering::Relaxed) % 2 == 1;
    // A client that asks again sends the same signature, and a writer his word.
    let by = if fault == Fault::Met { "x-amz-meta-writer" } else { "authorization" };
    let is_first = known.asked.lock().unwrap().insert(asked.headers.get(by).cloned().unwrap_or_default());
    let refused = |status: u16, code: &str| (status, String::new(), xml(code).into_bytes());
    let do_it = || answer(asked, &mut objects.lock().unwrap(), fault == Fault::Deaf);
    let (status, headers, body) = match fault {
        Fault::Silent => return quiet(),
        Fault::Down => refused(503, "SlowDown"),
        Fault::Forbidden => refused(403, "AccessDenied"),
        Fault::Busy if is_first => refused(503, "SlowDown"),
        Fault::NoConditions if is_conditional => refused(501, "NotImplemented"),
        Fault::Met if is_conditional && is_first => refused(409, "ConditionalRequestConflict"),
        Fault::FailedAfterwards if is_write && is_first => {
            do_it();
            refused(500, "InternalError")
        }
        Fault::LostAnswers if is_second => {
            do_it();
            return quiet();
        }
        _ => do_it(),
    };
    write!(stream, "HTTP/1.1 {status} X\r\nConnection: close\r\n{headers}")?;
    if asked.method != "HEAD" {
        write!(stream, "Content-Length: {}\r\n", body.len())?;
    }
    stream.write_all(b"\r\n")?;
    if asked.method == "HEAD" { Ok(()) } else { stream.write_all(&body) }
}

/// Longer than the tests wait.
fn quiet() -> Result<()> {
    std::thread::sleep(Duration::from_secs(3));
    Ok(())
}

fn xml(code: &str) -> String {
    format!("<Error><Code>{code}</Code><Message>in the words of the store</Message></Error>")
}

/// Status, lines of the head, and body.
fn answer(asked: &Asked, objects: &mut BTreeMap<String, Object>, is_deaf: bool) -> (u16, String, Vec<u8>) {
    match asked.method.as_str() {
        "GET" if asked.query.contains_key("list-type") => (200, String::new(), listed(asked, objects).into_bytes()),
        "GET" | "HEAD" => match objects.get(&asked.key) {
            Some(object) => found(asked, object),
            None => (404, String::new(), xml("NoSuchKey").into_bytes()),
        },
        "PUT" => {
            if asked.headers.contains_key("if-none-match") && objects.contains_key(&asked.key) && !is_deaf {
                return (412, String::new(), xml("PreconditionFailed").into_bytes());
            }
            let writer = asked.headers.get("x-amz-meta-writer").cloned().unwrap_or_default();
            objects.insert(asked.key.clone(), Object { bytes: asked.body.clone(), writer });
            (200, "ETag: \"1\"\r\n".into(), Vec::new())
        }
        _ => {
            objects.remove(&asked.key);
            (204, String::new(), Vec::new())
        }
    }
}

fn found(asked: &Asked, object: &Object) -> (u16, String, Vec<u8>) {
    let (size, writer) = (object.bytes.len(), &object.writer);
    let head =
        format!("ETag: \"1\"\r\nLast-Modified: Wed, 01 May 2024 12:00:00 GMT\r\nx-amz-meta-writer: {writer}\r\n");
    if asked.method == "HEAD" {
        return (200, format!("{head}Content-Length: {size}\r\n"), Vec::new());
    }
    let Some(range) = asked.headers.get("range").and_then(|range| range.strip_prefix("bytes=")) else {
        return (200, head, object.bytes.clone());
    };
    let (start, end) = range.split_once('-').unwrap();
    let (start, end): (usize, usize) = (start.parse().unwrap(), end.parse::<usize>().unwrap().min(size - 1));
    (206, format!("{head}Content-Range: bytes {start}-{end}/{size}\r\n"), object.bytes[start..=end].to_vec())
}

fn listed(asked: &Asked, objects: &BTreeMap<String, Object>) -> String {
    let of = |name: &str| asked.query.get(name).map(String::as_str).unwrap_or_default();
    let prefix = of("prefix");
    let mut entries: Vec<String> = Vec::new();
    for key in objects.keys().filter_map(|key| key.strip_prefix(prefix)) {
        // With a delimiter a folder stands for all that it holds.
        let folder = key.split_once('/').filter(|_| !of("delimiter").is_empty());
        let entry = folder.map_or(key.to_owned(), |(folder, _)| format!("{folder}/"));
        if !entries.contains(&entry) {
            entries.push(entry);
        }
    }
    let left: Vec<&String> = entries.iter().filter(|entry| entry.as_str() > of("continuation-token")).collect();
    let mut text = String::from("<ListBucketResult>");
    for entry in left.iter().take(PAGE) {
        text += &match entry.strip_suffix('/') {
            Some(_) => format!("<CommonPrefixes><Prefix>{prefix}{entry}</Prefix></CommonPrefixes>"),
            None => format!(
                "<Contents><Key>{prefix}{entry}</Key><Size>1</Size><LastModified>2024-05-01T12:00:00Z</LastModified></Contents>"
            ),
        };
    }
    if left.len() > PAGE {
        text += &format!("<NextContinuationToken>{}</NextContinuationToken>", left[PAGE - 1]);
    }
    text + "</ListBucketResult>"
}

/// `word` without its percent signs.
fn plain(word: &str) -> String {
    let mut parts = word.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        bytes.push(u8::from_str_radix(&part[..2], 16).unwrap());
        bytes.extend(part[2..].bytes());
    }
    String::from_utf8(bytes).unwrap()
}
