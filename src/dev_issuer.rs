//! The emulated Kinde tenant: a separate HTTP server with Kinde's paths and token formats, for development and tests.
//!
//! It can also emulate an issuer that is not Kinde.
//!
//! It has no passwords, e-mail, social connections or billing: only a real tenant has those. It never shares a listener
//! with the app: they communicate over HTTP only.
//!
//! It implements OIDC Core 1.0, RFC 6749, 7636, 7009, 7662, OpenID Connect Discovery 1.0 and Kinde's own
//! additions (`start_page`, `org_code`, `/logout?redirect=`, the account API, the link to the self-serve portal, the
//! management API).
//!
//! The documentation of `any_language` has apps in other languages that sign in at it, and compares it with other emulators.
//!
//! # Driving it over HTTP
//!
//! A browser uses the sign-in page. A program signs in with two requests, or with one:
//!
//! 1. `GET /oauth2/auth?…` returns 200 with the page. The header `x-dev-transaction` contains the transaction, which
//!    the forms of the page contain in the field `transaction`.
//! 2. `POST /sign-in` (a form) with `transaction` and one decision returns 303 to the callback and sets `emu_sso`:
//!    - `person=ada` (with `org_code=…` if the person has several organizations),
//!    - `action=create` with `email` and optional `given_name`, `family_name`,
//!    - `action=cancel` (callback with `access_denied`),
//!    - `action=expire` (callback with `login_link_expired` and `reauth_state`).
//!
//! After `PATCH /dev/settings {"auto_sign_in":"ada"}`, the first request alone returns 302 to the callback.
//!
//! An invitation's link, `GET /team_invitation?code=…`, leads to the application login URI with `invitation_code`. An
//! authorization request with `invitation_code`, `is_invitation=true` and `prompt=create` then signs in the invited
//! e-mail address only, once, as a new or existing person, who becomes a member of the organization.
//!
//! A link to the self-serve portal, from `GET /account_api/v1/portal_link?return_url=…&subnav=…`, opens once: a page
//! that names the section and the person, with a link back to `return_url`. Nothing can be changed there.
//!
//! # The management API
//!
//! `/api/v1/…` is Kinde's management API, as Kinde's own SDKs call it: users, organizations and their members, roles,
//! permissions, feature flags, properties, invitations, webhooks, applications and sessions. The documentation of
//! [`kinde_api`] lists all of Kinde's operations, with what the tenant has of each. A program gets its token by client
//! credentials, as the client of a machine (`POST /dev/clients`) or as the application itself:
//!
//! ```sh
//! TOKEN=$(curl -s 127.0.0.1:8001/oauth2/token -d grant_type=client_credentials -d client_id=… -d client_secret=… \
//!     -d audience=http://127.0.0.1:8001/api -d 'scope=read:users update:users' | jq -r .access_token)
//! curl -s '127.0.0.1:8001/api/v1/users?email=ada@example.com' -H "Authorization: Bearer $TOKEN"
//! ```
//!
//! The id of a user is their subject. What people have by its key only, such as a role, is defined by itself: its id
//! follows from the key.
//!
//! # The switchboard
//!
//! Everything under `/dev/` is JSON, for test programs on this machine only. `POST` and `PATCH` need
//! `content-type: application/json`. A request that a page of another origin sends, as `Origin` or `Sec-Fetch-Site`
//! says, gets 403, and so does such a form of the sign-in page; a program sends neither header.
//!
//! | request | effect |
//! | --- | --- |
//! | `POST /dev/faults {"fault":"id_wrong_nonce","times":1}` | switches a fault on for `times` uses (absent: until it is cleared) |
//! | `GET /dev/faults`, `DELETE /dev/faults` | returns every fault with its description and state; switches all faults off |
//! | `GET /dev/log`, `DELETE /dev/log` | returns the received protocol requests, the oldest first; clears them. The log keeps 8 MB: the oldest requests go first. A body longer than 64 KiB gets 413 and is not logged |
//! | `GET /dev/settings`, `PATCH /dev/settings {…}` | returns or changes lifetimes, overlap, audience and so on; refuses unknown names. `authenticated_session_lifetime` is the time without a sign-in or refresh after which a session at the tenant ends, one day at first |
//! | `POST /dev/keys/rotate {"drop_old":true}` | creates a signing key; the old one stays published unless it is dropped |
//! | `GET /dev/clock`, `POST /dev/clock {"forward_seconds":3600}`, `DELETE /dev/clock` | returns `{"now":…,"clock_offset":…}`; moves the tenant's clock forward, at most ten years, and returns in `ended` how many codes, tokens, sessions and sign-in pages expired and how many deliveries became due; goes back to the time of the machine. The header `Date` of the protocol endpoints follows it. The app's own clock does not move |
//! | `GET /dev/conditions`, `PUT /dev/conditions {"token":{"latency_ms":200,"loss":0.1}}` | returns or replaces the conditions of the endpoints: how many milliseconds later the response is, to 60000, and the share of requests whose connection is cut, 0 to 1. Endpoints: `any`, `discovery`, `jwks`, `authorization`, `sign_in` (the forms of the sign-in page), `token`, `refresh` (of `token`), `user_profile`, `account_api`, `logout`, `revocation`, `introspection`, `management`; the most specific one counts. Returns 400 with `{"error":"…","problems":["token.loss: …"]}` and changes nothing if something is wrong |
//! | `POST /dev/tokens {"person":"ada","org_code":"org_…","audience":["…"],"scope":["…"],"claims":{…},"fault":"id_expired"}` | issues an access token as ordered, for tests of bearer APIs. Without a person it is a machine's; without an organization, a person's is for their first one |
//! | `POST /dev/observations {"at":…,"reference":"…","stage":"id_token","checks":[…],"answer":{…}}` | adds what the app verified to the sign-in that the reference names: the first 16 hexadecimal digits of the SHA-256 digest of a value that the tenant knows, such as `state` |
//! | `GET /dev/held`, `DELETE /dev/held` | returns `{"held":1}`, the number of responses that a fault such as `refresh_held` holds back; releases them |
//! | `GET /dev/people` | returns the people who can sign in |
//! | `PATCH /dev/people/{key} {"persistent":false}` | changes a person: `given_name`, `family_name`, `email`, `organizations` (all of them, as in a seed), `permissions`, `roles`, `organization_rights` (`{"org_…":{"permissions":[…],"roles":[…]}}`: what differs in one organization of the person; null for an organization removes it), `feature_flags`, `entitlements` (`{"seats":{"entitlement_limit_max":5}}`, where an absent limit or price is null), `user_properties`, `organization_properties`, `application_properties` (as in tokens: `{"key":{"v":…}}`), `persistent` (the claim `ksp`), `is_suspended` (no sign-in, no refresh; access tokens live on), `claims` and `id_token_claims` (replace the claims of the tokens; a null in them removes a claim). Null removes a name, properties or `persistent`. New tokens contain the changes, the account API shows them at once |
//! | `DELETE /dev/people/{key}` | deletes a person; their access tokens live on |
//! | `POST /dev/webhooks {"type":"role.updated","data":{…},"claims":{…},"fault":"stale"}` | sends one event, once, to the setting `webhook_url` or, without one, to the first webhook of its type; returns `{"id":"event_…","responses":[{"status":200,"body":"…"}]}`, with null for a response that did not come. `claims` replace those of the event, such as `event_id`. Faults: `bad_signature`, `alg_none`, `unknown_kid`, `stale`, `ahead`, `twice`, `huge`, `other_issuer` |
//! | `POST /dev/logout_tokens {"person":"ada","sub":true,"sid":false,"typ":"logout+jwt","claims":{…},"fault":"stale"}` | as a plain issuer: sends one logout token to the setting `backchannel_logout_url`, for the person or, with `sid`, for their newest session; the same response and faults |
//! | `GET /dev/deliveries` | returns the last events and logout tokens that changes caused: `[{"type":"user.updated","id":"event_…","attempts":1,"status":200}]` |
//! | `POST /dev/clients {"audience":["…"],"scopes":["…"],"org_code":"org_…"}` | creates the client of a machine, for client credentials; returns `{"client_id":"…","client_secret":"…"}`. Its tokens have these audiences and scopes only, and the organization if there is one |
//! | `POST /dev/invitations {"email":"…","org_code":"…"}` | invites to an organization; returns `{"code":"inv_…","invite_link":"…"}` |
//! | `GET /dev/seed` | returns people, settings, organizations, definitions, open invitations, webhooks and clients of machines as they are now, in the form of a seed |
//! | `PUT /dev/seed {…}` | puts a seed in their place, or returns 400 with `{"error":"…","problems":["people[1].email: …"]}` and changes nothing |
//! | `POST /dev/reset {}` | goes back to the seed: that of the last `PUT`, of the file, or the one that is built in. Nobody is signed in, no fault is on, no response is late or lost, the log and the console's lists of sign-ins and deliveries are empty, no earlier delivery is attempted again, the URLs of the application are those of the start; keys stay |
//!
//! # The console
//!
//! At the root of the tenant's origin, people see and change the same in a browser: `/` (sign-ins), `/people`, `/tokens`,
//! `/webhooks` and `/conditions` (time and trouble). The pages work without JavaScript. `/sign-ins/1` is one sign-in as a
//! timeline: each request with its parameters and response, what the app verified there, and the faults that fit the step,
//! each with a button that switches it on once; `/sign-ins/faults` has all faults, `/sign-ins/outside` the requests that
//! belong to no sign-in, `/app` leads to the app. Secrets are shown as digests, JWTs without their signatures. Sign-ins
//! take 8 MB at most: the oldest go first. `/conditions` also sets lifetimes, exports the state as a seed and goes back to
//! the seed. A form counts only if the browser says that it comes from a page of the tenant, by `Origin` or
//! `Sec-Fetch-Site`.
//!
//! # The seed
//!
//! [`Options::seed`] names a file with the people of the application: `DEV_ISSUER_SEED=people.json` beside the app,
//! `kinde-leptos dev-issuer --seed people.json` alone. It is read when the tenant starts, and again within half a second
//! when it changes. Everything that is wrong is named at once, with its place; of a changed file that cannot be used the
//! log says so, and everything stays as it was. Whoever a changed seed leaves out or suspends loses sessions and refresh
//! tokens, and the app gets the same events as for changes one by one.
//!
//! ```json
//! {
//!   "people": [
//!     {
//!       "person": "rosalind",
//!       "given_name": "Rosalind",
//!       "family_name": "Franklin",
//!       "organizations": ["King's College", {"code": "org_birkbeck", "name": "Birkbeck"}],
//!       "permissions": ["read:items"],
//!       "organization_rights": {"org_birkbeck": {"permissions": ["read:items", "read:members"], "roles": ["lead"]}},
//!       "feature_flags": {"theme": {"t": "s", "v": "blue"}},
//!       "entitlements": {"items": {"feature_name": "Items", "entitlement_limit_max": 5}}
//!     },
//!     {"person": "max", "email": "max@example.org", "is_suspended": true}
//!   ],
//!   "settings": {"access_token_lifetime": 600},
//!   "invitations": [{"email": "new@example.org", "org_code": "org_birkbeck"}],
//!   "machine_clients": [
//!     {"client_id": "nightly", "client_secret": "of-the-nightly-job", "audience": ["https://api.example"], "scopes": ["read:items"]}
//!   ]
//! }
//! ```
//!
//! | member | what | if absent |
//! | --- | --- | --- |
//! | `people` | a list, which may be empty | refused |
//! | … `person` | the key with which tests and the sign-in page choose the person: 1 to 64 of `a-z 0-9 - _ .`, once | refused |
//! | … `about` | a remark on the sign-in page | none |
//! | … `sub` | the subject, 1 to 255 bytes, once | `kp_` and 32 digits that follow from the key |
//! | … `given_name`, `family_name` | names, or null | none |
//! | … `email` | an address; several people may have the same | `KEY@example.com` |
//! | … `username`, `phone`, `picture`, `provided_id` | texts, or null | none |
//! | … `known_to_id_token` | whether the ID token has names and address | true |
//! | … `organizations` | by name or with a code; the first is the default; a person without one cannot sign in | `Analytical Engines` |
//! | … `permissions`, `roles` | keys, in every organization without a list of its own | `read:items`, `read:members`; none |
//! | … `organization_rights` | by the code of an organization of the person: `permissions` and `roles` that differ there | none |
//! | … `feature_flags` | `{"t":"b","v":true}`, with `t` one of `b`, `s`, `i`, `j` | `theme` |
//! | … `entitlements` | as for `PATCH /dev/people/{key}` | `items`, at most 100 |
//! | … `claims`, `id_token_claims` | replace claims of the tokens; a null removes one | none |
//! | … `user_properties`, `organization_properties`, `application_properties` | `{"key":{"v":…}}`, or null | none |
//! | … `persistent` | the claim `ksp`, or null | none |
//! | … `is_suspended` | no sign-in, no refresh | false |
//! | `settings` | as for `PATCH /dev/settings` | those of the shape |
//! | `organizations` | `code` and `name` of organizations, also without members, with `handle`, `external_id`, `feature_flags` and `properties` for all members | those of the people |
//! | `invitations` | `email`, `org_code` of an organization, and `code`, `given_name`, `family_name`, `roles` | none |
//! | `machine_clients` | `client_id`, `client_secret`, `audience`, `scopes`, `org_code`, `name` | none |
//! | `roles` | `key`, with `id` (a UUID), `name`, `description`, `is_default_role` and the keys of `permissions` that it gives | those of the people |
//! | `permissions` | `key`, with `id` (a UUID), `name` and `description` | those of people and roles |
//! | `feature_flags` | `key` and `type` (`str`, `int`, `bool`, `json`), with `name`, `description`, `default_value`, `environment_value` and `allow_override_level` (`env`, `org`, `usr`) | those of the people, without a default |
//! | `properties` | `key` and `context` (`usr`, `org`, `app`), with `id`, `name`, `description`, `is_multi_line`, `is_private` and `category_id` | those of the people |
//! | `property_categories` | `id`, `name` and `context` | none |
//! | `application_properties` | `{"key":{"v":…}}` | none |
//! | `webhooks` | `id`, `name`, `endpoint`, `event_types` and `description` | none |
//!
//! # The state in a file
//!
//! Everything is in memory, unless [`Options::state`] names a file: `DEV_ISSUER_STATE=state.json` beside the app,
//! `kinde-leptos dev-issuer --state state.json` alone. It then has, a tenth of a second after each change and at the end, all
//! that `GET /dev/seed` returns, the seed that a reset goes back to, the signing keys, the sessions at the tenant, the codes
//! and tokens that have not expired, and the client's id and secret. The next start goes on with them, so users stay signed
//! in, and an app's settings stay right. The request log, the console's list of sign-ins, faults, conditions and events
//! that wait to be repeated end with the process, and so do the name and URLs of the application that a program changed by
//! the management API: each start has its own.
//!
//! The file is replaced as a whole, so that a process that is killed leaves a whole one, and its owner alone can read it. One
//! tenant at a time can have it: it locks the file of that name with `.lock` at the end. A file that cannot be used ends the
//! start with everything that is wrong, and stays as it is. With a state file, the seed is for the first start and for
//! `POST /dev/reset`; while the tenant runs, a change of the seed's file still replaces people and settings.
//!
//! # What the tenant sends by itself
//!
//! With a webhook URL or a webhook that a program creates, a Kinde tenant sends an event when a person is changed in
//! profile, memberships, rights or suspension (`user.updated`) or is deleted (`user.deleted`), as Kinde does: signed, in
//! the background, and again until the response is 200, at Kinde's intervals or those of the setting `delivery_pauses`.
//! The management API also causes `user.created` and the events of organizations, roles and permissions. Feature flags
//! and properties cause no event, and neither does what only tests change or a change to the same values. Sign-ups and
//! sign-ins cause none either, unlike at Kinde. A plain issuer with a back-channel URL sends a logout token when a session ends at its logout endpoint, or
//! a person is suspended or deleted. The end of a session by the clock causes neither.
//!
//! The pauses pass by the tenant's clock. The console shows the last events and logout tokens with each response.
//!
//! # A run that can be repeated
//!
//! With [`Options::random_seed`], a number (`DEV_ISSUER_RANDOM_SEED=7` beside the app, `--random-seed 7` alone), codes,
//! tokens, session and other ids, generated names and losses follow from the number: the same requests in the same order
//! get the same values. What does not follow from it: the signing keys, because the generator of RSA keys takes no number,
//! and with them `kid`, signatures and `at_hash`; times, unless the second is the same; the port; and the client's id and
//! secret, which are there before the tenant. With the number every code can be predicted, so it is for tests.
//!
//! # The shapes
//!
//! [`Options::shape`] selects what the tenant emulates. A tenant of [`Shape::Plain`] is an issuer of OpenID Connect
//! that is not Kinde: every token, callback and page lacks Kinde's additions, and Kinde's own parameters have no effect.
//!
//! | | [`Shape::Kinde`] | [`Shape::Plain`] | setting |
//! | --- | --- | --- | --- |
//! | issuer | `http://127.0.0.1:PORT` | `http://127.0.0.1:PORT/realms/plain` | |
//! | endpoints | `/oauth2/auth`, `/oauth2/token`, `/oauth2/revoke`, `/oauth2/introspect`, `/logout`, `/.well-known/jwks` | `authorize`, `token`, `revoke`, `introspect`, `end_session`, `keys` under `/realms/plain/` | |
//! | user profile | `/oauth2/v2/user_profile`, account API, portal | `/realms/plain/userinfo`, no account API, no portal | |
//! | sign-out | `redirect`, `post_logout_redirect_uri`, `redirect_uri` | `post_logout_redirect_uri`, with `client_id` or `id_token_hint` | |
//! | callback | `code`, `scope`, `state` | `code`, `state`, `iss` | `iss_parameter` |
//! | invalid bearer token | 403, as Kinde's OpenAPI file says | 401 | |
//! | client credentials | yes | `unsupported_grant_type` | |
//! | scope of refresh tokens | `offline` | `offline_access`; unknown scopes are not granted | `refresh_scope`, `refresh_needs_consent` |
//! | use of refresh tokens | again for 30 seconds | once; a second use ends the grant | `refresh_overlap`, `refresh_grant` |
//! | access tokens | JWT; a refresh returns the current one until it expires | opaque, 1 hour; a new one after each refresh | `opaque_access_tokens`, `reuse_access_token`, `access_token_lifetime` |
//! | ID tokens | `aud` is a list, `kid` in the header | `aud` is a text, no `kid` | `aud`, `aud_as_text`, `kid` |
//! | client authentication | body or Basic; discovery lists the body only | Basic only, form-decoded, and so says discovery | `basic_authentication`, `post_authentication`, `announced_authentication` |
//! | `prompt` | discovery lists no values, all work | `none`, `login`, `consent`; others are `invalid_request` | `prompt_values_supported` |
//! | `max_age` | no effect | after so many seconds a session does not suffice | |
//! | sessions at the tenant | end after a day without a sign-in or refresh; refresh tokens outlive them | the same | `authenticated_session_lifetime` |
//! | revocation endpoint | yes | no | `revocation_endpoint` |
//! | logout endpoint | yes | yes | `end_session_endpoint` |
//! | ends of access and sessions | events of webhooks | logout tokens, and `sid` in ID tokens | `webhook_url`, `backchannel_logout_url` |
//!
//! The settings of the last column start with the values of the shape and change while the tenant runs. The
//! switchboard, the sign-in page and the people are those of a Kinde tenant; the switchboard is at the root of the origin.
//!
//! # Modules
//!
//! A module imports only from the modules in its row of this table, which are all listed below it:
//!
//! | module | contents | imports from |
//! | --- | --- | --- |
//! | `routes` | the route table | `basics`, `faults`, `protocol`, `state`, `layers`, `sign_in`, `endpoints`, `management`, `switchboard`, `console` |
//! | `console` | the pages for the people who develop with the tenant, the guard of their forms | `basics`, `people`, `faults`, `protocol`, `journal`, `state`, `tokens`, `deliveries`, `seed` |
//! | `storage` | the state in a file, which outlives the process | `basics`, `people`, `protocol`, `state`, `seed` |
//! | `switchboard` | the handlers under `/dev/`, their guard | `basics`, `people`, `faults`, `protocol`, `journal`, `state`, `tokens`, `deliveries`, `seed` |
//! | `management` | Kinde's management API, the list of Kinde's operations and what there is of each | `basics`, `people`, `protocol`, `state`, `deliveries` |
//! | `endpoints` | the protocol endpoints, client authentication | `basics`, `people`, `faults`, `protocol`, `state`, `tokens`, `deliveries`, `sign_in` |
//! | `sign_in` | the sign-in page, the user's decision, invitations, the callback | `basics`, `people`, `protocol`, `state` |
//! | `seed` | people, organizations, definitions, settings and clients as JSON, from a file, the switchboard or the console | `basics`, `people`, `faults`, `protocol`, `state`, `deliveries` |
//! | `deliveries` | the events and logout tokens that the tenant sends, by itself or to order, and the changes that cause them | `basics`, `people`, `faults`, `protocol`, `state`, `tokens` |
//! | `tokens` | access token, ID token, token response, access tokens to order | `basics`, `people`, `faults`, `protocol`, `state` |
//! | `layers` | the check of the `Host` header around all routes and of the origin of the sign-in page's forms, the header `Date`, the request log, the journal, the faults and the conditions around the endpoints | `basics`, `people`, `faults`, `protocol`, `journal`, `state` |
//! | `state` | the tenant's state, its settings, its webhooks and events, its request log, its journal, its outbox, the moves of its clock | `basics`, `people`, `faults`, `protocol`, `journal` |
//! | `journal` | the sign-ins as timelines: requests, and what the app verified | `basics` |
//! | `protocol` | the shape and its paths, the clients, the authorization request, its grants, the portal's links, errors | `basics` |
//! | `faults` | the effects, the table of faults with the right answer to each, the switches, the conditions of the endpoints | `basics` |
//! | `people` | the people who can sign in, their organizations, the definitions of what they have, the invitations | `basics` |
//! | `basics` | clock, random values, digests, keys, connections, the client of requests to the app, parameters, the page that sends a request, pages, redirects | nothing |
//!
//! A path to another module starts with `crate::dev_issuer::` and the name of the module, with one `use` for each
//! module; a path with `super::` names a file of the same folder. So `grep` can check the rule:
//!
//! ```sh
//! grep -rhoE 'crate::dev_issuer::\w+' src/dev_issuer/tokens | sort -u    # only `tokens` and the modules of its row
//! grep -rnE 'super::super|dev_issuer::\{' src/dev_issuer                  # prints nothing
//! ```
//!
//! The files of one module do not import each other in a circle either. `MODULE.rs` only declares the files of the
//! module.

