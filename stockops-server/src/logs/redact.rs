//! `Redactor`: takes secrets out of a line.

use std::borrow::Cow;

/// What stands in the place of a secret.
const REDACTED: &str = "[redacted]";
/// Words after which a secret follows, up to the next character that is no part of one.
const BEFORE: [&str; 6] = ["bearer ", "basic ", "api_key=", "apikey=", "access_token=", "password="];

/// Takes known secrets out of a line, and what looks like one.
#[derive(Clone, Default)]
pub(crate) struct Redactor {
    secrets: Vec<String>,
}

impl Redactor {
    /// `secrets` also as JSON writes them.
    pub(crate) fn new(secrets: Vec<String>) -> Self {
        let in_json = |secret: &String| {
            serde_json::to_string(secret).map_or_else(|_| secret.clone(), |text| text.trim_matches('"').to_owned())
        };
        let mut all: Vec<String> = secrets
            .iter()
            .filter(|secret| secret.len() >= 4)
            .flat_map(|secret| [secret.clone(), in_json(secret)])
            .collect();
        // The longest first: one may hold another.
        all.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        all.dedup();
        Self { secrets: all }
    }

    /// The line without secrets.
    pub(crate) fn clean<'l>(&self, line: &'l str) -> Cow<'l, str> {
        let mut line = Cow::Borrowed(line);
        for secret in &self.secrets {
            if line.contains(secret.as_str()) {
                line = line.replace(secret.as_str(), REDACTED).into();
            }
        }
        for word in BEFORE {
            line = after(line, word);
        }
        credentials(line)
    }
}

/// Cut what follows `word`, in any case of its letters.
fn after<'l>(line: Cow<'l, str>, word: &str) -> Cow<'l, str> {
    let lower = line.to_ascii_lowercase();
    if !lower.contains(word) {
        return line;
    }
    let is_part = |c: char| c.is_ascii_alphanumeric() || "-._~+/=%".contains(c);
    let (mut clean, mut at) = (String::with_capacity(line.len()), 0);
    for (found, _) in lower.match_indices(word) {
        let start = found + word.len();
        if start < at {
            continue;
        }
        let length = line[start..].find(|c| !is_part(c)).unwrap_or(line.len() - start);
        clean.push_str(&line[at..start]);
        clean.push_str(if length > 0 { REDACTED } else { "" });
        at = start + length;
    }
    clean.push_str(&line[at..]);
    clean.into()
}

/// Cut user and password out of addresses.
fn credentials(line: Cow<'_, str>) -> Cow<'_, str> {
    if !line.contains("://") {
        return line;
    }
    let mut parts = line.split("://");
    let mut clean = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        clean.push_str("://");
        let end = part.find(|c: char| c.is_whitespace() || "/\"'<>?#\\".contains(c)).unwrap_or(part.len());
        match part[..end].rfind('@') {
            Some(at) => {
                clean.push_str(REDACTED);
                clean.push_str(&part[at..]);
            }
            None => clean.push_str(part),
        }
    }
    clean.into()
}

impl std::fmt::Debug for Redactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Redactor").field("secrets", &self.secrets.len()).finish()
    }
}
