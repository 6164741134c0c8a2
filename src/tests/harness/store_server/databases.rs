//! The databases of a [`StoreServer`]: their URLs, and statements of an administrator.
//! Starting and stopping the server is in `store_server`.

use std::sync::atomic::Ordering;

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection};

use super::{Kind, REDIS_DATABASES, StoreServer};

impl StoreServer {
    /// The URL of a new database.
    pub async fn database(&self) -> String {
        let number = self.databases.fetch_add(1, Ordering::Relaxed);
        match self.kind {
            Kind::Redis => format!("redis://127.0.0.1:{}/{number}", self.port),
            Kind::Postgres => {
                let mut connection = PgConnection::connect(&self.postgres_url("postgres")).await.unwrap();
                let create = AssertSqlSafe(format!("create database test_{number}"));
                sqlx::raw_sql(create).execute(&mut connection).await.unwrap();
                self.postgres_url(&format!("test_{number}"))
            }
        }
    }

    /// The URL of a server's first database under TLS, with a password that must not be shown.
    pub fn encrypted_url(&self, host: &str) -> String {
        let port = self.port;
        match self.kind {
            Kind::Redis => format!("rediss://:sesame@{host}:{port}/0"),
            Kind::Postgres => format!("postgres://kinde:sesame@{host}:{port}/postgres?sslmode=verify-full"),
        }
    }

    /// Runs SQL statements, or one line of Redis, as the server's administrator.
    pub async fn administer(&self, database_url: &str, commands: &str) {
        match self.kind {
            Kind::Redis => {
                let client = redis::Client::open(database_url).unwrap();
                let mut connection = client.get_multiplexed_async_connection().await.unwrap();
                let words: Vec<&str> = commands.split(' ').collect();
                let sent = redis::cmd(words[0]).arg(&words[1..]).query_async::<redis::Value>(&mut connection).await;
                sent.unwrap_or_else(|error| panic!("{commands}: {error}"));
            }
            Kind::Postgres => {
                let mut connection = PgConnection::connect(database_url).await.unwrap();
                for statement in commands.split(';') {
                    let done = sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut connection).await;
                    done.unwrap_or_else(|error| panic!("{statement}: {error}"));
                }
            }
        }
    }

    /// The URL of a database that holds no sessions.
    #[allow(dead_code, reason = "only the `store_faults` target uses this")]
    pub fn administration_url(&self) -> String {
        match self.kind {
            Kind::Redis => format!("redis://127.0.0.1:{}/{}", self.port, REDIS_DATABASES - 1),
            Kind::Postgres => self.postgres_url("postgres"),
        }
    }

    pub(super) fn postgres_url(&self, database: &str) -> String {
        format!("postgres://kinde@127.0.0.1:{}/{database}?sslmode=disable", self.port)
    }
}
