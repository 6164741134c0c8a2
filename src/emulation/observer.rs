//! Posts what the app verifies to the emulated tenant, whose console shows it. They meet over HTTP only.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::header::CONTENT_TYPE;
use serde::Serialize;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use crate::auth::{Verification, VerificationObserver};

/// So many wait to be posted; a tenant that is slower than that misses some.
const WAITING: usize = 512;
const TIMEOUT: Duration = Duration::from_secs(2);

/// An observer that posts to the tenant at one origin, in order. It never waits, and what does not arrive is lost.
pub struct TenantObserver(Sender<Posted>);

/// A verification, with the time on this machine in milliseconds since 1970, by which the console puts it in order.
#[derive(Serialize)]
struct Posted {
    at: u64,
    #[serde(flatten)]
    verification: Verification,
}

impl TenantObserver {
    /// An observer for the tenant at this origin, such as `http://127.0.0.1:8001`. It posts until it is dropped, in a task
    /// of the present runtime.
    ///
    /// # Panics
    /// Outside of a runtime.
    pub fn new(origin: &str) -> Self {
        let (sender, waiting) = channel(WAITING);
        tokio::spawn(post_all(format!("{origin}/dev/observations"), waiting));
        Self(sender)
    }
}

impl VerificationObserver for TenantObserver {
    fn verified(&self, verification: Verification) {
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let at = u64::try_from(since_1970.as_millis()).unwrap_or(u64::MAX);
        if self.0.try_send(Posted { at, verification }).is_err() {
            tracing::debug!("the emulated tenant is not told of a verification: too many are waiting");
        }
    }
}

async fn post_all(url: String, mut waiting: Receiver<Posted>) {
    let client = reqwest::Client::builder().no_proxy().timeout(TIMEOUT).build().unwrap_or_default();
    while let Some(posted) = waiting.recv().await {
        let Ok(body) = serde_json::to_string(&posted) else { continue };
        let request = client.post(&url).header(CONTENT_TYPE, "application/json").body(body);
        if let Err(error) = request.send().await {
            tracing::debug!(%error, "the emulated tenant is not told of a verification");
        }
    }
}
