//! The words of problems: title, explanation and ways on of each problem page. No other file has words of problems, but
//! `auth`, whose errors bring their explanation along.

use std::borrow::Cow;

use super::problem::Problem;
use crate::app::WayOn;
use crate::auth::paths::{ACCOUNT, LOGIN, LOGOUT, REGISTER};
use crate::auth::{Declined, Error, OidcError, Prompt, SignInOptions};
use crate::paths::HOME;

/// A problem in words.
pub(super) struct Words {
    pub(super) title: &'static str,
    pub(super) explanation: Cow<'static, str>,
    /// Where the user can go from here, the best first.
    pub(super) ways_on: Vec<WayOn>,
}

/// How a user can repeat a request that was refused.
pub(super) enum Repetition {
    /// Open the page at this address again.
    Page(String),
    /// Sign out again, by the route at this path.
    SignOut(&'static str),
    /// Begin the sign-in again.
    SignIn,
}

impl Repetition {
    fn page(&self) -> Option<&str> {
        match self {
            Self::Page(address) => Some(address),
            Self::SignOut(_) | Self::SignIn => None,
        }
    }
}

/// The words of a problem with a request that can be repeated in this way.
pub(super) fn of(problem: &Problem, repetition: &Repetition) -> Words {
    let (title, explanation) = match problem {
        Problem::Auth(error) => return of_auth(error, repetition),
        Problem::NotFound => ("Page not found", "There is nothing at this address."),
        Problem::WrongMethod => ("Not possible here", "This address does not take this kind of request."),
        Problem::OtherSite => ("Refused", "This request came from another site, so it was not carried out."),
        Problem::TooLarge => ("Too large", "The request is larger than this site accepts."),
        Problem::UrlTooLong => ("Too long", "The address is longer than this site accepts."),
        Problem::HeadersTooLarge => (
            "Too much at once",
            "The request's headers are larger than this site accepts. Deleting its cookies may help.",
        ),
        Problem::SeveralHosts => ("Not an address of this site", "The request names more than one host."),
        Problem::NoPath => ("Not an address of this site", "The request names no page of this site."),
        Problem::UnknownTheme => ("No such theme", "Choose System, Light or Dark at the foot of a page."),
        Problem::TooManyRequests(_) => ("Too many requests", "Please wait a moment, then try again."),
        Problem::Busy => {
            ("This site is busy", "More people are here than it can serve at once. Please try again shortly.")
        }
        Problem::TooSlow => ("That took too long", "Please try again shortly."),
        Problem::Unusable(status) if status.is_client_error() => {
            ("That did not work", "The request could not be understood.")
        }
        Problem::Unusable(_) | Problem::Bug => ("Something went wrong", "This is our fault. Please try again shortly."),
    };
    Words { title, explanation: explanation.into(), ways_on: vec![start_page()] }
}

fn of_auth(error: &Error, repetition: &Repetition) -> Words {
    let sign_in_again = || link("Sign in again", LOGIN);
    let create_account = || link("Create account", REGISTER);
    let not_available = || ("Sign-in is not available", vec![link("Try again", LOGIN), start_page()]);
    let (title, ways_on) = match error {
        Error::Forbidden(_) => return not_allowed(repetition),
        Error::RightsUnknown => ("Not known at the moment", try_again(repetition)),
        Error::NotAuthenticated => ("Please sign in", sign_in_for(repetition)),
        Error::NoSuchSession => ("No such session", vec![link("Your account", ACCOUNT), start_page()]),
        Error::UnconfirmedSignOut => ("Sign out?", vec![post("Sign out", LOGOUT), link("Stay signed in", HOME)]),
        Error::Framed => ("Please open this in a window of its own", vec![start_page()]),
        Error::UnconfirmedOrganization { confirmation } => (
            "Sign in to another organization?",
            vec![link("Continue", confirmation), link("Stay signed in as now", HOME)],
        ),
        Error::NoOrganizations | Error::NoPortal | Error::NoWebhooks | Error::NoBackchannelLogout => {
            ("Not available here", vec![start_page()])
        }
        Error::PortalRefused => ("Not open to your account", vec![start_page()]),
        Error::BadSignInLink(_) => match repetition {
            Repetition::SignIn => ("This link does not work", vec![link("Sign in", LOGIN), start_page()]),
            Repetition::Page(_) | Repetition::SignOut(_) => ("This link does not work", vec![start_page()]),
        },
        Error::LoginLinkExpired { sign_in_again } => {
            ("This sign-in link has expired", vec![link("Sign in again", sign_in_again), start_page()])
        }
        Error::Oidc(OidcError::Declined(Declined::AccessDenied)) => {
            ("Sign-in was cancelled", vec![sign_in_again(), create_account()])
        }
        Error::Store(_) => match repetition {
            Repetition::Page(address) => ("Your session cannot be reached", vec![link("Try again", address)]),
            Repetition::SignOut(path) => ("You are not signed out yet", vec![post("Try again", path), start_page()]),
            Repetition::SignIn => not_available(),
        },
        Error::Internal(_) => ("Something went wrong", vec![start_page()]),
        _ if error.status().is_server_error() => match repetition {
            Repetition::Page(address) => {
                ("Not available at the moment", vec![link("Try again", address), start_page()])
            }
            Repetition::SignIn | Repetition::SignOut(_) => not_available(),
        },
        _ => ("Sign-in did not work", vec![sign_in_again(), start_page()]),
    };
    Words { title, explanation: error.sentence(), ways_on }
}

fn not_allowed(repetition: &Repetition) -> Words {
    // The issuer asks who the user is, so that another account can be chosen.
    let sign_in = SignInOptions::default().with_prompt(Prompt::Login).link(LOGIN, repetition.page());
    Words {
        title: "Not allowed",
        explanation: "You are signed in, but your account may not do this. Someone who manages your organization can change that.".into(),
        ways_on: vec![start_page(), link("Sign in as somebody else", &sign_in)],
    }
}

/// Signing in leads to the page that was wanted, or whose form was sent.
fn sign_in_for(repetition: &Repetition) -> Vec<WayOn> {
    let to = |path| SignInOptions::default().link(path, repetition.page());
    vec![link("Sign in", &to(LOGIN)), link("Create account", &to(REGISTER))]
}

fn try_again(repetition: &Repetition) -> Vec<WayOn> {
    match repetition {
        Repetition::Page(address) => vec![link("Try again", address), start_page()],
        Repetition::SignOut(_) | Repetition::SignIn => vec![start_page()],
    }
}

fn start_page() -> WayOn {
    link("Start page", HOME)
}

fn link(label: &'static str, href: &str) -> WayOn {
    WayOn::Link { label, href: href.to_owned() }
}

fn post(label: &'static str, action: &str) -> WayOn {
    WayOn::Post { label, action: action.to_owned() }
}
