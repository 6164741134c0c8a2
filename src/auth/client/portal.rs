//! The way to Kinde's self-serve portal, on behalf of a signed-in user.

use std::net::IpAddr;

use http::StatusCode;
use secrecy::ExposeSecret;
use url::Url;

use super::Client;
use crate::auth::error::Error;
use crate::auth::observation::{Answer, Stage};
use crate::auth::oidc::{self, Flavor, OidcError, OutboundError};
use crate::auth::portal_page::PortalPage;
use crate::auth::session::{ReturnTo, Session};

impl Client {
    /// Succeeds when the issuer has a portal: when it is Kinde.
    ///
    /// # Errors
    /// [`Error::NoPortal`] (404); [`Error::Oidc`] (503) when discovery fails.
    pub(in crate::auth) async fn require_portal(&self) -> Result<(), Error> {
        match self.0.issuer.metadata().await?.flavor {
            Flavor::Kinde => Ok(()),
            Flavor::OpenId => Err(Error::NoPortal),
        }
    }

    /// Where to send the browser, so that the user of a session arrives at this page of the portal, or at the one that
    /// Kinde chooses. The portal leads back to `return_to`. `address` is the client's, where known.
    ///
    /// # Errors
    /// [`Error::PortalRefused`] (403) when the user may not open the portal; [`Error::Oidc`] (502, 503, 504) when Kinde
    /// returns no usable link; what [`Client::access_token`] returns.
    pub(in crate::auth) async fn portal_url(
        &self,
        session: &Session,
        page: Option<PortalPage>,
        return_to: &ReturnTo,
        address: Option<IpAddr>,
    ) -> Result<Url, Error> {
        let site_url = &self.config().site_url;
        let return_url = site_url.join(return_to.as_str()).map_err(|error| Error::Internal(error.to_string()))?;
        let _slot = self.0.slots.take(address).map_err(OidcError::from)?;
        let access_token = self.access_token(session).await?;
        let access_token = &access_token.secret;
        let observed = self.observed(|| Some(access_token.expose_secret()));
        let link = oidc::fetch_portal_link(&self.0.issuer, access_token, page, &return_url, &observed).await;
        let link = link.map_err(|error| {
            tracing::warn!(%error, "the issuer returned no link to its portal that can be used");
            refusal(error)
        });
        observed.answered(Stage::PortalLink, || answer_of(&link));
        link
    }
}

/// What an observer is told of the end. The whole address opens the portal, so it is not among it.
fn answer_of(link: &Result<Url, Error>) -> Answer {
    match link {
        Ok(url) => Answer::success(303, format!("to the portal at {}", url.host_str().unwrap_or_default())),
        Err(error) => error.as_answer(),
    }
}

fn refusal(error: OidcError) -> Error {
    match error {
        OidcError::Outbound(OutboundError::Status(_, StatusCode::FORBIDDEN)) => Error::PortalRefused,
        error => error.into(),
    }
}
