//! The links to the self-serve portal that nobody has opened yet. Each opens the portal once.
//!
//! Kinde's OpenAPI file of the account API (`GetPortalLink`). Kinde does not say how long a link works; here it works
//! as long as a sign-in page does.

use std::collections::HashMap;

use crate::dev_issuer::basics::{
    clock::{SHORT_LIFETIME, Seconds},
    random::Random,
};

/// The sections of the portal, the one that opens by default first.
const SECTIONS: [&str; 12] = [
    "profile",
    "organization_details",
    "organization_members",
    "organization_payment_details",
    "organization_plan_details",
    "organization_plan_selection",
    "payment_details",
    "plan_details",
    "plan_selection",
    "api_keys",
    "user_api_keys",
    "organization_api_keys",
];

/// What a link opens.
pub(crate) struct Visit {
    /// The key of the person whose pages they are.
    pub(crate) person: String,
    pub(crate) section: &'static str,
    /// Where the portal's link back leads.
    pub(crate) return_url: Option<String>,
}

/// Returns the section of that name. Kinde describes no error for a name that it does not know, so the default section
/// opens then.
pub(crate) fn section(name: Option<&str>) -> &'static str {
    let known = SECTIONS.into_iter().find(|section| name == Some(section));
    known.unwrap_or(SECTIONS[0])
}

/// The links of one tenant, by key.
#[derive(Default)]
pub(crate) struct PortalLinks(HashMap<String, (Visit, Seconds)>);

impl PortalLinks {
    /// Records a link and returns its key.
    pub(crate) fn create(&mut self, visit: Visit, now: Seconds, random: &Random) -> String {
        self.0.retain(|_, (_, expires_at)| *expires_at > now);
        let key = random.hexadecimal(16);
        self.0.insert(key.clone(), (visit, now + SHORT_LIFETIME));
        key
    }

    /// Returns what the link of this key opens, and forgets the link.
    pub(crate) fn open(&mut self, key: &str, now: Seconds) -> Option<Visit> {
        let (visit, expires_at) = self.0.remove(key)?;
        (expires_at > now).then_some(visit)
    }
}