/// Kinde's published API against the emulated tenant.
///
#[cfg(doc)]
#[doc = include_str!("dev_issuer/management/coverage.md")]
pub mod kinde_api {}

mod basics;
mod console;
mod deliveries;
mod endpoints;
mod faults;
mod journal;
mod layers;
mod management;
mod people;
mod protocol;
mod routes;
mod seed;
mod sign_in;
mod state;
mod storage;
mod switchboard;
mod tokens;

use std::{
    io,
    net::Ipv4Addr,
    path::{Path, PathBuf},
    sync::Arc,
};

use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

pub use basics::page::NOTICE;
pub use basics::signing::KeyGenerationFailed;
pub use people::{
    entitlement::{Entitlement, Entitlements},
    person::{Organization, Person},
    rights::OrganizationRights,
};
pub use protocol::shape::Shape;
pub use seed::{document::SeedProblems, file::SeedFileError};
pub use storage::file::StateFileError;

use basics::{connection, random::Random};
use people::directory::People;
use protocol::registered_client::{RegisteredClient, Registration};
use seed::{application, file::SeedFile};
use state::{settings::Settings, tenant::EmulatedTenant};
use storage::{
    document::StoredState,
    file::{self, StateFile},
    keeper::Keeper,
};

/// The port of the emulated tenant, its shape, and its client.
#[derive(Clone)]
pub struct Options {
    /// The port on 127.0.0.1. With 0, the operating system selects a free port.
    pub port: u16,
    /// The kind of issuer that the tenant emulates.
    pub shape: Shape,
    /// The id of the tenant's only client that signs users in.
    pub client_id: String,
    /// That client's secret.
    pub client_secret: String,
    /// The allowed values of `redirect_uri`, compared character by character.
    pub callback_urls: Vec<String>,
    /// The allowed targets of a redirect after `/logout`, compared character by character.
    pub logout_urls: Vec<String>,
    /// The application login URI, to which links in invitations lead. Without one, they lead to an error page.
    pub login_url: Option<String>,
    /// Where a Kinde tenant sends the events of its webhooks. Without one, it sends none.
    pub webhook_url: Option<String>,
    /// Where a plain issuer sends logout tokens. Without one, it sends none.
    pub backchannel_logout_url: Option<String>,
    /// The file with the seed, which is read again whenever it changes. Without one, [`DevIssuer::people`] can sign in.
    pub seed: Option<PathBuf>,
    /// The number from which all random values of the tenant follow: the same requests in the same order then get the
    /// same codes, tokens and ids. Keys, and with them the signatures, do not follow from it. Without a number, the
    /// values are those of the operating system.
    ///
    /// Each start begins with the same values, so it does not go with a state that outlives the process.
    pub random_seed: Option<u64>,
    /// The file that keeps the tenant's state from one start to the next. Without one, it is in memory only.
    pub state: Option<PathBuf>,
}

