//! The requests that the tenant itself sends to the app: their client, and what it reads of a response.

use std::time::Duration;

/// How long the receiver may take.
const TIMEOUT: Duration = Duration::from_secs(20);
/// What is read of the body of a response.
const READ_BYTES: usize = 64 * 1024;

/// Returns the client. It follows no redirect, so that nothing the tenant sends goes to another address.
pub(crate) fn client() -> reqwest::Client {
    let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).timeout(TIMEOUT);
    client.build().unwrap_or_default()
}

/// Returns the beginning of the body as a text, and whether there was more. A body that breaks off ends there.
pub(crate) async fn beginning_of_body(mut response: reqwest::Response) -> (String, bool) {
    let mut bytes = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > READ_BYTES {
            break;
        }
    }
    let is_cut = bytes.len() > READ_BYTES;
    bytes.truncate(READ_BYTES);
    (String::from_utf8_lossy(&bytes).into_owned(), is_cut)
}
