//! The callback and logout URLs of the application that signs users in. What is allowed here is allowed at the
//! authorization and logout endpoints at once.

use serde_json::json;
use url::Url;

use super::{
    answer::{Answer, Refusal, bare, ok},
    call::Call,
    input::Input,
};
use crate::dev_issuer::protocol::registered_client::Registration;

/// The list of one kind of URLs.
type List = fn(&mut Registration) -> &mut Vec<String>;

const CALLBACKS: List = |registration| &mut registration.callback_urls;
const LOGOUTS: List = |registration| &mut registration.logout_urls;

/// `GET /api/v1/applications/{app_id}/auth_redirect_urls`
pub(super) async fn list_callbacks(call: Call) -> Answer {
    bare(json!({"redirect_urls": present(&call, CALLBACKS)?}))
}

/// `GET /api/v1/applications/{app_id}/auth_logout_urls`
pub(super) async fn list_logouts(call: Call) -> Answer {
    ok(json!({"logout_urls": present(&call, LOGOUTS)?}))
}

/// `POST /api/v1/applications/{app_id}/auth_redirect_urls`
pub(super) async fn add_callbacks(call: Call) -> Answer {
    add(&call, CALLBACKS)
}

/// `POST /api/v1/applications/{app_id}/auth_logout_urls`
pub(super) async fn add_logouts(call: Call) -> Answer {
    add(&call, LOGOUTS)
}

/// `PUT /api/v1/applications/{app_id}/auth_redirect_urls`
pub(super) async fn replace_callbacks(call: Call) -> Answer {
    change(&call, CALLBACKS, read(&call)?)
}

/// `PUT /api/v1/applications/{app_id}/auth_logout_urls`
pub(super) async fn replace_logouts(call: Call) -> Answer {
    change(&call, LOGOUTS, read(&call)?)
}

/// `DELETE /api/v1/applications/{app_id}/auth_redirect_urls?urls=`
pub(super) async fn remove_callbacks(call: Call) -> Answer {
    remove(&call, CALLBACKS)
}

/// `DELETE /api/v1/applications/{app_id}/auth_logout_urls?urls=`
pub(super) async fn remove_logouts(call: Call) -> Answer {
    remove(&call, LOGOUTS)
}

fn present(call: &Call, list: List) -> Result<Vec<String>, Refusal> {
    only_the_application(call)?;
    Ok(list(&mut call.tenant.state().registration).clone())
}

/// The client of a machine has no URLs.
fn only_the_application(call: &Call) -> Result<(), Refusal> {
    if call.path("app_id") == call.tenant.client.id { Ok(()) } else { Err(Refusal::Unknown("application")) }
}

fn add(call: &Call, list: List) -> Answer {
    let mut urls = present(call, list)?;
    for url in read(call)? {
        if !urls.contains(&url) {
            urls.push(url);
        }
    }
    change(call, list, urls)
}

fn remove(call: &Call, list: List) -> Answer {
    let removed: Vec<&str> = call.needed("urls")?.split(',').collect();
    let mut urls = present(call, list)?;
    urls.retain(|url| !removed.contains(&url.as_str()));
    change(call, list, urls)
}

fn change(call: &Call, list: List, urls: Vec<String>) -> Answer {
    only_the_application(call)?;
    *list(&mut call.tenant.state().registration) = urls;
    ok(json!({}))
}

fn read(call: &Call) -> Result<Vec<String>, Refusal> {
    let mut input = call.input()?;
    let urls = input.texts("urls")?.ok_or_else(|| input.wrong("urls", "a list of texts is needed"))?;
    check_urls(&input, "urls", &urls)?;
    input.end()?;
    Ok(urls)
}

/// Refuses what is no absolute URL. An app on a device may have a scheme of its own.
pub(super) fn check_urls(input: &Input, name: &str, urls: &[String]) -> Result<(), Refusal> {
    match urls.iter().find(|url| Url::parse(url).is_err()) {
        Some(url) => Err(input.wrong(name, &format!("{url:?} is no URL"))),
        None => Ok(()),
    }
}
