//! What the steps of a sign-in are, and what their parameters and the members of their responses mean: a sentence for
//! each, and the section that defines it. Claims are explained in `explanations`, checks in `check_explanations`.

use super::explanations::{Explanation, explained, find};
use crate::dev_issuer::journal::step::StepKind;

/// Returns the name of a step, and what it is for.
pub(crate) fn of_step(kind: StepKind) -> (&'static str, &'static str, &'static str) {
    match kind {
        StepKind::Discovery => (
            "Discovery",
            "The app asks the issuer where its endpoints are. It keeps the document, so not every sign-in has this step.",
            "OpenID Connect Discovery §4",
        ),
        StepKind::Keys => (
            "Keys",
            "The app fetches the public keys with which it verifies signatures. It keeps them, and fetches them again for a key that it does not know.",
            "RFC 7517 §5, OpenID Connect Core §10.1.1",
        ),
        StepKind::Authorization => (
            "Authorization request",
            "The app sends the browser to the issuer, with everything that the issuer needs to know of the sign-in.",
            "RFC 6749 §4.1.1, OpenID Connect Core §3.1.2.1",
        ),
        StepKind::SignIn => (
            "Sign-in",
            "The user proves who they are. Here they only choose: how users prove it is the issuer's own affair, and the app learns nothing of it.",
            "OpenID Connect Core §3.1.2.3",
        ),
        StepKind::Callback => (
            "Callback",
            "The issuer sends the browser back to the app, with a code or an error. The browser carries it, so it may be forged.",
            "RFC 6749 §4.1.2",
        ),
        StepKind::Token => (
            "Token request and response",
            "The app exchanges the code for tokens, directly and not through the browser, and proves that it is the client.",
            "RFC 6749 §4.1.3 and §5.1",
        ),
        StepKind::Refresh => (
            "Refresh",
            "The app exchanges its refresh token for new tokens, without the user, when the access token has ended.",
            "RFC 6749 §6, OpenID Connect Core §12",
        ),
        StepKind::UserProfile => (
            "User profile",
            "The app asks for claims about the user that the ID token lacks.",
            "OpenID Connect Core §5.3",
        ),
        StepKind::AccountApi => (
            "Account API",
            "The app asks what the user may do now, where the access token does not say it.",
            "Kinde's OpenAPI file of the account API",
        ),
        StepKind::PortalLink => (
            "Link to the portal",
            "The app asks for a link that opens the user's account pages at the issuer once.",
            "Kinde's OpenAPI file of the account API",
        ),
        StepKind::Revocation => (
            "Revocation",
            "The app says that it does not need a token any more. The issuer ends its grant.",
            "RFC 7009 §2",
        ),
        StepKind::Introspection => ("Introspection", "Somebody asks whether a token is still good.", "RFC 7662 §2"),
        StepKind::MachineToken => (
            "Token of a machine",
            "A program gets an access token for itself, with its own id and secret. No user takes part.",
            "RFC 6749 §4.4",
        ),
        StepKind::Management => (
            "Management API",
            "A program reads or changes users, organizations or rights, with an access token of its own. No user takes part. What a call responds with is not kept, unless it was refused.",
            "Kinde's OpenAPI file of the management API",
        ),
        StepKind::Logout => (
            "Sign-out",
            "The app, whose own session has ended, sends the browser to the issuer, where the user's session ends too.",
            "OpenID Connect RP-Initiated Logout §2; Kinde documentation, Using Kinde without an SDK",
        ),
        StepKind::Webhook => (
            "Webhook",
            "The issuer tells the app that something about the user changed, with a signed event.",
            "Kinde documentation, About webhooks",
        ),
        StepKind::LogoutToken => (
            "Logout token",
            "The issuer tells the app that the user's session there has ended, with a signed token.",
            "OpenID Connect Back-Channel Logout §2.5",
        ),
    }
}

/// Returns what a parameter of the request of a step means.
pub(crate) fn of_parameter(kind: StepKind, name: &str) -> Option<&'static Explanation> {
    let table = match kind {
        StepKind::Authorization => AUTHORIZATION,
        StepKind::SignIn => SIGN_IN,
        StepKind::Callback => CALLBACK,
        StepKind::Token => TOKEN,
        StepKind::Refresh => REFRESH,
        StepKind::AccountApi | StepKind::PortalLink => ACCOUNT_API,
        StepKind::Revocation | StepKind::Introspection => REVOCATION,
        StepKind::Logout => LOGOUT,
        StepKind::Webhook | StepKind::LogoutToken => DELIVERY,
        StepKind::MachineToken => MACHINE_TOKEN,
        StepKind::Management => return find(&[CLIENT], name).or(Some(&OF_OPERATION)),
        StepKind::Discovery | StepKind::Keys | StepKind::UserProfile => &[],
    };
    find(&[table, CLIENT], name)
}

