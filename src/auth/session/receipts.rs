//! Receipts: that something the issuer sent was carried out, so that it is not carried out again when it is sent again.
//! A receipt is a record under an id that is derived from what was sent; that it exists is all it says.

use time::{Duration, OffsetDateTime};

use super::error::SessionError;
use super::sealed_records::Kind;
use super::sessions::Sessions;
use super::store::Id;

/// What the issuer sent, by the id that the issuer gave and signed.
#[derive(Debug, Clone, Copy)]
pub(in crate::auth) enum Sent<'a> {
    /// A webhook event (`event_id`).
    Event(&'a str),
    /// A logout token (`jti`).
    LogoutToken(&'a str),
}

impl Sessions {
    /// Whether there is a receipt.
    pub(in crate::auth) async fn has_receipt(&self, of: Sent<'_>, now: OffsetDateTime) -> Result<bool, SessionError> {
        Ok(self.records.load(&self.receipt_id(of), now).await?.is_some())
    }

    /// Stores a receipt for so long, unless another caller has just done so.
    pub(in crate::auth) async fn store_receipt(
        &self,
        of: Sent<'_>,
        lifetime: Duration,
        now: OffsetDateTime,
    ) -> Result<(), SessionError> {
        let expiry = now.saturating_add(lifetime);
        self.records.try_create(Kind::Receipt, self.receipt_id(of), None, &(), expiry).await.map(drop)
    }

    fn receipt_id(&self, of: Sent<'_>) -> Id {
        let application = self.records.application();
        match of {
            Sent::Event(id) => application.event_receipt_id(id),
            Sent::LogoutToken(id) => application.logout_token_receipt_id(id),
        }
    }
}
