//! The layer that applies disturbances to the responses of the protocol endpoints, so that no endpoint contains code
//! for them. The disturbances are in `faults::disturbance`.

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
use crate::dev_issuer::state::tenant::SharedTenant;

/// Applies the disturbances that are on for the endpoint of the request.
pub(crate) async fn disturb(
    State(tenant): State<SharedTenant>,
    Extension(connection): Extension<ConnectionHandle>,
    request: Request,
    next: Next,
) -> Response {
    let endpoints = endpoints_of(&request);
    let (disturbances, slow) = {
        let mut state = tenant.state();
        let slow = Duration::from_secs(state.settings.slow_seconds);
        (state.faults.disturbances(&endpoints), slow)
    };
    for disturbance in &disturbances {
        match disturbance {
            Disturbance::Slow => tokio::time::sleep(slow).await,
            Disturbance::Drop => match connection.cut().await {},
            other => {
                if let Some(response) = other.instead() {
                    return response;
                }
            }
        }
    }
    let mut response = next.run(request).await;
    for disturbance in disturbances {
        response = disturbance.spoil(response).await;
    }
    response
}

fn endpoints_of(request: &Request) -> Vec<Endpoint> {
    let refreshes = request
        .extensions()
        .get::<Parameters>()
        .is_some_and(|parameters| parameters.form("grant_type") == Some("refresh_token"));
    match request.uri().path() {
        STOLEN_PATH => vec![],
        "/.well-known/openid-configuration" => vec![Endpoint::Any, Endpoint::Discovery],
        "/.well-known/jwks" | "/.well-known/jwks.json" => vec![Endpoint::Any, Endpoint::Jwks],
        "/oauth2/token" if refreshes => vec![Endpoint::Any, Endpoint::Token, Endpoint::Refresh],
        "/oauth2/token" => vec![Endpoint::Any, Endpoint::Token],
        "/oauth2/v2/user_profile" | "/oauth2/user_profile" => {
            vec![Endpoint::Any, Endpoint::UserProfile]
        }
        "/oauth2/revoke" => vec![Endpoint::Any, Endpoint::Revocation],
        _ => vec![Endpoint::Any],
    }
}
