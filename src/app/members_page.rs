//! `/members`: the organization signed in to, and the way to its members. The list itself is Kinde's portal.
//! `policies` states who may see the page, and who may invite.

use leptos::prelude::*;

use super::{
    allowed::Allowed,
    document::{PageContext, document},
    links,
    sign_in_links::PortalLink,
};
use crate::api::members::Members;
use crate::auth::{Paths, PortalPage, ReturnTo};
use crate::policies::INVITE;

/// Renders the organization's name and code, and for those who may invite the link to do so.
pub fn members_page(context: &PageContext, members: &Members) -> String {
    let Members { org_code, org_name } = members.clone();
    let return_to = ReturnTo::parse(&context.address, &Paths::default());
    document(context, "Your organization", || {
        view! {
            <h1>"Your organization"</h1>
            <section class="card" aria-labelledby="organization-heading">
                <h2 id="organization-heading">
                    <bdi>{org_name.unwrap_or_else(|| org_code.clone())}</bdi>
                </h2>
                <p>"Its code is " <code id="org-code">{org_code}</code> "."</p>
                <p id="invite">
                    "Its members are not listed here: Kinde's portal has the list. "
                    <Allowed
                        policy=INVITE
                        fallback=|| "Someone who manages this organization can invite others."
                    >
                        "You manage this organization, so you can open the list and invite others."
                    </Allowed>
                </p>
                <p class="muted">"You see this page because you have the permission " <code>"read:members"</code> "."</p>
                <ul class="ways-on" role="list">
                    <Allowed policy=INVITE>
                        <li>
                            <PortalLink page=PortalPage::OrganizationMembers return_to class="button">
                                "Invite members"
                            </PortalLink>
                        </li>
                    </Allowed>
                    <li>
                        <a class="button quiet" href=links::HOME>"Start page"</a>
                    </li>
                </ul>
            </section>
        }
    })
}
