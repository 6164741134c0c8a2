//! Where users sign in: the three settings that choose Kinde, or the emulated tenant when none of them is set; and how
//! the client authenticates there.
//! The tenant is started in `emulation`.

use std::path::PathBuf;

use url::Url;

use super::settings::Settings;
use super::site::{DEFAULT_PORT, has_user};
use super::{Credentials, SignIn};
use crate::auth::{ClientAuthentication, is_loopback};

pub(super) fn sign_in(settings: &mut Settings<'_>, site_url: &Url, has_emulated_tenant: bool) -> SignIn {
    let issuer_url = settings.one_of(&["KINDE_ISSUER_URL"]);
    let client_id = settings.one_of(&["CLIENT_ID", "KINDE_CLIENT_ID"]);
    let client_secret =
        settings.secret(&["CLIENT_SECRET", "KINDE_CLIENT_SECRET"], "CLIENT_SECRET_FILE", "the client secret");
    let port = emulated_tenant_port(settings, site_url);
    let seed = settings.one_of(&["DEV_ISSUER_SEED"]).map(PathBuf::from);
    let random_seed = random_seed(settings);
    let state = settings.one_of(&["DEV_ISSUER_STATE"]).map(PathBuf::from);
    if issuer_url.is_none() && client_id.is_none() && client_secret.is_none() {
        check_emulation(settings, site_url, has_emulated_tenant);
        if random_seed.is_some() && state.is_some() {
            settings.problem(
                "DEV_ISSUER_RANDOM_SEED and DEV_ISSUER_STATE are both set: a run that can be repeated begins with an empty state, so unset one of them.".to_owned(),
            );
        }
        return SignIn::EmulatedTenant { port, seed, random_seed, state };
    }
    let alternative = if has_emulated_tenant { ", or unset the others to use the emulated tenant" } else { "" };
    for (name, label, is_set) in [
        ("KINDE_ISSUER_URL", "Domain", issuer_url.is_some()),
        ("CLIENT_ID", "Client ID", client_id.is_some()),
        ("CLIENT_SECRET", "Client secret", client_secret.is_some()),
    ] {
        if !is_set {
            settings.problem(format!(
                "{name} is not set, although other values of your Kinde application are: copy {label:?} from the application's Details page{alternative}."
            ));
        }
    }
    SignIn::Kinde(Credentials {
        issuer_url: issuer_url.map(|url| checked_issuer_url(settings, &url)).unwrap_or_default(),
        client_id: client_id.unwrap_or_default(),
        client_secret: client_secret.unwrap_or_default().into(),
    })
}

fn check_emulation(settings: &mut Settings<'_>, site_url: &Url, has_emulated_tenant: bool) {
    if !has_emulated_tenant {
        settings.problem(
            "KINDE_ISSUER_URL, CLIENT_ID and CLIENT_SECRET are not set: copy them from your Kinde application's Details page (this build has no emulated tenant; debug builds and builds with the feature dev-issuer have one).".to_owned(),
        );
    } else if !is_loopback(site_url) {
        settings.problem(
            "KINDE_ISSUER_URL, CLIENT_ID and CLIENT_SECRET are not set, and the emulated tenant serves only a site on localhost: set the three, or leave SITE_URL unset.".to_owned(),
        );
    }
}

fn emulated_tenant_port(settings: &mut Settings<'_>, site_url: &Url) -> u16 {
    let beside = site_url.port_or_known_default().and_then(|port| port.checked_add(1)).unwrap_or(DEFAULT_PORT + 1);
    let Some(text) = settings.one_of(&["DEV_ISSUER_PORT"]) else { return beside };
    text.parse().unwrap_or_else(|_| {
        settings.problem(format!("DEV_ISSUER_PORT is {text:?}: write a port, 0 to 65535."));
        beside
    })
}

fn random_seed(settings: &mut Settings<'_>) -> Option<u64> {
    let text = settings.one_of(&["DEV_ISSUER_RANDOM_SEED"])?;
    let number = text.parse().ok();
    if number.is_none() {
        settings.problem(format!("DEV_ISSUER_RANDOM_SEED is {text:?}: write a number, 0 to {}.", u64::MAX));
    }
    number
}

/// How the client sends its secret, by the names of OIDC Core §9.
pub(super) fn client_authentication(settings: &mut Settings<'_>) -> Option<ClientAuthentication> {
    let text = settings.one_of(&["CLIENT_AUTH_METHOD"])?;
    match text.as_str() {
        "client_secret_basic" => Some(ClientAuthentication::Basic),
        "client_secret_post" => Some(ClientAuthentication::Post),
        _ => {
            settings.problem(format!(
                "CLIENT_AUTH_METHOD is {text:?}: write client_secret_basic or client_secret_post, as the client is registered at the issuer, or leave it unset."
            ));
            None
        }
    }
}

/// Returns the issuer without a trailing slash, as tokens contain it.
fn checked_issuer_url(settings: &mut Settings<'_>, text: &str) -> String {
    let example = "write it as Kinde's Details page shows it, for example https://example.kinde.com";
    let Some(url) = Url::parse(text).ok().filter(Url::has_host) else {
        settings.problem(format!("KINDE_ISSUER_URL is {text:?}, which is not a URL: {example}."));
        return String::new();
    };
    if url.scheme() != "https" && !(url.scheme() == "http" && is_loopback(&url)) {
        settings.problem(format!(
            "KINDE_ISSUER_URL is not https, so the client secret would be sent unencrypted: {example}."
        ));
    }
    if url.query().is_some() || url.fragment().is_some() || has_user(&url) {
        settings.problem(format!("KINDE_ISSUER_URL has a query, a fragment or a user name: {example}."));
    }
    url.as_str().trim_end_matches('/').to_owned()
}
