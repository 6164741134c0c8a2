//! `SessionError`: why a session could not be read or written. A session that has ended is not an error, but absent.

/// Why a session could not be read or written. Its text is for the log.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SessionError {
    /// The session store failed, or did not respond in time.
    #[error("the session store failed: {0}")]
    Store(String),
    /// A record could not be made: a bug.
    #[error("a record could not be sealed: {0}")]
    Unsealable(String),
}

impl From<super::store::Error> for SessionError {
    fn from(error: super::store::Error) -> Self {
        Self::Store(error.to_string())
    }
}
