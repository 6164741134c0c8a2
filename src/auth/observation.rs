//! What an application may be told of every verification, for its own tests and development: which checks there were,
//! with value, expectation and verdict, and how it ended. The checks of each kind of token are listed in
//! `oidc::checks`. Who tells of tokens and of how something ended is decided in `client`; the issuer's documents are told
//! of where `oidc` fetches them.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use serde::Serialize;

/// Is told of verifications, of sign-ins, refreshes, sign-outs, and of what the issuer or a program sends. It is called
/// within the request, so it must return at once: an observer that sends something puts it into a queue and drops it
/// when the queue is full. What it is told holds no secret.
///
/// It is for tests and development: [`Config::with_observer`](super::Config::with_observer) exists in builds with debug
/// assertions, and with the feature `dev-issuer`. Other programs do not contain it.
///
/// ```
/// use std::sync::mpsc::{Sender, channel};
/// use kinde_leptos::auth::{Config, Verdict, Verification, VerificationObserver};
///
/// struct Failures(std::sync::Mutex<Sender<&'static str>>);
///
/// impl VerificationObserver for Failures {
///     fn verified(&self, verification: Verification) {
///         let failed = verification.checks.iter().filter(|check| check.verdict == Verdict::Fails);
///         let Ok(failures) = self.0.lock() else { return };
///         failed.for_each(|check| drop(failures.send(check.name)));
///     }
/// }
///
/// # fn with(config: Config) -> Config {
/// let (failures, failed_checks) = channel();
/// let config = config.with_observer(Failures(failures.into()));
/// # drop(failed_checks);
/// # config
/// # }
/// ```
pub trait VerificationObserver: Send + Sync {
    /// Takes one verification. It must neither block nor panic.
    fn verified(&self, verification: Verification);
}

/// The observer of a [`Client`](super::Client), if it has one. Cheap to clone.
#[derive(Clone, Default)]
pub struct Observer(Option<Arc<dyn VerificationObserver>>);

impl Observer {
    #[cfg(any(debug_assertions, feature = "dev-issuer"))]
    pub(super) fn new(observer: impl VerificationObserver + 'static) -> Self {
        Self(Some(Arc::new(observer)))
    }

    /// What is told of one sign-in, refresh or request, which the value of the issuer's names. Without an observer, the
    /// value is not looked at.
    pub(super) fn of<'a>(&self, value: impl FnOnce() -> Option<&'a str>) -> Observed {
        let told = |observer: &Arc<_>| Told { observer: Arc::clone(observer), reference: value().map(Reference::of) };
        Observed(self.0.as_ref().map(|observer| Arc::new(told(observer))))
    }
}

impl fmt::Debug for Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Observer").field(&self.0.is_some()).finish()
    }
}

/// One sign-in, refresh or request, as far as an observer is told of it.
#[derive(Clone, Default)]
pub(super) struct Observed(Option<Arc<Told>>);

/// Who is told, and what it is about.
struct Told {
    observer: Arc<dyn VerificationObserver>,
    reference: Option<Reference>,
}

impl Observed {
    /// Whether there is an observer.
    pub(super) fn is_told(&self) -> bool {
        self.0.is_some()
    }

    /// Tells of the checks of a stage. They are put together only if somebody is told.
    pub(super) fn checked(&self, stage: Stage, checks: impl FnOnce() -> Vec<Check>) {
        self.tell(|reference| Verification { reference, stage, checks: checks(), answer: None });
    }

    /// Tells how it ended.
    pub(super) fn answered(&self, stage: Stage, answer: impl FnOnce() -> Answer) {
        self.tell(|reference| Verification { reference, stage, checks: Vec::new(), answer: Some(answer()) });
    }

    fn tell(&self, verification: impl FnOnce(Option<Reference>) -> Verification) {
        // Any other build has no observer, and none of the code that puts its news together.
        if cfg!(any(debug_assertions, feature = "dev-issuer"))
            && let Some(Told { observer, reference }) = self.0.as_deref()
        {
            observer.verified(verification(reference.clone()));
        }
    }
}

