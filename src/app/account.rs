//! The account part of the header: who is signed in, as a link to their account, and the sign-out button.
//! Name and initials are chosen by `auth::User`.

use leptos::prelude::*;

use super::links;

/// The signed-in user that a page is rendered for.
#[derive(Clone, Debug)]
pub struct Viewer {
    /// The display name.
    pub name: String,
    /// One or two letters, shown where there is no picture or it does not load.
    pub initials: String,
    /// An https address of a picture.
    pub picture: Option<String>,
    /// The e-mail address.
    pub email: Option<String>,
}

/// Avatar, name and e-mail address, which lead to the account, and a sign-out button.
#[component]
pub(super) fn Account(
    /// The signed-in user.
    viewer: Viewer,
) -> impl IntoView {
    // An address that repeats the name, as for a user without a name, says nothing new.
    let email = viewer.email.filter(|email| *email != viewer.name);
    view! {
        <div class="account" id="account">
            <a class="account-link" href=links::ACCOUNT title="Your account">
                <Avatar initials=viewer.initials picture=viewer.picture/>
                <span class="account-name">
                    <bdi>{viewer.name}</bdi>
                    {email.map(|email| view! { <bdi class="account-email">{email}</bdi> })}
                </span>
            </a>
            <form method="post" action=links::LOGOUT>
                <button class="quiet">"Sign out"</button>
            </form>
        </div>
    }
}

/// The picture lies over the initials, so that one that does not load leaves them visible; it has no width and height
/// of its own, because Chromium draws a broken-image icon where it has. Its host learns nothing of the page.
#[component]
pub(super) fn Avatar(
    /// One or two letters.
    initials: String,
    /// An https address.
    picture: Option<String>,
) -> impl IntoView {
    view! {
        <span class="avatar" aria-hidden="true">
            {initials}
            {picture
                .map(|src| view! { <img src=src alt="" referrerpolicy="no-referrer" loading="lazy"/> })}
        </span>
    }
}
