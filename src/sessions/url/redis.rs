//! The URLs of Redis: of one server, of Sentinels that name it, and of a cluster.

use redis::sentinel::{SentinelClient, SentinelClientBuilder, SentinelServerType};
use redis::{Client, ConnectionAddr, ConnectionInfo, IntoConnectionInfo, RedisConnectionInfo, RedisResult, TlsMode};

use super::hosts::Parts;
use super::{Protection, StoreAddress, StoreUrlError};

const SENTINEL_PORT: u16 = 26379;

/// What a Redis URL names.
#[derive(Clone)]
pub(in crate::sessions) enum RedisServers {
    One(Box<Client>),
    Sentinels(Box<Sentinels>),
    /// Some of a cluster's servers; they know the others.
    Cluster(Vec<ConnectionInfo>),
}

/// Sentinels, and how to sign in at them and at the servers that they name.
#[derive(Clone)]
pub(in crate::sessions) struct Sentinels {
    addresses: Vec<ConnectionAddr>,
    /// The name of the primary with its replicas, as in `sentinel monitor NAME`.
    service: String,
    /// At the servers.
    redis: RedisConnectionInfo,
    sentinel_user: Option<String>,
    sentinel_password: Option<String>,
}

impl RedisServers {
    pub(super) fn parse(text: &str) -> Result<Self, StoreUrlError> {
        let parts = Parts::of(text);
        match text.split_once(':').map(|(scheme, _)| scheme) {
            Some("redis+cluster") => cluster(parts.ok_or(StoreUrlError::Cluster)?, "redis"),
            Some("rediss+cluster") => cluster(parts.ok_or(StoreUrlError::Cluster)?, "rediss"),
            Some("redis+sentinel") => sentinels(parts.ok_or(StoreUrlError::Sentinel)?, "redis"),
            Some("rediss+sentinel") => sentinels(parts.ok_or(StoreUrlError::Sentinel)?, "rediss"),
            _ => one(text, parts.ok_or(StoreUrlError::Redis)?),
        }
    }

    pub(super) fn addresses(&self) -> Vec<StoreAddress> {
        match self {
            Self::One(client) => store_address(client.get_connection_info().addr()).into_iter().collect(),
            Self::Sentinels(sentinels) => sentinels.addresses.iter().filter_map(store_address).collect(),
            Self::Cluster(nodes) => nodes.iter().filter_map(|node| store_address(node.addr())).collect(),
        }
    }
}

impl Sentinels {
    #[cfg(test)]
    pub(super) fn ports(&self) -> Vec<u16> {
        let port = |address: &ConnectionAddr| match address {
            ConnectionAddr::Tcp(_, port) | ConnectionAddr::TcpTls { port, .. } => *port,
            _ => 0,
        };
        self.addresses.iter().map(port).collect()
    }

    /// A client that asks these Sentinels.
    ///
    /// # Errors
    /// When the driver cannot use the addresses.
    pub(in crate::sessions) fn client(&self) -> RedisResult<SentinelClient> {
        let addresses = self.addresses.iter().cloned();
        let mut builder = SentinelClientBuilder::new(addresses, &self.service, SentinelServerType::Master)?
            .set_client_to_redis_db(self.redis.db());
        if let Some(user) = self.redis.username() {
            builder = builder.set_client_to_redis_username(user);
        }
        if let Some(password) = self.redis.password() {
            builder = builder.set_client_to_redis_password(password);
        }
        if let Some(user) = &self.sentinel_user {
            builder = builder.set_client_to_sentinel_username(user);
        }
        if let Some(password) = &self.sentinel_password {
            builder = builder.set_client_to_sentinel_password(password);
        }
        match self.addresses.first() {
            Some(ConnectionAddr::TcpTls { insecure: true, .. }) => {
                builder = builder.set_client_to_redis_tls_mode(TlsMode::Insecure);
            }
            Some(ConnectionAddr::TcpTls { .. }) => builder = builder.set_client_to_redis_tls_mode(TlsMode::Secure),
            _ => {}
        }
        builder.build()
    }
}

fn one(text: &str, parts: Parts<'_>) -> Result<RedisServers, StoreUrlError> {
    if parts.hosts().count() > 1 {
        return Err(StoreUrlError::SeveralRedisHosts);
    }
    let client = Client::open(text).map_err(|_| StoreUrlError::Redis)?;
    Ok(RedisServers::One(Box::new(client)))
}

fn cluster(parts: Parts<'_>, scheme: &str) -> Result<RedisServers, StoreUrlError> {
    if !matches!(parts.path, "" | "/" | "/0") {
        return Err(StoreUrlError::ClusterDatabase);
    }
    let nodes = connection_infos(&parts.urls(scheme, None, "", parts.query())).ok_or(StoreUrlError::Cluster)?;
    Ok(RedisServers::Cluster(nodes))
}

fn sentinels(parts: Parts<'_>, scheme: &str) -> Result<RedisServers, StoreUrlError> {
    let (mut service, mut sentinel_user, mut sentinel_password) = (None, None, None);
    for (name, value) in parts.parameters() {
        let place = match &*name {
            "service" => &mut service,
            "sentinel_user" => &mut sentinel_user,
            "sentinel_password" => &mut sentinel_password,
            _ => return Err(StoreUrlError::SentinelParameter),
        };
        *place = Some(value.into_owned()).filter(|value| !value.is_empty());
    }
    let service = service.ok_or(StoreUrlError::NoService)?;
    let urls = parts.urls(scheme, Some(SENTINEL_PORT), parts.path, "");
    let infos = connection_infos(&urls).ok_or(StoreUrlError::Sentinel)?;
    let redis = infos.first().ok_or(StoreUrlError::Sentinel)?.redis_settings().clone();
    let addresses = infos.iter().map(|info| info.addr().clone()).collect();
    let sentinels = Sentinels { addresses, service, redis, sentinel_user, sentinel_password };
    sentinels.client().map_err(|_| StoreUrlError::Sentinel)?;
    Ok(RedisServers::Sentinels(Box::new(sentinels)))
}

fn connection_infos(urls: &[String]) -> Option<Vec<ConnectionInfo>> {
    urls.iter().map(|url| url.as_str().into_connection_info().ok()).collect()
}

/// `None` for a Unix socket.
fn store_address(address: &ConnectionAddr) -> Option<StoreAddress> {
    let (host, protection) = match address {
        ConnectionAddr::Tcp(host, _) => (host, Protection::None),
        ConnectionAddr::TcpTls { host, insecure: true, .. } => (host, Protection::AnyCertificate),
        ConnectionAddr::TcpTls { host, .. } => (host, Protection::Verified),
        _ => return None,
    };
    Some(StoreAddress { host: host.trim_matches(['[', ']']).to_owned(), protection })
}
