//! The route to Kinde's self-serve portal: redirects a signed-in user to it. Everybody else signs in first, as for a
//! page behind the guard. Like the routes that begin a sign-in, in `begin`, it takes no request of a frame or a script.

use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use http::request::Parts;
use url::Url;

use super::begin::{ip_in, return_to};
use super::fetch_metadata::is_embedded;
use super::guard::{is_page_request, refuse_anonymous, to_login};
use super::identity::{Caller, Identity};
use crate::auth::client::Client;
use crate::auth::error::{Denial, Error};
#[cfg(feature = "openapi")]
use crate::auth::paths::PORTAL;
use crate::auth::portal_page::PortalPage;
use crate::auth::session::{ReturnTo, Session};

/// Open the account pages
///
/// Redirects to Kinde's self-serve portal, which leads back to this site. Unknown parameters are dropped. Only at
/// Kinde.
#[cfg_attr(feature = "openapi", utoipa::path(
    get, path = PORTAL, tag = "sign-in", security(("session" = [])),
    params(
        (
            "sub_nav" = Option<String>, Query,
            pattern = "^(profile|organization_details|organization_members|organization_payment_details\
                |organization_plan_details|organization_plan_selection|payment_details|plan_details|plan_selection\
                |api_keys|user_api_keys|organization_api_keys)$",
            description = "The page of the portal; by default the issuer chooses",
        ),
        (
            "post_login_redirect_url" = Option<String>, Query, example = "/items/420?q=x",
            description = "A path on this site to which the portal leads back; by default `/account`",
        ),
    ),
    responses(
        (status = 303, description = "To the portal; without a session to sign-in and back"),
        (status = 400, description = "`sub_nav` names no page of the portal, or stands twice"),
        (status = 401, description = "Not authenticated, and JSON was asked for"),
        (
            status = 403,
            description = "Inside a frame, or sent by a script; an access token in place of a session; or the account may not open this page; or a prefetch: nothing is requested of the issuer",
        ),
        (status = 404, description = "The issuer has no portal"),
        (status = 502, description = "The issuer's response cannot be used"),
        (status = 503, description = "The issuer or the session store cannot be reached"),
        (status = 504, description = "The issuer did not respond in time"),
    )
))]
pub(super) async fn portal(
    State(client): State<Client>,
    Extension(identity): Extension<Identity>,
    request: Parts,
) -> Response {
    let page = match page_of(&client, &request).await {
        Ok(page) => page,
        Err(error) => return error.into_response(),
    };
    let leads_to_login = is_page_request(&request.method, &request.headers);
    let session = match identity.caller().await {
        Caller::Session(session) => session,
        Caller::Token(_) => return Error::Forbidden(Denial::without_policy("a session")).into_response(),
        Caller::Nobody => return refuse_anonymous(&client, &identity, &request.uri, leads_to_login),
        Caller::Unknown(error) => return error.into_response(),
    };
    match portal_url(&client, &session, page, &request).await {
        Ok(url) => Redirect::to(url.as_str()).into_response(),
        // The access token has ended, and only another sign-in brings a new one. The session stays until then.
        Err(Error::NotAuthenticated) if leads_to_login => to_login(&client.config().paths, &request.uri),
        Err(error) => error.into_response(),
    }
}

/// The page that a link asks for, where the request is one that may open the portal.
async fn page_of(client: &Client, request: &Parts) -> Result<Option<PortalPage>, Error> {
    if is_embedded(&request.headers) {
        return Err(Error::Framed);
    }
    client.require_portal().await?;
    Ok(PortalPage::of_query(request.uri.query().unwrap_or_default())?)
}

async fn portal_url(
    client: &Client,
    session: &Session,
    page: Option<PortalPage>,
    request: &Parts,
) -> Result<Url, Error> {
    let paths = &client.config().paths;
    let return_to =
        return_to(&request.uri, paths, ReturnTo::parse_safe).unwrap_or_else(|| ReturnTo::parse(&paths.account, paths));
    client.portal_url(session, page, &return_to, ip_in(request)).await
}
