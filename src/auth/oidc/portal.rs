//! The link to Kinde's self-serve portal: asks Kinde for it, and checks where it leads before a browser is sent there.
//!
//! Kinde's OpenAPI file of the account API (`GetPortalLink`). It names the page `subnav`, Kinde's documentation and
//! some of its SDKs `sub_nav`, so both are sent.

use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

use super::checks;
use super::error::OidcError;
use super::issuer::Issuer;
use super::outbound::{OutboundError, Received, is_https_or_loopback, loggable};
use crate::auth::metrics::Endpoint;
use crate::auth::observation::{Observed, Stage};
use crate::auth::portal_page::{PortalPage, SUB_NAV};

/// Where Kinde has it, below the issuer's URL.
const PATH: &str = "/account_api/v1/portal_link";
/// Kinde's own host. The portal of an issuer at a domain of the application's own may be below it.
const KINDE_HOST: &str = "kinde.com";

#[derive(Deserialize)]
struct PortalLink {
    url: String,
}

/// The address that a browser may be sent to, or what is wrong with it.
pub(in crate::auth) type Link = Result<Url, LinkDefect>;

/// Why no browser is sent to a link. The text names at most its host: the rest is a secret as long as the link works.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(in crate::auth) enum LinkDefect {
    #[error("its url is malformed ({0})")]
    Malformed(url::ParseError),
    #[error("its url is neither https nor on this machine, but {0:?}")]
    Insecure(String),
    #[error("its url has a user name")]
    UserName,
    #[error("its url leads neither to the issuer nor to Kinde, but to {0:?}")]
    Elsewhere(String),
}

/// Asks for the link with which the user of this access token can open the portal once, at this page or the one that
/// Kinde chooses. The portal leads back to `return_url`. An observer is told what was verified of the link.
///
/// # Errors
/// [`OidcError::Outbound`] (502, 503, 504) when there is no usable response, or the link leads neither to the issuer
/// nor to Kinde. A refusal is [`OutboundError::Status`] with 403.
pub(in crate::auth) async fn fetch_portal_link(
    issuer: &Issuer,
    access_token: &SecretString,
    page: Option<PortalPage>,
    return_url: &Url,
    observed: &Observed,
) -> Result<Url, OidcError> {
    let request = request_url(issuer.url(), page, return_url)?;
    let (outbound, mut received) = (issuer.outbound(), Received::for_observer(observed));
    let fetched = outbound.get_json(Endpoint::PortalLink, &request, Some(access_token), &mut received).await;
    let link = fetched.map(|link: PortalLink| checked(&link.url, &request));
    observed.checked(Stage::PortalLink, || {
        checks::portal_link(&received, request.host_str().unwrap_or_default(), link.as_ref())
    });
    link?.map_err(|defect| OutboundError::Unreadable("the portal link".to_owned(), defect.to_string()).into())
}

fn request_url(issuer_url: &str, page: Option<PortalPage>, return_url: &Url) -> Result<Url, OutboundError> {
    let mut url = Url::parse(&format!("{issuer_url}{PATH}"))
        .map_err(|error| OutboundError::Insecure(format!("a malformed URL ({error})")))?;
    let named = page.into_iter().flat_map(|page| ["subnav", SUB_NAV].map(|name| (name, page.as_str())));
    url.query_pairs_mut().append_pair("return_url", return_url.as_str()).extend_pairs(named);
    Ok(url)
}

fn checked(link: &str, issuer: &Url) -> Link {
    let url = Url::parse(link).map_err(LinkDefect::Malformed)?;
    if !is_https_or_loopback(&url) {
        return Err(LinkDefect::Insecure(loggable(url.scheme())));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(LinkDefect::UserName);
    }
    if url.host() != issuer.host() && !is_kindes(&url) {
        return Err(LinkDefect::Elsewhere(loggable(url.host_str().unwrap_or_default())));
    }
    Ok(url)
}

fn is_kindes(url: &Url) -> bool {
    let Some(host) = url.domain() else { return false };
    host == KINDE_HOST || host.strip_suffix(KINDE_HOST).is_some_and(|name| name.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn the_request_names_the_page_in_both_spellings_and_the_way_back() {
        let back = url("https://app.example/?q=a%26b");
        let with = |page| request_url("https://app.kinde.com", page, &back).unwrap();
        assert_eq!(
            with(None).as_str(),
            "https://app.kinde.com/account_api/v1/portal_link?return_url=https%3A%2F%2Fapp.example%2F%3Fq%3Da%2526b"
        );
        let sent: Vec<_> = with(Some(PortalPage::ApiKeys)).query_pairs().into_owned().collect();
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(sent, [pair("return_url", back.as_str()), pair("subnav", "api_keys"), pair("sub_nav", "api_keys")]);
    }

    #[test]
    fn a_link_leads_to_the_issuer_or_to_kinde() {
        let issuer = url("https://login.app.example");
        for link in [
            "https://login.app.example/portal_redirect?key=1",
            "https://LOGIN.app.example:8443/",
            "https://kinde.com/portal",
            "https://app.kinde.com/portal_redirect?key=1",
            "https://a.b.KINDE.com/x?kinde.com@evil.example",
        ] {
            assert_eq!(checked(link, &issuer), Ok(url(link)), "{link}");
        }
    }

    #[test]
    fn a_link_to_anywhere_else_is_refused() {
        let issuer = url("https://login.app.example");
        for link in [
            "",
            "/portal_redirect?key=1",
            "//app.kinde.com/x",
            "https://evil.example/",
            "https://evilkinde.com/",
            "https://kinde.com.evil.example/",
            "https://.kinde.com.evil.example/",
            "https://app.kinde.co/",
            "https://app.kinde.com./",
            "https://kinde.com@evil.example/",
            "https://evil.example\\@app.kinde.com/",
            "https://ada@app.kinde.com/",
            "https://:secret@app.kinde.com/",
            "https://app.example/",
            "https://x.login.app.example/",
            "http://app.kinde.com/",
            "http://login.app.example/",
            "http://127.0.0.1/",
            "https://127.0.0.1/",
            "http://localhost/",
            "javascript:alert(1)//app.kinde.com",
            "data:text/html,app.kinde.com",
            "file://app.kinde.com/x",
            "ftp://app.kinde.com/",
            "blob:https://app.kinde.com/x",
            "kinde.com:443/x",
        ] {
            assert!(checked(link, &issuer).is_err(), "{link}");
        }
    }

    #[test]
    fn plain_http_is_for_an_issuer_on_this_machine_alone() {
        let here = url("http://127.0.0.1:8001");
        assert!(checked("http://127.0.0.1:8001/portal_redirect?key=1", &here).is_ok());
        for link in ["http://localhost:8001/", "http://127.0.0.2:8001/", "http://app.kinde.com/"] {
            assert!(checked(link, &here).is_err(), "{link}");
        }
        let elsewhere = url("http://issuer.example");
        assert!(checked("http://issuer.example/", &elsewhere).is_err());
    }

    #[test]
    fn what_is_logged_of_a_refused_link_is_no_more_than_its_host() {
        for link in ["https://evil.example/x?key=secret", "http://app.kinde.com/?key=secret", "javascript:secret"] {
            let defect = checked(link, &url("https://app.kinde.com")).unwrap_err().to_string();
            assert!(!defect.contains("secret"), "{defect}");
        }
    }
}
