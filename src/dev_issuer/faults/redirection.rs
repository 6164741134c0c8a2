//! A redirection: one change to the redirect to the callback. The correct redirect is in `sign_in::callback`.
//!
//! RFC 6749 §4.1.2, RFC 9207 §2, Kinde documentation "Re-authentication" (`reauth_state`).

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::json;

use crate::dev_issuer::basics::{
    random::Random,
    redirect::{Pairs, error_pairs, link_expired},
};

/// One change to the parameters of the redirect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Redirection {
    Remove(&'static str),
    Text(&'static str, &'static str),
    /// Replaces the value by a random value.
    Scramble(&'static str),
    /// Adds a second parameter of that name with a random value.
    Duplicate(&'static str),
    /// Replaces the code by an error and its description.
    Error(&'static str, &'static str),
    /// Replaces the code by `login_link_expired` with the `reauth_state` of an attacker.
    LinkExpired,
    /// The same, and removes the state.
    LinkExpiredWithoutState,
}

impl Redirection {
    /// Applies the change to the parameters of the redirect.
    pub(crate) fn spoil(self, pairs: &mut Pairs, random: &Random) {
        match self {
            Self::Remove(name) => pairs.retain(|(key, _)| *key != name),
            Self::Text(name, value) => {
                pairs.retain(|(key, _)| *key != name);
                pairs.push((name, value.to_owned()));
            }
            Self::Scramble(name) => {
                for (_, value) in pairs.iter_mut().filter(|(key, _)| *key == name) {
                    *value = random.hexadecimal(16);
                }
            }
            Self::Duplicate(name) => pairs.push((name, random.hexadecimal(16))),
            Self::Error(error, description) => replace_code(pairs, error_pairs(error, description)),
            Self::LinkExpiredWithoutState => {
                replace_code(pairs, link_expired(hostile_reauth_state()));
                pairs.retain(|(key, _)| *key != "state");
            }
            Self::LinkExpired => replace_code(pairs, link_expired(hostile_reauth_state())),
        }
    }
}

fn replace_code(pairs: &mut Pairs, replacement: Pairs) {
    pairs.retain(|(key, _)| matches!(*key, "state" | "iss"));
    pairs.splice(0..0, replacement);
}

fn hostile_reauth_state() -> String {
    let members = json!({
        "client_id": "another-client",
        "redirect_uri": "https://evil.example/callback",
        "post_login_redirect_url": "https://evil.example/",
        "scope": "openid admin",
        "prompt": "none",
        "login_hint": "victim@example.com",
    });
    STANDARD.encode(members.to_string())
}
