//! `Journal`: the attempts to sign in, each a bounded list of entries, within a budget of memory. Who adds which entry is
//! decided in `layers::journal_layer`, `state::outbox` and the switchboard.

use std::collections::{HashMap, VecDeque};

use super::entry::Entry;
use crate::dev_issuer::basics::{clock::Milliseconds, digest::Digest};

/// The most memory of all attempts, in bytes. Any web page can send requests to the tenant, so the journal must not grow
/// with them. A full journal drops its oldest attempts.
const BUDGET: usize = 8_000_000;
/// The most entries of an attempt. A session that is used for days refreshes often; the beginning explains the most.
const MOST_ENTRIES: usize = 100;
/// The most values by which an attempt is found. The oldest are forgotten first.
const MOST_MARKS: usize = 64;
/// The most entries that belong to no attempt, and their memory.
const MOST_OUTSIDE: usize = 100;
const OUTSIDE_BUDGET: usize = 1_000_000;
/// The most memory of an entry. Of a larger one only the frame is kept, so that an attempt stays below the budget.
const LARGEST_ENTRY: usize = 32_000;
/// The memory that an attempt takes beside its entries and marks, and that an entry and a mark take, with what the
/// allocator and the index need.
const ATTEMPT_OVERHEAD: usize = 256;
const ENTRY_OVERHEAD: usize = 32;
const MARK_SIZE: usize = 64;
/// How long after its last entry a request for keys is taken to belong to an attempt.
const UNDER_WAY: Milliseconds = 10_000;

/// The number of an attempt, which its page has in its address.
pub(crate) type AttemptId = u64;

/// One attempt to sign in, and what followed it: refreshes, calls and sign-out.
pub(crate) struct Attempt {
    pub(crate) id: AttemptId,
    pub(crate) began: Milliseconds,
    /// The name of the person, as soon as the tenant knows who it is.
    pub(crate) person: Option<String>,
    /// The faults that took effect at once and show in this attempt, such as a new key.
    pub(crate) faults: Vec<&'static str>,
    entries: Vec<Box<str>>,
    /// The memory of the entries.
    entries_size: usize,
    marks: VecDeque<Digest>,
    latest: Milliseconds,
    has_called_back: bool,
    is_answered: bool,
}

/// The attempts, the oldest first. Each entry is kept as JSON, because the memory of a text is known exactly.
#[derive(Default)]
pub(crate) struct Journal {
    attempts: VecDeque<Attempt>,
    outside: VecDeque<Box<str>>,
    /// The memory of what belongs to no attempt.
    outside_size: usize,
    /// Which attempt a value belongs to.
    index: HashMap<Digest, AttemptId>,
    /// The faults that took effect at once and wait for the next attempt.
    waiting_faults: Vec<&'static str>,
    size: usize,
    last_id: AttemptId,
}

impl Attempt {
    /// Returns the entries in the order in which they happened.
    pub(crate) fn entries(&self) -> Vec<Entry> {
        sorted(self.entries.iter())
    }

    fn size(&self) -> usize {
        let person = self.person.as_ref().map_or(0, String::len);
        ATTEMPT_OVERHEAD + self.entries_size + person + self.marks.len() * MARK_SIZE
    }
}

impl Journal {
    /// Begins an attempt and returns its number.
    pub(crate) fn begin(&mut self, at: Milliseconds) -> AttemptId {
        self.last_id += 1;
        let attempt = Attempt {
            id: self.last_id,
            began: at,
            person: None,
            faults: std::mem::take(&mut self.waiting_faults),
            entries: Vec::new(),
            entries_size: 0,
            marks: VecDeque::new(),
            latest: at,
            has_called_back: false,
            is_answered: false,
        };
        self.size += attempt.size();
        self.attempts.push_back(attempt);
        self.keep_budget();
        self.last_id
    }

    /// Remembers that a value belongs to an attempt: a code, a token, a session. A value that belonged to another one
    /// belongs to this one from now on.
    pub(crate) fn mark(&mut self, id: AttemptId, value: Digest) {
        let mut forgotten = None;
        self.change(id, |attempt| {
            if !attempt.marks.contains(&value) {
                attempt.marks.push_back(value);
            }
            if attempt.marks.len() > MOST_MARKS {
                forgotten = attempt.marks.pop_front();
            }
        });
        if self.attempt(id).is_some() {
            self.index.insert(value, id);
        }
        forgotten.inspect(|value| self.forget_mark(id, *value));
    }

    /// Returns the attempt that a value belongs to.
    pub(crate) fn find(&self, value: Digest) -> Option<AttemptId> {
        self.index.get(&value).copied()
    }

