//! `StoredClaims`: the claims of a session's tokens as they are stored: verified, and as they were signed, so that a newer
//! version of this program reads what an older one did not know.

use serde::{Deserialize, Serialize};

use crate::auth::claims::{AccessTokenClaims, ClaimMap, Claims, IdTokenClaims};

/// The claims of a session's tokens.
#[derive(Clone, Serialize, Deserialize)]
pub(in crate::auth) struct StoredClaims {
    /// `None` for an access token that is opaque or failed verification.
    pub(in crate::auth) access_token: Option<ClaimMap>,
    pub(in crate::auth) id_token: ClaimMap,
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
