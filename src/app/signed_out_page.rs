//! `/signed-out`: where a sign-out ends, here and at the issuer.
//! It does not sign out: the page is public, and a user who is still signed in may open it.

use leptos::prelude::*;

use super::{
    document::{PageContext, document},
    links,
    sign_in_links::{LoginLink, RegisterLink},
};

/// Says that nobody is signed in and links to sign-in, or says who still is.
pub fn signed_out_page(context: &PageContext) -> String {
    match &context.viewer {
        Some(viewer) => document(context, "Still signed in", || still_signed_in(viewer.name.clone())),
        None => document(context, "Signed out", signed_out),
    }
}

fn still_signed_in(name: String) -> impl IntoView {
    view! {
        <div class="card message">
            <h1>"You are still signed in"</h1>
            <p>"You are still signed in as " <bdi>{name}</bdi> "."</p>
            <ul class="ways-on" role="list">
                <li>
                    <form method="post" action=links::LOGOUT>
                        <button type="submit">"Sign out"</button>
                    </form>
                </li>
                <li>
                    <a class="button quiet" href=links::HOME>"Start page"</a>
                </li>
            </ul>
        </div>
    }
}

fn signed_out() -> impl IntoView {
    view! {
        <div class="card message">
            <h1>"You are signed out"</h1>
            <p>"Your session on this site has ended. Sign in again whenever you like."</p>
            <ul class="ways-on" role="list">
                <li>
                    <LoginLink class="button">"Sign in"</LoginLink>
                </li>
                <li>
                    <RegisterLink class="button quiet">"Create account"</RegisterLink>
                </li>
            </ul>
        </div>
    }
}