    /// Returns the attempt in which the app now needs something that belongs to no attempt by itself, such as keys: the
    /// newest one that has returned to the app and has no answer yet.
    pub(crate) fn under_way(&self, at: Milliseconds) -> Option<AttemptId> {
        let is_under_way =
            |attempt: &&Attempt| attempt.has_called_back && !attempt.is_answered && at - attempt.latest < UNDER_WAY;
        self.attempts.iter().rev().find(is_under_way).map(|attempt| attempt.id)
    }

    /// Says that the browser is sent back to the app.
    pub(crate) fn called_back(&mut self, id: AttemptId) {
        self.change(id, |attempt| attempt.has_called_back = true);
    }

    /// Names the person of an attempt.
    pub(crate) fn name(&mut self, id: AttemptId, person: String) {
        self.change(id, |attempt| attempt.person = Some(person));
    }

    /// Remembers a fault that took effect at once, for the next attempt.
    pub(crate) fn expect_fault(&mut self, fault: &'static str) {
        if !self.waiting_faults.contains(&fault) {
            self.waiting_faults.push(fault);
        }
    }

    /// Adds an entry to an attempt, or to the list of those that belong to none.
    pub(crate) fn add(&mut self, id: Option<AttemptId>, entry: &Entry) {
        let text = text_of(entry);
        let id = id.filter(|id| self.attempt(*id).is_some());
        let Some(id) = id else { return self.add_outside(text) };
        let is_answer = matches!(entry, Entry::Observation(observation) if observation.answer.is_some());
        self.change(id, |attempt| {
            attempt.latest = attempt.latest.max(entry.at());
            attempt.is_answered |= is_answer;
            if attempt.entries.len() < MOST_ENTRIES {
                attempt.entries_size += size_of_entry(&text);
                attempt.entries.push(text);
            }
        });
    }

    /// Returns an attempt.
    pub(crate) fn attempt(&self, id: AttemptId) -> Option<&Attempt> {
        // Their numbers rise, without gaps.
        let first = self.attempts.front()?.id;
        self.attempts.get(usize::try_from(id.checked_sub(first)?).ok()?)
    }

    /// Returns the attempts, the newest first.
    pub(crate) fn newest_first(&self) -> impl Iterator<Item = &Attempt> {
        self.attempts.iter().rev()
    }

    /// Returns the entries that belong to no attempt, in the order in which they happened.
    pub(crate) fn outside(&self) -> Vec<Entry> {
        sorted(self.outside.iter())
    }

    /// Forgets every attempt. Numbers are not used again.
    pub(crate) fn clear(&mut self) {
        *self = Self { last_id: self.last_id, ..Self::default() };
    }

    fn add_outside(&mut self, entry: Box<str>) {
        self.outside_size += size_of_entry(&entry);
        self.outside.push_back(entry);
        while (self.outside.len() > MOST_OUTSIDE || self.outside_size > OUTSIDE_BUDGET)
            && let Some(oldest) = self.outside.pop_front()
        {
            self.outside_size -= size_of_entry(&oldest);
        }
    }

    /// Changes an attempt, if it still exists, and keeps count of the memory.
    fn change(&mut self, id: AttemptId, change: impl FnOnce(&mut Attempt)) {
        let Some(first) = self.attempts.front().map(|attempt| attempt.id) else { return };
        let Some(place) = id.checked_sub(first).and_then(|place| usize::try_from(place).ok()) else { return };
        let Some(attempt) = self.attempts.get_mut(place) else { return };
        let before = attempt.size();
        change(attempt);
        self.size = self.size + attempt.size() - before;
        self.keep_budget();
    }

    fn keep_budget(&mut self) {
        while self.size > BUDGET
            && let Some(oldest) = self.attempts.pop_front()
        {
            self.size -= oldest.size();
            oldest.marks.iter().for_each(|value| self.forget_mark(oldest.id, *value));
        }
    }

    fn forget_mark(&mut self, id: AttemptId, value: Digest) {
        if self.index.get(&value) == Some(&id) {
            self.index.remove(&value);
        }
    }
}

fn text_of(entry: &Entry) -> Box<str> {
    let json = |entry: &Entry| serde_json::to_string(entry).expect("the keys of an entry are texts").into_boxed_str();
    let text = json(entry);
    if text.len() > LARGEST_ENTRY { json(&entry.clone().without_values()) } else { text }
}

fn size_of_entry(entry: &str) -> usize {
    entry.len() + ENTRY_OVERHEAD
}

