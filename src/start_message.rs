//! What the program says when it is ready: a block with the few things a newcomer wants to know, or a line of the log
//! where that is read by programs.

use std::fmt::Write as _;
use std::net::SocketAddr;

use kinde_leptos::auth::is_loopback;
use kinde_leptos::config::{Config, LogFormat};
use kinde_leptos::emulation::RunningTenant;
use kinde_leptos::paths::{DOCS, METRICS, SETUP};

/// Says that the app is ready: it signs in at Kinde, or at the emulated tenant. Metrics are served at `metrics`.
pub(crate) fn show(config: &Config, issuer_url: &str, tenant: Option<&RunningTenant>, metrics: Option<SocketAddr>) {
    match config.log_format {
        LogFormat::Text => print!("{}", block(config, issuer_url, tenant, metrics)),
        LogFormat::Json => tracing::info!(
            site_url = config.site_url.as_str(),
            issuer_url,
            is_emulated = tenant.is_some(),
            callback_url = config.callback_url.as_str(),
            logout_redirect_url = config.logout_redirect_url.as_str(),
            metrics_address = metrics.map(tracing::field::display),
            "ready"
        ),
    }
}

fn block(config: &Config, issuer_url: &str, tenant: Option<&RunningTenant>, metrics: Option<SocketAddr>) -> String {
    let site = config.site_url.as_str().trim_end_matches('/');
    let mut text = format!("\n  kinde-leptos is running at {site}\n\n");
    let mut line = |name: &str, value: &str| {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  {name:<10} {value}");
    };
    match tenant {
        Some(tenant) => {
            line("Sign in", &format!("at the emulated Kinde tenant, {issuer_url}: no account, no password"));
            line("", &format!("as {}", tenant.some_people()));
            line(
                "Console",
                &format!("{} shows every sign-in from the inside, and breaks it on request", tenant.console()),
            );
            line("API docs", &format!("{site}{DOCS}"));
            line(
                "Use Kinde",
                "set KINDE_ISSUER_URL, CLIENT_ID and CLIENT_SECRET, for example in .env (see .env.example)",
            );
        }
        None => {
            line("Sign in", &format!("at {issuer_url}"));
            line("Allow", &format!("callback URL {}", config.callback_url));
            line("", &format!("logout redirect URL {} in the Kinde application", config.logout_redirect_url));
            line("API docs", &format!("{site}{DOCS}"));
        }
    }
    if is_loopback(&config.site_url) {
        line("Set-up", &format!("{site}{SETUP} says what is wrong, and where to solve it"));
    }
    if let Some(address) = metrics {
        line("Metrics", &format!("http://{address}{METRICS}"));
    }
    if config.lacks_trusted_proxies() {
        line("Rate limit", "off, because every request may arrive from the same proxy: set TRUSTED_PROXIES to the");
        line("", "addresses of your proxies, or to none where nothing stands in front");
    }
    text.push('\n');
    text
}
