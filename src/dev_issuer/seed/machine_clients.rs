//! The clients of machines of a seed.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    members::{Members, sorted},
    organizations::KnownOrganizations,
};
use crate::dev_issuer::protocol::machine_clients::{Authorization, Machine, MachineClients};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SeedMachine {
    name: Option<String>,
    client_id: String,
    client_secret: String,
    audience: Vec<String>,
    #[serde(default)]
    scopes: Vec<String>,
    org_code: Option<String>,
}

/// Reads the clients. What cannot be used is noted as a problem.
pub(super) fn take(
    members: &mut Members,
    organizations: &KnownOrganizations<'_>,
    problems: &mut Vec<String>,
) -> MachineClients {
    let mut machines = MachineClients::default();
    for (place, value) in members.take_list("machine_clients", problems) {
        match serde_json::from_value::<SeedMachine>(value) {
            Ok(SeedMachine { name, client_id, client_secret, audience, scopes, org_code }) => {
                if let Some(code) = org_code.as_ref().filter(|code| organizations.find(code).is_none()) {
                    problems.push(format!("{place}.org_code: there is no organization {code}"));
                }
                let authorization = Authorization { audience, scopes, org_code };
                let name = name.unwrap_or_else(|| client_id.clone());
                machines.add(client_id, Machine { name, secret: client_secret, authorization });
            }
            Err(error) => problems.push(format!("{place}: {error}")),
        }
    }
    machines
}

/// Writes the clients as a member of a seed.
pub(super) fn written(machines: &MachineClients) -> Vec<Value> {
    sorted(machines.all().map(|(id, machine)| {
        let Machine { name, secret, authorization: Authorization { audience, scopes, org_code } } = machine;
        json!({
            "client_id": id,
            "client_secret": secret,
            "name": name,
            "audience": audience,
            "scopes": scopes,
            "org_code": org_code,
        })
    }))
}
