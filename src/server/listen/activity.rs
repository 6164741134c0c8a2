//! `Connection`: what one open connection waits for, and for how long, as its socket, its requests and its responses
//! report it. From that `places` chooses which connection is closed when there are too many.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

/// A client that has kept the server waiting for less than this may only be slow, or its request be on the way.
const SHORT_WAIT: Duration = Duration::from_millis(500);

/// An open connection.
#[derive(Debug)]
pub(super) struct Connection {
    activity: Mutex<Activity>,
    told_to_close: Notify,
}

#[derive(Debug)]
struct Activity {
    waits_for: WaitsFor,
    since: Instant,
    /// The response has been handed to hyper, which may not have sent all of it.
    has_response: bool,
    is_told_to_close: bool,
}

/// What a connection waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum WaitsFor {
    /// The next request, of which nothing has come.
    Request,
    /// The rest of a request's head.
    Head,
    /// The server: a handler is at work, or the system takes the response as fast as it comes.
    Server,
    /// More of a request's body, for which a handler waits.
    Body,
    /// The client, to take more of a response.
    Reader,
}

/// How a connection is to be closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Closing {
    /// When it has responded to the request that it may have received meanwhile.
    Gracefully,
    /// At once: its client keeps it waiting in the middle of a request or response.
    AtOnce,
}

/// The order in which connections are closed when there are too many; within each, the longest wait first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    /// Idle: its client loses nothing.
    Idle,
    /// In the middle of a request or response that its client does not go on with.
    Stalled,
    /// One that was opened or used only just now.
    New,
}

impl Connection {
    /// A connection that has just been accepted.
    pub(super) fn accepted(now: Instant) -> Self {
        let activity =
            Activity { waits_for: WaitsFor::Request, since: now, has_response: false, is_told_to_close: false };
        Self { activity: Mutex::new(activity), told_to_close: Notify::new() }
    }

    fn activity(&self) -> MutexGuard<'_, Activity> {
        self.activity.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Bytes have arrived.
    pub(super) fn has_received(&self) {
        let mut activity = self.activity();
        if activity.waits_for == WaitsFor::Request {
            activity.begin(WaitsFor::Head);
        }
    }

    /// The head of a request is complete.
    pub(super) fn has_request(&self) {
        let mut activity = self.activity();
        activity.has_response = false;
        // If it was told to close, it does so after this request, whose client may have to be told again.
        activity.is_told_to_close = false;
        // A client that sends its next request without taking the last response still keeps it waiting.
        if activity.waits_for != WaitsFor::Reader {
            activity.waits_for = WaitsFor::Server;
        }
    }

    /// A handler waits for more of the request's body.
    pub(super) fn wants_body(&self) {
        self.waits_for_client_in(WaitsFor::Body);
    }

    /// A handler has all of the request's body that it wants.
    pub(super) fn has_body(&self) {
        let mut activity = self.activity();
        if activity.waits_for == WaitsFor::Body {
            activity.waits_for = WaitsFor::Server;
        }
    }

    /// The system takes no more of the response until the client does. The wait lasts until all of it is taken: a
    /// client that takes a little now and then is waited for all the same.
    pub(super) fn wants_reader(&self) {
        self.waits_for_client_in(WaitsFor::Reader);
    }

    fn waits_for_client_in(&self, wait: WaitsFor) {
        let mut activity = self.activity();
        if activity.waits_for == WaitsFor::Server {
            activity.begin(wait);
        }
    }

    /// The whole response has been handed to hyper.
    pub(super) fn has_response(&self) {
        self.activity().has_response = true;
    }

    /// The system has taken everything that hyper had to send.
    pub(super) fn has_sent(&self) {
        let mut activity = self.activity();
        if activity.has_response {
            activity.has_response = false;
            activity.begin(WaitsFor::Request);
        } else if activity.waits_for == WaitsFor::Reader {
            activity.waits_for = WaitsFor::Server;
        }
    }

    /// When, among others, it would be closed: `None` as long as it waits for the server, or has been told already.
    pub(super) fn rank(&self, now: Instant) -> Option<(Rank, Instant)> {
        let activity = self.activity();
        let is_new = now.saturating_duration_since(activity.since) < SHORT_WAIT;
        let rank = match activity.waits_for {
            _ if activity.is_told_to_close => return None,
            WaitsFor::Server => return None,
            WaitsFor::Body | WaitsFor::Reader if is_new => return None,
            WaitsFor::Request | WaitsFor::Head if is_new => Rank::New,
            WaitsFor::Request => Rank::Idle,
            WaitsFor::Head | WaitsFor::Body | WaitsFor::Reader => Rank::Stalled,
        };
        Some((rank, activity.since))
    }

