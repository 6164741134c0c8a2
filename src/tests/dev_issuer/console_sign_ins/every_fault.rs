//! Every fault, armed with the form of the console and met by the real app: the page then says that it was on, what the
//! app answered, and why that is right, and the app did answer so.

use std::collections::BTreeSet;
use std::time::Instant;

use futures_util::StreamExt;
use kinde_leptos::auth::paths::{LOGIN, LOGOUT, PORTAL};
use kinde_leptos::paths::MEMBERS;
use reqwest::Method;
use serde_json::json;

use self::Need::{Introspection, KnownKeys, Management, Nameless, NothingKnown, Refresh, Rights, SignIn, SignOut};
use super::{PATIENCE, arm, let_tokens_end, site};
use crate::harness::{Browser, Site};

/// How many faults are met at once. With more of them, the app could miss a time limit because of the others. The slow
/// ones wait instead of computing, so all of them can wait together.
const AT_ONCE: usize = 4;

/// What the app must do to meet a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Need {
    /// The first sign-in, of Ada: the endpoints are known, the keys are not.
    SignIn,
    /// A sign-in after another one: the keys are known.
    KnownKeys,
    /// A sign-in of Emmy, whose name is in the user profile only.
    Nameless,
    /// The beginning of a sign-in at an issuer of which nothing is known.
    NothingKnown,
    /// A page when the access token has ended.
    Refresh,
    /// A page that needs a right of which the access token says nothing.
    Rights,
    /// The way to the portal.
    Portal,
    SignOut,
    /// A program's question about a token. The app is not part of it.
    Introspection,
    /// A program's call of the management API. The app is not part of it.
    Management,
}

/// Faults with one answer.
struct Group {
    need: Need,
    /// How the console begins what the app answered. If it has a status, the app responded with that.
    answer: &'static str,
    /// What the explanation says of that.
    right: &'static str,
    faults: &'static [&'static str],
}

const fn group(need: Need, answer: &'static str, right: &'static str, faults: &'static [&'static str]) -> Group {
    Group { need, answer, right, faults }
}

const SIGNED_IN: &str = "303: signed in as ";
const STAYS: &str = "the session stays, and another try follows after a pause";
const GOES_ON: &str = "the session goes on with new tokens";
const ENDS: &str = "the session ends, and the user signs in again";
const SIGNED_OUT: &str = "303: the session has ended here";

