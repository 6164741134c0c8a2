//! The contract that pages and programs share: one file for each resource, with its wire type, its plain function and
//! its server function.
//! It draws no page and mounts no route; the session comes in through Leptos context.

pub mod error;
pub mod greeting;
pub mod item;
pub mod item_id;
pub mod query;
