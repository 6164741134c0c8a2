//! The occasion of a token response, which decides which faults apply to its tokens.

/// The exchange of a code or a refresh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Occasion {
    SignIn,
    Refresh,
}
