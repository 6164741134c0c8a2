//! Whether the process lives, and whether requests should be sent to it: for supervisors and load balancers.
//! Neither route needs a session or makes one, and neither asks the issuer.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use serde::Serialize;
use tokio::sync::Mutex;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{AppState, Drain};
use crate::auth::{Client, Reachability};

/// The store is asked at most this often, whoever wants to know: anybody may ask.
const STORE_CHECK_INTERVAL: Duration = Duration::from_millis(250);

/// What `/healthz` answers as long as it can answer.
#[derive(Serialize, ToSchema)]
struct Health {
    /// Always `alive`.
    status: &'static str,
}

/// What `/readyz` answers.
#[derive(Serialize, ToSchema)]
struct Readiness {
    status: ReadinessStatus,
    session_store: Reachability,
    /// For information: people who are signed in do not need the issuer.
    issuer: Reachability,
}

/// Whether requests should be sent to this process.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum ReadinessStatus {
    /// Yes.
    Ready,
    /// No: the session store does not answer.
    Unavailable,
    /// No: the process finishes what it has begun, and ends.
    Draining,
}

/// The session store as it was found last.
#[derive(Clone)]
struct Probe {
    auth: Client,
    drain: Drain,
    last: Arc<Mutex<Option<(Instant, Reachability)>>>,
}

/// `/healthz` and `/readyz`.
pub(super) fn router(state: &AppState) -> OpenApiRouter {
    let probe = Probe { auth: state.auth.clone(), drain: state.drain.clone(), last: Arc::default() };
    OpenApiRouter::new().routes(routes!(healthz)).routes(routes!(readyz)).with_state(probe)
}

/// Health
///
/// The process lives; a supervisor restarts one that does not answer. Nothing is looked up.
#[utoipa::path(get, path = "/healthz", tag = "operations", responses((status = 200, body = Health)))]
async fn healthz() -> Json<Health> {
    Json(Health { status: "alive" })
}

/// Readiness
///
/// Whether a load balancer should send requests to this process.
#[utoipa::path(
    get, path = "/readyz", tag = "operations",
    responses(
        (status = 200, body = Readiness, description = "Yes"),
        (status = 503, body = Readiness, description = "No: the session store does not answer, or the process is ending"),
    )
)]
async fn readyz(State(probe): State<Probe>) -> (StatusCode, Json<Readiness>) {
    let session_store = probe.session_store().await;
    let status = match session_store {
        _ if probe.drain.has_begun() => ReadinessStatus::Draining,
        Reachability::Reachable => ReadinessStatus::Ready,
        Reachability::Unreachable | Reachability::Unknown => ReadinessStatus::Unavailable,
    };
    let is_ready = status == ReadinessStatus::Ready;
    let code = if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (code, Json(Readiness { status, session_store, issuer: probe.auth.issuer_reachability() }))
}

impl Probe {
    /// Those who ask while the store is being asked share what it says.
    async fn session_store(&self) -> Reachability {
        let mut last = self.last.lock().await;
        if let Some((asked, found)) = *last
            && asked.elapsed() < STORE_CHECK_INTERVAL
        {
            return found;
        }
        let found = match self.auth.ping_store().await {
            Ok(()) => Reachability::Reachable,
            Err(_) => Reachability::Unreachable,
        };
        *last = Some((Instant::now(), found));
        found
    }
}
