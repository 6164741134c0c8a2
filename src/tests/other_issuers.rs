//! Tests of sign-in and sign-out at issuers that are not Kinde: each difference between the two is decided by the
//! discovery document.
//! The emulated issuer itself is tested in `dev_issuer::plain`.

mod client_authentication;
mod document;
mod refresh_token;
mod sign_in_options;
mod sign_out;
mod trailing_slash;

pub use document::issuer_with_document;
