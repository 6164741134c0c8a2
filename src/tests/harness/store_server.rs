//! `StoreServer`: a Redis or PostgreSQL server of the test's own, on a free port, with its data in a folder of its own.
//! It can be stopped, frozen and started again.

mod databases;

use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::AtomicUsize;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::program::free_port;

const CERTIFICATE: &str = "server.pem";
const KEY: &str = "server.key";
/// More than there are tests. Redis visits databases in turn to remove what has expired, so many more would delay that.
const REDIS_DATABASES: usize = 128;
const DEADLINE: Duration = Duration::from_secs(60);
/// The script that runs the server: it prints the server's process id, and ends the server when this process has ended
/// in any way.
const SUPERVISION: &str = r#"
    trap '' XFSZ
    "$@" >"$FOLDER/log" 2>&1 &
    echo $!
    read -r _
    kill -$ENDING $!
    kill -CONT $!
    wait
    [ -z "$REMOVES_FOLDER" ] || rm -rf "$FOLDER"
"#;

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
    folder: TempDir,
    /// Shared servers are never dropped, so the supervisor must remove their folder.
    is_shared: bool,
    is_encrypted: bool,
    running: Option<Running>,
    databases: AtomicUsize,
}

struct Running {
    supervisor: Child,
    process: u32,
}

