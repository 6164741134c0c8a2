//! What a user is known by: the e-mail address, the user name and the telephone number.

use serde_json::json;

use super::{
    answer::{Answer, ok},
    call::{Call, person},
};
use crate::dev_issuer::basics::clock;
use crate::dev_issuer::people::person::{Activity, Person, artificial_digits};

/// Returns the kind and the value of everything by which a user is known.
pub(super) fn identities(person: &Person) -> Vec<(&'static str, &str)> {
    let more = [("username", &person.username), ("phone", &person.phone)];
    let more = more.into_iter().filter_map(|(kind, value)| Some((kind, value.as_deref()?)));
    [("email", person.email.as_str())].into_iter().chain(more).collect()
}

/// `GET /api/v1/users/{user_id}/identities`
pub(super) async fn list(call: Call) -> Answer {
    let state = call.tenant.state();
    let person = person(&state, call.path("user_id"))?;
    let Activity { created_at, sign_ins, last_signed_in_at } = person.activity;
    let identity = |(kind, value): (&str, &str)| {
        let digits = artificial_digits(&format!("{} {kind} {value}", person.subject), 16);
        json!({
            "id": format!("identity_{digits}"),
            "type": kind,
            "name": value,
            "email": (kind == "email").then_some(value),
            "is_confirmed": true,
            "is_primary": (kind == "email").then_some(true),
            "created_on": created_at.map(clock::text),
            "last_login_on": last_signed_in_at.map(clock::text),
            "total_logins": sign_ins,
            "connection_id": null,
        })
    };
    ok(json!({"identities": identities(person).into_iter().map(identity).collect::<Vec<_>>(), "has_more": false}))
}
