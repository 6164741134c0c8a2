//! The checks of the issuer's documents, for an observer: discovery, key set, the lists of the account API, and the
//! link to the portal.

use serde_json::Value;
use url::Url;

use super::{List, shown, status_of};
use crate::auth::observation::Check;
use crate::auth::oidc::examination::DiscoveryError;
use crate::auth::oidc::issuer::DocumentDefect;
use crate::auth::oidc::outbound::{OutboundError, Received};
use crate::auth::oidc::portal::{Link, LinkDefect};

/// The endpoints without which a discovery document is of no use.
const REQUIRED: [&str; 3] = ["authorization_endpoint", "token_endpoint", "jwks_uri"];
/// The endpoints that a discovery document may name, too.
const OPTIONAL: [&str; 3] = ["userinfo_endpoint", "end_session_endpoint", "revocation_endpoint"];

impl List<'_> {
    /// What each response must be before its contents count. Returns the check that failed.
    fn arrival(&mut self, received: &Received, error: Option<&OutboundError>) -> Option<&'static str> {
        let failed = error.map(|error| match error {
            OutboundError::TooLarge(_) => "size",
            OutboundError::Status(..) | OutboundError::Limited(..) if received.status().is_some() => "status",
            OutboundError::Unreadable(..) => "body",
            _ => "response",
        });
        let response = error.filter(|_| failed == Some("response"));
        self.add("response", response.map_or_else(|| "complete".to_owned(), ToString::to_string), "complete, in 5 s");
        let size = match received.size() {
            Some(size) => format!("{size} bytes"),
            None if failed == Some("size") => "more than that".to_owned(),
            None => "not known".to_owned(),
        };
        self.add("size", size, "at most 1 MiB");
        self.add("status", status_of(received), "2xx");
        let kind = received.content_type().unwrap_or("no content type").to_owned();
        let body = if received.members().is_some() { "a JSON object" } else { "no JSON object" };
        let body = if received.status().is_some() { format!("{body} ({kind})") } else { "not known".to_owned() };
        self.add("body", body, "a JSON object, whatever its content type");
        failed
    }
}

/// The checks of a discovery document.
pub(in crate::auth) fn discovery(
    received: &Received,
    issuer_url: &str,
    failure: Option<&DiscoveryError>,
) -> Vec<Check> {
    let members = received.members();
    let document = members.clone().unwrap_or_default();
    let mut list = List::of(&document);
    let (outbound, defect) = match failure {
        Some(DiscoveryError::Outbound(error)) => (Some(error), None),
        Some(DiscoveryError::Document(defect)) => (None, Some(defect)),
        None => (None, None),
    };
    let arrived = list.arrival(received, outbound);
    for name in REQUIRED {
        list.claim(name, "a URL");
    }
    list.claim("issuer", format!("{issuer_url}, with or without a slash at its end"));
    let named = REQUIRED.into_iter().chain(OPTIONAL);
    let origins = named.filter_map(|name| Some(Url::parse(document.get(name)?.as_str()?).ok()?.origin()));
    let mut origins: Vec<String> = origins.map(|origin| origin.ascii_serialization()).collect();
    origins.dedup();
    list.add("endpoints", origins.join(", "), "https, or on this machine");
    let is_url = |name: &&str| document.get(*name).and_then(Value::as_str).is_some_and(|url| Url::parse(url).is_ok());
    let failed = match (arrived, defect) {
        (Some("body"), _) if members.is_some() => {
            let unusable = REQUIRED.into_iter().find(|name| !is_url(name));
            Some(unusable.unwrap_or(if document.contains_key("issuer") { "body" } else { "issuer" }))
        }
        (_, Some(DocumentDefect::AnotherIssuer(_))) => Some("issuer"),
        (_, Some(DocumentDefect::InsecureEndpoint(_))) => Some("endpoints"),
        (arrived, None) => arrived,
    };
    list.judged(failed)
}

/// The checks of a key set, of which so many keys can be used.
pub(in crate::auth) fn keys(received: &Received, usable: Result<usize, &OutboundError>) -> Vec<Check> {
    let document = received.members().unwrap_or_default();
    let mut list = List::of(&document);
    let arrived = list.arrival(received, usable.err());
    let set = document.get("keys").and_then(Value::as_array);
    let key = |key: &Value| ["kty", "alg", "use", "kid"].map(|name| shown(key.get(name))).join(" ");
    let all = set.map(|keys| keys.iter().map(key).collect::<Vec<_>>().join("; "));
    let value = match (&all, usable) {
        (Some(all), usable) => format!("{} to be used: {all}", usable.unwrap_or_default()),
        (None, _) => "absent".to_owned(),
    };
    list.add("keys", value, "at least one RSA key that is not for encryption");
    list.judged(arrived.map(|name| if name == "body" && !document.is_empty() { "keys" } else { name }))
}

/// The checks of a response with a list of the account API, which has this name there. Of a list with several pages it
/// is the last one that was asked for.
pub(in crate::auth) fn rights(name: &'static str, received: &Received, failure: Option<&OutboundError>) -> Vec<Check> {
    let document = received.members().unwrap_or_default();
    let mut list = List::of(&document);
    let arrived = list.arrival(received, failure);
    let records = document.get("data").and_then(|data| data.get(name)?.as_array());
    let count = records.map_or_else(|| "absent".to_owned(), |records| format!("{} entries", records.len()));
    list.add(name, count, "a list in the member data");
    list.judged(arrived.map(|failed| if failed == "body" && !document.is_empty() { name } else { failed }))
}

/// The checks of the response with the link to the portal of an issuer at this host. Only scheme and host of the link
/// are told, because the rest opens it.
pub(in crate::auth) fn portal_link(
    received: &Received,
    issuer_host: &str,
    link: Result<&Link, &OutboundError>,
) -> Vec<Check> {
    let document = received.members().unwrap_or_default();
    let mut list = List::of(&document);
    let arrived = list.arrival(received, link.err());
    let sent = document.get("url").and_then(Value::as_str);
    let url = sent.and_then(|url| Url::parse(url).ok());
    list.add("url", sent.map_or("absent", |_| if url.is_some() { "a URL" } else { "no URL" }), "a URL");
    let part = |part: Option<&str>| part.filter(|part| !part.is_empty()).unwrap_or("absent").to_owned();
    list.add("scheme", part(url.as_ref().map(Url::scheme)), "https, or http on this machine");
    let has_name = url.as_ref().is_some_and(|url| !url.username().is_empty() || url.password().is_some());
    list.add("user name", if has_name { "present" } else { "absent" }, "absent");
    let expected = format!("{issuer_host}, kinde.com, or a name below kinde.com");
    list.add("host", part(url.as_ref().and_then(Url::host_str)), expected);
    let defect = link.ok().and_then(|link| link.as_ref().err());
    let failed = match (arrived, defect) {
        (Some("body"), _) if !document.is_empty() => Some("url"),
        (Some(arrived), _) => Some(arrived),
        (None, defect) => defect.map(|defect| match defect {
            LinkDefect::Malformed(_) => "url",
            LinkDefect::Insecure(_) => "scheme",
            LinkDefect::UserName => "user name",
            LinkDefect::Elsewhere(_) => "host",
        }),
    };
    list.judged(failed)
}
