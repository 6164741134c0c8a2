//! `Findings`: what all visitors saw, counted.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};
use std::sync::Mutex;

/// The most examples of one kind that are kept.
const EXAMPLES: usize = 3;

/// Counts by kind. `what went wrong` and what is excused are kept apart.
#[derive(Default)]
pub struct Findings(Mutex<Counts>);

#[derive(Default)]
struct Counts {
    fine: BTreeMap<&'static str, usize>,
    excused: BTreeMap<&'static str, usize>,
    wrong: BTreeMap<&'static str, Vec<String>>,
}

impl Findings {
    /// Something was as it should be.
    pub fn fine(&self, what: &'static str) {
        *self.0.lock().unwrap().fine.entry(what).or_default() += 1;
    }

    /// Something failed, and had to.
    pub fn excused(&self, why: &'static str) {
        *self.0.lock().unwrap().excused.entry(why).or_default() += 1;
    }

    /// Something was wrong.
    pub fn wrong(&self, what: &'static str, details: String) {
        self.0.lock().unwrap().wrong.entry(what).or_default().push(details);
    }

    /// How often this was fine.
    pub fn count(&self, what: &str) -> usize {
        self.0.lock().unwrap().fine.get(what).copied().unwrap_or_default()
    }

    /// Everything that was wrong: a line for each kind, with examples.
    pub fn errors(&self) -> Vec<String> {
        let counts = self.0.lock().unwrap();
        let line = |(what, all): (&&str, &Vec<String>)| {
            format!("{what}: {} times, such as {}", all.len(), all[..all.len().min(EXAMPLES)].join("; "))
        };
        counts.wrong.iter().map(line).collect()
    }
}

impl Display for Findings {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let counts = self.0.lock().unwrap();
        for (what, count) in &counts.fine {
            writeln!(f, "| {what} | {count} |")?;
        }
        for (why, count) in &counts.excused {
            writeln!(f, "| excused: {why} | {count} |")?;
        }
        let wrong: usize = counts.wrong.values().map(Vec::len).sum();
        write!(f, "| wrong | {wrong} |")
    }
}
