//! The tenant's console: pages at its own address on which people, tokens, webhooks and the conditions are seen and
//! changed. They work without JavaScript. The same for programs, as JSON, is in `switchboard`.

pub(crate) mod frame;
pub(crate) mod origin;
pub(crate) mod sign_ins;