/// Returns what a member of the response of a step means.
pub(crate) fn of_response(kind: StepKind, name: &str) -> Option<&'static Explanation> {
    let table = match kind {
        StepKind::Discovery => DOCUMENT,
        StepKind::Keys => KEY_SET,
        StepKind::Authorization | StepKind::SignIn | StepKind::Callback => CALLBACK,
        StepKind::Token | StepKind::Refresh | StepKind::MachineToken => TOKEN_RESPONSE,
        StepKind::UserProfile => PROFILE,
        StepKind::AccountApi | StepKind::PortalLink => ACCOUNT_API_RESPONSE,
        StepKind::Introspection => INTROSPECTION,
        StepKind::Logout => LOGOUT,
        StepKind::Management | StepKind::Revocation | StepKind::Webhook | StepKind::LogoutToken => &[],
    };
    find(&[table, RESPONSE], name)
}

const AUTHORIZATION: &[Explanation] = &[
    explained(
        "response_type",
        "What the app wants to get through the browser: a code, and no token.",
        "RFC 6749 §3.1.1",
    ),
    explained(
        "redirect_uri",
        "The callback. It must be one that is registered for the client, character by character, so that a code goes nowhere else.",
        "RFC 6749 §3.1.2, OpenID Connect Core §3.1.2.1",
    ),
    explained(
        "scope",
        "What the app asks for. openid makes it OpenID Connect, profile and email ask for claims, and offline (elsewhere offline_access) for a refresh token.",
        "OpenID Connect Core §3.1.2.1, §5.4 and §11",
    ),
    explained(
        "state",
        "A random value of this sign-in, tied to the browser by a cookie. It must come back in the callback.",
        "RFC 6749 §4.1.1 and §10.12",
    ),
    explained(
        "nonce",
        "A random value of this sign-in, which must come back in the ID token.",
        "OpenID Connect Core §3.1.2.1 and §15.5.2",
    ),
    explained(
        "code_challenge",
        "The digest of the code verifier. Only who knows the verifier can exchange the code.",
        "RFC 7636 §4.3",
    ),
    explained("code_challenge_method", "How the challenge follows from the verifier: by SHA-256.", "RFC 7636 §4.2"),
    explained(
        "prompt",
        "What the issuer is to show: login and create ask the user in any case, none asks nothing.",
        "OpenID Connect Core §3.1.2.1, Initiating User Registration §4",
    ),
    explained(
        "max_age",
        "How many seconds ago the user may have authenticated at most.",
        "OpenID Connect Core §3.1.2.1",
    ),
    explained(
        "login_hint",
        "Who the user probably is, for the issuer's form. It proves nothing.",
        "OpenID Connect Core §3.1.2.1",
    ),
    explained("ui_locales", "The languages that the user prefers.", "OpenID Connect Core §3.1.2.1"),
    explained(
        "response_mode",
        "How the callback gets its parameters.",
        "OAuth 2.0 Multiple Response Type Encoding Practices §2.1",
    ),
    explained("lang", "The language of Kinde's pages.", "Kinde documentation, Using Kinde without an SDK"),
    explained(
        "audience",
        "The API that the access token is to be for.",
        "Kinde documentation, Using Kinde without an SDK",
    ),
    explained("org_code", "The organization to sign in to.", "Kinde documentation, Using Kinde without an SDK"),
    explained("org_name", "The name of the organization to create.", "Kinde documentation, Using Kinde without an SDK"),
    explained(
        "is_create_org",
        "Whether an organization is to be created.",
        "Kinde documentation, Using Kinde without an SDK",
    ),
    explained(
        "connection_id",
        "The way to sign in, such as one social connection.",
        "Kinde documentation, Using Kinde without an SDK",
    ),
    explained(
        "start_page",
        "Kinde's older name for prompt: login or registration.",
        "Kinde documentation, Using Kinde without an SDK",
    ),
    explained(
        "invitation_code",
        "The invitation that is accepted by signing in.",
        "Kinde documentation, Invite users to an organization",
    ),
    explained(
        "is_invitation",
        "Whether the request accepts an invitation.",
        "Kinde documentation, Invite users to an organization",
    ),
    explained(
        "supports_reauth",
        "Whether an expired link in an e-mail may lead back to the app, which then starts again.",
        "Kinde documentation, Re-authentication",
    ),
    explained("plan_interest", "The plan that a new customer is interested in.", "Kinde documentation, Billing"),
    explained(
        "pricing_table_key",
        "The pricing table that a new customer chooses from.",
        "Kinde documentation, Billing",
    ),
    explained(
        "workflow_deployment_id",
        "The deployment of a workflow that is to run.",
        "Kinde documentation, Workflows",
    ),
    explained("pages_mode", "Which state of the custom pages is shown.", "Kinde documentation, Custom pages"),
];

