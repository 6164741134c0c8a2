//! What a page about a user does when the browser shows it once more without a request, and how other tabs learn of a
//! sign-out: two scripts of a few lines. What a browser without JavaScript shows is decided by headers, in `server::headers`
//! and `auth`.
//!
//! Once a session has ended, no page shows the user's name again. The tests are in `end2end/engines/shown_again.*`; they run
//! in Chromium, Firefox and WebKit, with JavaScript. The ways out are the sign-out here and in another tab, `sign out
//! everywhere` in another browser, a webhook, and expiry.
//!
//! | the way back | what keeps the name away | without JavaScript | tests |
//! | --- | --- | --- | --- |
//! | Back and Forward, from the back/forward cache | a page hides itself when it is left, and loads anew when it is shown again ([`WATCH`]). Firefox keeps no `no-store` page, WebKit only those that came over http, Chromium all for some minutes, unless a response sets a cookie, as that of a sign-out does | Chromium shows a page for at most three minutes after the session ended elsewhere, WebKit over http longer | `Back and Forward after …`: one for each way out |
//! | Back and Forward, from the HTTP cache; a tab or a window that the browser restores | `Cache-Control: no-store`: nothing is there, so the page is requested | the same | `a window that the browser restores after the session has ended` (not in WebKit, whose MiniBrowser restores none), `the HTTP cache, from which tabs are restored, has no page of hers` |
//! | prefetch and prerendering | both are refused ([`refuse_speculation`](crate::auth::refuse_speculation)) | the same | `a page prefetched … / prerendered by a rule is not shown after the session has ended` |
//! | another tab that is still open | it goes to the page on which a sign-out ends, once that is shown in this browser ([`ANNOUNCE`]) | the name stays until the tab is used | `another tab, and Back there, after she signs out` |
//!
//! Back and Forward are tested with all five ways out, the rows below them with one way each. That one stands for all:
//! `no-store` and the refusal of prefetches are decided when the page is sent, before the session ends, so that every
//! way back leads to a request; and what a request finds after each of the five ways out is what Back and Forward test.
//! The way tested with restored windows and prefetches is the webhook, after which the browser still has its cookie;
//! with the HTTP cache it is the sign-out here. Another tab learns of a sign-out in its own browser only: after any
//! other end a tab that stays open shows the name until it requests something, and no test looks at it.
//!
//! `Clear-Site-Data: "cache"` would empty every one of these caches at a sign-out, but not at any other end of a session, and
//! each file of the site would be loaded again.

use std::sync::LazyLock;

use super::links::SIGNED_OUT;

/// The name of the [`BroadcastChannel`](https://html.spec.whatwg.org/multipage/web-messaging.html#broadcastchannel) by
/// which the tabs of one browser learn of a sign-out.
const CHANNEL: &str = "sign-out";

/// The script of a page about a user. The page is hidden while the browser keeps it, so that not even one frame of it is
/// seen before it loads anew.
pub(super) static WATCH: LazyLock<String> = LazyLock::new(|| {
    format!(
        "onpagehide=()=>document.documentElement.hidden=true;\
         onpageshow=event=>event.persisted&&location.reload();\
         new BroadcastChannel({CHANNEL:?}).onmessage=()=>location={SIGNED_OUT:?};"
    )
});

/// The script of the page on which a sign-out ends. It says so only there: the session is over then, while it may not be
/// when the sign-out button is pressed.
pub(super) static ANNOUNCE: LazyLock<String> =
    LazyLock::new(|| format!("new BroadcastChannel({CHANNEL:?}).postMessage(\"\");"));
