//! The session store: where it is, under which names, and whether requests to it may go without verified TLS.
//! Stores are opened in `sessions`.

use std::net::IpAddr;

use redis::ConnectionAddr;
use sqlx::postgres::PgSslMode;

use super::settings::Settings;
use crate::sessions::{Namespace, StoreUrl};

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

/// A connection on which another server could take the place of the one that was meant.
struct WeakConnection {
    host: String,
    weakness: Weakness,
    /// How to change `SESSION_STORE_URL`.
    remedy: &'static str,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Weakness {
    /// Without TLS, or with TLS that accepts any certificate.
    Unverified,
    /// The certificate is verified, but not that it is for this host.
    AnyHost,
}

/// Reports a store at a public address without verified TLS, unless `SESSION_STORE_UNVERIFIED` allows it. Returns a
/// warning where the connection is weaker than it could be, although it is allowed.
///
/// A host name counts as the farthest of the addresses that it has when the program starts.
pub(super) fn warning(settings: &mut Settings<'_>, url: &StoreUrl) -> Option<String> {
    let is_allowed = may_be_unverified(settings);
    let WeakConnection { host, weakness, remedy } = weak_connection(url)?;
    let farthest = match settings.resolve(&host) {
        Ok(addresses) => addresses.into_iter().max_by_key(|address| Reach::of(*address)),
        Err(_) if is_allowed || weakness == Weakness::AnyHost => None,
        Err(error) => {
            settings.problem(format!(
                "SESSION_STORE_URL names the host {host:?}, whose address cannot be found ({error}): check the name."
            ));
            return None;
        }
    };
    match (farthest.map_or(Reach::Public, Reach::of), weakness) {
        (Reach::ThisMachine, _) => None,
        (_, Weakness::AnyHost) => Some(format!(
            "the session store {url} is used with sslmode=verify-ca, which accepts a certificate for any host from any authority that this machine trusts: {remedy}"
        )),
        (Reach::PrivateNetwork, Weakness::Unverified) => Some(format!(
            "the session store {url} is used without verified TLS, so everybody who controls a part of the private network in between can read and change sessions: {remedy}"
        )),
        (Reach::Public, Weakness::Unverified) if is_allowed => Some(format!(
            "the session store {url} is used without verified TLS, as SESSION_STORE_UNVERIFIED=allow says, so everybody who controls a part of the network in between can read and change sessions: {remedy}"
        )),
        (Reach::Public, Weakness::Unverified) => {
            let at = farthest.map_or_else(String::new, |address| format!(" ({address})"));
            settings.problem(format!(
                "SESSION_STORE_URL leads to a public address{at} without verified TLS, so everybody who controls a part of the network in between could read and change sessions: {remedy}, or set SESSION_STORE_UNVERIFIED=allow where something else protects the connection."
            ));
            None
        }
    }
}

fn may_be_unverified(settings: &mut Settings<'_>) -> bool {
    let Some(text) = settings.one_of(&["SESSION_STORE_UNVERIFIED"]) else { return false };
    let is_allowed = text.eq_ignore_ascii_case("allow");
    if !is_allowed {
        settings.problem(format!("SESSION_STORE_UNVERIFIED is {text:?}: write allow, or leave it unset."));
    }
    is_allowed
}

/// Returns `None` for a file, for a Unix socket, and where the server's certificate is verified.
fn weak_connection(url: &StoreUrl) -> Option<WeakConnection> {
    let (host, weakness, remedy) = match url {
        StoreUrl::Sqlite(_) => return None,
        StoreUrl::Redis(_, client) => match client.get_connection_info().addr() {
            ConnectionAddr::Tcp(host, _) => {
                (host.as_str(), Weakness::Unverified, "write rediss:// instead of redis://")
            }
            ConnectionAddr::TcpTls { host, insecure: true, .. } => {
                (host.as_str(), Weakness::Unverified, "remove #insecure from the URL")
            }
            _ => return None,
        },
        StoreUrl::Postgres(_, options) => {
            let host = options.get_host();
            if options.get_socket().is_some() || host.starts_with('/') {
                return None;
            }
            match options.get_ssl_mode() {
                PgSslMode::VerifyFull => return None,
                PgSslMode::VerifyCa => (host, Weakness::AnyHost, "write sslmode=verify-full"),
                PgSslMode::Require => {
                    (host, Weakness::Unverified, "write sslmode=verify-full (require accepts any certificate)")
                }
                _ => (host, Weakness::Unverified, "add sslmode=verify-full to the URL"),
            }
        }
    };
    Some(WeakConnection { host: host.trim_matches(['[', ']']).to_owned(), weakness, remedy })
}
