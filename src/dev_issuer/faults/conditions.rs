//! The conditions of the network: how late the responses of an endpoint are, and how many requests are lost. They stay
//! until they are replaced, unlike a fault, which is one certain effect.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::fault::Endpoint;

/// The longest delay, which is more than a client waits.
pub(crate) const MAX_LATENCY_MS: u64 = 60_000;

/// The conditions of one endpoint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub(crate) struct Condition {
    /// How much later each response is.
    pub(crate) latency_ms: u64,
    /// The share of requests whose connection is cut, from 0 to 1.
    pub(crate) loss: f64,
}

/// The conditions of the endpoints that have any.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Conditions(BTreeMap<Endpoint, Condition>);

impl Conditions {
    /// Reads conditions by the names of the endpoints.
    ///
    /// # Errors
    ///
    /// A sentence for everything that is wrong, beginning with its place.
    pub(crate) fn read(value: Value) -> Result<Self, Vec<String>> {
        let Value::Object(members) = value else {
            return Err(vec!["conditions are written {\"token\":{\"latency_ms\":200,\"loss\":0.1}}".to_owned()]);
        };
        let mut problems = Vec::new();
        let mut conditions = BTreeMap::new();
        for (name, value) in members {
            let condition = read_condition(&name, value, &mut problems);
            match Endpoint::ALL.iter().find(|endpoint| endpoint.name() == name) {
                Some(endpoint) => drop(conditions.insert(*endpoint, condition)),
                None => {
                    let names: Vec<_> = Endpoint::ALL.iter().map(|endpoint| endpoint.name()).collect();
                    problems.push(format!("{name}: there is no such endpoint; there are {}", names.join(", ")));
                }
            }
        }
        if problems.is_empty() { Ok(Self(conditions)) } else { Err(problems) }
    }

    /// Returns the condition that was set for this endpoint itself.
    pub(crate) fn get(&self, endpoint: Endpoint) -> Condition {
        self.0.get(&endpoint).copied().unwrap_or_default()
    }

    /// Returns the condition of a request that concerns these endpoints: that of the last one that has any.
    pub(crate) fn of_request(&self, endpoints: &[Endpoint]) -> Condition {
        endpoints.iter().rev().find_map(|endpoint| self.0.get(endpoint)).copied().unwrap_or_default()
    }
}

fn read_condition(place: &str, value: Value, problems: &mut Vec<String>) -> Condition {
    let mut condition = Condition::default();
    let Value::Object(members) = value else {
        problems.push(format!("{place}: a condition is written {{\"latency_ms\":200,\"loss\":0.1}}"));
        return condition;
    };
    for (name, value) in &members {
        match name.as_str() {
            "latency_ms" => match value.as_u64().filter(|latency| *latency <= MAX_LATENCY_MS) {
                Some(latency) => condition.latency_ms = latency,
                None => problems.push(format!("{place}.{name}: write milliseconds, 0 to {MAX_LATENCY_MS}")),
            },
            "loss" => match value.as_f64().filter(|loss| (0.0..=1.0).contains(loss)) {
                Some(loss) => condition.loss = loss,
                None => problems.push(format!("{place}.{name}: write a share from 0 (none) to 1 (all)")),
            },
            _ => problems.push(format!("{place}.{name}: this is not known here; there are latency_ms, loss")),
        }
    }
    condition
}

impl From<Conditions> for Map<String, Value> {
    fn from(conditions: Conditions) -> Self {
        let member = |(endpoint, condition): (Endpoint, Condition)| (endpoint.name().to_owned(), json!(condition));
        conditions.0.into_iter().map(member).collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_condition_of_a_request_is_that_of_its_most_specific_endpoint() {
        let conditions = Conditions::read(json!({"any": {"latency_ms": 1}, "token": {"latency_ms": 2}})).unwrap();
        for (endpoints, latency) in [
            (&[Endpoint::Any][..], 1),
            (&[Endpoint::Any, Endpoint::Discovery], 1),
            (&[Endpoint::Any, Endpoint::Token], 2),
            (&[Endpoint::Any, Endpoint::Token, Endpoint::Refresh], 2),
            (&[], 0),
        ] {
            assert_eq!(conditions.of_request(endpoints).latency_ms, latency, "{endpoints:?}");
        }
    }

    #[test]
    fn every_problem_is_named() {
        let wrong = json!({
            "token": {"latency_ms": -1, "loss": 1.5, "jitter": 3},
            "jwks": 7,
            "sessions": {"loss": "much"},
        });
        let problems = Conditions::read(wrong).unwrap_err();
        let places: Vec<_> = problems.iter().map(|problem| problem.split(':').next().unwrap()).collect();
        assert_eq!(places, ["jwks", "sessions.loss", "sessions", "token.jitter", "token.latency_ms", "token.loss"]);
    }
}
