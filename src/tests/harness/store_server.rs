//! `StoreServer`: a Redis or PostgreSQL server of the test's own, on a free port, with its data in a folder of its own.
//! It can be stopped, frozen and started again. Clusters of them, and what stands before them, are in `redis_cluster`,
//! `sentinels`, `standby` and `pg_bouncer`.

mod databases;
mod pg_bouncer;
mod redis_cluster;
mod sentinels;
mod standby;
mod supervised;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::AtomicUsize;

use tempfile::TempDir;

use self::supervised::Supervised;
use super::program::free_port;

#[allow(unused_imports, reason = "neither target uses all of these")]
pub use self::{
    pg_bouncer::PgBouncer,
    redis_cluster::{RedisCluster, until},
    sentinels::Sentinels,
};

const CERTIFICATE: &str = "server.pem";
const KEY: &str = "server.key";
/// More than there are tests. Redis visits databases in turn to remove what has expired, so many more would delay that.
const REDIS_DATABASES: usize = 128;

/// A server's protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Redis,
    Postgres,
}

/// A server; it ends with this value.
pub struct StoreServer {
    kind: Kind,
    port: u16,
    process: Supervised,
    databases: AtomicUsize,
}

/// How a server is started.
#[derive(Default)]
struct Start<'a> {
    is_shared: bool,
    /// A folder with a certificate and its key.
    certificates: Option<&'a Path>,
    /// Further arguments.
    arguments: Vec<String>,
}

impl StoreServer {
    /// The server that all tests of this process share, each with a database of its own.
    pub fn shared(kind: Kind) -> &'static Self {
        static REDIS: OnceLock<StoreServer> = OnceLock::new();
        static POSTGRES: OnceLock<StoreServer> = OnceLock::new();
        let start = || Self::new(kind, Start { is_shared: true, ..Start::default() });
        match kind {
            Kind::Redis => REDIS.get_or_init(start),
            Kind::Postgres => POSTGRES.get_or_init(start),
        }
    }

    /// A new server that speaks TLS, with `server.pem` and `server.key` of a folder.
    pub fn start_encrypted(kind: Kind, certificates: &Path) -> Self {
        Self::new(kind, Start { certificates: Some(certificates), ..Start::default() })
    }

    fn new(kind: Kind, start: Start<'_>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in start.certificates.iter().flat_map(|_| [CERTIFICATE, KEY]) {
            std::fs::copy(start.certificates.unwrap().join(name), folder.path().join(name)).unwrap();
        }
        if kind == Kind::Postgres {
            make_data_folder(&folder);
        }
        Self::on(kind, folder, start)
    }

    /// A server in a folder with its data.
    fn on(kind: Kind, folder: TempDir, start: Start<'_>) -> Self {
        let port = free_port();
        let command = command(kind, port, folder.path(), &start);
        let (ready, ending) = match kind {
            Kind::Redis => ("Ready to accept connections", "KILL"),
            Kind::Postgres => ("database system is ready to accept", "QUIT"),
        };
        let process = Supervised::start(folder, command, ready, ending, start.is_shared);
        Self { kind, port, process, databases: AtomicUsize::new(0) }
    }

    pub fn port(&self) -> u16 {
        self.port
    }
}

/// The command that runs a server.
fn command(kind: Kind, port: u16, folder: &Path, start: &Start<'_>) -> Vec<OsString> {
    let is_encrypted = start.certificates.is_some();
    let folder = folder.display().to_string();
    let arguments = match kind {
        Kind::Redis => format!("--port {port} --bind 127.0.0.1 --dir {folder} --appendonly yes --daemonize no"),
        Kind::Postgres => format!(
            "-D {folder}/data -p {port} -h 127.0.0.1 -c unix_socket_directories= -c fsync=off -c max_connections=200 -c shared_buffers=1GB"
        ),
    };
    let arguments = match (is_encrypted, kind) {
        (false, _) => arguments,
        (true, Kind::Redis) => format!(
            "{arguments} --port 0 --tls-port {port} --tls-cert-file {folder}/{CERTIFICATE} --tls-key-file {folder}/{KEY} --tls-ca-cert-file {folder}/{CERTIFICATE} --tls-auth-clients no --requirepass sesame"
        ),
        (true, Kind::Postgres) => {
            format!("{arguments} -c ssl=on -c ssl_cert_file={folder}/{CERTIFICATE} -c ssl_key_file={folder}/{KEY}")
        }
    };
    let (prefix, program) = match kind {
        Kind::Redis => (&[][..], PathBuf::from("redis-server")),
        Kind::Postgres => (supervised::unprivileged(), postgres_program("postgres")),
    };
    let mut command: Vec<OsString> = prefix.iter().map(OsString::from).collect();
    command.push(program.into());
    command.extend(arguments.split(' ').map(OsString::from));
    if kind == Kind::Redis && !start.arguments.iter().any(|argument| argument == "--cluster-enabled") {
        command.extend(["--databases".into(), REDIS_DATABASES.to_string().into()]);
    }
    command.extend(start.arguments.iter().map(OsString::from));
    command
}

/// Makes PostgreSQL's data folder, without databases of the test's own.
fn make_data_folder(folder: &TempDir) {
    let data = folder.path().join("data");
    std::fs::create_dir(&data).unwrap();
    supervised::give_to_unprivileged(folder.path());
    run_unprivileged(
        &postgres_program("initdb"),
        &["-U", "kinde", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C", "-D", data.to_str().unwrap()],
    );
}

fn run_unprivileged(program: &Path, arguments: &[&str]) {
    let mut command: Vec<OsString> = supervised::unprivileged().iter().map(OsString::from).collect();
    command.push(program.into());
    let done = Command::new(&command[0]).args(&command[1..]).args(arguments).output();
    let done = done.expect("PostgreSQL is installed (`make tools`)");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

#[allow(dead_code, reason = "neither target uses all of these")]
impl StoreServer {
    /// A new server without data.
    pub fn start(kind: Kind) -> Self {
        Self::new(kind, Start::default())
    }

    /// Starts a server that was stopped: same port, same data.
    pub fn start_again(&mut self) {
        self.process.start_again();
    }

    /// The beginning of a command that runs as the server's user.
    pub fn unprivileged(&self) -> &'static [&'static str] {
        if self.kind == Kind::Postgres { supervised::unprivileged() } else { &[] }
    }

    /// The server's process id.
    pub fn process(&self) -> u32 {
        self.process.process()
    }

    /// Ends the server as a crash would; what it holds stays on disk.
    pub fn stop(&mut self) {
        self.process.stop();
    }

    /// The server accepts connections and responds to nothing.
    pub fn freeze(&self) {
        self.process.freeze();
    }

    /// The opposite of [`Self::freeze`].
    pub fn thaw(&self) {
        self.process.thaw();
    }
}

/// Debian installs the server's programs outside the path.
fn postgres_program(name: &str) -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = versions.map(|version| version.path().join("bin").join(name)).collect();
    found.sort();
    found.pop().filter(|path| path.exists()).unwrap_or_else(|| PathBuf::from(name))
}
