//! The notice of a session that ends soon: when, and the form by which the user stays signed in. Pages have it where
//! sessions end so early that users must be able to stay (WCAG 2.2, 2.2.1); `server::page` decides that.
//!
//! It works without JavaScript. The script `public/session_end.js` makes it follow the time: it finds the elements by the
//! ids of this file.

use leptos::nonce::Nonce;
use leptos::prelude::*;

use super::links;
use crate::assets::SESSION_END_SCRIPT;
use crate::auth::SignInOptions;
use crate::auth::paths::RETURN_TO_PARAMETER;

/// When the session of a page's user ends, as far as it was known when the page was rendered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionEnd {
    /// Seconds until then.
    pub seconds_left: u64,
    /// Whether the user can stay signed in; otherwise only another sign-in helps.
    pub can_stay: bool,
}

/// The notice, for the page at this address.
#[component]
pub(super) fn SessionEndNotice(session_end: SessionEnd, address: String) -> impl IntoView {
    let SessionEnd { seconds_left, can_stay } = session_end;
    let sign_in = SignInOptions::default().link(links::LOGIN, Some(&address));
    view! {
        <aside class="notice" id="session-end" aria-label="Session">
            <form method="post" action=links::SESSION>
                <input type="hidden" name=RETURN_TO_PARAMETER value=address/>
                <p>
                    "Your session ends "
                    <time id="session-end-time" datetime=format!("PT{seconds_left}S")>
                        {in_words(seconds_left)}
                    </time> "."
                </p>
                <button id="session-stay" type="submit" hidden=!can_stay>
                    "Stay signed in"
                </button>
                <a class="button quiet" id="session-renew" href=sign_in rel=links::rel(links::LOGIN) hidden=can_stay>
                    "Sign in again"
                </a>
                <p id="session-status" role="status"></p>
            </form>
        </aside>
    }
}

/// The script that makes the notice follow the time.
#[component]
pub(super) fn FollowSessionEnd(nonce: Nonce) -> impl IntoView {
    view! { <script nonce=nonce src=SESSION_END_SCRIPT.path() defer></script> }
}

/// A time from now as people say it, rounded down: nobody is promised more than there is.
fn in_words(seconds: u64) -> String {
    let count = |number: u64, unit: &str| format!("{number} {unit}{}", if number == 1 { "" } else { "s" });
    match (seconds / 3600, seconds / 60 % 60) {
        (0, 0) => "in less than a minute".to_owned(),
        (0, minutes) => format!("in {}", count(minutes, "minute")),
        (hours, 0) => format!("in {}", count(hours, "hour")),
        (hours, minutes) => format!("in {} and {}", count(hours, "hour"), count(minutes, "minute")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::{PageContext, Viewer, document};

    fn page(session_end: Option<SessionEnd>) -> String {
        let viewer = Viewer { name: "Ada".to_owned(), initials: "A".to_owned(), picture: None, email: None };
        let context = PageContext { viewer: Some(viewer), session_end, ..PageContext::at("/items/1?q=a&b") };
        document(&context, "Title", || ())
    }

    /// The opening tag of the element with this id.
    fn tag<'a>(html: &'a str, id: &str) -> &'a str {
        let before = html.find(&format!("id=\"{id}\"")).unwrap_or_else(|| panic!("no {id}: {html}"));
        let start = html[..before].rfind('<').unwrap();
        &html[start..=start + html[start..].find('>').unwrap()]
    }

    #[test]
    fn times_are_said_as_people_do_and_never_too_long() {
        for (seconds, words) in [
            (0, "in less than a minute"),
            (59, "in less than a minute"),
            (60, "in 1 minute"),
            (1_799, "in 29 minutes"),
            (3_600, "in 1 hour"),
            (3_661, "in 1 hour and 1 minute"),
            (71_999, "in 19 hours and 59 minutes"),
        ] {
            assert_eq!(in_words(seconds), words, "{seconds}");
        }
    }

    #[test]
    fn a_user_can_stay_and_returns_to_the_page() {
        let html = page(Some(SessionEnd { seconds_left: 1_500, can_stay: true }));
        assert!(html.contains("datetime=\"PT1500S\">in 25 minutes</time>"), "{html}");
        assert!(html.contains("name=\"post_login_redirect_url\" value=\"/items/1?q=a&amp;b\""), "{html}");
        assert!(!tag(&html, "session-stay").contains("hidden"), "{html}");
        assert!(tag(&html, "session-renew").contains("hidden"), "{html}");
    }

    #[test]
    fn a_session_that_cannot_be_prolonged_is_renewed_by_a_sign_in() {
        let html = page(Some(SessionEnd { seconds_left: 1_500, can_stay: false }));
        assert!(tag(&html, "session-stay").contains("hidden"), "{html}");
        let link = tag(&html, "session-renew");
        let target = "/api/auth/login?post_login_redirect_url=%2Fitems%2F1%3Fq%3Da%26b";
        assert!(!link.contains("hidden") && link.contains(target), "{link}");
    }

    #[test]
    fn a_page_without_such_an_end_says_nothing_of_it() {
        let html = page(None);
        assert!(!html.contains("session-end") && !html.contains("<script"), "{html}");
    }
}
