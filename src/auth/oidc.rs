//! The OpenID Connect floor: all requests to the issuer, and the verification of its responses. Its functions take and
//! return values; sessions are in `session`, cookies and routes in `web`.
//!
//! `http::HeaderMap` occurs below `web` only here, in `outbound`.

mod access_token;
mod account_api;
mod authorization;
mod bearer_token;
mod breaker;
mod cached;
mod callback;
pub(super) mod checks;
mod end_session;
mod error;
mod examination;
mod id_token;
mod issuer;
mod jwt;
mod logout_token;
mod outbound;
mod portal;
mod registration;
mod revocation;
mod scope;
mod sign_in_slots;
mod token_endpoint;
mod userinfo;
mod webhook;

pub use access_token::AccessTokenError;
pub(super) use access_token::{ExpectedAccess, is_jwt, verify as verify_access_token};
pub(super) use account_api::fetch_rights;
pub(super) use authorization::authorization_request;
pub use bearer_token::BearerTokenError;
pub(super) use bearer_token::{ExpectedBearer, Holder, precheck as precheck_bearer, verify as verify_bearer};
pub use breaker::Reachability;
pub(super) use callback::{AuthorizationResponse, Callback, Outcome};
pub(super) use end_session::EndSession;
pub use error::{Declined, OidcError};
pub(super) use examination::examine;
pub use examination::{ClientStanding, DiscoveryError, IssuerExamination};
pub use id_token::IdTokenError;
#[cfg(any(test, fuzzing))]
pub(super) use id_token::check as check_id_token;
pub(super) use id_token::{Expected, UserClaims, VerifiedIdToken, verify as verify_id_token};
pub use issuer::{DocumentDefect, Flavor};
pub(super) use issuer::{Issuer, Metadata};
pub(super) use jwt::key_id;
pub use jwt::{CLOCK_TOLERANCE_SECONDS, JwtError};
pub use logout_token::LogoutTokenError;
pub(super) use logout_token::{
    ExpectedLogout, IssuersLogout, SignedOutThere, precheck as precheck_logout, verify as verify_logout,
};
pub(super) use outbound::{Admission, Outbound, Received, TOTAL_TIMEOUT};
pub use outbound::{OutboundError, RequestHeaders, is_loopback};
pub(super) use portal::fetch_portal_link;
pub use registration::ClientAuthentication;
pub(super) use registration::Registration;
pub(super) use revocation::{Revocable, revoke_token};
pub(super) use scope::{asks_for_refresh_token, is_misnamed};
pub(super) use sign_in_slots::SignInSlots;
pub use token_endpoint::TokenResponseError;
pub(super) use token_endpoint::{IssuedTokens, exchange_code, refresh};
pub(super) use userinfo::fetch_userinfo;
pub(super) use webhook::{
    Effect, ExpectedEvent, MAX_AGE as MAX_EVENT_AGE, precheck as precheck_event, verify as verify_event,
};
pub use webhook::{
    WebhookAccessRequest, WebhookError, WebhookEvent, WebhookKind, WebhookMembership, WebhookOrganization,
    WebhookPermission, WebhookRole, WebhookSource, WebhookSubscriber, WebhookUser,
};