impl Options {
    /// Generates a client of a Kinde tenant, in Kinde's formats: an id of 32 hexadecimal digits, a secret of 48 letters
    /// and digits. Its login URI is `/api/auth/login` at the origin of the first callback URL.
    pub fn new_client(port: u16, callback_urls: Vec<String>, logout_urls: Vec<String>) -> Self {
        let login_url = callback_urls.first().and_then(|url| default_login_url(url));
        let random = Random::OperatingSystem;
        Self {
            port,
            shape: Shape::Kinde,
            client_id: random.hexadecimal(16),
            client_secret: random.alphanumeric(48),
            callback_urls,
            logout_urls,
            login_url,
            webhook_url: None,
            backchannel_logout_url: None,
            seed: None,
            random_seed: None,
            state: None,
        }
    }

    /// Keeps the tenant's state in this file. If the file is there, the client's id and secret are those in it; they can
    /// be replaced afterwards.
    ///
    /// # Errors
    ///
    /// [`StateFileError`]: the file cannot be read, or something in it is wrong.
    pub fn with_state(mut self, path: PathBuf) -> Result<Self, StateFileError> {
        let settings = Settings::initial(self.shape);
        if let Some(stored) = read_state(&path, &settings, &Random::OperatingSystem)? {
            (self.client_id, self.client_secret) = (stored.client.id, stored.client.secret);
        }
        self.state = Some(path);
        Ok(self)
    }
}

