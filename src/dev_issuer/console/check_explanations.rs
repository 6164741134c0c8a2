//! What the app's checks are for: a sentence for each, and the section that requires it.

use super::explanations::{Explanation, explained, find};
use crate::dev_issuer::journal::observation::Stage;

/// Returns the name of what was verified.
pub(crate) fn of_stage(stage: Stage) -> &'static str {
    match stage {
        Stage::Begin => "The beginning of a sign-in",
        Stage::Callback => "The callback",
        Stage::TokenResponse => "The token response",
        Stage::Discovery => "The discovery document",
        Stage::Keys => "The key set",
        Stage::IdToken => "The ID token",
        Stage::AccessToken => "The access token, whose claims say what the user may do",
        Stage::Userinfo => "The user profile",
        Stage::Refresh => "The refresh",
        Stage::SignOut => "The sign-out",
        Stage::AccountApi => "The list of the account API",
        Stage::PortalLink => "The link to the portal",
        Stage::BearerToken => "The access token that a program brought",
        Stage::Webhook => "The event",
        Stage::LogoutToken => "The logout token",
    }
}

/// Returns what a check is for.
pub(crate) fn of_check(stage: Stage, name: &str) -> Option<&'static Explanation> {
    let table: &[Explanation] = match stage {
        Stage::Callback => CALLBACK,
        Stage::TokenResponse => TOKEN_RESPONSE,
        Stage::Discovery => DISCOVERY,
        Stage::Keys => KEYS,
        Stage::AccountApi => ACCOUNT_API,
        Stage::PortalLink => PORTAL_LINK,
        Stage::IdToken => ID_TOKEN,
        Stage::AccessToken | Stage::BearerToken => ACCESS_TOKEN,
        Stage::Userinfo => USERINFO,
        Stage::Webhook => EVENT,
        Stage::LogoutToken => LOGOUT_TOKEN,
        Stage::Begin | Stage::Refresh | Stage::SignOut => &[],
    };
    find(&[table, SIGNATURE, ARRIVAL], name)
}

const CALLBACK: &[Explanation] = &[
    explained(
        "form",
        "What is not exactly a response of the protocol is not interpreted at all.",
        "RFC 6749 §3.1 and §4.1.2",
    ),
    explained("state", "Only the browser that began the sign-in may complete it, once.", "RFC 6749 §10.12"),
    explained("iss", "The response comes from the issuer that the request went to.", "RFC 9207 §2.4"),
    explained("error", "With an error there is no code, and nobody signed in.", "RFC 6749 §4.1.2.1"),
];

const TOKEN_RESPONSE: &[Explanation] = &[
    explained("response", "Only a whole JSON object with a good status is read.", "RFC 6749 §5.1 and §5.2"),
    explained("access_token", "Every token response has one.", "RFC 6749 §5.1"),
    explained("token_type", "A client uses no token of a type that it does not know.", "RFC 6749 §7.1"),
    explained("expires_in", "It decides when the token is refreshed. It is not required.", "RFC 6749 §5.1"),
];

/// Every response of the issuer, before its contents count.
const ARRIVAL: &[Explanation] = &[
    explained(
        "response",
        "The app waits for a limited time, follows no redirect, and uses nothing of a response that was cut off.",
        "RFC 9112 §8, OWASP API10:2023",
    ),
    explained("size", "One response must not use up the app's memory.", "OWASP API10:2023"),
    explained("status", "Only with a good status is it what was asked for.", "RFC 9110 §15"),
    explained("body", "Nothing is guessed from a body of another form.", "RFC 8259 §2"),
];

const DISCOVERY: &[Explanation] = &[
    explained("authorization_endpoint", "The app sends browsers there.", "OpenID Connect Discovery §3"),
    explained("token_endpoint", "The app sends codes and its client secret there.", "OpenID Connect Discovery §3"),
    explained("jwks_uri", "The app fetches the keys there.", "OpenID Connect Discovery §3"),
    explained("issuer", "No issuer speaks for another one.", "OpenID Connect Discovery §4.3"),
    explained(
        "endpoints",
        "By plain http everybody on the way could read secrets and change keys.",
        "OpenID Connect Discovery §7.1",
    ),
];

const KEYS: &[Explanation] = &[explained(
    "keys",
    "A set without a key that verifies signatures replaces none that the app knows.",
    "RFC 7517 §4 and §5",
)];

const ACCOUNT_API: &[Explanation] = &[
    explained("permissions", LIST, KINDES_FILE),
    explained("roles", LIST, KINDES_FILE),
    explained("feature_flags", LIST, KINDES_FILE),
    explained("entitlements", LIST, KINDES_FILE),
];

const LIST: &str = "Only a whole list says that something is not in it. Anything else grants nothing.";
const KINDES_FILE: &str = "Kinde's OpenAPI file of the account API";

