//! The session store: where it is, under which names, and whether requests to it may go without verified TLS.
//! Stores are opened in `sessions`.

use std::net::IpAddr;

use super::settings::Settings;
use crate::sessions::{Namespace, Protection, StoreAddress, StoreUrl};

const DEFAULT_URL: &str = "sqlite:data/sessions.db";

pub(super) fn url(settings: &mut Settings<'_>) -> StoreUrl {
    let text = settings.secret(&["SESSION_STORE_URL"], "SESSION_STORE_URL_FILE", "the URL of the session store");
    StoreUrl::parse(text.as_deref().unwrap_or(DEFAULT_URL)).unwrap_or_else(|error| {
        settings.problem(format!("SESSION_STORE_URL {error}."));
        StoreUrl::Sqlite("sessions.db".into())
    })
}

pub(super) fn namespace(settings: &mut Settings<'_>) -> Namespace {
    let Some(text) = settings.one_of(&["SESSION_STORE_NAMESPACE"]) else { return Namespace::default() };
    Namespace::parse(&text).unwrap_or_else(|error| {
        settings.problem(format!("SESSION_STORE_NAMESPACE {error}."));
        Namespace::default()
    })
}

/// How far requests to an address travel, the nearest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Reach {
    /// They stay on this machine.
    ThisMachine,
    /// A private network (RFC 1918, RFC 4193) or the link.
    PrivateNetwork,
    /// Any other network.
    Public,
}

impl Reach {
    fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            address if address.is_loopback() => Self::ThisMachine,
            IpAddr::V4(address) if address.is_private() || address.is_link_local() => Self::PrivateNetwork,
            IpAddr::V6(address) if address.is_unique_local() || address.is_unicast_link_local() => Self::PrivateNetwork,
            _ => Self::Public,
        }
    }
}

/// Reports a store at a public address without verified TLS, unless `SESSION_STORE_UNVERIFIED` allows it. Returns a
/// warning where the connection is weaker than it could be, although it is allowed.
///
/// A host name counts as the farthest of the addresses that it has when the program starts, and several hosts count as
/// the farthest of them.
pub(super) fn warning(settings: &mut Settings<'_>, url: &StoreUrl) -> Option<String> {
    let is_allowed = may_be_unverified(settings);
    let addresses = url.addresses();
    // All servers of a URL are protected alike.
    let protection = addresses.first()?.protection;
    let is_accepted = is_allowed || protection == Protection::AnyHost;
    if protection == Protection::Verified {
        return None;
    }
    let farthest = farthest(settings, &addresses, is_accepted)?;
    let remedy = remedy(url, protection);
    match (farthest.map_or(Reach::Public, Reach::of), protection) {
        (Reach::ThisMachine, _) => None,
        (_, Protection::AnyHost) => Some(format!(
            "the session store {url} is used with sslmode=verify-ca, which accepts a certificate for any host from any authority that this machine trusts: {remedy}"
        )),
        (Reach::PrivateNetwork, _) => Some(format!(
            "the session store {url} is used without verified TLS, so everybody who controls a part of the private network in between can read and change sessions: {remedy}"
        )),
        (Reach::Public, _) if is_allowed => Some(format!(
            "the session store {url} is used without verified TLS, as SESSION_STORE_UNVERIFIED=allow says, so everybody who controls a part of the network in between can read and change sessions: {remedy}"
        )),
        (Reach::Public, _) => {
            let at = farthest.map_or_else(String::new, |address| format!(" ({address})"));
            settings.problem(format!(
                "SESSION_STORE_URL leads to a public address{at} without verified TLS, so everybody who controls a part of the network in between could read and change sessions: {remedy}, or set SESSION_STORE_UNVERIFIED=allow where something else protects the connection."
            ));
            None
        }
    }
}

/// The farthest of the servers' addresses; `Some(None)` if one is unknown and that is accepted, and `None` if that was
/// reported as a problem.
fn farthest(settings: &mut Settings<'_>, servers: &[StoreAddress], is_accepted: bool) -> Option<Option<IpAddr>> {
    let mut known = Vec::new();
    for StoreAddress { host, .. } in servers {
        match settings.resolve(host) {
            Ok(addresses) => known.extend(addresses),
            Err(_) if is_accepted => return Some(None),
            Err(error) => {
                settings.problem(format!(
                    "SESSION_STORE_URL names the host {host:?}, whose address cannot be found ({error}): check the name."
                ));
                return None;
            }
        }
    }
    Some(known.into_iter().max_by_key(|address| Reach::of(*address)))
}

fn may_be_unverified(settings: &mut Settings<'_>) -> bool {
    let Some(text) = settings.one_of(&["SESSION_STORE_UNVERIFIED"]) else { return false };
    let is_allowed = text.eq_ignore_ascii_case("allow");
    if !is_allowed {
        settings.problem(format!("SESSION_STORE_UNVERIFIED is {text:?}: write allow, or leave it unset."));
    }
    is_allowed
}

/// How to change `SESSION_STORE_URL` so that no other server can take the place of the one that is meant.
fn remedy(url: &StoreUrl, protection: Protection) -> &'static str {
    match (url, protection) {
        (StoreUrl::Postgres(_), Protection::AnyCertificate) => {
            "write sslmode=verify-full (require accepts any certificate)"
        }
        (StoreUrl::Postgres(_), Protection::AnyHost) => "write sslmode=verify-full",
        (StoreUrl::Postgres(_), _) => "add sslmode=verify-full to the URL",
        (_, Protection::AnyCertificate) => "remove #insecure from the URL",
        (_, _) => "write rediss:// instead of redis:// (or rediss+cluster://, rediss+sentinel://)",
    }
}
