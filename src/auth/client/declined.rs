//! What follows a callback without a code: an error of the issuer that was to be expected sends the browser on, any
//! other becomes an `Error`.

use super::{BrowserCookies, Client, CookieChange};
use crate::auth::error::Error;
use crate::auth::oidc::{self, AuthorizationResponse, OidcError};
use crate::auth::session::{ReturnTo, SignInRequest};
use crate::auth::sign_in_options::SignInOptions;

/// An error of the issuer that was to be expected: the user is told nothing of it.
pub(super) struct Declined {
    /// For the audit log.
    pub(super) error: Error,
    /// The path or URL to send the browser to.
    pub(super) location: String,
}

impl Client {
    /// Where the browser goes after an error of the issuer.
    ///
    /// - `prompt=none` could not be fulfilled: to the same sign-in without it where that was asked for; else a signed-in
    ///   user goes to the return path, and any other browser to the page on which a sign-out ends.
    /// - An expired link: the error knows how the same sign-in begins again. Nothing is taken from the callback, whose
    ///   `reauth_state` may be an attacker's.
    ///
    /// # Errors
    /// The issuer's error, or why the sign-in could not be begun again.
    pub(super) async fn declined(
        &self,
        error: OidcError,
        request: SignInRequest,
        browser: &BrowserCookies,
        cookies: &mut Vec<CookieChange>,
    ) -> Result<Declined, Error> {
        match error {
            OidcError::Declined(oidc::Declined::LoginLinkExpired) => {
                Err(self.login_link_expired(&request.options, Some(&request.return_to)))
            }
            OidcError::Declined(oidc::Declined::InteractionRequired) if request.options.is_silent() => {
                let location = self.after_silence(request, browser, cookies).await?;
                Ok(Declined { error: error.into(), location })
            }
            error => Err(error.into()),
        }
    }

    /// The error of a callback that no pending authorization of this browser belongs to. An expired link was perhaps
    /// opened in another browser than the one that began the sign-in.
    pub(super) fn without_pending(&self, response: &AuthorizationResponse) -> Error {
        if response.outcome.is_login_link_expired() {
            self.login_link_expired(&SignInOptions::default(), None)
        } else {
            Error::NoPendingAuthorization
        }
    }

    fn login_link_expired(&self, options: &SignInOptions, return_to: Option<&ReturnTo>) -> Error {
        let return_to = return_to.filter(|return_to| **return_to != self.config().default_return_to);
        let sign_in_again = options.link(&self.config().paths.login, return_to.map(ReturnTo::as_str));
        Error::LoginLinkExpired { sign_in_again }
    }

    async fn after_silence(
        &self,
        request: SignInRequest,
        browser: &BrowserCookies,
        cookies: &mut Vec<CookieChange>,
    ) -> Result<String, Error> {
        if request.then_interactive {
            let options = request.options.without_prompt();
            let begun =
                self.try_to_begin(browser, SignInRequest { options, then_interactive: false, ..request }).await?;
            cookies.extend(begun.cookies);
            return Ok(begun.location);
        }
        let session = self.session(browser.session).await?;
        Ok(if session.is_some() { request.return_to.into() } else { self.config().paths.signed_out.clone() })
    }
}
