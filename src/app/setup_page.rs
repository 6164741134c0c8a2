//! `/setup`: how the site is set up, what is wrong with it, and where that is solved. What is examined is in
//! `server::diagnosis`.

use leptos::prelude::*;

use super::{
    document::{PageContext, document},
    links,
};
use crate::api::diagnosis::{Diagnosis, IssuerFlavor, IssuerReport, Problem, Setting, SiteUrls};

/// Renders a diagnosis: the problems first, then what the issuer must know, what it said, and every setting.
pub fn setup_page(context: &PageContext, diagnosis: &Diagnosis) -> String {
    let Diagnosis { issuer, urls, settings, problems, .. } = diagnosis.clone();
    let is_other_issuer = issuer.flavor == Some(IssuerFlavor::Openid);
    let is_emulated = context.notice.is_some();
    document(context, "Set-up", || {
        view! {
            <h1>"Set-up"</h1>
            <div class="columns">
                <ProblemsSection problems/>
                <UrlsSection urls is_other_issuer/>
                <IssuerSection issuer is_emulated/>
                <SettingsSection settings/>
            </div>
        }
    })
}

#[component]
fn ProblemsSection(problems: Vec<Problem>) -> impl IntoView {
    let is_well = problems.is_empty();
    let class = if is_well { "card wide all-is-well" } else { "card wide something-is-wrong" };
    view! {
        <section class=class aria-labelledby="problems-heading">
            <h2 id="problems-heading">{if is_well { "No problem was found" } else { "What is wrong" }}</h2>
            {(!is_well)
                .then(|| {
                    view! {
                        <ol class="problems" id="problems">
                            {problems.into_iter().map(problem).collect_view()}
                        </ol>
                    }
                })}
            <p class="muted">
                "The issuer is asked anew each time. The same as JSON: " <a href=links::AUTH_HEALTH>
                    <code>{links::AUTH_HEALTH}</code>
                </a> "; in a terminal: " <code>"kinde-leptos check"</code> "."
            </p>
            <ul class="ways-on" role="list">
                <li>
                    <a class="button quiet" href=links::SETUP>"Check again"</a>
                </li>
            </ul>
        </section>
    }
}

fn problem(Problem { what, place }: Problem) -> impl IntoView {
    view! {
        <li>
            <p>{what}</p>
            <p class="muted">
                <strong>"Where: "</strong>
                {place}
            </p>
        </li>
    }
}

#[component]
fn UrlsSection(urls: SiteUrls, is_other_issuer: bool) -> impl IntoView {
    let SiteUrls { callback, logout_redirect, application_login, webhook } = urls;
    let rows = if is_other_issuer {
        vec![("Redirect URI", callback), ("Post-logout redirect URI", logout_redirect)]
    } else {
        vec![
            ("Allowed callback URL", callback),
            ("Allowed logout redirect URL", logout_redirect),
            ("Application login URI", application_login),
            ("Webhook endpoint", webhook),
        ]
    };
    view! {
        <section class="card" aria-labelledby="urls-heading">
            <h2 id="urls-heading">"What the issuer must know"</h2>
            <p>"Copy these to the issuer exactly as they are."</p>
            <dl class="facts stacked" id="urls">
                {rows.into_iter().map(|(name, url)| fact(name.to_owned(), breakable(&url))).collect_view()}
            </dl>
        </section>
    }
}

/// A URL of this site that may break before its path, where it does not fit on a line.
fn breakable(url: &str) -> impl IntoView + use<> {
    let begins_path = url.find("://").and_then(|scheme| Some(scheme + 3 + url[scheme + 3..].find('/')?));
    let (origin, path) = url.split_at(begins_path.unwrap_or(url.len()));
    // An empty text would be rendered as a space, which users would copy.
    let path = (!path.is_empty()).then(|| view! { <wbr/> {path.to_owned()} });
    view! { {origin.to_owned()} {path} }
}

fn fact(name: String, value: impl IntoView) -> impl IntoView {
    view! {
        <div>
            <dt>{name}</dt>
            <dd>{value}</dd>
        </div>
    }
}

