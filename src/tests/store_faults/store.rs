//! `Store`: a session store of one kind, and the faults that this kind can have.
//! `Stage` starts the program. Its records are read and changed in `contents`.

use std::fmt::{self, Display, Formatter};
use std::path::PathBuf;

use sqlx::sqlite::SqliteConnection;
use sqlx::{AssertSqlSafe, Connection};
use tempfile::TempDir;

use super::full_disk::limit_files;
use crate::harness::{self, StoreServer, free_port};

/// Larger than PostgreSQL's own files, so that only a table can exceed it.
const FULL_AT: u64 = 16 * 1024 * 1024;

/// A kind of store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Sqlite,
    Redis,
    Postgres,
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Redis => "Redis",
            Self::Postgres => "PostgreSQL",
        }
    }
}

impl Display for Kind {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A temporary fault of a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The server has crashed; the file's folder is not there.
    Down,
    /// It accepts requests and responds to none.
    Frozen,
    /// It closes every connection and accepts no new one.
    RefusesConnections,
    /// Nothing more can be stored.
    FullDisk,
    /// It has become a replica.
    ReadOnly,
    /// Another client holds the write lock and does not release it.
    WriteLocked,
}

/// A store with its server or folder.
pub struct Store {
    pub kind: Kind,
    server: Option<StoreServer>,
    folder: TempDir,
    /// The database of the current stage.
    url: String,
    write_lock: Option<SqliteConnection>,
}

impl Store {
    pub async fn start(kind: Kind) -> Self {
        let server = match kind {
            Kind::Sqlite => None,
            Kind::Redis => Some(StoreServer::start(harness::Kind::Redis)),
            Kind::Postgres => Some(StoreServer::start(harness::Kind::Postgres)),
        };
        Self { kind, server, folder: tempfile::tempdir().unwrap(), url: String::new(), write_lock: None }
    }

    /// Faults in which nothing can be read.
    pub fn outages(&self) -> Vec<Fault> {
        match self.kind {
            Kind::Sqlite => vec![Fault::Down],
            Kind::Redis | Kind::Postgres => vec![Fault::Down, Fault::Frozen, Fault::RefusesConnections],
        }
    }

    /// Faults in which nothing can be written.
    pub fn refusals_to_write(&self) -> Vec<Fault> {
        match self.kind {
            Kind::Sqlite => vec![Fault::FullDisk, Fault::WriteLocked],
            Kind::Redis | Kind::Postgres => vec![Fault::FullDisk, Fault::ReadOnly],
        }
    }

