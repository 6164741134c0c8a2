//! How a program is let in, on the page of the API docs: by a session and by an access token, as this site takes them.

use super::commands::{COOKIE_JAR, quoted};
use crate::app::docs_page::Credential;
use crate::emulation;
use crate::server::AppState;

/// A session and an access token, for the site of this origin.
pub(super) fn of(state: &AppState, site: &str) -> Vec<Credential> {
    // Pages have a notice where the site signs in at the emulated tenant.
    let tenant = state.notice.as_ref().map(|notice| notice.console.trim_end_matches('/'));
    vec![session(site, tenant), token(state, tenant)]
}

fn session(site: &str, tenant: Option<&str>) -> Credential {
    let prefix = if site.starts_with("https:") { "__Host-" } else { "" };
    let cookie = format!("{prefix}kinde_session");
    let explanation = match tenant {
        Some(_) => format!(
            "These commands sign in at the emulated tenant without a browser, and keep the cookie in the file `{COOKIE_JAR}`. \
             The cookie of your browser opens the same: `-b '{cookie}=…'`."
        ),
        None => format!(
            "Sign in with your browser, copy the value of the cookie `{cookie}` from its developer tools, and write \
             `-b '{cookie}=…'` for `-b {COOKIE_JAR}`."
        ),
    };
    let commands = tenant.map(|tenant| emulation::session_commands(tenant, site, COOKIE_JAR)).unwrap_or_default();
    Credential { name: "A session", explanation, commands }
}

fn token(state: &AppState, tenant: Option<&str>) -> Credential {
    let config = state.auth.config();
    let Some(audience) = config.api_audiences.first() else {
        let explanation = "This site takes no access tokens, because `KINDE_AUDIENCE` is not set. With \
                           `KINDE_AUDIENCE=http://localhost:8000/api` it takes those of the issuer for that audience.";
        return Credential { name: "An access token", explanation: explanation.to_owned(), commands: String::new() };
    };
    let explanation = format!(
        "A token of {} whose audience is `{audience}`. A token decides alone: a session beside it is ignored.",
        config.issuer_url
    );
    let commands = match tenant {
        Some(tenant) => emulation::token_command(tenant, audience),
        None => format!(
            "TOKEN=$(curl -s {} -d grant_type=client_credentials -d client_id=… -d client_secret=… \\\n  \
             --data-urlencode {} | sed 's/.*\"access_token\":\"\\([^\"]*\\).*/\\1/')",
            quoted(&format!("{}/oauth2/token", config.issuer_url.trim_end_matches('/'))),
            quoted(&format!("audience={audience}"))
        ),
    };
    Credential { name: "An access token", explanation, commands }
}
