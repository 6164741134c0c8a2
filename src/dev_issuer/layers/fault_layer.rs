//! The layer that applies conditions and disturbances to the responses of the protocol endpoints, so that no endpoint
//! contains code for them. They are in `faults::conditions` and `faults::disturbance`.

use std::time::Duration;

use axum::{
    Extension,
    extract::{Request, State},
    middleware::Next,
    response::Response,
};

use crate::dev_issuer::basics::{connection::ConnectionHandle, parameters::Parameters};
use crate::dev_issuer::faults::{
    disturbance::{Disturbance, STOLEN_PATH},
    fault::Endpoint,
};
use crate::dev_issuer::protocol::paths::{KINDE_ACCOUNT_API, KINDE_MANAGEMENT_API, Paths, SIGN_IN};
use crate::dev_issuer::state::tenant::SharedTenant;

/// Applies the condition and the disturbances that are on for the endpoint of the request.
pub(crate) async fn disturb(
    State(tenant): State<SharedTenant>,
    Extension(connection): Extension<ConnectionHandle>,
    request: Request,
    next: Next,
) -> Response {
    let endpoints = endpoints_of(tenant.paths(), &request);
    let (condition, disturbances, slow, times) = {
        let mut state = tenant.state();
        let slow = Duration::from_secs(state.settings.slow_seconds);
        let condition = state.conditions.of_request(&endpoints);
        (condition, state.faults.disturbances(&endpoints), slow, state.settings.waiting_times())
    };
    // Without loss no random value is used, so that a repeated run has the same values with conditions and without.
    let is_lost = condition.loss > 0.0 && tenant.random.happens(condition.loss);
    if condition.latency_ms > 0 {
        tokio::time::sleep(Duration::from_millis(condition.latency_ms)).await;
    }
    if is_lost {
        match connection.cut().await {}
    }
    for disturbance in &disturbances {
        match disturbance {
            Disturbance::Slow => tokio::time::sleep(slow).await,
            Disturbance::Drop => match connection.cut().await {},
            other => {
                if let Some(response) = other.instead(times) {
                    return response;
                }
            }
        }
    }
    let mut response = next.run(request).await;
    for disturbance in disturbances {
        if disturbance == Disturbance::Held {
            tenant.held.hold().await;
        }
        response = disturbance.spoil(response).await;
    }
    response
}

fn endpoints_of(paths: &Paths, request: &Request) -> Vec<Endpoint> {
    let refreshes = request
        .extensions()
        .get::<Parameters>()
        .is_some_and(|parameters| parameters.form("grant_type") == Some("refresh_token"));
    let path = request.uri().path();
    let endpoint = match path {
        STOLEN_PATH => return vec![],
        SIGN_IN => Endpoint::SignIn,
        _ if path == paths.discovery => Endpoint::Discovery,
        _ if paths.is_key_set(path) => Endpoint::Jwks,
        _ if path == paths.authorization => Endpoint::Authorization,
        _ if path == paths.logout => Endpoint::Logout,
        _ if path == paths.token && refreshes => return vec![Endpoint::Any, Endpoint::Token, Endpoint::Refresh],
        _ if path == paths.token => Endpoint::Token,
        _ if paths.is_user_profile(path) => Endpoint::UserProfile,
        _ if path.starts_with(KINDE_ACCOUNT_API) => Endpoint::AccountApi,
        _ if path.starts_with(KINDE_MANAGEMENT_API) => Endpoint::Management,
        _ if path == paths.revocation => Endpoint::Revocation,
        _ if path == paths.introspection => Endpoint::Introspection,
        _ => return vec![Endpoint::Any],
    };
    vec![Endpoint::Any, endpoint]
}
