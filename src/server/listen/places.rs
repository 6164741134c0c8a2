//! `Connections`: all open connections, the places for them, and which one is closed when there is no place left, or
//! when one address has too many. How many places there are follows from the limit in `descriptors`.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use tokio::time::timeout;

use super::activity::Connection;
use super::descriptors;
use crate::auth::{ClientAddress, TrustedProxies};

/// One address may hold an eighth of the places, within these bounds: an office behind one address has some hundred
/// connections at most, and the only loss above that is an idle one.
const SHARE_OF_AN_ADDRESS: usize = 8;
const FEWEST_OF_AN_ADDRESS: usize = 8;
const MOST_OF_AN_ADDRESS: usize = 256;
/// Finding the longest wait means looking at every connection, so one place in so many is freed ahead.
const FREED_AHEAD: usize = 64;
/// When the connections that were told to close have not, others are told to.
const PATIENCE: Duration = Duration::from_millis(20);
/// The limit on descriptors is read at most this often.
const MEASURE_INTERVAL: Duration = Duration::from_secs(1);
/// So long after descriptors were lacking, the limit alone decides again.
const LOWERED_FOR: Duration = Duration::from_secs(60);

/// The limit on connections of one address. Those of this machine and of trusted proxies have none: they stand for many
/// clients.
#[derive(Debug)]
pub(super) struct AddressCap {
    pub(super) trusted_proxies: TrustedProxies,
}

impl AddressCap {
    fn covers(&self, address: IpAddr) -> bool {
        !address.is_loopback() && !self.trusted_proxies.contains(address)
    }
}

/// All open connections.
#[derive(Debug)]
pub(super) struct Connections {
    open: Mutex<Open>,
    cap: Option<AddressCap>,
    one_has_ended: Notify,
}

#[derive(Debug)]
struct Open {
    /// By address, so that those of one address stand together.
    connections: BTreeMap<Key, Arc<Connection>>,
    next_number: u64,
    places: Places,
}

type Key = (IpAddr, u64);

/// How many connections there may be.
#[derive(Debug)]
struct Places {
    measure: fn() -> usize,
    measured: (usize, Instant),
    lowered: Option<(usize, Instant)>,
}

/// A connection's place, which is free again when this is dropped.
#[derive(Debug)]
pub(super) struct Place {
    connections: Arc<Connections>,
    key: Key,
    connection: Arc<Connection>,
}

/// Whether there is a place.
enum Admission {
    Admitted(Place),
    /// Not yet; connections have been told to close.
    Full,
    /// All connections of this address wait for the server, and there are too many.
    Refused,
}

impl Connections {
    /// No connection yet; `measure` returns how many there is room for.
    pub(super) fn new(measure: fn() -> usize, cap: Option<AddressCap>) -> Arc<Self> {
        let places = Places { measure, measured: (measure(), Instant::now()), lowered: None };
        tracing::debug!(places = places.measured.0, "room for connections");
        let open = Mutex::new(Open { connections: BTreeMap::new(), next_number: 0, places });
        Arc::new(Self { open, cap, one_has_ended: Notify::new() })
    }

    /// Waits for a place, and tells the connections to close that have kept the server waiting for the longest time.
    /// Returns `None` when the address has too many already, and all of them are busy.
    pub(super) async fn place_for(self: &Arc<Self>, peer: SocketAddr) -> Option<Place> {
        loop {
            let one_has_ended = self.one_has_ended.notified();
            match self.admit(peer, Instant::now()) {
                Admission::Admitted(place) => return Some(place),
                Admission::Refused => return None,
                // Nothing can be done about a place that does not become free, but to look again.
                Admission::Full => drop(timeout(PATIENCE, one_has_ended).await),
            }
        }
    }

    /// A place even if there is none left.
    pub(super) fn place_regardless(self: &Arc<Self>, peer: SocketAddr) -> Place {
        self.place(&mut self.open(), address_of(peer), Instant::now())
    }

