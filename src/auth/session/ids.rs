//! The ids of records: each is derived from a secret that the store never sees, but for marks, which open nothing. The
//! records are stored by `sealed_records`.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::store::Id;
use crate::auth::random::{digest_of, half_digest, half_digest_of_all, random_bytes};

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
    issuer_url: String,
    client_id: String,
    /// The digest of both, with which each id begins: computed once, so that the id of a session, which every request
    /// needs, is one block of SHA-256.
    digest: [u8; 16],
}

/// What an id is for. Stores keep ids for as long as sessions last, so a number is never given to anything else.
#[derive(Clone, Copy)]
#[repr(u8)]
enum Purpose {
    Session = 1,
    Tokens = 2,
    Claims = 3,
    UserMark = 4,
    EverybodysMark = 5,
    Pending = 6,
    Listed = 7,
    EventReceipt = 8,
    LogoutTokenReceipt = 9,
    Index = 10,
    IssuersEnd = 11,
    IssuersSession = 12,
    EndOfAll = 13,
}

impl Application {
    pub(in crate::auth) fn new(issuer_url: String, client_id: String) -> Self {
        let digest = half_digest_of_all(&[issuer_url.as_bytes(), client_id.as_bytes()]);
        Self { issuer_url, client_id, digest }
    }

    pub(super) fn issuer_url(&self) -> &str {
        &self.issuer_url
    }

    pub(super) fn client_id(&self) -> &str {
        &self.client_id
    }

    /// The id of a session.
    pub(super) fn session_id(&self, secret: SessionSecret) -> Id {
        self.derive(Purpose::Session, &secret.0)
    }

    /// The id of a session's tokens, which can be derived only from the session's id.
    pub(super) fn tokens_id(&self, session: Id) -> Id {
        self.derive(Purpose::Tokens, &session.0.to_le_bytes())
    }

    /// The id of the claims of a session's tokens, which can be derived only from the session's id.
    pub(super) fn claims_id(&self, session: Id) -> Id {
        self.derive(Purpose::Claims, &session.0.to_le_bytes())
    }

    /// The name of a session in the list that its user sees: no id in the store, and none can be found by it.
    pub(super) fn listed_id(&self, session: Id) -> Id {
        self.derive(Purpose::Listed, &session.0.to_le_bytes())
    }

    /// The id of the mark that says when a user's rights changed.
    pub(super) fn user_mark_id(&self, subject: &str) -> Id {
        self.derive(Purpose::UserMark, subject.as_bytes())
    }

    /// The id of the mark that says when everybody's rights changed.
    pub(super) fn everybodys_mark_id(&self) -> Id {
        self.derive(Purpose::EverybodysMark, &[])
    }

    /// The id of the mark that says when all sessions were ended.
    pub(super) fn end_of_all_id(&self) -> Id {
        self.derive(Purpose::EndOfAll, &[])
    }

    /// The id of the receipt of a webhook event.
    pub(super) fn event_receipt_id(&self, event: &str) -> Id {
        self.derive(Purpose::EventReceipt, event.as_bytes())
    }

    /// The id of the receipt of a logout token.
    pub(super) fn logout_token_receipt_id(&self, token: &str) -> Id {
        self.derive(Purpose::LogoutTokenReceipt, token.as_bytes())
    }

    /// The id of the record that finds a session by its `sid`, which can be derived only from the session's id.
    pub(super) fn index_id(&self, session: Id) -> Id {
        self.derive(Purpose::Index, &session.0.to_le_bytes())
    }

    /// The id of the record that says that a session of the issuer's has ended.
    pub(super) fn issuers_end_id(&self, sid: &str) -> Id {
        self.derive(Purpose::IssuersEnd, sid.as_bytes())
    }

    /// The owner of the records that find the sessions of one `sid`. No user is the same owner: their texts are longer.
    pub(super) fn owner_by_sid(&self, sid: &str) -> String {
        self.derive(Purpose::IssuersSession, sid.as_bytes()).to_string()
    }

    /// The id of the pending authorization with this `state`.
    pub(super) fn pending_id(&self, state: &str) -> Id {
        self.derive(Purpose::Pending, state.as_bytes())
    }

    /// The parts before the secret have fixed lengths, so no two different ids are digests of the same bytes.
    fn derive(&self, purpose: Purpose, secret: &[u8]) -> Id {
        Id(i128::from_le_bytes(half_digest(&[&self.digest, &[purpose as u8], secret])))
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
        Application::new(issuer_url.to_owned(), client_id.to_owned())
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
        assert_eq!(ours.listed_id(session), ours.listed_id(session));
        assert!(![session, ours.tokens_id(session), ours.claims_id(session)].contains(&ours.listed_id(session)));
        assert_ne!(ours.pending_id(&secret.expose()), session);
        assert_ne!(ours.user_mark_id(""), ours.everybodys_mark_id());
        assert_ne!(ours.user_mark_id("kp_1"), ours.user_mark_id("kp_2"));
        assert_ne!(ours.event_receipt_id("1"), ours.logout_token_receipt_id("1"));
        assert_ne!(ours.issuers_end_id("1").to_string(), ours.owner_by_sid("1"));
        assert_ne!(ours.owner("1").len(), ours.owner_by_sid("1").len());
        for other in [application("https://issuer.example", "other"), application("https://other.example", "client")] {
            assert_ne!(other.session_id(secret), session);
            assert_ne!(other.listed_id(session), ours.listed_id(session));
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
