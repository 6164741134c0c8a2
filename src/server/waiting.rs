//! `Waiting`: how many requests may wait at the same time for the session store, the issuer or the rest of a body. The
//! next ones are refused at once, so that a store or an issuer that is slow makes no queue without an end.

use axum::body::HttpBody;
use axum::extract::Request;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::audience::Audience;

/// A request that need not wait holds its place for less than a millisecond, so these are the ones that do.
pub(super) const MOST_WAITING: usize = 1_000;

/// The places of a process.
#[derive(Debug)]
pub(super) struct Waiting {
    with_whole_request: Semaphore,
    /// Apart, so that clients which send their bodies slowly take no places from others.
    with_body_to_come: Semaphore,
}

/// A place, until it is dropped.
#[derive(Debug)]
pub(super) struct Place<'a> {
    _permit: Option<SemaphorePermit<'a>>,
}

impl Waiting {
    /// As many places for whole requests, and as many again for requests whose body has not arrived.
    pub(super) fn new(places: usize) -> Self {
        Self { with_whole_request: Semaphore::new(places), with_body_to_come: Semaphore::new(places) }
    }

    /// A place for a request; `None` when all are taken. Health needs none: a supervisor must not take a process for
    /// dead because it is busy.
    pub(super) fn place_for(&self, audience: Audience, request: &Request) -> Option<Place<'_>> {
        if audience == Audience::Operators {
            return Some(Place { _permit: None });
        }
        let is_whole = request.body().is_end_stream();
        let places = if is_whole { &self.with_whole_request } else { &self.with_body_to_come };
        Some(Place { _permit: Some(places.try_acquire().ok()?) })
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    fn request(body: Body) -> Request {
        Request::new(body)
    }

    #[test]
    fn a_request_beyond_the_places_is_refused_until_one_is_free() {
        let waiting = Waiting::new(2);
        let place = || waiting.place_for(Audience::Browsers, &request(Body::empty()));
        let (first, second) = (place(), place());
        assert!(first.is_some() && second.is_some() && place().is_none());
        drop(first);
        assert!(place().is_some());
    }

    #[test]
    fn bodies_that_are_to_come_take_no_places_of_whole_requests() {
        let waiting = Waiting::new(1);
        let with_body = || waiting.place_for(Audience::Issuer, &request(Body::from("x")));
        let _place = with_body().expect("all places are free");
        assert!(with_body().is_none());
        assert!(waiting.place_for(Audience::Issuer, &request(Body::empty())).is_some());
    }

    #[test]
    fn health_needs_no_place() {
        let waiting = Waiting::new(0);
        assert!(waiting.place_for(Audience::Operators, &request(Body::empty())).is_some());
        assert!(waiting.place_for(Audience::Programs, &request(Body::empty())).is_none());
    }
}
