//! `/signed-out`: where a sign-out ends, here and at the issuer.
//!
//! Leaves out the sign-out itself; the page is public and may be opened by anyone at any time.

use leptos::prelude::*;

use super::{layout::PageTitle, links};

/// Says that nobody is signed in, and offers the two ways in.
#[component]
pub(super) fn SignedOutPage() -> impl IntoView {
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
    .into_any()
}
