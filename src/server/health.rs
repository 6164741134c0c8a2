//! Liveness and readiness of the process, for supervisors and load balancers.
//! Neither route needs a session or makes one, and neither sends a request to the issuer.

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
use crate::paths::{HEALTH, READINESS};

/// The store is pinged at most this often, because anybody may request readiness.
const STORE_CHECK_INTERVAL: Duration = Duration::from_millis(250);

/// The response of `/healthz`, as long as the process lives.
#[derive(Serialize, ToSchema)]
struct Health {
    /// Always `alive`.
    #[schema(pattern = "^alive$")]
    status: &'static str,
}

/// The response of `/readyz`.
#[derive(Serialize, ToSchema)]
struct Readiness {
    status: ReadinessStatus,
    session_store: Reachability,
    /// For information: users who are signed in do not need the issuer.
    issuer: Reachability,
}

/// Whether requests should be sent to this process.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum ReadinessStatus {
    /// Yes.
    Ready,
    /// No: the session store does not respond.
    Unavailable,
    /// No: the process finishes what it has begun, and ends.
    Draining,
}

/// The reachability of the session store, as it was found last.
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
/// The process lives; a supervisor restarts one that does not respond. Nothing is looked up.
#[utoipa::path(get, path = HEALTH, tag = "operations", responses((status = 200, body = Health, description = "Alive")))]
async fn healthz() -> Json<Health> {
    Json(Health { status: "alive" })
}

/// Readiness
///
/// Whether a load balancer should send requests to this process.
#[utoipa::path(
    get, path = READINESS, tag = "operations",
    responses(
        (status = 200, body = Readiness, description = "Yes"),
        (status = 503, body = Readiness, description = "No: the session store does not respond, or the process is ending"),
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
    /// Requests that arrive during a ping share its result.
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
