//! The shape of a tenant: Kinde, or an issuer of plain OpenID Connect. The paths of each shape are in `paths`, the
//! settings that a shape starts with in `state::settings`.

use super::paths::{KINDE, PLAIN, Paths};

/// The kind of issuer that a tenant emulates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shape {
    /// A tenant of Kinde.
    #[default]
    Kinde,
    /// An issuer that implements OpenID Connect without Kinde's additions. The module documentation of `dev_issuer`
    /// lists the differences.
    Plain,
}

impl Shape {
    /// Returns the path of the issuer, without a slash at the end.
    pub(crate) fn issuer_path(self) -> &'static str {
        match self {
            Self::Kinde => "",
            Self::Plain => "/realms/plain",
        }
    }

    /// Returns the paths of the endpoints.
    pub(crate) fn paths(self) -> &'static Paths {
        match self {
            Self::Kinde => &KINDE,
            Self::Plain => &PLAIN,
        }
    }
}
