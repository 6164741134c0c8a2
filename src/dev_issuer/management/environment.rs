//! The environment: the tenant itself.

use serde_json::json;

use super::{
    answer::{Answer, ok},
    call::Call,
};

/// `GET /api/v1/environment`
pub(super) async fn get(call: Call) -> Answer {
    ok(json!({"environment": {
        "code": "emulated",
        "name": "Emulated",
        "is_default": true,
        "is_live": false,
        "kinde_domain": call.tenant.origin,
        "custom_domain": null,
    }}))
}