const SIGN_IN: &[Explanation] = &[
    explained(
        "transaction",
        "Which authorization request the page belongs to. It can be used once.",
        "this tenant's own form",
    ),
    explained("person", "The person who was chosen.", "this tenant's own form"),
    explained("org_code", "The organization that was chosen.", "this tenant's own form"),
    explained("action", "create, cancel or expire, instead of a person.", "this tenant's own form"),
    explained("email", "The e-mail address of a new account.", "this tenant's own form"),
    explained("given_name", "The given name of a new account.", "this tenant's own form"),
    explained("family_name", "The family name of a new account.", "this tenant's own form"),
];

const CALLBACK: &[Explanation] = &[
    explained(
        "code",
        "The authorization code. It can be exchanged once, within minutes, and only by this client.",
        "RFC 6749 §4.1.2",
    ),
    explained("state", "The value of the authorization request, as the issuer repeats it.", "RFC 6749 §4.1.2"),
    explained("iss", "Who responds. With it the app notices a response of another issuer.", "RFC 9207 §2"),
    explained("scope", "What was granted. Kinde says it here, too.", "Kinde documentation, Using Kinde without an SDK"),
    explained("error", "Why there is no code.", "RFC 6749 §4.1.2.1"),
    explained("error_description", "The same in words, for developers. No user should see it.", "RFC 6749 §4.1.2.1"),
    explained(
        "reauth_state",
        "The parameters of the request, from which a new one could be made. The browser brings them, so they may be forged.",
        "Kinde documentation, Re-authentication",
    ),
];

/// How the client authenticates, at every endpoint where it does.
const CLIENT: &[Explanation] = &[
    explained("client_id", "Which client it is. It is no secret.", "RFC 6749 §2.2"),
    explained("client_secret", "The secret that only the app's server and the issuer know.", "RFC 6749 §2.3.1"),
    explained(
        "Authorization",
        "Who sends the request: the client with its secret (Basic), or somebody with an access token (Bearer).",
        "RFC 6749 §2.3.1, RFC 6750 §2.1",
    ),
];

const TOKEN: &[Explanation] = &[
    explained("grant_type", "What is exchanged: an authorization code.", "RFC 6749 §4.1.3"),
    explained("code", "The code of the callback.", "RFC 6749 §4.1.3"),
    explained(
        "redirect_uri",
        "The callback once more. It must be that of the authorization request.",
        "RFC 6749 §4.1.3",
    ),
    explained(
        "code_verifier",
        "The random value whose digest was the code challenge. A thief of the code does not have it.",
        "RFC 7636 §4.5",
    ),
];

const REFRESH: &[Explanation] = &[
    explained("grant_type", "What is exchanged: a refresh token.", "RFC 6749 §6"),
    explained(
        "refresh_token",
        "The refresh token. The issuer returns a new one and ends this one soon.",
        "RFC 6749 §6, RFC 9700 §4.14.2",
    ),
    explained("scope", "What is asked for: at most what was granted before.", "RFC 6749 §6"),
];

const MACHINE_TOKEN: &[Explanation] = &[
    explained("grant_type", "What the token is issued for: the program's own id and secret.", "RFC 6749 §4.4.2"),
    explained("audience", "The API that the token is for.", "Kinde documentation, Machine to machine applications"),
    explained("scope", "What the program asks for: at most what it was given.", "RFC 6749 §3.3 and §4.4.2"),
];

/// Each of the management API's operations has parameters of its own.
const OF_OPERATION: Explanation = explained(
    "",
    "A parameter of this operation, which Kinde's file describes beside the operation.",
    "Kinde's OpenAPI file of the management API",
);

