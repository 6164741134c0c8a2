//! `StoredClaims`: the claims of a session's tokens as they are stored: verified, and as they were signed, so that a newer
//! version of this program reads what an older one did not know. Beside them stands what the issuer said of the user's
//! rights since.

use serde::{Deserialize, Serialize};

use super::kept_rights::KeptRights;
use super::marks::RememberedMarks;
use crate::auth::claims::{AccessTokenClaims, ClaimMap, Claims, IdTokenClaims};

/// The claims of a session's tokens.
#[derive(Clone, Serialize, Deserialize)]
pub(in crate::auth) struct StoredClaims {
    /// `None` for an access token that is opaque or failed verification.
    pub(in crate::auth) access_token: Option<ClaimMap>,
    pub(in crate::auth) id_token: ClaimMap,
    /// The marks when the access token was obtained.
    #[serde(default)]
    pub(in crate::auth) marks: RememberedMarks,
    /// What the account API responded since.
    #[serde(default, skip_serializing_if = "KeptRights::is_empty")]
    pub(in crate::auth) kept: KeptRights,
}

impl StoredClaims {
    /// As typed values. `None` when the ID token's lack what every verified ID token has.
    pub(in crate::auth) fn into_claims(self) -> Option<Claims> {
        Some(Claims {
            access_token: self.access_token.and_then(AccessTokenClaims::from_map),
            id_token: IdTokenClaims::from_map(self.id_token)?,
        })
    }
}
