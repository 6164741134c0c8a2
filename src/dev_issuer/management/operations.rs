//! Kinde's published operations, each with what the tenant has of it. The routes of the management API are built from
//! this list, and so is the page `coverage.md` of the documentation.
//!
//! Methods, paths and scopes are those of Kinde's OpenAPI files, front-end API version 1 and management API version 1.

use axum::{
    handler::Handler,
    http::Method,
    routing::{MethodFilter, MethodRouter, on},
};

use super::{
    answer::Refusal, applications, callbacks, environment, feature_flags, identities, invitations, member_rights,
    members, new_user, organizations, permissions, properties, property_values, role_permissions, roles, search,
    sessions, users, webhooks,
};
use crate::dev_issuer::state::tenant::SharedTenant;
use Coverage::{Not, Partly, There};

const DELETE: Method = Method::DELETE;
const GET: Method = Method::GET;
const PATCH: Method = Method::PATCH;
const POST: Method = Method::POST;
const PUT: Method = Method::PUT;

/// How much of an operation the tenant has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coverage {
    There,
    /// What is missing, or what there is instead of all.
    Partly(&'static str),
    Not,
}

/// An operation of Kinde.
pub(super) struct Operation {
    #[cfg_attr(not(test), expect(dead_code, reason = "only the page of the documentation has it"))]
    pub(super) method: Method,
    pub(super) path: &'static str,
    pub(super) coverage: Coverage,
    /// The scope that a machine's token needs.
    pub(super) scope: Option<&'static str>,
    /// The route of an operation of the management API. Those of the front-end API are in the tenant's route table.
    pub(super) handler: Option<MethodRouter<SharedTenant>>,
}

/// Returns all operations.
pub(super) fn operations() -> Vec<Operation> {
    let mut operations = front_end_api();
    operations.extend(management_api());
    operations
}

#[rustfmt::skip] // A table reads best with one operation per line.
fn front_end_api() -> Vec<Operation> {
    vec![
        front_end(GET, "/account_api/v1/entitlements", Partly("everybody has the plan `free`")),
        front_end(GET, "/account_api/v1/entitlement", There),
        front_end(GET, "/account_api/v1/feature_flags", There),
        front_end(GET, "/oauth2/v2/user_profile", There),
        front_end(POST, "/oauth2/introspect", There),
        front_end(POST, "/oauth2/revoke", There),
        front_end(GET, "/account_api/v1/permissions", There),
        front_end(GET, "/account_api/v1/portal_link", Partly("the portal names its section, and nothing can be changed there")),
        front_end(GET, "/account_api/v1/properties", There),
        front_end(GET, "/account_api/v1/roles", There),
    ]
}