const ACCOUNT_API: &[Explanation] = &[
    explained("page_size", "How many records the response may have.", "Kinde's OpenAPI file of the account API"),
    explained("starting_after", "The last record of the page before.", "Kinde's OpenAPI file of the account API"),
    explained("key", "The feature that is asked about.", "Kinde's OpenAPI file of the account API"),
    explained("return_url", "Where the portal leads back to.", "Kinde documentation, Self-serve portal"),
    explained("subnav", "The section of the portal.", "Kinde's OpenAPI file of the account API"),
    explained("sub_nav", "The section of the portal.", "Kinde documentation, Self-serve portal"),
];

const REVOCATION: &[Explanation] = &[
    explained("token", "The token that it is about.", "RFC 7009 §2.1, RFC 7662 §2.1"),
    explained("token_type_hint", "What kind of token it is, to find it sooner.", "RFC 7009 §2.1"),
];

const LOGOUT: &[Explanation] = &[
    explained(
        "redirect",
        "Where the browser goes afterwards. It must be registered for the client.",
        "Kinde documentation, Using Kinde without an SDK",
    ),
    explained("redirect_uri", "Another name of the same at Kinde.", "Kinde documentation, Using Kinde without an SDK"),
    explained(
        "post_logout_redirect_uri",
        "Where the browser goes afterwards. It must be registered for the client.",
        "OpenID Connect RP-Initiated Logout §2",
    ),
    explained(
        "all_sessions",
        "Whether the user's sessions in all browsers end.",
        "Kinde documentation, Using Kinde without an SDK",
    ),
    explained(
        "state",
        "A value that comes back, by which the app knows its own sign-out.",
        "OpenID Connect RP-Initiated Logout §2",
    ),
    explained(
        "id_token_hint",
        "An ID token of the user, which says who signs out.",
        "OpenID Connect RP-Initiated Logout §2",
    ),
];

const DELIVERY: &[Explanation] = &[
    explained("body", "The event, a signed JWT.", "Kinde documentation, About webhooks"),
    explained("logout_token", "The logout token, a signed JWT.", "OpenID Connect Back-Channel Logout §2.5"),
];

/// What any response may have.
const RESPONSE: &[Explanation] = &[
    explained("Location", "Where the browser is sent.", "RFC 9110 §10.2.2"),
    explained("error", "What is wrong, as a code for programs.", "RFC 6749 §5.2"),
    explained("error_description", "The same in words, for developers.", "RFC 6749 §5.2"),
    explained("errors", "What is wrong, in the form of Kinde's APIs.", "Kinde's OpenAPI file of the account API"),
    explained("body", "The body, which is no JSON object.", "RFC 9110 §6.4"),
];

const TOKEN_RESPONSE: &[Explanation] = &[
    explained("access_token", "For calls to APIs on the user's behalf.", "RFC 6749 §1.4 and §5.1"),
    explained("token_type", "How the access token is used: whoever bears it may use it.", "RFC 6749 §7.1, RFC 6750"),
    explained("expires_in", "For how many seconds the access token is good.", "RFC 6749 §5.1"),
    explained(
        "refresh_token",
        "For new tokens when the access token has ended. Only the server has it.",
        "RFC 6749 §1.5",
    ),
    explained(
        "id_token",
        "Who signed in, as a signed statement of the issuer for this client.",
        "OpenID Connect Core §2",
    ),
    explained("scope", "What was granted.", "RFC 6749 §5.1"),
];

const PROFILE: &[Explanation] = &[
    explained("sub", "The user. It must be the sub of the ID token.", "OpenID Connect Core §5.3.2"),
    explained("id", "The same under Kinde's own name.", "Kinde's OpenAPI file of the account API"),
    explained("name", "The whole name.", "OpenID Connect Core §5.1"),
    explained("given_name", "The given name.", "OpenID Connect Core §5.1"),
    explained("family_name", "The family name.", "OpenID Connect Core §5.1"),
    explained(
        "first_name",
        "The given name, in the first version of the profile.",
        "Kinde's OpenAPI file of the account API",
    ),
    explained(
        "last_name",
        "The family name, in the first version of the profile.",
        "Kinde's OpenAPI file of the account API",
    ),
    explained("email", "The e-mail address. It identifies nobody: use sub.", "OpenID Connect Core §5.1 and §5.7"),
    explained(
        "preferred_email",
        "The e-mail address, in the first version of the profile.",
        "Kinde's OpenAPI file of the account API",
    ),
    explained("email_verified", "Whether the issuer has checked the address.", "OpenID Connect Core §5.1"),
    explained("picture", "The address of a picture of the user, or null.", "OpenID Connect Core §5.1"),
    explained(
        "preferred_username",
        "The name that the user prefers. It identifies nobody.",
        "OpenID Connect Core §5.7",
    ),
    explained("username", "The same, in the first version of the profile.", "Kinde's OpenAPI file of the account API"),
    explained("provided_id", "The id that another system gave the user.", "Kinde's OpenAPI file of the account API"),
    explained("updated_at", "When this information changed last.", "OpenID Connect Core §5.1"),
];

