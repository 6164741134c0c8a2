//! The metrics of `auth`: which there are, and the handles that count. What each of them means to
//! operators is in the table of `auth`; who counts what is decided where it happens.
//!
//! A call of the `metrics` facade with labels builds and hashes a key, even where nobody records. So every handle is
//! looked up once, when a [`Client`](super::Client) is made, and for every value of its labels: a series is there from
//! the beginning, with 0, and nothing that a visitor sends can add one.

mod issuer;
mod sessions;
mod store;

use std::marker::PhantomData;
use std::time::Duration;

use metrics::{Counter, Gauge, Histogram, Key, Level, Metadata, Unit, with_recorder};

pub(super) use issuer::{Breaker, BreakerMetrics, Endpoint, HeldBackBy, IssuerMetrics, RequestOutcome};
pub(super) use sessions::{Attempt, EndCause, FailureReason, RefreshOutcome, SessionMetrics};
pub(super) use store::{Operation, OperationOutcome, StoreMetrics};

const METADATA: Metadata<'static> = Metadata::new(module_path!(), Level::INFO, Some(module_path!()));

/// A label's name and value.
type Pair = (&'static str, &'static str);

/// One metric: its name, and its description, which recorders show.
struct Metric {
    name: &'static str,
    help: &'static str,
}

/// The values of one or several labels, all of which are known.
trait Labels: Copy {
    /// How many values there are.
    const COUNT: usize;

    /// All values, in the order of their positions.
    fn all() -> impl Iterator<Item = Self>;

    fn pairs(self) -> Vec<Pair>;

    /// From 0 to [`Self::COUNT`], exclusively.
    fn position(self) -> usize;
}

/// Each value of the one with each value of the other.
impl<A: Labels, B: Labels> Labels for (A, B) {
    const COUNT: usize = A::COUNT * B::COUNT;

    fn all() -> impl Iterator<Item = Self> {
        A::all().flat_map(|a| B::all().map(move |b| (a, b)))
    }

    fn pairs(self) -> Vec<Pair> {
        [self.0.pairs(), self.1.pairs()].concat()
    }

    fn position(self) -> usize {
        self.0.position() * B::COUNT + self.1.position()
    }
}

/// An enum that is the values of one label.
macro_rules! label {
    (
        $(#[$doc:meta])*
        $name:literal: $type:ident { $($(#[$value_doc:meta])* $variant:ident = $value:literal,)+ }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(in crate::auth) enum $type { $($(#[$value_doc])* $variant,)+ }

        impl $type {
            /// The value of the label.
            pub(in crate::auth) fn value(self) -> &'static str {
                match self { $(Self::$variant => $value,)+ }
            }
        }

        impl $crate::auth::metrics::Labels for $type {
            const COUNT: usize = [$(Self::$variant),+].len();

            fn all() -> impl Iterator<Item = Self> {
                [$(Self::$variant),+].into_iter()
            }

            fn pairs(self) -> Vec<$crate::auth::metrics::Pair> {
                vec![($name, self.value())]
            }

            fn position(self) -> usize {
                self as usize
            }
        }
    };
}
use label;

/// A counter for each value of its labels.
#[derive(Debug)]
struct Counters<L>(Vec<Counter>, PhantomData<L>);

impl<L: Labels> Counters<L> {
    /// `common` are labels that all of them have.
    fn register(metric: &Metric, common: &[Pair]) -> Self {
        let counters = L::all().map(|labels| counter(metric, &[common, &labels.pairs()].concat()));
        Self(counters.collect(), PhantomData)
    }

    fn increment(&self, labels: L) {
        self.0[labels.position()].increment(1);
    }
}

/// A histogram of seconds for each value of its labels.
#[derive(Debug)]
struct Durations<L>(Vec<Histogram>, PhantomData<L>);

impl<L: Labels> Durations<L> {
    /// `common` are labels that all of them have.
    fn register(metric: &Metric, common: &[Pair]) -> Self {
        let durations = L::all().map(|labels| duration(metric, &[common, &labels.pairs()].concat()));
        Self(durations.collect(), PhantomData)
    }

    fn record(&self, labels: L, took: Duration) {
        self.0[labels.position()].record(took);
    }
}

fn counter(metric: &Metric, labels: &[Pair]) -> Counter {
    with_recorder(|recorder| {
        recorder.describe_counter(metric.name.into(), Some(Unit::Count), metric.help.into());
        recorder.register_counter(&key(metric, labels), &METADATA)
    })
}

fn gauge(metric: &Metric, labels: &[Pair]) -> Gauge {
    with_recorder(|recorder| {
        recorder.describe_gauge(metric.name.into(), Some(Unit::Count), metric.help.into());
        recorder.register_gauge(&key(metric, labels), &METADATA)
    })
}

fn duration(metric: &Metric, labels: &[Pair]) -> Histogram {
    with_recorder(|recorder| {
        recorder.describe_histogram(metric.name.into(), Some(Unit::Seconds), metric.help.into());
        recorder.register_histogram(&key(metric, labels), &METADATA)
    })
}

fn key(metric: &Metric, labels: &[Pair]) -> Key {
    Key::from_parts(metric.name, labels)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check<L: Labels>() {
        let positions: Vec<_> = L::all().map(Labels::position).collect();
        assert_eq!(positions, (0..L::COUNT).collect::<Vec<_>>());
        let mut pairs: Vec<_> = L::all().map(Labels::pairs).collect();
        pairs.sort_unstable();
        pairs.dedup();
        assert_eq!(pairs.len(), L::COUNT);
    }

    #[test]
    fn every_value_of_a_label_has_a_place_and_a_text_of_its_own() {
        check::<Endpoint>();
        check::<RequestOutcome>();
        check::<(Endpoint, RequestOutcome)>();
        check::<(Breaker, HeldBackBy)>();
        check::<(Operation, OperationOutcome)>();
        check::<Attempt>();
        check::<RefreshOutcome>();
        check::<EndCause>();
    }

    #[test]
    fn without_a_recorder_nothing_happens() {
        let metrics = SessionMetrics::register();
        metrics.signed_in(Attempt::Succeeded);
        IssuerMetrics::register().requested(Endpoint::Token, RequestOutcome::Success, Duration::ZERO);
    }
}
