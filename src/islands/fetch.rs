//! `fetch` of this site's own addresses, by the browser's own function.
//! It reads nothing out of an answer but its text; a status that is an error is an answer like any other.

use js_sys::JsString;
use leptos::prelude::window;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Headers, RequestInit, Response};

/// What came back.
pub(super) struct Fetched {
    /// The HTTP status.
    pub(super) status: u16,
    /// The whole body.
    pub(super) text: String,
}

/// Asks for JSON.
///
/// # Errors
/// The browser's own error when there was no answer at all, or it broke off.
pub(super) async fn get(address: &str) -> Result<Fetched, JsValue> {
    send(address, &RequestInit::new()).await
}

/// Sends a form.
///
/// # Errors
/// As [`get`].
pub(super) async fn post(address: &str, form: &str) -> Result<Fetched, JsValue> {
    let request = RequestInit::new();
    request.set_method("POST");
    request.set_body(&form.into());
    send(address, &request).await
}

async fn send(address: &str, request: &RequestInit) -> Result<Fetched, JsValue> {
    let headers = Headers::new()?;
    headers.set("Accept", "application/json")?;
    headers.set("Content-Type", "application/x-www-form-urlencoded")?;
    request.set_headers(&headers);
    let response = JsFuture::from(window().fetch_with_str_and_init(address, request)).await?;
    let response: Response = response.unchecked_into();
    let text = JsFuture::from(response.text()?).await?;
    Ok(Fetched { status: response.status(), text: text.unchecked_into::<JsString>().into() })
}
