//! An entry of a timeline: a step, or what the app verified.

use serde::{Deserialize, Serialize};

use super::{
    observation::Observation,
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

    pub(crate) fn at(&self) -> Milliseconds {
        match self {
            Self::Step(step) => step.at,
            Self::Observation(observation) => observation.at,
        }
    }
}
