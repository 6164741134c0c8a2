//! Kinde's management API under `/api/v1`: what a machine may read and change of users, organizations, rights, flags,
//! properties, invitations, webhooks and applications. Which of Kinde's operations there are is in `operations`.

mod answer;
mod applications;
mod authorization;
mod call;
mod callbacks;
#[cfg(test)]
mod coverage;
mod environment;
mod feature_flags;
mod identities;
mod input;
mod invitations;
mod member_rights;
mod members;
mod new_user;
mod operations;
mod organizations;
mod paging;
mod permissions;
mod properties;
mod property_values;
mod role_permissions;
mod roles;
pub(crate) mod routes;
mod search;
mod sessions;
mod users;
mod webhooks;
