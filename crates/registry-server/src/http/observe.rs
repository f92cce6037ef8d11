//! What is told of requests: an id, a line of the log, numbers for Prometheus.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry as Numbers;

use super::route::Route;
use super::{caller, respond};
use crate::identity::redact::redact;
use crate::proxy::UpstreamNumbers;

const REQUEST_ID: &str = "x-request-id";

/// The numbers of one process.
pub(crate) struct Metrics {
    numbers: Numbers,
    requests: Family<Labels, Counter>,
    durations: Family<KindLabels, Histogram>,
    running: Gauge,
    /// What proxies tell.
    pub upstreams: UpstreamNumbers,
    /// What ids of requests begin with: a time, so that those of another run differ.
    run: u64,
    count: AtomicU64,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Labels {
    route: &'static str,
    method: &'static str,
    status: u16,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct KindLabels {
    route: &'static str,
}

/// Seconds: from what memory answers to what a client gives up on.
const BUCKETS: [f64; 12] = [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0];

impl Metrics {
    /// Counts from now on; `run` tells this run's ids from another's.
    pub fn new(run: u64) -> Metrics {
        let mut numbers = Numbers::with_prefix("knit_registry");
        let requests = Family::<Labels, Counter>::default();
        let durations = Family::<KindLabels, Histogram>::new_with_constructor(|| Histogram::new(BUCKETS));
        let running = Gauge::default();
        numbers.register("requests", "Requests answered", requests.clone());
        numbers.register("request_seconds", "Time to the head of an answer", durations.clone());
        numbers.register(
            "running_requests",
            "Requests that wait for the head of their answer",
            running.clone(),
        );
        let upstreams = UpstreamNumbers::register(&mut numbers);
        Metrics { upstreams, numbers, requests, durations, running, run, count: AtomicU64::new(0) }
    }

    /// `GET /-/metrics`, in the OpenMetrics text format.
    pub fn answer(&self) -> Response {
        let mut text = String::new();
        if prometheus_client::encoding::text::encode(&mut text, &self.numbers).is_err() {
            return respond::error(StatusCode::INTERNAL_SERVER_ERROR, "the numbers cannot be written");
        }
        let mut response = respond::json(StatusCode::OK, text);
        let kind = HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
        response
    }

    /// The id that a client or a proxy gave a request, or a new one.
    fn id(&self, headers: &HeaderMap) -> String {
        let given = headers.get(REQUEST_ID).and_then(|value| value.to_str().ok());
        let is_plain = |id: &&str| {
            (1..=64).contains(&id.len()) && id.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
        };
        match given.filter(is_plain) {
            Some(id) => id.to_owned(),
            None => {
                let mut id = String::with_capacity(24);
                let _ = write!(id, "{:x}-{:x}", self.run, self.count.fetch_add(1, Ordering::Relaxed));
                id
            }
        }
    }

    fn count(&self, route: &'static str, method: &'static str, status: StatusCode, took: Duration) {
        let status = status.as_u16();
        self.requests.get_or_create(&Labels { route, method, status }).inc();
        self.durations.get_or_create(&KindLabels { route }).observe(took.as_secs_f64());
    }
}

/// Around every request.
pub(super) async fn observe(State(metrics): State<Arc<Metrics>>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = metrics.id(request.headers());
    let method = method_label(request.method());
    let path = request.uri().path().to_owned();
    let client = caller::address(request.extensions());
    let agent = request.headers().get(header::USER_AGENT).cloned();
    let route = Route::parse(&path).map_or("none", |route| route.kind());
    metrics.running.inc();
    let mut response = next.run(request).await;
    metrics.running.dec();
    let took = started.elapsed();
    metrics.count(route, method, response.status(), took);
    let path = without_secret(&path);
    tracing::info!(
        id,
        method,
        path = %path,
        %client,
        status = response.status().as_u16(),
        milliseconds = took.as_secs_f64() * 1e3,
        agent = agent.as_ref().and_then(|agent| agent.to_str().ok()),
        "answered"
    );
    if let Ok(id) = HeaderValue::try_from(id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

/// Paths are names of packages and versions, but for a few that end in what only their owner may know.
fn without_secret(path: &str) -> std::borrow::Cow<'_, str> {
    const SECRET: [&str; 3] = ["/-/user/token/", "/-/v1/", "/-/web/command-line/"];
    match SECRET.iter().find(|before| path.starts_with(**before) && path != "/-/v1/search") {
        Some(before) => format!("{before}***").into(),
        // npm revokes a token that it does not find in the list by the token itself
        None => redact(path).into(),
    }
}

/// One of a fixed set: what clients invent is not counted apart.
fn method_label(method: &http::Method) -> &'static str {
    match *method {
        http::Method::GET => "GET",
        http::Method::HEAD => "HEAD",
        http::Method::PUT => "PUT",
        http::Method::POST => "POST",
        http::Method::DELETE => "DELETE",
        _ => "other",
    }
}
