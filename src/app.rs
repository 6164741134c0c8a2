//! The pages, as plain functions: a [`PageContext`] and one value in, a whole HTML document out.
//!
//! Each renders Leptos components in one synchronous call ([`document()`]); which page a request gets, its status and
//! its value are decided by the handlers in [`server`](crate::server). So nothing here knows a request, a session or a
//! server type.
//!
//! | to change | look at |
//! | --- | --- |
//! | header, footer and head of every page | [`document()`]; what it needs to know is [`PageContext`] |
//! | one page | its function below, one file each: [`greeting_page()`], [`item_page()`], [`account_page()`] |
//! | who sees a part of a page | [`Allowed`], which names a policy |
//! | a link into sign-in | [`LoginLink`] and its like; other links are in [`links`] |
//! | scripts and islands of a page | [`PageScripts`], [`load_islands`] |
//!
//! A page of your own is a file here and a handler in `src/server/pages.rs`; the recipe
//! [`protected_page`](crate::recipes::protected_page) makes one.

mod account;
mod account_page;
mod allowed;
mod copy_button;
pub mod docs_page;
mod document;
mod greeting_page;
mod item_form;
mod item_page;
mod item_result;
pub mod links;
mod members_page;
mod problem_page;
mod scripts;
mod session_end;
mod setup_page;
mod shown_again;
mod sign_in_links;
mod signed_out_page;
mod theme_form;

pub use account::Viewer;
pub use account_page::{AccountView, account_page};
pub use allowed::{Allowances, Allowed};
pub use docs_page::{docs_content, docs_page};
pub use document::{Notice, PageContext, document};
pub use greeting_page::greeting_page;
pub use item_page::item_page;
pub use members_page::members_page;
pub use problem_page::{ProblemView, WayOn, problem_page};
pub use scripts::{PageOf, PageScripts, Scripts, load_islands};
pub use session_end::SessionEnd;
pub use setup_page::setup_page;
pub use sign_in_links::{CreateOrgLink, LoginLink, PortalLink, RegisterLink, SwitchOrgLink};
pub use signed_out_page::signed_out_page;
pub use theme_form::{RETURN_TO, Theme};
