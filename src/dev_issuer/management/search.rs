//! The search for users by a part of a name, an address or an id.

use serde_json::{Value, json};

use super::{
    answer::{Answer, Refusal, ok},
    call::Call,
    identities::identities,
    paging::by_record,
    users::shown,
};
use crate::dev_issuer::people::person::Person;

/// `GET /api/v1/search/users`
pub(super) async fn users(call: Call) -> Answer {
    for name in ["properties", "api_scopes"] {
        if call.has_query(name) {
            return Err(Refusal::field(name, "the emulated tenant does not search by this"));
        }
    }
    let state = call.tenant.state();
    let query = call.query("query").unwrap_or_default().to_lowercase();
    let matches = |person: &&Person| {
        let known = identities(person).into_iter().map(|(_, value)| value.to_owned());
        let texts = known.chain([person.subject.clone()]).chain(person.full_name()).chain(person.provided_id.clone());
        query == "*" || texts.into_iter().any(|text| text.to_lowercase().contains(&query))
    };
    let found: Vec<Value> = state.people.all().iter().filter(matches).map(|person| result(&call, person)).collect();
    let (results, has_more) = by_record(&call, found)?;
    ok(json!({"results": results, "has_more": has_more}))
}

fn result(call: &Call, person: &Person) -> Value {
    let mut user = shown("email", person, call);
    if call.expands("properties") {
        let properties = person.user_properties.iter().flatten();
        user["properties"] = properties.map(|(key, value)| (key.clone(), value["v"].clone())).collect();
    }
    user
}
