//! An entry of a timeline: a step, or what the app verified.

use serde::{Deserialize, Serialize};

use super::{observation::Observation, step::Step};
use crate::dev_issuer::basics::clock::Milliseconds;

/// One entry.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Entry {
    Step(Step),
    Observation(Observation),
}

impl Entry {
    pub(crate) fn at(&self) -> Milliseconds {
        match self {
            Self::Step(step) => step.at,
            Self::Observation(observation) => observation.at,
        }
    }
}