const PORTAL_LINK: &[Explanation] = &[
    explained("url", "Without an address there is nowhere to send the browser.", KINDES_FILE),
    explained(
        "scheme",
        "The link opens the user's account, so nobody on the way may read it, and no script may run.",
        "RFC 9700 §4.11, RFC 3986 §7",
    ),
    explained(
        "user name",
        "Before the @ may stand anything, such as the name of a host that the user trusts.",
        "RFC 3986 §7.6",
    ),
    explained("host", "The app is no open redirect.", "RFC 9700 §4.11"),
];

/// The signature of every token.
const SIGNATURE: &[Explanation] = &[
    explained("alg", "The client chooses the algorithm. A token that chose it could choose none.", "RFC 8725 §3.1"),
    explained("kid", "Only keys that the issuer publishes count.", "OpenID Connect Core §10.1"),
    explained("signature", "Nobody but the issuer wrote this, and nobody changed it.", "RFC 7515 §5.2"),
    explained("claims", "The required claims are there, each of its type.", "RFC 7519 §4"),
];

const ID_TOKEN: &[Explanation] = &[
    explained("id_token", "Without an ID token it is not known who signed in.", "OpenID Connect Core §3.1.3.3"),
    explained("iss", "The token is this issuer's.", "OpenID Connect Core §3.1.3.7, step 2"),
    explained(
        "aud",
        "The token is for this client and for nobody whom it does not trust.",
        "OpenID Connect Core §3.1.3.7, step 3",
    ),
    explained("azp", "The token was issued to this client.", "OpenID Connect Core §3.1.3.7, step 5"),
    explained("sub", "The token names a user.", "OpenID Connect Core §2"),
    explained("exp", "The token has not expired.", "OpenID Connect Core §3.1.3.7, step 9"),
    explained(
        "iat",
        "The token is not from the future, so that the clocks agree.",
        "OpenID Connect Core §3.1.3.7, step 10",
    ),
    explained("nbf", "The token is valid already.", "RFC 7519 §4.1.5"),
    explained(
        "nonce",
        "The token belongs to this sign-in, and is not sent again from another one.",
        "OpenID Connect Core §3.1.3.7, step 11",
    ),
    explained("at_hash", "The access token belongs to this ID token.", "OpenID Connect Core §3.1.3.8"),
];

const ACCESS_TOKEN: &[Explanation] = &[
    explained("access_token", "A token that is no JWT is not looked into.", "RFC 6749 §1.4"),
    explained("audiences", "Without an audience of its own, an API accepts no token.", "RFC 9068 §4"),
    explained("iss", "The token is this issuer's.", "RFC 9068 §4"),
    explained("aud", "The token is for this API.", "RFC 9068 §4"),
    explained("client", "The token was issued to this client.", "RFC 9068 §2.2"),
    explained("kind", "An ID token opens no API.", "RFC 8725 §2.8 and §3.12"),
    explained("exp", "The token has not expired.", "RFC 9068 §4"),
    explained("iat", "The token is not from the future.", "RFC 7519 §4.1.6"),
    explained("nbf", "The token is valid already.", "RFC 7519 §4.1.5"),
    explained("sub", "The token is of the user who signed in.", "OpenID Connect Core §16.11"),
    explained("holder", "The token says whose it is.", "RFC 9068 §2.2"),
    explained("ended", "Who lost access loses it at once, not when the token expires.", "this app's own rule"),
];

const USERINFO: &[Explanation] = &[
    explained("response", "Without a response the ID token's claims suffice.", "OpenID Connect Core §5.3.2"),
    explained("sub", "The profile is of the user in the ID token.", "OpenID Connect Core §5.3.2"),
];

const EVENT: &[Explanation] = &[
    explained("event", "The body is a JWT, so that it can be signed.", "Kinde documentation, About webhooks"),
    explained("iss", "The event is this issuer's. Kinde's have none at present.", "RFC 7519 §4.1.1"),
    explained("event_id", "By its id an event is carried out once.", "Kinde documentation, About webhooks"),
    explained(
        "timestamp",
        "An event that somebody recorded long ago is not carried out again.",
        "Kinde documentation, About webhooks",
    ),
];

const LOGOUT_TOKEN: &[Explanation] = &[
    explained("logout_token", "The form has exactly one JWT.", "OpenID Connect Back-Channel Logout §2.5"),
    explained(
        "typ",
        "A token of another kind does not pass for a logout token.",
        "OpenID Connect Back-Channel Logout §2.4",
    ),
    explained("nonce", "An ID token does not pass for a logout token.", "OpenID Connect Back-Channel Logout §2.4"),
    explained("iss", "The token is this issuer's.", "OpenID Connect Back-Channel Logout §2.6"),
    explained("aud", "The token is for this client.", "OpenID Connect Back-Channel Logout §2.6"),
    explained("iat", "The token is new.", "OpenID Connect Back-Channel Logout §2.6"),
    explained("events", "The token reports a sign-out.", "OpenID Connect Back-Channel Logout §2.4 and §2.6"),
    explained("sub or sid", "The token says whose session ended.", "OpenID Connect Back-Channel Logout §2.4 and §2.6"),
    explained("jti", "The token was not used before.", "OpenID Connect Back-Channel Logout §2.6"),
];
