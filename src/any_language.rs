//! The emulated Kinde tenant for a program in any language: Kinde's SDKs for Next.js, Express and Python, and CI.
//!
//! This module is documentation alone: the command `kinde-leptos dev-issuer`, apps that sign in at the tenant, a
//! workflow for CI, and what other emulators offer. The files that it shows are in `src/any_language`, and
//! `.ci/clients` runs every line of them with the SDKs from npm and PyPI. What the tenant does is described in
//! [`dev_issuer`](crate::dev_issuer).
//!
//! # The command
//!
//! ```sh
//! cargo install --locked --features dev-issuer \
//!     --git https://github.com/OWNER/kinde-leptos kinde-leptos
//! ```
//!
//! builds an optimized program; its link-time optimization takes many minutes, so no test runs this one line. With
//! `--debug` in place of `--features dev-issuer` it is an unoptimized one, which compiles in a fraction of the time, has the
//! tenant anyway, and is fast enough for tests. No other program is needed to run it, and no network.
//!
//! To get ready, a debug build takes 140 to 210 ms of processor time, most of it to find an RSA key, and 60 ms with a
//! `--state` file, which has the key already. Ten tenants on one machine take 4 MB of memory each for themselves, and 35 MB
//! once for all: the pages of the program. A test starts ten and prints what they take. Of the optimized program, ten were
//! ready in 90 to 175 ms each, one after the other, with 14 MB of memory each, of which 2.3 MB are its own.
//!
//! | option | what for |
//! | --- | --- |
//! | `--port 8001` | the port on 127.0.0.1; 0 takes a free one, so that tests run beside each other |
//! | `--callback-url`, `--logout-url` | where the app may be returned to, compared character by character; may be repeated |
//! | `--client-id`, `--client-secret` | a client that a project's `.env` names already. Kinde's TypeScript SDKs refuse a secret that does not have Kinde's form: about 50 letters and digits. Without the options, both are generated in it |
//! | `--env-file FILE` | a file of `NAME=value` lines that is there as soon as the tenant is ready, for a `.env` loader or `set -a; . ./FILE` |
//! | `--json` | one line on standard output as soon as the tenant is ready: `issuer`, `client_id`, `client_secret`, `console`, `switchboard` |
//! | `--seed FILE` | people, rights, settings and machines of your own |
//! | `--state FILE` | keeps all of them, the keys, sessions and tokens, and the client's id and secret from one start to the next |
//! | `--webhook-url` | where events are sent |
//! | `--random-seed NUMBER` | codes, tokens and ids follow from a number |
//!
//! What happens while it runs, such as a changed seed that cannot be used, is a line of the log on standard error
//! (`RUST_LOG`, by default `info`). SIGTERM and Ctrl-C end it. Exit code 1 means that it did not start, 2 that the
//! command line is wrong; the reason is a sentence on standard error, and with `--json` also `{"error":"…"}` on
//! standard output.
//!
//! # Next.js
//!
//! `@kinde-oss/kinde-auth-nextjs`, in a project as `create-next-app` makes it. The tenant writes its address and the client into
//! `.env.local`:
//!
//! ```sh
#![doc = include_str!("any_language/nextjs/tenant.sh")]
//! ```
//!
//! `.env` has what is the same at a Kinde tenant:
//!
//! ```sh
#![doc = include_str!("any_language/nextjs/app.env")]
//! ```
//!
//! `app/api/auth/[kindeAuth]/route.js`:
//!
//! ```js
#![doc = include_str!("any_language/nextjs/route.js")]
//! ```
//!
//! `app/page.js`:
//!
//! ```js
#![doc = include_str!("any_language/nextjs/page.js")]
//! ```
//!
//! and, in another terminal:
//!
//! ```sh
#![doc = include_str!("any_language/nextjs/start.sh")]
//! ```
//!
//! # Express
//!
//! `@kinde-oss/kinde-node-express`. The callback is a path of your choice:
//!
//! ```sh
#![doc = include_str!("any_language/express/tenant.sh")]
//! ```
//!
//! `server.mjs`:
//!
//! ```js
#![doc = include_str!("any_language/express/server.mjs")]
//! ```
//!
//! ```sh
#![doc = include_str!("any_language/express/start.sh")]
//! ```
//!
//! What the tenant's faults show of version 1.6.0 of this SDK: it refuses a callback with another `state` and an access token
//! with a wrong signature. An ID token with a wrong signature (`id_tampered`) leads to the page for refused users too, but the
//! SDK verifies both tokens at once, and where the access token was kept before that, the user is signed in all the same. An
//! ID token for another client (`id_wrong_aud`) is accepted. So an app should take the user's name from the user profile, as
//! `getUser` does here, and rights from the access token.
//!
//! # Python
//!
//! `kinde-python-sdk` 2 with Flask and Flask-Session. The SDK reads `KINDE_HOST`, `KINDE_CLIENT_ID` and `KINDE_CLIENT_SECRET`:
//!
//! ```sh
#![doc = include_str!("any_language/python/tenant.sh")]
//! ```
//!
//! `app.py`:
//!
//! ```python
#![doc = include_str!("any_language/python/app.py")]
//! ```
//!
//! ```sh
#![doc = include_str!("any_language/python/start.sh")]
//! ```
//!
//! # Any other client
//!
//! What needs an issuer, a client id and a secret signs in here; discovery is at
//! `http://127.0.0.1:8001/.well-known/openid-configuration`. Some clients refuse an issuer without https unless they are told
//! otherwise: `openid-client` of npm has `allowInsecureRequests` for it. The tenant speaks plain HTTP on the loopback
//! interface alone, so an app in a container needs the network of the host (`--network host`).
//!
//! # Continuous integration
//!
//! A workflow for GitHub Actions, in the Express project above. It signs in without a browser, and sees what the app does with
//! a token that is not genuine:
//!
//! ```yaml
#![doc = include_str!("any_language/workflow.yaml")]
//! ```
//!
//! # Other emulators
//!
//! What their documentation says, read in November 2026: [WorkOS Emulate](https://github.com/workos/emulate),
//! [emulate of Vercel Labs](https://github.com/vercel-labs/emulate),
//! [mock-oauth2-server of NAV](https://github.com/navikt/mock-oauth2-server), the
//! [Authentication emulator of Firebase](https://firebase.google.com/docs/emulator-suite/connect_auth) and the development mode
//! of [Keycloak](https://www.keycloak.org/server/configuration). None of them was run for this table; "not documented" means
//! that we found nothing, which is no proof.
//!
//! | | this tenant | WorkOS Emulate | emulate | mock-oauth2-server | Firebase | Keycloak `start-dev` |
//! | --- | --- | --- | --- | --- | --- | --- |
//! | stands for | Kinde, or a plain OpenID provider | WorkOS | 14 services, among them GitHub, Google, Okta, Microsoft, Clerk | any issuer | Firebase Authentication | itself: a real server |
//! | to run it | one native program, or a Rust library | Node package, or one file made by Bun; a library for Node | Node (`npx`); a library, and inside Next.js and Nuxt | Java: a library, a program or a container | Node, with Java for some of its parts | Java or a container |
//! | installed by | compiling it: minutes | npm | npm | Maven, container registry | npm | archive, container registry |
//! | whose clients | any OpenID client, Kinde's SDKs | WorkOS's SDKs | the services' SDKs, OpenID clients | any OpenID client | Firebase's SDKs | any OpenID client, SAML too |
//! | choice of the user | a page with the people; by one setting without it | redirects at once; a page for an e-mail address on request | a page with the users | at once; a page for a free name and claims on request | the app's own forms | a login page with passwords |
//! | people of one's own | JSON file, read again when it changes; over HTTP; pages | YAML or JSON file, API | YAML or JSON file, APIs | claims for a request, no people | pages, API, import | realm file, API, pages |
//! | organizations, roles, permissions, flags | all, as Kinde has them | organizations, roles, permissions, flags | as far as the service has them | claims only | custom claims | groups, roles, organizations; no flags |
//! | management API | part of Kinde's, with a table of what is there | WorkOS's, with a table generated from its specification | of each service, with lists | no | of Firebase's users | the whole of its own |
//! | state | memory, or a file with keys, sessions and tokens | memory | memory; a file or store of one's own inside Next.js and Nuxt | memory | memory; users exported at the end and imported | a database in files |
//! | reset | to the seed, over HTTP | to the seed; authentication events end with it | to the seed | a new server | all users deleted, over HTTP | a new import |
//! | signatures of tokens | RS256, with rotation of keys on request | RS256 | RS256 | RS, PS and ES | none: its SDKs accept that from the emulator | all that OpenID Connect knows |
//! | checks of the client | secret, callback, code challenge, scopes, as Kinde does | client secret of machines, API keys | strict once clients are configured | what a flow needs, any client | not applicable | all |
//! | faults | more than a hundred, on request, with what a correct client does: responses, tokens, callbacks, keys, connections | any path: status, body, how often | not documented for OpenID | responses of its HTTP library, in Java and Kotlin | not documented | none |
//! | time | the clock moves on request | not documented | not documented | a fixed time of issue | not documented | real |
//! | latency, loss, repeatable runs | by endpoint; from a number | not documented | not documented | no | not documented | no |
//! | webhooks | signed as Kinde's, repeated until accepted, sent to order, and forged | signed, sent once | signed, of some services | no | no; functions that block a sign-in | by extensions |
//! | a view from the inside | each sign-in step by step, with what the app verified | list of events | inspectors of some services | a client that shows requests and responses | users and logs | events and the whole console |
//! | HTTPS | no | no | by another program | yes | no | yes |
//! | who may reach it | this machine; pages of other sites are refused | this machine by default; hooks without a key | not documented | the network by default | this machine by default | the network by default |
//! | passwords, e-mail, second factors, SAML | no | passwords, codes in webhooks, second factors, SSO | of some services | no | passwords, codes in a log, SMS | all |
//!
//! In short: to try out pages for passwords or SAML, take Keycloak; to test an app of another service, its emulator. This one
//! is for apps that sign in with Kinde, and for finding out what an OpenID client does when something goes wrong.
