//! `Observers`: the observers that are informed when a record in the session file changes. They are not kept alive: one
//! that no longer exists is removed from the list.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use crate::auth::{ChangeObserver, Id};

/// The observers of one store, informed in the order in which they were added.
#[derive(Debug, Default)]
pub(super) struct Observers(Mutex<Vec<Weak<dyn ChangeObserver>>>);

impl Observers {
    pub(super) fn add(&self, observer: Weak<dyn ChangeObserver>) {
        // An observer is added whole: a panic elsewhere cannot leave the list half-written.
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(observer);
    }

    /// To be called after records were changed in the file, or may have been.
    pub(super) fn changed(&self, ids: &[Id]) {
        for observer in self.living() {
            ids.iter().for_each(|id| observer.changed(id));
        }
    }

    /// To be called after anything may have been changed in the file.
    pub(super) fn all_changed(&self) {
        self.living().iter().for_each(|observer| observer.all_changed());
    }

    /// Returns a list of its own, so that the lock is not held while an observer is informed, which may call the store.
    fn living(&self) -> Vec<Arc<dyn ChangeObserver>> {
        let mut observers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        observers.retain(|observer| observer.strong_count() > 0);
        observers.iter().filter_map(Weak::upgrade).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Remembers what it was informed of; `None` is everything.
    #[derive(Default)]
    struct Told(Mutex<Vec<Option<Id>>>);

    impl ChangeObserver for Told {
        fn changed(&self, id: &Id) {
            self.0.lock().unwrap().push(Some(*id));
        }

        fn all_changed(&self) {
            self.0.lock().unwrap().push(None);
        }
    }

    fn added(observers: &Observers) -> Arc<Told> {
        let told = Arc::new(Told::default());
        let observer: Arc<dyn ChangeObserver> = told.clone();
        observers.add(Arc::downgrade(&observer));
        told
    }

    #[test]
    fn every_observer_is_informed_of_every_change() {
        let observers = Observers::default();
        let both = [added(&observers), added(&observers)];
        observers.changed(&[Id(1), Id(2)]);
        observers.all_changed();
        for told in both {
            assert_eq!(*told.0.lock().unwrap(), [Some(Id(1)), Some(Id(2)), None]);
        }
    }

    #[test]
    fn an_observer_that_is_gone_is_forgotten() {
        let observers = Observers::default();
        let (gone, stays) = (added(&observers), added(&observers));
        drop(gone);
        observers.changed(&[Id(1)]);
        assert_eq!(observers.0.lock().unwrap().len(), 1);
        assert_eq!(*stays.0.lock().unwrap(), [Some(Id(1))]);
    }
}