impl StoreServer {
    /// The server that all tests of this process share, each with a database of its own.
    pub fn shared(kind: Kind) -> &'static Self {
        static REDIS: OnceLock<StoreServer> = OnceLock::new();
        static POSTGRES: OnceLock<StoreServer> = OnceLock::new();
        match kind {
            Kind::Redis => REDIS.get_or_init(|| Self::new(kind, true, None)),
            Kind::Postgres => POSTGRES.get_or_init(|| Self::new(kind, true, None)),
        }
    }

    /// A new server that speaks TLS, with `server.pem` and `server.key` of a folder.
    pub fn start_encrypted(kind: Kind, certificates: &Path) -> Self {
        Self::new(kind, false, Some(certificates))
    }

    fn new(kind: Kind, is_shared: bool, certificates: Option<&Path>) -> Self {
        let (port, folder, is_encrypted) = (free_port(), tempfile::tempdir().unwrap(), certificates.is_some());
        for name in certificates.iter().flat_map(|_| [CERTIFICATE, KEY]) {
            std::fs::copy(certificates.unwrap().join(name), folder.path().join(name)).unwrap();
        }
        let mut server =
            Self { kind, port, folder, is_shared, is_encrypted, running: None, databases: AtomicUsize::new(0) };
        if kind == Kind::Postgres {
            server.make_cluster();
        }
        server.start_again();
        server
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Starts a server that was stopped: same port, same data.
    pub fn start_again(&mut self) {
        let (port, folder) = (self.port.to_string(), self.folder.path().display().to_string());
        let arguments = match self.kind {
            Kind::Redis => format!(
                "--port {port} --bind 127.0.0.1 --dir {folder} --databases {REDIS_DATABASES} --appendonly yes --daemonize no"
            ),
            Kind::Postgres => format!(
                "-D {folder}/data -p {port} -h 127.0.0.1 -c unix_socket_directories= -c fsync=off -c max_connections=200 -c shared_buffers=1GB"
            ),
        };
        let arguments = match (self.is_encrypted, self.kind) {
            (false, _) => arguments,
            (true, Kind::Redis) => format!(
                "{arguments} --port 0 --tls-port {port} --tls-cert-file {folder}/{CERTIFICATE} --tls-key-file {folder}/{KEY} --tls-ca-cert-file {folder}/{CERTIFICATE} --tls-auth-clients no --requirepass sesame"
            ),
            (true, Kind::Postgres) => {
                format!("{arguments} -c ssl=on -c ssl_cert_file={folder}/{CERTIFICATE} -c ssl_key_file={folder}/{KEY}")
            }
        };
        let program = match self.kind {
            Kind::Redis => PathBuf::from("redis-server"),
            Kind::Postgres => postgres_program("postgres"),
        };
        let mut supervised = vec![OsString::from("-c"), SUPERVISION.into(), "supervision".into()];
        supervised.extend(self.unprivileged().iter().map(OsString::from));
        supervised.push(program.into());
        supervised.extend(arguments.split(' ').map(OsString::from));
        let mut supervisor = Command::new("sh")
            .args(supervised)
            .env("FOLDER", self.folder.path())
            .env("ENDING", self.ending())
            .env("REMOVES_FOLDER", if self.is_shared { "1" } else { "" })
            .stderr(Stdio::null())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(supervisor.stdout.take().unwrap()).read_line(&mut line).unwrap();
        self.running = Some(Running { supervisor, process: line.trim().parse().unwrap() });
        self.wait_until_it_is_ready();
    }

    /// The signal that ends the server at once, as a crash would.
    fn ending(&self) -> &'static str {
        match self.kind {
            Kind::Redis => "KILL",
            Kind::Postgres => "QUIT",
        }
    }

    fn wait_until_it_is_ready(&self) {
        let ready = match self.kind {
            Kind::Redis => "Ready to accept connections",
            Kind::Postgres => "database system is ready to accept connections",
        };
        let deadline = Instant::now() + DEADLINE;
        while !self.log().contains(ready) {
            assert!(
                Instant::now() < deadline,
                "{:?} did not start (`make tools` installs it): {}",
                self.kind,
                self.log()
            );
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// The server's output.
    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    fn make_cluster(&self) {
        let data = self.folder.path().join("data");
        std::fs::create_dir(&data).unwrap();
        let prefix = self.unprivileged();
        if !prefix.is_empty() {
            let opened = Command::new("chown").args(["-R", "nobody:nogroup"]).arg(self.folder.path()).status();
            assert!(opened.unwrap().success());
        }
        let initdb = postgres_program("initdb");
        let mut command = prefix.iter().map(OsString::from).collect::<Vec<_>>();
        command.push(initdb.into());
        let made = Command::new(&command[0])
            .args(&command[1..])
            .args(["-U", "kinde", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C", "-D"])
            .arg(&data)
            .output()
            .expect("PostgreSQL is installed (`make tools`)");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    }

    /// The beginning of a command that runs as the server's user: PostgreSQL refuses to run as root.
    pub fn unprivileged(&self) -> &'static [&'static str] {
        let is_root = std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0);
        if self.kind == Kind::Postgres && is_root {
            &["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
        } else {
            &[]
        }
    }

    fn end(&mut self) {
        if let Some(mut running) = self.running.take() {
            // The supervisor ends the server when its input ends.
            drop(running.supervisor.stdin.take());
            running.supervisor.wait().unwrap();
        }
    }
}

#[allow(dead_code, reason = "neither target uses all of these")]
impl StoreServer {
    /// A new server without data.
    pub fn start(kind: Kind) -> Self {
        Self::new(kind, false, None)
    }

    /// The server's process id.
    pub fn process(&self) -> u32 {
        self.running.as_ref().unwrap().process
    }

    /// Ends the server as a crash would; what it holds stays on disk.
    pub fn stop(&mut self) {
        self.end();
    }

    /// The server accepts connections and responds to nothing.
    pub fn freeze(&self) {
        self.signal_all("STOP");
    }

    /// The opposite of [`Self::freeze`].
    pub fn thaw(&self) {
        self.signal_all("CONT");
    }

    fn signal(&self, signal: &str) {
        run("kill", &[&format!("-{signal}"), &self.process().to_string()]);
    }

    /// Sends a signal to the server and to the processes that it runs for its clients.
    fn signal_all(&self, signal: &str) {
        let process = self.process().to_string();
        self.signal(signal);
        // The server may have no such process.
        let _ = Command::new("pkill").args([&format!("-{signal}"), "-P", &process]).status();
    }
}

impl Drop for StoreServer {
    fn drop(&mut self) {
        self.end();
    }
}

fn run(program: &str, arguments: &[&str]) {
    assert!(Command::new(program).args(arguments).status().unwrap().success(), "{program} {arguments:?}");
}

/// Debian installs the server's programs outside the path.
fn postgres_program(name: &str) -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = versions.map(|version| version.path().join("bin").join(name)).collect();
    found.sort();
    found.pop().filter(|path| path.exists()).unwrap_or_else(|| PathBuf::from(name))
}
