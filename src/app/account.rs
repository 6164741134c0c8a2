//! The signed-in person's corner of the header: who it is, and the way out.
//!
//! Leaves out the account page and how name and initials are chosen: the page handler brings them ready.

use leptos::prelude::*;

use super::links;

/// The person a page is drawn for; in context while someone is signed in.
#[derive(Clone, Debug)]
pub struct Viewer {
    /// The name the page greets the person by.
    pub name: String,
    /// One or two letters, shown where there is no picture or it does not load.
    pub initials: String,
    /// An https address of a picture.
    pub picture: Option<String>,
    /// The e-mail address.
    pub email: Option<String>,
}

/// Avatar, name, e-mail address and a sign-out button.
#[component]
pub(super) fn Account(
    /// The signed-in person.
    viewer: Viewer,
) -> impl IntoView {
    // An address that repeats the name, as for a person without one, says nothing new.
    let email = viewer.email.filter(|email| *email != viewer.name);
    view! {
        <div class="account" id="account">
            <Avatar initials=viewer.initials picture=viewer.picture/>
            <p class="account-name">
                <bdi>{viewer.name}</bdi>
                {email.map(|email| view! { <bdi class="account-email">{email}</bdi> })}
            </p>
            <form method="post" action=links::LOGOUT>
                <button type="submit" class="quiet">"Sign out"</button>
            </form>
        </div>
    }
    .into_any()
}

/// The picture lies over the initials, so that one that does not load leaves them visible; it has no width and height
/// of its own, because Chromium draws a broken-image icon where it has. Its host learns nothing of the page.
#[component]
fn Avatar(initials: String, picture: Option<String>) -> impl IntoView {
    view! {
        <span class="avatar" aria-hidden="true">
            {initials}
            {picture
                .map(|src| view! { <img src=src alt="" referrerpolicy="no-referrer" loading="lazy"/> })}
        </span>
    }
}