const ACCOUNT_API_RESPONSE: &[Explanation] = &[
    explained("data", "The records of this page.", "Kinde's OpenAPI file of the account API"),
    explained(
        "metadata",
        "Whether there is another page, and where it begins.",
        "Kinde's OpenAPI file of the account API",
    ),
    explained(
        "url",
        "The link, which opens the portal once. Its query is left out here.",
        "Kinde's OpenAPI file of the account API",
    ),
];

const INTROSPECTION: &[Explanation] = &[
    explained("active", "Whether the token is good. Nothing else counts if it is not.", "RFC 7662 §2.2"),
    explained("aud", "Who the token is for.", "RFC 7662 §2.2"),
    explained("client_id", "The client to which it was issued.", "RFC 7662 §2.2"),
    explained("exp", "When it ends.", "RFC 7662 §2.2"),
    explained("iat", "When it was issued.", "RFC 7662 §2.2"),
];

const KEY_SET: &[Explanation] = &[explained("keys", "The public keys, each with its kid.", "RFC 7517 §5.1")];

const DOCUMENT: &[Explanation] = &[
    explained(
        "issuer",
        "The issuer. It must be the one from whose address the document was fetched.",
        "OpenID Connect Discovery §3 and §4.3",
    ),
    explained("authorization_endpoint", "Where browsers are sent to sign in.", "OpenID Connect Discovery §3"),
    explained("token_endpoint", "Where codes and refresh tokens are exchanged.", "OpenID Connect Discovery §3"),
    explained("userinfo_endpoint", "Where claims about the user are to be had.", "OpenID Connect Discovery §3"),
    explained("jwks_uri", "Where the public keys are.", "OpenID Connect Discovery §3"),
    explained("introspection_endpoint", "Where tokens are asked about.", "RFC 8414 §2"),
    explained("revocation_endpoint", "Where tokens are revoked.", "RFC 8414 §2"),
    explained(
        "end_session_endpoint",
        "Where browsers are sent to sign out.",
        "OpenID Connect RP-Initiated Logout §2.1",
    ),
    explained("scopes_supported", "The scopes that the issuer knows.", "OpenID Connect Discovery §3"),
    explained("claims_supported", "The claims that the issuer may know.", "OpenID Connect Discovery §3"),
    explained(
        "subject_types_supported",
        "Whether clients see the same sub for a user: public.",
        "OpenID Connect Discovery §3",
    ),
    explained("response_modes_supported", "How the callback may get its parameters.", "OpenID Connect Discovery §3"),
    explained("response_types_supported", "What the app may get through the browser.", "OpenID Connect Discovery §3"),
    explained(
        "request_uri_parameter_supported",
        "Whether a request may be given by its address.",
        "OpenID Connect Discovery §3",
    ),
    explained("code_challenge_methods_supported", "How a code challenge may follow from its verifier.", "RFC 8414 §2"),
    explained(
        "id_token_signing_alg_values_supported",
        "The algorithms of signatures of ID tokens.",
        "OpenID Connect Discovery §3",
    ),
    explained("token_endpoint_auth_methods_supported", "How clients may authenticate.", "OpenID Connect Discovery §3"),
    explained(
        "prompt_values_supported",
        "The values of prompt that the issuer knows.",
        "Initiating User Registration §4",
    ),
    explained("authorization_response_iss_parameter_supported", "Whether every callback has iss.", "RFC 9207 §3"),
    explained(
        "backchannel_logout_supported",
        "Whether the issuer sends logout tokens.",
        "OpenID Connect Back-Channel Logout §2.1",
    ),
    explained(
        "backchannel_logout_session_supported",
        "Whether logout tokens name the session.",
        "OpenID Connect Back-Channel Logout §2.1",
    ),
];
