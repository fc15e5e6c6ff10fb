//! Requests by the template of their route.

use prometheus::{HistogramVec, IntCounterVec, IntGauge, Registry};

use super::{ANSWER_SECONDS, Metrics, counters, gauge, histograms};

#[derive(Debug)]
pub(super) struct Http {
    requests: IntCounterVec,
    seconds: HistogramVec,
    answers: IntCounterVec,
    pub(super) in_progress: IntGauge,
}

/// Classes of a status.
const CLASSES: [&str; 4] = ["2xx", "3xx", "4xx", "5xx"];

impl Http {
    pub(super) fn new(registry: &Registry) -> Self {
        let labels = ["handler", "method", "status"];
        let answers = "Requests that were answered, probes and scrapes left out, by class of status.";
        let answers = counters(registry, "stockops_answers_total", answers, &["class"]);
        // A first failure is only seen as an increase where 0 stood before.
        CLASSES.iter().for_each(|class| drop(answers.with_label_values(&[class])));
        Self {
            answers,
            requests: counters(registry, "http_requests_total", "Requests, by route, method and status.", &labels),
            seconds: histograms(
                registry,
                "http_request_duration_seconds",
                "Time until an answer began, by route and method.",
                &labels[..2],
                &ANSWER_SECONDS,
            ),
            in_progress: gauge(registry, "http_requests_in_progress", "Requests that have no answer yet."),
        }
    }
}

impl Metrics {
    /// A request of `route` (its template, such as `/status/{task_id}`) was answered. Methods that are none of HTTP's usual ones
    /// count as `other`.
    pub(crate) fn answered(&self, route: &str, method: &str, status: u16, seconds: f64) {
        const METHODS: [&str; 7] = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];
        let method = METHODS.into_iter().find(|known| *known == method).unwrap_or("other");
        self.0.http.requests.with_label_values(&[route, method, &status.to_string()]).inc();
        self.0.http.seconds.with_label_values(&[route, method]).observe(seconds);
    }

    /// A request of a client, which is no probe and no scrape, was answered.
    pub(crate) fn answered_client(&self, status: u16) {
        let class = CLASSES[usize::from(status / 100).clamp(2, 5) - 2];
        self.0.http.answers.with_label_values(&[class]).inc();
    }

    /// A request came; its answer is told by dropping what this returns.
    pub(crate) fn in_progress(&self) -> impl Drop + Send + use<> {
        InProgress::new(self.0.http.in_progress.clone())
    }
}

struct InProgress(IntGauge);

impl InProgress {
    fn new(gauge: IntGauge) -> Self {
        gauge.inc();
        Self(gauge)
    }
}

impl Drop for InProgress {
    fn drop(&mut self) {
        self.0.dec();
    }
}
