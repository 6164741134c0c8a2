//! Recipes: what comes first in a project of one's own, each with its code and its test.
//!
//! This module is documentation alone; each recipe is a file of `src/recipes`.
//!
//! A block of Rust goes to the end of the file that the text before it names, above its unit tests, or becomes that file. Of a
//! block of differences, the lines with `-` become those with `+`, and the others show where. The first five recipes build on
//! each other.

#[doc = include_str!("recipes/protected_page.md")]
pub mod protected_page {}

#[doc = include_str!("recipes/server_function.md")]
pub mod server_function {}

#[doc = include_str!("recipes/permission.md")]
pub mod permission {}

#[doc = include_str!("recipes/form.md")]
pub mod form {}

#[doc = include_str!("recipes/another_api.md")]
pub mod another_api {}

#[doc = include_str!("recipes/another_provider.md")]
pub mod another_provider {}

#[doc = include_str!("recipes/plain_axum.md")]
pub mod plain_axum {}

#[doc = include_str!("recipes/deploying.md")]
pub mod deploying {}

#[doc = include_str!("recipes/machine.md")]
pub mod machine {}

#[doc = include_str!("recipes/deleted_users.md")]
pub mod deleted_users {}