#[component]
fn IssuerSection(
    issuer: IssuerReport,
    /// Whether it is the emulated tenant.
    is_emulated: bool,
) -> impl IntoView {
    let IssuerReport { url, flavor, reachable, matches, keys, clock_skew_seconds } = issuer;
    let known = |text: Option<String>| text.unwrap_or_else(|| "not known".to_owned());
    let kind = flavor.map(|flavor| match flavor {
        IssuerFlavor::Kinde if is_emulated => "Kinde (emulated)".to_owned(),
        IssuerFlavor::Kinde => "Kinde".to_owned(),
        IssuerFlavor::Openid => "another OpenID Connect issuer".to_owned(),
    });
    let rows = [
        ("Issuer", url),
        ("Kind", known(kind)),
        ("Responds", yes_or_no(reachable).to_owned()),
        ("Names itself as configured", known(matches.map(yes_or_no).map(str::to_owned))),
        ("Signing keys", known(keys.map(|keys| keys.to_string()))),
        ("Clock of this machine", known(clock_skew_seconds.map(clock))),
    ];
    view! {
        <section class="card" aria-labelledby="issuer-heading">
            <h2 id="issuer-heading">"What the issuer says"</h2>
            <dl class="facts stacked" id="issuer">
                {rows.into_iter().map(|(name, value)| fact(name.to_owned(), value)).collect_view()}
            </dl>
        </section>
    }
}

fn yes_or_no(is_so: bool) -> &'static str {
    if is_so { "yes" } else { "no" }
}

fn clock(seconds_ahead: i64) -> String {
    match seconds_ahead {
        0 => "agrees with the issuer's".to_owned(),
        ahead if ahead > 0 => format!("{ahead} s ahead of the issuer's"),
        behind => format!("{} s behind the issuer's", behind.unsigned_abs()),
    }
}

#[component]
fn SettingsSection(settings: Vec<Setting>) -> impl IntoView {
    let (set, unset): (Vec<_>, Vec<_>) = settings.into_iter().partition(|setting| setting.set);
    let nothing_is_set = set.is_empty();
    view! {
        <section class="card wide" aria-labelledby="settings-heading">
            <h2 id="settings-heading">"Settings"</h2>
            {nothing_is_set.then(|| view! { <p>"Nothing is set, so every setting has its default."</p> })}
            {(!nothing_is_set)
                .then(|| {
                    let shown = |Setting { name, value, .. }| fact(name, value.unwrap_or_default());
                    view! {
                        <dl class="facts stacked" id="settings">
                            {set.into_iter().map(shown).collect_view()}
                        </dl>
                    }
                })}
            <details>
                <summary>{format!("Not set: {}", unset.len())}</summary>
                <ul class="unset" id="unset-settings" role="list">
                    {unset.into_iter().map(unset_setting).collect_view()}
                </ul>
            </details>
            <p class="muted">"Each setting is described in " <code>".env.example"</code> "."</p>
        </section>
    }
}

fn unset_setting(setting: Setting) -> impl IntoView {
    view! {
        <li>
            <code>{setting.name}</code>
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::diagnosis::DiagnosisStatus;
    use crate::app::document::Notice;

    fn page(notice: Option<Notice>) -> String {
        let diagnosis = Diagnosis {
            status: DiagnosisStatus::Ok,
            issuer: IssuerReport {
                url: "http://127.0.0.1:8001".to_owned(),
                flavor: Some(IssuerFlavor::Kinde),
                reachable: true,
                matches: Some(true),
                keys: Some(1),
                clock_skew_seconds: Some(0),
            },
            urls: SiteUrls {
                callback: "http://localhost:8000/api/auth/kinde_callback".to_owned(),
                logout_redirect: "http://localhost:8000".to_owned(),
                application_login: String::new(),
                webhook: String::new(),
            },
            settings: Vec::new(),
            problems: Vec::new(),
        };
        setup_page(&PageContext { notice, ..PageContext::at("/setup") }, &diagnosis)
    }

    #[test]
    fn an_emulated_tenant_is_not_called_kinde_alone() {
        let notice = Notice { text: "Emulated.", console: "http://127.0.0.1:8001".into() };
        assert!(page(Some(notice)).contains("<dd>Kinde (emulated)</dd>"));
        assert!(page(None).contains("<dd>Kinde</dd>"));
    }

    #[test]
    fn a_url_may_break_before_its_path() {
        let html = page(None);
        assert!(html.contains("<dd>http://localhost:8000<wbr>/api/auth/kinde_callback</dd>"), "{html}");
        assert!(html.contains("<dd>http://localhost:8000<!></dd>"), "{html}");
    }
}