    /// Whether it has been told to close, and will at once. (One with a request responds first, and counts as any
    /// other.)
    pub(super) fn is_told_to_close(&self) -> bool {
        self.activity().is_told_to_close
    }

    /// Tells it to close.
    pub(super) fn tell_to_close(&self) {
        self.activity().is_told_to_close = true;
        self.told_to_close.notify_one();
    }

    /// Completes when it is told to close, and says how.
    pub(super) async fn told_to_close(&self) -> Closing {
        self.told_to_close.notified().await;
        let mut activity = self.activity();
        match activity.waits_for {
            WaitsFor::Request => Closing::Gracefully,
            WaitsFor::Server => {
                activity.is_told_to_close = false;
                Closing::Gracefully
            }
            WaitsFor::Head | WaitsFor::Body | WaitsFor::Reader => Closing::AtOnce,
        }
    }
}

impl Activity {
    fn begin(&mut self, wait: WaitsFor) {
        (self.waits_for, self.since) = (wait, Instant::now());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LATER: Duration = Duration::from_secs(5);

    fn connection() -> Connection {
        Connection::accepted(Instant::now())
    }

    fn rank_at(connection: &Connection, now: Instant) -> Option<Rank> {
        connection.rank(now).map(|(rank, _)| rank)
    }

    #[tokio::test]
    async fn an_idle_connection_is_closed_gracefully_and_half_a_head_is_dropped() {
        let (now, connection) = (Instant::now(), connection());
        assert_eq!(rank_at(&connection, now), Some(Rank::New));
        assert_eq!(rank_at(&connection, now + LATER), Some(Rank::Idle));
        connection.tell_to_close();
        assert_eq!(rank_at(&connection, now + LATER), None, "it is not told twice");
        assert_eq!(connection.told_to_close().await, Closing::Gracefully);
        assert!(connection.is_told_to_close(), "until it has closed");
        let connection = self::connection();
        connection.has_received();
        assert_eq!(rank_at(&connection, now + LATER), Some(Rank::Stalled));
        connection.tell_to_close();
        assert_eq!(connection.told_to_close().await, Closing::AtOnce);
    }

    #[tokio::test]
    async fn a_request_that_is_handled_is_not_chosen_and_not_lost() {
        let (now, connection) = (Instant::now(), connection());
        connection.tell_to_close();
        connection.has_received();
        connection.has_request();
        assert!(!connection.is_told_to_close());
        assert_eq!(connection.told_to_close().await, Closing::Gracefully);
        assert_eq!(rank_at(&connection, now + LATER), None);
        connection.has_sent();
        assert_eq!(rank_at(&connection, now + LATER), None, "there was nothing to send yet");
        connection.has_response();
        connection.has_sent();
        assert_eq!(rank_at(&connection, now + LATER), Some(Rank::Idle));
    }

    #[test]
    fn a_reader_is_waited_for_until_it_has_taken_all() {
        let (now, connection) = (Instant::now(), connection());
        connection.has_request();
        connection.wants_reader();
        connection.has_response();
        let (rank, since) = connection.rank(now + LATER).unwrap();
        assert_eq!(rank, Rank::Stalled);
        // The next request of a client that has not taken the last response changes nothing.
        connection.has_request();
        connection.wants_reader();
        assert_eq!(connection.rank(now + LATER), Some((Rank::Stalled, since)));
        connection.has_sent();
        assert_eq!(rank_at(&connection, now + LATER), None);
    }

    #[test]
    fn a_body_is_waited_for_until_the_handler_has_it() {
        let (now, connection) = (Instant::now(), connection());
        connection.has_request();
        connection.wants_body();
        assert_eq!(rank_at(&connection, Instant::now()), None, "it may be on the way");
        assert_eq!(rank_at(&connection, now + LATER), Some(Rank::Stalled));
        connection.has_sent();
        assert_eq!(rank_at(&connection, now + LATER), Some(Rank::Stalled));
        connection.has_body();
        assert_eq!(rank_at(&connection, now + LATER), None);
    }
}
