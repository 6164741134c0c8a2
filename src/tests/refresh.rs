//! Refreshing tokens (RF of the security catalogue): once for each expiry, and no trouble at the issuer signs a user out.
//! When tokens are due is tested in `auth::client::token_times`.

mod access_token;
mod extractors;
mod holders;
mod once;
mod outcomes;
mod sign_out;

use std::time::Duration;

use kinde_leptos::auth::Session;
use serde_json::{Value, json};

use crate::harness::{BreakableStore, Site, person};

/// How long the access tokens of these tests live.
const LIFETIME: Duration = Duration::from_secs(60);
/// The pause after a failure with its jitter.
const PAUSE: Duration = Duration::from_secs(9);
/// Longer than a holder of the turn may take.
const TAKEN_OVER: Duration = Duration::from_secs(16);

/// Access tokens that live for a minute, and refresh tokens that work once: a second use ends the grant.
async fn shorten_lives(site: &Site) {
    let lifetime = LIFETIME.as_secs();
    site.tenant.settings(json!({"access_token_lifetime": lifetime, "refresh_overlap": 0})).await;
}

async fn site() -> Site {
    let site = Site::start().await;
    shorten_lives(&site).await;
    site
}

async fn breakable_site() -> (Site, std::sync::Arc<BreakableStore>) {
    let (site, store) = Site::start_breakable(|_| {}).await;
    shorten_lives(&site).await;
    (site, store)
}

/// Moves the clocks of the app and of the tenant.
async fn pass(site: &Site, time: Duration) {
    site.advance(time);
    site.tenant.settings(json!({"clock_offset": site.seconds_ahead()})).await;
}

/// Lets the access tokens end.
async fn expire(site: &Site) {
    pass(site, LIFETIME).await;
}

/// How many refreshes the tenant was asked for.
async fn refreshes(site: &Site) -> usize {
    let is_refresh = |entry: &Value| entry["form"]["grant_type"] == "refresh_token";
    site.tenant.log().await.iter().filter(|entry| is_refresh(entry)).count()
}

/// The one session of Ada.
async fn session(site: &Site) -> Session {
    let mut sessions = site.auth.sessions_of(&person("ada").subject).await.unwrap();
    assert_eq!(sessions.len(), 1);
    sessions.remove(0)
}
