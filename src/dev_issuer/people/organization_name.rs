//! An organization as a seed or a change of a person names it.

use serde::Deserialize;

use super::person::{Organization, organization};

/// An organization by its name alone, whose code follows from the name, or with both.
#[derive(Clone, Deserialize)]
#[serde(untagged, deny_unknown_fields, expecting = "an organization is a name, or {\"code\":\"…\",\"name\":\"…\"}")]
pub(crate) enum OrganizationName {
    Name(String),
    Whole { code: String, name: String },
}

impl From<OrganizationName> for Organization {
    fn from(named: OrganizationName) -> Self {
        match named {
            OrganizationName::Name(name) => organization(&name),
            OrganizationName::Whole { code, name } => Self { code, name },
        }
    }
}
