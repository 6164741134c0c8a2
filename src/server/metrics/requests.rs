//! `RequestMetrics`: counts the requests of the site and measures them. They stand around all layers, so that a request
//! that is refused before it is routed counts too.

use std::sync::OnceLock;
use std::time::Instant;

use http::{Method, StatusCode};
use metrics::{Counter, Gauge, Histogram};

use super::Metrics;
use crate::server::route_templates::{MatchedTemplate, RouteTemplates};

const REQUESTS: (&str, &str) =
    ("kinde_leptos_http_requests_total", "Requests that have ended; status none: the client hung up before.");
const DURATION: (&str, &str) =
    ("kinde_leptos_http_request_duration_seconds", "Requests, from their head to the head of the response.");
const IN_FLIGHT: (&str, &str) = ("kinde_leptos_http_requests_in_flight", "Requests that have no response yet.");

/// What a path is called that no route takes.
const UNMATCHED: &str = "unmatched";
/// The status of a request without a response.
const NO_STATUS: &str = "none";

/// The methods that are told apart: those of the site's routes, and all others together.
const METHODS: [&str; 4] = ["GET", "HEAD", "POST", "other"];
const OTHER_METHOD: usize = METHODS.len() - 1;

/// The requests of a site.
pub(in crate::server) struct RequestMetrics {
    metrics: Metrics,
    /// In the order of the templates.
    routes: Vec<Route>,
    unmatched: Route,
    in_flight: Gauge,
}

/// A route, with what is known of each method's requests for it.
struct Route {
    template: String,
    by_method: [OnceLock<Box<Counted>>; METHODS.len()],
}

/// The requests for one route with one method.
struct Counted {
    duration: Histogram,
    first: Link,
}

/// A status among those that have occurred, in the order in which they did.
struct ByStatus {
    status: Option<StatusCode>,
    counter: Counter,
    next: Link,
}

type Link = OnceLock<Box<ByStatus>>;

/// A request that has no response yet. It counts when this is dropped.
pub(in crate::server) struct UnderWay<'a> {
    requests: &'a RequestMetrics,
    route: &'a Route,
    method: usize,
    begun: Instant,
    status: Option<StatusCode>,
}

impl RequestMetrics {
    /// For the routes of these templates.
    pub(in crate::server) fn new(metrics: &Metrics, templates: &RouteTemplates) -> Self {
        let routes = templates.all().map(|template| Route::new(template.to_owned())).collect();
        let in_flight = metrics.gauge(IN_FLIGHT.0, IN_FLIGHT.1);
        Self { metrics: metrics.clone(), routes, unmatched: Route::new(UNMATCHED.to_owned()), in_flight }
    }

    /// Counts a request as one that has no response yet.
    pub(in crate::server) fn begin(&self, method: &Method, matched: Option<MatchedTemplate<'_>>) -> UnderWay<'_> {
        self.in_flight.increment(1);
        let route = matched.and_then(|matched| self.routes.get(matched.place)).unwrap_or(&self.unmatched);
        UnderWay { requests: self, route, method: place_of(method), begun: Instant::now(), status: None }
    }
}

impl UnderWay<'_> {
    /// Counts the request as one that has a response.
    pub(in crate::server) fn end(mut self, status: StatusCode) {
        self.status = Some(status);
    }

    fn counted(&self) -> &Counted {
        self.route.by_method[self.method].get_or_init(|| {
            let duration = self.requests.metrics.duration(DURATION.0, DURATION.1, &self.labels());
            Box::new(Counted { duration, first: Link::new() })
        })
    }

    fn counter<'a>(&self, counted: &'a Counted) -> &'a Counter {
        counted.of(self.status, || {
            let status = self.status.as_ref().map_or(NO_STATUS, StatusCode::as_str);
            let [route, method] = self.labels();
            self.requests.metrics.counter(REQUESTS.0, REQUESTS.1, &[route, method, ("status", status)])
        })
    }

    fn labels(&self) -> [(&'static str, &str); 2] {
        [("route", &self.route.template), ("method", METHODS[self.method])]
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.requests.in_flight.decrement(1);
        let counted = self.counted();
        counted.duration.record(self.begun.elapsed());
        self.counter(counted).increment(1);
    }
}

impl Counted {
    /// The counter of a status, which is made when that occurs for the first time.
    fn of(&self, status: Option<StatusCode>, make: impl Fn() -> Counter) -> &Counter {
        let mut link = &self.first;
        loop {
            let found = link.get_or_init(|| Box::new(ByStatus { status, counter: make(), next: Link::new() }));
            if found.status == status {
                return &found.counter;
            }
            link = &found.next;
        }
    }
}

impl Route {
    fn new(template: String) -> Self {
        Self { template, by_method: Default::default() }
    }
}

fn place_of(method: &Method) -> usize {
    METHODS.iter().position(|name| *name == method.as_str()).unwrap_or(OTHER_METHOD)
}
