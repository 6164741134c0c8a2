//! `KeptRights`: what the issuer's account API responded for a user, with the marks under which it was asked. Whom to ask,
//! and when, is decided in `client::rights`.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::marks::{Marks, RememberedMarks};
use crate::auth::rights::{Resource, Rights};

/// How long entitlements count: Kinde sends no event when a plan or its use changes.
const ENTITLEMENTS_COUNT_FOR: time::Duration = time::Duration::seconds(60);

/// The last response for each resource.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(in crate::auth) struct KeptRights(Vec<Kept>);

/// Responses that were asked for at one time. Each resource is in one of them at most.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Kept {
    rights: Rights,
    marks: RememberedMarks,
    #[serde(with = "time::serde::timestamp")]
    obtained_at: OffsetDateTime,
}

impl KeptRights {
    pub(in crate::auth) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Keeps responses in place of the former ones for the same resources.
    pub(in crate::auth) fn keep(&mut self, rights: Rights, marks: RememberedMarks, obtained_at: OffsetDateTime) {
        for resource in Resource::ALL.into_iter().filter(|resource| rights.has(*resource)) {
            self.0.iter_mut().for_each(|kept| kept.rights.remove(resource));
        }
        self.0.retain(|kept| !kept.rights.is_empty());
        self.0.push(Kept { rights, marks, obtained_at });
    }

    /// Those that decide without another request.
    pub(in crate::auth) fn current(&self, marks: &Marks, now: OffsetDateTime) -> Rights {
        self.under(marks, |kept| {
            let mut rights = kept.rights.clone();
            if (now - kept.obtained_at).abs() >= ENTITLEMENTS_COUNT_FOR {
                rights.remove(Resource::Entitlements);
            }
            rights
        })
    }

    /// Those that decide when no new ones can be had: of any age, but not known to be old.
    pub(in crate::auth) fn last_known(&self, marks: &Marks) -> Rights {
        self.under(marks, |kept| kept.rights.clone())
    }

    fn under(&self, marks: &Marks, rights: impl Fn(&Kept) -> Rights) -> Rights {
        let counting = self.0.iter().filter(|kept| marks.are_still(&kept.marks));
        counting.fold(Rights::default(), |all, kept| all.or(&rights(kept)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

    #[test]
    fn entitlements_count_for_a_minute_and_other_rights_until_a_mark_moves() {
        let marks = Marks::default();
        let mut kept = KeptRights::default();
        kept.keep(Rights::none(), marks.remembered(), NOW);
        assert_eq!(kept.current(&marks, NOW + time::Duration::seconds(59)), Rights::none());
        let later = kept.current(&marks, NOW + time::Duration::seconds(60));
        assert!(!later.has(Resource::Entitlements) && later.has(Resource::Permissions));
        assert_eq!(kept.last_known(&marks), Rights::none());
        let moved = Marks::of_user_for_test("another");
        assert!(kept.current(&moved, NOW).is_empty() && kept.last_known(&moved).is_empty());
    }

    #[test]
    fn a_new_response_replaces_the_former_one_of_its_resource_alone() {
        let marks = Marks::default();
        let mut kept = KeptRights::default();
        kept.keep(Rights::none(), marks.remembered(), NOW);
        kept.keep(Rights::none().only(Resource::Roles), marks.remembered(), NOW + time::Duration::MINUTE);
        kept.keep(Rights::none().only(Resource::Roles), marks.remembered(), NOW + time::Duration::MINUTE);
        assert_eq!(kept.0.len(), 2);
        assert_eq!(kept.last_known(&marks), Rights::none());
        let stored = serde_json::to_string(&kept).unwrap();
        assert_eq!(serde_json::from_str::<KeptRights>(&stored).unwrap(), kept);
    }
}
