//! What a person has in one organization, with what roles, the organization, the environment and the application add:
//! the content of tokens, of the account API and of events.

use serde_json::{Map, Value};

use super::{
    catalogue::Catalogue, organizations::OrganizationRecord, person::Person, property::PropertyContext, role::Role,
};

/// A person in one organization.
pub(crate) struct Standing<'a> {
    pub(crate) person: &'a Person,
    pub(crate) org_code: &'a str,
    /// What is known of the organization beyond its name.
    pub(crate) organization: Option<&'a OrganizationRecord>,
    pub(crate) catalogue: &'a Catalogue,
}

impl Standing<'_> {
    /// Returns the keys of the permissions: the person's own, and those of their roles.
    pub(crate) fn permissions(&self) -> Vec<String> {
        if !self.is_member() {
            return Vec::new();
        }
        let own = self.person.permissions_in(self.org_code);
        self.catalogue.permissions_with(self.person.roles_in(self.org_code), own)
    }

    /// A person who left an organization may still have a token for it.
    fn is_member(&self) -> bool {
        self.person.organization(Some(self.org_code)).is_some()
    }

    /// Returns the roles.
    pub(crate) fn roles(&self) -> Vec<Role> {
        if !self.is_member() {
            return Vec::new();
        }
        let role = |key: &String| self.catalogue.roles.by_key(key).cloned().unwrap_or_else(|| Role::named(key));
        self.person.roles_in(self.org_code).iter().map(role).collect()
    }

    /// Returns the feature flags in the format of tokens: defaults, in their place what the environment has, then the
    /// organization, then the person.
    pub(crate) fn feature_flags(&self) -> Map<String, Value> {
        let defined = self.catalogue.feature_flags.all().iter();
        let mut flags: Map<String, Value> =
            defined.filter_map(|flag| Some((flag.key.clone(), flag.inherited()?))).collect();
        for over in [self.organization.map(|record| &record.feature_flags), self.person.feature_flags.as_object()] {
            flags.extend(over.into_iter().flatten().map(|(key, flag)| (key.clone(), flag.clone())));
        }
        flags
    }

    /// Returns the person's properties, or none if nothing is known of any.
    pub(crate) fn user_properties(&self) -> Option<Map<String, Value>> {
        self.public(PropertyContext::User, &Map::new(), self.person.user_properties.as_ref())
    }

    /// Returns the organization's properties, which a person may see differently.
    pub(crate) fn organization_properties(&self) -> Option<Map<String, Value>> {
        let nothing = Map::new();
        let own = self.organization.map_or(&nothing, |record| &record.properties);
        self.public(PropertyContext::Organization, own, self.person.organization_properties.as_ref())
    }

    /// Returns the application's properties, which a person may see differently.
    pub(crate) fn application_properties(&self) -> Option<Map<String, Value>> {
        let own = &self.catalogue.application_properties;
        self.public(PropertyContext::Application, own, self.person.application_properties.as_ref())
    }

    /// Joins properties, without those that are private.
    fn public(
        &self,
        context: PropertyContext,
        first: &Map<String, Value>,
        then: Option<&Map<String, Value>>,
    ) -> Option<Map<String, Value>> {
        if first.is_empty() && then.is_none() {
            return None;
        }
        let is_public = |key: &str| !self.catalogue.property(key, context).is_some_and(|property| property.is_private);
        let all = first.iter().chain(then.into_iter().flatten());
        let public = all.filter(|(key, _)| is_public(key)).map(|(key, value)| (key.clone(), value.clone()));
        Some(public.collect())
    }
}
