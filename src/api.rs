//! The contract that pages and programs share: one file for each resource, with its wire type, its plain function and
//! its server function, which takes the session from Leptos context.
//! Pages are in `app`, routes in `server`.

pub mod account;
#[cfg(feature = "ssr")]
pub mod diagnosis;
pub mod error;
pub mod greeting;
pub mod item;
pub mod item_id;
pub mod members;
pub mod query;
