//! The acceptance of an invitation: only its e-mail address signs in with it, once, and becomes a member of the
//! organization. The link that leads to the client is in `endpoints::team_invitation`.
//!
//! Kinde documentation, "Invite users to an organization" (`invitation_code`, `is_invitation`, `prompt=create`).

use crate::dev_issuer::basics::random::Random;
use crate::dev_issuer::people::{directory::People, invitations::Invitation};
use crate::dev_issuer::protocol::authorization_request::{AuthorizationRequest, Prompt};
use crate::dev_issuer::state::tenant::TenantState;

/// The tenant does not sign this person in with the invitation. The text is for the error page.
pub(crate) struct Refused(pub(crate) &'static str);

/// Returns the invitation of a request, or none if the request has no invitation.
///
/// # Errors
///
/// [`Refused`]: the invitation is not known, was accepted, or lacks the parameters that must accompany it.
pub(crate) fn of_request<'a>(
    state: &'a TenantState,
    request: &AuthorizationRequest,
) -> Result<Option<&'a Invitation>, Refused> {
    let Some(code) = &request.invitation_code else {
        return Ok(None);
    };
    if !request.is_invitation || request.prompt != Prompt::Create {
        return Err(Refused("An invitation_code needs is_invitation=true and prompt=create."));
    }
    match state.invitations.find(code) {
        Some(invitation) => Ok(Some(invitation)),
        None => Err(Refused("This invitation is not known or was already accepted.")),
    }
}

/// Returns the key of the invited person, who is created if nobody has the e-mail address yet.
pub(crate) fn invited_person(
    people: &mut People,
    invitation: &Invitation,
    names: (Option<&str>, Option<&str>),
    random: &Random,
) -> String {
    let known = people.all().iter().find(|person| invitation.is_for(&person.email));
    match known.map(|person| person.key.clone()) {
        Some(key) => key,
        None => people.create(&invitation.email, names, random),
    }
}

/// Makes the person a member of the organization and lets the request sign in to it. It does nothing if the request has
/// no invitation.
///
/// # Errors
///
/// [`Refused`]: as [`of_request`], or the invitation is for another e-mail address.
pub(crate) fn accept(state: &mut TenantState, request: &mut AuthorizationRequest, person: &str) -> Result<(), Refused> {
    let Some(invitation) = of_request(state, request)?.cloned() else {
        return Ok(());
    };
    let is_for = state.people.find(person).is_some_and(|person| invitation.is_for(&person.email));
    if !is_for {
        return Err(Refused("This invitation is for another e-mail address."));
    }
    request.org_code = Some(invitation.organization.code.clone());
    state.people.join(person, invitation.organization);
    if let Some(code) = &request.invitation_code {
        state.invitations.remove(code);
    }
    Ok(())
}
