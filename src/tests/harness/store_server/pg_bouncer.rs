//! `PgBouncer`: a connection pool before the PostgreSQL server that all tests share.

use std::ffi::OsString;
use std::sync::OnceLock;

use super::supervised::{self, Supervised};
use super::{Kind, StoreServer};
use crate::harness::free_port;

/// A pool in session mode: a connection to it is one to the server until it ends.
#[allow(dead_code, reason = "neither target uses all of these")]
pub struct PgBouncer {
    port: u16,
    _process: Supervised,
}

#[allow(dead_code, reason = "neither target uses all of these")]
impl PgBouncer {
    /// The URL of a new database by the pool that all tests of this process share.
    pub async fn database() -> String {
        static SHARED: OnceLock<PgBouncer> = OnceLock::new();
        let server = StoreServer::shared(Kind::Postgres);
        let pool = SHARED.get_or_init(|| Self::before(server.port()));
        server.database().await.replace(&server.port().to_string(), &pool.port.to_string())
    }

    fn before(server: u16) -> Self {
        let (folder, port) = (tempfile::tempdir().unwrap(), free_port());
        let path = folder.path().display().to_string();
        let configuration = format!(
            "[databases]
* = host=127.0.0.1 port={server}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = trust
auth_file = {path}/users
pool_mode = session
max_client_conn = 1000
default_pool_size = 50
"
        );
        std::fs::write(folder.path().join("pgbouncer.ini"), configuration).unwrap();
        std::fs::write(folder.path().join("users"), "\"kinde\" \"\"\n").unwrap();
        supervised::give_to_unprivileged(folder.path());
        let mut command: Vec<OsString> = supervised::unprivileged().iter().map(OsString::from).collect();
        command.extend([program(), format!("{path}/pgbouncer.ini").into()]);
        Self { port, _process: Supervised::start(folder, command, "process up", "QUIT", true) }
    }
}

/// Debian installs it outside the path of other users than root.
fn program() -> OsString {
    let path = "/usr/sbin/pgbouncer";
    if std::path::Path::new(path).exists() { path.into() } else { "pgbouncer".into() }
}
