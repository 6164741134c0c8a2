//! The open invitations of a seed.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    members::{Members, sorted},
    organizations::KnownOrganizations,
};
use crate::dev_issuer::basics::random::Random;
use crate::dev_issuer::people::invitations::{Invitation, Invitations};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SeedInvitation {
    code: Option<String>,
    email: String,
    org_code: String,
    given_name: Option<String>,
    family_name: Option<String>,
    #[serde(default)]
    roles: Vec<String>,
}

/// Reads the invitations. What cannot be used is noted as a problem.
pub(super) fn take(
    members: &mut Members,
    organizations: &KnownOrganizations<'_>,
    random: &Random,
    problems: &mut Vec<String>,
) -> Invitations {
    let mut invitations = Invitations::default();
    for (place, value) in members.take_list("invitations", problems) {
        match serde_json::from_value::<SeedInvitation>(value) {
            Ok(SeedInvitation { code, email, org_code, given_name, family_name, roles }) => {
                let Some(organization) = organizations.find(&org_code) else {
                    problems.push(format!("{place}.org_code: there is no organization {org_code}"));
                    continue;
                };
                let created_at = None;
                let invitation = Invitation { email, organization, given_name, family_name, roles, created_at };
                invitations.add(code, invitation, random);
            }
            Err(error) => problems.push(format!("{place}: {error}")),
        }
    }
    invitations
}

/// Writes the invitations as a member of a seed.
pub(super) fn written(invitations: &Invitations) -> Vec<Value> {
    sorted(invitations.all().map(|(code, invitation)| {
        let Invitation { email, organization, given_name, family_name, roles, .. } = invitation;
        json!({
            "code": code,
            "email": email,
            "org_code": organization.code,
            "given_name": given_name,
            "family_name": family_name,
            "roles": roles,
        })
    }))
}
