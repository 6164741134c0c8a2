//! The handler of what the app says that it verified, which the console shows beside what the tenant saw.

use axum::{Json, extract::State, http::StatusCode};

use crate::dev_issuer::basics::digest::Digest;
use crate::dev_issuer::journal::{
    entry::Entry,
    observation::{Observation, Stage},
};
use crate::dev_issuer::state::tenant::SharedTenant;

/// `POST /dev/observations`. An observation whose value the tenant does not know belongs to no sign-in. Without a value,
/// one of a callback, which may have lost its state on the way because of a fault, and one of a document belong to the
/// sign-in that has just returned to the app, as the request for the document does.
pub(crate) async fn add(State(tenant): State<SharedTenant>, Json(observation): Json<Observation>) -> StatusCode {
    let mut journal = tenant.journal.lock();
    let reference = observation.reference.as_deref().and_then(Digest::read);
    let is_under_way = matches!(observation.stage, Stage::Callback | Stage::Discovery | Stage::Keys);
    let attempt = match reference {
        Some(value) => journal.find(value),
        None => journal.under_way(observation.at).filter(|_| is_under_way),
    };
    journal.add(attempt, &Entry::Observation(observation.shortened()));
    StatusCode::NO_CONTENT
}
