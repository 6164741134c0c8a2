//! `Servers`: where a store's commands go: to one server, which may change, or to those of a cluster. Each command is
//! about one key, so a cluster knows where it belongs.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use redis::{Cmd, FromRedisValue, Pipeline, RedisResult, Value, cmd};

use super::cluster::Cluster;
use super::connection::Connection;
use crate::sessions::url::RedisServers;

/// One server or a cluster.
pub(super) enum Servers {
    One(Connection),
    Cluster(Cluster),
}

impl Servers {
    /// Connections are opened at the first command.
    ///
    /// # Errors
    /// When the driver cannot use what the URL says.
    pub(super) fn new(servers: &RedisServers) -> RedisResult<Self> {
        Ok(match servers {
            RedisServers::One(client) => Self::One(Connection::to_server(client)),
            RedisServers::Sentinels(sentinels) => Self::One(Connection::to_primary(sentinels)?),
            RedisServers::Cluster(nodes) => Self::Cluster(Cluster::new(nodes)?),
        })
    }

    /// Sends one command, perhaps twice if a connection breaks: sent twice, it must have the same effect as once.
    pub(super) async fn send<T: FromRedisValue>(&self, command: &Cmd) -> RedisResult<T> {
        match self {
            Self::One(server) => server.send(command).await,
            Self::Cluster(cluster) => cluster.send(command).await,
        }
    }

    /// Sends commands in no order, which takes as long as one, and returns their responses.
    pub(super) async fn send_each(&self, commands: Vec<Cmd>) -> RedisResult<Vec<Value>> {
        match (self, &commands[..]) {
            (_, []) => Ok(Vec::new()),
            (Self::One(server), _) => server.send_all(&one_after_another(commands)).await,
            (Self::Cluster(cluster), _) => cluster.send_each(&commands).await,
        }
    }

    /// Sends the commands `last` when all of `first` were carried out, and returns the responses to `last`. One server
    /// carries out all of them or none. In a cluster a crash may leave `first` alone.
    pub(super) async fn send_in_turn(&self, first: Vec<Cmd>, last: Vec<Cmd>) -> RedisResult<Vec<Value>> {
        match self {
            Self::One(server) => {
                let number = first.len();
                let mut commands = one_after_another(first.into_iter().chain(last).collect());
                let mut responses: Vec<Value> = server.send_all(commands.atomic()).await?;
                Ok(responses.split_off(number))
            }
            Self::Cluster(cluster) => {
                cluster.send_each(&first).await?;
                cluster.send_each(&last).await
            }
        }
    }

    /// What each server says of itself in a section of `INFO`.
    pub(super) async fn info(&self, section: &str) -> RedisResult<Vec<String>> {
        let command = cmd("INFO").arg(section).to_owned();
        match self {
            Self::One(server) => Ok(vec![server.send(&command).await?]),
            Self::Cluster(cluster) => {
                let by_server: HashMap<String, String> = cluster.send(&command).await?;
                Ok(by_server.into_values().collect())
            }
        }
    }

    /// The keys of a pattern, some at a time: `after` is the `next` of the portion before. A cursor belongs to one server,
    /// so a search begins again when another one has taken over.
    pub(super) async fn scan(&self, after: Option<&str>, pattern: &str, count: usize) -> RedisResult<Scanned> {
        match self {
            Self::One(server) => {
                let (asked, cursor) = after.and_then(|place| place.split_once('-')).unwrap_or(("", "0"));
                let commands = one_after_another(vec![scan_command(cursor, pattern, count)]);
                let (number, (found,)): (_, ((String, Vec<String>),)) = server.send_all_over(&commands).await?;
                let number = number.to_string();
                if after.is_some() && asked != number {
                    return Ok(Scanned { keys: Vec::new(), next: Some(format!("{number}-0")) });
                }
                let (cursor, keys) = found;
                Ok(Scanned { keys, next: (cursor != "0").then(|| format!("{number}-{cursor}")) })
            }
            Self::Cluster(cluster) => cluster.scan(after, pattern, count).await,
        }
    }

    /// Whether another server may take over from a primary.
    pub(super) fn may_be_replaced(&self) -> bool {
        match self {
            Self::One(server) => server.follows_sentinels(),
            Self::Cluster(_) => true,
        }
    }

    /// Whether Sentinels name another primary now than the one that was used; then that one is used from now on. Without
    /// Sentinels nobody can tell, and a cluster's servers tell by themselves.
    pub(super) async fn is_replaced(&self) -> bool {
        match self {
            Self::One(server) => server.is_replaced().await,
            Self::Cluster(_) => false,
        }
    }

    /// A number that is another one when another server has taken over: of the primary that was used last, if Sentinels
    /// named it, or of a cluster's primaries now, if they can be asked.
    pub(super) async fn primaries(&self) -> Option<u64> {
        match self {
            Self::One(server) => {
                let mut hasher = DefaultHasher::new();
                server.primary().await?.to_string().hash(&mut hasher);
                Some(hasher.finish())
            }
            Self::Cluster(cluster) => cluster.primaries().await.ok().map(|(number, _)| number),
        }
    }

    /// Opens the connection again at the next command.
    pub(super) async fn renew(&self) {
        if let Self::One(server) = self {
            server.renew().await;
        }
    }

    /// Sends commands over one connection to the server that has the key of the first of them; the others have none.
    pub(super) async fn send_together<T: FromRedisValue>(&self, commands: &Pipeline) -> RedisResult<T> {
        match self {
            Self::One(server) => server.send_all(commands).await,
            Self::Cluster(cluster) => cluster.send_together(commands).await,
        }
    }
}

/// Some keys, and where the search goes on; `next` is `None` after the last.
pub(super) struct Scanned {
    pub(super) keys: Vec<String>,
    pub(super) next: Option<String>,
}

/// The command that looks for further keys of one server.
pub(super) fn scan_command(cursor: &str, pattern: &str, count: usize) -> Cmd {
    cmd("SCAN").arg(cursor).arg("MATCH").arg(pattern).arg("COUNT").arg(count).to_owned()
}

fn one_after_another(commands: Vec<Cmd>) -> Pipeline {
    let mut pipeline = redis::pipe();
    for command in commands {
        pipeline.add_command(command);
    }
    pipeline
}
