//! Refused requests in the audit log: how many requests of each client address were refused, and why, once a minute.
//! A flood of refusals therefore costs a bounded number of lines and bytes. Sign-ins and sign-outs are logged by `auth`.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tracing::field::display;

use super::problem::Problem;
use crate::auth::{AUDIT_TARGET, ClientAddress, Error};

const INTERVAL: Duration = Duration::from_secs(60);
/// Addresses beyond this number are counted together until the next line.
const MAX_ADDRESSES: usize = 1_000;

/// The refusals since the last lines. Cheap to clone; all clones count together.
#[derive(Debug, Clone, Default)]
pub(super) struct Refusals(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts(Mutex<HashMap<(Client, &'static str), u64>>);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Client {
    Address(IpAddr),
    /// A request that names no client: from this machine, or through a proxy that is not known.
    Unknown,
    /// Addresses beyond [`MAX_ADDRESSES`].
    Other,
}

impl Refusals {
    /// Counts refusals and logs them once a minute, until the last clone is dropped.
    pub(super) fn logged() -> Self {
        let refusals = Self::default();
        let weak = Arc::downgrade(&refusals.0);
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(INTERVAL).await;
                let Some(counts) = weak.upgrade() else { return };
                counts.log();
            }
        });
        refusals
    }

    /// Counts a refused request. Other problems than refusals are not counted.
    pub(super) fn count(&self, problem: &Problem, address: Option<ClientAddress>) {
        let reason = match problem {
            Problem::OtherSite => "cross_site",
            Problem::TooManyRequests(_) => "rate_limited",
            Problem::Auth(Error::Forbidden(_)) => "not_allowed",
            Problem::Auth(Error::InvalidToken(_) | Error::SeveralCredentials) => "invalid_token",
            Problem::Auth(Error::InvalidEvent(_)) => "invalid_event",
            Problem::Auth(Error::InvalidLogoutToken(_)) => "invalid_logout_token",
            _ => return,
        };
        let client = address.map_or(Client::Unknown, |ClientAddress(address)| Client::Address(address));
        self.0.count(client, reason);
    }
}

impl Counts {
    fn count(&self, client: Client, reason: &'static str) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_known = counts.contains_key(&(client, reason));
        let client = if is_known || counts.len() < MAX_ADDRESSES { client } else { Client::Other };
        *counts.entry((client, reason)).or_default() += 1;
    }

    fn log(&self) {
        let counts = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        for ((client, reason), count) in counts {
            let client = match client {
                Client::Address(address) => Some(display(address.to_string())),
                Client::Unknown => None,
                Client::Other => Some(display("other".to_owned())),
            };
            tracing::warn!(target: AUDIT_TARGET, event = "refused", outcome = "failure", reason, client, count);
        }
    }
}

impl Drop for Counts {
    /// Nothing is lost when the process ends.
    fn drop(&mut self) {
        self.log();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(number: u32) -> Client {
        Client::Address(IpAddr::from(number.to_be_bytes()))
    }

    #[test]
    fn a_flood_from_many_addresses_is_a_bounded_number_of_lines() {
        let counts = Counts::default();
        for number in 0..5_000 {
            counts.count(address(number), "cross_site");
        }
        let counted = counts.0.lock().unwrap().clone();
        assert_eq!(counted.len(), MAX_ADDRESSES + 1);
        assert_eq!(counted[&(Client::Other, "cross_site")], 4_000);
        assert_eq!(counted.values().sum::<u64>(), 5_000);
    }

    #[test]
    fn each_address_is_counted_for_itself() {
        let refusals = Refusals::default();
        let client = |number: u32| Some(ClientAddress(IpAddr::from(number.to_be_bytes())));
        for number in [1, 2, 1] {
            refusals.count(&Problem::OtherSite, client(number));
        }
        refusals.count(&Problem::TooManyRequests(Duration::ZERO), None);
        refusals.count(&Problem::NotFound, client(1));
        let counted = refusals.0.0.lock().unwrap().clone();
        assert_eq!(counted[&(address(1), "cross_site")], 2);
        assert_eq!(counted[&(address(2), "cross_site")], 1);
        assert_eq!(counted[&(Client::Unknown, "rate_limited")], 1);
        assert_eq!(counted.len(), 3);
    }
}
