//! An entry of a timeline: a step, or what the app verified.

use serde::{Deserialize, Serialize};

use super::{
    observation::Observation,
    shown::Field,
    step::{Step, StepKind},
};
use crate::dev_issuer::basics::clock::Milliseconds;

/// One entry.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Entry {
    Step(Step),
    Observation(Observation),
}

impl Entry {
    /// Returns what decides the order: the time, and within a millisecond that a redirect follows its request, and what
    /// was verified follows both.
    pub(super) fn order(&self) -> (Milliseconds, u8) {
        let rank = match self {
            Self::Step(Step { kind: StepKind::Callback, .. }) => 1,
            Self::Step(_) => 0,
            Self::Observation(_) => 2,
        };
        (self.at(), rank)
    }

    /// Returns the entry without its values, which say that they are missing.
    pub(super) fn without_values(self) -> Self {
        match self {
            Self::Step(step) => {
                let response = vec![Field::new("body", "longer than the tenant keeps, like its request")];
                Self::Step(Step { parameters: Vec::new(), response, ..step })
            }
            Self::Observation(observation) => Self::Observation(Observation { checks: Vec::new(), ..observation }),
        }
    }

    pub(crate) fn at(&self) -> Milliseconds {
        match self {
            Self::Step(step) => step.at,
            Self::Observation(observation) => observation.at,
        }
    }
}
