//! `SignInSlots`: limits how many sign-ins wait for the issuer at the same time, in all and from one address. Each slot
//! covers all requests of one sign-in, or those of one user on the way to the portal. Documents of the issuer need no
//! slot, because each is fetched once for all.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::outbound::OutboundError;

/// Beyond this many sign-ins a further one is refused at once: a slow issuer must not make the app wait.
const MAX_SIGN_INS: usize = 64;
/// One client address holds at most so many, so that one client cannot keep all others from signing in.
const MAX_OF_ONE_ADDRESS: usize = MAX_SIGN_INS / 2;

/// The slots of one issuer. Cheap to clone.
#[derive(Debug, Clone)]
pub(in crate::auth) struct SignInSlots {
    free: Arc<Semaphore>,
    held: Held,
}

/// How many slots each address holds.
type Held = Arc<Mutex<HashMap<IpAddr, usize>>>;

/// A slot, until dropped.
#[must_use]
pub(in crate::auth) struct SignInSlot {
    _permit: OwnedSemaphorePermit,
    _of_address: Option<OfAddress>,
}

struct OfAddress {
    address: IpAddr,
    held: Held,
}

impl Default for SignInSlots {
    fn default() -> Self {
        Self { free: Arc::new(Semaphore::new(MAX_SIGN_INS)), held: Held::default() }
    }
}

impl SignInSlots {
    /// Takes a slot for a client at this address; where it is not known, only the total counts.
    ///
    /// # Errors
    /// [`OutboundError::Busy`] (503) when no slot is free.
    pub(in crate::auth) fn take(&self, address: Option<IpAddr>) -> Result<SignInSlot, OutboundError> {
        let permit = Arc::clone(&self.free).try_acquire_owned().map_err(|_| OutboundError::Busy)?;
        let of_address = address.map(|address| OfAddress::take(address, &self.held)).transpose()?;
        Ok(SignInSlot { _permit: permit, _of_address: of_address })
    }
}

impl OfAddress {
    fn take(address: IpAddr, held: &Held) -> Result<Self, OutboundError> {
        let mut counts = lock(held);
        let count = counts.entry(address).or_default();
        if *count >= MAX_OF_ONE_ADDRESS {
            return Err(OutboundError::Busy);
        }
        *count += 1;
        Ok(Self { address, held: Arc::clone(held) })
    }
}

impl Drop for OfAddress {
    fn drop(&mut self) {
        let mut counts = lock(&self.held);
        if let Some(count) = counts.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.address);
            }
        }
    }
}

fn lock(held: &Held) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
    // Each change is one number: a panic elsewhere cannot leave it half-written.
    held.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(last: u8) -> Option<IpAddr> {
        Some(IpAddr::from([192, 0, 2, last]))
    }

    #[test]
    fn one_address_holds_at_most_half_of_the_slots() {
        let slots = SignInSlots::default();
        let mut taken: Vec<_> = (0..MAX_OF_ONE_ADDRESS).map(|_| slots.take(address(1)).unwrap()).collect();
        assert!(slots.take(address(1)).is_err());
        taken.extend((0..MAX_OF_ONE_ADDRESS).map(|_| slots.take(address(2)).unwrap()));
        assert!(slots.take(address(3)).is_err(), "all are taken");
        taken.clear();
        assert!(slots.take(address(1)).is_ok());
        assert!(lock(&slots.held).len() <= 1, "addresses without a slot are forgotten");
    }

    #[test]
    fn clients_without_a_known_address_share_all_slots() {
        let slots = SignInSlots::default();
        let taken: Vec<_> = (0..MAX_SIGN_INS).map(|_| slots.take(None).unwrap()).collect();
        assert!(slots.take(None).is_err());
        drop(taken);
        assert!(slots.take(None).is_ok());
    }
}