#[rustfmt::skip] // A table reads best with one operation per line.
fn management_api() -> Vec<Operation> {
    vec![
        not(GET, "/api/v1/api_keys"),
        not(POST, "/api/v1/api_keys"),
        not(GET, "/api/v1/api_keys/{key_id}"),
        not(DELETE, "/api/v1/api_keys/{key_id}"),
        not(PUT, "/api/v1/api_keys/{key_id}"),
        not(POST, "/api/v1/api_keys/verify"),
        not(GET, "/api/v1/apis"),
        not(POST, "/api/v1/apis"),
        not(GET, "/api/v1/apis/{api_id}"),
        not(DELETE, "/api/v1/apis/{api_id}"),
        not(GET, "/api/v1/apis/{api_id}/scopes"),
        not(POST, "/api/v1/apis/{api_id}/scopes"),
        not(GET, "/api/v1/apis/{api_id}/scopes/{scope_id}"),
        not(PATCH, "/api/v1/apis/{api_id}/scopes/{scope_id}"),
        not(DELETE, "/api/v1/apis/{api_id}/scopes/{scope_id}"),
        not(PATCH, "/api/v1/apis/{api_id}/applications"),
        not(POST, "/api/v1/apis/{api_id}/applications/{application_id}/scopes/{scope_id}"),
        not(DELETE, "/api/v1/apis/{api_id}/applications/{application_id}/scopes/{scope_id}"),
        there(GET, "/api/v1/applications", "read:applications", applications::list),
        not(POST, "/api/v1/applications"),
        there(GET, "/api/v1/applications/{application_id}", "read:applications", applications::get),
        partly(PATCH, "/api/v1/applications/{application_id}", "update:applications", applications::update, "no `language_key`; of a machine the name only"),
        partly(DELETE, "/api/v1/applications/{application_id}", "delete:applications", applications::delete, "clients of machines only"),
        not(GET, "/api/v1/applications/{application_id}/connections"),
        not(POST, "/api/v1/applications/{application_id}/connections/{connection_id}"),
        not(DELETE, "/api/v1/applications/{application_id}/connections/{connection_id}"),
        there(GET, "/api/v1/applications/{application_id}/properties", "read:application_properties", property_values::list_of_application),
        there(PUT, "/api/v1/applications/{application_id}/properties/{property_key}", "update:application_properties", property_values::set_for_application),
        partly(PATCH, "/api/v1/applications/{application_id}/tokens", "update:application_tokens", applications::update_tokens, "no `authenticated_session_lifetime`"),
        not(GET, "/api/v1/billing/entitlements"),
        not(GET, "/api/v1/billing/agreements"),
        not(POST, "/api/v1/billing/agreements"),
        not(POST, "/api/v1/billing/meter_usage"),
        not(GET, "/api/v1/business"),
        not(PATCH, "/api/v1/business"),
        not(GET, "/api/v1/industries"),
        not(GET, "/api/v1/timezones"),
        there(GET, "/api/v1/applications/{app_id}/auth_redirect_urls", "read:applications_redirect_uris", callbacks::list_callbacks),
        there(POST, "/api/v1/applications/{app_id}/auth_redirect_urls", "create:applications_redirect_uris", callbacks::add_callbacks),
        there(PUT, "/api/v1/applications/{app_id}/auth_redirect_urls", "update:applications_redirect_uris", callbacks::replace_callbacks),
        there(DELETE, "/api/v1/applications/{app_id}/auth_redirect_urls", "delete:applications_redirect_uris", callbacks::remove_callbacks),
        there(GET, "/api/v1/applications/{app_id}/auth_logout_urls", "read:application_logout_uris", callbacks::list_logouts),
        there(POST, "/api/v1/applications/{app_id}/auth_logout_urls", "create:application_logout_uris", callbacks::add_logouts),
        there(PUT, "/api/v1/applications/{app_id}/auth_logout_urls", "update:application_logout_uris", callbacks::replace_logouts),
        there(DELETE, "/api/v1/applications/{app_id}/auth_logout_urls", "delete:application_logout_uris", callbacks::remove_logouts),
        not(GET, "/api/v1/connected_apps/auth_url"),
        not(GET, "/api/v1/connected_apps/token"),
        not(POST, "/api/v1/connected_apps/revoke"),
        not(GET, "/api/v1/connections"),
        not(POST, "/api/v1/connections"),
        not(GET, "/api/v1/connections/{connection_id}"),
        not(PATCH, "/api/v1/connections/{connection_id}"),
        not(PUT, "/api/v1/connections/{connection_id}"),
        not(DELETE, "/api/v1/connections/{connection_id}"),
        not(GET, "/api/v1/directories"),
        not(POST, "/api/v1/directories"),
        not(GET, "/api/v1/directories/{directory_id}"),
        not(PATCH, "/api/v1/directories/{directory_id}"),
        not(DELETE, "/api/v1/directories/{directory_id}"),
        partly(GET, "/api/v1/environment", "read:environments", environment::get, "no branding and analytics"),
        there(DELETE, "/api/v1/environment/feature_flags", "delete:environment_feature_flags", feature_flags::clear_all_for_environment),
        there(GET, "/api/v1/environment/feature_flags", "read:environment_feature_flags", feature_flags::list_of_environment),
        there(DELETE, "/api/v1/environment/feature_flags/{feature_flag_key}", "delete:environment_feature_flags", feature_flags::clear_for_environment),
        there(PATCH, "/api/v1/environment/feature_flags/{feature_flag_key}", "update:environment_feature_flags", feature_flags::set_for_environment),
        not(GET, "/api/v1/environment/logos"),
        not(PUT, "/api/v1/environment/logos/{type}"),
        not(DELETE, "/api/v1/environment/logos/{type}"),
        not(GET, "/api/v1/environment_variables"),
        not(POST, "/api/v1/environment_variables"),
        not(GET, "/api/v1/environment_variables/{variable_id}"),
        not(PATCH, "/api/v1/environment_variables/{variable_id}"),
        not(DELETE, "/api/v1/environment_variables/{variable_id}"),
        there(POST, "/api/v1/feature_flags", "create:feature_flags", feature_flags::create),
        there(DELETE, "/api/v1/feature_flags/{feature_flag_key}", "delete:feature_flags", feature_flags::delete),
        there(PUT, "/api/v1/feature_flags/{feature_flag_key}", "update:feature_flags", feature_flags::update),
        not(GET, "/api/v1/identities/{identity_id}"),
        not(PATCH, "/api/v1/identities/{identity_id}"),
        not(DELETE, "/api/v1/identities/{identity_id}"),
        partly(GET, "/api/v1/organization/{org_code}/invites", "read:organization_invites", invitations::list, "open invitations only"),
        partly(POST, "/api/v1/organization/{org_code}/invites", "create:organization_invites", invitations::create, "no e-mail is sent"),
        partly(GET, "/api/v1/organization/{org_code}/invites/{invite_code}", "read:organization_invites", invitations::get, "open invitations only"),
        there(DELETE, "/api/v1/organization/{org_code}/invites/{invite_code}", "delete:organization_invites", invitations::delete),
        not(PUT, "/api/v1/mfa"),
        partly(GET, "/api/v1/organization", "read:organizations", organizations::get, "no branding, domains and billing"),
        partly(POST, "/api/v1/organization", "create:organizations", organizations::create, "name, handle and external id"),
        there(GET, "/api/v1/organizations", "read:organizations", organizations::list),
        partly(PATCH, "/api/v1/organization/{org_code}", "update:organizations", organizations::update, "name, handle and external id"),
        there(DELETE, "/api/v1/organization/{org_code}", "delete:organizations", organizations::delete),
        partly(GET, "/api/v1/organizations/{org_code}/users", "read:organization_users", members::list, "not since when somebody is a member"),
        there(POST, "/api/v1/organizations/{org_code}/users", "create:organization_users", members::add),
        there(PATCH, "/api/v1/organizations/{org_code}/users", "update:organization_users", members::update),
        there(GET, "/api/v1/organizations/{org_code}/users/{user_id}/roles", "read:organization_user_roles", member_rights::list_roles),
        there(POST, "/api/v1/organizations/{org_code}/users/{user_id}/roles", "create:organization_user_roles", member_rights::add_role),
        there(DELETE, "/api/v1/organizations/{org_code}/users/{user_id}/roles/{role_id}", "delete:organization_user_roles", member_rights::remove_role),
        there(GET, "/api/v1/organizations/{org_code}/roles/{role_id}/users", "read:organization_user_roles", members::list_with_role),
        there(GET, "/api/v1/organizations/{org_code}/users/{user_id}/permissions", "read:organization_user_permissions", member_rights::list_permissions),
        there(POST, "/api/v1/organizations/{org_code}/users/{user_id}/permissions", "create:organization_user_permissions", member_rights::add_permission),
        there(DELETE, "/api/v1/organizations/{org_code}/users/{user_id}/permissions/{permission_id}", "delete:organization_user_permissions", member_rights::remove_permission),
        there(DELETE, "/api/v1/organizations/{org_code}/users/{user_id}", "delete:organization_users", members::remove),
        not(POST, "/api/v1/organizations/{org_code}/users/{user_id}/apis/{api_id}/scopes/{scope_id}"),
        not(DELETE, "/api/v1/organizations/{org_code}/users/{user_id}/apis/{api_id}/scopes/{scope_id}"),
        not(GET, "/api/v1/organizations/{org_code}/users/{user_id}/mfa"),
        not(DELETE, "/api/v1/organizations/{org_code}/users/{user_id}/mfa"),
        not(DELETE, "/api/v1/organizations/{org_code}/users/{user_id}/mfa/{factor_id}"),
        there(GET, "/api/v1/organizations/{org_code}/feature_flags", "read:organization_feature_flags", feature_flags::list_of_organization),
        there(DELETE, "/api/v1/organizations/{org_code}/feature_flags", "delete:organization_feature_flags", feature_flags::clear_all_for_organization),
        there(DELETE, "/api/v1/organizations/{org_code}/feature_flags/{feature_flag_key}", "delete:organization_feature_flags", feature_flags::clear_for_organization),
        there(PATCH, "/api/v1/organizations/{org_code}/feature_flags/{feature_flag_key}", "update:organization_feature_flags", feature_flags::set_for_organization),
        there(PUT, "/api/v1/organizations/{org_code}/properties/{property_key}", "update:organization_properties", property_values::set_for_organization),
        there(GET, "/api/v1/organizations/{org_code}/properties", "read:organization_properties", property_values::list_of_organization),
        there(PATCH, "/api/v1/organizations/{org_code}/properties", "update:organization_properties", property_values::set_all_for_organization),
        not(PUT, "/api/v1/organizations/{org_code}/mfa"),
        not(GET, "/api/v1/organizations/{org_code}/passkey"),
        not(PUT, "/api/v1/organizations/{org_code}/passkey"),
        there(DELETE, "/api/v1/organization/{org_code}/handle", "delete:organization_handles", organizations::delete_handle),
        not(GET, "/api/v1/organizations/{org_code}/logos"),
        not(POST, "/api/v1/organizations/{org_code}/logos/{type}"),
        not(DELETE, "/api/v1/organizations/{org_code}/logos/{type}"),
        not(GET, "/api/v1/organizations/{organization_code}/connections"),
        not(POST, "/api/v1/organizations/{organization_code}/connections/{connection_id}"),
        not(DELETE, "/api/v1/organizations/{organization_code}/connections/{connection_id}"),
        not(PATCH, "/api/v1/organizations/{org_code}/sessions"),
        not(GET, "/api/v1/passkey"),
        not(PUT, "/api/v1/passkey"),
        there(GET, "/api/v1/permissions", "read:permissions", permissions::list),
        there(POST, "/api/v1/permissions", "create:permissions", permissions::create),
        there(PATCH, "/api/v1/permissions/{permission_id}", "update:permissions", permissions::update),
        there(DELETE, "/api/v1/permissions/{permission_id}", "delete:permissions", permissions::delete),
        there(GET, "/api/v1/properties", "read:properties", properties::list),
        there(POST, "/api/v1/properties", "create:properties", properties::create),
        there(PUT, "/api/v1/properties/{property_id}", "update:properties", properties::update),
        there(DELETE, "/api/v1/properties/{property_id}", "delete:properties", properties::delete),
        there(GET, "/api/v1/property_categories", "read:property_categories", properties::list_categories),
        there(POST, "/api/v1/property_categories", "create:property_categories", properties::create_category),
        there(PUT, "/api/v1/property_categories/{category_id}", "update:property_categories", properties::update_category),
        there(GET, "/api/v1/roles", "read:roles", roles::list),
        partly(POST, "/api/v1/roles", "create:roles", roles::create, "no `assignment_permission_id`"),
        there(GET, "/api/v1/roles/{role_id}", "read:roles", roles::get),
        partly(PATCH, "/api/v1/roles/{role_id}", "update:roles", roles::update, "no `assignment_permission_id`"),
        there(DELETE, "/api/v1/roles/{role_id}", "delete:roles", roles::delete),
        not(GET, "/api/v1/roles/{role_id}/scopes"),
        not(POST, "/api/v1/roles/{role_id}/scopes"),
        not(DELETE, "/api/v1/roles/{role_id}/scopes/{scope_id}"),
        there(GET, "/api/v1/roles/{role_id}/permissions", "read:role_permissions", role_permissions::list),
        there(PATCH, "/api/v1/roles/{role_id}/permissions", "update:role_permissions", role_permissions::update),
        not(GET, "/api/v1/roles/{role_id}/system_permissions"),
        not(PATCH, "/api/v1/roles/{role_id}/system_permissions"),
        there(GET, "/api/v1/roles/{role_id}/users", "read:organization_user_roles", roles::list_users),
        there(DELETE, "/api/v1/roles/{role_id}/permissions/{permission_id}", "delete:role_permissions", role_permissions::remove),
        partly(GET, "/api/v1/search/users", "read:users", search::users, "no search by properties and API scopes"),
        not(GET, "/api/v1/subscribers"),
        not(POST, "/api/v1/subscribers"),
        not(GET, "/api/v1/subscribers/{subscriber_id}"),
        not(GET, "/api/v1/system_permissions"),
        partly(GET, "/api/v1/users", "read:users", users::list, "`expand` knows `organizations` and `identities`"),
        there(POST, "/api/v1/users/{user_id}/refresh_claims", "update:user_refresh_claims", users::refresh_claims),
        partly(GET, "/api/v1/user", "read:users", users::get, "`expand` knows `organizations` and `identities`"),
        partly(POST, "/api/v1/user", "create:users", new_user::create, "everybody has an e-mail address, and every identity is verified"),
        partly(PATCH, "/api/v1/user", "update:users", users::update, "no request to reset a password"),
        there(DELETE, "/api/v1/user", "delete:users", users::delete),
        there(PATCH, "/api/v1/users/{user_id}/feature_flags/{feature_flag_key}", "update:user_feature_flags", feature_flags::set_for_user),
        there(PUT, "/api/v1/users/{user_id}/properties/{property_key}", "update:user_properties", property_values::set_for_user),
        there(GET, "/api/v1/users/{user_id}/properties", "read:user_properties", property_values::list_of_user),
        there(PATCH, "/api/v1/users/{user_id}/properties", "update:user_properties", property_values::set_all_for_user),
        not(PUT, "/api/v1/users/{user_id}/password"),
        there(GET, "/api/v1/users/{user_id}/identities", "read:user_identities", identities::list),
        not(POST, "/api/v1/users/{user_id}/identities"),
        partly(GET, "/api/v1/users/{user_id}/sessions", "read:user_sessions", sessions::list, "no IP addresses and user agents"),
        there(DELETE, "/api/v1/users/{user_id}/sessions", "delete:user_sessions", sessions::end),
        not(GET, "/api/v1/users/{user_id}/mfa"),
        not(DELETE, "/api/v1/users/{user_id}/mfa"),
        not(DELETE, "/api/v1/users/{user_id}/mfa/{factor_id}"),
        partly(GET, "/api/v1/events/{event_id}", "read:events", webhooks::get_event, "the last 100"),
        partly(GET, "/api/v1/event_types", "read:event_types", webhooks::list_event_types, "what the tenant sends by itself, without schemas"),
        there(DELETE, "/api/v1/webhooks/{webhook_id}", "delete:webhooks", webhooks::delete),
        there(PATCH, "/api/v1/webhooks/{webhook_id}", "update:webhooks", webhooks::update),
        there(GET, "/api/v1/webhooks", "read:webhooks", webhooks::list),
        there(POST, "/api/v1/webhooks", "create:webhooks", webhooks::create),
    ]
}

fn front_end(method: Method, path: &'static str, coverage: Coverage) -> Operation {
    Operation { method, path, coverage, scope: None, handler: None }
}

fn there<H: Handler<T, SharedTenant>, T: 'static>(
    method: Method,
    path: &'static str,
    scope: &'static str,
    handler: H,
) -> Operation {
    let handler = Some(on(filter(&method), handler));
    Operation { method, path, coverage: There, scope: Some(scope), handler }
}

fn partly<H: Handler<T, SharedTenant>, T: 'static>(
    method: Method,
    path: &'static str,
    scope: &'static str,
    handler: H,
    missing: &'static str,
) -> Operation {
    Operation { coverage: Partly(missing), ..there(method, path, scope, handler) }
}

fn not(method: Method, path: &'static str) -> Operation {
    let handler = Some(on(filter(&method), async || Refusal::NotHere));
    Operation { method, path, coverage: Not, scope: None, handler }
}

fn filter(method: &Method) -> MethodFilter {
    MethodFilter::try_from(method.clone()).expect("the list has HTTP's own methods only")
}
