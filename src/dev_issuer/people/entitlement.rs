//! An entitlement of a person: a feature that the person's plan contains, with its limits and its price.
//!
//! Kinde's OpenAPI file of the account API. An organization's plan is not in it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What a person is entitled to of one feature. Null means no limit, or no price.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Entitlement {
    /// The name of the feature. None means that its key is its name.
    pub feature_name: Option<String>,
    /// The name of the price.
    pub price_name: String,
    /// The price of a fixed charge.
    pub fixed_charge: Option<i64>,
    /// The price of one unit, in cents.
    pub unit_amount: Option<i64>,
    /// The highest number of units. None means no limit.
    pub entitlement_limit_max: Option<i64>,
    /// The lowest number of units.
    pub entitlement_limit_min: Option<i64>,
}

impl Default for Entitlement {
    fn default() -> Self {
        Self {
            feature_name: None,
            price_name: "Free".to_owned(),
            fixed_charge: None,
            unit_amount: None,
            entitlement_limit_max: None,
            entitlement_limit_min: None,
        }
    }
}

/// Entitlements by the key of the feature.
pub type Entitlements = BTreeMap<String, Entitlement>;

/// Returns the entitlement to the feature `items` that people have from the start.
pub(super) fn items(limit: Option<i64>) -> Entitlements {
    let items =
        Entitlement { feature_name: Some("Items".to_owned()), entitlement_limit_max: limit, ..Entitlement::default() };
    BTreeMap::from([("items".to_owned(), items)])
}
