//! Metrics for Prometheus, at `/metrics` of a listener of their own (`METRICS_ADDR`) and nowhere else. Unset, nothing
//! is recorded. What of them is counted in `auth` is documented there, under "Metrics".
//!
//! | metric | what it says | labels |
//! | --- | --- | --- |
//! | `kinde_leptos_http_requests_total` | requests that have ended | `route`: the template of the path, such as `/items/{item_id}`, or `unmatched`; `method`: `GET`, `HEAD`, `POST` or `other`; `status`: that of the response, or `none` where the client hung up before there was one |
//! | `kinde_leptos_http_request_duration_seconds` | a histogram of them, in seconds, from the request's head to the response's | `route`, `method` |
//! | `kinde_leptos_http_requests_in_flight` | requests that have no response yet | |
//! | `kinde_leptos_rate_limited_requests_total` | requests refused with 429, because their address sends too many | `requests`: `sign_in`, `callback`, `portal`, `forgery` |
//! | `kinde_leptos_build_info` | always 1 | `version`; `profile`: `debug`, `release` |
//! | `process_cpu_seconds_total`, `process_start_time_seconds`, `process_resident_memory_bytes`, `process_virtual_memory_bytes`, `process_threads`, `process_open_fds`, `process_max_fds` | the process, as Prometheus' own clients name it; those on memory, threads and descriptors on Linux | |
//! | `tokio_workers`, `tokio_alive_tasks`, `tokio_global_queue_depth`, `tokio_worker_busy_seconds_total` | the async runtime; the last is the sum of all workers | |
//!
//! No label has a value that a visitor can make up: an unknown path is `unmatched`, an unknown method `other`. The
//! figures name no user, no address and no session, but they tell strangers how much the site is used, so the port
//! belongs to the machine itself or to a private network.
//!
//! # Dashboard and alerts
//!
//! `metrics/dashboard.json` is a dashboard for Grafana (Dashboards, New, Import; it asks for the Prometheus data source).
//! `metrics/alerts.yaml` are alert rules for Prometheus (`rule_files`), tested by `metrics/alerts_test.yaml`:
//!
//! ```yaml
#![doc = include_str!("metrics/alerts.yaml")]
//! ```

mod process;
mod requests;
mod runtime;
mod text;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::response::IntoResponse;
use axum::routing::get;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use metrics::{Counter, Gauge, Histogram, Key, Label, Level, Metadata, Recorder, Unit};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle, PrometheusRecorder};

use super::{Drain, Listeners};
use crate::paths::METRICS;
pub(super) use requests::RequestMetrics;
use text::{Kind, Text};

/// The upper bounds of all histograms, in seconds: from a page that reads nothing to the longest wait for the issuer.
const BUCKETS: [f64; 14] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
/// Durations are kept one by one until they are read, or this time has passed.
const UPKEEP_INTERVAL: Duration = Duration::from_secs(5);
/// The text format of Prometheus.
const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

const METADATA: Metadata<'static> = Metadata::new(module_path!(), Level::INFO, Some(module_path!()));

/// The metrics of a process. Cheap to clone.
#[derive(Clone)]
pub struct Metrics(Arc<Recorded>);

struct Recorded {
    recorder: PrometheusRecorder,
    handle: PrometheusHandle,
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

impl Metrics {
    /// Nothing is recorded yet.
    pub fn new() -> Self {
        let builder = PrometheusBuilder::new().set_buckets(&BUCKETS).expect("there are buckets");
        let recorder = builder.build_recorder();
        Self(Arc::new(Recorded { handle: recorder.handle(), recorder }))
    }

    /// Makes something that looks up its handles when it is made, such as a [`Client`](crate::auth::Client): these metrics
    /// receive what it counts.
    pub fn receive_from<T>(&self, make: impl FnOnce() -> T) -> T {
        metrics::with_local_recorder(&self.0.recorder, make)
    }

    /// Serves them until the process ends.
    pub async fn serve(self, listeners: Listeners) {
        let upkeep = async {
            loop {
                tokio::time::sleep(UPKEEP_INTERVAL).await;
                self.0.handle.run_upkeep();
            }
        };
        tokio::join!(listeners.serve(self.router(), std::future::pending(), Drain::default()), upkeep);
    }

    fn router(&self) -> Router {
        Router::new()
            .route(METRICS, get(respond))
            .fallback(async || (StatusCode::NOT_FOUND, "Metrics are at /metrics.\n"))
            .with_state(self.clone())
    }

    /// All figures as they are now, in the text format of Prometheus. Inside a tokio runtime.
    pub fn scrape(&self) -> String {
        let mut text = Text::after(self.0.handle.render());
        let profile = if cfg!(debug_assertions) { "debug" } else { "release" };
        let labels = [("version", env!("CARGO_PKG_VERSION")), ("profile", profile)];
        text.add(Kind::Gauge, "kinde_leptos_build_info", "The program: always 1.", &labels, 1.0);
        process::add_to(&mut text);
        runtime::add_to(&mut text);
        text.finish()
    }

    pub(super) fn counter(&self, name: &'static str, help: &'static str, labels: &[Pair<'_>]) -> Counter {
        let recorder = &self.0.recorder;
        recorder.describe_counter(name.into(), Some(Unit::Count), help.into());
        recorder.register_counter(&key(name, labels), &METADATA)
    }

    fn gauge(&self, name: &'static str, help: &'static str) -> Gauge {
        let recorder = &self.0.recorder;
        recorder.describe_gauge(name.into(), Some(Unit::Count), help.into());
        recorder.register_gauge(&key(name, &[]), &METADATA)
    }

    fn duration(&self, name: &'static str, help: &'static str, labels: &[Pair<'_>]) -> Histogram {
        let recorder = &self.0.recorder;
        recorder.describe_histogram(name.into(), Some(Unit::Seconds), help.into());
        recorder.register_histogram(&key(name, labels), &METADATA)
    }
}

/// A label's name and value.
type Pair<'a> = (&'static str, &'a str);

fn key(name: &'static str, labels: &[Pair<'_>]) -> Key {
    let labels = labels.iter().map(|(name, value)| Label::new(*name, (*value).to_owned()));
    Key::from_parts(name, labels.collect::<Vec<_>>())
}

async fn respond(State(metrics): State<Metrics>) -> impl IntoResponse {
    ([(CONTENT_TYPE, TEXT)], metrics.scrape())
}
