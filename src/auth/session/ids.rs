//! The ids of records: each is derived from a secret that the store never sees, but for marks, which open nothing. The
//! records are stored by `sealed_records`.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::store::Id;
use crate::auth::random::{digest_of, half_digest_of_all, random_bytes};

/// 256 random bits that open a session: the value of the session cookie, which only the browser keeps. The store has
/// only a digest of it. `Debug` does not print it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::auth) struct SessionSecret([u8; 32]);

impl SessionSecret {
    /// A new secret. No value from before a sign-in is used as one.
    pub(in crate::auth) fn random() -> Self {
        Self(random_bytes())
    }

    /// Reads a cookie's value: 43 base64url characters. Returns `None` for anything else.
    pub(in crate::auth) fn parse(text: &str) -> Option<Self> {
        URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok().map(Self)
    }

    /// The value of the cookie.
    pub(in crate::auth) fn expose(self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }
}

impl fmt::Debug for SessionSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionSecret([redacted])")
    }
}

/// One client at one issuer. Every id is derived with it, so two applications on one store cannot name each other's
/// records, even when a browser sends both the same cookies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::auth) struct Application {
    pub(in crate::auth) issuer_url: String,
    pub(in crate::auth) client_id: String,
}

impl Application {
    /// The id of a session.
    pub(super) fn session_id(&self, secret: SessionSecret) -> Id {
        self.derive("session", &secret.0)
    }

    /// The id of a session's tokens, which can be derived only from the session's id.
    pub(super) fn tokens_id(&self, session: Id) -> Id {
        self.derive("tokens", &session.0.to_le_bytes())
    }

    /// The id of the claims of a session's tokens, which can be derived only from the session's id.
    pub(super) fn claims_id(&self, session: Id) -> Id {
        self.derive("claims", &session.0.to_le_bytes())
    }

    /// The id of the mark that says when a user's rights changed.
    pub(super) fn user_mark_id(&self, subject: &str) -> Id {
        self.derive("user's mark", subject.as_bytes())
    }

    /// The id of the mark that says when everybody's rights changed.
    pub(super) fn everybodys_mark_id(&self) -> Id {
        self.derive("everybody's mark", &[])
    }

    /// The id of the receipt of a webhook event.
    pub(super) fn event_receipt_id(&self, event: &str) -> Id {
        self.derive("event receipt", event.as_bytes())
    }

    /// The id of the receipt of a logout token.
    pub(super) fn logout_token_receipt_id(&self, token: &str) -> Id {
        self.derive("logout token receipt", token.as_bytes())
    }

    /// The id of the record that finds a session by its `sid`, which can be derived only from the session's id.
    pub(super) fn index_id(&self, session: Id) -> Id {
        self.derive("index", &session.0.to_le_bytes())
    }

    /// The id of the record that says that a session of the issuer's has ended.
    pub(super) fn issuers_end_id(&self, sid: &str) -> Id {
        self.derive("issuer's end", sid.as_bytes())
    }

    /// The owner of the records that find the sessions of one `sid`. No user is the same owner: their texts are longer.
    pub(super) fn owner_by_sid(&self, sid: &str) -> String {
        self.derive("issuer's session", sid.as_bytes()).to_string()
    }

    /// The id of the pending authorization with this `state`.
    pub(super) fn pending_id(&self, state: &str) -> Id {
        self.derive("pending authorization", state.as_bytes())
    }

    fn derive(&self, label: &str, secret: &[u8]) -> Id {
        let values = [label.as_bytes(), self.issuer_url.as_bytes(), self.client_id.as_bytes(), secret];
        Id(i128::from_le_bytes(half_digest_of_all(&values)))
    }

    /// The owner of all records of one user of this application. It does not reveal who the user is.
    pub(super) fn owner(&self, subject: &str) -> String {
        // Neither a URL nor a client id contains a newline, so two different users never have the same text.
        digest_of(&format!("{subject}\n{}\n{}", self.client_id, self.issuer_url))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn application(issuer_url: &str, client_id: &str) -> Application {
        Application { issuer_url: issuer_url.to_owned(), client_id: client_id.to_owned() }
    }

    #[test]
    fn a_secret_reads_back_from_the_cookie_and_from_nothing_else() {
        let secret = SessionSecret::random();
        let text = secret.expose();
        assert_eq!(text.len(), 43);
        assert!(SessionSecret::parse(&text) == Some(secret));
        for other in ["", "x", &text[..42], &format!("{text}A"), &format!("{text}="), &text.replace(&text[..1], "%")] {
            assert!(SessionSecret::parse(other).is_none(), "{other}");
        }
        assert!(!format!("{secret:?}").contains(&text));
    }

    #[test]
    fn ids_differ_by_purpose_client_and_issuer() {
        let secret = SessionSecret::random();
        let ours = application("https://issuer.example", "client");
        let session = ours.session_id(secret);
        assert_eq!(ours.session_id(secret), session);
        assert_ne!(ours.tokens_id(session), session);
        assert_ne!(ours.claims_id(session), ours.tokens_id(session));
        assert_ne!(ours.pending_id(&secret.expose()), session);
        assert_ne!(ours.user_mark_id(""), ours.everybodys_mark_id());
        assert_ne!(ours.user_mark_id("kp_1"), ours.user_mark_id("kp_2"));
        assert_ne!(ours.event_receipt_id("1"), ours.logout_token_receipt_id("1"));
        assert_ne!(ours.issuers_end_id("1").to_string(), ours.owner_by_sid("1"));
        assert_ne!(ours.owner("1").len(), ours.owner_by_sid("1").len());
        for other in [application("https://issuer.example", "other"), application("https://other.example", "client")] {
            assert_ne!(other.session_id(secret), session);
            assert_ne!(other.owner("kp_1"), ours.owner("kp_1"));
        }
    }

    #[test]
    fn an_id_tells_nothing_that_opens_a_session() {
        let secret = SessionSecret::random();
        let id = application("https://issuer.example", "client").session_id(secret).to_string();
        assert!(SessionSecret::parse(&id).is_none());
    }
}
