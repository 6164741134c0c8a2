//! The self-serve portal: the request for a link to it, and the page that the link opens once. The page names the
//! section and the person; nothing can be changed on it.
//!
//! Kinde's OpenAPI file of the account API (`subnav`), and Kinde documentation, "Self-serve portal" (`sub_nav`).

use axum::{
    Extension, Json,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use serde_json::{Map, Value, json};

use super::account_api::user;
use crate::dev_issuer::basics::{
    page::{self, escape},
    parameters::Parameters,
};
use crate::dev_issuer::faults::{alteration::members, fault::Document};
use crate::dev_issuer::people::person::Person;
use crate::dev_issuer::protocol::{
    api_error::ApiError,
    portal_links::{Visit, section},
};
use crate::dev_issuer::state::tenant::SharedTenant;

/// `GET /account_api/v1/portal_link`
pub(crate) async fn portal_link(
    State(tenant): State<SharedTenant>,
    Extension(parameters): Extension<Parameters>,
    headers: HeaderMap,
) -> Result<Json<Map<String, Value>>, ApiError> {
    let mut state = tenant.state();
    let now = state.now();
    let person = user(&state, &headers)?.1.key.clone();
    let name = parameters.query("sub_nav").or_else(|| parameters.query("subnav"));
    let return_url = parameters.query("return_url").map(str::to_owned);
    let key = state.portal_links.create(Visit { person, section: section(name), return_url }, now, &tenant.random);
    let mut document = members(json!({"url": format!("{}/portal_redirect?key={key}", tenant.issuer)}));
    for alteration in state.faults.alterations(Document::PortalLink) {
        alteration.apply(&mut document, now);
    }
    Ok(Json(document))
}

/// `GET /portal_redirect?key=`
pub(crate) async fn portal_redirect(
    State(tenant): State<SharedTenant>,
    Extension(parameters): Extension<Parameters>,
) -> Response {
    let mut state = tenant.state();
    let now = state.now();
    let visit = parameters.query("key").and_then(|key| state.portal_links.open(key, now));
    let found = visit.and_then(|visit| Some((state.people.find(&visit.person)?, visit)));
    match found {
        Some((person, visit)) => page::page(StatusCode::OK, "Self-serve portal", &body(person, &visit), ""),
        None => page::error(StatusCode::BAD_REQUEST, "This link to the portal was used, has expired or is not known."),
    }
}

fn body(person: &Person, visit: &Visit) -> String {
    let name = person.full_name().unwrap_or_else(|| "(no name)".to_owned());
    format!(
        "<p>Section <strong>{}</strong> of {}, {}.</p>{}",
        visit.section,
        escape(&name),
        escape(&person.email),
        way_back(visit.return_url.as_deref()),
    )
}

/// Renders the link back to the application. Only a web address becomes a link.
fn way_back(return_url: Option<&str>) -> String {
    match return_url.filter(|url| url.starts_with("https://") || url.starts_with("http://")) {
        Some(url) => format!("<p><a href=\"{}\">Back to the application</a></p>", escape(url)),
        None => String::new(),
    }
}
