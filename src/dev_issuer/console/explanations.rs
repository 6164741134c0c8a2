//! What the members of tokens and events mean: a sentence for each, and the section that defines it.

/// What a name means.
#[derive(Debug)]
pub(crate) struct Explanation {
    name: &'static str,
    pub(crate) meaning: &'static str,
    /// The specification and its section, or Kinde's documentation.
    pub(crate) source: &'static str,
}

/// Returns a row of a table of explanations.
pub(super) const fn explained(name: &'static str, meaning: &'static str, source: &'static str) -> Explanation {
    Explanation { name, meaning, source }
}

/// Returns the explanation of a name in one of these tables.
pub(super) fn find(tables: &[&'static [Explanation]], name: &str) -> Option<&'static Explanation> {
    tables.iter().copied().flatten().find(|explanation| explanation.name == name)
}

/// Returns what a parameter of the header of a JWT means.
pub(crate) fn of_header(name: &str) -> Option<&'static Explanation> {
    HEADER.iter().find(|explanation| explanation.name == name)
}

/// Returns what a claim of a token or of an event means.
pub(crate) fn of_claim(name: &str) -> Option<&'static Explanation> {
    CLAIMS.iter().find(|explanation| explanation.name == name)
}

const HEADER: &[Explanation] = &[
    explained("alg", "The algorithm of the signature. A client accepts only those it expects.", "RFC 7515 §4.1.1"),
    explained("kid", "The key of the key set that made the signature.", "RFC 7515 §4.1.4"),
    explained("typ", "The kind of token, so that one is not taken for another.", "RFC 7515 §4.1.9, RFC 8725 §3.11"),
    explained("jwk", "A key in the token itself. A client must not trust it.", "RFC 7515 §4.1.3"),
    explained("jku", "Where the key is said to be. A client must not follow it.", "RFC 7515 §4.1.2"),
];

const CLAIMS: &[Explanation] = &[
    explained("iss", "The issuer. A client compares it with the one that it expects.", "RFC 7519 §4.1.1"),
    explained("sub", "The user, or the client of a machine. It stays the same for this user.", "RFC 7519 §4.1.2"),
    explained(
        "aud",
        "Who the token is for: in an ID token the client, in an access token the APIs.",
        "RFC 7519 §4.1.3",
    ),
    explained("exp", "From this time on the token is not accepted.", "RFC 7519 §4.1.4"),
    explained("nbf", "Before this time the token is not accepted.", "RFC 7519 §4.1.5"),
    explained("iat", "When the token was issued.", "RFC 7519 §4.1.6"),
    explained("jti", "The token's own id, by which a second use can be recognized.", "RFC 7519 §4.1.7"),
    explained("azp", "The client to which the token was issued.", "OpenID Connect Core §2"),
    explained("client_id", "The client to which the token was issued.", "RFC 9068 §2.2"),
    explained(
        "nonce",
        "The value of the authorization request. It binds the ID token to that request.",
        "OpenID Connect Core §2",
    ),
    explained("auth_time", "When the user authenticated.", "OpenID Connect Core §2"),
    explained(
        "at_hash",
        "Half of the digest of the access token. It binds the two tokens.",
        "OpenID Connect Core §3.1.3.6",
    ),
    explained("acr", "How strongly the user authenticated.", "OpenID Connect Core §2"),
    explained("amr", "By which methods the user authenticated.", "OpenID Connect Core §2, RFC 8176"),
    explained(
        "sid",
        "The user's session at the issuer, which a logout token names.",
        "OpenID Connect Back-Channel Logout §2.1",
    ),
    explained("events", "That this is a logout token, and no ID token.", "OpenID Connect Back-Channel Logout §2.4"),
    explained("scope", "What the client may do, separated by spaces.", "RFC 9068 §2.2.3"),
    explained("scp", "What the client may do, as a list.", "Kinde, About access tokens"),
    explained("gty", "The grant type, in the token of a machine.", "Kinde, Token structure and claims"),
    explained("v", "The version of the form of a machine's token.", "Kinde, Token structure and claims"),
    explained(
        "org_code",
        "The organization in which the user signed in. Rights are those in it.",
        "Kinde, About access tokens",
    ),
    explained("org_name", "The name of that organization.", "Kinde, About access tokens"),
    explained("org_codes", "All organizations of the user.", "Kinde, About ID tokens"),
    explained("organizations", "All organizations of the user, with their names.", "Kinde, About ID tokens"),
    explained("permissions", "What the user may do in the organization.", "Kinde, About access tokens"),
    explained("roles", "The roles of the user in the organization.", "Kinde, About access tokens"),
    explained("feature_flags", "The flags: t is the type (b, s, i, j), v the value.", "Kinde, About access tokens"),
    explained("user_properties", "Properties of the user; v is the value.", "Kinde, Properties in tokens"),
    explained(
        "organization_properties",
        "Properties of the organization; v is the value.",
        "Kinde, Properties in tokens",
    ),
    explained(
        "application_properties",
        "Properties of the application; v is the value.",
        "Kinde, Properties in tokens",
    ),
    explained("ksp", "Whether the session of the app outlives the browser.", "Kinde, Session persistence"),
    explained("rat", "When the user authenticated, under Kinde's own name.", "Kinde, About ID tokens"),
    explained("name", "The whole name of the user.", "OpenID Connect Core §5.1"),
    explained("given_name", "The given name.", "OpenID Connect Core §5.1"),
    explained("family_name", "The family name.", "OpenID Connect Core §5.1"),
    explained(
        "preferred_username",
        "The name that the user prefers. It identifies nobody.",
        "OpenID Connect Core §5.7",
    ),
    explained("picture", "The address of a picture of the user, or null.", "OpenID Connect Core §5.1"),
    explained("updated_at", "When this information on the user changed last.", "OpenID Connect Core §5.1"),
    explained("email", "The e-mail address. It identifies nobody: use sub.", "OpenID Connect Core §5.7"),
    explained("email_verified", "Whether the issuer has checked the address.", "OpenID Connect Core §5.1"),
    explained("type", "What happened.", "Kinde, About webhooks"),
    explained("event_id", "The event's own id. It is the same when the event is sent again.", "Kinde, About webhooks"),
    explained("timestamp", "When the event was made.", "Kinde, About webhooks"),
    explained("event_timestamp", "When what it tells of happened.", "Kinde, About webhooks"),
    explained("source", "Who caused the change.", "Kinde, About webhooks"),
    explained("data", "What the event is about.", "Kinde, About webhooks"),
];