/// What an observer is told at once.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Verification {
    /// Which sign-in, token or request it is about. `None` when there is nothing that both sides know.
    pub reference: Option<Reference>,
    /// What was verified.
    pub stage: Stage,
    /// The checks, in the order in which they are made. Empty when only the end is told.
    pub checks: Vec<Check>,
    /// How it ended, once that is known.
    pub answer: Option<Answer>,
}

/// Names a value that the issuer knows too, by the first 64 bits of its SHA-256 digest as 16 hexadecimal digits: the
/// `state` of a sign-in, the refresh token of a refresh, the token of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reference(String);

impl Reference {
    /// The name of this value.
    pub fn of(value: &str) -> Self {
        Self(beginning_of_digest(value, 8))
    }

    /// 16 hexadecimal digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What was verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Stage {
    /// Sign-in could not begin, because the issuer could not be asked. There is no `state` yet.
    Begin,
    /// The callback, by the `state` that it brought. Its answer is that of the whole sign-in.
    Callback,
    /// The response of the token endpoint, to a code or a refresh token.
    TokenResponse,
    /// The discovery document, which belongs to no sign-in. It only has checks.
    Discovery,
    /// The key set, as the discovery document.
    Keys,
    /// The ID token.
    IdToken,
    /// The access token of a sign-in or a refresh.
    AccessToken,
    /// The response of the userinfo endpoint.
    Userinfo,
    /// A refresh, by the refresh token that was used. It only has an answer.
    Refresh,
    /// A sign-out, by the refresh token of the session, or by its access token where it has no other. It only has an
    /// answer.
    SignOut,
    /// A list of Kinde's account API, by the access token that it was asked with. The answer says what was decided with
    /// the lists; its status is that of a route that requires the policy, while a page only hides the part that does.
    AccountApi,
    /// The link to Kinde's portal, by the access token that it was asked with.
    PortalLink,
    /// The access token that a program brought.
    BearerToken,
    /// An event of Kinde's.
    Webhook,
    /// A logout token.
    LogoutToken,
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Check {
    /// The claim, parameter or property that is checked.
    pub name: &'static str,
    /// What it was; a secret as the first 8 hexadecimal digits of its SHA-256 digest.
    pub value: String,
    /// What it had to be, in words.
    pub expected: String,
    /// How the check ended.
    pub verdict: Verdict,
}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The value is as it had to be.
    Holds,
    /// It is not.
    Fails,
    /// An earlier check failed, so this one was not made.
    NotReached,
}

/// How a sign-in or a request ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Answer {
    /// The status of the response; `None` for a refresh, which responds to nobody, and where it is decided elsewhere.
    pub status: Option<u16>,
    /// What happened: who signed in, or the sentence that the user reads.
    pub summary: String,
    /// Why it failed, as in the log.
    pub reason: Option<String>,
}

impl Answer {
    /// What went as it should.
    pub(super) fn success(status: impl Into<Option<u16>>, summary: impl Into<String>) -> Self {
        Self { status: status.into(), summary: summary.into(), reason: None }
    }
}

/// A secret as it stands in [`Check::value`].
pub(super) fn digest_of_secret(secret: &str) -> String {
    format!("digest {}", beginning_of_digest(secret, 4))
}

fn beginning_of_digest(value: &str, bytes: usize) -> String {
    digest(&SHA256, value.as_bytes()).as_ref()[..bytes].iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_named_by_the_beginning_of_its_digest() {
        // The digest of "abc" in FIPS 180-2, appendix B.1.
        assert_eq!(Reference::of("abc").as_str(), "ba7816bf8f01cfea");
        assert_eq!(digest_of_secret("abc"), "digest ba7816bf");
    }

    #[test]
    fn without_an_observer_nothing_is_put_together() {
        let observed = Observer::default().of(|| panic!("nobody is told"));
        observed.checked(Stage::Callback, || panic!("nobody is told"));
        observed.answered(Stage::Callback, || panic!("nobody is told"));
    }
}