#[rustfmt::skip] // A table reads best with one group per line.
const GROUPS: &[Group] = &[
    group(SignIn, "400: ", "refuses", &["cb_wrong_state", "cb_missing_state", "cb_duplicate_state", "cb_duplicate_code", "cb_missing_code", "cb_wrong_iss"]),
    group(SignIn, "400: ", "ends with an error", &["cb_wrong_code"]),
    group(SignIn, SIGNED_IN, "the sign-in goes on", &["cb_missing_iss"]),
    group(SignIn, "400: ", "ends the sign-in", &["cb_access_denied", "cb_login_required"]),
    group(SignIn, "503: ", "ends the sign-in", &["cb_server_error", "cb_temporarily_unavailable"]),
    group(SignIn, "400: ", "as any other failure", &["cb_xss_error"]),
    group(SignIn, "400: ", "offers", &["cb_login_link_expired", "cb_login_link_expired_no_state"]),
    group(SignIn, "400: ", "refuses", &["id_wrong_iss", "id_missing_iss", "id_iss_trailing_slash", "id_wrong_aud", "id_missing_aud", "id_aud_untrusted_extra", "id_wrong_azp", "id_wrong_nonce", "id_missing_nonce", "id_expired", "id_missing_exp", "id_iat_future", "id_missing_iat", "id_nbf_future", "id_missing_sub", "id_sub_other", "id_bad_at_hash", "id_malformed", "id_empty", "id_missing"]),
    group(SignIn, SIGNED_IN, "sign the user in", &["id_expired_30s", "id_iat_future_30s"]),
    group(SignIn, SIGNED_IN, "signs the user in", &["id_missing_azp", "id_no_kid"]),
    group(SignIn, "400: ", "refuses", &["id_alg_none", "id_alg_none_upper", "id_hs256_public_key", "id_hs256_client_secret", "id_unknown_key_same_kid", "id_unknown_kid", "id_embedded_jwk", "id_tampered"]),
    group(SignIn, "400: ", "refuses it", &["id_no_kid_multiple_jwks"]),
    group(KnownKeys, SIGNED_IN, "signs the user in if the key made it", &["id_no_kid_multiple_jwks"]),
    group(SignIn, SIGNED_IN, "uses none of a token that fails", &["access_wrong_iss", "access_wrong_client", "access_expired", "access_missing_exp", "access_nbf_future"]),
    group(SignIn, SIGNED_IN, "grants nothing", &["access_odd_types"]),
    group(SignIn, SIGNED_IN, "uses none of it", &["access_alg_none", "access_hs256_public_key", "access_unknown_key_same_kid", "access_unknown_kid", "access_tampered"]),
    group(SignIn, "400: ", "ends the sign-in", &["access_sub_other"]),
    group(SignIn, "502: ", "502", &["token_500", "token_503", "token_invalid_client", "token_drop_mid", "token_malformed", "token_empty", "token_html", "token_huge"]),
    group(SignIn, "503: ", "503", &["token_429"]),
    group(SignIn, "504: ", "504", &["token_slow"]),
    group(SignIn, SIGNED_IN, "send the request again", &["token_drop"]),
    group(SignIn, "502: ", "does not follow", &["token_redirect"]),
    group(SignIn, "400: ", "ends the sign-in", &["token_invalid_grant", "token_missing_access_token", "token_wrong_type"]),
    group(SignIn, SIGNED_IN, "sign", &["token_no_expires_in", "token_expires_in_string", "token_expires_in_zero", "token_expires_in_negative"]),
    group(SignIn, "502: ", "502", &["jwks_500", "jwks_malformed", "jwks_html", "jwks_empty", "jwks_huge"]),
    group(SignIn, "504: ", "504", &["jwks_slow"]),
    group(SignIn, SIGNED_IN, "sends the request again", &["jwks_drop"]),
    group(SignIn, "502: ", "does not follow", &["jwks_redirect"]),
    group(SignIn, SIGNED_IN, "signs the user in", &["key_rotation", "key_rotation_drop_old"]),
    group(Nameless, SIGNED_IN, "signs the user in", &["userinfo_500", "userinfo_401", "userinfo_403", "userinfo_429", "userinfo_slow", "userinfo_malformed", "userinfo_html", "userinfo_huge", "userinfo_redirect"]),
    group(Nameless, SIGNED_IN, "sends the request again", &["userinfo_drop"]),
    group(Nameless, "400: ", "This app refuses the sign-in", &["userinfo_sub_mismatch", "userinfo_missing_sub"]),
    group(NothingKnown, "503: ", "503", &["discovery_500", "discovery_slow", "discovery_drop", "discovery_malformed", "discovery_html", "discovery_no_token_endpoint"]),
    group(NothingKnown, "503: ", "does not use", &["discovery_huge", "discovery_wrong_issuer"]),
    group(NothingKnown, "503: ", "does not follow", &["discovery_redirect"]),
    group(NothingKnown, "503: ", "responds with an error", &["all_down", "all_500"]),
    group(NothingKnown, "503: ", "gives up", &["all_slow"]),
    group(Refresh, STAYS, "keeps the session", &["refresh_500", "refresh_503", "refresh_429", "refresh_invalid_client", "refresh_unauthorized_client", "refresh_invalid_request", "refresh_drop_mid", "refresh_malformed", "refresh_empty", "refresh_html"]),
    group(Refresh, STAYS, "gives up after a time limit", &["refresh_slow"]),
    group(Refresh, ENDS, "ends the session", &["refresh_invalid_grant", "refresh_id_sub_other", "refresh_wrong_iss"]),
    group(Refresh, ENDS, "or the session", &["refresh_access_sub_other"]),
    group(Refresh, GOES_ON, "sends the same refresh token again", &["refresh_drop"]),
    group(Refresh, GOES_ON, "one refresh of a session under way", &["refresh_held"]),
    group(Refresh, GOES_ON, "goes on", &["refresh_no_id_token", "refresh_minimal"]),
    group(Refresh, GOES_ON, "keeps the refresh token that it has", &["refresh_no_refresh_token"]),
    group(Rights, "403: ", "none of the rights", &["account_401", "account_403"]),
    group(Rights, "503: ", "503", &["account_404", "account_429", "account_500", "account_slow", "account_held", "account_drop_mid", "account_malformed", "account_empty", "account_html"]),
    group(Rights, "503: ", "does not follow", &["account_redirect"]),
    group(Rights, "503: ", "takes the list for unknown", &["account_huge"]),
    group(Rights, "what requires ", "sends the request again", &["account_drop"]),
    group(Need::Portal, "502: ", "does not send the browser", &["portal_other_host", "portal_lookalike", "portal_user_name", "portal_http"]),
    group(Need::Portal, "502: ", "sends browsers to https addresses alone", &["portal_script"]),
    group(Need::Portal, "502: ", "502", &["portal_no_url"]),
    group(SignOut, SIGNED_OUT, "completes", &["revoke_500", "revoke_429", "revoke_slow", "revoke_held", "revoke_drop"]),
    group(Introspection, "", "takes the token for unknown", &["introspect_429"]),
    group(Management, "", "waits as long as Retry-After says", &["management_429"]),
    group(Management, "", "does not know whether the request was carried out", &["management_500"]),
];

