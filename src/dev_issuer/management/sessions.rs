//! The single sign-on sessions of a user: listed, and ended all at once.

use serde_json::{Value, json};

use super::{
    answer::{Answer, Refusal, ok},
    call::{Call, key_of},
};
use crate::dev_issuer::basics::clock;
use crate::dev_issuer::state::tenant::{SsoSession, sid};

/// `GET /api/v1/users/{user_id}/sessions`
pub(super) async fn list(call: Call) -> Answer {
    let state = call.tenant.state();
    let id = call.path("user_id");
    let key = key_of(&state, id).map_err(Refusal::with_404)?;
    let shown = |(name, session): (&String, &SsoSession)| {
        json!({
            "user_id": id,
            "client_id": call.tenant.client.id,
            "expires_on": clock::text(state.end_of(session)),
            "session_id": format!("session_0x{}", sid(name)),
            "started_on": clock::text(session.authenticated_at),
            "updated_on": clock::text(session.last_active_at()),
        })
    };
    let mut sessions: Vec<Value> = state.sessions_of(&key).into_iter().map(shown).collect();
    sessions.sort_by_key(|session| session["started_on"].to_string() + &session["session_id"].to_string());
    ok(json!({"sessions": sessions, "has_more": false}))
}

/// `DELETE /api/v1/users/{user_id}/sessions`. Refresh tokens end with the sessions; access tokens live on.
pub(super) async fn end(call: Call) -> Answer {
    let mut state = call.tenant.state();
    let key = key_of(&state, call.path("user_id")).map_err(Refusal::with_404)?;
    state.end_access_of(&key);
    ok(json!({}))
}
