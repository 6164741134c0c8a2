//! What pages and programs get from the server: one file for each resource.
//!
//! A file has three parts: the type that travels as JSON, a plain function that makes the value (such as
//! [`Greeting::of`](greeting::Greeting::of)), and a server function (`#[server]`), which takes the caller from Leptos's
//! context. The page's handler calls the same plain function, so that a page, its JSON and the server function agree.
//!
//! | module | resource |
//! | --- | --- |
//! | [`greeting`] | `GET /` and `/api/greeting`: the greeting of the signed-in user |
//! | [`item`], with [`item_id`] and [`query`] | `GET /items/{item_id}` and `/api/item`: an item, and what an id and a query may be |
//! | [`members`] | `GET /members` and `/api/members`: the organization signed in to, behind a permission |
//! | [`account`] | `GET /account` and `/api/account`: who the user is, and the sessions |
//! | [`diagnosis`] | `GET /setup` and `/api/auth/health`: how the site is set up, and what is wrong |
//! | [`error`] | what a server function responds with when it fails |
//!
//! Pages are in [`app`](crate::app), routes in [`server`](crate::server). A resource of your own is a file here and a
//! row in `src/server/functions.rs`; the recipe [`server_function`](crate::recipes::server_function) makes one.

pub mod account;
#[cfg(feature = "ssr")]
pub mod diagnosis;
pub mod error;
pub mod greeting;
pub mod item;
pub mod item_id;
pub mod members;
pub mod query;
