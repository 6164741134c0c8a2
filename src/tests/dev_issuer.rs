//! Tests of the emulated Kinde tenant over HTTP, as any client uses it. Its behaviour is described in the documentation
//! of `kinde_leptos::dev_issuer`.
//! How the app reacts to the tenant's faults is tested in `provider_faults`.

mod account_api;
mod conditions;
mod console_origin;
mod console_people;
mod console_sign_ins;
mod console_tokens;
mod console_webhooks;
mod deliveries;
mod faults;
mod frontend_api;
mod harness;
mod invitations;
mod machines;
mod management;
mod people;
mod plain;
mod portal;
mod random_seed;
mod refresh;
mod rights;
mod seed;
mod session_lifetime;
mod sign_in;
mod state_file;
mod switchboard;
mod tokens;
