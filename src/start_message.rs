//! What the program says when it is ready: a block with the few things a newcomer wants to know, or a line of the log
//! where that is read by programs.

use std::fmt::Write as _;
use std::io::stdout;
use std::net::SocketAddr;

use clap::builder::styling::{AnsiColor, Style};
use kinde_leptos::auth::is_loopback;
use kinde_leptos::config::{Config, LogFormat};
use kinde_leptos::emulation::RunningTenant;
use kinde_leptos::paths::{DOCS, METRICS, SETUP};

use crate::terminal::has_color;

/// Says that the app is ready: it signs in at Kinde, or at the emulated tenant. Metrics are served at `metrics`.
pub(crate) fn show(config: &Config, issuer_url: &str, tenant: Option<&RunningTenant>, metrics: Option<SocketAddr>) {
    match config.log_format {
        LogFormat::Text => print!("{}", block(config, issuer_url, tenant, metrics).as_text(has_color(&stdout()))),
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

/// A title and lines, each with a name before it; a line without a name continues the one before.
struct Block {
    site: String,
    lines: Vec<(&'static str, String)>,
}

impl Block {
    fn add(&mut self, name: &'static str, text: impl Into<String>) {
        self.lines.push((name, text.into()));
    }

    /// The title in bold, names in color and addresses underlined, where there is color.
    fn as_text(&self, has_color: bool) -> String {
        let in_color = |style: Style| if has_color { style } else { Style::new() };
        let title = in_color(Style::new().bold());
        let name_style = in_color(AnsiColor::Green.on_default());
        let address = in_color(Style::new().underline());
        let site = &self.site;
        let mut text = format!("\n  {title}kinde-leptos is running at{title:#} {address}{site}{address:#}\n\n");
        for (name, line) in &self.lines {
            let words: Vec<_> = line
                .split(' ')
                .map(
                    |word| {
                        if word.starts_with("http") { format!("{address}{word}{address:#}") } else { word.to_owned() }
                    },
                )
                .collect();
            // Writing to a String cannot fail.
            let _ = writeln!(text, "  {name_style}{name:<10}{name_style:#} {}", words.join(" "));
        }
        text.push('\n');
        text
    }
}

fn block(config: &Config, issuer_url: &str, tenant: Option<&RunningTenant>, metrics: Option<SocketAddr>) -> Block {
    let site = config.site_url.as_str().trim_end_matches('/').to_owned();
    let mut block = Block { site: site.clone(), lines: Vec::new() };
    match tenant {
        Some(tenant) => {
            block.add("Sign in", format!("as {}: no account, no password", tenant.some_people()));
            block.add("Console", format!("{} shows every sign-in from the inside, and breaks it", tenant.console()));
            block.add("People", format!("{} adds, changes and suspends them", tenant.people_page()));
        }
        None => {
            block.add("Sign in", format!("at {issuer_url}"));
            block.add("Allow", format!("{} as callback URL, and", config.callback_url));
            block.add("", format!("{} as logout redirect URL:", config.logout_redirect_url));
            block.add("", "in Kinde, the application, page \"Details\"");
        }
    }
    block.add("API docs", format!("{site}{DOCS} has every request, to send and to copy"));
    if is_loopback(&config.site_url) {
        block.add("Set-up", format!("{site}{SETUP} says what is wrong, and where to solve it"));
    }
    if let Some(address) = metrics {
        block.add("Metrics", format!("http://{address}{METRICS}"));
    }
    if tenant.is_some() {
        block.add("Use Kinde", "set KINDE_ISSUER_URL, CLIENT_ID and CLIENT_SECRET in .env (see .env.example)");
    }
    if config.lacks_trusted_proxies() {
        block
            .add("Rate limit", "off, because every request may arrive from the same proxy: set TRUSTED_PROXIES to the");
        block.add("", "addresses of your proxies, or to none where nothing stands in front");
    }
    block
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinde() -> Block {
        let variable = |name: &str| match name {
            "KINDE_ISSUER_URL" => Some("https://example.kinde.com".to_owned()),
            "CLIENT_ID" | "CLIENT_SECRET" => Some("0123456789abcdef".to_owned()),
            _ => None,
        };
        let no_file = |_: &std::path::Path| Err(std::io::ErrorKind::NotFound.into());
        let config =
            Config::from_vars(variable, no_file, |_| Ok(Vec::new()), true).expect("these settings can be used");
        block(&config, "https://example.kinde.com", None, None)
    }

    #[test]
    fn the_block_fits_a_terminal_and_has_color_only_there() {
        let plain = kinde().as_text(false);
        assert!(!plain.contains('\u{1b}') && plain.lines().all(|line| line.len() <= 100), "{plain}");
        let colored = kinde().as_text(true);
        assert!(colored.contains("\u{1b}[4mhttp://localhost:8000/docs\u{1b}[0m"), "{colored:?}");
    }

    #[test]
    fn at_kinde_it_says_which_urls_to_allow_on_which_screen() {
        let text = kinde().as_text(false);
        for words in ["kinde_callback as callback URL", "logout as logout redirect URL", "page \"Details\""] {
            assert!(text.contains(words), "{words}: {text}");
        }
    }
}
