//! Kinde's account API: a user's permissions, roles, feature flags and entitlements as they are now. When it is asked,
//! and what its silence means, is decided in `client::rights`.
//!
//! Kinde's OpenAPI file of the account API; lists have pages (`page_size`, `starting_after`, `metadata`).

use secrecy::SecretString;
use serde::Deserialize;
use serde_json::{Map, Value};
use url::Url;

use super::checks;
use super::outbound::{Outbound, OutboundError, Received};
use crate::auth::claims::{Flag, FlagKind};
use crate::auth::metrics::Endpoint;
use crate::auth::observation::{Observed, Stage};
use crate::auth::rights::{Keys, Listed, Resource, Rights};

/// Records on one page; Kinde's own default is ten.
const PAGE_SIZE: usize = 100;
/// A longer list is cut after these. A key that is not among them is then unknown, not absent.
const MAX_PAGES: usize = 20;

#[derive(Deserialize)]
struct Page {
    data: Map<String, Value>,
    #[serde(default)]
    metadata: Metadata,
}

#[derive(Default, Deserialize)]
struct Metadata {
    #[serde(default)]
    has_more: bool,
    next_page_starting_after: Option<String>,
}

/// Fetches one of the lists, of the user whose access token this is. An observer is told what was verified of it.
///
/// # Errors
/// [`OutboundError`] of the first request that fails; 401 and 403 are [`OutboundError::Status`].
pub(in crate::auth) async fn fetch_rights(
    issuer_url: &str,
    resource: Resource,
    access_token: &SecretString,
    outbound: &Outbound,
    observed: &Observed,
) -> Result<Rights, OutboundError> {
    let mut received = Received::for_observer(observed);
    let fetched = fetch_all(issuer_url, resource, access_token, outbound, &mut received).await;
    observed.checked(Stage::AccountApi, || checks::rights(name(resource), &received, fetched.as_ref().err()));
    fetched
}

/// Fetches one page after the other.
async fn fetch_all(
    issuer_url: &str,
    resource: Resource,
    access_token: &SecretString,
    outbound: &Outbound,
    received: &mut Received,
) -> Result<Rights, OutboundError> {
    let name = name(resource);
    let mut url = Url::parse(&format!("{issuer_url}/account_api/v1/{name}"))
        .map_err(|error| OutboundError::Insecure(format!("a malformed URL ({error})")))?;
    let (mut records, mut starting_after) = (Vec::new(), None::<String>);
    for _ in 0..MAX_PAGES {
        url.query_pairs_mut().clear().append_pair("page_size", &PAGE_SIZE.to_string());
        if let Some(last) = &starting_after {
            url.query_pairs_mut().append_pair("starting_after", last);
        }
        let page = outbound.get_json(Endpoint::AccountApi, &url, Some(access_token), received).await?;
        let Page { mut data, metadata } = page;
        let Some(Value::Array(page)) = data.remove(name) else {
            return Err(OutboundError::Unreadable(url.path().to_owned(), format!("it has no list of {name}")));
        };
        records.extend(page);
        match metadata.next_page_starting_after {
            Some(last) if metadata.has_more => starting_after = Some(last),
            _ => return Ok(rights(resource, records, !metadata.has_more)),
        }
    }
    tracing::warn!(list = name, "a user's list of rights is longer than {MAX_PAGES} pages and was cut");
    Ok(rights(resource, records, false))
}

fn name(resource: Resource) -> &'static str {
    match resource {
        Resource::Permissions => "permissions",
        Resource::Roles => "roles",
        Resource::FeatureFlags => "feature_flags",
        Resource::Entitlements => "entitlements",
    }
}

fn rights(resource: Resource, records: Vec<Value>, is_complete: bool) -> Rights {
    let text = |record: &Value, name: &str| record[name].as_str().map(str::to_owned);
    let mut rights = Rights::default();
    match resource {
        Resource::Permissions => {
            let keys = records.iter().filter_map(|record| text(record, "key"));
            rights.permissions = Some(Keys::of_keys(keys, is_complete));
        }
        Resource::Roles => {
            let roles = records.iter().filter_map(|record| Some((text(record, "key")?, text(record, "name"))));
            rights.roles = Some(Listed::new(roles, is_complete));
        }
        Resource::FeatureFlags => {
            let flags = records.iter().filter_map(|record| Some((text(record, "key")?, flag(record))));
            rights.feature_flags = Some(Listed::new(flags, is_complete));
        }
        Resource::Entitlements => {
            let entitlements =
                records.iter().filter_map(|record| Some((text(record, "feature_key")?, highest_number(record)?)));
            rights.entitlements = Some(Listed::new(entitlements, is_complete));
        }
    }
    rights
}

/// The highest number of units; null is no limit. `None` when it is anything else, and then the entitlement is not
/// counted: it must not become one without a limit.
fn highest_number(entitlement: &Value) -> Option<Option<i64>> {
    let limit = entitlement.get("entitlement_limit_max").and_then(|limit| match limit {
        Value::Null => Some(None),
        limit => limit.as_i64().map(Some),
    });
    if limit.is_none() {
        tracing::warn!("an entitlement's limit cannot be read: the entitlement does not count");
    }
    limit
}

/// The account API writes types in full, which tokens abbreviate.
fn flag(record: &Value) -> Flag {
    let kind = match record["type"].as_str() {
        Some("boolean") => FlagKind::Bool,
        Some("string") => FlagKind::String,
        Some("integer") => FlagKind::Integer,
        Some("object" | "json") => FlagKind::Json,
        _ => FlagKind::Other,
    };
    Flag { kind, value: record["value"].clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn of(resource: Resource, records: Value) -> Rights {
        rights(resource, records.as_array().unwrap().clone(), true)
    }

    #[test]
    fn each_list_is_read_by_its_own_keys() {
        let permissions = of(Resource::Permissions, json!([{"id": "1", "name": "Read", "key": "read:items"}]));
        assert_eq!(permissions.permissions.unwrap().find("read:items"), Some(Some(&())));
        let roles = of(Resource::Roles, json!([{"id": "1", "name": "Admin", "key": "admin"}, {"id": "2"}]));
        assert_eq!(roles.roles.as_ref().unwrap().find("admin"), Some(Some(&Some("Admin".to_owned()))));
        assert_eq!(roles.roles.unwrap().find("Admin"), Some(None));
        let flags = of(Resource::FeatureFlags, json!([{"key": "theme", "type": "string", "value": "pink"}]));
        let theme = Flag { kind: FlagKind::String, value: json!("pink") };
        assert_eq!(flags.feature_flags.unwrap().find("theme"), Some(Some(&theme)));
        let entitlements = of(
            Resource::Entitlements,
            json!([
                {"feature_key": "items", "entitlement_limit_max": 5},
                {"feature_key": "seats", "entitlement_limit_max": null},
            ]),
        );
        let entitlements = entitlements.entitlements.unwrap();
        assert_eq!(entitlements.find("items"), Some(Some(&Some(5))));
        assert_eq!(entitlements.find("seats"), Some(Some(&None)));
    }

    #[test]
    fn a_limit_that_cannot_be_read_is_not_no_limit() {
        for record in [
            json!({"feature_key": "items"}),
            json!({"feature_key": "items", "entitlement_limit_max": "5"}),
            json!({"feature_key": "items", "entitlement_limit_max": 5.5}),
            json!({"feature_key": "items", "entitlement_limit_max": true}),
        ] {
            let rights = of(Resource::Entitlements, json!([record]));
            assert_eq!(rights.entitlements.unwrap().find("items"), Some(None), "{record}");
        }
    }
}
