//! The metrics of sign-ins, refreshes, and the beginning and end of sessions.

use metrics::Counter;

use super::{Counters, Labels, Metric, Pair, counter, label};

const SIGN_INS_BEGUN: Metric = Metric {
    name: "kinde_leptos_sign_ins_begun_total",
    help: "Browsers that were to be sent to the issuer, and whether they were.",
};
const SIGN_INS: Metric =
    Metric { name: "kinde_leptos_sign_ins_total", help: "Callbacks of the issuer, and what became of them." };
const REFRESHES: Metric =
    Metric { name: "kinde_leptos_refreshes_total", help: "Refreshes of a session's tokens that this process began." };
const SESSIONS_BEGUN: Metric = Metric { name: "kinde_leptos_sessions_begun_total", help: "Sessions that began." };
const SESSIONS_ENDED: Metric = Metric {
    name: "kinde_leptos_sessions_ended_total",
    help: "Sessions that this process ended. One that expires is not among them.",
};

label! {
    /// Why a sign-in failed.
    "reason": FailureReason {
        /// The user cancelled, or may not sign in.
        AccessDenied = "access_denied",
        LoginLinkExpired = "login_link_expired",
        /// `prompt=none` could not be fulfilled.
        InteractionRequired = "interaction_required",
        /// The issuer returned another error code.
        Declined = "declined",
        /// The issuer said in the callback that it is not available.
        IssuerUnavailable = "issuer_unavailable",
        MalformedCallback = "malformed_callback",
        /// The callback names another issuer.
        WrongIssuer = "wrong_issuer",
        /// The callback belongs to no sign-in that this browser began in the last minutes.
        NoPendingAuthorization = "no_pending_authorization",
        CodeRefused = "code_refused",
        /// The client id or the client secret is wrong.
        ClientRefused = "client_refused",
        TokenResponse = "token_response",
        IdToken = "id_token",
        /// An access token or userinfo names another user or issuer than the ID token.
        AnotherUser = "another_user",
        Discovery = "discovery",
        IssuerTimeout = "issuer_timeout",
        IssuerUnreachable = "issuer_unreachable",
        /// The issuer limits our requests.
        IssuerLimited = "issuer_limited",
        /// A status or a body that cannot be used.
        IssuerResponse = "issuer_response",
        /// The circuit breaker is open, or too many users wait.
        HeldBack = "held_back",
        Store = "store",
        Internal = "internal",
    }
}

/// How something that can fail for a reason ended. Its labels are `outcome` and `reason`, which is `none` for a success.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::auth) enum Attempt {
    Succeeded,
    Failed(FailureReason),
}

impl Labels for Attempt {
    const COUNT: usize = 1 + FailureReason::COUNT;

    fn all() -> impl Iterator<Item = Self> {
        std::iter::once(Self::Succeeded).chain(FailureReason::all().map(Self::Failed))
    }

    fn pairs(self) -> Vec<Pair> {
        match self {
            Self::Succeeded => vec![("outcome", "success"), ("reason", "none")],
            Self::Failed(reason) => [vec![("outcome", "failure")], reason.pairs()].concat(),
        }
    }

    fn position(self) -> usize {
        match self {
            Self::Succeeded => 0,
            Self::Failed(reason) => 1 + reason.position(),
        }
    }
}

label! {
    /// How a refresh ended.
    "outcome": RefreshOutcome {
        Success = "success",
        /// The issuer ended the grant, and so the session has ended.
        Refused = "refused",
        /// The session stays, and another try follows.
        Failure = "failure",
        /// No request was sent: the circuit breaker is open.
        HeldBack = "held_back",
        /// The session store failed.
        StoreFailure = "store_failure",
        /// The session ended meanwhile, or another process took over.
        Lost = "lost",
        NoRefreshToken = "no_refresh_token",
    }
}

label! {
    /// What ended a session.
    "cause": EndCause {
        /// Its own browser.
        SignOut = "sign_out",
        /// Another browser of its user.
        OtherBrowser = "other_browser",
        /// A new sign-in of its own browser.
        NewSignIn = "new_sign_in",
        /// A sign-in of its user, who had as many sessions as one may have.
        Surplus = "surplus",
        /// The issuer refused the refresh.
        RefreshRefused = "refresh_refused",
        /// The issuer deleted or suspended the user, or the application ended the access.
        AccessEnded = "access_ended",
        /// A logout token of the issuer.
        IssuerLogout = "issuer_logout",
        /// The application, by `Client::end_sessions_of`.
        Application = "application",
        /// The sign-in failed after its session had begun.
        FailedSignIn = "failed_sign_in",
    }
}

/// The sign-ins and sessions of one client.
#[derive(Debug)]
pub(in crate::auth) struct SessionMetrics {
    sign_ins_begun: Counters<Attempt>,
    sign_ins: Counters<Attempt>,
    refreshes: Counters<RefreshOutcome>,
    sessions_begun: Counter,
    sessions_ended: Counters<EndCause>,
}

impl SessionMetrics {
    pub(in crate::auth) fn register() -> Self {
        Self {
            sign_ins_begun: Counters::register(&SIGN_INS_BEGUN, &[]),
            sign_ins: Counters::register(&SIGN_INS, &[]),
            refreshes: Counters::register(&REFRESHES, &[]),
            sessions_begun: counter(&SESSIONS_BEGUN, &[]),
            sessions_ended: Counters::register(&SESSIONS_ENDED, &[]),
        }
    }

    pub(in crate::auth) fn sign_in_begun(&self, attempt: Attempt) {
        self.sign_ins_begun.increment(attempt);
    }

    pub(in crate::auth) fn signed_in(&self, attempt: Attempt) {
        self.sign_ins.increment(attempt);
    }

    pub(in crate::auth) fn refreshed(&self, outcome: RefreshOutcome) {
        self.refreshes.increment(outcome);
    }

    pub(in crate::auth) fn session_begun(&self) {
        self.sessions_begun.increment(1);
    }

    pub(in crate::auth) fn session_ended(&self, cause: EndCause) {
        self.sessions_ended.increment(cause);
    }
}
