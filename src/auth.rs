//! Sign-in with Kinde, or any OpenID Connect issuer, for an axum application: the reusable part of this project.
//!
//! It uses neither Leptos nor this app's pages nor the environment: an application passes settings and a session store
//! in, and mounts the routes and the guard that it gets back.
//!
//! Authorization code flow with PKCE S256, `state` and `nonce` for every sign-in; ID tokens verified in full; sessions
//! on the server, each opened by a secret that is new at every sign-in and that the store never receives (OIDC Core
//! 1.0, RFC 6749, RFC 7636, RFC 7009, RFC 9207, RFC 9700).
//!
//! ```
//! use std::sync::Arc;
//!
//! use axum::{Router, middleware::from_fn_with_state, routing::get};
//! use kinde_leptos::auth::{self, Client, Config, CurrentUser, Store};
//!
//! async fn hello(user: CurrentUser) -> String {
//!     format!("Hello, {}", user.display_name())
//! }
//!
//! fn app(config: Config, store: Arc<dyn Store>) -> Result<Router, Box<dyn std::error::Error>> {
//!     let client = Client::new(config, store)?;
//!     Ok(Router::new()
//!         .route("/", get(hello))
//!         .route_layer(from_fn_with_state(client.clone(), auth::require_login))
//!         .merge(auth::router(client)))
//! }
//! ```
//!
//! An [`Error`] is a response with a plain sentence, and a response extension from which an application can render its
//! own page. Requests that change something need a CSRF layer in front: this app uses tower-http's, which decides by
//! Fetch Metadata, else by `Origin`, and lets programs pass, which send neither. Before the process ends,
//! [`Client::finish`] waits for sign-ins and sign-outs under way.
//!
//! # Links to sign-in
//!
//! [`SignInOptions`] are what a link may ask of the issuer: `options.link(&paths.login, Some("/items/1"))` is its
//! address. The routes of [`Paths`] read the same parameters from any link, drop unknown ones, and refuse malformed or
//! doubled ones with 400 ([`Error::BadSignInLink`]), so that nothing but these parameters reaches the issuer. Two
//! routes are for Kinde's organizations: [`Paths::create_org`] and [`Paths::switch_org`], 404 elsewhere. When another
//! site sends a signed-in user to choose or create an organization, the response is [`Error::UnconfirmedOrganization`]
//! (403), with the link by which the user confirms it; a request without Fetch Metadata passes.
//!
//! [`Paths::portal`] leads a signed-in user to Kinde's self-serve portal, where users look after their account, and
//! from there back to this site, by default to [`Paths::account`]; [`portal_link`] is a link to one of its pages. It
//! too is 404 elsewhere.
//!
//! A page that is opened with Kinde's `invitation_code` leads to registration and back. [`require_login`] sees to that
//! for the pages behind it; [`follow_invitations`] is the layer for public pages.
//!
//! # Set-up
//!
//! [`Client::examine_issuer`], and [`examine_issuer`] without a client, ask the issuer at this moment for its document,
//! its keys and, with a made-up code, what it thinks of the client, and compare the clocks. An application shows the
//! result only to its own developers. Sign-ins are not affected.
//!
//! # The account
//!
//! [`Caller::account`] is what users may see of themselves: who they are, where they stand, and their sessions. A POST
//! to [`Paths::end_session`], whose form field `session` is the id of one of these, ends it and leads to
//! [`Paths::account`], a page of the application; the session that asks is signed out instead. A POST to
//! [`Paths::logout_everywhere`] ends all sessions of the user, and at Kinde those of every browser. A user can end no
//! other user's.
//!
//! # The time of a session
//!
//! [`Client::time_left`] is how long a session still lives, and [`Paths::session`] says it to the session's browser as
//! JSON (`seconds_left`, `seconds_left_at_most`); neither counts as a request of the user, so a page may ask as often as it
//! likes. A POST to the same path prolongs the session, as [`Client::prolong`] does, and leads a page's form to the path in
//! its field `post_login_redirect_url`; when the session has ended meanwhile, through a sign-in. Where sessions end within
//! 20 hours without a request, WCAG 2.2 (2.2.1) wants users to be warned and to be able to stay.
//!
//! # Who may what
//!
//! A [`Policy`] says what a caller must be or have. [`require`] is its route layer, inside the guard;
//! [`Caller::check`] decides it in a handler. Programs send access tokens (`Authorization: Bearer`) for one of
//! [`Config::api_audiences`]: the guard takes them from requests for JSON, and [`Caller::Token`] is their caller.
//!
//! | question | answer |
//! | --- | --- |
//! | What does a policy cost? | one read of the store, for the claims and the marks; a page without a policy reads neither |
//! | Where do rights come from? | the access token's claims; where these lack a list, and for entitlements, Kinde's account API, each list once a request |
//! | How long do its answers count? | entitlements for a minute, others until the next access token, or until a mark moves |
//! | What says that rights changed? | [`Client::invalidate_rights_of`], [`Client::invalidate_all_rights`] and [`Client::end_access_of`] move marks in the store: what was known before decides nothing, in every process |
//! | What does trouble at the account API do? | what is known decides; what is not known is [`Error::RightsUnknown`] (503). Its 401 and 403 mean no rights, for that request |
//! | What about other issuers? | their claims are all there is, also for [`Policy::fresh`]; a list that a token lacks is empty |
//! | How long is a user's token accepted? | until it expires, or [`Client::end_access_of`]: at once in this process, after a second in others. A machine's token until it expires |
//!
//! # What the issuer says by itself
//!
//! [`webhooks`] is the route for Kinde's events ([`Paths::webhooks`]), which an application mounts beside [`router`],
//! with its own part of each event, or with [`ignore_event`]. [`Paths::backchannel_logout`], among the routes of
//! [`router`], takes the logout tokens of other issuers (OpenID Connect Back-Channel Logout 1.0). Each is 404 where the
//! other belongs.
//!
//! | question | answer |
//! | --- | --- |
//! | Who may send? | the issuer: what it sends is signed with its keys, RS256 alone. Made-up keys cause one fetch of keys in 30 seconds, for these and for access tokens together |
//! | What does an event do? | a deleted or suspended user loses sessions, tokens and access ([`Client::end_access_of`]); other changes move marks |
//! | How often? | once for each id that the issuer signed; again where deliveries meet or something failed, which is harmless: so must an application's own part be |
//! | What if something fails? | 503, and Kinde delivers again; for a logout token 400, as its specification says |
//! | What of late events? | the time of the event counts: what the issuer allowed after it stays |
//! | What of a sign-in under way? | it ends without a session, if its user's access, or the session at the issuer, has ended meanwhile |
//!
//! # Operations
//!
//! For operators, and an application's command line: [`Client::list_sessions_of`] and [`Client::end_sessions_of`] for
//! one user, [`Client::end_all_sessions`] for all, [`Client::re_seal`] after a change of [`SealingKeys`]. The last two read
//! the store portion by portion ([`Store::portion`]) while the application runs.
//!
//! # Metrics
//!
//! They go through the [`metrics`](https://docs.rs/metrics/0.24) facade, so any recorder receives them that is installed
//! before the [`Client`] is made: handles are looked up then, once. Without a recorder nothing is counted. Every series is
//! there from the beginning, with 0, and none has a label whose value a visitor could make up.
//!
//! | metric | what it counts | labels |
//! | --- | --- | --- |
//! | `kinde_leptos_sign_ins_begun_total` | browsers that were to be sent to the issuer, also by a page that leads to sign-in | `outcome`: `success`, `failure`; `reason` |
//! | `kinde_leptos_sign_ins_total` | callbacks, and what became of them | `outcome`: `success`, `failure`; `reason` |
//! | `kinde_leptos_refreshes_total` | refreshes that this process began | `outcome`: `success`; `refused`, which ended the session; `failure`, after which another try follows; `held_back`, for which no request was sent; `store_failure`; `lost` to another process or the end of the session; `no_refresh_token` |
//! | `kinde_leptos_sessions_begun_total` | sessions that began | |
//! | `kinde_leptos_sessions_ended_total` | sessions that this process ended; one that expires is not among them | `cause`: `sign_out`, `other_browser` of the user, `new_sign_in` of the same browser, `surplus`, `refresh_refused`, `access_ended`, `issuer_logout`, `application`, `failed_sign_in` |
//! | `kinde_leptos_issuer_requests_total` | requests that were sent to the issuer | `endpoint`: `discovery`, `keys`, `token`, `userinfo`, `revocation`, `account_api`, `portal_link`; `outcome`: `success` (2xx), `refused` (4xx), `limited` (429), `error` (any other status), `too_large`, `timeout`, `unreachable` |
//! | `kinde_leptos_issuer_request_duration_seconds` | a histogram of them, in seconds, from connecting to the last byte | `endpoint` |
//! | `kinde_leptos_issuer_requests_held_back_total` | requests that a circuit breaker did not let through | `breaker`: `sign_in`, `account_api`; `reason`: `open`, `limited` |
//! | `kinde_leptos_issuer_breaker_open` | a gauge: 1 while the last five requests or more had no response | `breaker` |
//! | `kinde_leptos_issuer_breaker_limited` | a gauge: 1 from a 429 until a later request succeeds | `breaker` |
//! | `kinde_leptos_store_operations_total` | operations of the session store | `store`: [`Store::name`]; `operation`: `create`, `replace`, `load`, `load_many`, `take`, `touch`, `owned_ids`, `take_owned_by`, `portion`, `ping`; `outcome`: `success`, `failure`, `timeout` |
//! | `kinde_leptos_store_operation_duration_seconds` | a histogram of them, in seconds | `store`, `operation` |
//!
//! The `reason` of a sign-in is `none`, or:
//!
//! | reason | who has to look |
//! | --- | --- |
//! | `access_denied`, `login_link_expired`, `interaction_required`, `no_pending_authorization` | nobody: users cancel, wait for too long, and go back. Many at once may be an attack |
//! | `declined`, `malformed_callback`, `wrong_issuer`, `code_refused` | the log says what the issuer, or somebody in its name, sent |
//! | `client_refused`, `discovery`, `token_response`, `id_token`, `another_user` | the set-up, or the issuer |
//! | `issuer_unavailable`, `issuer_timeout`, `issuer_unreachable`, `issuer_limited`, `issuer_response`, `held_back` | the issuer, or the network to it |
//! | `store`, `internal` | the operators |
//!
//! # Floors
//!
//! The module is built in floors. Each floor imports only from those below it in this table, and a test checks the
//! rules:
//!
//! | floor | contents | rule |
//! | --- | --- | --- |
//! | `web` | axum, headers, cookies as headers | no `axum` below it |
//! | `client`, with `config`, `error` and `audit` | one application at one issuer: its calls take and return values | no `HeaderMap` |
//! | `session` | records, sessions, tokens and their claims, pending authorizations, users | of `oidc` only `UserClaims` |
//! | `oidc` | requests to the issuer, and the verification of its responses | neither `session` nor `client`; `HeaderMap` only in `outbound` |
//! | `portal_page` | the pages of Kinde's portal | imports only `sign_in_options` and `paths` |
//! | `sign_in_options` | what a link to sign-in may ask of the issuer | imports only `paths` |
//! | `policy`, `rights` | what a caller must be or have; what a user may do | import only `claims`, and `policy` also `rights` |
//! | `paths`, `random`, `claims`, `metrics`, `spans`, `observation` | paths of the sign-in routes; random values and digests; claims as typed values; what is counted; the target of spans; what an observer is told | import nothing of `auth` |
//!
//! The errors of a floor leave it as one type: [`OidcError`], `SessionError`, and [`Error`], with which the routes
//! respond.
//!
//! # Traces
//!
//! Requests to the issuer and operations of the session store are `tracing` spans ([`SPAN_TARGET`]), also where work goes
//! on after its request. [`Config::with_request_headers`] adds headers to requests to the issuer, such as `traceparent`:
//! the function is called within the request's span.
//!
//! # Observers
//!
//! [`Config::with_observer`] sets a [`VerificationObserver`], for tests and development: it is told each check of a
//! callback, a response of the issuer and a token, with value, expectation and verdict, and how sign-ins, refreshes,
//! sign-outs, deliveries and whatever needed Kinde's account API or portal ended. Secrets are digests. A [`Reference`] says
//! which sign-in or token it was. Without an observer nothing is put together, and a page of a signed-in user for which
//! nothing is requested of the issuer tells it nothing in any case.
//!
//! # What sign-in promises
//!
//! | question | answer |
//! | --- | --- |
//! | What is verified? | `state` (bound to the browser by a cookie of its own), RFC 9207's `iss`, PKCE; of the ID token signature (RS256 alone), `iss`, `aud`, `azp`, `nonce`, `exp`, `iat`, `nbf`, `at_hash` |
//! | How wrong may clocks be? | 60 seconds, on both sides |
//! | How long may a user take at the issuer? | 15 minutes; each sign-in completes once, ten may be pending in one browser |
//! | When does a session end? | at sign-out, at once; when it was idle, or has lasted, for as long as [`SessionLifetime`] says; the oldest when a user has more than [`Config`] allows. Signing out in one browser leaves the sessions of others. A sign-out completes even when the client closes the connection. Whatever ends a session revokes its refresh token at the issuer, or without one its access token; only a new sign-in of the same browser does not, because its tokens belong to the same session of the issuer |
//! | What does the session cookie hold? | 256 random bits. The store has only a digest of them: a reader of the store, of a backup or of a replica opens no session |
//! | Which requests sign a user out? | a form of this site, a link on it, or the address entered by hand; any other GET must be confirmed, and so must one with a `state` that is not of this browser's own sign-out |
//! | Where are the tokens, and their claims? | on the server, in records that a page does not load; encrypted where [`SealingKeys`] are set |
//! | When are tokens refreshed? | by any request of a signed-in user, once for each expiry, whatever the number of requests and processes: at Kinde when the access token has ended, because Kinde returns the same one until then; elsewhere a minute earlier, or a tenth of a shorter life. A request whose access token has ended waits for it for two seconds at most |
//! | What does a failed refresh do? | it ends the session only when the issuer refuses the refresh token, or returns tokens of another user; otherwise the session stays, and the next try comes after a pause that all processes share |
//! | What happens when the issuer is down? | signed-in users stay signed in, also when their tokens end; sign-in responds with 503 until the issuer is back |
//! | Which status means what? | 400: the callback or a token of a sign-in failed verification, whoever sent it; 401: there is no session, or the program's token is refused; 403: a policy does not hold; 502, 503, 504: a request of ours to the issuer failed; 503: the session store, or what the caller may do is not known |
//!
//! After five requests without a response, the circuit breaker lets one request through every two seconds, until one
//! succeeds. After a 429 one request at a time goes out until one succeeds. Discovery and signing keys are used for an
//! hour, for two while they are fetched again, and for 24 hours while the issuer is down.

