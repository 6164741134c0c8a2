//! Requests to this site's own addresses, by the browser's `fetch`.
//! A response with an error status is a response like any other.

use js_sys::JsString;
use leptos::prelude::window;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{RequestInit, Response, UrlSearchParams};

/// A response, read to its end.
pub(super) struct Fetched {
    /// The HTTP status.
    pub(super) status: u16,
    /// The whole body.
    pub(super) text: String,
}

/// Sends a GET request.
///
/// # Errors
/// The browser's own error when there was no response, or it broke off.
pub(super) async fn get(address: &str) -> Result<Fetched, JsValue> {
    let response = JsFuture::from(window().fetch_with_str(address)).await?;
    let response: Response = response.unchecked_into();
    let text = JsFuture::from(response.text()?).await?;
    Ok(Fetched { status: response.status(), text: text.unchecked_into::<JsString>().into() })
}

/// Sends a form by POST, and ignores the response.
///
/// # Errors
/// The browser's own error when there was no response.
pub(super) async fn post(address: &str, form: &str) -> Result<(), JsValue> {
    let form = UrlSearchParams::new_with_str(form)?;
    let request = RequestInit::new();
    request.set_method("POST");
    request.set_body(&form);
    JsFuture::from(window().fetch_with_str_and_init(address, &request)).await?;
    Ok(())
}
