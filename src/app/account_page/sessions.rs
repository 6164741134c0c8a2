//! The part of `/account` with the user's sessions: a form ends each of them, and one ends all.

use leptos::prelude::*;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;

use crate::api::account::Session;
use crate::app::links;

#[component]
pub(super) fn SessionsSection(sessions: Vec<Session>, is_at_kinde: bool) -> impl IntoView {
    let extent = if is_at_kinde {
        "This ends every session of yours, on this site and at Kinde."
    } else {
        "This ends every session of yours on this site."
    };
    view! {
        <section class="card wide" aria-labelledby="sessions-heading">
            <h2 id="sessions-heading">"Where you are signed in"</h2>
            <ul class="sessions" id="sessions" role="list">
                {sessions.into_iter().map(|session| view! { <SessionEntry session/> }).collect_view()}
            </ul>
            <form class="everywhere" method="post" action=links::LOGOUT_EVERYWHERE>
                <p id="everywhere-extent">{extent}</p>
                <button type="submit" class="quiet" aria-describedby="everywhere-extent">
                    "Sign out everywhere"
                </button>
            </form>
        </section>
    }
}

#[component]
fn SessionEntry(session: Session) -> impl IntoView {
    let Session { id, device, started_at, last_seen, current } = session;
    let device = device.unwrap_or_else(|| "Unknown device".to_owned());
    let (action, separator) = if current { ("Sign out here", ": ") } else { ("End", " ") };
    let label = format!("{action}{separator}{device}, signed in {}", readable(&started_at));
    view! {
        <li>
            <p>
                <strong>{device}</strong>
                {current.then(|| view! { <span class="here">"This session"</span> })}
            </p>
            <p class="muted">
                <span>"Signed in " <Time at=started_at/></span>
                {last_seen
                    .filter(|_| !current)
                    .map(|last_seen| view! { <span>"Last seen " <Time at=last_seen/></span> })}
            </p>
            <form method="post" action=links::END_SESSION>
                <input type="hidden" name="session" value=id/>
                <button type="submit" class="quiet" aria-label=label>
                    {action}
                </button>
            </form>
        </li>
    }
}

#[component]
fn Time(at: String) -> impl IntoView {
    let readable = readable(&at);
    view! { <time datetime=at>{readable}</time> }
}

/// A time of the wire as users read it; without JavaScript only UTC is known.
fn readable(time: &str) -> String {
    let readable = format_description!("[day padding:none] [month repr:short] [year], [hour]:[minute] UTC");
    let parsed = OffsetDateTime::parse(time, &Rfc3339).ok();
    parsed.and_then(|time| time.format(readable).ok()).unwrap_or_else(|| time.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_for_users() {
        assert_eq!(readable("2026-02-01T09:05:59Z"), "1 Feb 2026, 09:05 UTC");
        assert_eq!(readable("yesterday"), "yesterday");
    }
}