    /// Descriptors are lacking although there are places: lowers their number and closes what is above. Completes when
    /// a connection has ended, or after a short wait.
    pub(super) async fn make_room(&self) {
        let one_has_ended = self.one_has_ended.notified();
        self.lower(Instant::now());
        let _ = timeout(PATIENCE, one_has_ended).await;
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn admit(self: &Arc<Self>, peer: SocketAddr, now: Instant) -> Admission {
        let address = address_of(peer);
        let mut open = self.open();
        let count = open.connections.len();
        let places = open.places.for_one_more_than(count, now);
        if self.cap.as_ref().is_some_and(|cap| cap.covers(peer.ip().to_canonical())) {
            let own = || open.connections.range((address, 0)..=(address, u64::MAX)).map(|(_, connection)| connection);
            let most = (places / SHARE_OF_AN_ADDRESS).clamp(FEWEST_OF_AN_ADDRESS, MOST_OF_AN_ADDRESS);
            let remaining = own().filter(|connection| !connection.is_told_to_close()).count();
            let too_many = (remaining + 1).saturating_sub(most);
            if too_many > 0 && tell_longest_waiting(own(), too_many, now) == 0 {
                return Admission::Refused;
            }
        }
        if count >= places {
            let needed = open.still_needed_for(places);
            if needed > 0 {
                tell_longest_waiting(open.connections.values(), needed + places / FREED_AHEAD, now);
            }
            return Admission::Full;
        }
        Admission::Admitted(self.place(&mut open, address, now))
    }

    fn place(self: &Arc<Self>, open: &mut Open, address: IpAddr, now: Instant) -> Place {
        let key = (address, open.next_number);
        open.next_number += 1;
        let connection = Arc::new(Connection::accepted(now));
        open.connections.insert(key, Arc::clone(&connection));
        Place { connections: Arc::clone(self), key, connection }
    }

    fn lower(&self, now: Instant) {
        let mut open = self.open();
        let count = open.connections.len();
        let places = open.places.lower(count, now);
        tell_longest_waiting(open.connections.values(), open.still_needed_for(places), now);
    }
}

impl Open {
    /// How many more connections must end than have been told to, so that one of these places is free.
    fn still_needed_for(&self, places: usize) -> usize {
        let closing = self.connections.values().filter(|connection| connection.is_told_to_close()).count();
        (self.connections.len() + 1).saturating_sub(places + closing)
    }
}

/// Connections of one IPv6 network count together, as the rate limit counts them.
fn address_of(peer: SocketAddr) -> IpAddr {
    ClientAddress::by_network(peer.ip().to_canonical()).0
}

/// Tells so many to close that have kept the server waiting for the longest time. Returns how many were told.
fn tell_longest_waiting<'a>(
    connections: impl Iterator<Item = &'a Arc<Connection>>,
    number: usize,
    now: Instant,
) -> usize {
    let ranked = connections.filter_map(|connection| Some((connection.rank(now)?, connection)));
    let mut ranked: Vec<_> = ranked.collect();
    if ranked.len() > number {
        ranked.select_nth_unstable_by_key(number, |(rank, _)| *rank);
        ranked.truncate(number);
    }
    for (_, connection) in &ranked {
        connection.tell_to_close();
    }
    ranked.len()
}

impl Places {
    /// How many places there are. The limit is looked at only when they are taken.
    fn for_one_more_than(&mut self, connections: usize, now: Instant) -> usize {
        if connections >= self.number() && now.saturating_duration_since(self.measured.1) >= MEASURE_INTERVAL {
            self.measured = ((self.measure)(), now);
            self.lowered = self.lowered.filter(|(_, at)| now.saturating_duration_since(*at) < LOWERED_FOR);
        }
        self.number()
    }

    fn number(&self) -> usize {
        self.lowered.map_or(self.measured.0, |(lowered, _)| lowered.min(self.measured.0))
    }

    /// Fewer than there are connections.
    fn lower(&mut self, connections: usize, now: Instant) -> usize {
        let before = self.number();
        self.measured = ((self.measure)(), now);
        self.lowered = Some((descriptors::room_below(connections), now));
        let places = self.number();
        if places != before {
            tracing::warn!(connections, places, "no file descriptor was free for a connection: idle ones are closed");
        }
        places
    }
}

