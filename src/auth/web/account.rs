//! `Account`: what a caller may see of themselves: who they are, where they stand, and where they are signed in. It
//! shows; what a caller may do is decided by policies.

use std::collections::BTreeMap;

use super::identity::Caller;
use crate::auth::claims::{Flag, Organization, Role};
use crate::auth::client::Overview;
use crate::auth::error::Error;
use crate::auth::session::{User, UserSession};

/// What is known of a caller, for the caller's own eyes; it holds no token. A list that is not known is `None`, and so
/// is one of Kinde's that has more entries than are read.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Account {
    /// The user's display name, or the client id of a program.
    pub name: String,
    /// The user's e-mail address.
    pub email: Option<String>,
    /// An https URL of the user's picture.
    pub picture: Option<String>,
    /// The organization signed in to.
    pub organization: Option<Organization>,
    /// The organizations that the caller's tokens name: of an ID token the claims `organizations` and `org_codes`, and
    /// the access token's own one. A name is known where `organizations` or the access token's `org_name` says it,
    /// which an application at Kinde has to ask for ("Token customization").
    pub organizations: Vec<Organization>,
    /// The keys of the permissions in that organization, in alphabetical order.
    pub permissions: Option<Vec<String>>,
    /// The roles in that organization, by their keys in alphabetical order.
    pub roles: Option<Vec<Role>>,
    /// The feature flags by code.
    pub feature_flags: Option<BTreeMap<String, Flag>>,
    /// The user's sessions: first the one that asks, then the newest first. `None` for an access token.
    pub sessions: Option<Vec<UserSession>>,
}

impl Caller {
    /// What is known of this caller. It costs a read of the store for rights, as a policy does, and for a session
    /// another one for the user's sessions; lists that no claim has are asked for, as for a policy.
    ///
    /// # Errors
    /// [`Error::NotAuthenticated`] (401) for nobody, and for a session that has ended meanwhile; [`Error::Store`]
    /// (503).
    pub async fn account(&self) -> Result<Account, Error> {
        let (overview, sessions) = tokio::try_join!(self.overview(), self.sessions())?;
        let Overview { organization, organizations, permissions, roles, feature_flags } = overview;
        let (email, picture) = self.user().map(|User { email, picture, .. }| (email, picture)).unzip();
        Ok(Account {
            name: self.display_name().ok_or(Error::NotAuthenticated)?,
            email: email.cloned().flatten(),
            picture: picture.cloned().flatten(),
            organization,
            organizations,
            permissions,
            roles,
            feature_flags,
            sessions,
        })
    }

    async fn sessions(&self) -> Result<Option<Vec<UserSession>>, Error> {
        match self {
            Self::Session(session) => session.of_user().await.map(Some),
            _ => Ok(None),
        }
    }
}
