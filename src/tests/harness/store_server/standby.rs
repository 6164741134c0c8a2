//! A PostgreSQL standby: a copy of a primary that follows it and can take its place.

use sqlx::Connection;
use sqlx::postgres::PgConnection;

use super::{Kind, Start, StoreServer, postgres_program, run_unprivileged, supervised};

#[allow(dead_code, reason = "neither target uses all of these")]
impl StoreServer {
    /// A new server that follows this PostgreSQL server.
    pub fn start_standby(&self) -> Self {
        assert_eq!(self.kind, Kind::Postgres);
        let folder = tempfile::tempdir().unwrap();
        supervised::give_to_unprivileged(folder.path());
        let (data, primary) = (folder.path().join("data"), self.port.to_string());
        // `-R` makes it a standby.
        let arguments = ["-R", "-c", "fast", "-U", "kinde", "-h", "127.0.0.1", "-p", &primary, "-D"];
        run_unprivileged(&postgres_program("pg_basebackup"), &[&arguments[..], &[data.to_str().unwrap()]].concat());
        Self::on(Kind::Postgres, folder, Start::default())
    }

    /// Waits until a standby has everything that the primary has.
    pub async fn wait_for_standby(&self) {
        let url = self.postgres_url("postgres");
        let is_level = "select coalesce(bool_and(replay_lsn >= pg_current_wal_lsn()), false) from pg_stat_replication";
        super::redis_cluster::until(async || {
            let mut connection = PgConnection::connect(&url).await.unwrap();
            sqlx::query_scalar(is_level).fetch_one(&mut connection).await.unwrap()
        })
        .await;
    }

    /// Makes a standby a primary.
    pub async fn promote(&self) {
        self.administer(&self.postgres_url("postgres"), "select pg_promote()").await;
    }

    /// A URL that names servers by their ports, with a database of the first of them.
    pub fn url_of_several(servers: &[&Self], database_url: &str) -> String {
        let hosts: Vec<String> = servers.iter().map(|server| format!("127.0.0.1:{}", server.port)).collect();
        database_url.replace(&format!("127.0.0.1:{}", servers[0].port), &hosts.join(","))
    }
}