mod audit;
mod claims;
mod client;
mod config;
mod error;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
mod metrics;
mod observation;
mod oidc;
pub mod paths;
mod policy;
mod portal_page;
mod random;
mod rights;
mod session;
mod sign_in_options;
mod spans;
mod web;

pub use audit::AUDIT_TARGET;
pub use claims::{AccessTokenClaims, Claims, Flag, FlagKind, IdTokenClaims, Organization, Role};
pub use client::{AccessToken, BearerToken, Client, Clock, EndedSessions, TokenHolder, examine_issuer};
pub use config::{
    Config, ConfigError, DEFAULT_COOKIE_PREFIX, DEFAULT_SCOPE, DEFAULT_SESSIONS_PER_USER, MAX_AUDIENCES,
    is_audience_of_id_tokens,
};
pub use error::{Denial, Error, UnusableBody};
pub use observation::{Answer, Check, Observer, Reference, Stage, Verdict, Verification, VerificationObserver};
pub use oidc::{
    AccessTokenError, BearerTokenError, CLOCK_TOLERANCE_SECONDS, ClientAuthentication, ClientStanding, Declined,
    DiscoveryError, DocumentDefect, Flavor, IdTokenError, IssuerExamination, JwtError, LogoutTokenError, OidcError,
    OutboundError, Reachability, RequestHeaders, TokenResponseError, WebhookAccessRequest, WebhookError, WebhookEvent,
    WebhookKind, WebhookMembership, WebhookOrganization, WebhookPermission, WebhookRole, WebhookSource,
    WebhookSubscriber, WebhookUser, is_loopback,
};
pub use paths::Paths;
pub use policy::{Entitlement, Policy};
pub use portal_page::{PortalPage, portal_link};
pub use session::{
    ChangeObserver, Id, ListedSessions, MAX_RETURN_TO_BYTES, PENDING_LIFETIME, Portion, ReSealing, Record, ReturnTo,
    SealingKeyError, SealingKeys, Session, SessionLifetime, Store, StoreError, StoreResult, TimeLeft, TokenSet, User,
    UserSession,
};
pub use sign_in_options::{BadSignInOption, LoginHint, Prompt, SignInOptions};
pub use spans::SPAN_TARGET;
pub use web::{
    Account, Caller, ClientAddress, ClientAddresses, CurrentSession, CurrentToken, CurrentUser, Identity,
    MAX_WEBHOOK_BYTES, MaybeUser, Require, TrustedProxies, Wants, find_client_address, follow_invitations, identify,
    ignore_event, refuse_speculation, require, require_login, require_login_json, router, webhooks,
};
#[cfg(feature = "openapi")]
pub use web::{openapi, webhooks_openapi};
