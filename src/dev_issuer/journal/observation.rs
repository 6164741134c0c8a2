//! What the app says that it verified, as it posts it to the switchboard. The tenant cannot know it otherwise.

use serde::{Deserialize, Serialize};

use super::shown::cut;
use crate::dev_issuer::basics::clock::Milliseconds;

/// The most checks of one observation that are kept.
const MOST_CHECKS: usize = 40;

/// What was verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Stage {
    /// A sign-in that could not begin, because the issuer could not be asked.
    Begin,
    Callback,
    TokenResponse,
    /// The discovery document. The app fetches it for every sign-in, so it names none.
    Discovery,
    /// The key set, as the discovery document.
    Keys,
    IdToken,
    AccessToken,
    Userinfo,
    Refresh,
    SignOut,
    /// A list of the account API, and what the app decided with the lists.
    AccountApi,
    PortalLink,
    BearerToken,
    Webhook,
    LogoutToken,
}

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Verdict {
    Holds,
    Fails,
    /// An earlier check failed.
    NotReached,
}

/// One check: what was looked at, what it had to be, and the verdict.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Check {
    pub(crate) name: String,
    pub(crate) value: String,
    pub(crate) expected: String,
    pub(crate) verdict: Verdict,
}

/// What the app did in the end.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Answer {
    /// The status of the response to the browser or to the issuer. None where no response follows, as after a refresh.
    pub(crate) status: Option<u16>,
    /// What happened, in the app's words.
    pub(crate) summary: String,
    /// Why, as the app's log has it.
    pub(crate) reason: Option<String>,
}

/// What the app tells of one stage.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Observation {
    pub(crate) at: Milliseconds,
    /// The digest of a value that the tenant knows too, such as the state of the authorization request.
    pub(crate) reference: Option<String>,
    pub(crate) stage: Stage,
    pub(crate) checks: Vec<Check>,
    pub(crate) answer: Option<Answer>,
}

impl Observation {
    /// Returns it with every text cut to the length that the journal keeps.
    pub(crate) fn shortened(mut self) -> Self {
        self.checks.truncate(MOST_CHECKS);
        for check in &mut self.checks {
            for text in [&mut check.name, &mut check.value, &mut check.expected] {
                *text = cut(text);
            }
        }
        if let Some(answer) = &mut self.answer {
            answer.summary = cut(&answer.summary);
            answer.reason = answer.reason.as_deref().map(cut);
        }
        self
    }
}