fn default_login_url(callback_url: &str) -> Option<String> {
    let origin = url::Url::parse(callback_url).ok()?.origin();
    origin.is_tuple().then(|| format!("{}/api/auth/login", origin.ascii_serialization()))
}

/// The reason for which the emulated tenant did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Another program listens on the port.
    #[error(
        "port {0} on 127.0.0.1 is in use, so the emulated Kinde tenant cannot listen there: stop the other program, or choose another port (DEV_ISSUER_PORT; --port of dev-issuer)"
    )]
    PortInUse(u16),
    /// The tenant could not open the port for another reason.
    #[error("the emulated Kinde tenant cannot listen on port {port} of 127.0.0.1: {source}")]
    Listen {
        /// The requested port.
        port: u16,
        /// The error of the operating system.
        source: io::Error,
    },
    /// The seed cannot be used.
    #[error(transparent)]
    Seed(#[from] SeedFileError),
    /// The file with the state cannot be used.
    #[error(transparent)]
    State(#[from] StateFileError),
    /// The tenant could not generate a signing key.
    #[error("the emulated Kinde tenant has no signing key: {0}")]
    Key(#[from] KeyGenerationFailed),
}

/// A running emulated tenant. It stops when this value is dropped.
pub struct DevIssuer {
    tenant: Arc<EmulatedTenant>,
    server: JoinHandle<()>,
    // Dropping the sender stops the tenant, so `DevIssuer` needs no `Drop` implementation.
    stop: oneshot::Sender<()>,
    /// Dropped last, it writes the last changes.
    _keeper: Option<Keeper>,
}

impl DevIssuer {
    /// Returns the issuer without a slash at the end: `http://127.0.0.1:PORT`, or
    /// `http://127.0.0.1:PORT/realms/plain`.
    pub fn issuer(&self) -> &str {
        &self.tenant.issuer
    }

    /// Returns the scheme, host and port, `http://127.0.0.1:PORT`. The switchboard is at `{origin}/dev/`.
    pub fn origin(&self) -> &str {
        &self.tenant.origin
    }

    /// Returns the id of the client.
    pub fn client_id(&self) -> &str {
        &self.tenant.client.id
    }

    /// Returns the secret of the client.
    pub fn client_secret(&self) -> &str {
        &self.tenant.client.secret
    }

    /// Returns the people who can sign in from the start at a tenant without a seed. The sign-in page may add more.
    pub fn people() -> Vec<Person> {
        people::seeded::seeded()
    }

    /// Returns everybody who can sign in now.
    pub fn everybody(&self) -> Vec<Person> {
        self.tenant.state().people.all().to_vec()
    }

    /// Stops the server and closes every open connection, including those with slow responses.
    pub async fn shut_down(self) {
        drop(self.stop);
        if let Err(error) = self.server.await {
            tracing::warn!(%error, "the emulated Kinde tenant did not stop cleanly");
        }
    }
}

/// Starts the tenant on 127.0.0.1. Unless there is a file for its state, its signing key exists in memory only.
///
/// # Errors
///
/// [`StartError`]: the seed or the state cannot be used, the port is taken or cannot be opened, or no key could be
/// generated.
pub async fn start(options: Options) -> Result<DevIssuer, StartError> {
    let mut settings = Settings::initial(options.shape);
    settings.webhook_url = options.webhook_url;
    settings.backchannel_logout_url = options.backchannel_logout_url;
    let random = Random::new(options.random_seed);
    let seed = options.seed.as_deref().map(|path| SeedFile::read(path, &settings, &random)).transpose()?;
    let state_file = options.state.as_deref().map(StateFile::open).transpose()?;
    let stored = options.state.as_deref().map(|path| read_state(path, &settings, &random)).transpose()?.flatten();
    let (keys, stored) = stored.map(StoredState::split).unzip();
    let listener = listen(options.port).await?;
    let address = listener.local_addr().map_err(|source| StartError::Listen { port: options.port, source })?;
    let client = RegisteredClient {
        id: options.client_id,
        secret: options.client_secret,
        registration: Registration {
            name: "The application".to_owned(),
            callback_urls: options.callback_urls,
            logout_urls: options.logout_urls,
            login_url: options.login_url,
            homepage_url: None,
        },
    };
    let origin = format!("http://{address}");
    let tenant = Arc::new(EmulatedTenant::new(origin, options.shape, client, settings, random, keys)?);
    let is_first_start = stored.is_none();
    if let Some(stored) = stored {
        stored.restore(&tenant, &mut tenant.state());
    }
    if let Some((file, seed)) = seed {
        let mut state = tenant.state();
        if is_first_start {
            state.people = People::of(Vec::new());
            application::apply(&tenant, &mut state, &seed);
        }
        state.seed = Some(file.text.clone());
        drop(state);
        tokio::spawn(file.watch(Arc::downgrade(&tenant)));
    }
    let keeper = state_file.map(|file| Keeper::start(Arc::clone(&tenant), file));
    let (stop, stopped) = oneshot::channel();
    let server = tokio::spawn(connection::serve(listener, routes::router(&tenant), stopped));
    Ok(DevIssuer { tenant, server, stop, _keeper: keeper })
}

fn read_state(path: &Path, settings: &Settings, random: &Random) -> Result<Option<StoredState>, StateFileError> {
    let Some(text) = file::read(path)? else { return Ok(None) };
    let stored = StoredState::read(&text, settings, random);
    stored.map(Some).map_err(|problems| StateFileError::Problems { path: path.display().to_string(), problems })
}

async fn listen(port: u16) -> Result<TcpListener, StartError> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(|source| match source.kind() {
        io::ErrorKind::AddrInUse => StartError::PortInUse(port),
        _ => StartError::Listen { port, source },
    })
}