    /// Changes to an empty database.
    pub async fn take_another_database(&mut self) {
        self.url = match &self.server {
            Some(server) => server.database().await,
            None => {
                let number = std::fs::read_dir(self.folder.path()).unwrap().count();
                format!("sqlite:{}/{number}/sessions.db", self.folder.path().display())
            }
        };
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    fn server(&mut self) -> &mut StoreServer {
        self.server.as_mut().expect("this fault is a server's")
    }

    /// The session file.
    pub fn file(&self) -> PathBuf {
        PathBuf::from(self.url.strip_prefix("sqlite:").expect("this fault is a file's"))
    }

    /// Runs SQL statements, or one line of Redis, as the store's administrator.
    pub async fn administer(&self, commands: &str) {
        match &self.server {
            Some(server) => server.administer(&self.url, commands).await,
            None => {
                let mut connection = self.connect_to_file().await;
                sqlx::raw_sql(AssertSqlSafe(commands)).execute(&mut connection).await.unwrap();
                connection.close().await.unwrap();
            }
        }
    }

    pub async fn connect_to_file(&self) -> SqliteConnection {
        SqliteConnection::connect(&format!("sqlite://{}", self.file().display())).await.unwrap()
    }

    fn taken_away(&self) -> PathBuf {
        self.folder.path().join("taken-away")
    }

    /// The processes that write the store's files.
    async fn writers(&self, program: u32) -> Vec<u32> {
        match (&self.server, self.kind) {
            (Some(server), Kind::Postgres) => {
                let sql = "select pid from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()";
                let mut connection = sqlx::PgConnection::connect(&self.url).await.unwrap();
                let backends: Vec<i32> = sqlx::query_scalar(sql).fetch_all(&mut connection).await.unwrap();
                let backends = backends.into_iter().map(|process| u32::try_from(process).unwrap());
                std::iter::once(server.process()).chain(backends).collect()
            }
            (Some(server), _) => vec![server.process()],
            (None, _) => vec![program],
        }
    }

    async fn limit_files(&self, program: u32, bytes: Option<u64>) {
        let user = self.server.as_ref().map_or(&[][..], StoreServer::unprivileged);
        for process in self.writers(program).await {
            limit_files(user, process, bytes);
        }
    }

    pub async fn begin(&mut self, fault: Fault, program: u32) {
        match (fault, self.kind) {
            (Fault::Down, Kind::Sqlite) => {
                let folder = self.file().parent().unwrap().to_owned();
                std::fs::rename(&folder, self.taken_away()).unwrap();
                // The file prevents a new folder of this name.
                std::fs::write(&folder, "").unwrap();
            }
            (Fault::Down, _) => self.server().stop(),
            (Fault::Frozen, _) => self.server().freeze(),
            (Fault::RefusesConnections, Kind::Postgres) => {
                let name = self.url.rsplit('/').next().unwrap().split('?').next().unwrap();
                let commands = format!(
                    "alter database {name} allow_connections false; select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'"
                );
                let server = self.server.as_ref().unwrap();
                server.administer(&server.administration_url(), &commands).await;
            }
            (Fault::RefusesConnections, _) => {
                self.administer("CONFIG SET requirepass sesame").await;
                let server = self.server.as_ref().unwrap();
                let with_password = server.administration_url().replace("redis://", "redis://:sesame@");
                server.administer(&with_password, "CLIENT KILL TYPE normal").await;
            }
            (Fault::FullDisk, Kind::Postgres) => {
                // Makes the table larger than the limit.
                self.administer("insert into kinde_sessions select 'filler' || number, null, 9999999999, repeat(md5(number::text), 60) from generate_series(1, 9000) number").await;
                self.limit_files(program, Some(FULL_AT)).await;
            }
            (Fault::FullDisk, _) => {
                self.limit_files(program, Some(1)).await;
            }
            (Fault::ReadOnly, Kind::Postgres) => {
                self.administer("alter system set default_transaction_read_only = on; select pg_reload_conf()").await;
            }
            (Fault::ReadOnly, _) => {
                self.administer(&format!("REPLICAOF 127.0.0.1 {}", free_port())).await;
            }
            (Fault::WriteLocked, _) => {
                let mut connection = self.connect_to_file().await;
                sqlx::raw_sql("begin immediate").execute(&mut connection).await.unwrap();
                self.write_lock = Some(connection);
            }
        }
    }

    pub async fn end(&mut self, fault: Fault, program: u32) {
        match (fault, self.kind) {
            (Fault::Down, Kind::Sqlite) => {
                let folder = self.file().parent().unwrap().to_owned();
                std::fs::remove_file(&folder).unwrap();
                std::fs::rename(self.taken_away(), folder).unwrap();
            }
            (Fault::Down, _) => self.server().start_again(),
            (Fault::Frozen, _) => self.server().thaw(),
            (Fault::RefusesConnections, Kind::Postgres) => {
                let name = self.url.rsplit('/').next().unwrap().split('?').next().unwrap();
                let server = self.server.as_ref().unwrap();
                let command = format!("alter database {name} allow_connections true");
                server.administer(&server.administration_url(), &command).await;
            }
            (Fault::RefusesConnections, _) => {
                let server = self.server.as_ref().unwrap();
                let with_password = server.administration_url().replace("redis://", "redis://:sesame@");
                server.administer(&with_password, "CONFIG SET requirepass ").await;
            }
            (Fault::FullDisk, _) => {
                self.limit_files(program, None).await;
            }
            (Fault::ReadOnly, Kind::Postgres) => {
                self.administer(
                    "set default_transaction_read_only = off; alter system reset default_transaction_read_only; select pg_reload_conf()",
                )
                .await;
            }
            (Fault::ReadOnly, _) => self.administer("REPLICAOF NO ONE").await,
            (Fault::WriteLocked, _) => self.write_lock.take().unwrap().close().await.unwrap(),
        }
    }
}