fn sorted<'a>(entries: impl Iterator<Item = &'a Box<str>>) -> Vec<Entry> {
    let mut entries: Vec<Entry> = entries.filter_map(|entry| serde_json::from_str(entry).ok()).collect();
    entries.sort_by_key(Entry::order);
    entries
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dev_issuer::journal::{
        shown::Field,
        step::{Step, StepKind},
    };

    fn step(at: Milliseconds, parameter_bytes: usize) -> Entry {
        let long = "x".repeat(300);
        Entry::Step(Step {
            kind: StepKind::Authorization,
            at,
            took: 1,
            method: "GET".to_owned(),
            address: "/oauth2/auth".to_owned(),
            parameters: (0..parameter_bytes / 300).map(|name| Field::new(&name.to_string(), &long)).collect(),
            status: Some(200),
            response: Vec::new(),
            faults: Vec::new(),
        })
    }

    #[test]
    fn ten_thousand_attempts_stay_within_the_budget_and_the_newest_are_kept() {
        let (mut journal, long) = (Journal::default(), step(1, 3_000));
        for number in 0..10_000_i64 {
            let id = journal.begin(number);
            journal.name(id, "Ada Lovelace".to_owned());
            let marks = if number % 100 == 0 { MOST_MARKS + 2 } else { 10 };
            for mark in 0..marks {
                journal.mark(id, Digest::of(&format!("{number} {mark}")));
            }
            journal.add(Some(id), &long);
        }
        let texts = journal.attempts.iter().flat_map(|attempt| &attempt.entries);
        let kept: usize = texts.map(|entry| size_of_entry(entry)).sum();
        let marks: usize = journal.attempts.iter().map(|attempt| attempt.marks.len() * MARK_SIZE).sum();
        assert_eq!(journal.size, kept + marks + journal.attempts.len() * (ATTEMPT_OVERHEAD + "Ada Lovelace".len()));
        assert!(journal.size <= BUDGET && journal.attempts.len() > 100, "{} {}", journal.size, journal.attempts.len());
        assert!(journal.index.len() <= journal.attempts.len() * MOST_MARKS, "{}", journal.index.len());
        assert_eq!(journal.newest_first().next().map(|attempt| attempt.id), Some(10_000));
        assert!(journal.attempt(1).is_none() && journal.find(Digest::of("0 9")).is_none());
        assert_eq!(journal.find(Digest::of("9999 9")), Some(10_000));
    }

    #[test]
    fn what_belongs_to_no_attempt_is_bounded_too() {
        let mut journal = Journal::default();
        for number in 0..1_000 {
            journal.add(None, &step(number, 3_000));
        }
        assert_eq!(journal.outside().len(), MOST_OUTSIDE);
        assert_eq!(journal.outside()[0].at(), 900);
        let long = step(1_000, 20_000);
        for _ in 0..MOST_OUTSIDE {
            journal.add(None, &long);
        }
        let kept: usize = journal.outside.iter().map(|entry| size_of_entry(entry)).sum();
        assert!(journal.outside_size == kept && kept <= OUTSIDE_BUDGET && journal.outside.len() > 20, "{kept}");
    }

    #[test]
    fn of_an_entry_that_is_too_large_the_frame_is_kept() {
        let mut journal = Journal::default();
        let (id, long) = (journal.begin(0), step(1, 200_000));
        for _ in 0..=MOST_ENTRIES {
            journal.add(Some(id), &long);
        }
        let entries = journal.attempt(id).map(Attempt::entries).unwrap_or_default();
        assert_eq!(entries.len(), MOST_ENTRIES);
        let kept = matches!(&entries[0], Entry::Step(step) if step.parameters.is_empty() && step.response.len() == 1);
        assert!(kept && journal.size < MOST_ENTRIES * 1_000, "{:?} {}", entries[0], journal.size);
    }

    #[test]
    fn an_attempt_is_found_by_the_newest_owner_of_a_value() {
        let mut journal = Journal::default();
        let (first, second) = (journal.begin(0), journal.begin(1));
        let session = Digest::of("session");
        journal.mark(first, session);
        journal.mark(second, session);
        assert_eq!(journal.find(session), Some(second));
        journal.clear();
        assert_eq!(journal.find(session), None);
        assert_eq!(journal.begin(2), second + 1);
    }

    #[test]
    fn keys_belong_to_an_attempt_that_has_returned_and_has_no_answer() {
        let mut journal = Journal::default();
        let id = journal.begin(0);
        assert_eq!(journal.under_way(1), None);
        journal.called_back(id);
        journal.add(Some(id), &step(1_000, 0));
        assert_eq!(journal.under_way(2_000), Some(id));
        assert_eq!(journal.under_way(1_000 + UNDER_WAY), None);
    }
}
