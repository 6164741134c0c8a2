//! What a sign-in requests of the issuer: scope, audiences and prompt. The URLs to which the issuer sends browsers back
//! are in `site`.

use super::SignIn;
use super::settings::Settings;
use crate::auth::{DEFAULT_SCOPE, MAX_AUDIENCES, is_audience_of_id_tokens};

/// The scope that makes an authorization request a sign-in (OIDC Core §3.1.2.1).
const OPENID: &str = "openid";

/// Scopes, separated by single spaces; with `openid`, without which there is no ID token and nobody could sign in.
pub(super) fn scope(settings: &mut Settings<'_>) -> String {
    let Some(text) = settings.one_of(&["KINDE_SCOPE"]) else { return DEFAULT_SCOPE.to_owned() };
    if let Some(scope) = text.split_whitespace().find(|scope| !is_scope(scope)) {
        settings.problem(format!(
            "KINDE_SCOPE contains {scope:?}: write scopes separated by spaces, without quotes or backslashes, for example {DEFAULT_SCOPE}."
        ));
    }
    let mut scopes: Vec<&str> = text.split_whitespace().collect();
    if !scopes.contains(&OPENID) {
        scopes.insert(0, OPENID);
    }
    scopes.join(" ")
}

/// The characters of RFC 6749 §3.3.
fn is_scope(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\')
}

/// Audiences, in the order of the setting.
pub(super) fn audiences(settings: &mut Settings<'_>, sign_in: &SignIn) -> Vec<String> {
    let text = settings.one_of(&["KINDE_AUDIENCE"]).unwrap_or_default();
    let audiences: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
    if audiences.len() > MAX_AUDIENCES {
        settings.problem(format!(
            "KINDE_AUDIENCE has {} words: write at most {MAX_AUDIENCES} audiences, separated by spaces.",
            audiences.len()
        ));
    }
    if let SignIn::Kinde(credentials) = sign_in
        && let Some(audience) = audiences
            .iter()
            .find(|audience| is_audience_of_id_tokens(audience, &credentials.client_id, &credentials.issuer_url))
    {
        settings.problem(format!(
            "KINDE_AUDIENCE contains {audience:?}, which is the client id or the issuer: ID tokens name it too, so anybody who has one could call this site. Write the audience of an API that is registered at Kinde, for example https://app.example/api."
        ));
    }
    audiences
}

/// Values of `prompt`, separated by single spaces (OIDC Core §3.1.2.1).
pub(super) fn prompt(settings: &mut Settings<'_>) -> Option<String> {
    let text = settings.one_of(&["KINDE_PROMPT"])?;
    let words: Vec<&str> = text.split_whitespace().collect();
    let is_value = |word: &&str| word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    if words.contains(&"none") {
        settings.problem(
            "KINDE_PROMPT contains none, with which only users whom the issuer knows already could sign in: write for example consent, or leave it unset.".to_owned(),
        );
    } else if !words.iter().all(is_value) {
        settings.problem(format!(
            "KINDE_PROMPT is {text:?}: write login, consent, select_account or create, or several of them separated by spaces."
        ));
    }
    Some(words.join(" "))
}
