//! The address of the client that sent a request, for limits and for the audit log: the peer's own, or the one that a
//! trusted proxy names. The limits themselves are in `client` and in the application.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use axum::extract::connect_info::ConnectInfo;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::HeaderName;
use ipnet::IpNet;
use url::Url;

use crate::auth::client::Client;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The address of a client, as a request extension that [`find_client_address`] adds. Where it is absent, no limit for one
/// address applies: it never names many clients, as that of the application's own proxy would.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

impl ClientAddress {
    /// The address that counts for limits: of IPv6 the /64, which is what a provider hands out.
    pub fn by_network(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(_) => Self(address),
            IpAddr::V6(address) => Self(Ipv6Addr::from(u128::from(address) & (u128::MAX << 64)).into()),
        }
    }
}

/// Proxies whose `X-Forwarded-For` is believed, as an application may believe other headers of theirs. Nobody else's is: anybody can send one. The default states nothing
/// about proxies: there may be one, but no header is believed. An empty list states that there is none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedProxies(Option<Vec<IpNet>>);

impl FromStr for TrustedProxies {
    type Err = String;

    /// Reads addresses and networks (`10.0.0.0/8`), separated by commas, or `none`. The error is the part that is
    /// neither.
    fn from_str(text: &str) -> Result<Self, String> {
        if text.trim().eq_ignore_ascii_case("none") {
            return Ok(Self(Some(Vec::new())));
        }
        let parts: Vec<&str> = text.split(',').map(str::trim).filter(|part| !part.is_empty()).collect();
        if parts.is_empty() {
            return Err(text.to_owned());
        }
        let networks = parts.into_iter().map(|part| network(part).ok_or_else(|| part.to_owned()));
        networks.collect::<Result<_, _>>().map(|networks| Self(Some(networks)))
    }
}

fn network(part: &str) -> Option<IpNet> {
    part.parse().ok().or_else(|| part.parse::<IpAddr>().ok().map(IpNet::from))
}

impl TrustedProxies {
    /// Whether all requests may arrive from the address of one proxy that nobody named. That is so on an https site
    /// where nothing is stated about proxies, because this program does not speak TLS itself.
    pub fn may_hide_clients(&self, site_url: &Url) -> bool {
        site_url.scheme() == "https" && self.0.is_none()
    }

    /// Whether this is the address of a trusted proxy.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.iter().flatten().any(|network| network.contains(&address.to_canonical()))
    }

    /// Whether a request comes straight from a trusted proxy. The server must provide axum's `ConnectInfo`.
    pub fn sent(&self, request: &Request) -> bool {
        // Where no proxy is trusted, nothing is looked up.
        self.0.as_ref().is_some_and(|networks| !networks.is_empty())
            && matches!(request.extensions().get(), Some(ConnectInfo::<SocketAddr>(peer)) if self.contains(peer.ip()))
    }

    /// The client's address, as far as it can be trusted: from the right of `X-Forwarded-For`, the first that is no
    /// trusted proxy itself. An IPv6 client counts by its /64, which is what a provider hands out.
    /// `None` without axum's `ConnectInfo`.
    pub fn client_of(&self, request: &Request) -> Option<IpAddr> {
        self.address_of(request).map(|address| ClientAddress::by_network(address).0)
    }

    fn address_of(&self, request: &Request) -> Option<IpAddr> {
        let ConnectInfo(peer) = request.extensions().get::<ConnectInfo<SocketAddr>>()?;
        let mut address = peer.ip();
        if !self.contains(address) {
            return Some(address.to_canonical());
        }
        let forwarded: Vec<&str> = request
            .headers()
            .get_all(X_FORWARDED_FOR)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .collect();
        for hop in forwarded.into_iter().rev() {
            let (true, Some(next)) = (self.contains(address), forwarded_address(hop.trim())) else { break };
            address = next;
        }
        Some(address.to_canonical())
    }
}

/// How requests of a site get their [`ClientAddress`]: the state of [`find_client_address`].
#[derive(Debug, Clone)]
pub struct ClientAddresses {
    trusted_proxies: TrustedProxies,
    /// Whether all addresses may be those of one proxy.
    may_be_hidden: bool,
}

impl ClientAddresses {
    /// The addresses of clients behind these proxies.
    pub fn new(client: &Client, trusted_proxies: TrustedProxies) -> Self {
        Self { may_be_hidden: trusted_proxies.may_hide_clients(&client.config().site_url), trusted_proxies }
    }

