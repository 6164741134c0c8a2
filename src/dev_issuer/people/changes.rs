//! The changes of a person that a test orders while the tenant runs.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::{
    entitlement::Entitlements,
    organization_name::OrganizationName,
    person::{Organization, Person},
    rights::OrganizationRights,
};

type Claims = Map<String, Value>;

/// The members to replace. An absent member stays as it is. Where a person may lack a value, null removes it.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Changes {
    #[serde(deserialize_with = "given")]
    given_name: Option<Option<String>>,
    #[serde(deserialize_with = "given")]
    family_name: Option<Option<String>>,
    #[serde(deserialize_with = "given")]
    email: Option<String>,
    /// All organizations; the first is the default. What differs in one that is left out is forgotten.
    #[serde(deserialize_with = "given")]
    organizations: Option<Vec<OrganizationName>>,
    #[serde(deserialize_with = "given")]
    permissions: Option<Vec<String>>,
    #[serde(deserialize_with = "given")]
    roles: Option<Vec<String>>,
    /// By the code of the organization. Organizations that are not named stay as they are.
    organization_rights: BTreeMap<String, Option<OrganizationRights>>,
    #[serde(deserialize_with = "given")]
    feature_flags: Option<Claims>,
    #[serde(deserialize_with = "given")]
    entitlements: Option<Entitlements>,
    #[serde(deserialize_with = "given")]
    claims: Option<Claims>,
    #[serde(deserialize_with = "given")]
    id_token_claims: Option<Claims>,
    #[serde(deserialize_with = "given")]
    user_properties: Option<Option<Claims>>,
    #[serde(deserialize_with = "given")]
    organization_properties: Option<Option<Claims>>,
    #[serde(deserialize_with = "given")]
    application_properties: Option<Option<Claims>>,
    #[serde(deserialize_with = "given")]
    is_suspended: Option<bool>,
    #[serde(deserialize_with = "given")]
    persistent: Option<Option<bool>>,
}

/// The reason for which a person cannot be changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ChangeError {
    #[error("organization_rights names {0}, of which this person is no member")]
    NoMember(String),
    #[error("organizations is empty, and a person is in at least one")]
    NoOrganization,
    #[error("organizations gives {0} another name than it has for other people")]
    OtherName(String),
}

impl Changes {
    /// Returns the suspension of a person, or its end.
    pub(crate) fn of_suspension(is_suspended: bool) -> Self {
        Self { is_suspended: Some(is_suspended), ..Self::default() }
    }

    /// Returns whether Kinde has an event for them: for a profile, rights and suspension, but not for flags, and none
    /// for what only tests change.
    pub(crate) fn cause_an_event(&self) -> bool {
        self.given_name.is_some()
            || self.family_name.is_some()
            || self.email.is_some()
            || self.permissions.is_some()
            || self.roles.is_some()
            || self.is_suspended.is_some()
            || self.organizations.is_some()
            || !self.organization_rights.is_empty()
    }

    /// Applies the changes to a person, who is not among `others`.
    ///
    /// # Errors
    ///
    /// [`ChangeError`]: the changes do not fit this person, who stays as they are.
    pub(crate) fn apply<'a>(
        self,
        person: &mut Person,
        others: impl Iterator<Item = &'a Person>,
    ) -> Result<(), ChangeError> {
        let organizations = match self.organizations {
            Some(named) => named.into_iter().map(Organization::from).collect(),
            None => person.organizations.clone(),
        };
        check_organizations(&organizations, others)?;
        let is_member = |code: &String| organizations.iter().any(|organization| organization.code == *code);
        if let Some(code) = self.organization_rights.keys().find(|code| !is_member(code)) {
            return Err(ChangeError::NoMember(code.clone()));
        }
        person.organization_rights.retain(|code, _| is_member(code));
        person.organizations = organizations;
        for (code, rights) in self.organization_rights {
            match rights {
                Some(rights) => person.organization_rights.insert(code, rights),
                None => person.organization_rights.remove(&code),
            };
        }
        replace(&mut person.given_name, self.given_name);
        replace(&mut person.family_name, self.family_name);
        replace(&mut person.email, self.email);
        replace(&mut person.permissions, self.permissions);
        replace(&mut person.roles, self.roles);
        replace(&mut person.feature_flags, self.feature_flags.map(Value::Object));
        replace(&mut person.entitlements, self.entitlements);
        replace(&mut person.claims, self.claims);
        replace(&mut person.id_token_claims, self.id_token_claims);
        replace(&mut person.user_properties, self.user_properties);
        replace(&mut person.organization_properties, self.organization_properties);
        replace(&mut person.application_properties, self.application_properties);
        replace(&mut person.persistent, self.persistent);
        replace(&mut person.suspended, self.is_suspended);
        Ok(())
    }
}

fn check_organizations<'a>(
    organizations: &[Organization],
    others: impl Iterator<Item = &'a Person>,
) -> Result<(), ChangeError> {
    if organizations.is_empty() {
        return Err(ChangeError::NoOrganization);
    }
    for other in others.flat_map(|other| &other.organizations) {
        if organizations.iter().any(|own| own.code == other.code && own.name != other.name) {
            return Err(ChangeError::OtherName(other.code.clone()));
        }
    }
    Ok(())
}

/// Deserializes a member that is present, so that null differs from an absent member.
fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

fn replace<T>(value: &mut T, change: Option<T>) {
    if let Some(change) = change {
        *value = change;
    }
}
