//! The definitions of roles, permissions, feature flags and properties, which Kinde's management API calls by their
//! ids. People hold keys and values only; what a person has with all that is inherited is in `standing`.
//!
//! Kinde documentation, "Manage roles and permissions", "Feature flags", "Properties".

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::{
    definition::Definitions,
    feature_flag::FeatureFlag,
    person::Person,
    property::{Property, PropertyCategory, PropertyContext},
    role::{Permission, Role},
};

/// All definitions of one tenant.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Catalogue {
    pub(crate) roles: Definitions<Role>,
    pub(crate) permissions: Definitions<Permission>,
    pub(crate) feature_flags: Definitions<FeatureFlag>,
    pub(crate) properties: Definitions<Property>,
    pub(crate) property_categories: Definitions<PropertyCategory>,
    /// The properties of the application in the format of the tokens: `{"key":{"v":…}}`.
    pub(crate) application_properties: Map<String, Value>,
}

impl Catalogue {
    /// Defines what people have and nobody defined yet, because a seed need not define anything.
    pub(crate) fn learn(&mut self, people: &[Person]) {
        let roles = people.iter().flat_map(Person::all_roles);
        self.roles.learn(roles.map(String::as_str), Role::named);
        let in_roles: Vec<String> = self.roles.all().iter().flat_map(|role| role.permissions.clone()).collect();
        let permissions = people.iter().flat_map(Person::all_permissions).chain(&in_roles);
        self.permissions.learn(permissions.map(String::as_str), Permission::named);
        for person in people {
            for (key, flag) in person.feature_flags.as_object().into_iter().flatten() {
                self.feature_flags.learn([key.as_str()], |key| FeatureFlag::of_person(key, flag));
            }
            for (context, properties) in [
                (PropertyContext::User, &person.user_properties),
                (PropertyContext::Organization, &person.organization_properties),
                (PropertyContext::Application, &person.application_properties),
            ] {
                for key in properties.iter().flatten().map(|(key, _)| key) {
                    self.learn_property(key, context);
                }
            }
        }
    }

    /// Properties of different contexts may have the same key.
    fn learn_property(&mut self, key: &str, context: PropertyContext) {
        if self.property(key, context).is_none() {
            self.properties.add(Property::named(key, context));
        }
    }

    /// Returns the property of that key and context.
    pub(crate) fn property(&self, key: &str, context: PropertyContext) -> Option<&Property> {
        self.properties.all().iter().find(|property| property.key == key && property.context == context)
    }

    /// Returns the definitions that do not follow from what these people have.
    pub(crate) fn beyond(&self, people: &[Person]) -> Self {
        let mut learned = Self::default();
        learned.learn(people);
        Self {
            roles: self.roles.without(&learned.roles),
            permissions: self.permissions.without(&learned.permissions),
            feature_flags: self.feature_flags.without(&learned.feature_flags),
            properties: self.properties.without(&learned.properties),
            property_categories: self.property_categories.clone(),
            application_properties: self.application_properties.clone(),
        }
    }

    /// Returns the keys of the roles that people who sign up and new members of an organization get.
    pub(crate) fn default_roles(&self) -> Vec<String> {
        self.roles.all().iter().filter(|role| role.is_default_role).map(|role| role.key.clone()).collect()
    }

    /// Returns these permissions and those of these roles, each once.
    pub(crate) fn permissions_with(&self, roles: &[String], own: &[String]) -> Vec<String> {
        let inherited = self.roles.all().iter().filter(|role| roles.contains(&role.key));
        let mut seen = HashSet::new();
        let all = own.iter().chain(inherited.flat_map(|role| &role.permissions));
        all.filter(|key| seen.insert(key.as_str())).cloned().collect()
    }
}
