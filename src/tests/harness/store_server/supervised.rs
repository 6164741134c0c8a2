//! `Supervised`: a server's process. It ends with the test's process, however that ends, and can be stopped, frozen and
//! started again. What is started, and with which arguments, is the callers' business.

use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

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

/// A process with a folder of its own; it ends with this value.
pub struct Supervised {
    folder: TempDir,
    /// The program and its arguments.
    command: Vec<OsString>,
    /// What it writes to its log when it accepts connections.
    ready: &'static str,
    /// The signal that ends it at once, as a crash would.
    ending: &'static str,
    /// Processes that all tests share are never dropped, so the supervisor must remove their folder.
    is_shared: bool,
    running: Option<Running>,
}

struct Running {
    supervisor: Child,
    process: u32,
}

impl Supervised {
    /// Starts it, and waits until it is ready.
    pub fn start(
        folder: TempDir,
        command: Vec<OsString>,
        ready: &'static str,
        ending: &'static str,
        is_shared: bool,
    ) -> Self {
        let mut process = Self { folder, command, ready, ending, is_shared, running: None };
        process.start_again();
        process
    }

    /// Starts it anew after [`Self::stop`].
    pub fn start_again(&mut self) {
        let mut arguments = vec![OsString::from("-c"), SUPERVISION.into(), "supervision".into()];
        arguments.extend(self.command.iter().cloned());
        let mut supervisor = Command::new("sh")
            .args(arguments)
            .env("FOLDER", self.folder.path())
            .env("ENDING", self.ending)
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

    fn wait_until_it_is_ready(&self) {
        let deadline = Instant::now() + DEADLINE;
        while !self.log().contains(self.ready) {
            let is_late = Instant::now() > deadline;
            assert!(!is_late, "{:?} did not start (`make tools` installs it): {}", self.command, self.log());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Its output.
    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
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
impl Supervised {
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Its process id.
    pub fn process(&self) -> u32 {
        self.running.as_ref().unwrap().process
    }

    /// Ends it as a crash would; what it holds stays on disk.
    pub fn stop(&mut self) {
        self.end();
    }

    /// It accepts connections and responds to nothing.
    pub fn freeze(&self) {
        self.signal_all("STOP");
    }

    /// The opposite of [`Self::freeze`].
    pub fn thaw(&self) {
        self.signal_all("CONT");
    }

    /// Sends a signal to the server and to the processes that it runs for its clients.
    fn signal_all(&self, signal: &str) {
        let process = self.process().to_string();
        run("kill", &[&format!("-{signal}"), &process]);
        // The server may have no such process.
        let _ = Command::new("pkill").args([&format!("-{signal}"), "-P", &process]).status();
    }
}

impl Drop for Supervised {
    fn drop(&mut self) {
        self.end();
    }
}

/// The beginning of a command that runs as another user than root, as whom PostgreSQL and PgBouncer refuse to run.
pub fn unprivileged() -> &'static [&'static str] {
    let is_root = std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0);
    if is_root { &["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"] } else { &[] }
}

/// Gives a folder to the user of [`unprivileged`] commands.
pub fn give_to_unprivileged(folder: &Path) {
    if !unprivileged().is_empty() {
        run("chown", &["-R", "nobody:nogroup", folder.to_str().unwrap()]);
    }
}

fn run(program: &str, arguments: &[&str]) {
    assert!(Command::new(program).args(arguments).status().unwrap().success(), "{program} {arguments:?}");
}