#[tokio::test]
async fn every_fault_is_in_the_table() {
    let site = site().await;
    let known: BTreeSet<String> = site.tenant.fault_names().await.into_iter().collect();
    let met = GROUPS.iter().flat_map(|group| group.faults);
    assert_eq!(known, met.map(|fault| (*fault).to_owned()).collect());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_console_says_of_every_fault_what_the_app_answered_and_why_that_is_right() {
    let cases = GROUPS.iter().flat_map(|group| group.faults.iter().map(move |fault| (group, *fault)));
    let waits = |fault: &str| fault.ends_with("_slow") || fault.ends_with("_held");
    let (waiting, quick): (Vec<_>, Vec<_>) = cases.partition(|(_, fault)| waits(fault));
    let waiting_at_once = waiting.len();
    let mut deviations = run(quick, AT_ONCE).await;
    deviations.extend(run(waiting, waiting_at_once).await);
    assert!(deviations.is_empty(), "{} deviations:\n{}", deviations.len(), deviations.join("\n"));
}

async fn run(cases: Vec<(&'static Group, &'static str)>, at_once: usize) -> Vec<String> {
    let met = cases.into_iter().map(|(group, fault)| async move {
        let met = tokio::spawn(meet(group, fault)).await;
        met.unwrap_or_else(|error| Err(error.to_string()))
            .err()
            .map(|what| format!("{fault} ({:?}): {what}", group.need))
    });
    futures_util::stream::iter(met).buffer_unordered(at_once).filter_map(std::future::ready).collect().await
}

/// Arms a fault in the console, lets the app meet it, and compares what the console says with what the app did.
async fn meet(group: &Group, fault: &str) -> Result<(), String> {
    let site = site().await;
    let (path, status) = act(&site, group.need, fault).await;
    if fault.ends_with("_held") {
        site.tenant.release().await;
    }
    let was_on = format!("The fault <code>{fault}</code> was on");
    let page = page_with_all(&site, path, &[&was_on, &answer_of(group)]).await?;
    let (_, after) = page.split_once(&was_on).unwrap_or_default();
    let (explanation, _) = after.split_once("</div>").unwrap_or_default();
    if !explanation.contains("What a correct client does:") || !explanation.contains(group.right) {
        return Err(format!("{:?} is not what the explanation says: {explanation}", group.right));
    }
    match group.answer.get(..3).and_then(|status| status.parse::<u16>().ok()) {
        Some(told) if told != status => Err(format!("the console says {told}, and the app responded with {status}")),
        _ => Ok(()),
    }
}

/// How the page begins what the app answered.
fn answer_of(group: &Group) -> String {
    let stage = match group.need {
        SignIn | KnownKeys | Nameless | NothingKnown => "",
        Refresh => " (the refresh)",
        Rights => " (the list of the account API)",
        Need::Portal => " (the link to the portal)",
        SignOut => " (the sign-out)",
        Introspection | Management => return String::new(),
    };
    format!("<strong>The app answered{stage}:</strong> {}", group.answer)
}

/// A page of the console once it contains all of these texts.
async fn page_with_all(site: &Site, path: &str, texts: &[&str]) -> Result<String, String> {
    let (begun, url) = (Instant::now(), format!("{}{path}", site.tenant.origin()));
    let mut browser = Browser::new();
    loop {
        let body = browser.get(&url).await.body.replace("<wbr>", "");
        match texts.iter().find(|text| !body.contains(**text)) {
            None => return Ok(body),
            Some(missing) if begun.elapsed() > PATIENCE => {
                let answers: Vec<&str> = body.split("<strong>The app answered").skip(1).collect();
                let answers: Vec<String> = answers.iter().map(|text| text.chars().take(160).collect()).collect();
                return Err(format!("{path} never contains {missing:?}; its answers: {answers:?}"));
            }
            Some(_) => tokio::task::yield_now().await,
        }
    }
}

/// What meets the fault. Returns the page of the console about it, and the status of the app's response.
async fn act(site: &Site, need: Need, fault: &str) -> (&'static str, u16) {
    let mut browser = Browser::new();
    match need {
        SignIn => ("/sign-ins/1", sign_in(site, fault, "ada").await),
        Nameless => ("/sign-ins/1", sign_in(site, fault, "emmy").await),
        KnownKeys => {
            browser.sign_in(site, "grace", "/").await;
            ("/sign-ins/2", sign_in(site, fault, "ada").await)
        }
        NothingKnown => {
            arm(site, fault).await;
            ("/sign-ins/outside", browser.get(&site.at(LOGIN)).await.status)
        }
        Introspection => {
            arm(site, fault).await;
            let (id, secret) = (site.tenant.client_id(), site.tenant.client_secret());
            let form = [("token", "made-up"), ("client_id", id), ("client_secret", secret)];
            (
                "/sign-ins/outside",
                browser.post(&format!("{}/oauth2/introspect", site.tenant.issuer()), &form).await.status,
            )
        }
        Management => {
            arm(site, fault).await;
            ("/sign-ins/outside", browser.get(&format!("{}/api/v1/users", site.tenant.origin())).await.status)
        }
        Refresh | Rights | Need::Portal | SignOut => {
            site.tenant.change_person("ada", json!({"claims": {"permissions": null}})).await;
            browser.sign_in(site, "ada", "/").await;
            if need == Refresh {
                let_tokens_end(site).await;
            }
            arm(site, fault).await;
            ("/sign-ins/1", afterwards(site, need, &mut browser).await)
        }
    }
}

async fn sign_in(site: &Site, fault: &str, person: &str) -> u16 {
    arm(site, fault).await;
    let mut browser = Browser::new();
    let callback = browser.sign_in_up_to_callback(site, person, "/").await;
    browser.get(&callback).await.status
}

async fn afterwards(site: &Site, need: Need, browser: &mut Browser) -> u16 {
    let path = match need {
        Rights => MEMBERS,
        Need::Portal => PORTAL,
        SignOut => {
            let headers = [("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "navigate")];
            return browser.send(Method::GET, &site.at(LOGOUT), &headers, None).await.status;
        }
        _ => "/",
    };
    browser.get(&site.at(path)).await.status
}
