//! What a page about a user does when the browser shows it once more without a request, and how other tabs learn of a
//! sign-out: two scripts of a few lines. What a browser without JavaScript shows is decided by headers, in `server::headers`
//! and `auth`.
//!
//! Once a session has ended, no page shows the user's name again. `end2end/engines/shown_again.spec.ts` looks in
//! Chromium, Firefox and WebKit, over http and over https.
//!
//! | the way back | what keeps the name away | without JavaScript |
//! | --- | --- | --- |
//! | Back and Forward, from the HTTP cache | `Cache-Control: no-store`: there is nothing to show, so the page is requested | the same |
//! | Back and Forward, from the back/forward cache | a page hides itself when it is left, and loads anew when it is shown again ([`WATCH`]). Firefox keeps no page that is `no-store`; WebKit keeps those that came over http; Chromium keeps all for some minutes, but drops them when a response sets a cookie, as that of a sign-out does | Chromium shows a page for at most three minutes after a session ended elsewhere; WebKit over http |
//! | a tab, or a whole window, that the browser restores | `Cache-Control: no-store` | the same |
//! | prefetch and prerendering | refused while there is a session or not ([`refuse_speculation`](crate::auth::refuse_speculation)) | the same |
//! | another tab that is still open | it goes to the page on which a sign-out ends, when that is shown in this browser ([`ANNOUNCE`]) | the name stays until the tab is used |

use std::sync::LazyLock;

use super::links::SIGNED_OUT;

/// The name of the [`BroadcastChannel`](https://html.spec.whatwg.org/multipage/web-messaging.html#broadcastchannel) by
/// which the tabs of one browser learn of a sign-out.
const CHANNEL: &str = "sign-out";

/// The script of a page about a user. The page is hidden while the browser keeps it, so that not even one frame of it is
/// seen before it loads anew.
pub(super) static WATCH: LazyLock<String> = LazyLock::new(|| {
    format!(
        "{{const root=document.documentElement;\
         addEventListener(\"pagehide\",()=>root.hidden=true);\
         addEventListener(\"pageshow\",event=>{{if(event.persisted)location.reload()}});\
         new BroadcastChannel({CHANNEL:?}).onmessage=()=>location={SIGNED_OUT:?}}}"
    )
});

/// The script of the page on which a sign-out ends. It says so only there: the session is over then, while it may not be
/// when the sign-out button is pressed.
pub(super) static ANNOUNCE: LazyLock<String> =
    LazyLock::new(|| format!("new BroadcastChannel({CHANNEL:?}).postMessage(\"\");"));
