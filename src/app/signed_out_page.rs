//! `/signed-out`: where a sign-out ends, here and at the issuer.
//!
//! It does not sign out: the page is public, and a user who is still signed in may open it.

use leptos::prelude::*;

use super::{account::Viewer, layout::PageTitle, links};

/// Says that nobody is signed in, and links to sign-in; or says who still is.
#[component]
pub(super) fn SignedOutPage() -> impl IntoView {
    match use_context::<Viewer>() {
        Some(viewer) => still_signed_in(viewer.name).into_any(),
        None => signed_out().into_any(),
    }
}

fn still_signed_in(name: String) -> impl IntoView {
    view! {
        <PageTitle text="Still signed in"/>
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
        <PageTitle text="Signed out"/>
        <div class="card message">
            <h1>"You are signed out"</h1>
            <p>"Your session on this site has ended. Sign in again whenever you like."</p>
            <ul class="ways-on" role="list">
                <li>
                    <a class="button" href=links::LOGIN rel=links::rel(links::LOGIN)>"Sign in"</a>
                </li>
                <li>
                    <a class="button quiet" href=links::REGISTER rel=links::rel(links::REGISTER)>"Create account"</a>
                </li>
            </ul>
        </div>
    }
}