impl Place {
    /// The connection that has the place.
    pub(super) fn connection(&self) -> &Arc<Connection> {
        &self.connection
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.connections.open().connections.remove(&self.key);
        self.connections.one_has_ended.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::listen::activity::Closing;

    const LATER: Duration = Duration::from_secs(5);

    /// A connection from this address.
    fn peer(address: &str) -> SocketAddr {
        SocketAddr::new(address.parse().unwrap(), 40_000)
    }

    fn capped(room: fn() -> usize) -> Arc<Connections> {
        Connections::new(room, Some(AddressCap { trusted_proxies: "10.0.0.0/8".parse().unwrap() }))
    }

    /// Connections that were opened one after the other, in this order.
    fn opened(connections: &Arc<Connections>, addresses: &[&str]) -> Vec<Place> {
        let begin = Instant::now();
        let open = |(number, address): (u32, &&str)| {
            let place = connections.admit(peer(address), begin + Duration::from_millis(1) * number);
            let Admission::Admitted(place) = place else { panic!("{address} got no place") };
            place
        };
        (0..).zip(addresses).map(open).collect()
    }

    fn told(places: &[Place]) -> Vec<usize> {
        let told = places.iter().enumerate().filter(|(_, place)| place.connection().is_told_to_close());
        told.map(|(number, _)| number).collect()
    }

    #[test]
    fn the_longest_idle_connection_is_closed_when_there_is_no_place() {
        let connections = Connections::new(|| 3, None);
        let mut places = opened(&connections, &["192.0.2.1", "192.0.2.2", "192.0.2.3"]);
        places[0].connection().has_request();
        let now = Instant::now() + LATER;
        for _ in 0..2 {
            assert!(matches!(connections.admit(peer("192.0.2.4"), now), Admission::Full));
            assert_eq!(told(&places), [1], "one is enough");
        }
        places.remove(1);
        assert!(matches!(connections.admit(peer("192.0.2.4"), now), Admission::Admitted(_)));
    }

    #[test]
    fn who_is_in_the_middle_of_something_is_closed_after_all_idle_connections() {
        let connections = Connections::new(|| 2, None);
        let places = opened(&connections, &["192.0.2.1", "192.0.2.2"]);
        places[0].connection().has_received();
        let now = Instant::now() + LATER;
        let _ = connections.admit(peer("192.0.2.3"), now);
        assert_eq!(told(&places), [1]);
        places[1].connection().has_request();
        connections.open().places.measure = || 1;
        let _ = connections.admit(peer("192.0.2.3"), now + LATER);
        assert_eq!(told(&places), [0]);
    }

    #[tokio::test]
    async fn one_that_was_told_and_is_busy_makes_way_for_no_one() {
        let connections = Connections::new(|| 2, None);
        let places = opened(&connections, &["192.0.2.1", "192.0.2.2"]);
        let _ = connections.admit(peer("192.0.2.3"), Instant::now() + LATER);
        places[0].connection().has_request();
        assert_eq!(places[0].connection().told_to_close().await, Closing::Gracefully);
        let _ = connections.admit(peer("192.0.2.3"), Instant::now() + LATER);
        assert_eq!(told(&places), [1]);
    }

    #[test]
    fn an_address_has_a_share_and_closes_its_own() {
        let connections = capped(|| 100);
        let mut addresses = vec!["198.51.100.1"];
        addresses.extend(["192.0.2.1"; 12]);
        let places = opened(&connections, &addresses);
        let now = Instant::now() + LATER;
        let mut newcomers = Vec::new();
        for round in 1..=3 {
            newcomers.push(connections.admit(peer("192.0.2.1"), now));
            assert!(matches!(newcomers.last(), Some(Admission::Admitted(_))));
            assert_eq!(told(&places), (1..=round).collect::<Vec<_>>(), "the longest idle of its own");
        }
        assert!(matches!(connections.admit(peer("198.51.100.1"), now), Admission::Admitted(_)));
        assert_eq!(told(&places).len(), 3);
    }

    /// One that has heard it takes a moment to close; meanwhile, it is not told a second time in place of another.
    #[tokio::test]
    async fn one_that_is_closing_counts_no_more() {
        let connections = capped(|| 100);
        let places = opened(&connections, &["192.0.2.1"; 12]);
        let now = Instant::now() + LATER;
        let first = connections.admit(peer("192.0.2.1"), now);
        places[0].connection().told_to_close().await;
        let second = connections.admit(peer("192.0.2.1"), now);
        assert_eq!(told(&places), [0, 1]);
        assert!(matches!((first, second), (Admission::Admitted(_), Admission::Admitted(_))));
    }

    #[test]
    fn an_address_whose_connections_are_all_busy_gets_no_more() {
        let connections = capped(|| 100);
        let places = opened(&connections, &["192.0.2.1"; 12]);
        places.iter().for_each(|place| place.connection().has_request());
        let now = Instant::now() + LATER;
        assert!(matches!(connections.admit(peer("192.0.2.1"), now), Admission::Refused));
        assert!(matches!(connections.admit(peer("::ffff:192.0.2.1"), now), Admission::Refused));
        assert!(matches!(connections.admit(peer("192.0.2.2"), now), Admission::Admitted(_)));
    }

    #[test]
    fn an_ipv6_network_counts_as_one_address() {
        let connections = capped(|| 100);
        let places = opened(&connections, &["2001:db8::1"; 12]);
        let _ = connections.admit(peer("2001:db8::2"), Instant::now() + LATER);
        assert_eq!(told(&places), [0]);
    }

    #[test]
    fn this_machine_and_trusted_proxies_have_no_share_and_nobody_has_without_a_limit() {
        for (connections, addresses) in [
            (capped(|| 100), ["127.0.0.1", "::1", "::ffff:127.0.0.1", "10.1.2.3", "::ffff:10.1.2.3"]),
            (Connections::new(|| 100, None), ["192.0.2.1"; 5]),
        ] {
            for address in addresses {
                assert_eq!(told(&opened(&connections, &[address; 90])), Vec::<usize>::new(), "{address}");
            }
        }
    }

    #[test]
    fn a_lack_of_descriptors_closes_idle_connections_and_lowers_the_places_for_a_minute() {
        let connections = Connections::new(|| 100, None);
        let mut places = opened(&connections, &["192.0.2.1"; 40]);
        let now = Instant::now() + LATER;
        connections.lower(now);
        assert_eq!(told(&places), (0..7).collect::<Vec<_>>(), "an eighth, and one for the connection that waits");
        places.drain(..7);
        let before = connections.open().connections.len();
        let newcomers: Vec<_> = std::iter::from_fn(|| match connections.admit(peer("192.0.2.2"), now) {
            Admission::Admitted(place) => Some(place),
            _ => None,
        })
        .collect();
        assert_eq!((before, newcomers.len()), (33, 1));
        let much_later = now + LOWERED_FOR + LATER;
        assert!(matches!(connections.admit(peer("192.0.2.2"), much_later), Admission::Admitted(_)));
    }

    #[test]
    fn the_limit_counts_as_it_is_now() {
        let connections = Connections::new(|| 4, None);
        let places = opened(&connections, &["192.0.2.1"; 4]);
        let now = Instant::now() + LATER;
        connections.open().places.measure = || 2;
        assert!(matches!(connections.admit(peer("192.0.2.1"), now), Admission::Full));
        assert_eq!(told(&places), [0, 1, 2]);
        connections.open().places.measure = || 5;
        assert!(matches!(connections.admit(peer("192.0.2.1"), now + LATER), Admission::Admitted(_)));
    }

    #[tokio::test]
    async fn who_waits_for_a_place_gets_the_first_that_is_free() {
        let connections = Connections::new(|| 1, None);
        let mut places = opened(&connections, &["192.0.2.1"]);
        let waiting = tokio::spawn({
            let connections = Arc::clone(&connections);
            async move { connections.place_for(peer("192.0.2.2")).await }
        });
        places[0].connection().told_to_close().await;
        places.clear();
        assert!(waiting.await.unwrap().is_some());
    }
}
