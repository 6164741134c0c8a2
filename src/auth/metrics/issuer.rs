//! The metrics of requests to the issuer, and of the circuit breakers that hold them back.

use std::time::Duration;

use metrics::Gauge;

use super::{Counters, Durations, Labels, Metric, gauge, label};

const REQUESTS: Metric =
    Metric { name: "kinde_leptos_issuer_requests_total", help: "Requests to the issuer that were sent." };
const REQUEST_DURATION: Metric = Metric {
    name: "kinde_leptos_issuer_request_duration_seconds",
    help: "Requests to the issuer, from connecting to the last byte of the response.",
};
const HELD_BACK: Metric = Metric {
    name: "kinde_leptos_issuer_requests_held_back_total",
    help: "Requests to the issuer that a circuit breaker did not let through.",
};
const BREAKER_OPEN: Metric = Metric {
    name: "kinde_leptos_issuer_breaker_open",
    help: "1 while the last five requests or more had no response, else 0.",
};
const BREAKER_LIMITED: Metric = Metric {
    name: "kinde_leptos_issuer_breaker_limited",
    help: "1 from a 429 of the issuer until a later request succeeds, else 0.",
};

label! {
    /// What of the issuer a request goes to.
    "endpoint": Endpoint {
        Discovery = "discovery",
        Keys = "keys",
        Token = "token",
        Userinfo = "userinfo",
        Revocation = "revocation",
        /// Kinde's lists of what a user may do.
        AccountApi = "account_api",
        /// Kinde's link to its portal.
        PortalLink = "portal_link",
    }
}

label! {
    /// How a request to the issuer ended.
    "outcome": RequestOutcome {
        /// A response with 2xx.
        Success = "success",
        /// 4xx, except 429.
        Refused = "refused",
        /// 429.
        Limited = "limited",
        /// 5xx, or a redirect, which is not followed.
        Error = "error",
        /// A response of more than 1 MiB.
        TooLarge = "too_large",
        /// No response in time.
        Timeout = "timeout",
        /// No connection, or one that broke.
        Unreachable = "unreachable",
    }
}

label! {
    /// Why a request was held back.
    "reason": HeldBackBy {
        /// The last requests had no response.
        Open = "open",
        /// The issuer limits our requests.
        Limited = "limited",
    }
}

label! {
    /// Which requests a circuit breaker is for.
    "breaker": Breaker {
        /// Sign-ins, refreshes, revocations, and the documents that they need.
        SignIn = "sign_in",
        /// What users may do.
        AccountApi = "account_api",
    }
}

/// The requests of one client.
#[derive(Debug)]
pub(in crate::auth) struct IssuerMetrics {
    requests: Counters<(Endpoint, RequestOutcome)>,
    durations: Durations<Endpoint>,
}

impl IssuerMetrics {
    pub(in crate::auth) fn register() -> Self {
        Self { requests: Counters::register(&REQUESTS, &[]), durations: Durations::register(&REQUEST_DURATION, &[]) }
    }

    pub(in crate::auth) fn requested(&self, endpoint: Endpoint, outcome: RequestOutcome, took: Duration) {
        self.requests.increment((endpoint, outcome));
        self.durations.record(endpoint, took);
    }
}

/// One circuit breaker.
#[derive(Debug)]
pub(in crate::auth) struct BreakerMetrics {
    held_back: Option<Counters<HeldBackBy>>,
    open: Gauge,
    limited: Gauge,
}

/// Of a breaker that lives only for a moment: counts nothing.
impl Default for BreakerMetrics {
    fn default() -> Self {
        Self { held_back: None, open: Gauge::noop(), limited: Gauge::noop() }
    }
}

impl BreakerMetrics {
    pub(in crate::auth) fn register(breaker: Breaker) -> Self {
        let labels = breaker.pairs();
        let metrics = Self {
            held_back: Some(Counters::register(&HELD_BACK, &labels)),
            open: gauge(&BREAKER_OPEN, &labels),
            limited: gauge(&BREAKER_LIMITED, &labels),
        };
        metrics.is(false, false);
        metrics
    }

    pub(in crate::auth) fn held_back(&self, by: HeldBackBy) {
        if let Some(held_back) = &self.held_back {
            held_back.increment(by);
        }
    }

    /// The state that the last response, or its lack, led to.
    pub(in crate::auth) fn is(&self, open: bool, limited: bool) {
        self.open.set(u8::from(open));
        self.limited.set(u8::from(limited));
    }
}
