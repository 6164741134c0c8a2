//! `Case`: a row of the table: a fault, the expected results, the results, and numbers.

use std::fmt::{self, Display, Formatter};
use std::time::Duration;

use crate::harness::Response;

/// A row.
pub struct Case {
    store: String,
    fault: String,
    expected: &'static str,
    seen: Vec<String>,
    numbers: Vec<String>,
    wrong: Vec<String>,
}

impl Case {
    pub const HEADER: &'static str =
        "store      | fault                            | expected | seen | numbers | verdict";

    pub fn new(store: impl Display, fault: impl Into<String>, expected: &'static str) -> Self {
        Self {
            store: store.to_string(),
            fault: fault.into(),
            expected,
            seen: Vec::new(),
            numbers: Vec::new(),
            wrong: Vec::new(),
        }
    }

    /// Adds a result to the table, and a deviation when it does not hold.
    pub fn expect(&mut self, holds: bool, seen: impl Into<String>) {
        let seen = seen.into();
        if !holds {
            self.wrong.push(seen.clone());
        }
        if !self.seen.contains(&seen) {
            self.seen.push(seen);
        }
    }

    /// Expects a response to have this status.
    pub fn expect_status(&mut self, what: &str, response: &Response, status: u16) {
        self.expect(response.status == status, format!("{what} {}", response.status));
    }

    /// Expects a 503 with `Retry-After` that changes no cookie and redirects nowhere.
    pub fn expect_unavailable(&mut self, what: &str, response: &Response) {
        self.expect_status(what, response, 503);
        let mut defects = Vec::new();
        let says_when = response.header("retry-after").parse::<u64>().is_ok_and(|seconds| seconds > 0);
        if !says_when {
            defects.push("no Retry-After");
        }
        if !response.set_cookies().is_empty() {
            defects.push("a cookie was changed");
        }
        if response.location().is_some() {
            defects.push("it leads elsewhere");
        }
        self.wrong.extend(defects.into_iter().map(|defect| format!("{what}: {defect}")));
    }

    /// Adds a number to the table. No number is a deviation.
    pub fn number(&mut self, what: &str, value: impl Display) {
        self.numbers.push(format!("{what} {value}"));
    }

    pub fn milliseconds(&mut self, what: &str, took: Duration) {
        self.number(what, format!("{:.1} ms", took.as_secs_f64() * 1000.0));
    }

    /// A line for everything that is not as it must be.
    pub fn deviations(&self) -> Vec<String> {
        self.wrong.iter().map(|wrong| format!("{}, {}: {wrong}", self.store, self.fault)).collect()
    }
}

impl Display for Case {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let verdict = if self.wrong.is_empty() { "right" } else { "WRONG" };
        let (seen, numbers) = (self.seen.join(", "), self.numbers.join(", "));
        write!(f, "{:<10} | {:<32} | {} | {seen} | {numbers} | {verdict}", self.store, self.fault, self.expected)
    }
}