    /// Adds the client's [`ClientAddress`] to a request where it is known, as [`find_client_address`] does.
    pub fn find(&self, request: &mut Request) {
        let proxies = &self.trusted_proxies;
        let names_a_client = |address: &IpAddr| !address.is_loopback() && !proxies.contains(*address);
        let address = proxies.address_of(request).filter(names_a_client);
        if let Some(address) = address.filter(|_| !self.may_be_hidden) {
            request.extensions_mut().insert(ClientAddress::by_network(address));
        }
    }
}

/// A layer that adds the client's [`ClientAddress`] where it is known. An address of this machine or of a trusted proxy
/// names no client. The server must provide axum's `ConnectInfo`.
pub async fn find_client_address(
    State(addresses): State<ClientAddresses>,
    mut request: Request,
    next: Next,
) -> Response {
    addresses.find(&mut request);
    next.run(request).await
}

/// An address, with or without the port that some proxies add.
fn forwarded_address(hop: &str) -> Option<IpAddr> {
    hop.parse().ok().or_else(|| hop.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use http::HeaderValue;

    /// The proxies that a text names; the empty text states nothing.
    fn proxies(text: &str) -> TrustedProxies {
        if text.is_empty() { TrustedProxies::default() } else { text.parse().unwrap() }
    }

    fn client(trusted: &str, peer: &str, forwarded: &[&str]) -> String {
        let mut request = Request::new(Body::empty());
        request.extensions_mut().insert(ConnectInfo(SocketAddr::new(peer.parse().unwrap(), 1)));
        for value in forwarded {
            request.headers_mut().append(X_FORWARDED_FOR, value.parse().unwrap());
        }
        proxies(trusted).client_of(&request).unwrap().to_string()
    }

    #[test]
    fn a_strangers_header_is_not_believed() {
        assert_eq!(client("", "203.0.113.5", &["198.51.100.1"]), "203.0.113.5");
        assert_eq!(client("none", "203.0.113.5", &["198.51.100.1"]), "203.0.113.5");
        assert_eq!(client("10.0.0.0/8", "203.0.113.5", &["198.51.100.1"]), "203.0.113.5");
    }

    #[test]
    fn behind_trusted_proxies_the_last_untrusted_address_counts() {
        assert_eq!(client("10.0.0.1", "10.0.0.1", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(client("10.0.0.0/8", "10.0.0.1", &["1.2.3.4, 198.51.100.1, 10.9.9.9"]), "198.51.100.1");
        assert_eq!(client("10.0.0.0/8", "10.0.0.1", &["1.2.3.4", "198.51.100.1"]), "198.51.100.1");
        assert_eq!(client("10.0.0.1", "10.0.0.1", &["198.51.100.1:5678"]), "198.51.100.1");
        assert_eq!(client("10.0.0.0/8", "::ffff:10.0.0.1", &["198.51.100.1"]), "198.51.100.1");
    }

    #[test]
    fn a_request_is_a_trusted_proxys_only_when_it_comes_from_there() {
        let sent = |trusted: &str, peer: Option<&str>| {
            let mut request = Request::new(Body::empty());
            if let Some(peer) = peer {
                request.extensions_mut().insert(ConnectInfo(SocketAddr::new(peer.parse().unwrap(), 1)));
            }
            request.headers_mut().append(X_FORWARDED_FOR, HeaderValue::from_static("10.0.0.1"));
            proxies(trusted).sent(&request)
        };
        assert!(sent("10.0.0.0/8", Some("10.0.0.1")) && sent("10.0.0.0/8", Some("::ffff:10.0.0.1")));
        for trusted in ["", "none", "10.0.0.0/8"] {
            assert!(!sent(trusted, Some("203.0.113.5")) && !sent(trusted, None), "{trusted:?}");
        }
    }

    #[test]
    fn a_garbled_header_stops_at_the_proxy() {
        assert_eq!(client("10.0.0.1", "10.0.0.1", &["unknown"]), "10.0.0.1");
    }

    #[test]
    fn an_ipv6_client_counts_by_its_network() {
        assert_eq!(client("", "2001:db8:1:2:3:4:5:6", &[]), "2001:db8:1:2::");
    }

    #[test]
    fn what_is_no_address_is_named() {
        for (text, part) in [("10.0.0.1, nonsense", "nonsense"), ("none, 10.0.0.1", "none"), (",", ",")] {
            assert_eq!(text.parse::<TrustedProxies>(), Err(part.to_owned()));
        }
    }

    #[test]
    fn clients_may_be_hidden_only_on_an_https_site_that_states_nothing_about_proxies() {
        for (text, http, https) in [("", false, true), ("none", false, false), ("10.0.0.1", false, false)] {
            let hides = |site: &str| proxies(text).may_hide_clients(&Url::parse(site).unwrap());
            let found = (hides("http://localhost:8000"), hides("https://app.example.com"));
            assert_eq!(found, (http, https), "{text:?}");
        }
    }
}
