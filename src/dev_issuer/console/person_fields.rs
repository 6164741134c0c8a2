//! The fields with which the console adds and changes people. The names are those of the switchboard and the seed.

use super::form::{Content, Field, field};

const ONE_A_LINE: &str = "One in each line.";
const PROPERTIES: &str = "JSON: <code>{\"key\":{\"v\":…}}</code>. Empty: none.";

/// The fields of a new person. What is left empty has the value that most people have.
pub(crate) const NEW: &[Field] = &[
    field("person", "Key", "1 to 64 of a-z, 0-9, hyphen, underscore and dot. It chooses the person.", Content::Text),
    field("given_name", "Given name", "May be empty.", Content::OptionalText),
    field("family_name", "Family name", "May be empty.", Content::OptionalText),
    field("email", "E-mail", "Empty: KEY@example.com.", Content::OptionalText),
    field(
        "organizations",
        "Organizations",
        "Their names, one in each line. Empty: Analytical Engines.",
        Content::Lines,
    ),
    field("permissions", "Permissions", "One in each line. Empty: read:items, read:members.", Content::Lines),
    field("roles", "Roles", ONE_A_LINE, Content::Lines),
];

/// The fields of a change. Suspension is a button of its own.
pub(crate) const CHANGE: &[Field] = &[
    field("given_name", "Given name", "Empty: the person has none.", Content::OptionalText),
    field("family_name", "Family name", "Empty: the person has none.", Content::OptionalText),
    field("email", "E-mail", "It is in the ID token and the profile.", Content::Text),
    field(
        "organizations",
        "Organizations",
        "JSON: a list of names, or of <code>{\"code\":\"org_…\",\"name\":\"…\"}</code>. The first is the default.",
        Content::Json,
    ),
    field("permissions", "Permissions", ONE_A_LINE, Content::Lines),
    field("roles", "Roles", ONE_A_LINE, Content::Lines),
    field(
        "organization_rights",
        "Rights that differ in one organization",
        "JSON: <code>{\"org_…\":{\"permissions\":[…],\"roles\":[…]}}</code>.",
        Content::Json,
    ),
    field(
        "feature_flags",
        "Feature flags",
        "JSON: <code>{\"key\":{\"t\":\"b\",\"v\":true}}</code>, with t one of b, s, i, j.",
        Content::Json,
    ),
    field(
        "entitlements",
        "Entitlements",
        "JSON: <code>{\"key\":{\"entitlement_limit_max\":5}}</code>. An absent limit or price is null.",
        Content::Json,
    ),
    field("user_properties", "Properties of the user", PROPERTIES, Content::OptionalJson),
    field("organization_properties", "Properties of the organization", PROPERTIES, Content::OptionalJson),
    field("application_properties", "Properties of the application", PROPERTIES, Content::OptionalJson),
    field(
        "persistent",
        "Sessions outlive the browser",
        "The claim <code>ksp</code>. None: tokens do not have it.",
        Content::OptionalBoolean,
    ),
    field(
        "claims",
        "Claims of the access token",
        "JSON: they replace those of the tenant. Null removes one.",
        Content::Json,
    ),
    field("id_token_claims", "Claims of the ID token", "JSON, in the same way.", Content::Json),
];
