//! The tenant's console: pages at its own address on which people, tokens, webhooks and the conditions are seen and
//! changed. They work without JavaScript. The same for programs, as JSON, is in `switchboard`.

pub(crate) mod app_call;
pub(crate) mod app_link;
pub(crate) mod break_delivery;
pub(crate) mod break_step;
pub(crate) mod check_explanations;
pub(crate) mod condition_table;
pub(crate) mod conditions;
pub(crate) mod decoded;
pub(crate) mod explanations;
pub(crate) mod form;
pub(crate) mod frame;
pub(crate) mod judged_token;
pub(crate) mod origin;
pub(crate) mod people;
pub(crate) mod person_fields;
pub(crate) mod sign_ins;
pub(crate) mod step_explanations;
pub(crate) mod timeline;
pub(crate) mod tokens;
pub(crate) mod webhooks;
