//! The routes of the management API, one for each of Kinde's operations, and the response to what Kinde does not have
//! either.

use axum::{Router, middleware::from_fn_with_state, routing::any};

use super::{
    answer::Refusal,
    authorization::authorize,
    operations::{Coverage, operations},
};
use crate::dev_issuer::state::tenant::SharedTenant;

/// Returns the routes. Those that the tenant serves check the scope first.
pub(crate) fn router(tenant: &SharedTenant) -> Router<SharedTenant> {
    let mut router = Router::new();
    for operation in operations() {
        // The routes of the front-end API are elsewhere.
        let Some(handler) = operation.handler else { continue };
        let handler = match operation.coverage {
            Coverage::Not => handler,
            _ => handler.layer(from_fn_with_state((tenant.clone(), operation.scope), authorize)),
        };
        router = router.route(operation.path, handler);
    }
    router.route("/api/v1/{*path}", any(async || Refusal::NoRoute))
}
